// Package pager knows which devices have a stream and tells them what they must
// show. A stream is state, not a log: it begins with a snapshot of the user's
// pages, and then each change of an incident sends the pages as they are now.
// Nothing is queued for a device that is away; the stored pages are the outbox.
//
// A stream that does not keep up is closed: the snapshot of the next one makes
// it whole. One whose device answers no beat for escalation.GoneAfter is closed
// as well, and counts as gone from then on.
//
//	           open            answered beat
//	(away) ──────────► connected ◄──────┐
//	  ▲                    │ └──────────┘
//	  │ 40 s later: gone   │ closed by the device, too slow, or no answer
//	  └────────────────────┘
package pager
