package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The rules on round-robin levels, one test each. Each user is a target; one
// called nobody is a schedule with nobody on call.

func targetOf(u responder.UserID) []responder.UserID {
	if u == "nobody" {
		return nil
	}
	return []responder.UserID{u}
}

func (st *story) inTurn(level int) *story {
	st.s.Policy.Levels[level-1].InTurn = true
	return st
}

func (st *story) turn(n int) *story {
	st.s.Incident.Turn = n
	return st
}

func TestARoundRobinLevelPagesOneTargetAndEachIncidentTheNext(t *testing.T) {
	for turn, who := range []string{"ada", "bob", "cleo", "ada"} {
		given(t, 5*m).inTurn(1).levels("ada bob cleo").turn(turn).trigger().at(m).pages("0s " + who + " triggered")
	}
}

func TestARoundRobinLevelPagesTheNextTargetIfOneFails(t *testing.T) {
	given(t, 5*m, 5*m).inTurn(1).levels("ada bob cleo", "dan").turn(1).away("bob cleo").trigger().
		at(6*m).pages("0s bob triggered", "10s cleo all_pages_failed", "20s ada all_pages_failed", "5m20s dan timeout")
}

func TestOnceEveryTargetOfARoundRobinLevelHasFailedTheNextLevelIsEntered(t *testing.T) {
	given(t, 5*m, 5*m).inTurn(1).levels("ada bob", "dan").away("ada bob").trigger().
		at(m).pages("0s ada triggered", "10s bob all_pages_failed", "20s dan all_pages_failed")
}

func TestTheTimeoutOfARoundRobinLevelEntersTheNextLevel(t *testing.T) {
	given(t, 5*m, 5*m).inTurn(1).levels("ada bob", "dan").trigger().at(6*m).pages("0s ada triggered", "5m0s dan timeout")
}

func TestEachRoundBeginsWithTheNextTarget(t *testing.T) {
	given(t, 5*m).inTurn(1).levels("ada bob").repeat(2).trigger().at(11*m).
		pages("0s ada triggered", "5m0s bob new_round", "10m0s ada new_round")
}

func TestPassingOnAtARoundRobinLevelPagesTheNextTargetAtOnce(t *testing.T) {
	given(t, 5*m, 5*m).inTurn(1).levels("ada bob", "dan").trigger().at(s).passOn("ada", incident.Applied).
		pages("0s ada triggered", "1s bob passed_on").open("bob")
}

func TestATargetWithNobodyOnCallOrOffDutyIsNobodysTurn(t *testing.T) {
	given(t, 5*m).inTurn(1).levels("nobody bob cleo").offDuty("bob", true).trigger().at(m).pages("0s cleo triggered")
}

func TestAHandOffAtARoundRobinLevelIsThatOfTheTargetWhoseTurnItIs(t *testing.T) {
	given(t, 5*m).inTurn(1).onCall(1, -time.Hour, "ada bob").onCall(1, 2*m, "ada eve").turn(1).trigger().
		at(3*m).pages("0s bob triggered", "2m0s eve hand_off").open("eve")
	given(t, 5*m).inTurn(1).onCall(1, -time.Hour, "ada bob").onCall(1, 2*m, "ada eve").trigger().
		at(3 * m).pages("0s ada triggered").open("ada")
}
