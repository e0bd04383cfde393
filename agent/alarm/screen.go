package alarm

import "context"

// Window names a native window.
type Window struct {
	// System is "x11", "wayland", "windows", "macos", or "" when there is none.
	System string
	ID     uintptr
}

// Verdict is the answer to "can it be seen?".
type Verdict uint8

const (
	// Unprovable: this system offers no way to know.
	Unprovable Verdict = iota
	// Visible: proven to be on a visible, unlocked, awake screen.
	Visible
	// NotVisible: proven not to be.
	NotVisible
)

// Sight is what could be found out about a window.
type Sight struct {
	Verdict Verdict
	// Detail says what the verdict rests on, in a few words for the receipt.
	Detail string
	// Locked: the session is known to be locked.
	Locked bool
}

// Screen looks at the desktop's windows and session. The zero value is ready;
// it keeps connections open until Close.
type Screen struct{}

// Check says whether the window can be seen now. It talks to the desktop and
// may take some milliseconds.
func (s *Screen) Check(ctx context.Context, w Window) Sight { return Sight{} }

// Raise brings a window to the front of the current workspace without taking
// the keyboard's focus. Where that cannot be done it does nothing.
func (s *Screen) Raise(w Window) error { return nil }

// Close lets go of the desktop.
func (s *Screen) Close() {}
