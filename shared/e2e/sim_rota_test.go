package e2e

import (
	"fmt"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// Who is on call: users, teams and schedules as targets, absences planned and
// sudden. The hub asks the real organisation; the checker reckons for itself.

// simSchedule is one rotation of hourly turns, and overrides.
type simSchedule struct {
	start     time.Time
	hours     int
	turns     []responder.UserID // "" is a gap on purpose
	gaps      bool               // the turn of who is absent stays empty
	overrides []schedule.Override
}

func (set *simSetup) drawRota(s *sim) {
	all := func() []responder.UserID {
		var ids []responder.UserID
		for _, u := range set.users {
			ids = append(ids, u.id)
		}
		s.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		return ids
	}
	for n := range 2 {
		members := all()
		if s.chance(0.7) {
			members = members[:s.IntN(len(members))+1]
		}
		set.teams = append(set.teams, responder.Team{ID: responder.TeamID(fmt.Sprintf("team-%d", n)), Members: members})
	}
	for range 3 {
		set.schedules = append(set.schedules, drawSchedule(s, *set, all()))
	}
	for _, u := range set.users {
		if s.chance(0.15) {
			start := simEpoch.Add(s.between(-30*time.Minute, set.horizon))
			ahead := simPick(s, 48*time.Hour, 2*time.Hour) // less than a day: the schedules do not reckon with it
			set.absences = append(set.absences, responder.Absence{
				ID: "planned-" + string(u.id), User: u.id, Start: start, End: start.Add(s.between(time.Minute, 40*time.Minute)), Made: start.Add(-ahead),
			})
		}
	}
}

func drawSchedule(s *sim, set simSetup, users []responder.UserID) simSchedule {
	c := simSchedule{start: simEpoch.Add(-time.Duration(s.IntN(300)) * time.Minute), hours: s.IntN(2) + 1, gaps: s.chance(0.3)}
	if s.chance(0.8) {
		c.turns = users[:s.IntN(len(users))+1]
		if s.chance(0.2) {
			c.turns = append(slices.Clip(c.turns), "")
		}
	}
	for n := range simPick(s, 0, 0, 1, 2, 4) {
		start := simEpoch.Add(s.between(-time.Minute, set.horizon))
		c.overrides = append(c.overrides, schedule.Override{
			ID: fmt.Sprint(n), Start: start, End: start.Add(s.between(10*time.Second, set.horizon/2)), User: simPick(s, users...),
		})
	}
	return c
}

func drawTarget(s *sim, set simSetup) escalation.Target {
	switch x := s.Float64(); {
	case x < 0.45:
		return escalation.Target{Schedule: fmt.Sprint(s.IntN(len(set.schedules)))}
	case x < 0.8:
		return escalation.Target{User: simPick(s, set.users...).id}
	}
	return escalation.Target{Team: simPick(s, set.teams...).ID}
}

// organisation is what the hub looks people up in.
func (set simSetup) organisation(absences []responder.Absence, windows []organisation.Window) *organisation.Organisation {
	o := organisation.Set{Revision: 1, Windows: windows, SupportHours: set.supportHours(), CatchAll: set.catchAll, Teams: set.teams, Absences: absences, Gateways: set.carried, Policies: []escalation.Policy{set.policy}}
	for _, u := range set.users {
		o.Users = append(o.Users, u.account)
		for _, d := range u.devices {
			o.Devices = append(o.Devices, responder.Device{ID: d, User: u.id})
		}
	}
	planned := slices.DeleteFunc(slices.Clone(absences), func(a responder.Absence) bool { return !simPlanned(a) })
	for n, c := range set.schedules {
		built := &schedule.Schedule{ID: schedule.ID(fmt.Sprint(n)), Overrides: c.overrides}
		if c.gaps {
			built.WhenAbsent = schedule.Gap
		}
		if len(c.turns) > 0 {
			at := c.start
			built.Layers = []schedule.Layer{{Name: "layer", Participants: c.turns, Rotation: schedule.Rotation{Kind: schedule.Hourly, Length: c.hours,
				Start: schedule.Civil{Year: at.Year(), Month: at.Month(), Day: at.Day(), Hour: at.Hour(), Minute: at.Minute()}}}}
		}
		for _, a := range planned {
			if slices.Contains(c.turns, a.User) {
				built.Absences = append(built.Absences, a)
			}
		}
		o.Schedules = append(o.Schedules, built)
	}
	return organisation.New(o)
}

func simPlanned(a responder.Absence) bool { return a.Start.Sub(a.Made) >= 24*time.Hour }

// The checker's own reckoning.

// simRoster is who is on call for a level.
type simRoster struct {
	users   []responder.UserID
	targets [][]responder.UserID // of a round-robin level
}

// roster is who is on call for a level of a policy, counted from 1, by the hub's
// clock.
func (s *sim) roster(p escalation.Policy, level int, wall time.Time) (r simRoster) {
	if level < 1 || level > len(p.Levels) {
		return r
	}
	l := p.Levels[level-1]
	for _, t := range l.Targets {
		users := s.named(t, wall)
		if l.InTurn {
			r.targets = append(r.targets, users)
		}
		for _, u := range users {
			if !slices.Contains(r.users, u) {
				r.users = append(r.users, u)
			}
		}
	}
	return r
}

// named are those whom a target stands for.
func (s *sim) named(t escalation.Target, wall time.Time) []responder.UserID {
	switch {
	case t.User != "":
		return []responder.UserID{t.User}
	case t.Team != "":
		return s.set.teams[slices.IndexFunc(s.set.teams, func(o responder.Team) bool { return o.ID == t.Team })].Members
	}
	var n int
	_, _ = fmt.Sscan(t.Schedule, &n)
	if u := s.takesTurn(s.set.schedules[n], wall); u != "" {
		return []responder.UserID{u}
	}
	return nil
}

// takesTurn is who is on call by a schedule: of the overrides the newest, else
// whose turn it is, or the next who is there.
func (s *sim) takesTurn(c simSchedule, wall time.Time) responder.UserID {
	for _, o := range slices.Backward(c.overrides) {
		if !wall.Before(o.Start) && wall.Before(o.End) {
			return o.User
		}
	}
	if len(c.turns) == 0 || wall.Before(c.start) {
		return ""
	}
	turn := int(wall.Sub(c.start) / (time.Duration(c.hours) * time.Hour))
	for n := range c.turns {
		u := c.turns[(turn+n)%len(c.turns)]
		if away := u != "" && s.absent(u, wall, true); !away && (u != "" || n == 0) {
			return u
		}
		if n == 0 && c.gaps {
			return ""
		}
	}
	return ""
}

// off reports whether a user is off duty.
func (s *sim) off(u responder.UserID, wall time.Time) bool { return s.absent(u, wall, false) }

func (s *sim) absent(u responder.UserID, wall time.Time, planned bool) bool {
	return slices.ContainsFunc(s.hub.store.absences, func(a responder.Absence) bool {
		return a.User == u && a.Covers(wall) && (!planned || simPlanned(a))
	})
}
