package headless

import (
	"context"
	"errors"

	"tocsin/agent/alarm"
	"tocsin/agent/link"
)

// Run alarms in a terminal until ctx ends or the person quits; then what has
// happened is on disk. A device that is signed out is link.ErrSignedOut, which
// the terminal has said.
func Run(ctx context.Context, session *link.Session, o Options) error {
	ignoreStops()
	ctx, end := context.WithCancelCause(ctx)
	terminal := New(session, o)
	go alarm.WatchSleep(ctx, func(s alarm.Sleep) {
		if s == alarm.Awake {
			session.Wake()
			return
		}
		// Whether it arrives or not, the machine goes.
		_ = session.Goodbye(ctx, string(s))
	})
	go func() {
		if err := terminal.Run(ctx); err != nil {
			end(err)
		}
	}()
	// The terminal is not waited for: a write that hangs must not keep the
	// journal from its end.
	err := session.Run(ctx, terminal)
	cause := context.Cause(ctx)
	end(nil)
	switch {
	case err != nil:
		return err
	case errors.Is(cause, link.ErrSignedOut):
		return cause
	}
	return nil
}
