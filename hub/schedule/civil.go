package schedule

import (
	"fmt"
	"strings"
	"time"
)

// Civil is what a calendar and a clock on the wall show, to the second. It has
// no zone: the same reading is another instant in each zone, on some days no
// instant at all and on others two.
//
// Fields outside their usual ranges are carried over as in time.Date.
type Civil struct {
	Year                 int
	Month                time.Month
	Day                  int
	Hour, Minute, Second int
}

// The written forms of a reading, as in tocsin.yaml.
const (
	civilMinutes = "2006-01-02T15:04"
	civilSeconds = "2006-01-02T15:04:05"
)

// ParseCivil reads "2026-11-02T09:00" or "2026-11-02T09:00:30". It takes
// nothing else: no zone, no fractions, no day that the calendar does not have.
func ParseCivil(s string) (Civil, error) {
	for _, layout := range []string{civilMinutes, civilSeconds} {
		if len(s) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, s); err == nil {
			return civilOfReading(t.Unix()), nil
		}
	}
	return Civil{}, fmt.Errorf("%q is not a date and time like 2026-11-02T09:00", s)
}

// CivilOf returns the reading of the clocks in the zone at the instant.
func CivilOf(t time.Time, zone *time.Location) Civil {
	t = t.In(orUTC(zone))
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	return Civil{year, month, day, hour, minute, second}
}

// String writes the reading as ParseCivil reads it, with seconds only if there
// are any.
func (c Civil) String() string {
	t := time.Unix(c.reading(), 0).UTC()
	if t.Second() == 0 {
		return t.Format(civilMinutes)
	}
	return t.Format(civilSeconds)
}

// In returns the instant at which the clocks in the zone show the reading. If
// they do so twice (clocks go back) it is the first time; if never (clocks go
// forward, or a day is left out) it is the instant of the jump. A nil zone is
// UTC. time.Date leaves both cases open, which is why it is not used here.
func (c Civil) In(zone *time.Location) time.Time {
	clock := clock{zone: orUTC(zone)}
	return time.Unix(clock.first(c.reading()), 0).In(clock.zone)
}

// reading numbers readings: seconds since 1970-01-01T00:00 on a clock that is
// never changed. Arithmetic on it is arithmetic on the wall, and safe from
// overflow because no reading is further than some 30,000 years away.
func (c Civil) reading() int64 {
	const farthest = 1_000_000_000_000
	r := time.Date(c.Year, c.Month, c.Day, c.Hour, c.Minute, c.Second, 0, time.UTC).Unix()
	return max(-farthest, min(r, farthest))
}

func civilOfReading(r int64) Civil { return CivilOf(time.Unix(r, 0), time.UTC) }

func orUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}

// Clock is a time of the day on the wall, in seconds after 00:00.
type Clock int

// ParseClock reads "09:00" or "09:00:30", from 00:00 to 23:59:59. The end of a
// day is written 00:00, which as the end of a window means that of the next
// day.
func ParseClock(s string) (Clock, error) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if len(s) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, s); err == nil {
			return Clock(t.Hour()*3600 + t.Minute()*60 + t.Second()), nil
		}
	}
	return 0, fmt.Errorf("%q is not a time of the day like 09:00", s)
}

// String writes the time as ParseClock reads it, with seconds only if there
// are any.
func (c Clock) String() string {
	if c%60 == 0 {
		return fmt.Sprintf("%02d:%02d", c/3600, c/60%60)
	}
	return fmt.Sprintf("%02d:%02d:%02d", c/3600, c/60%60, c%60)
}

func (c Clock) valid() bool { return 0 <= c && c < 24*3600 }

// weekdays are the names of the days in tocsin.yaml, by time.Weekday.
var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseWeekday reads the short lower-case name of a day: "mon".
func ParseWeekday(s string) (time.Weekday, error) {
	for day, name := range weekdays {
		if s == name {
			return time.Weekday(day), nil
		}
	}
	return 0, fmt.Errorf("%q is not a day: %s", s, strings.Join(weekdays[:], ", "))
}

// ParseWeekClock reads a time of the week: "fri 18:00".
func ParseWeekClock(s string) (time.Weekday, Clock, error) {
	name, hour, _ := strings.Cut(s, " ")
	day, err := ParseWeekday(name)
	if err != nil {
		return 0, 0, fmt.Errorf("%q is not a time of the week like fri 18:00", s)
	}
	clock, err := ParseClock(hour)
	if err != nil {
		return 0, 0, fmt.Errorf("%q is not a time of the week like fri 18:00", s)
	}
	return day, clock, nil
}
