package schedule

import "time"

// Turn is one turn of a rotation and the one after it.
type Turn struct {
	Number int64     // negative before the first
	Next   int64     // of the turn that follows: more than one higher where one vanishes in a jump of the clocks
	End    time.Time // when that one begins
}

// Turn tells which turn of a rotation runs at an instant in the schedule's zone,
// whatever its restrictions hide.
func (s *Schedule) Turn(r Rotation, t time.Time) Turn {
	zone := orUTC(s.Zone)
	c := clock{zone: zone}
	turns := r.series()
	n := c.latest(turns, asked(t).unix())
	end := c.first(turns.reading(n + 1))
	return Turn{Number: n, Next: c.latest(turns, end), End: time.Unix(end, 0).In(zone)}
}
