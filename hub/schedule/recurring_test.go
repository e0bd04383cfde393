package schedule_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

func TestARecurringAbsenceAgreesWithReadingEveryMinuteInAnyZone(t *testing.T) {
	const days = 20
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 4))
		zone := abroad[r.IntN(len(abroad))]
		at := randomChange(r, zone)
		g := generator{r, zone, at}
		a := g.recurring("a")
		from := at.Add(-days / 2 * 24 * time.Hour).Truncate(time.Minute)
		o := newOracle(&schedule.Schedule{Zone: zone}, from, days*24*60)
		want := o.recurs(&a)
		for i := 9 * 24 * 60; i < 11*24*60; i++ { // away from the ends of what the oracle knows
			away, since, until := a.At(o.minutes[i])
			if away != want[i] {
				t.Fatalf("seed %d: %+v at %s: %t, by the minutes %t", seed, a, o.minutes[i], away, want[i])
			}
			if i%61 > 0 { // the edges now and then
				continue
			}
			for _, edge := range []struct {
				at   time.Time
				step int
			}{{since, -1}, {until, +1}} {
				for n := i; n >= 0 && n < len(want); n += edge.step {
					if inside := edge.at.IsZero() || edge.step < 0 && !o.minutes[n].Before(edge.at) || edge.step > 0 && o.minutes[n].Before(edge.at); !inside {
						break
					}
					if n > 2*24*60 && n < 18*24*60 && want[n] != away {
						t.Fatalf("seed %d: %+v at %s holds from %s to %s, but not at %s", seed, a, o.minutes[i], since, until, o.minutes[n])
					}
				}
			}
		}
	}
}

func TestARecurringAbsenceGivesTheTurnsOfItsDaysToTheNextParticipantOrLeavesAGap(t *testing.T) {
	london := zoneOf(t, "Europe/London")
	s := schedule.Schedule{
		ID: "s", Zone: london,
		Layers: []schedule.Layer{{
			Name: "all", Participants: []responder.UserID{"ada", "bob"},
			Rotation: schedule.Rotation{Kind: schedule.Weekly, Length: 1, Start: schedule.Civil{Year: 2026, Month: 11, Day: 2, Hour: 9}},
		}},
		Recurring: []schedule.Recurring{{ID: "fridays", User: "ada", Zone: london, Window: schedule.Restriction{Days: []time.Weekday{time.Friday}}}},
	}
	at := func(day, hour int) time.Time {
		return schedule.Civil{Year: 2026, Month: 11, Day: day, Hour: hour}.In(london)
	}
	for _, c := range []struct {
		t    time.Time
		next responder.UserID
		gap  responder.UserID
	}{
		{at(5, 23), "ada", "ada"}, {at(6, 0), "bob", ""}, {at(6, 23), "bob", ""}, {at(7, 0), "ada", "ada"}, {at(13, 12), "bob", "bob"},
	} {
		if got, _ := s.At(c.t); got != c.next {
			t.Errorf("%s: %q, want %q", c.t, got, c.next)
		}
		gap := s
		gap.WhenAbsent = schedule.Gap
		if got, _ := gap.At(c.t); got != c.gap {
			t.Errorf("gap, %s: %q, want %q", c.t, got, c.gap)
		}
	}
	if got := s.Until(at(5, 12)); !got.Equal(at(6, 0)) {
		t.Errorf("until %s", got)
	}
	// For once she works on a Friday.
	s.Recurring[0].Except = []schedule.Span{{at(6, 9), at(6, 17)}}
	for hour, want := range map[int]responder.UserID{8: "bob", 9: "ada", 16: "ada", 17: "bob"} {
		if got, _ := s.At(at(6, hour)); got != want {
			t.Errorf("at %d: %q, want %q", hour, got, want)
		}
	}
}

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
