package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
)

// The rules on time, one test each.

func TestInTheGraceAfterAStartOnlyNewTriggersPage(t *testing.T) {
	given(t, m, 5*m).levels("ada", "bob").trigger().sleepUntil(2*m).restart().
		waits(2*m+20*s, WaitGrace).
		at(2*m+20*s).pages("0s ada triggered", "2m20s bob timeout")
	given(t, 5*m).levels("ada").restart().trigger().pages("0s ada triggered")
}

func TestWhatNobodyWasPagedForBeforeTheStartIsNew(t *testing.T) {
	st := given(t, 5*m).levels("ada")
	st.s.Incident = incident.Incident{Status: incident.Triggered, Urgency: incident.High, Opening: 1, TriggeredAt: t0}
	st.sleepUntil(m).restart().at(m).pages("1m0s ada triggered").tells("method_used", "1m0s ada devices by_rule")
	// A reopening too.
	given(t, 5*m).levels("ada").trigger().resolve().settle().reopen().sleepUntil(m).restart().
		at(m).pages("0s ada triggered", "1m0s ada reopened")
}

func TestALeaseThatEndsInTheGraceWaitsForItsEnd(t *testing.T) {
	given(t, 5*m).levels("ada").trigger().acknowledge("ada", 30*m).sleepUntil(40*m).restart().
		waits(40*m+20*s, WaitGrace).at(41*m).pages("0s ada triggered", "40m20s ada lease_over")
}

func TestAnAcknowledgementClosesAlarmsEvenInTheGrace(t *testing.T) {
	given(t, 5*m).levels("ada").trigger().sleepUntil(m).restart().acknowledge("ada", 0).open("")
}

func TestWhatFellDueWhileTheHubWasDownIsDoneOnceWithFullTimeouts(t *testing.T) {
	given(t, 5*m, 5*m, 5*m).levels("ada", "bob", "cleo").trigger().sleepUntil(3*time.Hour).restart().
		at(3*time.Hour+6*m).pages("0s ada triggered", "3h0m20s bob timeout", "3h5m20s cleo timeout")
}

func TestARestartDoesNotPageTheSecondPerson(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").trigger().sleepUntil(m).restart()
	st.of("ada").Devices[0] = Link{Device: "d-ada", GoneAt: t0.Add(m + GoneAfter)} // not back yet
	st.at(m + 30*s)
	st.of("ada").Devices[0].Since = st.now
	st.at(4*m).pages("0s ada triggered").waits(5*m, WaitTimeout)
}

func TestOnABackwardStepOfTheClockAllRunningWaitsMoveWithIt(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").method("ada", "phone", 2*m, true, "accepts").trigger().at(m)
	st.s = Shift(st.s, -time.Hour)
	st.now = st.now.Add(-time.Hour)
	st.waits(-time.Hour+2*m, WaitMethod).at(-time.Hour+6*m).pages("0s ada triggered", "-55m0s bob timeout")
	st.acknowledge("bob", 30*m)
	st.s = Shift(st.s, -time.Hour)
	st.now = st.now.Add(-time.Hour)
	st.waits(-2*time.Hour+36*m, WaitQuiet)
}

func TestSnoozesUntilATimeOfDayStayWhenTheClockIsSetBack(t *testing.T) {
	st := given(t, 5*m).levels("ada").trigger().acknowledge("ada", 30*m)
	st.s.Incident.QuietReason = incident.ReasonSnoozeFixed
	if moved := Shift(st.s, -time.Hour); !moved.Incident.QuietUntil.Equal(t0.Add(30 * m)) {
		t.Fatalf("the snooze ends at %s", moved.Incident.QuietUntil)
	}
}

func TestALeaseDoesNotCountTheTimeThatTheHubWasDown(t *testing.T) {
	st := given(t, 5*m).levels("ada").trigger().acknowledge("ada", 30*m).sleepUntil(time.Hour)
	st.s = Pause(st.s, 50*m) // it was away from minute 10 on
	st.restart().at(time.Hour+m).waits(80*m, WaitQuiet)
	due := given(t, 5*m).levels("ada").trigger()
	if moved := Pause(due.s, time.Hour); !moved.Course.Due.Equal(due.s.Course.Due) {
		t.Fatal("a level's timeout does count it")
	}
}

func TestAStartInTheFutureKeepsNobodyWaiting(t *testing.T) {
	st := given(t, m, 5*m).levels("ada", "bob").trigger()
	st.s.World.HubStart, st.s.World.GraceUntil = t0.Add(time.Hour), t0.Add(time.Hour+Grace)
	st.at(m).pages("0s ada triggered", "1m0s bob timeout")
}

func TestAHandOffThatHappenedWhileTheHubWasDownIsMadeUpFor(t *testing.T) {
	given(t, 30*m).onCall(1, -m, "ada").onCall(1, 10*m, "cleo").trigger().sleepUntil(20*m).restart().
		at(21*m).pages("0s ada triggered", "20m20s cleo hand_off").waits(50*m+20*s, WaitTimeout)
}
