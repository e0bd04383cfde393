package schedule

import (
	"iter"
	"time"

	"tocsin/hub/responder"
)

// Horizon bounds the search of OnCall and Until in either direction.
const Horizon = 366 * 24 * time.Hour

// At returns who is on call at the instant, "" for nobody, and who decided it.
// The time it takes does not depend on the age of the schedule.
func (s *Schedule) At(t time.Time) (responder.UserID, Source) {
	a := s.walker().at(asked(t))
	return a.user, a.source
}

// OnCall returns the shift around t: the longest stretch with the same user and
// the same source, also if nobody is on call. Start or End is zero if it is
// further than Horizon from t; successive turns of one user are one shift.
func (s *Schedule) OnCall(t time.Time) Shift {
	at := asked(t)
	w := s.walker()
	a := w.at(at)
	found := Shift{User: a.user, Source: a.source}
	latest, earliest := at+instant(Horizon), at-instant(Horizon)
	if end := w.extend(a, latest, answer.same); end <= latest {
		found.End = end.in(w.clock.zone)
	}
	for a.since >= earliest {
		before := w.at(a.since - 1)
		if !a.same(before) {
			found.Start = a.since.in(w.clock.zone)
			break
		}
		a.since = before.since
	}
	return found
}

// Until returns the next instant after t at which At names another user, or
// nobody, or somebody again. It is zero if that is more than Horizon away. A
// change of the source alone does not count.
func (s *Schedule) Until(t time.Time) time.Time {
	at := asked(t)
	w := s.walker()
	latest := at + instant(Horizon)
	end := w.extend(w.at(at), latest, answer.sameUser)
	if end > latest {
		return time.Time{}
	}
	return end.in(w.clock.zone)
}

// Stretches tiles [from, to) with shifts in order of time, those with nobody
// included, each as long as it can be within the span: neighbours differ in
// user or source. It yields nothing if to is not after from.
func (s *Schedule) Stretches(from, to time.Time) iter.Seq[Shift] {
	return func(yield func(Shift) bool) {
		w := s.walker()
		zone := w.clock.zone
		end := asked(to)
		for t := asked(from); t < end; {
			a := w.at(t)
			until := min(w.extend(a, end, answer.same), end)
			if !yield(Shift{t.in(zone), until.in(zone), a.user, a.source}) {
				return
			}
			t = until
		}
	}
}

// Shifts returns the stretches of [from, to) in which somebody is on call.
func (s *Schedule) Shifts(from, to time.Time) []Shift {
	return s.collect(from, to, func(f Shift) bool { return f.User != "" })
}

// Gaps returns the stretches of [from, to) in which nobody is on call.
func (s *Schedule) Gaps(from, to time.Time) []Shift {
	return s.collect(from, to, func(f Shift) bool { return f.User == "" })
}

func (s *Schedule) collect(from, to time.Time, wanted func(Shift) bool) []Shift {
	var found []Shift
	for f := range s.Stretches(from, to) {
		if wanted(f) {
			found = append(found, f)
		}
	}
	return found
}

func (a answer) same(b answer) bool { return a.user == b.user && a.source == b.source }

func (a answer) sameUser(b answer) bool { return a.user == b.user }

// extend returns the end of the answer, following it for as long as the next
// one is the same in the given sense. The end may lie after the limit, and is
// then not the last word.
func (w *walker) extend(a answer, limit instant, same func(a, b answer) bool) instant {
	end := a.until
	for end <= limit {
		next := w.at(end)
		if !same(a, next) {
			break
		}
		end = next.until
	}
	return end
}
