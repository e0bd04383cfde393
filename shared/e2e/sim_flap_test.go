package e2e

import (
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
)

// Flapping, and what rises to high while somebody has it.

// simFlap is the account of how often an incident came back.
type simFlap struct {
	back []time.Time
	due  time.Time // when a resolve that was held back takes effect
}

// flapped hears of every change of an incident that was not the clock's.
func (t *simTrack) flapped(before, next incident.Incident, now time.Time) {
	window := t.s.set.target.Service.ReopenWindow
	if next.Opening > max(before.Opening, 1) || !t.flap.due.IsZero() && next.Open() && next.Firing() > 0 {
		t.flap.back, t.flap.due = append(t.flap.back, now), time.Time{}
	}
	late := 0
	for _, at := range t.flap.back {
		if now.Sub(at) <= 30*time.Minute {
			late++
		}
	}
	ends := before.Open() && before.Firing() > 0 && next.Firing() == 0
	held := ends && late >= 3 && window > 0
	if ends && next.Open() != held {
		t.s.fail("flapping", "it came back %d times, its alerts end, and it is %s", late, next.Status)
	}
	if held {
		t.flap.due = now.Add(window)
	}
	if !next.Open() {
		t.flap.due = time.Time{}
	}
	if !next.ResolveDue.Equal(t.flap.due) {
		t.s.fail("flapping", "it resolves at %s, want %s", next.ResolveDue, t.flap.due)
	}
}

// resolves checks that a resolve which was held back is due.
func (t *simTrack) resolves(now time.Time) {
	if t.flap.due.IsZero() || now.Before(t.flap.due) {
		t.s.fail("flapping", "it resolves at %s, want %s", now, t.flap.due)
	}
	t.flap.due, t.acked, t.held, t.calendar = time.Time{}, false, time.Time{}, false
}

func (t *simTrack) flapMoved(by time.Duration) {
	for i := range t.flap.back {
		t.flap.back[i] = t.flap.back[i].Add(by)
	}
}

// rose: what somebody took as a quiet notification is quiet no longer.
func (t *simTrack) rose(before, next incident.Incident, now time.Time) {
	if t.acked && before.Urgency == incident.Low && next.Urgency == incident.High {
		t.quiet, t.snoozed, t.fixed, t.turned = now, false, false, true
	}
}

// turnedOver checks the end of a quiet time by what ended it.
func (t *simTrack) turnedOver(a escalation.EndQuiet) {
	if t.turned != (a.Reason == escalation.ReasonUrgencyRose) {
		t.s.fail("lease", "it turned urgent: %v, and it ends because of %s", t.turned, a.Reason)
	}
	t.turned = false
}
