package schedule_test

import (
	"testing"
	"time"

	"tocsin/hub/schedule"
)

func TestAReadingIsOneInstant(t *testing.T) {
	tests := []struct{ why, zone, reading, instant string }{
		{"once: that instant", "Europe/London", "2026-11-02T09:00", "2026-11-02T09:00:00Z"},
		{"twice: the first", "America/New_York", "2025-11-02T01:30", "2025-11-02T01:30:00-04:00"},
		{"the end of a doubled hour is shown once", "America/New_York", "2025-11-02T02:00", "2025-11-02T02:00:00-05:00"},
		{"never: the instant of the jump", "America/New_York", "2025-03-09T02:30", "2025-03-09T03:00:00-04:00"},
		{"the first reading that is left out", "America/New_York", "2025-03-09T02:00", "2025-03-09T03:00:00-04:00"},
		{"the first reading after the jump", "America/New_York", "2025-03-09T03:00", "2025-03-09T03:00:00-04:00"},
		{"no midnight in São Paulo", "America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T01:00:00-02:00"},
		{"no midnight in Santiago", "America/Santiago", "2025-09-07T00:00", "2025-09-07T01:00:00-03:00"},
		{"no midnight in Havana", "America/Havana", "2025-03-09T00:30", "2025-03-09T01:00:00-04:00"},
		{"no midnight in Beirut", "Asia/Beirut", "2025-03-30T00:00", "2025-03-30T01:00:00+03:00"},
		{"no midnight in Cairo", "Africa/Cairo", "2025-04-25T00:00", "2025-04-25T01:00:00+03:00"},
		{"midnight is not doubled in Cairo", "Africa/Cairo", "2025-10-31T00:00", "2025-10-31T00:00:00+02:00"},
		{"the hour before midnight is doubled in Cairo", "Africa/Cairo", "2025-10-30T23:30", "2025-10-30T23:30:00+03:00"},
		{"midnight is doubled in Havana", "America/Havana", "2025-11-02T00:00", "2025-11-02T00:00:00-04:00"},
		{"a minute after midnight is shown on both days in St. John's", "America/St_Johns", "2007-11-04T00:00", "2007-11-04T00:00:00-02:30"},
		{"half an hour left out on Lord Howe", "Australia/Lord_Howe", "2025-10-05T02:15", "2025-10-05T02:30:00+11:00"},
		{"half an hour doubled on Lord Howe", "Australia/Lord_Howe", "2025-04-06T01:45", "2025-04-06T01:45:00+11:00"},
		{"Ramadan doubles an hour in Casablanca", "Africa/Casablanca", "2025-02-23T02:30", "2025-02-23T02:30:00+01:00"},
		{"and leaves one out at its end", "Africa/Casablanca", "2025-04-06T02:30", "2025-04-06T03:00:00+01:00"},
		{"a day left out in Apia", "Pacific/Apia", "2011-12-30T15:00", "2011-12-31T00:00:00+14:00"},
		{"the last day of a leap year beyond the listed changes", "America/New_York", "2028-12-31T12:00", "2028-12-31T12:00:00-05:00"},
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			got := civil(t, test.reading).In(zone(t, test.zone))
			if want := instant(t, test.instant); !got.Equal(want) {
				t.Errorf("%s in %s is %s, expected %s", test.reading, test.zone, got, want)
			}
		})
	}
}

func TestCivilOfIsWhatTheWallShows(t *testing.T) {
	got := schedule.CivilOf(instant(t, "2025-11-02T06:30:15Z"), zone(t, "America/New_York"))
	if want := civil(t, "2025-11-02T01:30:15"); got != want {
		t.Errorf("%s, expected %s", got, want)
	}
}

func TestParseCivilTakesOneFormOnly(t *testing.T) {
	for _, s := range []string{
		"", "2026-11-02", "2026-11-02 09:00", "2026-11-02T9:00", "2026-11-02T09:00Z", "2026-11-02T24:00",
		"2026-02-29T09:00", "2026-13-01T09:00", "2026-11-02T09:60", "2026-11-02T09:00:00.5", "+026-11-02T09:00",
	} {
		if c, err := schedule.ParseCivil(s); err == nil {
			t.Errorf("%q was taken for %s", s, c)
		}
	}
}

func TestParseClockTakesOneFormOnly(t *testing.T) {
	for _, s := range []string{"", "9:00", "09:00 ", "24:00", "09:60", "0900", "09:00:61", "-1:00"} {
		if c, err := schedule.ParseClock(s); err == nil {
			t.Errorf("%q was taken for %s", s, c)
		}
	}
}

func TestParseWeekClock(t *testing.T) {
	day, clock, err := schedule.ParseWeekClock("fri 18:30")
	if err != nil || day != time.Friday || clock.String() != "18:30" {
		t.Errorf("%s %s %v", day, clock, err)
	}
	for _, s := range []string{"", "fri", "18:30", "Fri 18:30", "fri 18:30 ", "fri  18:30"} {
		if _, _, err := schedule.ParseWeekClock(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func FuzzParseCivil(f *testing.F) {
	for _, s := range []string{"2026-11-02T09:00", "2026-11-02T09:00:30", "0000-01-01T00:00", "2028-02-29T23:59:59", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := schedule.ParseCivil(s)
		if err != nil {
			return
		}
		if again, err := schedule.ParseCivil(c.String()); err != nil || again != c {
			t.Errorf("%q is %v, written %q, read again %v (%v)", s, c, c, again, err)
		}
		if at := c.In(time.UTC); schedule.CivilOf(at, time.UTC) != c {
			t.Errorf("%q is shown at %s", s, at)
		}
	})
}

func FuzzParseClock(f *testing.F) {
	for _, s := range []string{"09:00", "23:59:59", "00:00", "24:00", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := schedule.ParseClock(s)
		if err != nil {
			return
		}
		if again, err := schedule.ParseClock(c.String()); err != nil || again != c || c < 0 || c >= 24*3600 {
			t.Errorf("%q is %d, written %q, read again %d (%v)", s, int(c), c, int(again), err)
		}
	})
}

func civil(t testing.TB, s string) schedule.Civil {
	t.Helper()
	c, err := schedule.ParseCivil(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
