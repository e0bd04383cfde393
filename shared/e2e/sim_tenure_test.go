package e2e

import (
	"fmt"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The end of a shift: who has an incident is asked, hands it over or keeps it.

// simTenure is the checker's account of the holder's shift.
type simTenure struct {
	wasOn   bool // the policy has named the holder since they took it
	asked   time.Time
	keep    time.Time
	handing bool // successors are paged
}

// tenured carries out "hand over" or "keep".
func (h *simHub) tenured(r *simRecord, tx *simTx, what string, c incident.Command, now time.Time) {
	before, lease := tx.state, h.s.set.target.Service.Lease
	var answer incident.Answer
	var e incident.Entry
	until := now.Add(h.s.between(time.Minute, time.Hour))
	if what == "keep" {
		tx.state, answer, e = h.s.core.keep(before, c, until, lease, now)
	} else {
		tx.state, answer, e = h.s.core.handOver(before, c, lease, now)
	}
	next := tx.state.Incident
	tx.entries = append(tx.entries, e)
	tx.told = append(tx.told, func() {
		t := h.s.check.of(r)
		allowed := t.acked && t.holder != "" && t.high() && (what == "keep" || !t.tenure.handing || t.snoozed)
		if allowed != (answer == incident.Applied) {
			h.s.fail("shift", "to %s what %q has (%v) is answered %s", what, t.holder, t.acked, answer)
		}
		switch {
		case !allowed:
		case what == "keep":
			t.tenure = simTenure{wasOn: t.tenure.wasOn, keep: until}
			h.s.check.active(r, before.Incident, next, c.By, now)
		default:
			t.tenure.handing, t.tenure.keep = true, time.Time{}
			if t.snoozed { // that ends by it
				t.quiet, t.snoozed, t.fixed, t.turned = time.Time{}, false, false, false
				if lease > 0 {
					t.quiet = now.Add(lease)
				}
			}
			h.s.after(h.s.between(time.Second, 9*time.Second), func() { h.succeeds(r) })
		}
	})
}

// succeeds: now and then a successor takes it before the alarm has reached them.
func (h *simHub) succeeds(r *simRecord) {
	for _, p := range r.state.Pages {
		if p.Open() && p.Stage == escalation.Successor && h.s.chance(0.4) {
			h.enter(func() { h.command(r, "ack", incident.Command{By: p.User}) })
			return
		}
	}
}

// follows notes, when the hub has done what is due, whether the holder is on call.
func (t *simTrack) follows(now time.Time) {
	if !t.hasShift() || t.sinceStart(now) {
		return
	}
	if t.onCall(t.holder, now) && !t.tenure.handing {
		t.tenure.wasOn, t.tenure.asked = true, time.Time{}
	}
}

// hasShift: somebody has the incident, and the end of their shift matters.
func (t *simTrack) hasShift() bool {
	return t.acked && !t.snoozed && t.holder != "" && t.high() && !t.isCover()
}

// shiftOver: the holder was on call, is not any more, and did not say to keep it.
func (t *simTrack) shiftOver(now time.Time) bool {
	return t.hasShift() && t.tenure.wasOn && !t.onCall(t.holder, now) && !now.Before(t.tenure.keep)
}

// asksHolder checks that the question is in place.
func (t *simTrack) asksHolder(a escalation.AskHolder, now time.Time) {
	if !t.shiftOver(now) || !t.tenure.asked.IsZero() || t.tenure.handing || a.Holder != t.holder {
		t.s.fail("shift", "%s is asked to hand over at %s: %+v", a.Holder, now, t.tenure)
	}
	t.tenure.asked = now
}

// notes checks what the core remembers of the holder's shift.
func (t *simTrack) notes(a escalation.Follow, now time.Time) {
	if a.Tenure.HandingOver && !t.tenure.handing {
		if t.tenure.asked.IsZero() || now.Before(t.tenure.asked.Add(15*time.Minute)) {
			t.s.fail("shift", "handed over at %s, asked at %s", now, t.tenure.asked)
		}
		t.tenure.handing = true
	}
	if !a.Tenure.HandingOver && a.Tenure.AskedAt.IsZero() && t.onCall(t.holder, now) {
		t.tenure.asked = time.Time{} // back on call: there is nothing to ask
	}
	if a.Tenure.OnCall && !t.tenure.wasOn {
		if !t.onCall(t.holder, now) {
			t.s.fail("shift", "%s is taken for on call at %s", t.holder, now)
		}
		t.tenure.wasOn = true
	}
}

// successorPages are the pages of those whom the incident is being handed to.
func (t *simTrack) successorPages() []*simPage {
	var pages []*simPage
	for _, p := range t.pages {
		if !p.ended && p.stage == escalation.Successor && p.pass == t.pass+1 {
			pages = append(pages, p)
		}
	}
	return pages
}

// candidates are those of the first level that has somebody to hand over to.
func (t *simTrack) candidates(now time.Time) (level int, users []responder.UserID) {
	pass := t.pass
	defer func() { t.pass = pass }()
	successors := t.successorPages()
	t.pass++
	for n := range t.policy.Levels {
		users := slices.DeleteFunc(t.pageable(t.roster(n+1, now).users, now), func(u responder.UserID) bool {
			return u == t.holder || slices.ContainsFunc(successors, func(p *simPage) bool { return p.User == u })
		})
		if len(users) > 0 {
			return n + 1, users
		}
	}
	return 0, nil
}

// succeeds says what is wrong with a successor's page.
func (t *simTrack) succeeds(p escalation.Page, now time.Time) string {
	level, users := t.candidates(now)
	switch {
	case !t.tenure.handing || !t.hasShift():
		return "nobody hands over"
	case level != p.Level && !slices.ContainsFunc(t.successorPages(), func(o *simPage) bool { return o.Wave == p.Wave && o.level == p.Level }):
		return fmt.Sprintf("of level %d; first is level %d with %v; policy %+v", p.Level, level, users, t.policy.Levels)
	case level == p.Level && !slices.Contains(users, p.User):
		return "no successor"
	}
	return ""
}

// letsGo checks that somebody is there when the holder is let go, and goes on
// with that level.
func (t *simTrack) letsGo(a escalation.LetGo, now time.Time) {
	p := t.page(a.To.Key)
	if !t.tenure.handing || a.Holder != t.holder || p == nil || p.stage != escalation.Successor || p.passedOn || !t.alive(p, now) {
		t.s.fail("shift", "%s is let go for %v", a.Holder, a.To.Key)
	}
	for _, o := range t.pages {
		if o.stage == escalation.Successor && !o.ended {
			o.stage = escalation.AtLevel
		}
	}
	t.part()
	t.acked, t.quiet, t.tenure = false, time.Time{}, simTenure{}
	t.left[a.Holder] = true
	t.begun, t.ended, t.low = t.opening, false, false
	t.stage, t.level, t.target, t.pass, t.round, t.entered, t.fresh = escalation.AtLevel, p.level, a.Target, p.pass, 1, now, false
	t.due = now.Add(t.timeout(p.level))
	if !a.Due.Equal(t.due) {
		t.s.fail("shift", "level %d is waited for until %s, want %s", p.level, a.Due, t.due)
	}
}

// neverEnds: a lease without an end, handed over, with nobody to hand over to.
func (t *simTrack) neverEnds(now time.Time) bool {
	_, users := t.candidates(now)
	return t.acked && t.quiet.IsZero() && t.tenure.handing && len(users) == 0 && t.dead(t.successorPages(), now)
}

// handsOver checks, while somebody has the incident, that the end of their shift
// is not missed.
func (t *simTrack) handsOver(now time.Time) {
	if !t.hasShift() || t.sinceStart(now) {
		return
	}
	x := t.tenure
	switch {
	case x.handing:
		pages := t.successorPages()
		_, users := t.candidates(now)
		if t.dead(pages, now) && len(users) > 0 {
			t.s.fail("shift", "%s hands over, and none of %v is paged", t.holder, users)
		}
		for _, p := range pages {
			if !p.ended && !p.passedOn && t.alive(p, now) {
				t.s.fail("shift", "page %v is alive, and %s is not let go", p.Key, t.holder)
			}
		}
	case !t.shiftOver(now):
	case x.asked.IsZero():
		t.s.fail("shift", "the shift of %s is over, and nobody asks", t.holder)
	case !now.Before(x.asked.Add(15 * time.Minute)):
		t.s.fail("shift", "%s was asked at %s, and it is not handed over at %s", t.holder, x.asked, now)
	}
}

var simTenureBugs = []simBug{
	{"lets the holder go before anybody is there", decides(func(d escalation.Decision, s escalation.State, now time.Time) escalation.Decision {
		for _, p := range s.Pages {
			if p.Open() && p.Stage == escalation.Successor && s.Incident.Status == incident.Acknowledged {
				return escalation.Decision{Actions: []escalation.Action{escalation.LetGo{At: now, Holder: s.Incident.Holder, To: p, Due: now.Add(time.Minute)}}}
			}
		}
		return d
	})},
	{"never hands over without an answer", sees(func(s *escalation.State, now time.Time) {
		if !s.Course.Tenure.AskedAt.IsZero() {
			s.Course.Tenure.AskedAt = now
		}
	})},
	{"hands over after five minutes", sees(func(s *escalation.State, _ time.Time) {
		if !s.Course.Tenure.AskedAt.IsZero() {
			s.Course.Tenure.AskedAt = s.Course.Tenure.AskedAt.Add(-10 * time.Minute)
		}
	})},
	{"asks in the middle of a shift whether to hand over", sees(func(s *escalation.State, _ time.Time) {
		if s.Incident.Status == incident.Acknowledged {
			s.World.Levels = nil
		}
	})},
	{"misses the end of the holder's shift", without(func(a escalation.Action) bool {
		_, ok := a.(escalation.AskHolder)
		return ok
	})},
	{"hands over what is kept", sees(func(s *escalation.State, _ time.Time) { s.Course.Tenure.Keep = time.Time{} })},
	{"closes the successor's page because the holder has it", sees(func(s *escalation.State, _ time.Time) {
		s.Pages = slices.Clone(s.Pages)
		for i := range s.Pages {
			if s.Pages[i].Stage == escalation.Successor {
				s.Pages[i].Stage = escalation.Added
			}
		}
	})},
	{"keeps it with the holder although the successor took it", func(c *simCore) {
		acknowledge := c.acknowledge
		c.acknowledge = func(s escalation.State, cmd incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry) {
			next, answer, entries := acknowledge(s, cmd, lease, now)
			if s.Incident.Status == incident.Acknowledged && next.Incident.Holder != s.Incident.Holder {
				next.Incident.Holder = s.Incident.Holder
			}
			return next, answer, entries
		}
	}},
	{"counts the hub's absence as time to answer", func(c *simCore) {
		pause := c.pause
		c.pause = func(s escalation.State, away time.Duration) escalation.State {
			asked := s.Course.Tenure.AskedAt
			s = pause(s, away)
			s.Course.Tenure.AskedAt = asked
			return s
		}
	}},
}
