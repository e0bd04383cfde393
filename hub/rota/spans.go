package rota

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// overlay walks two rows of stretches, each in order of time, and visits every
// stretch in which both have something. Where both begin or end, the second's
// zone is shown.
func overlay(a, b []schedule.Shift, visit func(start, end time.Time, a, b responder.UserID)) {
	for len(a) > 0 && len(b) > 0 {
		start, end := b[0].Start, b[0].End
		if a[0].Start.After(start) {
			start = a[0].Start
		}
		if a[0].End.Before(end) {
			end = a[0].End
		}
		if start.Before(end) {
			visit(start, end, a[0].User, b[0].User)
		}
		if a[0].End.Before(b[0].End) {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
}

// gapsOf picks the stretches with nobody.
func gapsOf(shifts []schedule.Shift) []schedule.Shift {
	var gaps []schedule.Shift
	for _, s := range shifts {
		if s.User == "" {
			gaps = append(gaps, s)
		}
	}
	return gaps
}

// joined makes one of stretches that meet.
func joined(list []schedule.Shift) []schedule.Shift {
	var out []schedule.Shift
	for _, s := range list {
		if n := len(out); n > 0 && out[n-1].End.Equal(s.Start) {
			out[n-1].End = s.End
			continue
		}
		out = append(out, s)
	}
	return out
}

func total(list []schedule.Shift) time.Duration {
	var sum time.Duration
	for _, s := range list {
		sum += s.End.Sub(s.Start)
	}
	return sum
}

// describe says when: "from … to …", and how much more there is.
func describe(list []schedule.Shift) string {
	list = joined(list)
	text := fmt.Sprintf("from %s to %s", stamp(list[0].Start), stamp(list[0].End))
	if n := len(list); n > 1 {
		text += fmt.Sprintf(" and %s more in the next 90 days (%s in all)", times(n-1), lasting(total(list)))
	}
	return text
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// stamp writes an instant as the clocks of its zone show it.
func stamp(t time.Time) string { return t.Format("Mon 2006-01-02 15:04 MST") }

// lasting writes a length of time in its two largest units.
func lasting(d time.Duration) string {
	var parts []string
	for _, u := range units {
		if n := d / u.length; n > 0 && len(parts) < 2 {
			parts = append(parts, fmt.Sprintf("%d%c", n, u.letter))
			d -= n * u.length
		}
	}
	if len(parts) == 0 {
		return "0s"
	}
	return strings.Join(parts, " ")
}

// names lists a few and counts the rest.
func names(list []string) string {
	const most = 5
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

func sortedKeys[V any](tables ...map[string]V) []string {
	var keys []string
	for _, t := range tables {
		keys = slices.AppendSeq(keys, maps.Keys(t))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
