package schedule

import "time"

// Kind is the unit in which a rotation's turns are counted.
type Kind string

// The kinds of rotation.
const (
	Hourly  Kind = "hourly"
	Daily   Kind = "daily"
	Weekly  Kind = "weekly"
	Monthly Kind = "monthly"
)

// Kinds lists every kind, for checking input.
var Kinds = []Kind{Hourly, Daily, Weekly, Monthly}

// MaxLength is the most units a turn may have: weeks for two thousand years.
const MaxLength = 100_000

// Rotation says when turns begin: turn n at the reading Start + n × Length
// units of Kind in the schedule's zone, for n = 0, 1, 2, …
type Rotation struct {
	Kind   Kind
	Length int // units a turn, 1 to MaxLength
	Start  Civil
}

// series is an endless row of readings. Either step (seconds) or months is set;
// the other is zero.
type series struct {
	start  int64 // reading of number 0
	step   int64
	months int
}

// series returns the readings at which the turns begin. Values that Validate
// rejects are taken for the nearest that make sense.
func (r Rotation) series() series {
	length := max(1, min(r.Length, MaxLength))
	s := series{start: r.Start.reading()}
	switch r.Kind {
	case Monthly:
		s.months = length
	case Weekly:
		s.step = int64(length) * week
	case Hourly:
		s.step = int64(length) * hour
	default:
		s.step = int64(length) * day
	}
	return s
}

// reading returns number n of the series.
func (s series) reading(n int64) int64 {
	if s.months == 0 {
		return s.start + n*s.step
	}
	from := civilOfReading(s.start)
	month := from.Month + time.Month(n*int64(s.months))
	lastDay := time.Date(from.Year, month+1, 0, 0, 0, 0, 0, time.UTC)
	to := Civil{lastDay.Year(), lastDay.Month(), min(from.Day, lastDay.Day()), from.Hour, from.Minute, from.Second}
	return to.reading()
}

// index returns the largest n whose reading is not after the given one.
func (s series) index(reading int64) int64 {
	if s.months == 0 {
		return floorDiv(reading-s.start, s.step)
	}
	from, to := civilOfReading(s.start), civilOfReading(reading)
	months := (to.Year-from.Year)*12 + int(to.Month-from.Month)
	n := floorDiv(int64(months), int64(s.months))
	if s.reading(n) > reading {
		n--
	}
	return n
}

// latest returns the largest n of the series whose instant has come at sec. It
// starts from what the wall shows, which lags behind while clocks that went
// back catch up.
func (c *clock) latest(s series, sec int64) int64 {
	n := s.index(sec + c.at(sec).offset)
	for c.first(s.reading(n+1)) <= sec {
		n++
	}
	return n
}
