package schedule_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tocsin/hub/schedule"
)

var (
	rounds    = flag.Int("rounds", 1, "how often the slow implementation goes round the zones")
	firstSeed = flag.Uint64("seed", 1, "the seed of the first round")
)

// The days written down around a change of the clocks, and how many of them at
// either end serve only to know what was before and comes after.
const (
	spanMinutes   = 5 * 24 * 60
	marginMinutes = 1 * 24 * 60
)

// Every zone, each with a random schedule around one of its changes.
func TestAgreesMinuteByMinuteWithTheSlowImplementationInEveryZone(t *testing.T) {
	for round := range *rounds {
		for i, zone := range schedule.Zones(t) {
			seed := *firstSeed + uint64(round)
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			change := randomChange(r, zone)
			s := randomSchedule(r, zone, change)
			start := change.Add(-spanMinutes / 2 * time.Minute)
			o := newOracle(s, start, spanMinutes)
			if err := compare(s, o, r); err != nil {
				t.Errorf("%s, seed %d, change at %s: %v\n%s", zone, seed, change.In(zone), err, describe(s))
			}
		}
	}
}

func compare(s *schedule.Schedule, o *oracle, r *rand.Rand) error {
	from, to := marginMinutes, spanMinutes-marginMinutes
	at := from
	for shift := range s.Stretches(o.minutes[from], o.minutes[to]) {
		for ; at < to && o.minutes[at].Before(shift.End); at++ {
			if user, source := o.at(at); user != shift.User || source != shift.Source {
				return fmt.Errorf("at %s: %q by %v, expected %q by %v", o.minutes[at], shift.User, shift.Source, user, source)
			}
		}
	}
	if at != to {
		return fmt.Errorf("the stretches end at %s", o.minutes[at])
	}
	for i := range 40 {
		at := from + r.IntN(to-from)
		if i%2 == 0 {
			at = spanMinutes/2 + r.IntN(240) - 120 // while the clocks change
		}
		user, source := o.at(at)
		if gotUser, gotSource := s.At(o.minutes[at]); gotUser != user || gotSource != source {
			return fmt.Errorf("At(%s): %q by %v, expected %q by %v", o.minutes[at], gotUser, gotSource, user, source)
		}
		if err := compareEdges(s, o, at, from, to); err != nil {
			return err
		}
	}
	return nil
}

// compareEdges checks the edges of OnCall and Until that lie within the span.
func compareEdges(s *schedule.Schedule, o *oracle, at, from, to int) error {
	user, source := o.at(at)
	start, end, until := at, at+1, at+1
	same := func(i int) bool { u, v := o.at(i); return u == user && v == source }
	for start > from && same(start-1) {
		start--
	}
	for end < to && same(end) {
		end++
	}
	for until < to {
		if u, _ := o.at(until); u != user {
			break
		}
		until++
	}
	shift := s.OnCall(o.minutes[at])
	if start > from && !shift.Start.Equal(o.minutes[start]) || end < to && !shift.End.Equal(o.minutes[end]) {
		return fmt.Errorf("OnCall(%s): %s to %s, expected %s to %s", o.minutes[at], shift.Start, shift.End, o.minutes[start], o.minutes[end])
	}
	if got := s.Until(o.minutes[at]); until < to && !got.Equal(o.minutes[until]) {
		return fmt.Errorf("Until(%s): %s, expected %s", o.minutes[at], got, o.minutes[until])
	}
	return nil
}

func describe(s *schedule.Schedule) string {
	text := fmt.Sprintf("when absent: %s\n", s.WhenAbsent)
	for _, l := range s.Layers {
		text += fmt.Sprintf("%+v\n", l)
	}
	return text + fmt.Sprintf("overrides %+v\nabsences %+v\nrecurring %+v", s.Overrides, s.Absences, s.Recurring)
}
