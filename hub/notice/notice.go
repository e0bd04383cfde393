// Package notice knows what the hub tells a person beside pages: something that
// asks for no acknowledgement, such as a shift that was given to them or a device
// that cannot be reached. Like a page it is stored before it is told, and goes on
// being told until it arrived or is of no more use.
//
// It is part of the core: plain values, no I/O and no clock. Package herald
// stores and tells.
package notice

import (
	"slices"
	"time"

	"tocsin/hub/responder"
)

// Notice is one thing to tell one user.
type Notice struct {
	// ID is what it is about, and names it for this user for ever: told again, it
	// is not told again. For example
	// "shift/payments-primary/2026-11-02T09:00:00Z/ada". At most MaxID bytes.
	ID   string
	User responder.UserID
	// Title is one line without full stop, Text sentences; times in it carry their
	// zone, the user's own. Neither carries what an incident says: a notice goes by
	// contact methods whatever the service's outgoing_text is.
	Title string
	Text  string
	Made  time.Time // zero: when it is stored
	Until time.Time // of no use after that; zero: Keeps after it was made
	// Beside the devices, where every notice is shown quietly.
	Via Via
}

// Keeps is how long a notice is of use that does not say.
const Keeps = 7 * 24 * time.Hour

// MaxID bounds an ID.
const MaxID = 250

// Via says by which contact methods a notice goes.
type Via string

// The ways of a notice, beside the user's devices.
const (
	ViaDevices Via = "devices" // none
	ViaQuiet   Via = "quiet"   // those that do not wake
	ViaEvery   Via = "every"   // all of them
)

// Complete fills in the times that a notice leaves out, now being when it is
// stored.
func (n Notice) Complete(now time.Time) Notice {
	if n.Made.IsZero() {
		n.Made = now
	}
	if n.Until.IsZero() {
		n.Until = n.Made.Add(Keeps)
	}
	return n
}

// Methods lists by which of a user's contact methods a notice goes. Those that
// the hub has no gateway for are left out.
func (v Via) Methods(u responder.User, device bool, carries func(kind string) bool) []responder.MethodID {
	var ways []responder.ContactMethod
	switch v {
	case ViaQuiet:
		ways = u.Quiet(device, carries)
	case ViaEvery:
		ways = u.ContactMethods
	}
	var list []responder.MethodID
	for _, m := range ways {
		if carries(m.Kind) && !slices.Contains(list, m.ID) {
			list = append(list, m.ID)
		}
	}
	return list
}

// Send is a notice on its way by one contact method.
type Send struct {
	Method   responder.MethodID
	Answered time.Time // zero: on its way
	Accepted bool
	Said     string // what the gateway said last
}

// Told is a notice and how far it came.
type Told struct {
	Notice
	Seen  time.Time // a device of the user has shown it
	Sends []Send    // in the order of the user's contact methods
}
