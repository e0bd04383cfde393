// Package courier carries pages by contact methods. It is told of every commit,
// sends what an open page asks for and no gateway has answered yet, and has the
// answer stored.
//
//	commit ─► Tell ─► Run: one errand for each unanswered use of an open page
//	                    ▲        │ load again: still open, still unanswered?  (P4)
//	                    │        │ send ─► accepted, refused for good ─► engine.Do: escalation.Answer, timeline
//	                    │        └ passing failure ─► wait, longer each time, and again
//	                  start: what was on its way when the hub stopped
//
// What the core says is due is the only list of what to send, so a hub that was
// killed goes on where it was: at least once, under an id that lets gateways
// tell a repeat.
package courier
