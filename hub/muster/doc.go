// Package muster looks whether those who will be on call can be reached, and tells
// them when they are: package readiness says when and what it means, herald tells.
//
//	clock, configuration ─► look: readiness.Due ─► probe the devices, ask what the
//	                                               contact methods did last
//	                              readiness.Judge ◄┘
//	                                  └─► one transaction: shift_checks, notices
//
// What was looked at is stored with what is told of it, so that a hub that starts
// again neither looks twice nor leaves anything out.
package muster
