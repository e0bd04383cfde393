package e2e

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Escalate now, reassign, add: what they ask for, and what may come of it.

// simAsk is what a person asked for, in the checker's account.
type simAsk struct {
	what  string
	users []responder.UserID
	at    time.Time
}

func (h *simHub) moved(r *simRecord, tx *simTx, what string, c incident.Command, now time.Time) {
	before, lease := tx.state, h.s.set.target.Service.Lease
	ask := simAsk{what: what, at: now}
	var answer incident.Answer
	var e incident.Entry
	switch what {
	case "escalate":
		tx.state, answer, e = h.s.core.escalate(before, c, lease, now)
	case "reassign":
		ask.users = []responder.UserID{simPick(h.s, h.s.set.users...).id}
		tx.state, answer, e = h.s.core.reassign(before, c, ask.users[0], lease, now)
	case "reassign to policy":
		tx.state, answer, e = h.s.core.toPolicy(before, c, h.s.set.other, 2, lease, now)
	case "add":
		ask.users = []responder.UserID{simPick(h.s, h.s.set.users...).id, simPick(h.s, h.s.set.users...).id}
		tx.state, answer, e = h.s.core.add(before, c, ask.users, lease, now)
	}
	next := tx.state.Incident
	tx.entries = append(tx.entries, e)
	tx.told = append(tx.told, func() { h.s.check.asked(r, before, next, ask, answer, now) })
}

func (c *simCheck) asked(r *simRecord, before escalation.State, next incident.Incident, ask simAsk, answer incident.Answer, now time.Time) {
	t := c.of(r)
	c.changed(r, before.Incident, next, now)
	switch {
	case answer == incident.Applied && !before.Incident.Open():
		c.s.fail("ask", "to %s what is %s", ask.what, before.Incident.Status)
	case answer == incident.Refused && ask.what != "escalate", answer == incident.Already && before.Incident.Open():
		c.s.fail("ask", "to %s is answered %s", ask.what, answer)
	case answer == incident.Refused && !t.low && before.Incident.Urgency == incident.High && t.policy.WhenExhausted != escalation.Stop:
		c.s.fail("ask", "to escalate is refused, and the policy keeps paging")
	}
	if answer != incident.Applied {
		return
	}
	t.ask = ask
	if ask.what == "add" {
		return
	}
	if next.Status != incident.Triggered {
		c.s.fail("ask", "to %s leaves it %s", ask.what, next.Status)
	}
	if ask.what == "reassign to policy" {
		t.policy, t.starts = c.s.set.other, true
	}
	t.part()
	t.held, t.calendar, t.tenure = time.Time{}, false, simTenure{}
	if ask.what == "escalate" && !t.due.IsZero() {
		t.due = now
	}
}

// heeded checks that what was asked for has been done.
func (t *simTrack) heeded() {
	ask, open := t.ask, t.r.state.Incident.Open()
	t.ask = simAsk{}
	switch {
	case !open || ask.what == "":
	case ask.what == "add":
		for _, u := range ask.users {
			if t.openOf(u) == nil {
				t.s.fail("ask", "%s was added and is not paged", u)
			}
		}
	case t.entered.Before(ask.at):
		t.s.fail("ask", "nothing came of: %s", ask.what)
	}
}

// opened: an opening begins, with a hold unless a person made it.
func (t *simTrack) opened(next incident.Incident, now time.Time) {
	t.held, t.calendar = time.Time{}, false
	if hold := t.s.set.target.Service.Hold; hold > 0 && len(next.Alerts) > 0 && next.Urgency != incident.Suppressed {
		t.held = now.Add(hold)
	}
	if !next.QuietUntil.Equal(t.held) {
		t.s.fail("hold", "opened at %s, it waits until %s, want %s", now, next.QuietUntil, t.held)
	}
}

// whileHeld says what may be done although the incident waits: what ends, and
// what a person asked for.
func (t *simTrack) whileHeld(a escalation.Action) bool {
	switch a := a.(type) {
	case escalation.End, escalation.EndQuiet, escalation.Heed, escalation.Resolve, escalation.Keep, escalation.EndAlert, escalation.Silence:
		return true
	case escalation.Open:
		return a.Page.Reason == escalation.ReasonAdded
	case escalation.Join:
		return t.page(a.Page.Key).stage == escalation.Added
	case escalation.Travel:
		return t.page(a.Page.Key).stage == escalation.Added
	case escalation.Fail:
		return t.page(a.Page.Key).stage == escalation.Added
	}
	return false
}

// joined: who was added after an acknowledgement comes to help.
func (c *simCheck) joined(r *simRecord, u responder.UserID) {
	p := c.of(r).openOf(u)
	if p == nil || p.stage != escalation.Joined {
		c.s.fail("add", "%s comes to help, and was not asked", u)
	}
	p.ended = true
}

// part: nobody has the incident any more, so the next acknowledgement closes
// every page.
func (t *simTrack) part() {
	for _, p := range t.pages {
		if !p.ended && (p.stage == escalation.Joined || p.stage == escalation.Successor) {
			p.stage = escalation.Added
		}
	}
}

// whileTaken says what may be done although somebody has the incident: what was
// asked for since, and to hand it over.
func (t *simTrack) whileTaken(a escalation.Action) bool {
	beside := func(k escalation.Key) bool {
		stage := t.page(k).stage
		return stage == escalation.Joined || stage == escalation.Successor
	}
	switch a := a.(type) {
	case escalation.End, escalation.EndQuiet, escalation.Heed, escalation.Follow, escalation.AskHolder, escalation.LetGo, escalation.Resolve, escalation.EndAlert, escalation.Silence:
		return true
	case escalation.Open:
		return a.Page.Reason == escalation.ReasonAdded || a.Page.Stage == escalation.Successor
	case escalation.Travel:
		return beside(a.Page.Key)
	case escalation.Fail:
		return beside(a.Page.Key)
	}
	return false
}

// assigned checks the level that a reassigned user is.
func (t *simTrack) assigned(a escalation.Enter, now time.Time) {
	level, pass := t.level, t.pass
	if t.stage != escalation.AtLevel && t.stage != escalation.Assigned {
		level, pass = 0, t.pass+1
	}
	if t.ask.what != "reassign" || a.Level != level || a.Pass != pass || a.Stage == escalation.Assigned && !a.Due.Equal(now.Add(t.timeout(level))) {
		t.s.fail("reassign", "%+v, want level %d of pass %d for %s", a, level, pass, t.timeout(level))
	}
}

func (t *simTrack) timeout(level int) time.Duration {
	if t.policy.Validate() != nil || level > len(t.policy.Levels) {
		return 5 * time.Minute
	}
	return t.policy.Levels[max(level, 1)-1].Timeout
}

// helps says what is wrong with a page of a user who was added.
func (t *simTrack) helps(p escalation.Page) string {
	want := escalation.Added
	if t.acked {
		want = escalation.Joined
	}
	if t.ask.what != "add" || !slices.Contains(t.ask.users, p.User) || p.Stage != want {
		return "nobody asked for it"
	}
	return ""
}

// walked reports whether a walk over the levels made the page.
func (p *simPage) walked() bool {
	return p.stage == escalation.AtLevel || p.stage == escalation.Assigned
}
