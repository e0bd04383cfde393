package rota

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"tocsin/hub/schedule"
)

// Duration is a length of time, written as a whole number and one of s, m, h, d.
type Duration time.Duration

// maxDuration keeps sums of lengths far from overflowing.
const maxDuration = 366 * 24 * time.Hour

var units = []struct {
	letter byte
	length time.Duration
}{{'d', 24 * time.Hour}, {'h', time.Hour}, {'m', time.Minute}, {'s', time.Second}}

// UnmarshalText reads "30s", "5m", "12h", "7d".
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	for _, u := range units {
		digits, ok := strings.CutSuffix(s, string(u.letter))
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || digits[0] == '+' {
			break
		}
		if n > uint64(maxDuration/u.length) {
			return errors.New("at most 366d")
		}
		*d = Duration(time.Duration(n) * u.length)
		return nil
	}
	return fmt.Errorf("%q is not a length of time", s)
}

// MarshalText writes the length in the largest unit that divides it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Duration) String() string {
	if d == 0 {
		return "0s"
	}
	for _, u := range units {
		if time.Duration(d)%u.length == 0 {
			return strconv.FormatInt(int64(time.Duration(d)/u.length), 10) + string(u.letter)
		}
	}
	return time.Duration(d).String()
}

// parse reads a moment: a reading of the wall clock, or an instant if an offset
// is written.
func (m Moment) parse() (reading schedule.Civil, at time.Time, err error) {
	if strings.ContainsAny(string(m), ".,") { // time.Parse would take fractions
		return schedule.Civil{}, time.Time{}, fmt.Errorf("%q has fractions of a second", m)
	}
	if reading, err = schedule.ParseCivil(string(m)); err == nil {
		return reading, time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00"} {
		if t, errAt := time.Parse(layout, string(m)); errAt == nil {
			return schedule.Civil{}, t.UTC(), nil
		}
	}
	return schedule.Civil{}, time.Time{}, err
}

// in gives the instant of a moment in a zone.
func (m Moment) in(zone *time.Location) (time.Time, error) {
	reading, at, err := m.parse()
	if err != nil || !at.IsZero() {
		return at, err
	}
	return reading.In(zone).UTC(), nil
}

// reading gives what the clocks of a zone show at a moment.
func (m Moment) reading(zone *time.Location) (schedule.Civil, error) {
	reading, at, err := m.parse()
	if err != nil || at.IsZero() {
		return reading, err
	}
	return schedule.CivilOf(at, zone), nil
}

// zones remembers the zones that were found: to look one up reads a file.
var zones sync.Map // string → *time.Location

// zoneOf finds a time zone by its IANA name.
func zoneOf(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	if name == "" || name == "Local" { // of this machine: not the same everywhere
		return nil, fmt.Errorf("%q is not a time zone", name)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	zones.Store(name, z)
	return z, nil
}
