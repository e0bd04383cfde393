package engine

import (
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
)

// world gathers what Decide is told of the world: who is on call for each level,
// and how each of them, and everybody who was paged, can be reached.
func (e *Engine) world(s escalation.State, now time.Time) escalation.World {
	start, grace := e.start.get()
	return WorldAt(e.directory.Current(), e.links, s, now, start, grace)
}

// WorldAt is the world as an organisation and the streams show it. It is what
// pages and what plays a policy through.
func WorldAt(org *organisation.Organisation, links Links, s escalation.State, now, start, grace time.Time) escalation.World {
	w := escalation.World{CatchAll: org.CatchAll, HubStart: start, GraceUntil: grace}
	if s.Incident.Test {
		w.CatchAll = nil
	}
	if s.Incident.Status != incident.Resolved {
		w.Levels = org.Rosters(s.Policy, now)
	}
	seen := map[responder.UserID]bool{}
	add := func(u responder.UserID) {
		if seen[u] {
			return
		}
		seen[u] = true
		w.Reach = append(w.Reach, reach(org, links, u, s.Incident.Urgency == incident.High, now, start))
	}
	for _, l := range w.Levels {
		for _, u := range l.Users {
			add(u)
		}
	}
	for _, u := range w.CatchAll {
		add(u)
	}
	for _, p := range s.Pages {
		add(p.User)
	}
	return w
}

func reach(org *organisation.Organisation, links Links, u responder.UserID, high bool, now, start time.Time) escalation.Reach {
	r := escalation.Reach{User: u, Devices: links.Links(org.DevicesOf(u), start)}
	if _, off := org.AbsenceAt(u, now); off {
		r.OffDuty = true
	}
	user, known := org.User(u)
	if !known {
		return r
	}
	for _, rule := range user.For(high) {
		m := escalation.Method{ID: rule.Via, After: rule.After}
		if rule.Via != responder.Devices {
			// A method that nothing can deliver must not hold a page up.
			continue
		}
		r.Methods = append(r.Methods, m)
	}
	return r
}
