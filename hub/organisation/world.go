package organisation

import (
	"cmp"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Links tells which of some devices have a stream, as a hub that began to run at
// hubStart sees it.
type Links func(devices []responder.Device, hubStart time.Time) []escalation.Link

// World is what Decide is told of the world at an instant: who is on call for
// each level, and how each of them, everybody who was paged, and whoever has the
// incident can be reached.
// Paging and playing a policy ahead both ask here.
func (o *Organisation) World(s escalation.State, links Links, now, hubStart, graceUntil time.Time) escalation.World {
	w := escalation.World{HubStart: hubStart, GraceUntil: graceUntil, Times: o.Times(s.Incident.Service, now)}
	if !s.Incident.Test {
		w.CatchAll = o.CatchAll
	}
	if s.Incident.Status != incident.Resolved {
		w.Levels = o.Rosters(s.Policy, now)
	}
	if s.Incident.Cover.Asked() {
		w = forCover(w, s.Incident.Cover)
	}
	seen := map[responder.UserID]bool{}
	add := func(u responder.UserID) {
		if !seen[u] {
			seen[u] = true
			reach := o.reach(links, u, s.Incident.Urgency == incident.High, now, hubStart)
			if s.Incident.Cover.Asked() && s.Incident.Urgency == incident.Low {
				reach.Methods = o.quietMethods(u, reach.Methods)
			}
			w.Reach = append(w.Reach, reach)
		}
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
	if h := s.Incident.Holder; h != "" {
		add(h) // who keeps an incident beyond their shift stands in no level
	}
	return w
}

func (o *Organisation) reach(links Links, u responder.UserID, high bool, now, hubStart time.Time) escalation.Reach {
	r := escalation.Reach{User: u, Devices: links(o.DevicesOf(u), hubStart)}
	_, r.OffDuty = o.AbsenceAt(u, now)
	user, known := o.User(u)
	if !known {
		return r
	}
	r.Methods = o.methods(user, high)
	return r
}

// methods are the user's rules that can be followed, by their waits. A rule by
// a method that nothing can deliver by must neither hold a page up nor leave the
// user without any: where the first rules are such, devices are used at once.
func (o *Organisation) methods(u responder.User, high bool) []escalation.Method {
	rules := u.For(high)
	var list []escalation.Method
	add := func(m escalation.Method) {
		if !slices.ContainsFunc(list, func(o escalation.Method) bool { return o.ID == m.ID }) {
			list = append(list, m)
		}
	}
	for _, rule := range rules {
		m, ok := u.Method(rule.Via)
		devices := rule.Via == responder.Devices
		if !devices && (!ok || !o.Carries(m.Kind)) {
			continue
		}
		if len(list) == 0 && rule.After > rules[0].After {
			add(escalation.Method{ID: responder.Devices})
		}
		add(escalation.Method{ID: rule.Via, After: rule.After, Wakes: m.Wakes && !devices})
	}
	if len(list) == 0 {
		add(escalation.Method{ID: responder.Devices})
	}
	slices.SortStableFunc(list, func(a, b escalation.Method) int { return cmp.Compare(a.After, b.After) })
	return list
}

// Carries reports whether this hub has a gateway for a kind of contact method.
func (o *Organisation) Carries(kind string) bool {
	return o.Gateways == nil || slices.Contains(o.Gateways, kind)
}
