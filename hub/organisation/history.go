package organisation

import (
	"slices"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// Era is an organisation and the instant from which it stood like that.
type Era struct {
	From time.Time
	Org  *Organisation
}

// History is the organisation as it stood at each instant: eras in order of
// time, no two from the same instant, each until the next one begins. The first
// stands for all time before it, too; there is at least one.
//
// Answers about the past follow from the eras alone, so a later edit never
// changes them.
type History []Era

// Always is the history of an organisation that never changes.
func Always(o *Organisation) History { return History{{Org: o}} }

// At gives the organisation as it stood at an instant.
func (h History) At(t time.Time) *Organisation { return h[h.index(t)].Org }

func (h History) index(t time.Time) int {
	i, _ := slices.BinarySearchFunc(h, t, func(e Era, t time.Time) int {
		if e.From.After(t) {
			return 1
		}
		return -1
	})
	return max(i-1, 0)
}

// end is when the i-th era ends; zero for the last one.
func (h History) end(i int) time.Time {
	if i+1 < len(h) {
		return h[i+1].From
	}
	return time.Time{}
}

// Known reports whether the schedule stands in any era.
func (h History) Known(id schedule.ID) bool {
	return slices.ContainsFunc(h, func(e Era) bool { _, ok := e.Org.Schedule(id); return ok })
}

// Since is when a schedule first came to be after an instant; zero if it stood
// already then, or never did.
func (h History) Since(id schedule.ID, t time.Time) time.Time {
	for i := h.index(t); i < len(h); i++ {
		if _, ok := h[i].Org.Schedule(id); ok {
			if h[i].From.After(t) {
				return h[i].From
			}
			break
		}
	}
	return time.Time{}
}

// OnCall gives who is on call at an instant by a schedule, "" for nobody, and
// until when, over all changes of the configuration: zero if that is more than
// schedule.Horizon away. Nobody is on call while a schedule does not exist.
func (h History) OnCall(id schedule.ID, t time.Time) (responder.UserID, time.Time) {
	user, at := h[h.index(t)].user(id, t), t
	for i := h.index(t); ; i++ {
		until, end := h[i].until(id, at), h.end(i)
		if end.IsZero() || (!until.IsZero() && until.Before(end)) {
			if until.Sub(t) > schedule.Horizon {
				return user, time.Time{}
			}
			return user, until
		}
		if end.Sub(t) > schedule.Horizon {
			return user, time.Time{}
		}
		if h[i+1].user(id, end) != user {
			return user, end
		}
		at = end
	}
}

func (e Era) user(id schedule.ID, t time.Time) responder.UserID {
	s, ok := e.Org.Schedule(id)
	if !ok {
		return ""
	}
	user, _ := s.At(t)
	return user
}

func (e Era) until(id schedule.ID, t time.Time) time.Time {
	s, ok := e.Org.Schedule(id)
	if !ok {
		return time.Time{}
	}
	return s.Until(t)
}

// Shifts lists the stretches of [from, to) in which somebody is on call by a
// schedule, in order of time, as they stood.
func (h History) Shifts(id schedule.ID, from, to time.Time) []schedule.Shift {
	var list []schedule.Shift
	for i := h.index(from); i < len(h) && from.Before(to); i++ {
		end := to
		if e := h.end(i); !e.IsZero() && e.Before(to) {
			end = e
		}
		if s, ok := h[i].Org.Schedule(id); ok {
			list = appendShifts(list, s.Shifts(from, end))
		}
		if end.After(from) {
			from = end
		}
	}
	return list
}

// appendShifts goes on with the last shift if it goes on.
func appendShifts(list, more []schedule.Shift) []schedule.Shift {
	if n := len(list); n > 0 && len(more) > 0 {
		last, next := &list[n-1], more[0]
		if last.End.Equal(next.Start) && last.User == next.User && last.Source == next.Source {
			last.End, more = next.End, more[1:]
		}
	}
	return append(list, more...)
}
