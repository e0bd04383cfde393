// Package inbox decides what an agent alarms for. It is the core of the agent:
// plain values, the standard library only, no clock and no I/O.
//
// Everything that happens (a frame of the hub, a click, a proof from the
// screen, the passing of time) comes in as a Message; Reduce answers with the
// next State and the Effects that the shell has to carry out. What makes a
// sound, what stands in the window and what the tray says follow from the state
// alone, so they need no effect.
//
// The standing of one page:
//
//	           frame, urgency high or test
//	(unknown) ─────────────────────────────► rings ◄──────────────────────┐
//	    │ frame, low                           │ acknowledge, resolve,    │
//	    ▼                                      │ pass on: in the journal  │
//	   low                                     ▼                          │
//	                                      unconfirmed ── too late, refused┘
//	                                           │ applied, already
//	                                           ▼
//	                                        settled ── a later snapshot still has it open ─► rings
//
//	any ── outcome in a frame, or missing in a snapshot ─► over
//	any ── passed_on in a frame ─► passed on (listed, quiet)
//	restart ── known for more than 10 min ─► unproven (listed, quiet) ── frame ─► as above
//	(unknown) ── loud, in a storm that rings or rang just now ─► joined (listed, quiet) ── its turn ─► rings
//
// What the user holds is the hub's list (Holding). From it follow the question
// whether somebody is still on it, the question at the end of a shift, and the
// quiet reminders; each is posed once, for all incidents that it concerns.
//
// Two promises rest on this package: a page alarms as new at most once on a
// device (P5), and what is taken is quiet (P4).
package inbox
