package pager

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// RosterDays is how far ahead an agent knows its user's shifts, so that it can
// tell that it matters when it has lost its hub.
const RosterDays = 14

// Waiting is a request to take over that a colleague has not answered.
type Waiting struct {
	For   string // the colleague's name
	Until time.Time
}

// DutyFrame says whether a user is off duty, and until when, or waits for a
// colleague's answer.
func DutyFrame(org *organisation.Organisation, u responder.UserID, now time.Time, w Waiting) *agentv1.WatchResponse {
	return &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Duty{Duty: DutyOf(org, u, now, w)}}
}

// DutyOf is the user's duty at an instant.
func DutyOf(org *organisation.Organisation, u responder.UserID, now time.Time, w Waiting) *agentv1.Duty {
	duty := &agentv1.Duty{WaitingFor: w.For, WaitingUntil: Stamp(w.Until)}
	if a, off := org.AbsenceAt(u, now); off {
		duty.OffDuty, duty.Until = true, Stamp(a.End)
	}
	return duty
}

// RosterFrame lists a user's shifts, and the policies that page the user at any
// time: by name, or as one of a team.
func RosterFrame(org *organisation.Organisation, u responder.UserID, now time.Time) *agentv1.WatchResponse {
	until := now.Add(RosterDays * 24 * time.Hour)
	r := &agentv1.Roster{Until: Stamp(until)}
	for _, s := range org.Schedules {
		for _, shift := range schedule.Join(s.Shifts(now, until)) {
			if shift.User == u {
				r.Shifts = append(r.Shifts, &agentv1.Shift{
					ScheduleId: string(s.ID), ScheduleName: s.Name, Start: Stamp(shift.Start), End: Stamp(shift.End),
				})
			}
		}
	}
	for _, p := range org.ByName(u) {
		r.Shifts = append(r.Shifts, &agentv1.Shift{ScheduleName: p.Name, Start: Stamp(now), End: Stamp(until)})
	}
	return &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Roster{Roster: r}}
}

// PreviewOff says what changes when a user is off duty in [from, until): for
// each service whose policy would name the user, who is paged instead.
func PreviewOff(org *organisation.Organisation, u responder.UserID, from, until time.Time) *agentv1.PreviewDutyResponse {
	out := &agentv1.PreviewDutyResponse{}
	for _, service := range org.Services {
		p, ok := org.Policy(escalation.PolicyID(service.Policy))
		if !ok {
			continue
		}
		out.Covers = append(out.Covers, covers(org, service, p, u, from, until)...)
	}
	for _, c := range out.Covers {
		if len(c.Instead) == 0 {
			out.Warnings = append(out.Warnings, "Nobody else is on call for "+c.ServiceName+" then; only the catch-all is paged.")
		}
	}
	return out
}

// covers walks the policy's hand-offs within the time.
func covers(org *organisation.Organisation, service incident.Service, p escalation.Policy, u responder.UserID, from, until time.Time) []*agentv1.Cover {
	var out []*agentv1.Cover
	for at := from; at.Before(until); {
		rosters := org.Rosters(p, at)
		next := until
		for _, r := range rosters {
			if !r.Until.IsZero() && r.Until.Before(next) {
				next = r.Until
			}
		}
		if instead, named := instead(org, rosters, u, at); named {
			out = append(out, &agentv1.Cover{ServiceName: service.Name, Start: Stamp(at), End: Stamp(next), Instead: instead})
		}
		at = next
	}
	return out
}

// instead names who is paged at the user's own level beside the user, else at
// the next level that has somebody.
func instead(org *organisation.Organisation, rosters []escalation.Roster, u responder.UserID, at time.Time) (names []string, named bool) {
	for _, r := range rosters {
		if !named && !slices.Contains(r.Users, u) {
			continue
		}
		named = true
		for _, o := range r.Users {
			if _, off := org.AbsenceAt(o, at); o != u && !off {
				names = append(names, org.UserName(o))
			}
		}
		if len(names) > 0 {
			break
		}
	}
	return names, named
}
