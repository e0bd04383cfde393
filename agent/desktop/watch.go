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
	if min(time.Since(d.raisedAt), time.Since(d.openedAt)) < 2*grace {
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
	under := d.covered(sight)
	messages := d.prover.seen(before, sight, min(time.Since(d.raisedAt), time.Since(d.openedAt)))
	d.mu.Unlock()
	d.post(messages)
	if under {
		_ = d.screen.Raise(d.native()) // the next look says what came of it
	}
}

// open brings another window of ours up. An alarm that rings stays above it:
// the watch brings it back, and says in words what is behind it.
func (d *desk) open(what string, show func()) {
	d.mu.Lock()
	d.openedAt = time.Now()
	over := d.rings()
	d.mu.Unlock()
	show()
	if over && what != "" {
		d.tell(what + " opened behind the alarm.")
	}
	d.wantLook()
}

// rings: the alarm's window is up for something that makes a sound.
func (d *desk) rings() bool {
	return !d.hidden && !d.raisedAt.IsZero() && len(d.state.Listed(inbox.Rings, inbox.Escalated)) > 0
}

// covered: a window of ours that has just come lies over an alarm. What is put
// over it later was put there by a person, who has seen it.
func (d *desk) covered(s alarm.Sight) bool {
	return time.Since(d.openedAt) < 2*grace && s.Verdict == alarm.NotVisible && !s.Locked && d.rings()
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
