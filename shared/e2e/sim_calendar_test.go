package e2e

import (
	"fmt"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/schedule"
)

// The calendar of the service: maintenance windows and support hours.

func (set *simSetup) drawCalendar(s *sim) {
	for range simPick(s, 0, 0, 0, 0, 1, 2) {
		set.windows = append(set.windows, drawWindow(s, set.horizon, simEpoch))
	}
	if s.chance(0.2) {
		from := s.between(2*time.Hour, 3*time.Hour+set.horizon)
		set.hours = []time.Duration{from.Truncate(time.Minute), (from + s.between(10*time.Minute, 2*time.Hour)).Truncate(time.Minute)}
	}
	set.target.Service.Urgency = simPick(s, incident.AlwaysHigh, incident.BySeverity, incident.BySeverity)
	if set.hours != nil && s.chance(0.5) {
		set.target.Service.Urgency = incident.BySupportHours
	}
	if s.chance(0.15) {
		set.target.Service.Suppress = []incident.Suppression{{When: []incident.Match{{Field: "severity", Pattern: string(simSuppressed)}}}}
	}
}

// simSuppressed is what a service suppresses, if it does.
const simSuppressed = incident.Warning

func (s *sim) suppresses(severity incident.Severity) bool {
	return s.set.target.Service.Suppress != nil && severity == simSuppressed
}

func drawWindow(s *sim, within time.Duration, from time.Time) organisation.Window {
	start := from.Add(s.between(-10*time.Minute, within))
	return organisation.Window{ID: fmt.Sprint(s.serial), Services: []incident.ServiceID{"shop"}, Note: "upgrade",
		Start: start, End: start.Add(s.between(time.Minute, within/2+time.Minute))}
}

// supportHours are those of the service, as the organisation knows them.
func (set simSetup) supportHours() map[incident.ServiceID]schedule.Hours {
	if set.hours == nil {
		return nil
	}
	clock := func(d time.Duration) schedule.Clock { return schedule.Clock(d / time.Second) }
	return map[incident.ServiceID]schedule.Hours{"shop": {Restrictions: []schedule.Restriction{{From: clock(set.hours[0]), To: clock(set.hours[1])}}}}
}

// plans edits the maintenance windows: a new one, or one that ends now.
func (h *simHub) plans() {
	now := h.wall()
	h.enter(func() {
		windows := append([]organisation.Window(nil), h.store.windows...)
		if len(windows) > 0 && h.s.chance(0.4) {
			windows[h.s.IntN(len(windows))].End = now
		} else {
			windows = append(windows, drawWindow(h.s, 15*time.Minute, now))
		}
		h.store.commit(func() {
			h.store.windows = windows
			h.store.org = h.s.set.organisation(h.store.absences, windows)
		})
		h.s.tell("maintenance: %v", windows)
		for _, r := range h.store.records {
			if r.state.Incident.Open() {
				h.do(r, nil)
			}
		}
	})
}

// kept is the newest incident that waits for the end of a maintenance.
func (h *simHub) kept() incident.Incident {
	for n := len(h.store.records) - 1; n >= 0; n-- {
		if i := h.store.records[n].state.Incident; i.Status == incident.Triggered && i.QuietReason == incident.ReasonMaintenance {
			return i
		}
	}
	return incident.Incident{}
}

// The checker's own reckoning.

// maintenance is the stretch of windows that overlap or meet around an instant.
func (s *sim) maintenance(now time.Time) (began, end time.Time) {
	for grown := true; grown; {
		grown = false
		for _, w := range s.hub.store.windows {
			if !w.End.After(w.Start) {
				continue
			}
			switch {
			case end.IsZero() && !now.Before(w.Start) && now.Before(w.End):
				began, end, grown = w.Start, w.End, true
			case end.IsZero() || w.Start.After(end) || w.End.Before(began):
			case w.Start.Before(began) || w.End.After(end):
				grown = true
				if w.Start.Before(began) {
					began = w.Start
				}
				end = simLater(end, w.End)
			}
		}
	}
	return began, end
}

// supportBegins is when the support hours begin next; zero within them.
func (s *sim) supportBegins(now time.Time) time.Time {
	if s.set.hours == nil {
		return time.Time{}
	}
	for day := now.Truncate(24 * time.Hour).Add(-24 * time.Hour); ; day = day.Add(24 * time.Hour) {
		from, to := day.Add(s.set.hours[0]), day.Add(s.set.hours[1])
		switch {
		case !now.Before(from) && now.Before(to):
			return time.Time{}
		case from.After(now):
			return from
		}
	}
}

// urgency is that of a severity at an instant.
func (s *sim) urgency(severity incident.Severity, now time.Time) incident.Urgency {
	if s.suppresses(severity) {
		return incident.Suppressed
	}
	low := false
	switch s.set.target.Service.Urgency {
	case incident.BySeverity:
		low = severity == incident.Warning || severity == incident.Info
	case incident.BySupportHours:
		low = !s.supportBegins(now).IsZero()
	}
	if low {
		return incident.Low
	}
	return incident.High
}

// planned is until when the incident waits for the calendar; zero for not at all.
func (t *simTrack) planned(now time.Time) time.Time {
	if len(t.r.state.Incident.Alerts) == 0 {
		return time.Time{} // a person opened it
	}
	var until time.Time
	if began, end := t.s.maintenance(now); !end.IsZero() && (t.calendar && !t.held.IsZero() || !t.triggered.Before(began)) {
		until = end
	}
	if begins := t.s.supportBegins(now); !t.high() && begins.After(until) {
		until = begins
	}
	return until
}

// keeps checks that what waits for the calendar has reason to.
func (t *simTrack) keeps(a escalation.Keep, now time.Time) {
	if want := t.planned(now); want.IsZero() || !want.Equal(a.Until) {
		t.s.fail("calendar", "it waits until %s, want %s", a.Until, want)
	}
	if rose := t.low && t.high(); t.held.IsZero() && t.begun == t.opening && !t.ended && !rose {
		t.s.fail("calendar", "what pages already is kept until %s", a.Until)
	}
	t.held, t.calendar = a.Until, true
}

// comesOut checks that what waited for the calendar goes on only when it must not
// wait any more.
func (t *simTrack) comesOut(a escalation.EndQuiet, now time.Time) {
	if !t.calendar || t.held.IsZero() || !t.planned(now).IsZero() {
		t.s.fail("calendar", "%s at %s, and it is to wait until %s", a.Reason, now, t.planned(now))
	}
	t.held, t.calendar = time.Time{}, false
}

// tookIn checks where an event of the source went.
func (c *simCheck) tookIn(e incident.Event, effect incident.Effect, prior, next incident.Incident, home uint64, now time.Time) {
	c.grouped(e, effect, prior, next, home, now)
	_, maintenance := c.s.maintenance(now)
	if e.Action == incident.Trigger && next.Urgency == incident.Suppressed && !c.s.suppresses(e.Severity) {
		c.s.fail("suppressed", "%s of severity %q is kept from people, and no rule says so", e.Key, e.Severity)
	}
	switch effect {
	case incident.Bundled:
		if maintenance.IsZero() || next.QuietReason != incident.ReasonMaintenance {
			c.s.fail("calendar", "%s joins what does not wait for the end of a maintenance", e.Key)
		}
	case incident.Opened:
		if kept := c.s.hub.kept(); !maintenance.IsZero() && kept.Number > home && !c.s.suppresses(e.Severity) {
			c.s.fail("calendar", "%s opens an incident beside %s, which waits for the end of the maintenance", e.Key, kept.ID)
		}
		fallthrough
	case incident.Reopened:
		if want := c.s.urgency(e.Severity, now); next.Urgency != want {
			c.s.fail("urgency", "%s of severity %q is %s at %s, want %s", e.Key, e.Severity, next.Urgency, now, want)
		}
	}
}

var simCalendarBugs = []simBug{
	{"tells of what a rule suppresses", func(c *simCore) {
		decide := c.decide
		c.decide = func(s escalation.State, now time.Time) escalation.Decision {
			if s.Incident.Urgency == incident.Suppressed {
				s.Incident.Urgency = incident.Low
			}
			return decide(s, now)
		}
	}},
	{"goes on suppressing what no rule does any more", func(c *simCore) {
		ingest := c.ingest
		c.ingest = func(prior incident.Incident, e incident.Event, t incident.Target, now time.Time) (incident.Incident, incident.Effect, []incident.Entry) {
			if prior.Open() && prior.Urgency == incident.Suppressed {
				e.Severity = simSuppressed
			}
			return ingest(prior, e, t, now)
		}
	}},
	{"pages during maintenance", sees(func(s *escalation.State, _ time.Time) { s.World.Times.Maintenance = time.Time{} })},
	{"keeps what was open before the maintenance", sees(func(s *escalation.State, _ time.Time) {
		if !s.World.Times.Maintenance.IsZero() {
			s.World.Times.Began = simEpoch.Add(-24 * time.Hour)
		}
	})},
	{"opens an incident for each alert of a maintenance", func(c *simCore) {
		ingest := c.ingest
		c.ingest = func(prior incident.Incident, e incident.Event, t incident.Target, now time.Time) (incident.Incident, incident.Effect, []incident.Entry) {
			t.Kept = incident.Incident{}
			return ingest(prior, e, t, now)
		}
	}},
	{"forgets what waited for the end of a maintenance", without(func(a escalation.Action) bool {
		e, ok := a.(escalation.EndQuiet)
		return ok && e.Reason == escalation.ReasonMaintenanceOver
	})},
	{"tells of low urgency outside support hours", sees(func(s *escalation.State, _ time.Time) { s.World.Times.Support = time.Time{} })},
	{"makes what is open urgent when support hours begin", sees(func(s *escalation.State, _ time.Time) {
		if s.World.Times.Support.IsZero() && s.Incident.Status == incident.Triggered && s.Incident.QuietReason == "" && len(s.Incident.Alerts) > 0 {
			s.Incident.Urgency = incident.High
		}
	})},
	{"takes support hours for the other way about", func(c *simCore) {
		ingest := c.ingest
		c.ingest = func(prior incident.Incident, e incident.Event, t incident.Target, now time.Time) (incident.Incident, incident.Effect, []incident.Entry) {
			if t.Times.Support.IsZero() {
				t.Times.Support = now.Add(time.Hour)
			} else {
				t.Times.Support = time.Time{}
			}
			return ingest(prior, e, t, now)
		}
	}},
}
