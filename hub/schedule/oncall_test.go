package schedule_test

import (
	"math"
	"sync"
	"testing"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

func TestOnCallJoinsTheTurnsOfOneUser(t *testing.T) {
	s := &schedule.Schedule{Zone: time.UTC, Layers: []schedule.Layer{layer(schedule.Daily, 1, "2026-11-02T09:00", "ada ada bob")}}
	got := s.OnCall(instant(t, "2026-11-06T12:00:00Z"))
	if !got.Start.Equal(instant(t, "2026-11-05T09:00:00Z")) || !got.End.Equal(instant(t, "2026-11-07T09:00:00Z")) || got.User != "ada" {
		t.Errorf("%+v", got)
	}
}

func TestOnCallEndsWhereTheSourceChangesAndUntilDoesNot(t *testing.T) {
	s := &schedule.Schedule{
		Zone:      time.UTC,
		Layers:    []schedule.Layer{layer(schedule.Daily, 1, "2026-11-02T09:00", "ada bob")},
		Overrides: []schedule.Override{override("cover", "2026-11-02T20:00:00Z", "2026-11-03T12:00:00Z", "ada", "")},
	}
	at := instant(t, "2026-11-02T12:00:00Z")
	if got := s.OnCall(at).End; !got.Equal(instant(t, "2026-11-02T20:00:00Z")) {
		t.Errorf("the shift ends at %s", got)
	}
	if got := s.Until(at); !got.Equal(instant(t, "2026-11-03T12:00:00Z")) {
		t.Errorf("ada until %s", got)
	}
}

func TestOnCallSeesAShiftOfANanosecond(t *testing.T) {
	s := &schedule.Schedule{
		Zone:   time.UTC,
		Layers: []schedule.Layer{layer(schedule.Daily, 1, "2026-11-02T09:00", "ada")},
		Overrides: []schedule.Override{
			override("blink", "2026-11-03T12:00:00Z", "2026-11-03T12:00:00.000000001Z", "eve", ""),
		},
	}
	at := instant(t, "2026-11-03T12:00:00Z")
	if got := s.OnCall(at); got.User != "eve" || got.End.Sub(got.Start) != 1 {
		t.Errorf("%+v", got)
	}
	if got := s.OnCall(at.Add(1)); !got.Start.Equal(at.Add(1)) {
		t.Errorf("%+v", got)
	}
	if got := s.OnCall(at.Add(-1)); !got.End.Equal(at) {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsFurtherThanTheHorizonIsZero(t *testing.T) {
	alone := &schedule.Schedule{Zone: time.UTC, Layers: []schedule.Layer{layer(schedule.Daily, 1, "2020-01-01T00:00", "ada")}}
	alone.Layers[0].Until = instant(t, "2030-01-01T00:00:00Z")
	tests := []struct {
		why        string
		at         time.Time
		start, end time.Time
	}{
		{"far from both", instant(t, "2025-01-01T00:00:00Z"), time.Time{}, time.Time{}},
		{"just near the start", alone.Layers[0].Rotation.Start.In(time.UTC).Add(schedule.Horizon), instant(t, "2020-01-01T00:00:00Z"), time.Time{}},
		{"just too far from the start", alone.Layers[0].Rotation.Start.In(time.UTC).Add(schedule.Horizon + 1), time.Time{}, time.Time{}},
		{"just near the end", alone.Layers[0].Until.Add(-schedule.Horizon), time.Time{}, alone.Layers[0].Until},
		{"just too far from the end", alone.Layers[0].Until.Add(-schedule.Horizon - 1), time.Time{}, time.Time{}},
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			got := alone.OnCall(test.at)
			if !got.Start.Equal(test.start) || !got.End.Equal(test.end) || got.User != "ada" {
				t.Errorf("%+v", got)
			}
			if until := alone.Until(test.at); !until.Equal(test.end) {
				t.Errorf("until %s", until)
			}
		})
	}
}

func TestNobodyIsOnCallForEver(t *testing.T) {
	s := &schedule.Schedule{}
	at := instant(t, "2026-11-02T12:00:00Z")
	if got := s.OnCall(at); got != (schedule.Shift{}) {
		t.Errorf("%+v", got)
	}
	if gaps := s.Gaps(at, at.Add(time.Hour)); len(gaps) != 1 || len(s.Shifts(at, at.Add(time.Hour))) != 0 {
		t.Errorf("%+v", gaps)
	}
}

func TestAnEmptySpanHasNeitherShiftsNorGaps(t *testing.T) {
	s := &schedule.Schedule{Layers: []schedule.Layer{layer(schedule.Daily, 1, "2026-11-02T09:00", "ada")}}
	at := instant(t, "2026-11-02T12:00:00Z")
	for _, to := range []time.Time{at, at.Add(-time.Hour)} {
		if s.Shifts(at, to) != nil || s.Gaps(at, to) != nil {
			t.Errorf("something from %s to %s", at, to)
		}
	}
}

func TestTimesAreInTheSchedulesZone(t *testing.T) {
	s := &schedule.Schedule{Zone: zone(t, "Asia/Kolkata"), Layers: []schedule.Layer{layer(schedule.Daily, 1, "2026-11-02T09:00", "ada bob")}}
	at := instant(t, "2026-11-03T12:00:00Z")
	for _, got := range []time.Time{s.OnCall(at).Start, s.OnCall(at).End, s.Until(at), s.Shifts(at, at.Add(1))[0].Start} {
		if got.Location() != s.Zone {
			t.Error(got)
		}
	}
}

// Whatever is asked of whatever schedule, there is an answer, and soon.
func TestAnswersEndForNonsenseToo(t *testing.T) {
	far := []time.Time{{}, time.Unix(math.MinInt64, 0), time.Unix(math.MaxInt64, 0), time.Unix(9_099_999_999, 5), time.Unix(-9_100_000_000, 0), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	var layers []schedule.Layer
	for _, kind := range append(schedule.Kinds, "", "yearly") {
		for _, length := range []int{math.MinInt, 0, 1, math.MaxInt} {
			for _, year := range []int{math.MinInt, -1, 2020, 9999, math.MaxInt} {
				layers = append(layers, schedule.Layer{
					Rotation:     schedule.Rotation{Kind: kind, Length: length, Start: schedule.Civil{Year: year, Month: 77, Day: -9}},
					Participants: []responder.UserID{"ada", "bob"},
					Restrictions: []schedule.Restriction{{From: -5, To: math.MaxInt32, Days: []time.Weekday{-1, 7, 99}}, {Weekly: true, FromDay: -3, ToDay: 12}},
				})
			}
		}
	}
	for _, l := range layers {
		s := &schedule.Schedule{Zone: zone(t, "Europe/Berlin"), Layers: []schedule.Layer{l, {}}}
		s.Overrides = []schedule.Override{{Start: far[2], End: far[1]}, {Start: far[1], End: far[1].Add(1)}}
		for _, at := range far {
			s.At(at)
			s.OnCall(at)
			s.Until(at)
			s.Gaps(at, at.Add(48*time.Hour))
		}
		if len(s.Validate()) == 0 {
			t.Errorf("%+v was found valid", l)
		}
	}
}

func TestOneScheduleAnswersManyAtOnce(t *testing.T) {
	s := bigSchedule(t)
	at := instant(t, "2026-11-02T12:00:00Z")
	want := s.OnCall(at)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := s.OnCall(at); got != want {
				t.Errorf("%+v, expected %+v", got, want)
			}
		})
	}
	all.Wait()
}
