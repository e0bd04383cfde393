// Package herald tells people what the hub has to say beside pages: notices. It
// stores each one first, then sends it to the devices that are there, and by the
// contact methods that it goes by, again and again until the gateway took it or
// refused it for good, or until it is of no more use.
//
//	Tell, Write ─► notices, notice_sends ─► Run: to the devices' streams, once
//	                      ▲                  └─ one errand for each unanswered send:
//	                      │                       send ─► accepted, refused ─┐
//	                      │                       └ passing failure ─► wait  │
//	                      └──────────────────────────────────────────────────┘
//
// A device that comes later gets it with its snapshot, until one device of the
// user has shown it. The stored sends are the only list of what is to be sent, so
// a hub that was killed goes on where it was: at least once, under an id by which
// gateways tell a repeat.
package herald
