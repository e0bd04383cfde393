package schedule

import "time"

// Hours are wall-clock windows of one zone, by themselves: when a service is
// supported. They follow the rules of restrictions. Without a restriction they
// are always open.
type Hours struct {
	Zone         *time.Location // nil is UTC
	Restrictions []Restriction
}

// At says whether the hours are open at an instant, and until when that surely
// holds: the next instant at which they close, or open. Zero: for ever.
func (h Hours) At(t time.Time) (open bool, until time.Time) {
	if len(h.Restrictions) == 0 {
		return true, time.Time{}
	}
	c := clock{zone: orUTC(h.Zone)}
	at := asked(t)
	for range mostEdges {
		now, end := h.around(&c, at)
		if until.IsZero() {
			open = now
		} else if now != open {
			return open, until
		}
		at, until = end, end.in(c.zone)
	}
	return open, until
}

// mostEdges is how many windows in a row may take over from each other before
// an answer says that it holds for so long: more than a year of days.
const mostEdges = 400

// around is the union at an instant, and the end of a stretch in which that does
// not change.
func (h Hours) around(c *clock, at instant) (open bool, until instant) {
	until = never
	for _, r := range h.Restrictions {
		in, _, end := r.window().around(c, at.unix())
		switch next := instant(end) * instant(time.Second); {
		case in && !open:
			open, until = true, next
		case in:
			until = max(until, next)
		case !open:
			until = min(until, next)
		}
	}
	return open, until
}
