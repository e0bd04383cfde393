// Package link holds an agent to its hub: it enrols the device, watches the
// hub's stream, sends the reports and keeps the journal. What anything means is
// decided in inbox; Session is the one loop that feeds it.
//
//	watch ── frames ─────────┐                     ┌─► journal (on disk first)
//	person, screen, sound ───┼─► mailbox ─► Reduce ─┼─► sender ─► hub
//	sender ── answers ───────┘                     └─► Front
//
// The stream:
//
//	           first frame              40 s silent, error, end
//	connecting ───────────► streaming ─────────────────────────► waiting (0.2 s … 10 s, jittered)
//	    ▲                       │ signed out                        │ the next address
//	    ├───────────────────────┼───────────────────────────────────┘
//	    └── resting ◄───────────┤ Goodbye: the machine sleeps; until Wake, or 30 s
//	                            └─► over: Session.Run answers ErrSignedOut
package link
