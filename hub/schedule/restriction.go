package schedule

import "time"

// Restriction is a window of wall-clock time in which a layer shows, of the day
// or, if Weekly is set, of the week. Several restrictions of a layer are a
// union; a layer without any shows always.
//
// The window runs from the first occurrence of From to the last occurrence of
// To. A To not after From lies in the next day, or the next week; equal means
// 24 hours, or the whole week.
type Restriction struct {
	Weekly bool
	From   Clock
	To     Clock

	Days []time.Weekday // of the day: on which the window starts; empty is every day

	FromDay time.Weekday // of the week
	ToDay   time.Weekday
}

// The readings from which days and weeks are numbered.
const (
	firstThursday int64 = 0
	firstSunday   int64 = 3 * day
)

// window is a restriction in readings: number k starts at starts.reading(k) and
// lasts for length seconds on the wall, if k is in use.
type window struct {
	starts series
	length int64
	days   uint8 // bit d: in use on time.Weekday d; 0: always in use
}

func (r Restriction) window() window {
	if r.Weekly {
		from := int64(r.FromDay)*day + int64(r.From)
		to := int64(r.ToDay)*day + int64(r.To)
		return newWindow(firstSunday, week, from, to)
	}
	w := newWindow(firstThursday, day, int64(r.From), int64(r.To))
	for _, d := range r.Days {
		if isDay(d) {
			w.days |= 1 << d
		}
	}
	return w
}

func newWindow(origin, unit, from, to int64) window {
	if to <= from {
		to += unit
	}
	return window{starts: series{start: origin + from, step: unit}, length: to - from}
}

func (w window) uses(k int64) bool {
	if w.days == 0 {
		return true
	}
	weekday := k - 7*floorDiv(k+int64(time.Thursday), 7) + int64(time.Thursday)
	return w.days&(1<<weekday) != 0
}

// around says whether the window is open at sec, and for a stretch [since,
// until) around sec, all in Unix seconds, in which that does not change.
//
// Starts and ends never run backwards, so of all windows that have started the
// last one ends last, and it alone decides.
func (w window) around(c *clock, sec int64) (open bool, since, until int64) {
	started := c.latest(w.starts, sec)
	next := started + 1
	for !w.uses(started) {
		started--
	}
	start := w.starts.reading(started)
	end := c.last(start + w.length)
	if sec < end {
		return true, c.first(start), end
	}
	for !w.uses(next) {
		next++
	}
	return false, end, c.first(w.starts.reading(next))
}
