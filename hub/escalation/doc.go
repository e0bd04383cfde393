// Package escalation decides who is paged about an incident, when, and through
// what. It is a pure function of what is stored, what the world looks like, and
// the time:
//
//	Decide(State, now) → Decision{Actions, WakeAt, Reason}
//	Apply(State, Action) → State
//
// The shell calls Decide, applies the actions, and calls again until there are
// none; then it saves, and comes back at WakeAt or when something happens.
// One call takes one step, so a hub that was away goes on in order from now,
// with full timeouts, and sends no burst of stale pages.
//
// An incident is always in one stage:
//
//	            trigger
//	 none ─────────────► level 1 ─► level 2 ─► … ─► level n
//	  │                    ▲   timeout, or skipping     │
//	  │ lease over or      │                            │ the pass reached
//	  │ reopened, holder   │ new round ◄────────────────┤ somebody: next round,
//	  ▼ still on call      │                            │ then level n again and
//	holder ────────────────┤                            │ again (or stopped)
//	                       │ after level 1's timeout    │ the pass reached nobody
//	                   catch-all ◄──────────────────────┘
//
// What a person asks for is kept on the course and heeded first: *escalate now*
// does what the end of the stage would do; *reassign* enters the stage assigned,
// a level of one user in place of the present one, or starts another policy;
// *add* pages users beside the stage. A hold comes before all of it: nobody is
// paged until it is over.
//
// A *pass* is any walk over the levels; a *round* is a pass that reached
// somebody. Who is on call comes in with the State, and WakeAt is never later
// than the moment up to which that is known.
package escalation
