//go:build !linux

package alarm

import "context"

// Screen looks at the desktop's windows and session. The zero value is ready;
// it keeps connections open until Close.
type Screen struct{}

// Check says whether the window can be seen now: on this system it cannot be
// known.
func (s *Screen) Check(ctx context.Context, w Window) Sight { return unprovable(w) }

// Raise does nothing: on this system the window's own toolkit has to.
func (s *Screen) Raise(w Window) error { return nil }

// Close lets go of the desktop.
func (s *Screen) Close() {}
