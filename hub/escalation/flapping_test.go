package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
)

// The rules on flapping that concern paging, one test each.

// heldBack holds the resolve of a flapping incident back for so long.
func (st *story) heldBack(d time.Duration) *story {
	st.s.Incident.ResolveDue = st.now.Add(d)
	return st.settle()
}

func TestAHeldResolveTakesEffectWhenItIsDueAndEndsEveryPage(t *testing.T) {
	given(t, 5*m).levels("ada", "bob").trigger().at(m).heldBack(3*m).waits(4*m, WaitResolve).at(time.Hour).pages("0s ada triggered").
		told("4m0s resolved 0 quiet_since").open("").waitsForNothing()
}

func TestPagingGoesOnWhileAResolveIsHeldBack(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(m).heldBack(15*m).at(7*m).pages("0s ada triggered", "5m0s bob timeout").
		at(time.Hour).open("")
}

func TestALeaseGoesOnWhileAResolveIsHeldBack(t *testing.T) {
	given(t, 5*m).levels("ada").trigger().at(m).acknowledge("ada", 5*m).heldBack(15*m).at(10*m).
		pages("0s ada triggered", "6m0s ada lease_over").at(time.Hour).open("").told("16m0s resolved 0 quiet_since")
}

func TestAHeldResolveOfWhatIsTakenEndsItToo(t *testing.T) {
	given(t, 5*m).levels("ada").trigger().at(m).acknowledge("ada", 30*m).heldBack(15*m).waits(16*m, WaitResolve).at(time.Hour).
		pages("0s ada triggered").waitsForNothing()
}

func TestAHeldResolveMovesWithTheClockAndDoesNotCountTheTimeThatTheHubWasDown(t *testing.T) {
	st := given(t, 5*m).levels("ada").trigger().heldBack(15 * m)
	st.s.Incident.Reopenings = []time.Time{t0}
	moved := Shift(st.s, -time.Hour)
	if !moved.Incident.ResolveDue.Equal(t0.Add(15*m-time.Hour)) || !moved.Incident.Reopenings[0].Equal(t0.Add(-time.Hour)) {
		t.Fatalf("clock set back: %s %s", moved.Incident.ResolveDue, moved.Incident.Reopenings)
	}
	if moved := Pause(st.s, 20*m); !moved.Incident.ResolveDue.Equal(t0.Add(35 * m)) {
		t.Fatalf("hub down: %s", moved.Incident.ResolveDue)
	}
}

func TestWhenWhatSomebodyTookQuietlyTurnsUrgentTheHolderIsAlarmedAloneThenLevelOne(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada bob", "cleo").urgency(incident.Low).trigger().at(m).acknowledge("ada", 30*m).at(2 * m)
	st.s.Incident.Urgency, st.s.Incident.QuietUntil, st.s.Incident.QuietReason = incident.High, st.now, incident.ReasonSeverityRose
	st.settle().at(8*m).pages("0s ada triggered", "0s bob triggered", "2m0s ada urgency_rose", "7m0s ada holder_silent", "7m0s bob holder_silent").
		told("2m0s quiet_ended 0 urgency_rose")
}
