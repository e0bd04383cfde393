// Package callsheet writes down who is on call in the next days, with telephone
// numbers and the order of escalation: for the hour in which the hub is gone.
//
// It is part of the core: values in, values out, now is a parameter.
package callsheet

import (
	"slices"
	"strings"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/readiness"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// Days bounds for how many days a sheet is made.
const (
	Days    = 7
	MaxDays = 62
)

// Sheet is who is on call in the next days.
type Sheet struct {
	Name      string // of the organisation
	Made      time.Time
	Days      int
	Schedules []Schedule
	Services  []Service
	CatchAll  []Person
}

// Schedule lists one schedule's shifts that are not over; one that runs begins at
// the earliest today, in the schedule's zone.
type Schedule struct {
	ID     schedule.ID
	Name   string
	Zone   string // its IANA name
	Shifts []Shift
	teams  []responder.TeamID
	users  []responder.UserID
}

// Shift is a stretch [Start, End) in which a person is on call, or nobody. Times
// are in the schedule's zone; a zero End is beyond the sheet.
type Shift struct {
	Start  time.Time
	End    time.Time
	Nobody bool
	Person
}

// Person is somebody with the numbers by which people reach each other.
type Person struct {
	ID      responder.UserID
	Name    string
	Numbers []string
	Mail    string
	// Away is until when they are off duty, when their shift begins or now; zero: they
	// are not. Nobody pages them till then.
	Away time.Time
}

// Service is something that can break, and who is to be called, in this order.
type Service struct {
	ID     incident.ServiceID
	Name   string
	Levels []Level
	teams  []responder.TeamID
	lists  []schedule.ID
	users  []responder.UserID
}

// Level is one step of the escalation.
type Level struct {
	Wait    time.Duration // until the next one
	Targets []Target
}

// Target is a schedule, whose shifts stand in the sheet, or people.
type Target struct {
	Schedule string // its name
	People   []Person
}

// Make writes down the whole organisation's sheet for so many days from now.
func Make(org *organisation.Organisation, now time.Time, days int) Sheet {
	s := Sheet{Name: org.Name, Made: now, Days: min(max(days, 1), MaxDays), CatchAll: people(org, org.CatchAll, now)}
	if s.Name == "" {
		s.Name = "Tocsin"
	}
	for _, one := range org.Schedules {
		s.Schedules = append(s.Schedules, scheduleOf(org, one, now, s.Days))
	}
	for _, one := range org.Services {
		s.Services = append(s.Services, serviceOf(org, one, now))
	}
	return s
}

func scheduleOf(org *organisation.Organisation, s *schedule.Schedule, now time.Time, days int) Schedule {
	zone := s.Zone
	if zone == nil {
		zone = time.UTC
	}
	at := now.In(zone)
	from := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)
	to := time.Date(at.Year(), at.Month(), at.Day()+days, 0, 0, 0, 0, zone)
	out := Schedule{ID: s.ID, Name: s.Name, Zone: zone.String(), teams: readiness.TeamsOf(org, s.ID)}
	for _, f := range schedule.Join(slices.Collect(s.Stretches(from, to))) {
		if !f.End.After(now) { // who was on call is not reckoned anew
			continue
		}
		shift := Shift{Start: f.Start, End: f.End, Nobody: f.User == "", Person: person(org, f.User, later(now, f.Start), zone)}
		if !f.End.Before(to) {
			shift.End = s.Until(f.Start).In(zone)
			if s.Until(f.Start).IsZero() {
				shift.End = time.Time{}
			}
		}
		out.Shifts = append(out.Shifts, shift)
		if f.User != "" && !slices.Contains(out.users, f.User) {
			out.users = append(out.users, f.User)
		}
	}
	return out
}

func serviceOf(org *organisation.Organisation, s incident.Service, now time.Time) Service {
	out := Service{ID: s.ID, Name: s.Name, teams: []responder.TeamID{s.Team}}
	p, _ := org.Policy(escalation.PolicyID(s.Policy))
	for _, l := range p.Levels {
		level := Level{Wait: l.Timeout}
		for _, t := range l.Targets {
			switch {
			case t.User != "":
				level.Targets = append(level.Targets, Target{People: people(org, []responder.UserID{t.User}, now)})
				out.users = append(out.users, t.User)
			case t.Team != "":
				team, _ := org.Team(t.Team)
				level.Targets = append(level.Targets, Target{People: people(org, team.Members, now)})
				out.teams = append(out.teams, t.Team)
			default:
				name := t.Schedule
				if sched, ok := org.Schedule(schedule.ID(t.Schedule)); ok {
					name = sched.Name
				}
				level.Targets = append(level.Targets, Target{Schedule: name})
				out.lists = append(out.lists, schedule.ID(t.Schedule))
			}
		}
		out.Levels = append(out.Levels, level)
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func people(org *organisation.Organisation, users []responder.UserID, now time.Time) []Person {
	var list []Person
	for _, u := range users {
		user, _ := org.User(u)
		list = append(list, person(org, u, now, user.Zone()))
	}
	return list
}

// person gives the numbers that a telephone can dial, each once, and whether they are
// off duty at an instant.
func person(org *organisation.Organisation, id responder.UserID, at time.Time, zone *time.Location) Person {
	u, _ := org.User(id)
	p := Person{ID: id, Name: org.UserName(id), Mail: u.Email}
	if away, off := org.AbsenceAt(id, at); off {
		p.Away = away.End.In(zone)
	}
	for _, m := range u.ContactMethods {
		switch m.Kind {
		case responder.KindPhone, responder.KindSMS:
			if number := strings.TrimSpace(m.Address); !slices.Contains(p.Numbers, number) {
				p.Numbers = append(p.Numbers, number)
			}
		case responder.KindEmail:
			if p.Mail == "" {
				p.Mail = m.Address
			}
		}
	}
	return p
}

// For is the part of a sheet that a user keeps: the schedules and services of their
// teams, those for which they are on call, and what those services page by.
func (s Sheet) For(org *organisation.Organisation, u responder.UserID) Sheet {
	mine := func(teams []responder.TeamID) bool {
		return slices.ContainsFunc(teams, func(id responder.TeamID) bool { team, _ := org.Team(id); return team.Has(u) })
	}
	out := s
	out.Schedules, out.Services = nil, nil
	keep := map[schedule.ID]bool{}
	for _, one := range s.Schedules {
		keep[one.ID] = mine(one.teams) || slices.Contains(one.users, u)
	}
	for _, one := range s.Services {
		own := func(id schedule.ID) bool { return keep[id] }
		if !mine(one.teams) && !slices.Contains(one.users, u) && !slices.ContainsFunc(one.lists, own) {
			continue
		}
		out.Services = append(out.Services, one)
	}
	for _, one := range out.Services {
		for _, id := range one.lists {
			keep[id] = true
		}
	}
	for _, one := range s.Schedules {
		if keep[one.ID] {
			out.Schedules = append(out.Schedules, one)
		}
	}
	if len(out.Services) == 0 && len(out.Schedules) == 0 {
		out.CatchAll = nil
	}
	return out
}

// Empty reports whether a sheet tells of nobody.
func (s Sheet) Empty() bool { return len(s.Schedules) == 0 && len(s.Services) == 0 }
