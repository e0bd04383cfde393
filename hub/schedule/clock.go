package schedule

import (
	"math"
	"time"
)

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
	week   = 7 * day
)

// widest is more than any zone has ever been away from UTC, in seconds.
const widest = 26 * hour

// Unix seconds that stand for "always has been" and "for ever".
const (
	dawn int64 = math.MinInt64 / 4
	doom int64 = math.MaxInt64 / 4
)

// clock turns readings into instants in one zone. It remembers the periods
// that it met last, so that asking about neighbouring times costs little. It
// belongs to one question and is not shared.
type clock struct {
	zone *time.Location
	kept [4]period
	next int // the place in kept to use again
}

// period is a stretch [start, end) of Unix seconds in which the zone's offset
// from UTC, in seconds, does not change. It need not be the longest such one.
type period struct{ start, end, offset int64 }

// at returns the period around an instant in Unix seconds.
func (c *clock) at(sec int64) period {
	for _, p := range c.kept {
		if p.start <= sec && sec < p.end {
			return p
		}
	}
	p := periodAt(c.zone, sec)
	c.kept[c.next] = p
	c.next = (c.next + 1) % len(c.kept)
	return p
}

// first returns the instant of a reading by the rule of Civil.In.
func (c *clock) first(reading int64) int64 {
	first, _ := c.resolve(reading)
	return first
}

// last is like first, but of two instants it returns the second.
func (c *clock) last(reading int64) int64 {
	_, last := c.resolve(reading)
	return last
}

// resolve visits every period that could hold the reading. A jump over it
// counts only if none does.
func (c *clock) resolve(reading int64) (first, last int64) {
	found := false
	p := c.at(reading - widest)
	for {
		if sec := reading - p.offset; p.start <= sec && sec < p.end {
			if !found {
				first = sec
			}
			last, found = sec, true
		}
		if p.end > reading+widest {
			return first, last
		}
		after := c.at(p.end)
		if !found && p.end+p.offset <= reading && reading < p.end+after.offset {
			first, last = p.end, p.end
		}
		p = after
	}
}

// periodAt asks the zone database. The start that ZoneBounds gives cannot be
// trusted after the last change the database lists: it is then reckoned from
// the yearly rule alone and may lie before that change (Ciudad Juárez, winter
// of 2022). Its end can be, so the true start is found by following ends.
func periodAt(zone *time.Location, sec int64) period {
	t := time.Unix(sec, 0).In(zone)
	_, offset := t.Zone()
	start, end := boundsAt(t)
	for start > dawn {
		_, next := boundsAt(time.Unix(start, 0).In(zone))
		if next >= end {
			break
		}
		start = next
	}
	return period{start, end, int64(offset)}
}

// boundsAt is ZoneBounds in Unix seconds, and later than t. ZoneBounds takes
// every year to end after 365 days where it follows the yearly rule; on the
// last day of a leap year, when no rule changes clocks, its end lies behind.
func boundsAt(t time.Time) (start, end int64) {
	from, to := t.ZoneBounds()
	start, end = dawn, doom
	if !from.IsZero() {
		start = from.Unix()
	}
	if !to.IsZero() {
		end = to.Unix()
	}
	if sec := t.Unix(); end <= sec {
		end = floorDiv(sec, day)*day + day
	}
	return start, end
}

// floorDiv divides and rounds down, also below zero.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
