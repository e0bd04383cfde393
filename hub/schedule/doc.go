// Package schedule answers who is on call: at an instant, until when, and over
// a span of time. It is pure: a Schedule is a plain value, every answer follows
// from it and the instants asked about, and nothing here reads a clock.
//
// # How an answer is found
//
//	layers, the last one first ──► the first that has somebody ──► overrides, the oldest first ──► user, source
//	     │
//	     alive? ─► a window open? ─► whose turn? ─► absent? the next participant, or a gap
//
// Every step returns, with its answer, a stretch of time around the instant in
// which the answer stays what it is. The intersection of the stretches is how
// far one may jump; Shifts, Gaps, OnCall and Until are all such jumps, so they
// cannot disagree with At.
//
// # The rules, and why
//
// All stretches are half-open, [start, end): at 09:00:00 the newcomer is on
// call, and neighbours neither overlap nor leave a hole.
//
// Turn n starts at the wall-clock reading start + n × length, always reckoned
// from the start in a calendar without a zone, and only then resolved in the
// zone. Reckoning from the turn before would drift (02:30 becomes 03:00 on the
// day of the jump and stays 03:00) or stall (where midnight does not exist).
// Hourly turns follow the wall clock too: 12 hours from 08:00 stay 08:00 and
// 20:00, and on days of change one of them lasts 11 or 13 hours. Monthly turns
// that start on the 29th to 31st take the last day of shorter months.
//
// A reading is resolved by one rule (Civil.In): once, that instant; twice, the
// first; never, the instant of the jump. Turns that begin at the same instant
// because of a jump have vanished, except for the last of them; the count goes
// on.
//
// Windows hide a layer but do not stop its turns. A window runs from the first
// occurrence of its from to the last occurrence of its to, so that two windows
// that meet on the wall clock still meet when an hour is doubled. A window that
// lies wholly in a jump is empty.
//
// An override is a person's decision and stands above all computed answers:
// it fills gaps, and it stands even if its user is marked absent. Overrides
// apply in the order they were made, each on the result so far; one that
// replaces a named user acts only where that user would be on call.
//
// Absences work inside a layer, below the overrides: the turn goes to the next
// participant who is there, or the layer falls silent and lower layers show.
//
// # Limits
//
// Instants count between the years 1682 and 2258; what lies outside is taken
// for the edge. The cost of an answer does not depend on the age of a schedule.
// It grows with the number of overrides and absences given, so give those that
// touch the time asked about.
package schedule
