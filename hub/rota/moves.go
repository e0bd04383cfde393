package rota

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// Move is a stretch of a schedule in which a change puts another user on call
// than was to be. Its times are in the schedule's zone.
type Move struct {
	Schedule string // its name
	Start    time.Time
	End      time.Time
	Was, Is  responder.UserID // "" is nobody
}

// String is a sentence for people.
func (m Move) String() string {
	when := fmt.Sprintf("from %s to %s", stamp(m.Start), stamp(m.End))
	switch {
	case m.Is == "":
		return fmt.Sprintf("%s: nobody is on call %s, instead of %s", m.Schedule, when, m.Was)
	case m.Was == "":
		return fmt.Sprintf("%s: %s is on call %s, where nobody was to be", m.Schedule, m.Is, when)
	}
	return fmt.Sprintf("%s: %s is on call %s, instead of %s", m.Schedule, m.Is, when, m.Was)
}

// movesBetween compares a schedule with itself after a change, over a span.
func movesBetween(before, after *schedule.Schedule, from, to time.Time) []Move {
	var list []Move
	overlay(slices.Collect(before.Stretches(from, to)), slices.Collect(after.Stretches(from, to)), func(start, end time.Time, was, is responder.UserID) {
		if was == is {
			return
		}
		if n := len(list); n > 0 && list[n-1].End.Equal(start) && list[n-1].Was == was && list[n-1].Is == is {
			list[n-1].End = end
			return
		}
		list = append(list, Move{after.Name, start, end, was, is})
	})
	return list
}

// Moved tells whose shifts differ between two states of an organisation over a
// span, in schedules that stand in both.
func Moved(before, after *organisation.Organisation, from, to time.Time) []Move {
	var list []Move
	for _, s := range after.Schedules {
		if old, known := before.Schedule(s.ID); known && !reflect.DeepEqual(old, s) {
			list = append(list, movesBetween(old, s, from, to)...)
		}
	}
	return list
}

// moment reads a time that a person gave: an instant, or a reading of the clocks
// in a zone, without a time of the day its start.
func moment(flag, text string, zone *time.Location) (time.Time, error) {
	m := Moment(text)
	if len(text) == len(time.DateOnly) {
		m += "T00:00"
	}
	at, err := m.in(zone)
	if err != nil {
		return at, invalid("%s: %q is not a time like 2026-12-24T18:00 (in %s) or 2026-12-24T18:00:00Z", flag, text, zone)
	}
	return at, nil
}

// stretchOf reads both ends of a stretch that is still to come, or runs.
func stretchOf(from, to string, zone *time.Location, now time.Time) (start, end time.Time, err error) {
	if start, err = moment("--from", from, zone); err != nil {
		return start, end, err
	}
	if end, err = moment("--to", to, zone); err != nil {
		return start, end, err
	}
	switch {
	case !start.Before(end):
		err = invalid("--to: %s is not after --from %s", to, from)
	case !end.After(now):
		err = invalid("--to: %s is over already; the past stays as it was", to)
	case end.Sub(start) > maxStretch:
		err = invalid("--to: more than a year after --from; change the rotation instead")
	}
	return start, end, err
}

// maxStretch is longer than anything that is an exception.
const maxStretch = 366 * 24 * time.Hour
