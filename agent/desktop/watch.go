package desktop

import (
	"context"
	"reflect"
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
)

const (
	// drawn is what a window gets to draw a new page before it is looked at.
	drawn = 150 * time.Millisecond
	// often and seldom are from one look at the window to the next, just after
	// it was raised and later: people lock and unlock screens.
	often  = 250 * time.Millisecond
	seldom = 2 * time.Second
	// readyEvery is how often it is tried whether an alarm could be raised.
	readyEvery = time.Minute
	// refresh draws anew what changes with time alone.
	refresh = 5 * time.Second
)

// wantLook asks for a proof of the window soon.
func (d *desk) wantLook() {
	select {
	case d.look <- struct{}{}:
	default:
	}
}

// watch looks at the window while pages are in it, and not otherwise.
func (d *desk) watch(ctx context.Context) {
	for ctx.Err() == nil {
		wait, wanted := d.nextLook()
		if !wanted {
			select {
			case <-ctx.Done():
			case <-d.look:
			}
			wait = drawn
		}
		pause(ctx, wait)
		if _, wanted = d.nextLook(); wanted {
			d.lookOnce(ctx)
		}
	}
}

func (d *desk) nextLook() (wait time.Duration, wanted bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hidden || d.raisedAt.IsZero() || len(d.state.Window()) == 0 {
		return 0, false
	}
	if time.Since(d.raisedAt) < 2*grace {
		return often, true
	}
	return seldom, true
}

func (d *desk) lookOnce(ctx context.Context) {
	d.mu.Lock()
	before := d.state // what the window has had time to draw
	d.mu.Unlock()
	sight := d.screen.Check(ctx, d.native())
	d.mu.Lock()
	if d.hidden || ctx.Err() != nil { // at the end nothing answers
		d.mu.Unlock()
		return
	}
	messages := d.prover.seen(before, sight, time.Since(d.raisedAt))
	d.mu.Unlock()
	d.post(messages)
}

// tellReady says, every minute, whether an alarm could be raised.
func (d *desk) tellReady(ctx context.Context) {
	var was inbox.Readiness
	for ctx.Err() == nil {
		if now := d.tryAlarm(ctx); !reflect.DeepEqual(now, was) {
			d.hub.Post(now)
			was = now
		}
		pause(ctx, readyEvery)
	}
}

// tryAlarm finds out, with no sound and no window, whether an alarm would be
// heard, or seen on a screen that is not locked.
func (d *desk) tryAlarm(ctx context.Context) inbox.Readiness {
	heard, locked := d.sound.Probe(ctx), d.screen.Check(ctx, alarm.Window{}).Locked
	out := inbox.Readiness{Ready: heard.Playing || !locked}
	if !heard.Playing {
		why := heard.Reason
		if why == "" {
			why = "not known why"
		}
		out.Problems = append(out.Problems, "An alarm would not be heard: "+why+".")
	}
	if locked {
		out.Problems = append(out.Problems, "An alarm would not be seen: the screen is locked.")
	}
	return out
}

// keepFresh draws anew while something on the screen ages by itself.
func (d *desk) keepFresh(ctx context.Context) {
	for ctx.Err() == nil {
		pause(ctx, refresh)
		d.mu.Lock()
		ages := d.extra.notice != "" || d.state.Link.Status != inbox.LinkUp
		d.mu.Unlock()
		if ages {
			d.render()
		}
	}
}

func pause(ctx context.Context, wait time.Duration) {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
