// Package incident knows what people are paged for: events from monitoring,
// the alerts they add up to, and the incident that one or more alerts of a
// service form. Its transitions are pure: an incident and what came in go in,
// the incident afterwards and the timeline entries that tell of it come out.
//
//	             trigger                    acknowledge
//	(nothing) ───────────► triggered ───────────────────► acknowledged
//	                        ▲  ▲   │  lease or snooze over      │
//	                        │  └───┼────────────────────────────┘
//	   trigger within the   │      │ resolve (people, or the last alert ends)
//	     reopen window      │      ▼
//	                        └── resolved ◄───────────────────────┘
//
// An acknowledgement has a lease, or a snooze in its place; a service may hold each
// opening for a moment before anybody is paged. All three are one quiet time.
//
// An event finds its incident by its alert, and a trigger that would open or
// reopen one by its group first. What comes back again and again is flapping: the
// arrow from the last alert's end to resolved then waits until it has been quiet.
// A merged incident is resolved for good; its alerts and groups lead on to the one
// that it became part of.
//
// Each trigger of a new incident and each reopening is an *opening*, counted
// from 1. What a person does on a device names the opening that was on the
// screen, so that it can be told when it came too late.
//
// Who is paged about an incident, and when, is package escalation's.
package incident
