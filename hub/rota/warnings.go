package rota

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// outlook is how far ahead warnings look.
const outlook = 90 * 24 * time.Hour

// maxWarnings is how many warnings of one sort are given before they are counted.
const maxWarnings = 10

// Warnings says what to beware of once the plan is applied: it is valid, but
// pages might go astray. Each is one line.
func (p Plan) Warnings(now time.Time) []string {
	v := view{Documents: p.Documents, gateways: p.gateways, now: now, shifts: map[ID][]schedule.Shift{}, teams: map[ID]TeamDoc{}}
	for _, s := range p.Documents.Schedules {
		v.shifts[s.ID] = shiftsOf(p.Documents, s, p.absences, now)
	}
	for _, t := range p.Documents.Teams {
		v.teams[t.ID] = t
	}
	v.find()
	var list []string
	for _, part := range [][]string{
		v.silentPolicies(), v.scheduleGaps(), p.away(now), v.sameUsers(), p.movedShifts(v),
		v.withoutWakes(), v.nowhere(), v.noAdmin(), v.lostOverrides(), v.withoutGateway(),
		p.Documents.notActedOn(),
	} {
		if len(part) > maxWarnings {
			part = append(part[:maxWarnings:maxWarnings], fmt.Sprintf("… and %d more like the last one", len(part)-maxWarnings))
		}
		list = append(list, part...)
	}
	return list
}

// view is the documents as they will play out from now on.
type view struct {
	Documents
	gateways []string
	now      time.Time
	shifts   map[ID][]schedule.Shift // of each schedule, tiling the outlook
	teams    map[ID]TeamDoc
	services map[ID][]string // by policy
	urgent   map[ID]bool     // policies of services that can be of high urgency
}

func (v *view) find() {
	v.services, v.urgent = map[ID][]string{}, map[ID]bool{}
	for _, s := range v.Services {
		v.services[s.EscalationPolicy] = append(v.services[s.EscalationPolicy], string(s.ID))
		if s.Urgency != UrgencyLow {
			v.urgent[s.EscalationPolicy] = true
		}
	}
}

// shiftsOf gives a schedule's stretches of the outlook, those with nobody too;
// none for one that cannot be built, which would be told elsewhere.
func shiftsOf(d Documents, s ScheduleDoc, absences []responder.Absence, now time.Time) []schedule.Shift {
	built := d.built(s, absences)
	if built == nil {
		return nil
	}
	return slices.Collect(built.Stretches(now, now.Add(outlook)))
}

// silentPolicies lists policies under which an incident may come to a time at
// which nobody is paged but the catch-all, or nobody at all.
func (v view) silentPolicies() []string {
	var list []string
	for _, p := range v.Policies {
		services := v.services[p.ID]
		if len(services) == 0 {
			continue
		}
		if gaps := v.policyGaps(p); total(gaps) == outlook {
			list = append(list, fmt.Sprintf("escalation policy %s: nobody is on call on any level in the next 90 days; only the catch-all is paged for %s", p.ID, names(services)))
		} else if len(gaps) > 0 {
			list = append(list, fmt.Sprintf("escalation policy %s: nobody is on call on any level %s; then only the catch-all is paged for %s", p.ID, describe(gaps), names(services)))
		}
		if p.WhenExhausted == escalation.Stop {
			round := Duration(0)
			for _, l := range p.Levels {
				round += l.Timeout
			}
			list = append(list, fmt.Sprintf("escalation policy %s: goes silent %s after the trigger (when_exhausted: stop): nobody is paged any more, although nobody has acknowledged", p.ID, lasting(time.Duration(round)*time.Duration(p.Repeat+1))))
		}
	}
	return list
}

func (v view) scheduleGaps() []string {
	var list []string
	for _, s := range v.Schedules {
		if gaps := gapsOf(v.shifts[s.ID]); len(gaps) > 0 {
			list = append(list, fmt.Sprintf("schedule %s: nobody is on call %s", s.ID, describe(gaps)))
		}
	}
	return list
}

// sameUsers lists policies whose later level pages nobody new for some time.
func (v view) sameUsers() []string {
	var list []string
	for _, p := range v.Policies {
		for j := range p.Levels {
			for i := range j {
				a, b := v.alone(p.Levels[i]), v.alone(p.Levels[j])
				var same []schedule.Shift
				overlay(a, b, func(start, end time.Time, ua, ub responder.UserID) {
					if ua == ub && ua != "" {
						same = append(same, schedule.Shift{Start: start, End: end})
					}
				})
				if len(same) > 0 {
					list = append(list, fmt.Sprintf("escalation policy %s: levels %d and %d are the same user %s", p.ID, i+1, j+1, describe(same)))
				}
			}
		}
	}
	return list
}

// alone gives who the only user of a level is over the outlook; none for a level
// with several targets or a team.
func (v view) alone(l Level) []schedule.Shift {
	if len(l.Targets) != 1 {
		return nil
	}
	t := l.Targets[0]
	if t.User != "" {
		return []schedule.Shift{{Start: v.now, End: v.now.Add(outlook), User: responder.UserID(t.User)}}
	}
	return v.shifts[t.Schedule]
}

// policyGaps lists when no level of a policy has anybody.
func (v view) policyGaps(p PolicyDoc) []schedule.Shift {
	gaps := []schedule.Shift{{Start: v.now, End: v.now.Add(outlook)}}
	for _, l := range p.Levels {
		for _, t := range l.Targets {
			if t.User != "" || t.Team != "" && len(v.teams[t.Team].Members) > 0 {
				return nil
			}
			if t.Schedule == "" {
				continue // a team without members
			}
			var both []schedule.Shift
			overlay(gaps, gapsOf(v.shifts[t.Schedule]), func(start, end time.Time, _, _ responder.UserID) {
				both = append(both, schedule.Shift{Start: start, End: end})
			})
			gaps = both
		}
	}
	return gaps
}

// movedShifts tells whose shifts change in schedules that stand already.
func (p Plan) movedShifts(v view) []string {
	old := map[ID]ScheduleDoc{}
	for _, s := range p.current.Schedules {
		old[s.ID] = s
	}
	changed, people := map[string]bool{}, map[string]bool{}
	for _, c := range p.Changes {
		changed[c.ID] = changed[c.ID] || c.Kind == KindSchedule
		people[c.ID] = people[c.ID] || c.Kind == KindUser // whose absences may have changed
	}
	var list []string
	for _, s := range p.Documents.Schedules {
		before, known := old[s.ID]
		if !known || !changed[string(s.ID)] && !s.hasAny(people) {
			continue
		}
		var first time.Time
		gives, takes := map[string]time.Duration{}, map[string]time.Duration{}
		overlay(shiftsOf(p.current, before, p.absences, v.now), v.shifts[s.ID], func(start, end time.Time, was, is responder.UserID) {
			if was == is {
				return
			}
			if first.IsZero() {
				first = start
			}
			gives[string(was)] += end.Sub(start)
			takes[string(is)] += end.Sub(start)
		})
		if !first.IsZero() {
			list = append(list, fmt.Sprintf("schedule %s: shifts move in the next 90 days, first on %s: %s", s.ID, stamp(first), moves(gives, takes)))
		}
	}
	return list
}

// hasAny reports whether one of some users takes part.
func (s ScheduleDoc) hasAny(users map[string]bool) bool {
	return slices.ContainsFunc(s.Layers, func(l Layer) bool {
		return slices.ContainsFunc(l.Participants, func(u ID) bool { return users[string(u)] })
	})
}

func moves(gives, takes map[string]time.Duration) string {
	var parts []string
	for _, u := range sortedKeys(gives, takes) {
		if u == "" {
			continue
		}
		var what []string
		if d := gives[u]; d > 0 {
			what = append(what, "gives "+lasting(d))
		}
		if d := takes[u]; d > 0 {
			what = append(what, "takes "+lasting(d))
		}
		parts = append(parts, u+" "+strings.Join(what, " and "))
	}
	return strings.Join(parts, ", ")
}
