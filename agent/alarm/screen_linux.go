package alarm

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jezek/xgb/xproto"
)

// Screen looks at the desktop's windows and session. The zero value is ready;
// it keeps connections open until Close.
type Screen struct {
	mu      sync.Mutex
	display string // the environment's if empty
	x       *xserver
	session session
}

// Check says whether the window can be seen now. It talks to the desktop and
// may take some milliseconds, at most two seconds.
func (s *Screen) Check(ctx context.Context, w Window) Sight {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()

	lock := s.session.locked(ctx)
	sight := s.look(ctx, w)
	sight.Locked = lock == locked
	switch {
	case sight.Verdict == NotVisible:
	case lock == locked:
		sight.Verdict, sight.Detail = NotVisible, "screen locked"
	case lock == lockUnknown:
		sight.Detail += ", lock state unknown"
	}
	return sight
}

// look leaves the lock aside.
func (s *Screen) look(ctx context.Context, w Window) Sight {
	if w.System != "x11" || w.ID == 0 {
		return unprovable(w)
	}
	type answer struct {
		x     *xserver
		sight Sight
		err   error
	}
	done := make(chan answer, 1)
	go func(x *xserver) {
		var a answer
		if a.x, a.err = s.connected(x); a.err == nil {
			a.sight, a.err = a.x.look(uint32(w.ID))
		}
		done <- a
	}(s.x)
	select {
	case a := <-done:
		s.x = a.x
		if a.err != nil {
			s.forget()
			return Sight{Detail: fmt.Sprintf("the display cannot be asked: %v", a.err)}
		}
		return a.sight
	case <-ctx.Done():
		s.forget()
		return Sight{Detail: "the display does not answer"}
	}
}

// obeyed is what a window manager may take to raise a window; it answers
// nothing.
const obeyed = 500 * time.Millisecond

// Raise brings a window to the front of the current workspace. It takes the
// keyboard's focus only where nothing else helps: many window managers keep a
// full-screen window above all others as long as it has the focus. Where a
// window cannot be raised it does nothing.
func (s *Screen) Raise(w Window) error {
	if w.System != "x11" || w.ID == 0 {
		return nil
	}
	if err := s.ask(func(x *xserver) error { return x.raise(uint32(w.ID)) }); err != nil {
		return err
	}
	for late := time.Now().Add(obeyed); time.Now().Before(late); time.Sleep(obeyed / 10) {
		inFront := false
		err := s.ask(func(x *xserver) error {
			share, err := x.uncovered(xproto.Window(w.ID))
			inFront = share >= seenShare
			return err
		})
		if err != nil || inFront {
			return err
		}
	}
	return s.ask(func(x *xserver) error { return x.activate(uint32(w.ID)) })
}

// ask uses the connection to the display.
func (s *Screen) ask(use func(*xserver) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, err := s.connected(s.x)
	if err != nil {
		return err
	}
	s.x = x
	if err := use(x); err != nil {
		s.forget()
		return err
	}
	return nil
}

// Close lets go of the desktop.
func (s *Screen) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	s.session.close()
}

func (s *Screen) connected(x *xserver) (*xserver, error) {
	if x != nil {
		return x, nil
	}
	return dialX(s.display)
}

// forget closes a connection that answered wrongly; the next use makes
// another.
func (s *Screen) forget() {
	if s.x != nil {
		s.x.close()
		s.x = nil
	}
}
