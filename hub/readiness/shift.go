package readiness

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// Shift is a stretch [Start, End) in which one user is on call by a schedule that
// an escalation policy pages by.
type Shift struct {
	Schedule schedule.ID
	Name     string // of the schedule
	User     responder.UserID
	Start    time.Time
	End      time.Time // zero: none in sight
	// High: a service can be of high urgency by such a policy, so that somebody may
	// be woken.
	High bool
}

// How far Shifts looks.
const (
	// Ahead is how long before its start a shift is looked at first.
	Ahead = 24 * time.Hour
	// Back is how long ago a shift may have begun whose start was missed.
	Back = 8 * 24 * time.Hour
)

// Shifts lists the shifts that begin in (now - Back, now + Ahead], in the order of
// the schedules and of time, as they were and will be: an edit of the
// configuration moves no start that has been.
func Shifts(h organisation.History, now time.Time) []Shift {
	org := h.At(now)
	from, to := now.Add(-Back), now.Add(Ahead).Add(time.Millisecond)
	used := Used(org)
	var list []Shift
	for _, s := range org.Schedules {
		high, paged := used[s.ID]
		if !paged {
			continue
		}
		for _, f := range schedule.Join(h.Shifts(s.ID, from, to)) {
			if !f.Start.After(from) { // it began before
				continue
			}
			if _, known := org.User(f.User); !known {
				continue
			}
			_, f.End = h.OnCall(s.ID, f.End.Add(-time.Millisecond))
			list = append(list, Shift{Schedule: s.ID, Name: s.Name, User: f.User, Start: f.Start, End: f.End, High: high})
		}
	}
	return list
}

// Used tells of each schedule that a policy of a service pages by whether high
// urgency can come by it.
func Used(org *organisation.Organisation) map[schedule.ID]bool {
	used := map[schedule.ID]bool{}
	for _, service := range org.Services {
		p, ok := org.Policy(escalation.PolicyID(service.Policy))
		if !ok {
			continue
		}
		for _, l := range p.Levels {
			for _, t := range l.Targets {
				if id := schedule.ID(t.Schedule); id != "" {
					used[id] = used[id] || canBeHigh(service)
				}
			}
		}
	}
	return used
}

func canBeHigh(s incident.Service) bool { return s.Urgency != incident.AlwaysLow }

// OnCall lists who is on call for high urgency at some time of [from, to), each
// once: by schedule, or named by a policy, in the order of the users.
func OnCall(org *organisation.Organisation, from, to time.Time) []responder.UserID {
	found := map[responder.UserID]bool{}
	seen := map[schedule.ID]bool{}
	for _, service := range org.Services {
		p, ok := org.Policy(escalation.PolicyID(service.Policy))
		if !ok || !canBeHigh(service) {
			continue
		}
		for _, l := range p.Levels {
			for _, t := range l.Targets {
				for _, u := range named(org, t, seen, from, to) {
					found[u] = true
				}
			}
		}
	}
	var list []responder.UserID
	for _, u := range org.Users {
		if found[u.ID] {
			list = append(list, u.ID)
		}
	}
	return list
}

func named(org *organisation.Organisation, t escalation.Target, seen map[schedule.ID]bool, from, to time.Time) []responder.UserID {
	switch {
	case t.User != "":
		return []responder.UserID{t.User}
	case t.Team != "":
		team, _ := org.Team(t.Team)
		return team.Members
	}
	s, ok := org.Schedule(schedule.ID(t.Schedule))
	if !ok || seen[s.ID] {
		return nil
	}
	seen[s.ID] = true
	var list []responder.UserID
	for _, f := range s.Shifts(from, to) {
		list = append(list, f.User)
	}
	return list
}

// Managers lists who is told of a shift whose user might not be reached: the
// managers of the schedule's team, else of the teams whose services are paged by
// it, else the admins; never the user.
func Managers(org *organisation.Organisation, s Shift) []responder.UserID {
	var list []responder.UserID
	add := func(users ...responder.UserID) {
		for _, u := range users {
			if u != s.User && !slices.Contains(list, u) {
				list = append(list, u)
			}
		}
	}
	if sched, ok := org.Schedule(s.Schedule); ok && sched.Team != "" {
		team, _ := org.Team(sched.Team)
		add(team.Managers...)
	}
	if len(list) == 0 {
		for _, id := range TeamsOf(org, s.Schedule) {
			team, _ := org.Team(id)
			add(team.Managers...)
		}
	}
	if len(list) == 0 {
		for _, u := range org.Users {
			if u.Role == responder.Admin {
				add(u.ID)
			}
		}
	}
	return list
}

// TeamsOf lists the teams to which a schedule matters: its own, and those of the
// policies and services that page by it.
func TeamsOf(org *organisation.Organisation, id schedule.ID) []responder.TeamID {
	var list []responder.TeamID
	add := func(t responder.TeamID) {
		if t != "" && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	if s, ok := org.Schedule(id); ok {
		add(s.Team)
	}
	for _, p := range org.Policies {
		uses := slices.ContainsFunc(p.Levels, func(l escalation.Level) bool {
			return slices.ContainsFunc(l.Targets, func(t escalation.Target) bool { return schedule.ID(t.Schedule) == id })
		})
		if !uses {
			continue
		}
		add(p.Team)
		for _, service := range org.Services {
			if service.Policy == string(p.ID) {
				add(service.Team)
			}
		}
	}
	return list
}
