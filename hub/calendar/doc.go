// Package calendar speaks iCalendar (RFC 5545): it writes shifts for calendar
// programs, serves them at secret addresses, and reads events that ask for
// overrides.
//
//	history ── Feed ──► Write ──► GET /calendar/<secret>.ics
//	file ── Read ──► events, or what is wrong with each ──► overrides
//
// Reading and writing are pure; only Handler touches the world.
package calendar
