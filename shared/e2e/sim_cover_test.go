package e2e

import (
	"cmp"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Requests for cover: to one colleague, or level after level.

// asksCover makes a request of a user, and withdraws an earlier one.
func (h *simHub) asksCover(u responder.UserID) {
	now := h.wall()
	for _, r := range h.store.records {
		if i := r.state.Incident; i.Cover.Of == u && i.Status == incident.Triggered {
			h.endCover(r, incident.ReasonWithdrawn)
		}
	}
	c := incident.Cover{Of: u, Start: now, End: now.Add(time.Hour), Until: now.Add(h.s.between(time.Minute, 20*time.Minute))}
	if h.s.chance(0.5) {
		c.To = simPick(h.s, h.s.set.users...).id
	} else {
		for range h.s.IntN(3) {
			c.Levels = append(c.Levels, incident.CoverLevel{Timeout: simPick(h.s, time.Second, time.Minute, 3*time.Minute),
				Users: []responder.UserID{simPick(h.s, h.s.set.users...).id}, Teams: []responder.TeamID{simPick(h.s, h.s.set.teams...).ID}})
		}
	}
	i, entries := incident.AskCover(c, "who can take over?", simPick(h.s, incident.High, incident.High, incident.Low), 1, now)
	h.s.tell("%s asks for cover until %s: %q %v", u, c.Until, c.To, c.Levels)
	h.create(i, escalation.ForCover(c), entries, func() {}, now)
}

// endCover ends a request that is still open.
func (h *simHub) endCover(r *simRecord, why incident.Reason) {
	now := h.wall()
	h.do(r, func(tx *simTx) {
		before := tx.state.Incident
		if want := map[bool]incident.Status{true: incident.Acknowledged, false: incident.Triggered}[why == incident.ReasonCovered]; before.Status != want {
			return
		}
		next, e := incident.EndCover(before, why, now)
		tx.state.Incident, tx.entries = next, append(tx.entries, e)
		tx.told = append(tx.told, func() { h.s.check.changed(r, before, next, now) })
	})
}

// keepsCovers enters what somebody accepted a moment later, and ends the request;
// after a start too.
func (h *simHub) keepsCovers(r *simRecord) {
	if i := r.state.Incident; !i.Cover.Asked() || i.Status != incident.Acknowledged {
		return
	}
	life := h.life
	h.s.after(h.s.between(10*time.Millisecond, 5*time.Second), func() {
		if h.life == life && !h.enter(func() { h.endCover(r, incident.ReasonCovered) }) && h.up {
			h.keepsCovers(r)
		}
	})
}

// isCover reports whether the incident is a request for cover.
func (t *simTrack) isCover() bool { return t.r.state.Incident.Cover.Asked() }

// roster is who is on call for a level. Nobody is asked to take over from
// themselves.
func (t *simTrack) roster(level int, wall time.Time) simRoster {
	r := t.s.roster(t.policy, level, wall)
	r.users = t.notOf(r.users)
	for i := range r.targets {
		r.targets[i] = t.notOf(r.targets[i])
	}
	return r
}

func (t *simTrack) catchAll() []responder.UserID {
	if t.r.state.Incident.Cover.To != "" {
		return nil // there is nobody behind one colleague
	}
	return t.notOf(t.s.set.catchAll)
}

func (t *simTrack) notOf(users []responder.UserID) []responder.UserID {
	of := t.r.state.Incident.Cover.Of
	if of == "" {
		return users
	}
	return slices.DeleteFunc(slices.Clone(users), func(u responder.UserID) bool { return u == of })
}

// ways are how a user is reached about the incident: about a request that can
// wait by what does not wake too, or where there is no other way by what wakes, but
// for a call.
func (t *simTrack) ways(u responder.UserID) []simWay {
	ways := t.s.set.waysOf(u, t.high())
	if !t.isCover() || t.high() {
		return ways
	}
	ways = slices.Clone(ways)
	user := t.s.set.user(u)
	woken := len(user.devices) == 0
	for _, m := range user.account.ContactMethods {
		woken = woken && (m.Wakes || !slices.Contains(t.s.set.carried, m.Kind))
	}
	for _, m := range user.account.ContactMethods {
		known := slices.ContainsFunc(ways, func(w simWay) bool { return w.id == m.ID })
		told := !m.Wakes || woken && m.Kind != responder.KindPhone
		if !known && told && slices.Contains(t.s.set.carried, m.Kind) {
			ways = append(ways, simWay{id: m.ID, after: time.Minute})
		}
	}
	slices.SortStableFunc(ways, func(a, b simWay) int { return cmp.Compare(a.after, b.after) })
	return ways
}

// isAsked reports whether a user is asked, or has declined and may think better
// of it.
func (t *simTrack) isAsked(u responder.UserID) bool { return t.left[u] || t.openOf(u) != nil }

// wasPaged reports whether a user ever had a page of the incident.
func (t *simTrack) wasPaged(u responder.UserID) bool {
	return slices.ContainsFunc(t.pages, func(p *simPage) bool { return p.User == u })
}

// lapsed reports whether a request for cover is to end by itself.
func (t *simTrack) lapsed(now time.Time) bool {
	c := t.r.state.Incident.Cover
	return t.isCover() && (c.To != "" && t.left[c.To] || !now.Before(c.Until) && !t.sinceStart(now))
}

func (t *simTrack) lapses(a escalation.Lapse, now time.Time) {
	if !t.lapsed(now) {
		t.s.fail("cover", "the request ends at %s: %s", now, a.Reason)
	}
	t.held, t.acked = time.Time{}, false
}

var simCoverBugs = []simBug{
	{"lets anybody accept a request for cover", func(c *simCore) {
		acknowledge := c.acknowledge
		c.acknowledge = func(s escalation.State, cmd incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry) {
			cover := s.Incident.Cover
			s.Incident.Cover = incident.Cover{}
			next, answer, entries := acknowledge(s, cmd, 0, now)
			next.Incident.Cover = cover
			return next, answer, entries
		}
	}},
	{"lets a request for cover go on for ever", without(func(a escalation.Action) bool {
		_, ok := a.(escalation.Lapse)
		return ok
	})},
	{"asks on although the colleague declined", sees(func(s *escalation.State, _ time.Time) {
		if s.Incident.Cover.To != "" {
			s.Course.LeftOut = nil
		}
	})},
	{"gives what was accepted a lease", func(c *simCore) {
		acknowledge := c.acknowledge
		c.acknowledge = func(s escalation.State, cmd incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry) {
			next, answer, entries := acknowledge(s, cmd, lease, now)
			if answer == incident.Applied && next.Incident.Cover.Asked() {
				next.Incident.QuietUntil, next.Incident.QuietReason = now.Add(5*time.Minute), incident.ReasonLease
			}
			return next, answer, entries
		}
	}},
}
