package schedule

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/responder"
)

func TestHoursAreWallClockWindowsOfTheirZone(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	weekdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	office := Hours{Zone: newYork, Restrictions: []Restriction{{From: 9 * 3600, To: 17 * 3600, Days: weekdays}}}
	night := Hours{Zone: newYork, Restrictions: []Restriction{{From: 22 * 3600, To: 1*3600 + 1800}}}
	for _, c := range []struct {
		name  string
		hours Hours
		at    string
		open  bool
		until string
	}{
		{"before they begin", office, "2026-11-02T13:59:59Z", false, "2026-11-02T14:00:00Z"},
		{"at their start", office, "2026-11-02T14:00:00Z", true, "2026-11-02T22:00:00Z"},
		{"at their end", office, "2026-11-06T22:00:00Z", false, "2026-11-09T14:00:00Z"},
		{"over the end of summer time", office, "2026-10-30T21:00:00Z", false, "2026-11-02T14:00:00Z"},
		{"over its beginning", office, "2027-03-12T22:00:00Z", false, "2027-03-15T13:00:00Z"},
		{"that run into the next day", night, "2026-11-03T05:00:00Z", true, "2026-11-03T06:30:00Z"},
		{"that end in a doubled hour end at its second half", night, "2026-11-01T05:30:00Z", true, "2026-11-01T06:30:00Z"},
	} {
		at, _ := time.Parse(time.RFC3339, c.at)
		until, _ := time.Parse(time.RFC3339, c.until)
		if open, next := c.hours.At(at); open != c.open || !next.Equal(until) {
			t.Errorf("%s: %t until %s", c.name, open, next.UTC())
		}
	}
}

func TestHoursWithoutAWindowAreAlwaysOpen(t *testing.T) {
	if open, until := (Hours{}).At(time.Now()); !open || !until.IsZero() {
		t.Error(open, until)
	}
}

// Hours and a layer with the same restrictions agree at every instant.
func TestHoursAgreeWithALayerOfTheSameWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		var windows []Restriction
		for range rapid.IntRange(1, 3).Draw(t, "windows") {
			quarter := func(name string) Clock { return Clock(rapid.IntRange(0, 95).Draw(t, name) * 900) }
			r := Restriction{From: quarter("from"), To: quarter("to")}
			for d := range 7 {
				if rapid.Bool().Draw(t, "day") {
					r.Days = append(r.Days, time.Weekday(d))
				}
			}
			windows = append(windows, r)
		}
		hours := Hours{Zone: zone, Restrictions: windows}
		layer := &Schedule{Zone: zone, Layers: []Layer{{
			Name: "all", Participants: []responder.UserID{"ada"}, Restrictions: windows,
			Rotation: Rotation{Kind: Daily, Length: 1, Start: Civil{Year: 2000, Month: 1, Day: 1}},
		}}}
		at := time.Unix(rapid.Int64Range(1_200_000_000, 1_900_000_000).Draw(t, "at"), 0)
		open, until := hours.At(at)
		user, _ := layer.At(at)
		if open != (user == "ada") {
			t.Fatalf("at %s: open %t, the layer says %q", at.In(zone), open, user)
		}
		if next := layer.Until(at); !next.IsZero() && !next.Equal(until) {
			t.Fatalf("at %s: until %s, the layer says %s", at.In(zone), until.In(zone), next.In(zone))
		}
	})
}
