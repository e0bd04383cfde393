package e2e

import (
	"fmt"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Storms of pages, and outages of a site.

// simAlarm is the last time that an alarm reached a user.
type simAlarm struct {
	at     time.Time
	device responder.DeviceID // "": a method that wakes
}

// storm: the source has many things to say at once.
func (s *sim) storm() {
	first := s.check.sent
	for n := range 11 + s.IntN(12) {
		key := fmt.Sprintf("storm-%d-%d", first, n)
		s.after(s.between(0, simPick(s, 10*time.Second, 4*time.Minute)), func() {
			if !s.healing {
				s.post(incident.Event{Action: incident.Trigger, Key: key, Severity: incident.Critical})
			}
		})
	}
}

// siteOutage: most devices lose their network at one moment, and the hub knows it
// for what it is.
func (s *sim) siteOutage() {
	if len(s.devices) < 3 {
		return
	}
	for _, d := range s.devices {
		if s.chance(0.9) {
			d.cut(s.between(30*time.Second, 15*time.Minute))
		}
	}
	life := s.hub.life
	s.after(s.between(35*time.Second, 55*time.Second), func() {
		h := s.hub
		if h.life != life {
			return
		}
		h.enter(func() {
			s.tell("hub sees an outage of the site")
			h.outage = h.wall().Add(10 * time.Minute)
			for _, d := range s.devices {
				if h.streams[d.id] == nil {
					h.goneAt[d.id] = h.wall()
					h.lookAt(d.user.id)
				}
			}
		})
	})
}

// heard remembers when an alarm last reached each user, until the process ends
// or the clock is set.
func (h *simHub) heard(entries []incident.Entry) {
	for _, e := range entries {
		switch {
		case e.Kind == incident.KindRinging || e.Kind == incident.KindShown:
		case e.Kind == incident.KindMethodAccepted && h.s.set.isWaking(e.User, e.Method):
		default:
			continue
		}
		if e.At.After(h.rang[e.User].at) {
			h.rang[e.User] = simAlarm{e.At, e.Device}
		}
	}
}

// isWaking reports whether a contact method can wake its user, whatever the rules
// for an urgency say.
func (set simSetup) isWaking(u responder.UserID, m responder.MethodID) bool {
	for _, c := range set.user(u).account.ContactMethods {
		if c.ID == m {
			return c.Wakes
		}
	}
	return false
}

// crowd is what the shell counts of a user's other pages.
func (h *simHub) crowd(u responder.UserID, except incident.ID) escalation.Storm {
	if len(h.store.records) <= escalation.StormAbove {
		return escalation.Storm{}
	}
	var storm escalation.Storm
	for _, r := range h.store.records {
		for _, p := range r.state.Pages {
			if p.User != u || !p.Open() || p.Low {
				continue
			}
			if storm.Since.IsZero() || p.At.Before(storm.Since) {
				storm.Since = p.At
			}
			if r.state.Incident.ID != except && !p.At.Before(h.wall().Add(-escalation.StormWithin)) {
				storm.Open++
			}
		}
	}
	if storm.Open >= escalation.StormAbove {
		last := h.rang[u]
		if st := h.streams[last.device]; last.device == "" || st != nil {
			storm.Rang = last.at
		}
	}
	return storm
}

// The checker's own account.

// inStorm: more than ten pages of a user are open, made in the last five minutes,
// with this incident's. What the same look at this incident ended counts as open: the
// hub looks at the storm once, before the first step.
func (t *simTrack) inStorm(u responder.UserID, now time.Time) (since time.Time, on bool) {
	others := 0
	for _, o := range t.s.check.tracks {
		for _, p := range o.pages {
			if p.User != u || p.low || p.ended && (o != t || p.endedAt != t.s.now) {
				continue
			}
			if since.IsZero() || p.opened.Before(since) {
				since = p.opened
			}
			if o != t && !p.opened.Before(now.Add(-5*time.Minute)) {
				others++
			}
		}
	}
	return since, others >= 10
}

// joins checks that a page goes with a storm that has just rung.
func (t *simTrack) joins(a escalation.Join, now time.Time) {
	p := t.page(a.Page.Key)
	_, on := t.inStorm(p.User, now)
	last := t.s.hub.rang[p.User].at
	if p.ended || p.low || p.joined || !on || !p.used(responder.Devices) || last.IsZero() || now.Sub(last) >= 2*time.Minute {
		t.s.fail("storm", "page %v joins at %s a storm (%v) that rang at %s", p.Key, now, on, last)
	}
	p.joined, p.ever, p.failed = true, true, false
	p.joinedAt = now
}

// carried: the storm that a page joined still rings for it.
func (t *simTrack) carried(p *simPage, now time.Time) bool {
	if !p.joined || t.r.state.Incident.Status != incident.Triggered || !t.high() {
		return false
	}
	_, on := t.inStorm(p.User, now)
	last := t.s.hub.rang[p.User]
	gone := last.device != "" && t.s.hub.streams[last.device] == nil
	return on && !gone && !last.at.IsZero() && now.Before(last.at.Add(2*time.Minute+10*time.Second))
}

// hasJoined: what this incident may do depends on others, on which nobody looks at
// it; so it is judged only when the hub has.
func (t *simTrack) hasJoined() bool {
	return slices.ContainsFunc(t.pages, func(p *simPage) bool { return p.joined && !p.ended })
}

// together is when a level that is entered now is over, if all whom it pages are
// in a storm; zero if they are not.
func (t *simTrack) together(users []responder.UserID, timeout time.Duration, now time.Time) time.Time {
	var latest time.Time
	for _, u := range users {
		since, on := t.inStorm(u, now)
		if !on || since.After(now) {
			return time.Time{}
		}
		latest = simLater(latest, since)
	}
	if len(users) == 0 {
		return time.Time{}
	}
	end := latest
	for !end.After(now) {
		end = end.Add(timeout)
	}
	if end.Sub(now) < 30*time.Second {
		return time.Time{}
	}
	return end
}

var simStormBugs = []simBug{
	{"takes a storm that has not rung for an alarm", reaches(func(r *escalation.Reach) {
		r.Storm.Rang = time.Date(2026, 11, 2, 23, 0, 0, 0, time.UTC)
	})},
	{"takes three open pages for a storm", reaches(func(r *escalation.Reach) {
		if r.Storm.Open >= 3 {
			r.Storm.Open += 10
			r.Storm.Rang = time.Date(2026, 11, 2, 23, 0, 0, 0, time.UTC)
		}
	})},
	{"cuts the time of a storm's page short", enters(func(e *escalation.Enter, s escalation.State) {
		if e.Stage == escalation.AtLevel && slices.ContainsFunc(s.World.Reach, func(r escalation.Reach) bool { return r.Storm.Open >= escalation.StormAbove }) {
			e.Due = e.At.Add(time.Second)
		}
	})},
	{"lets each page of a storm escalate by itself", reaches(func(r *escalation.Reach) { r.Storm.Since = time.Time{} })},
	{"skips in the outage of a site", sees(func(s *escalation.State, _ time.Time) { s.World.OutageUntil = time.Time{} })},
	{"skips nothing for an hour after an outage", sees(func(s *escalation.State, _ time.Time) {
		if !s.World.OutageUntil.IsZero() {
			s.World.OutageUntil = s.World.OutageUntil.Add(50 * time.Minute)
		}
	})},
}
