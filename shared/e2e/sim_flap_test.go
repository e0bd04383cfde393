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
	if t.acked && before.Urgency != incident.High && next.Urgency == incident.High {
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

// overdue: a resolve that was held back takes effect when it is due.
func (t *simTrack) overdue(now time.Time) {
	if !t.flap.due.IsZero() && now.After(t.flap.due) {
		t.s.fail("flapping", "it should have resolved at %s, and it is %s", t.flap.due, now)
	}
}

// Mistakes planted into what flaps.
var simFlapBugs = []simBug{
	{"resolves at once what is flapping", func(c *simCore) {
		ingest := c.ingest
		c.ingest = func(prior incident.Incident, e incident.Event, t incident.Target, now time.Time) (incident.Incident, incident.Effect, []incident.Entry) {
			prior.Reopenings = nil
			return ingest(prior, e, t, now)
		}
	}},
	{"forgets the resolve that it held back", sees(func(s *escalation.State, _ time.Time) { s.Incident.ResolveDue = time.Time{} })},
	{"counts the hub's absence as quiet of what is flapping", func(c *simCore) {
		pause := c.pause
		c.pause = func(s escalation.State, away time.Duration) escalation.State {
			due := s.Incident.ResolveDue
			s = pause(s, away)
			s.Incident.ResolveDue = due
			return s
		}
	}},
	{"takes no held resolve back when it fires again", func(c *simCore) {
		ingest := c.ingest
		c.ingest = func(prior incident.Incident, e incident.Event, t incident.Target, now time.Time) (incident.Incident, incident.Effect, []incident.Entry) {
			next, effect, entries := ingest(prior, e, t, now)
			if prior.Open() && next.Open() && e.Action == incident.Trigger {
				next.ResolveDue = prior.ResolveDue
			}
			return next, effect, entries
		}
	}},
	{"keeps quiet what was taken as a quiet notification and turned urgent", func(c *simCore) {
		ingest := c.ingest
		c.ingest = func(prior incident.Incident, e incident.Event, t incident.Target, now time.Time) (incident.Incident, incident.Effect, []incident.Entry) {
			next, effect, entries := ingest(prior, e, t, now)
			if effect == incident.Raised {
				next.QuietUntil, next.QuietReason = prior.QuietUntil, prior.QuietReason
			}
			return next, effect, entries
		}
	}},
}
