package schedule_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// A rule is a schedule and who it says is on call: "instant user", where "-" is
// nobody.
type rule struct {
	why       string
	zone      string
	layers    []schedule.Layer
	overrides []schedule.Override
	absences  []responder.Absence
	absent    schedule.WhenAbsent
	expect    []string
}

func (r rule) schedule(t *testing.T) *schedule.Schedule {
	return &schedule.Schedule{
		ID: "rule", Zone: zone(t, r.zone), WhenAbsent: r.absent,
		Layers: r.layers, Overrides: r.overrides, Absences: r.absences,
	}
}

func testRules(t *testing.T, rules []rule) {
	for _, r := range rules {
		t.Run(r.why, func(t *testing.T) {
			s := r.schedule(t)
			for _, problem := range s.Validate() {
				t.Error(problem)
			}
			for _, line := range r.expect {
				at, want, _ := strings.Cut(line, " ")
				user, _ := s.At(instant(t, at))
				if want == "-" {
					want = ""
				}
				if string(user) != want {
					t.Errorf("at %s: %q, expected %q", at, user, want)
				}
			}
		})
	}
}

// layer makes a layer from its kind, its start and its participants, "-" being
// a gap on purpose.
func layer(kind schedule.Kind, length int, start, participants string) schedule.Layer {
	c, err := schedule.ParseCivil(start)
	if err != nil {
		panic(err)
	}
	l := schedule.Layer{Name: start + participants, Rotation: schedule.Rotation{Kind: kind, Length: length, Start: c}}
	for _, p := range strings.Fields(participants) {
		l.Participants = append(l.Participants, responder.UserID(strings.Trim(p, "-")))
	}
	return l
}

// daily adds windows of the day, "09:00-17:00 mon tue" or "09:00-17:00".
func daily(l schedule.Layer, windows ...string) schedule.Layer {
	for _, w := range windows {
		f := strings.Fields(w)
		from, to, _ := strings.Cut(f[0], "-")
		r := schedule.Restriction{From: must(schedule.ParseClock(from)), To: must(schedule.ParseClock(to))}
		for _, d := range f[1:] {
			r.Days = append(r.Days, must(schedule.ParseWeekday(d)))
		}
		l.Restrictions = append(l.Restrictions, r)
	}
	return l
}

// weekly adds a window of the week.
func weekly(l schedule.Layer, from, to string) schedule.Layer {
	r := schedule.Restriction{Weekly: true}
	var err error
	if r.FromDay, r.From, err = schedule.ParseWeekClock(from); err != nil {
		panic(err)
	}
	if r.ToDay, r.To, err = schedule.ParseWeekClock(to); err != nil {
		panic(err)
	}
	l.Restrictions = append(l.Restrictions, r)
	return l
}

func until(l schedule.Layer, end string) schedule.Layer {
	l.Until = must(time.Parse(time.RFC3339, end))
	return l
}

func override(id, start, end, user, replaces string) schedule.Override {
	return schedule.Override{
		ID: id, Start: must(time.Parse(time.RFC3339Nano, start)), End: must(time.Parse(time.RFC3339Nano, end)),
		User: responder.UserID(user), Replaces: responder.UserID(replaces),
	}
}

func absence(user, start, end string) responder.Absence {
	return responder.Absence{
		User:  responder.UserID(user),
		Start: must(time.Parse(time.RFC3339, start)), End: must(time.Parse(time.RFC3339, end)),
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestTurns(t *testing.T) {
	testRules(t, []rule{{
		why: "half-open: the newcomer has the very second", zone: "UTC",
		layers: []schedule.Layer{layer(schedule.Daily, 1, "2026-11-02T09:00", "ada bob")},
		expect: []string{"2026-11-02T08:59:59.999999999Z -", "2026-11-02T09:00:00Z ada", "2026-11-03T08:59:59.999999999Z ada", "2026-11-03T09:00:00Z bob"},
	}, {
		why: "reckoned from the start: a hand-off in the jump does not drift", zone: "America/New_York",
		layers: []schedule.Layer{layer(schedule.Daily, 1, "2025-03-07T02:30", "ada bob cyd dan")},
		expect: []string{"2025-03-09T01:59:59-05:00 bob", "2025-03-09T03:00:00-04:00 cyd", "2025-03-10T02:29:59-04:00 cyd", "2025-03-10T02:30:00-04:00 dan"},
	}, {
		why: "a midnight that does not exist does not stall the turns", zone: "America/Sao_Paulo",
		layers: []schedule.Layer{layer(schedule.Daily, 1, "2018-11-03T00:00", "ada bob cyd")},
		expect: []string{"2018-11-03T23:59:59-03:00 ada", "2018-11-04T01:00:00-02:00 bob", "2018-11-04T23:59:59-02:00 bob", "2018-11-05T00:00:00-02:00 cyd"},
	}, {
		why: "a hand-off in a doubled hour is at the first", zone: "America/New_York",
		layers: []schedule.Layer{layer(schedule.Daily, 1, "2025-11-01T01:30", "ada bob cyd")},
		expect: []string{"2025-11-02T01:29:59-04:00 ada", "2025-11-02T01:30:00-04:00 bob", "2025-11-02T01:15:00-05:00 bob", "2025-11-02T01:45:00-05:00 bob", "2025-11-03T01:30:00-05:00 cyd"},
	}, {
		why: "a turn of a day left out vanishes and the count goes on", zone: "Pacific/Apia",
		layers: []schedule.Layer{layer(schedule.Daily, 1, "2011-12-28T00:00", "ada bob cyd dan")},
		expect: []string{"2011-12-29T23:59:59-10:00 bob", "2011-12-31T00:00:00+14:00 dan", "2012-01-01T00:00:00+14:00 ada"},
	}, {
		why: "a turn of an hour left out vanishes and the count goes on", zone: "Europe/Berlin",
		layers: []schedule.Layer{layer(schedule.Hourly, 1, "2025-03-30T00:00", "ada bob cyd dan eve")},
		expect: []string{"2025-03-30T01:59:59+01:00 bob", "2025-03-30T03:00:00+02:00 dan", "2025-03-30T04:00:00+02:00 eve"},
	}, {
		why: "hourly turns follow the wall clock: one has 13 hours", zone: "America/New_York",
		layers: []schedule.Layer{layer(schedule.Hourly, 12, "2025-11-01T08:00", "ada bob")},
		expect: []string{"2025-11-01T20:00:00-04:00 bob", "2025-11-02T07:59:59-05:00 bob", "2025-11-02T08:00:00-05:00 ada", "2025-11-02T20:00:00-05:00 bob"},
	}, {
		why: "a doubled hour makes one hourly turn longer, not two turns", zone: "America/New_York",
		layers: []schedule.Layer{layer(schedule.Hourly, 1, "2025-11-02T00:00", "ada bob cyd")},
		expect: []string{"2025-11-02T01:00:00-04:00 bob", "2025-11-02T01:00:00-05:00 bob", "2025-11-02T01:59:59-05:00 bob", "2025-11-02T02:00:00-05:00 cyd"},
	}, {
		why: "monthly on the 31st: the last day of shorter months", zone: "Europe/London",
		layers: []schedule.Layer{layer(schedule.Monthly, 1, "2024-01-31T09:00", "ada bob cyd dan")},
		expect: []string{"2024-02-29T08:59:59Z ada", "2024-02-29T09:00:00Z bob", "2024-03-31T08:59:59+01:00 bob", "2024-03-31T09:00:00+01:00 cyd", "2024-04-30T09:00:00+01:00 dan"},
	}, {
		why: "monthly by quarters over the year's end", zone: "UTC",
		layers: []schedule.Layer{layer(schedule.Monthly, 3, "2025-11-30T00:00", "ada bob")},
		expect: []string{"2026-02-27T23:59:59Z ada", "2026-02-28T00:00:00Z bob", "2026-05-29T23:59:59Z bob", "2026-05-30T00:00:00Z ada"},
	}, {
		why: "a start in a doubled hour is its first", zone: "Europe/Berlin",
		layers: []schedule.Layer{layer(schedule.Weekly, 1, "2025-10-26T02:30", "ada")},
		expect: []string{"2025-10-26T02:29:59+02:00 -", "2025-10-26T02:30:00+02:00 ada"},
	}, {
		why: "a user may stand more than once", zone: "UTC",
		layers: []schedule.Layer{layer(schedule.Daily, 1, "2026-11-02T00:00", "ada bob ada cyd")},
		expect: []string{"2026-11-02T12:00:00Z ada", "2026-11-03T12:00:00Z bob", "2026-11-04T12:00:00Z ada", "2026-11-05T12:00:00Z cyd"},
	}})
}

func TestWindows(t *testing.T) {
	base := layer(schedule.Weekly, 1, "2025-01-06T00:00", "ada")
	testRules(t, []rule{{
		why: "to not after from runs into the next day, and the days name its start", zone: "UTC",
		layers: []schedule.Layer{daily(base, "22:00-06:00 fri")},
		expect: []string{"2025-03-07T21:59:59Z -", "2025-03-07T22:00:00Z ada", "2025-03-08T05:59:59Z ada", "2025-03-08T06:00:00Z -", "2025-03-08T22:00:00Z -", "2025-03-07T05:00:00Z -"},
	}, {
		why: "equal edges are 24 hours", zone: "UTC",
		layers: []schedule.Layer{daily(base, "09:00-09:00 sat")},
		expect: []string{"2025-03-08T08:59:59Z -", "2025-03-08T09:00:00Z ada", "2025-03-09T08:59:59Z ada", "2025-03-09T09:00:00Z -"},
	}, {
		why: "several windows are a union", zone: "UTC",
		layers: []schedule.Layer{weekly(daily(base, "08:00-12:00", "11:00-13:00", "15:00-16:00 sat"), "sun 12:30", "mon 08:00")},
		expect: []string{"2025-03-08T12:30:00Z ada", "2025-03-08T13:00:00Z -", "2025-03-08T15:00:00Z ada", "2025-03-09T15:00:00Z ada", "2025-03-10T08:00:00Z ada", "2025-03-11T07:59:59Z -"},
	}, {
		why: "a window of the week runs over the week's end", zone: "UTC",
		layers: []schedule.Layer{weekly(base, "fri 18:00", "mon 09:00")},
		expect: []string{"2025-03-07T17:59:59Z -", "2025-03-07T18:00:00Z ada", "2025-03-09T12:00:00Z ada", "2025-03-10T08:59:59Z ada", "2025-03-10T09:00:00Z -"},
	}, {
		why: "a window of the week from a time to an earlier one the same day is nearly all of it", zone: "UTC",
		layers: []schedule.Layer{weekly(base, "wed 12:00", "wed 10:00")},
		expect: []string{"2025-03-12T09:59:59Z ada", "2025-03-12T10:00:00Z -", "2025-03-12T11:59:59Z -", "2025-03-12T12:00:00Z ada"},
	}, {
		why: "turns go on while a window hides the layer", zone: "UTC",
		layers: []schedule.Layer{daily(layer(schedule.Daily, 1, "2025-03-07T00:00", "ada bob cyd dan"), "00:00-00:00 mon tue wed thu fri")},
		expect: []string{"2025-03-07T12:00:00Z ada", "2025-03-08T12:00:00Z -", "2025-03-10T12:00:00Z dan"},
	}, {
		why: "from in a doubled hour is its first, to its last, so no hole opens", zone: "America/New_York",
		layers: []schedule.Layer{daily(base, "22:00-01:30"), daily(layer(schedule.Daily, 1, "2025-01-06T00:00", "bob"), "01:30-08:00")},
		expect: []string{"2025-11-02T01:29:59-04:00 ada", "2025-11-02T01:30:00-04:00 bob", "2025-11-02T01:15:00-05:00 bob", "2025-11-02T01:30:00-05:00 bob"},
	}, {
		why: "to in a doubled hour is its last", zone: "America/New_York",
		layers: []schedule.Layer{daily(base, "22:00-01:30")},
		expect: []string{"2025-11-02T01:45:00-04:00 ada", "2025-11-02T01:29:59-05:00 ada", "2025-11-02T01:30:00-05:00 -"},
	}, {
		why: "a window that lies in the jump is empty", zone: "America/New_York",
		layers: []schedule.Layer{daily(base, "02:15-02:45")},
		expect: []string{"2025-03-09T01:59:59-05:00 -", "2025-03-09T03:00:00-04:00 -", "2025-03-10T02:15:00-04:00 ada"},
	}, {
		why: "a window that starts in the jump starts at the jump", zone: "America/Santiago",
		layers: []schedule.Layer{daily(base, "00:00-08:00 sun")},
		expect: []string{"2025-09-06T23:59:59-04:00 -", "2025-09-07T01:00:00-03:00 ada", "2025-09-07T08:00:00-03:00 -"},
	}, {
		why: "a window of a day left out is what is left of it", zone: "Pacific/Apia",
		layers: []schedule.Layer{daily(layer(schedule.Weekly, 1, "2011-01-03T00:00", "ada"), "22:00-06:00 fri", "12:00-14:00 fri")},
		expect: []string{"2011-12-29T23:59:59-10:00 -", "2011-12-31T00:00:00+14:00 ada", "2011-12-31T06:00:00+14:00 -", "2011-12-31T12:00:00+14:00 -"},
	}})
}

func TestLayers(t *testing.T) {
	base := layer(schedule.Weekly, 1, "2026-11-02T09:00", "ada")
	testRules(t, []rule{{
		why: "before the first layer's start: nobody", zone: "UTC",
		layers: []schedule.Layer{base},
		expect: []string{"2026-11-02T08:59:59Z -", "1999-01-01T00:00:00Z -", "2026-11-02T09:00:00Z ada"},
	}, {
		why: "the last layer that has somebody wins", zone: "UTC",
		layers: []schedule.Layer{base, layer(schedule.Weekly, 1, "2026-11-03T00:00", "bob")},
		expect: []string{"2026-11-02T23:59:59Z ada", "2026-11-03T00:00:00Z bob"},
	}, {
		why: "a gap on purpose falls through", zone: "UTC",
		layers: []schedule.Layer{base, layer(schedule.Daily, 1, "2026-11-03T00:00", "bob -")},
		expect: []string{"2026-11-03T12:00:00Z bob", "2026-11-04T12:00:00Z ada", "2026-11-05T12:00:00Z bob"},
	}, {
		why: "a layer's life is half-open and falls through after its end", zone: "UTC",
		layers: []schedule.Layer{base, until(layer(schedule.Daily, 1, "2026-11-03T00:00", "bob"), "2026-11-05T12:00:00Z")},
		expect: []string{"2026-11-05T11:59:59.999Z bob", "2026-11-05T12:00:00Z ada"},
	}, {
		why: "no layers: nobody", zone: "UTC", expect: []string{"2026-11-05T12:00:00Z -"},
	}})
}

func TestOverrides(t *testing.T) {
	base := []schedule.Layer{until(layer(schedule.Daily, 1, "2026-11-02T00:00", "ada bob"), "2026-11-06T00:00:00Z")}
	testRules(t, []rule{{
		why: "half-open, to the nanosecond", zone: "UTC", layers: base,
		overrides: []schedule.Override{override("a", "2026-11-02T10:00:00.000000001Z", "2026-11-02T12:00:00Z", "eve", "")},
		expect:    []string{"2026-11-02T10:00:00Z ada", "2026-11-02T10:00:00.000000001Z eve", "2026-11-02T11:59:59.999999999Z eve", "2026-11-02T12:00:00Z ada"},
	}, {
		why: "an override fills a gap", zone: "UTC", layers: base,
		overrides: []schedule.Override{override("a", "2026-11-07T00:00:00Z", "2026-11-08T00:00:00Z", "eve", "")},
		expect:    []string{"2026-11-06T23:59:59Z -", "2026-11-07T12:00:00Z eve", "2026-11-08T00:00:00Z -"},
	}, {
		why: "the newest wins, whichever starts first", zone: "UTC", layers: base,
		overrides: []schedule.Override{
			override("a", "2026-11-02T12:00:00Z", "2026-11-02T18:00:00Z", "eve", ""),
			override("b", "2026-11-02T10:00:00Z", "2026-11-02T14:00:00Z", "fay", ""),
		},
		expect: []string{"2026-11-02T11:00:00Z fay", "2026-11-02T13:00:00Z fay", "2026-11-02T15:00:00Z eve"},
	}, {
		why: "one that replaces acts only where that user would be on call", zone: "UTC", layers: base,
		overrides: []schedule.Override{override("a", "2026-11-02T12:00:00Z", "2026-11-09T00:00:00Z", "eve", "ada")},
		expect:    []string{"2026-11-02T11:00:00Z ada", "2026-11-02T12:00:00Z eve", "2026-11-03T12:00:00Z bob", "2026-11-04T12:00:00Z eve", "2026-11-07T12:00:00Z -"},
	}, {
		why: "each on the result so far: a replacement can be replaced", zone: "UTC", layers: base,
		overrides: []schedule.Override{
			override("a", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "eve", "ada"),
			override("b", "2026-11-02T06:00:00Z", "2026-11-03T00:00:00Z", "fay", "eve"),
		},
		expect: []string{"2026-11-02T05:00:00Z eve", "2026-11-02T07:00:00Z fay"},
	}, {
		why: "each on the result so far: made before, it sees nothing of what came after", zone: "UTC", layers: base,
		overrides: []schedule.Override{
			override("b", "2026-11-02T06:00:00Z", "2026-11-03T00:00:00Z", "fay", "eve"),
			override("a", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "eve", "ada"),
		},
		expect: []string{"2026-11-02T05:00:00Z eve", "2026-11-02T07:00:00Z eve"},
	}, {
		why: "two who swap do not swap back", zone: "UTC", layers: base,
		overrides: []schedule.Override{
			override("a", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "bob", "ada"),
			override("b", "2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z", "ada", "bob"),
		},
		expect: []string{"2026-11-02T12:00:00Z bob", "2026-11-03T12:00:00Z ada", "2026-11-04T12:00:00Z ada"},
	}})
}

func TestAbsences(t *testing.T) {
	turns := layer(schedule.Daily, 1, "2026-11-02T00:00", "ada bob - cyd")
	noon := []responder.Absence{absence("ada", "2026-11-02T12:00:00Z", "2026-11-02T18:00:00Z")}
	everybody := append(noon, absence("bob", "2026-11-02T13:00:00Z", "2026-11-03T06:00:00Z"), absence("cyd", "2026-11-02T14:00:00Z", "2026-11-02T15:00:00Z"))
	below := layer(schedule.Daily, 1, "2026-11-02T00:00", "fay")
	testRules(t, []rule{{
		why: "the turn goes to the next participant, only while the absence lasts", zone: "UTC",
		layers: []schedule.Layer{turns}, absences: noon,
		expect: []string{"2026-11-02T11:59:59Z ada", "2026-11-02T12:00:00Z bob", "2026-11-02T18:00:00Z ada", "2026-11-03T12:00:00Z bob"},
	}, {
		why: "the next who is neither absent nor a gap; nobody left: silent", zone: "UTC",
		layers: []schedule.Layer{turns}, absences: everybody,
		expect: []string{"2026-11-02T13:30:00Z cyd", "2026-11-02T14:30:00Z -", "2026-11-02T15:00:00Z cyd", "2026-11-03T05:00:00Z cyd", "2026-11-03T06:00:00Z bob"},
	}, {
		why: "nobody left: lower layers show", zone: "UTC",
		layers: []schedule.Layer{below, turns}, absences: everybody,
		expect: []string{"2026-11-02T14:30:00Z fay"},
	}, {
		why: "gap: the layer is silent and lower layers show", zone: "UTC", absent: schedule.Gap,
		layers: []schedule.Layer{below, turns}, absences: noon,
		expect: []string{"2026-11-02T11:00:00Z ada", "2026-11-02T12:00:00Z fay", "2026-11-02T18:00:00Z ada"},
	}, {
		why: "a gap on purpose is nobody's turn to take", zone: "UTC",
		layers: []schedule.Layer{turns}, absences: noon,
		expect: []string{"2026-11-04T12:00:00Z -"},
	}, {
		why: "an override naming an absent user stands: a person made it", zone: "UTC",
		layers: []schedule.Layer{turns}, absences: noon,
		overrides: []schedule.Override{override("a", "2026-11-02T12:00:00Z", "2026-11-02T15:00:00Z", "ada", "")},
		expect:    []string{"2026-11-02T12:00:00Z ada", "2026-11-02T15:00:00Z bob"},
	}, {
		why: "replacing looks at who takes the turn, not at whose it was", zone: "UTC",
		layers: []schedule.Layer{turns}, absences: noon,
		overrides: []schedule.Override{override("a", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "eve", "bob")},
		expect:    []string{"2026-11-02T11:00:00Z ada", "2026-11-02T12:00:00Z eve", "2026-11-02T18:00:00Z ada"},
	}, {
		why: "alone in a rotation and absent: silent", zone: "UTC",
		layers: []schedule.Layer{layer(schedule.Daily, 1, "2026-11-02T00:00", "ada")}, absences: noon,
		expect: []string{"2026-11-02T12:00:00Z -", "2026-11-02T18:00:00Z ada"},
	}})
}
