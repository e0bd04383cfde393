// Package organisation knows a hub's whole set-up at one revision: its people,
// schedules, policies, services and integrations, and what people made beside
// it (absences, devices). It answers who is on call for a policy at an instant.
//
// It is part of the core: plain values, no I/O and no clock. An Organisation is
// never changed once made, so any number of goroutines may read it.
package organisation

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// Set is what an Organisation is made of.
type Set struct {
	Revision     uint64 // 0: nothing was ever applied
	Name         string
	CatchAll     []responder.UserID
	Figures      string // who sees whose figures: self, team, managers
	Users        []responder.User
	Teams        []responder.Team
	Schedules    []*schedule.Schedule
	Policies     []escalation.Policy
	Services     []incident.Service
	Integrations []incident.Integration

	SupportHours map[incident.ServiceID]schedule.Hours
	Windows      []Window

	// Recurring are absences that come again, as the schedules have them too.
	Recurring []schedule.Recurring
	Absences  []responder.Absence
	Devices   []responder.Device // revoked ones are left out
	// Gateways are the kinds of contact method that this hub can send by; nil:
	// every kind, for what if.
	Gateways []string
}

// Organisation is a Set with its indexes.
type Organisation struct {
	Set
	users        map[responder.UserID]int
	teams        map[responder.TeamID]int
	schedules    map[schedule.ID]int
	policies     map[escalation.PolicyID]int
	services     map[incident.ServiceID]int
	integrations map[incident.IntegrationID]int
	devices      map[responder.UserID][]responder.Device
	absences     map[responder.UserID][]responder.Absence
	recurring    map[responder.UserID][]*schedule.Recurring
	windows      map[incident.ServiceID][]Window
}

// New indexes a set, which must not be changed afterwards.
func New(s Set) *Organisation {
	o := &Organisation{
		Set:          s,
		users:        index(s.Users, func(u responder.User) responder.UserID { return u.ID }),
		teams:        index(s.Teams, func(t responder.Team) responder.TeamID { return t.ID }),
		schedules:    index(s.Schedules, func(c *schedule.Schedule) schedule.ID { return c.ID }),
		policies:     index(s.Policies, func(p escalation.Policy) escalation.PolicyID { return p.ID }),
		services:     index(s.Services, func(v incident.Service) incident.ServiceID { return v.ID }),
		integrations: index(s.Integrations, func(i incident.Integration) incident.IntegrationID { return i.ID }),
		devices:      map[responder.UserID][]responder.Device{},
		absences:     map[responder.UserID][]responder.Absence{},
		recurring:    map[responder.UserID][]*schedule.Recurring{},
		windows:      indexWindows(s.Windows),
	}
	for _, d := range s.Devices {
		o.devices[d.User] = append(o.devices[d.User], d)
	}
	for _, a := range s.Absences {
		o.absences[a.User] = append(o.absences[a.User], a)
	}
	for i := range o.Recurring {
		r := &o.Recurring[i]
		o.recurring[r.User] = append(o.recurring[r.User], r)
	}
	return o
}

func index[T any, K comparable](list []T, key func(T) K) map[K]int {
	m := make(map[K]int, len(list))
	for i, v := range list {
		m[key(v)] = i
	}
	return m
}

func look[T any, K comparable](list []T, index map[K]int, key K) (T, bool) {
	if i, ok := index[key]; ok {
		return list[i], true
	}
	var zero T
	return zero, false
}

// User finds a user.
func (o *Organisation) User(id responder.UserID) (responder.User, bool) {
	return look(o.Users, o.users, id)
}

// Team finds a team.
func (o *Organisation) Team(id responder.TeamID) (responder.Team, bool) {
	return look(o.Teams, o.teams, id)
}

// Schedule finds a schedule.
func (o *Organisation) Schedule(id schedule.ID) (*schedule.Schedule, bool) {
	return look(o.Schedules, o.schedules, id)
}

// Policy finds an escalation policy.
func (o *Organisation) Policy(id escalation.PolicyID) (escalation.Policy, bool) {
	return look(o.Policies, o.policies, id)
}

// Service finds a service.
func (o *Organisation) Service(id incident.ServiceID) (incident.Service, bool) {
	return look(o.Services, o.services, id)
}

// Integration finds an integration.
func (o *Organisation) Integration(id incident.IntegrationID) (incident.Integration, bool) {
	return look(o.Integrations, o.integrations, id)
}

// DevicesOf lists the enrolled devices of a user.
func (o *Organisation) DevicesOf(u responder.UserID) []responder.Device { return o.devices[u] }

// UserName is what people call a user; the id for one who is not known (any more).
func (o *Organisation) UserName(id responder.UserID) string {
	if u, ok := o.User(id); ok && u.Name != "" {
		return u.Name
	}
	return string(id)
}

// LeaseOf is how long an acknowledgement of an incident holds.
func (o *Organisation) LeaseOf(i incident.Incident) time.Duration {
	if service, ok := o.Service(i.Service); ok {
		return service.Lease
	}
	return incident.DefaultLease
}

// FirstAdmin is who acts when nobody is named: the first admin in the file's
// order.
func (o *Organisation) FirstAdmin() (responder.User, bool) {
	i := slices.IndexFunc(o.Users, func(u responder.User) bool { return u.Role == responder.Admin })
	if i < 0 {
		return responder.User{}, false
	}
	return o.Users[i], true
}

// Rosters lists, for each level of a policy, who is on call at an instant and
// until when that holds: a hand-off, or the
// edge of an absence. Users who stand in several targets of a level count
// once; those who are no longer known are left out.
func (o *Organisation) Rosters(p escalation.Policy, now time.Time) []escalation.Roster {
	rosters := make([]escalation.Roster, len(p.Levels))
	for i, level := range p.Levels {
		r := &rosters[i]
		for _, target := range level.Targets {
			users, until := o.members(target, now)
			if level.InTurn {
				r.Targets = append(r.Targets, o.thoseKnown(users))
			}
			for _, u := range users {
				if _, known := o.users[u]; known && !slices.Contains(r.Users, u) {
					r.Users = append(r.Users, u)
				}
			}
			r.Until = sooner(r.Until, until)
		}
		for _, u := range r.Users {
			r.Until = sooner(r.Until, o.dutyChange(u, now))
		}
	}
	return rosters
}

// sooner gives the earlier of two times; zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// thoseKnown leaves out users who are no longer there.
func (o *Organisation) thoseKnown(users []responder.UserID) []responder.UserID {
	return slices.DeleteFunc(slices.Clone(users), func(u responder.UserID) bool {
		_, known := o.users[u]
		return !known
	})
}

func (o *Organisation) members(t escalation.Target, now time.Time) ([]responder.UserID, time.Time) {
	switch {
	case t.User != "":
		return []responder.UserID{t.User}, time.Time{}
	case t.Team != "":
		team, _ := o.Team(t.Team)
		return team.Members, time.Time{}
	}
	s, ok := o.Schedule(schedule.ID(t.Schedule))
	if !ok {
		return nil, time.Time{}
	}
	until := s.Until(now)
	if user, _ := s.At(now); user != "" {
		return []responder.UserID{user}, until
	}
	return nil, until
}
