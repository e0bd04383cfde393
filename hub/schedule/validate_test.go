package schedule_test

import (
	"slices"
	"testing"
	"time"

	"tocsin/hub/schedule"
)

func TestValidatePointsAtTheField(t *testing.T) {
	sound := func() *schedule.Schedule {
		return &schedule.Schedule{ID: "s", Zone: time.UTC, Layers: []schedule.Layer{
			daily(layer(schedule.Daily, 1, "2026-11-02T09:00", "ada -"), "09:00-17:00 mon tue"),
			weekly(layer(schedule.Monthly, 2, "2026-11-02T09:00", "bob"), "fri 18:00", "mon 09:00"),
		}, Overrides: []schedule.Override{override("a", "2026-11-02T09:00:00Z", "2026-11-02T10:00:00Z", "eve", "ada")}}
	}
	if problems := sound().Validate(); problems != nil {
		t.Fatalf("a sound schedule has problems: %v", problems)
	}
	tests := []struct {
		path  string
		spoil func(*schedule.Schedule)
	}{
		{"id", func(s *schedule.Schedule) { s.ID = "" }},
		{"time_zone", func(s *schedule.Schedule) { s.Zone = nil }},
		{"when_absent", func(s *schedule.Schedule) { s.WhenAbsent = "page_anyway" }},
		{"layers[1].name", func(s *schedule.Schedule) { s.Layers[1].Name = "" }},
		{"layers[1].name", func(s *schedule.Schedule) { s.Layers[1].Name = s.Layers[0].Name }},
		{"layers[0].rotation.kind", func(s *schedule.Schedule) { s.Layers[0].Rotation.Kind = "yearly" }},
		{"layers[1].rotation.length", func(s *schedule.Schedule) { s.Layers[1].Rotation.Length = 0 }},
		{"layers[1].rotation.length", func(s *schedule.Schedule) { s.Layers[1].Rotation.Length = schedule.MaxLength + 1 }},
		{"layers[0].rotation.start", func(s *schedule.Schedule) { s.Layers[0].Rotation.Start.Day = 31 }},
		{"layers[0].rotation.start", func(s *schedule.Schedule) { s.Layers[0].Rotation.Start.Year = 20026 }},
		{"layers[0].participants", func(s *schedule.Schedule) { s.Layers[0].Participants = nil }},
		{"layers[0].restrictions[0].from", func(s *schedule.Schedule) { s.Layers[0].Restrictions[0].From = 86400 }},
		{"layers[0].restrictions[0].days[1]", func(s *schedule.Schedule) { s.Layers[0].Restrictions[0].Days[1] = 7 }},
		{"layers[0].restrictions[0].days[1]", func(s *schedule.Schedule) { s.Layers[0].Restrictions[0].Days[1] = time.Monday }},
		{"layers[1].restrictions[0].to", func(s *schedule.Schedule) { s.Layers[1].Restrictions[0].ToDay = -1 }},
		{"layers[1].restrictions[0].days[0]", func(s *schedule.Schedule) { s.Layers[1].Restrictions[0].Days = []time.Weekday{1} }},
		{"layers[0].until", func(s *schedule.Schedule) { s.Layers[0].Until = instant(t, "2026-11-02T09:00:00Z") }},
		{"overrides[0].id", func(s *schedule.Schedule) { s.Overrides[0].ID = "" }},
		{"overrides[1].id", func(s *schedule.Schedule) { s.Overrides = slices.Repeat(s.Overrides, 2) }},
		{"overrides[0].end", func(s *schedule.Schedule) { s.Overrides[0].End = s.Overrides[0].Start }},
		{"overrides[0].user", func(s *schedule.Schedule) { s.Overrides[0].User = "" }},
	}
	for _, test := range tests {
		s := sound()
		test.spoil(s)
		problems := s.Validate()
		if len(problems) != 1 || problems[0].Path != test.path {
			t.Errorf("expected one problem at %s, found %v", test.path, problems)
		}
	}
}
