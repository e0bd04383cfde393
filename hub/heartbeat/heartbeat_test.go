package heartbeat

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/incident"
)

// The rules on heartbeats, one test each.

const m = time.Minute

var (
	t0   = time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	rule = Rule{Interval: 5 * m, Grace: 2 * m}
)

func at(d time.Duration) time.Time { return t0.Add(d) }

// ping pings and expects an action.
func ping(t *testing.T, b Beat, k Kind, d time.Duration, want incident.Action) Beat {
	t.Helper()
	b, got := Ping(b, rule, k, at(d))
	if got != want {
		t.Fatalf("%s at %s: %q, want %q", k, d, got, want)
	}
	return b
}

// misses expects the ping to be missing from a time on, not before.
func misses(t *testing.T, b Beat, d time.Duration) Beat {
	t.Helper()
	if early, gone := Look(b, at(d-time.Millisecond)); gone || early != b {
		t.Fatalf("missing before %s: %+v", d, b)
	}
	b, gone := Look(b, at(d))
	if !gone || b.State != Missing {
		t.Fatalf("not missing at %s: %+v", d, b)
	}
	return b
}

func TestNoPingWithinIntervalPlusGraceIsMissingOnceAndTheNextPingResolves(t *testing.T) {
	b := ping(t, Beat{}, OK, 0, incident.Resolve)
	b = ping(t, b, OK, 5*m, "")
	b = misses(t, b, 12*m)
	if _, again := Look(b, at(time.Hour)); again {
		t.Fatal("missing twice")
	}
	b = ping(t, b, OK, time.Hour, incident.Resolve)
	misses(t, b, 67*m)
}

func TestTheWaitBeginsWithTheFirstPing(t *testing.T) {
	if _, gone := Look(Beat{}, at(1000*time.Hour)); gone {
		t.Fatal("it never pinged, and is missing")
	}
}

func TestAPingOfFailureTriggersAtOnceAndTheNextGoodOneResolves(t *testing.T) {
	b := ping(t, ping(t, Beat{}, OK, 0, incident.Resolve), Fail, m, incident.Trigger)
	if b.State != Failing {
		t.Fatal(b.State)
	}
	b = ping(t, b, Fail, 2*m, incident.Trigger)
	b = ping(t, b, OK, 3*m, incident.Resolve)
	misses(t, b, 10*m)
	misses(t, ping(t, Beat{}, Fail, 0, incident.Trigger), 7*m)
}

func TestAJobThatStartsMustEndWithinTheGrace(t *testing.T) {
	b := ping(t, ping(t, Beat{}, OK, 0, incident.Resolve), Start, m, "")
	misses(t, b, 3*m)
	b = ping(t, b, OK, 2*m, "")
	misses(t, b, 9*m)
	misses(t, ping(t, Beat{}, Start, 0, ""), 2*m)
	b, _ = Ping(Beat{}, Rule{Interval: 5 * m}, Start, t0)
	misses(t, b, 5*m) // no grace: the interval
}

func TestAStartDoesNotMakeAMissingSourceWell(t *testing.T) {
	b := misses(t, ping(t, Beat{}, OK, 0, incident.Resolve), 7*m)
	if b = ping(t, b, Start, 8*m, ""); b.State != Missing {
		t.Fatal(b.State)
	}
	ping(t, b, OK, 9*m, incident.Resolve)
}

func TestAWordForTheLogChangesNothing(t *testing.T) {
	b := ping(t, Beat{}, OK, 0, incident.Resolve)
	if ping(t, b, Log, m, "") != b {
		t.Fatal("changed")
	}
}

func TestTheTimeThatTheHubWasDownDoesNotCount(t *testing.T) {
	b := ping(t, Beat{}, OK, 0, incident.Resolve)
	misses(t, Pause(b, rule, at(m), at(3*m)), 9*m) // no ping can have been lost: 2m later
}

func TestWhereAPingMayHaveBeenLostWhileTheHubWasDownTheNextOneIsWaitedForInFull(t *testing.T) {
	b := ping(t, Beat{}, OK, 0, incident.Resolve)
	misses(t, Pause(b, rule, at(4*m), at(6*m)), 13*m)
	misses(t, Pause(b, rule, at(4*m), at(24*m)), 31*m)
	misses(t, Pause(ping(t, b, Start, m, ""), rule, at(2*m), at(2*m+m/2)), 9*m+m/2)
	gone := misses(t, b, 7*m)
	if Pause(gone, rule, at(8*m), at(9*m)) != gone {
		t.Fatal("what is missing stays missing")
	}
}

func TestAStepOfTheClockMovesTheWait(t *testing.T) {
	misses(t, Shift(ping(t, Beat{}, OK, 0, incident.Resolve), -2*m), 5*m)
}

func TestAnEditThatShortensTheIntervalShortensTheWait(t *testing.T) {
	b := ping(t, Beat{}, OK, 0, incident.Resolve)
	misses(t, Retime(b, Rule{Interval: m, Grace: m}, at(m)), 3*m)
	misses(t, Retime(b, Rule{Interval: time.Hour}, at(m)), 7*m)
}

func TestASourceIsAliveWhileGoodPingsComeWithoutAGap(t *testing.T) {
	b := ping(t, Beat{}, OK, 0, incident.Resolve)
	b = ping(t, b, OK, 5*m, "")
	alive := func(b Beat, d time.Duration, want time.Time) {
		t.Helper()
		if got := b.Alive(at(d)); !got.Equal(want) {
			t.Fatalf("at %s alive since %s", d, got)
		}
	}
	alive(b, 6*m, t0)
	alive(b, 12*m, time.Time{}) // overdue, though nobody has looked yet
	alive(misses(t, b, 12*m), 13*m, time.Time{})
	alive(ping(t, misses(t, b, 12*m), OK, 20*m, incident.Resolve), 21*m, at(20*m))
	alive(ping(t, b, Fail, 6*m, incident.Trigger), 7*m, time.Time{})
	alive(Beat{}, 0, time.Time{})
	alive(ping(t, Beat{}, Start, 0, ""), m, time.Time{})
}

// Whatever comes, a heartbeat that pinged once waits for something or is missing,
// it triggers once for each silence, and every silence ends with a resolve.
func TestAHeartbeatThatEverPingedIsNeverForgotten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, now, open := Beat{}, t0, false
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "seconds")) * time.Second)
			var gone bool
			if b, gone = Look(b, now); gone {
				open = true
			}
			switch what := rapid.SampledFrom([]string{"ok", "fail", "start", "log", "pause", "nothing"}).Draw(t, "what"); what {
			case "pause":
				alive := now
				now = now.Add(time.Duration(rapid.IntRange(0, 1000).Draw(t, "away")) * time.Second)
				before := b.DueAt
				if b = Pause(b, rule, alive, now); !before.IsZero() && !b.DueAt.After(now) {
					t.Fatalf("it is missing by the down time alone: %+v at %s", b, now)
				}
			case "nothing":
			default:
				var action incident.Action
				b, action = Ping(b, rule, Kind(what), now)
				if action == incident.Trigger {
					open = true
				}
				if what == "ok" && open && action != incident.Resolve {
					t.Fatal("a good ping left it open")
				}
				if action == incident.Resolve {
					open = false
				}
			}
			if (b.State == Missing || b.State == Failing) != open {
				t.Fatalf("%s, and its alert is open: %t", b.State, open)
			}
			if b.State != Never && b.State != Missing && b.DueAt.IsZero() {
				t.Fatalf("nothing is awaited: %+v", b)
			}
			if b.DueAt.Sub(now) > rule.Interval+rule.Grace+1000*time.Second {
				t.Fatalf("the wait is too long: %+v", b)
			}
		}
	})
}
