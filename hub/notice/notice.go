// Package notice knows what the hub tells a person beside pages: something that
// asks for no acknowledgement, such as a shift that was given to them or a device
// that cannot be reached. Like a page it is stored before it is told, and goes on
// being told until it arrived or is of no more use.
package notice

import (
	"time"

	"tocsin/hub/responder"
)

// Notice is one thing to tell one user.
type Notice struct {
	// ID is what it is about, and names it for ever: told again, it is not told
	// again. For example "shift/payments-primary/2026-11-02T09:00:00Z/ada".
	ID    string
	User  responder.UserID
	Title string // one line, without full stop
	Text  string // sentences; times carry their zone, the user's own
	Made  time.Time
	Until time.Time // of no use after that
	// Beside the devices, where every notice is shown quietly.
	Via Via
}

// Via says by which contact methods a notice goes.
type Via string

// The ways of a notice, beside the user's devices.
const (
	ViaDevices Via = "devices" // none
	ViaQuiet   Via = "quiet"   // those that do not wake
	ViaEvery   Via = "every"   // all of them
)
