package schedule_test

import (
	"fmt"
	"testing"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// bigSchedule has 5 layers and 20 users, restrictions of both kinds, a year's
// worth of overrides and absences.
func bigSchedule(t testing.TB) *schedule.Schedule {
	users := make([]responder.UserID, 20)
	for i := range users {
		users[i] = responder.UserID(fmt.Sprintf("user-%02d", i))
	}
	s := &schedule.Schedule{ID: "big", Zone: zone(t, "America/New_York")}
	start := civil(t, "2006-01-02T09:00")
	for _, l := range []schedule.Layer{
		{Name: "base", Rotation: schedule.Rotation{Kind: schedule.Weekly, Length: 1, Start: start}},
		daily(schedule.Layer{Name: "nights", Rotation: schedule.Rotation{Kind: schedule.Daily, Length: 1, Start: start}}, "20:00-08:00"),
		daily(schedule.Layer{Name: "office", Rotation: schedule.Rotation{Kind: schedule.Daily, Length: 1, Start: start}}, "09:00-17:00 mon tue wed thu fri"),
		weekly(schedule.Layer{Name: "weekend", Rotation: schedule.Rotation{Kind: schedule.Weekly, Length: 2, Start: start}}, "fri 18:00", "mon 09:00"),
		daily(schedule.Layer{Name: "sun", Rotation: schedule.Rotation{Kind: schedule.Hourly, Length: 12, Start: start}}, "06:00-07:00 wed"),
	} {
		l.Participants = users
		s.Layers = append(s.Layers, l)
	}
	for i := range 20 {
		at := instant(t, "2026-01-05T12:00:00Z").AddDate(0, 0, 18*i)
		s.Overrides = append(s.Overrides, schedule.Override{ID: fmt.Sprint(i), Start: at, End: at.Add(8 * time.Hour), User: users[i]})
		s.Absences = append(s.Absences, responder.Absence{User: users[i], Start: at.AddDate(0, 0, 3), End: at.AddDate(0, 0, 10)})
	}
	return s
}

// compareTo reports how many times as long as the bare minimum an operation
// takes: floor is run for the same number of rounds, off the clock.
func compareTo(b *testing.B, rounds int, floor func()) {
	b.StopTimer()
	took := b.Elapsed()
	start := time.Now()
	for range rounds {
		floor()
	}
	b.ReportMetric(float64(took)/float64(max(time.Since(start), 1)), "x-floor")
}

// zoneLookup is the least that any answer about wall-clock time needs: one
// reading made an instant, and one instant read.
func zoneLookup(at time.Time, zone *time.Location) func() {
	year, month, day := at.Date()
	return func() {
		_, sink = time.Date(year, month, day, 9, 0, 0, 0, zone).Zone()
		_, sink = at.In(zone).Zone()
	}
}

var sink int

func BenchmarkAt(b *testing.B) {
	s := bigSchedule(b)
	for _, age := range []int{0, 1, 10, 20, 100} {
		b.Run(fmt.Sprintf("age=%dy", age), func(b *testing.B) {
			at := instant(b, "2006-06-14T03:00:00Z").AddDate(age, 0, 0)
			b.ReportAllocs()
			for b.Loop() {
				s.At(at)
			}
			compareTo(b, b.N, zoneLookup(at, s.Zone))
		})
	}
}

// BenchmarkAtWithRecurringAbsences: six of twenty work part-time, in two zones.
func BenchmarkAtWithRecurringAbsences(b *testing.B) {
	s := bigSchedule(b)
	for i := range 6 {
		s.Recurring = append(s.Recurring, schedule.Recurring{
			ID: fmt.Sprint(i), User: s.Layers[0].Participants[i], Zone: []*time.Location{s.Zone, zone(b, "Europe/London")}[i%2],
			Window: schedule.Restriction{Days: []time.Weekday{time.Weekday(i)}},
		})
	}
	for _, age := range []int{0, 20, 100} {
		b.Run(fmt.Sprintf("age=%dy", age), func(b *testing.B) {
			at := instant(b, "2006-06-14T03:00:00Z").AddDate(age, 0, 0)
			b.ReportAllocs()
			for b.Loop() {
				s.At(at)
			}
			compareTo(b, b.N, zoneLookup(at, s.Zone))
		})
	}
}

func BenchmarkAtWhileTheClocksChange(b *testing.B) {
	s := bigSchedule(b)
	at := instant(b, "2026-11-01T06:30:00Z")
	for b.Loop() {
		s.At(at)
	}
	compareTo(b, b.N, zoneLookup(at, s.Zone))
}

func BenchmarkAtOnAllMinutesOfAYear(b *testing.B) {
	s := bigSchedule(b)
	at := instant(b, "2026-01-01T00:00:00Z")
	for b.Loop() {
		s.At(at)
		at = at.Add(time.Minute)
	}
	compareTo(b, b.N, zoneLookup(at, s.Zone))
}

func BenchmarkUntil(b *testing.B) {
	s := bigSchedule(b)
	at := instant(b, "2026-06-14T03:00:00Z")
	b.ReportAllocs()
	for b.Loop() {
		s.Until(at)
	}
	compareTo(b, b.N, zoneLookup(at, s.Zone))
}

// The floor of a span is to look up the start of every shift in it.
func BenchmarkShiftsOfAYear(b *testing.B) {
	s := bigSchedule(b)
	from := instant(b, "2026-01-01T00:00:00Z")
	to := from.AddDate(1, 0, 0)
	shifts := 0
	b.ReportAllocs()
	for b.Loop() {
		shifts = len(s.Shifts(from, to))
	}
	compareTo(b, b.N*shifts, zoneLookup(from, s.Zone))
	b.ReportMetric(float64(shifts), "shifts")
}

func BenchmarkGapsOf1000SchedulesOver90Days(b *testing.B) {
	s := bigSchedule(b)
	from := instant(b, "2026-02-01T00:00:00Z")
	to := from.AddDate(0, 0, 90)
	stretches := 0
	for range s.Stretches(from, to) {
		stretches++
	}
	for b.Loop() {
		for range 1000 {
			s.Gaps(from, to)
		}
	}
	compareTo(b, b.N*1000*stretches, zoneLookup(from, s.Zone))
}
