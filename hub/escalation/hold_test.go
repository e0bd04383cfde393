package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
)

// The rules on holding, one test each.

// held opens the incident with a hold.
func (st *story) held(d time.Duration) *story {
	st.s.Incident = incident.Incident{Status: incident.Triggered, Urgency: incident.High, Opening: 1, TriggeredAt: st.now,
		QuietUntil: st.now.Add(d), QuietReason: incident.ReasonHold}
	return st.settle()
}

func TestAHoldWaitsBeforePaging(t *testing.T) {
	given(t, 5*m).levels("ada").held(30*s).waits(30*s, WaitHold).at(m).pages("30s ada triggered").told("30s quiet_ended 0 hold_over").
		waits(5*m+30*s, WaitTimeout)
}

func TestAResolveWithinTheHoldPagesNobody(t *testing.T) {
	given(t, 5*m).levels("ada").held(30 * s).at(10 * s).resolve().at(time.Hour).pages().waitsForNothing()
}

func TestAnAcknowledgementWithinTheHoldPagesNobody(t *testing.T) {
	given(t, 5*m).levels("ada").held(30*s).at(10*s).acknowledge("ada", 30*m).at(m).pages().waits(30*m+10*s, WaitQuiet)
}

func TestEscalateNowEndsAHold(t *testing.T) {
	given(t, 5*m).levels("ada").held(30 * s).at(10 * s).escalate().pages("10s ada by_hand").at(m).pages()
}

func TestAHoldMovesWithTheClockAndDoesNotCountTheTimeThatTheHubWasDown(t *testing.T) {
	st := given(t, 5*m).levels("ada").held(30 * s)
	if moved := Shift(st.s, -time.Hour); !moved.Incident.QuietUntil.Equal(t0.Add(30*s - time.Hour)) {
		t.Fatalf("clock set back: %s", moved.Incident.QuietUntil)
	}
	if moved := Pause(st.s, m); !moved.Incident.QuietUntil.Equal(t0.Add(90 * s)) {
		t.Fatalf("hub down: %s", moved.Incident.QuietUntil)
	}
}

func TestWhoIsAddedDuringAHoldIsPagedAtOnce(t *testing.T) {
	given(t, 5*m).levels("ada").held(30*s).at(10*s).add("cleo").at(m).pages("10s cleo added", "30s ada triggered")
}
