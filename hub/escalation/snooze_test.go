package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The rules on snoozes, one test each.

func (st *story) snooze(u responder.UserID, until time.Duration, fixed bool) *story {
	st.t.Helper()
	next, answer, entries := incident.SnoozeBy(st.s.Incident, incident.Command{By: u}, t0.Add(until), fixed, 30*m, st.now)
	if answer != incident.Applied {
		st.t.Fatalf("%s snoozes: %s %+v", u, answer, entries)
	}
	st.s.Incident = next
	return st.settle()
}

func TestASnoozeQuietsEveryAlarmUntilItsEnd(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(6*m).snooze("bob", 5*time.Hour, true).open("").
		told("6m0s page_ended ada snoozed snoozed").told("6m0s page_ended bob snoozed snoozed").waits(5*time.Hour, WaitQuiet).
		at(5*time.Hour-s).pages("0s ada triggered", "5m0s bob timeout")
}

func TestAtTheEndOfASnoozeTheHolderIsPagedAloneThenLevelOne(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().acknowledge("bob", 30*m).snooze("bob", 2*time.Hour, false).
		at(2*time.Hour+5*m).pages("0s ada triggered", "2h0m0s bob snooze_over", "2h5m0s ada holder_silent").
		told("2h0m0s quiet_ended 0 snooze_over").told("2h0m0s holder_asked_again 0 snooze_over")
}

func TestASnoozeForALengthOfTimeMovesWithTheClockAndDoesNotCountTheTimeThatTheHubWasDown(t *testing.T) {
	st := given(t, 5*m).levels("ada").trigger().snooze("ada", time.Hour, false)
	if moved := Shift(st.s, -20*m); !moved.Incident.QuietUntil.Equal(t0.Add(40 * m)) {
		t.Fatalf("clock set back: %s", moved.Incident.QuietUntil)
	}
	if moved := Pause(st.s, 20*m); !moved.Incident.QuietUntil.Equal(t0.Add(80 * m)) {
		t.Fatalf("hub down: %s", moved.Incident.QuietUntil)
	}
	st.snooze("ada", 2*time.Hour, true)
	if moved := Pause(st.s, 20*m); !moved.Incident.QuietUntil.Equal(t0.Add(2 * time.Hour)) {
		t.Fatalf("until a time of day: %s", moved.Incident.QuietUntil)
	}
}
