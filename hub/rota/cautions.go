package rota

import (
	"maps"
	"slices"

	"tocsin/hub/responder"
)

// onCall lists the users whom a policy may page within the outlook, or at all.
func (v view) onCall(p PolicyDoc) map[ID]bool {
	users := map[ID]bool{}
	for _, l := range p.Levels {
		for _, t := range l.Targets {
			if t.User != "" {
				users[t.User] = true
			}
			for _, u := range v.teams[t.Team].Members {
				users[u] = true
			}
			for _, s := range v.shifts[t.Schedule] {
				if s.User != "" {
					users[ID(s.User)] = true
				}
			}
		}
	}
	return users
}

// withoutWakes names those who may be paged at night and whom nothing wakes
// once their laptop is closed.
func (v view) withoutWakes() []string {
	paged := map[ID]bool{}
	for _, p := range v.Policies {
		if v.urgent[p.ID] {
			for u := range v.onCall(p) {
				paged[u] = true
			}
		}
	}
	var list []string
	for _, u := range v.Users {
		wakes := slices.ContainsFunc(u.ContactMethods, func(m ContactMethod) bool { return m.Wakes && v.carries(m.Kind) })
		if paged[u.ID] && !wakes {
			list = append(list, string(u.ID))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return []string{"on call for high urgency without a contact method that wakes (wakes: true) and that this hub can use, so that a closed laptop hears nothing: " + names(list)}
}

func (v view) carries(k MethodKind) bool {
	return v.gateways == nil || slices.Contains(v.gateways, string(k))
}

// withoutGateway names those whose contact methods this hub cannot send by, a
// line for each kind.
func (v view) withoutGateway() []string {
	users := map[string][]string{}
	for _, u := range v.Users {
		for _, m := range u.ContactMethods {
			if list := users[string(m.Kind)]; !v.carries(m.Kind) && !slices.Contains(list, string(u.ID)) {
				users[string(m.Kind)] = append(list, string(u.ID))
			}
		}
	}
	var list []string
	for _, kind := range slices.Sorted(maps.Keys(users)) {
		list = append(list, "contact methods of the kind "+kind+" are kept, but this hub has no gateway for them (hub serve --gateways): "+names(users[kind]))
	}
	return list
}

// nowhere names responders whom nobody reckons with.
func (v view) nowhere() []string {
	stands := map[ID]bool{}
	add := func(lists ...[]ID) {
		for _, list := range lists {
			for _, u := range list {
				stands[u] = true
			}
		}
	}
	add(v.Organisation.CatchAll)
	for _, t := range v.Teams {
		add(t.Members, t.Managers)
	}
	for _, s := range v.Schedules {
		for _, l := range s.Layers {
			add(l.Participants)
		}
		for _, o := range s.Overrides {
			add([]ID{o.User})
		}
	}
	for _, p := range v.Policies {
		for _, l := range p.Levels {
			for _, t := range l.Targets {
				add([]ID{t.User})
			}
		}
	}
	var list []string
	for _, u := range v.Users {
		if !stands[u.ID] && (u.Role == responder.Responder || u.Role == responder.Manager) {
			list = append(list, string(u.ID))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return []string{"users who stand in no team, schedule, policy or catch_all: " + names(list)}
}

func (v view) noAdmin() []string {
	if len(v.Users) == 0 || slices.ContainsFunc(v.Users, func(u UserDoc) bool { return u.Role == responder.Admin }) {
		return nil
	}
	return []string{"no user has the role admin, so nobody may change the configuration but with --as"}
}

// notActedOn names what is stored but does nothing in this version: one line for
// each sort, so that nobody relies on it.
func (d Documents) notActedOn() []string {
	found := map[string][]string{} // by sentence
	var order []string
	note := func(when bool, id ID, sentence string) {
		if !when {
			return
		}
		if found[sentence] == nil {
			order = append(order, sentence)
		}
		if list := found[sentence]; len(list) == 0 || list[len(list)-1] != string(id) {
			found[sentence] = append(list, string(id))
		}
	}
	for _, i := range d.Integrations {
		note(!integrations[i.Kind], i.ID, "integrations of this kind are kept with their keys, but this version takes in events_v2 and heartbeat only")
	}
	var list []string
	for _, sentence := range order {
		list = append(list, sentence+" ("+names(found[sentence])+")")
	}
	return list
}
