package readiness

import (
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// Moment is when a shift is looked at.
type Moment string

// The moments of a shift, in their order.
const (
	DayBefore   Moment = "day_before"
	HoursBefore Moment = "hours_before"
	AtStart     Moment = "start"
	AtEnd       Moment = "end"
)

// The moments before a shift, and how long after its end it is still said that it
// is over.
const (
	dayBefore   = 24 * time.Hour
	hoursBefore = 2 * time.Hour
	overFor     = 6 * time.Hour
)

// The hours of a user's day in which a look before a shift may disturb them.
const (
	firstHour = 8
	lastHour  = 22
)

// Key names a look for ever.
type Key struct {
	Schedule schedule.ID
	User     responder.UserID
	Start    time.Time // of the shift, UTC
	Moment   Moment
}

// Task is a look that is due.
type Task struct {
	Shift
	Moment Moment
}

// Key names the task.
func (t Task) Key() Key { return Key{t.Schedule, t.User, t.Start.UTC(), t.Moment} }

// People is what Due asks of the users.
type People interface {
	// Zone is the user's own time zone.
	Zone(responder.UserID) *time.Location
	// Away reports whether the user is off duty at an instant.
	Away(responder.UserID, time.Time) bool
}

// Due lists the looks that are due now and not done, one at most for a shift, and
// says when to ask again; zero if nothing is in sight. What fell due earlier is
// done once, by the latest look that it missed, unless the shift is over. Nobody
// is disturbed before a shift outside their day, or who is off duty then.
func Due(shifts []Shift, people People, done map[Key]bool, now time.Time) (due []Task, next time.Time) {
	later := func(t time.Time) {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, s := range shifts {
		if people.Away(s.User, latest(s.Start, now)) {
			continue
		}
		if over(s, now) {
			if t := (Task{s, AtEnd}); now.Sub(s.End) < overFor && !done[t.Key()] {
				due = append(due, t)
			}
			continue
		}
		later(s.End)
		zone := people.Zone(s.User)
		for _, m := range []Moment{AtStart, HoursBefore, DayBefore} { // the latest first
			at, ok := When(s, m, zone)
			if !ok {
				continue
			}
			if at.After(now) {
				later(at)
				continue
			}
			if t := (Task{s, m}); !done[t.Key()] {
				if m != AtStart && !byDay(now, zone) {
					later(dayAfter(now, zone))
					break
				}
				due = append(due, t)
			}
			break
		}
	}
	return due, next
}

func over(s Shift, now time.Time) bool { return !s.End.IsZero() && !now.Before(s.End) }

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// When is the instant of a look at a shift; false if there is none. Looks before a
// shift are only made for high urgency, and by day: one that falls into the night
// moves to the nearer edge of it that lies before the shift, and is left out where
// a later look takes its place.
func When(s Shift, m Moment, zone *time.Location) (time.Time, bool) {
	switch m {
	case AtStart:
		return s.Start, true
	case AtEnd:
		return s.End, !s.End.IsZero()
	}
	if !s.High {
		return time.Time{}, false
	}
	hours, there := toDay(s.Start.Add(-hoursBefore), s.Start, zone)
	if m == HoursBefore {
		return hours, there
	}
	day, ok := toDay(s.Start.Add(-dayBefore), s.Start, zone)
	return day, ok && (!there || day.Before(hours))
}

// toDay moves an instant to the nearest one of the day before a limit.
func toDay(t, limit time.Time, zone *time.Location) (time.Time, bool) {
	if byDay(t, zone) {
		return t, true
	}
	before, after := evening(t, zone), dayAfter(t, zone)
	if after.Before(limit) && after.Sub(t) <= t.Sub(before) {
		return after, true
	}
	return before, before.Before(limit)
}

// byDay reports whether an instant lies within the hours of a user's day; the very
// end of it does.
func byDay(t time.Time, zone *time.Location) bool {
	t = t.In(zone)
	return t.Hour() >= firstHour && (t.Hour() < lastHour || t.Equal(at(t, 0, lastHour)))
}

// dayAfter is the first instant of the next day's hours, evening the last one of
// those before an instant of the night.
func dayAfter(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	if t.Hour() < firstHour {
		return at(t, 0, firstHour)
	}
	return at(t, 1, firstHour)
}

func evening(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	if t.Hour() < firstHour {
		return at(t, -1, lastHour)
	}
	return at(t, 0, lastHour)
}

// at is a full hour of a day near t, in t's zone.
func at(t time.Time, days, hour int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, hour, 0, 0, 0, t.Location())
}
