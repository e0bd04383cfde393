package organisation

import (
	"time"

	"tocsin/hub/responder"
)

// mostWindows bounds how many absences that follow each other are taken as one.
const mostWindows = 16

// AbsenceAt finds the absence in which a user is off duty at an instant: one that
// was entered, or one that recurs. Of several the one that ends last counts, and
// where another begins at its end, that goes on with it.
func (o *Organisation) AbsenceAt(u responder.UserID, t time.Time) (responder.Absence, bool) {
	found, off := o.oneAbsence(u, t)
	if !off {
		return found, false
	}
	for range mostWindows {
		next, goesOn := o.oneAbsence(u, found.End)
		if !goesOn {
			break
		}
		found.End = next.End
	}
	return found, true
}

func (o *Organisation) oneAbsence(u responder.UserID, t time.Time) (responder.Absence, bool) {
	var found responder.Absence
	for _, a := range o.absences[u] {
		if a.Covers(t) && a.End.After(found.End) {
			found = a
		}
	}
	for _, r := range o.recurring[u] {
		if away, since, until := r.At(t); away && until.After(found.End) {
			found = responder.Absence{ID: r.ID, User: u, Start: since, End: until, Made: since}
		}
	}
	return found, !found.End.IsZero()
}

// NextDutyChange is when anybody goes off duty or comes back next, as far as is
// known; zero if that is not.
func (o *Organisation) NextDutyChange(now time.Time) time.Time {
	var next time.Time
	for u := range o.absences {
		next = sooner(next, o.dutyChange(u, now))
	}
	for u := range o.recurring {
		next = sooner(next, o.dutyChange(u, now))
	}
	return next
}

// dutyChange is when a user goes off duty or comes back next; zero if that is
// not known.
func (o *Organisation) dutyChange(u responder.UserID, now time.Time) time.Time {
	var next time.Time
	for _, a := range o.absences[u] {
		for _, edge := range []time.Time{a.Start, a.End} {
			if edge.After(now) {
				next = sooner(next, edge)
			}
		}
	}
	for _, r := range o.recurring[u] {
		_, _, until := r.At(now)
		next = sooner(next, until)
	}
	return next
}
