package rota

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// OffboardRequest asks for a user to be taken out of everything.
type OffboardRequest struct {
	User        string
	ReplaceWith string            // who takes over, everywhere
	In          map[string]string // … or in one place: schedule/web, policy/web, team/web, catch_all
	DryRun      bool
	LeaveGaps   bool // go on although nobody is on call for a while then
	By          string
}

// Stood is one place in which the user stood.
type Stood struct {
	Place string           // as In names it
	What  string           // what the user was there
	Then  string           // what becomes of it
	By    responder.UserID // who takes over; "" for nobody
}

// leaving takes a user out of documents.
type leaving struct {
	OffboardRequest
	absences []responder.Absence // that are not over
	now      time.Time
	before   Documents
	after    Documents

	stood  []Stood
	holes  []string // that would be left
	places map[string]bool
}

// leave plans it: what the documents are without the user, and what would be left
// open. The documents given stay as they are.
func (d Documents) leave(r OffboardRequest, absences []responder.Absence, now time.Time) *leaving {
	l := &leaving{OffboardRequest: r, absences: absences, now: now, before: d, after: d, places: map[string]bool{}}
	l.after.Users = slices.DeleteFunc(slices.Clone(d.Users), func(u UserDoc) bool { return string(u.ID) == r.User })
	l.organisation()
	l.teams()
	l.policies()
	l.schedules()
	l.overrides()
	l.recurring()
	for _, place := range slices.Sorted(maps.Keys(r.In)) {
		if !l.places[place] {
			l.holes = append(l.holes, fmt.Sprintf("--in %s: %s does not stand there%s", place, r.User, didYouMean(place, maps.Keys(l.places))))
		}
	}
	return l
}

// instead is who takes over in a place; "" for nobody.
func (l *leaving) instead(place string) ID {
	l.places[place] = true
	if u, named := l.In[place]; named {
		return ID(u)
	}
	return ID(l.ReplaceWith)
}

// is reports whether an id is the user's.
func (l *leaving) is(id ID) bool { return string(id) == l.User }

func (l *leaving) note(place, what string, by ID) {
	then := "removed"
	if by != "" {
		then = string(by) + " takes over"
	}
	l.stood = append(l.stood, Stood{place, what, then, responder.UserID(by)})
}

func (l *leaving) hole(place, format string, args ...any) {
	l.holes = append(l.holes, fmt.Sprintf("%s: %s; name who takes over: --in %s=USER, or --replace-with USER", place, fmt.Sprintf(format, args...), place))
}

// without takes the user off a list in which everybody stands once.
func (l *leaving) without(list []ID, by ID) []ID {
	var out []ID
	for _, id := range list {
		if l.is(id) {
			id = by
		}
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (l *leaving) organisation() {
	org := &l.after.Organisation
	if slices.ContainsFunc(org.CatchAll, l.is) {
		by := l.instead("catch_all")
		org.CatchAll = l.without(org.CatchAll, by)
		l.note("catch_all", "catch-all", by)
		if len(org.CatchAll) == 0 {
			l.hole("catch_all", "%s is the only one whom everything ends with", l.User)
		}
	}
	admin := func(u UserDoc) bool { return u.Role == responder.Admin }
	if slices.ContainsFunc(l.before.Users, admin) && !slices.ContainsFunc(l.after.Users, admin) {
		l.holes = append(l.holes, fmt.Sprintf("%s is the only admin; give somebody else the role admin first, in the file that hub apply takes", l.User))
	}
}

func (l *leaving) teams() {
	l.after.Teams = slices.Clone(l.after.Teams)
	for i := range l.after.Teams {
		t := &l.after.Teams[i]
		place := "team/" + string(t.ID)
		for _, list := range []struct {
			what string
			ids  *[]ID
		}{{"manager", &t.Managers}, {"member", &t.Members}} {
			if !slices.ContainsFunc(*list.ids, l.is) {
				continue
			}
			by := l.instead(place)
			*list.ids = l.without(*list.ids, by)
			l.note(place, list.what, by)
		}
		if len(t.Members) == 0 && len(l.before.Teams[i].Members) > 0 && l.paged(t.ID) {
			l.hole(place, "%s is the last member, and escalation policies page the team", l.User)
		}
	}
}

// paged reports whether a policy pages a team.
func (l *leaving) paged(team ID) bool {
	for _, p := range l.before.Policies {
		for _, level := range p.Levels {
			if slices.ContainsFunc(level.Targets, func(t Target) bool { return t.Team == team }) {
				return true
			}
		}
	}
	return false
}

func (l *leaving) policies() {
	l.after.Policies = slices.Clone(l.after.Policies)
	for i := range l.after.Policies {
		p := &l.after.Policies[i]
		place := "policy/" + string(p.ID)
		p.Levels = slices.Clone(p.Levels)
		for n := range p.Levels {
			level := &p.Levels[n]
			if !slices.ContainsFunc(level.Targets, func(t Target) bool { return l.is(t.User) }) {
				continue
			}
			by := l.instead(place)
			var targets []Target
			for _, t := range level.Targets {
				if l.is(t.User) {
					t = Target{User: by}
				}
				if t != (Target{}) && !slices.Contains(targets, t) {
					targets = append(targets, t)
				}
			}
			level.Targets = targets
			l.note(place, fmt.Sprintf("level %d", n+1), by)
			if len(targets) == 0 {
				l.hole(place, "%s stands alone on level %d", l.User, n+1)
			}
		}
	}
}

func (l *leaving) schedules() {
	l.after.Schedules = slices.Clone(l.after.Schedules)
	for i := range l.after.Schedules {
		s := &l.after.Schedules[i]
		before := *s
		s.Layers = slices.Clone(s.Layers)
		for n := range s.Layers {
			layer := &s.Layers[n]
			if slices.ContainsFunc(layer.Participants, l.is) {
				layer.Participants = l.rotation(before, *layer)
			}
		}
		s.Layers = slices.DeleteFunc(s.Layers, func(layer Layer) bool { return layer.Participants == nil })
		s.Overrides = l.fileOverrides(before)
	}
}

// rotation gives the participants of a layer without the user. Somebody named takes
// the user's turns, from now on. With nobody named the others keep their order from
// the present turn: who would follow next follows next, and takes what is left of
// the user's present turn. nil where the layer is over.
func (l *leaving) rotation(s ScheduleDoc, layer Layer) []ID {
	place, what := "schedule/"+string(s.ID), fmt.Sprintf("rotation %q", layer.Name)
	by := l.instead(place)
	if by != "" {
		l.note(place, what, by)
		list := slices.Clone(layer.Participants)
		for i := range list {
			if l.is(list[i]) {
				list[i] = by
			}
		}
		return list
	}
	people := slices.DeleteFunc(slices.Clone(layer.Participants), func(id ID) bool { return l.is(id) })
	alone := !slices.ContainsFunc(people, func(id ID) bool { return id != "" })
	if until, err := layer.Until.in(s.zone()); err == nil && layer.Until != "" && !until.After(l.now) {
		if l.note(place, what, ""); alone { // over: only what is to come matters
			return nil
		}
		return people
	}
	if alone {
		l.hole(place, "%s is the only one in the rotation %q", l.User, layer.Name)
		return people
	}
	built, err := s.build()
	at := slices.IndexFunc(s.Layers, func(o Layer) bool { return o.Name == layer.Name })
	if err != nil || at < 0 {
		return people // what stands was checked
	}
	turn := built.Turn(built.Layers[at].Rotation, l.now)
	l.note(place, what, "")
	order := l.order(layer.Participants, turn)
	l.present(s, layer, order, turn)
	return order
}

// order turns the remaining participants so that the turn after the present one is
// the same person's as before, or the next one's.
func (l *leaving) order(list []ID, turn schedule.Turn) []ID {
	var rest []ID
	for i := range list {
		if id := list[mod(turn.Next+int64(i), len(list))]; !l.is(id) {
			rest = append(rest, id)
		}
	}
	out := make([]ID, len(rest))
	for i := range rest {
		out[mod(turn.Next+int64(i), len(rest))] = rest[i]
	}
	return out
}

func mod(n int64, m int) int { return int(((n % int64(m)) + int64(m)) % int64(m)) }

// present gives what is left of the user's present turn to who follows, or who takes
// over from them as they are away: as if the next turn had begun.
func (l *leaving) present(s ScheduleDoc, layer Layer, order []ID, turn schedule.Turn) {
	ahead := int64(1)
	for range order {
		if order[mod(turn.Next+ahead-1, len(order))] != "" {
			break
		}
		ahead++
	}
	early := s
	early.Layers = slices.Clone(s.Layers)
	for n := range early.Layers {
		if early.Layers[n].Name != layer.Name {
			continue
		}
		early.Layers[n].Participants = make([]ID, len(order))
		for i := range order {
			early.Layers[n].Participants[i] = order[mod(int64(i)+ahead, len(order))]
		}
	}
	built, instead := l.before.built(s, l.absences), l.before.built(early, l.absences)
	if built == nil || instead == nil {
		return // what stands was checked
	}
	for _, f := range built.Shifts(l.now, turn.End) {
		if !l.is(ID(f.User)) || f.Source.Layer != string(layer.Name) {
			continue
		}
		for _, g := range instead.Shifts(f.Start, f.End) {
			if g.User == "" || l.is(ID(g.User)) || g.Source.Layer != string(layer.Name) {
				continue
			}
			l.after.Overrides = append(slices.Clip(l.after.Overrides), OverrideDoc{
				ID: l.after.freshOverrideID(), Schedule: s.ID, Start: instant(g.Start), End: instant(g.End), User: ID(g.User), By: ID(l.By), Made: instant(l.now),
			})
			l.stood = append(l.stood, Stood{"schedule/" + string(s.ID), fmt.Sprintf("on call until %s", stamp(g.End)), string(g.User) + " takes over", g.User})
		}
	}
}

// fileOverrides gives a schedule's own overrides without the user.
func (l *leaving) fileOverrides(s ScheduleDoc) []Override {
	var list []Override
	for _, o := range s.Overrides {
		if !l.is(o.User) && !l.is(o.Replaces) {
			list = append(list, o)
			continue
		}
		end, err := o.End.in(s.zone())
		if user, replaces, keep := l.override(s.ID, o.ID, o.User, o.Replaces, err == nil && !end.After(l.now)); keep {
			o.User, o.Replaces = user, replaces
			list = append(list, o)
		}
	}
	return list
}

// overrides takes the user out of those that people made.
func (l *leaving) overrides() {
	var list []OverrideDoc
	for _, o := range l.after.Overrides {
		if !l.is(o.User) && !l.is(o.Replaces) {
			list = append(list, o)
			continue
		}
		end, err := o.End.in(time.UTC)
		if user, replaces, keep := l.override(o.Schedule, o.ID, o.User, o.Replaces, err == nil && !end.After(l.now)); keep {
			o.User, o.Replaces = user, replaces
			list = append(list, o)
		}
	}
	l.after.Overrides = list
}

// recurring ends the absences that come again, and the exceptions to them: somebody
// who comes back under the same name must not be away by them.
func (l *leaving) recurring() {
	l.after.Absences = slices.DeleteFunc(slices.Clone(l.after.Absences), func(a AbsenceDoc) bool {
		if l.is(a.User) {
			l.stood = append(l.stood, Stood{"absence/" + string(a.ID), "away " + a.String(), "removed", ""})
		}
		return l.is(a.User)
	})
	l.after.Presences = slices.DeleteFunc(slices.Clone(l.after.Presences), func(p PresenceDoc) bool { return l.is(p.User) })
}

// override says what becomes of one that names the user. One that is over goes: it
// has done what it did.
func (l *leaving) override(s, id, user, replaces ID, over bool) (newUser, newReplaces ID, keep bool) {
	if over {
		return "", "", false
	}
	by := l.instead("schedule/" + string(s))
	if l.is(user) {
		user = by
	}
	if l.is(replaces) {
		replaces = by
	}
	what := fmt.Sprintf("override %s", id)
	if user == "" || replaces == "" && by == "" || user == replaces {
		by = ""
	}
	l.note("schedule/"+string(s), what, by)
	return user, replaces, by != ""
}

// gaps are the holes that moved shifts would leave: where somebody was on call,
// nobody would be, as those who follow are away, or went off duty.
func (r OffboardRequest) gaps(moves []Move, absences []responder.Absence) []string {
	if r.LeaveGaps {
		return nil
	}
	var holes []string
	for _, m := range moves {
		why := ""
		i := slices.IndexFunc(absences, func(a responder.Absence) bool {
			return a.User == m.Is && a.Start.Before(m.End) && a.End.After(m.Start)
		})
		switch {
		case m.Is == "":
		case i >= 0: // one that was planned would have given the shift to somebody else
			why = fmt.Sprintf(", and is off duty until %s", stamp(absences[i].End))
		default:
			continue
		}
		holes = append(holes, fmt.Sprintf("%s%s; make an override for then, name who takes over with --in or --replace-with, or go on with --leave-gaps", m, why))
	}
	return holes
}

// holesErr tells what would be left open, a line each; nil if nothing would.
func holesErr(user string, holes []string) error {
	if len(holes) == 0 {
		return nil
	}
	return invalid("%s would leave holes:\n%s", user, strings.Join(holes, "\n"))
}
