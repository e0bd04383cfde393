package organisation

import (
	"cmp"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// Stand is a schedule in which a user is on call within a span, and when.
type Stand struct {
	Schedule *schedule.Schedule
	Shifts   []schedule.Shift // joined, in order of time, cut to the span
}

// Stands lists the schedules in which a user is on call in [from, to).
func (o *Organisation) Stands(u responder.UserID, from, to time.Time) []Stand {
	var list []Stand
	for _, s := range o.Schedules {
		var shifts []schedule.Shift
		for _, f := range schedule.Join(s.Shifts(from, to)) {
			if f.User == u {
				shifts = append(shifts, f)
			}
		}
		if len(shifts) > 0 {
			list = append(list, Stand{s, shifts})
		}
	}
	return list
}

// FirstShift is when the first of some shifts begins; zero of none.
func FirstShift(stands []Stand) time.Time {
	var first time.Time
	for _, s := range stands {
		first = sooner(first, s.Shifts[0].Start)
	}
	return first
}

// LastShift is when the last of some shifts ends; zero of none.
func LastShift(stands []Stand) time.Time {
	var last time.Time
	for _, s := range stands {
		if end := s.Shifts[len(s.Shifts)-1].End; end.After(last) {
			last = end
		}
	}
	return last
}

// ByName lists the policies that name a user otherwise than by a schedule: what
// nobody else can be put in for.
func (o *Organisation) ByName(u responder.UserID) []escalation.Policy {
	var list []escalation.Policy
	for _, p := range o.Policies {
		if slices.ContainsFunc(p.Levels, func(l escalation.Level) bool {
			return slices.ContainsFunc(l.Targets, func(t escalation.Target) bool {
				team, _ := o.Team(t.Team)
				return t.User == u || t.Team != "" && slices.Contains(team.Members, u)
			})
		}) {
			list = append(list, p)
		}
	}
	return list
}

// managersTimeout is how long the managers are asked before they are again,
// where no policy says.
const managersTimeout = 5 * time.Minute

// CoverLevels says who is asked to take over a user's stands, level by level: of
// every policy that pages by one of these schedules the levels behind the user's
// own, as whoever is on call there when it is asked; after them the managers of
// the user's teams.
func (o *Organisation) CoverLevels(u responder.UserID, stands []Stand) []incident.CoverLevel {
	var levels []incident.CoverLevel
	for _, p := range o.Policies {
		n := slices.IndexFunc(p.Levels, func(l escalation.Level) bool { return pagesBy(l, stands) })
		if n < 0 {
			continue
		}
		for i, l := range p.Levels[n+1:] {
			if i == len(levels) {
				levels = append(levels, incident.CoverLevel{Timeout: l.Timeout})
			}
			levels[i].Timeout = min(levels[i].Timeout, l.Timeout)
			for _, t := range l.Targets {
				levels[i] = withTarget(levels[i], t, u, stands)
			}
		}
	}
	levels = slices.DeleteFunc(levels, func(l incident.CoverLevel) bool { return len(l.Users)+len(l.Teams)+len(l.Schedules) == 0 })
	if managers := o.managersOf(u, stands); len(managers) > 0 {
		wait := managersTimeout
		if n := len(levels); n > 0 {
			wait = levels[n-1].Timeout
		}
		levels = append(levels, incident.CoverLevel{Users: managers, Timeout: wait})
	}
	return levels
}

func pagesBy(l escalation.Level, stands []Stand) bool {
	return slices.ContainsFunc(l.Targets, func(t escalation.Target) bool { return among(t.Schedule, stands) })
}

func among(id string, stands []Stand) bool {
	return id != "" && slices.ContainsFunc(stands, func(s Stand) bool { return string(s.Schedule.ID) == id })
}

// withTarget adds a target that is not there yet. Who asks is not asked.
func withTarget(l incident.CoverLevel, t escalation.Target, u responder.UserID, stands []Stand) incident.CoverLevel {
	switch {
	case t.User != "" && t.User != u && !slices.Contains(l.Users, t.User):
		l.Users = append(l.Users, t.User)
	case t.Team != "" && !slices.Contains(l.Teams, t.Team):
		l.Teams = append(l.Teams, t.Team)
	case t.Schedule != "" && !slices.Contains(l.Schedules, t.Schedule) && !among(t.Schedule, stands):
		l.Schedules = append(l.Schedules, t.Schedule)
	}
	return l
}

// managersOf lists the managers of the teams that a user belongs to, or that own
// the schedules.
func (o *Organisation) managersOf(u responder.UserID, stands []Stand) []responder.UserID {
	var list []responder.UserID
	for _, t := range o.Teams {
		owns := slices.ContainsFunc(stands, func(s Stand) bool { return s.Schedule.Team == t.ID })
		if !owns && !slices.Contains(t.Members, u) {
			continue
		}
		for _, m := range t.Managers {
			if _, known := o.users[m]; known && m != u && !slices.Contains(list, m) {
				list = append(list, m)
			}
		}
	}
	return list
}

// ManagersOf lists the managers of a user's teams, each once, without the user.
func (o *Organisation) ManagersOf(u responder.UserID) []responder.UserID { return o.managersOf(u, nil) }

// NextLevel lists who is on call at an instant on the first level that has
// somebody on duty.
func (o *Organisation) NextLevel(levels []incident.CoverLevel, u responder.UserID, at time.Time) []responder.UserID {
	p := escalation.ForCover(incident.Cover{Of: u, Levels: levels})
	for _, r := range o.Rosters(p, at) {
		users := slices.DeleteFunc(slices.Clone(r.Users), func(other responder.UserID) bool {
			_, off := o.AbsenceAt(other, at)
			return other == u || off
		})
		if len(users) > 0 {
			return users
		}
	}
	return nil
}

// Colleagues lists whom a user may ask to take over these stands, the likeliest
// first: who shares a team or a schedule, is not on call then, and can be
// reached. Who is off duty now or when the first shift begins is left out.
// reachable says "yes", "no" or something else.
func (o *Organisation) Colleagues(u responder.UserID, stands []Stand, now time.Time, reachable func(responder.UserID) string) []responder.UserID {
	type candidate struct {
		id   responder.UserID
		rank int
	}
	at := now
	if first := FirstShift(stands); first.After(now) {
		at = first
	}
	var list []candidate
	for _, other := range o.Users {
		_, offNow := o.AbsenceAt(other.ID, now)
		_, offThen := o.AbsenceAt(other.ID, at)
		if other.ID == u || other.Role == responder.Observer || offNow || offThen {
			continue
		}
		c := candidate{id: other.ID, rank: map[string]int{"yes": 0, "no": 2}[reachable(other.ID)]}
		if reachable(other.ID) != "yes" && c.rank == 0 {
			c.rank = 1
		}
		if o.onCallIn(other.ID, stands) {
			c.rank += 10
		}
		if !o.nearTo(u, other.ID, stands) {
			c.rank += 100
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(a.rank, b.rank) })
	var ids []responder.UserID
	for _, c := range list {
		ids = append(ids, c.id)
	}
	return ids
}

// nearTo: they share a team, or take turns in one of the schedules.
func (o *Organisation) nearTo(u, other responder.UserID, stands []Stand) bool {
	for _, t := range o.Teams {
		if t.Has(u) && t.Has(other) {
			return true
		}
	}
	return slices.ContainsFunc(stands, func(s Stand) bool {
		return slices.ContainsFunc(s.Schedule.Layers, func(l schedule.Layer) bool { return slices.Contains(l.Participants, other) })
	})
}

// onCallIn: the user is on call somewhere when one of the shifts begins.
func (o *Organisation) onCallIn(u responder.UserID, stands []Stand) bool {
	for _, s := range stands {
		for _, f := range s.Shifts {
			for _, other := range o.Schedules {
				if on, _ := other.At(f.Start); on == u {
					return true
				}
			}
		}
	}
	return false
}

// forCover leaves out who asks: nobody is asked to take over from themselves. One
// colleague who is asked has nobody behind them.
func forCover(w escalation.World, c incident.Cover) escalation.World {
	without := func(users []responder.UserID) []responder.UserID {
		return slices.DeleteFunc(slices.Clone(users), func(u responder.UserID) bool { return u == c.Of })
	}
	if w.CatchAll = without(w.CatchAll); c.To != "" {
		w.CatchAll = nil
	}
	for i := range w.Levels {
		w.Levels[i].Users = without(w.Levels[i].Users)
		for j := range w.Levels[i].Targets { // where a person gave the request to such a policy
			w.Levels[i].Targets[j] = without(w.Levels[i].Targets[j])
		}
	}
	return w
}

// quietMethods adds the user's contact methods that a request which can wait is told
// by.
func (o *Organisation) quietMethods(u responder.UserID, list []escalation.Method) []escalation.Method {
	user, _ := o.User(u)
	for _, m := range user.Quiet(len(o.DevicesOf(u)) > 0, o.Carries) {
		if !slices.ContainsFunc(list, func(o escalation.Method) bool { return o.ID == m.ID }) {
			list = append(list, escalation.Method{ID: m.ID, After: responder.DefaultOtherAfter})
		}
	}
	slices.SortStableFunc(list, func(a, b escalation.Method) int { return cmp.Compare(a.After, b.After) })
	return list
}

// Hears reports whether anything tells a user of a request for cover of an urgency.
func (o *Organisation) Hears(u responder.UserID, urgency incident.Urgency) bool {
	user, _ := o.User(u)
	if len(o.DevicesOf(u)) > 0 {
		return true
	}
	methods := o.methods(user, urgency == incident.High)
	if urgency != incident.High {
		methods = o.quietMethods(u, methods)
	}
	return slices.ContainsFunc(methods, func(m escalation.Method) bool { return m.ID != responder.Devices })
}
