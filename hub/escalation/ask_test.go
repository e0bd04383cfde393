package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The rules on what people ask for by hand, one test each.

func (st *story) command(do func(State, incident.Command) (State, incident.Answer, incident.Entry), want incident.Answer, why incident.Reason) *story {
	st.t.Helper()
	next, answer, e := do(st.s, incident.Command{By: "zoe"})
	if answer != want || why != "" && e.Reason != why {
		st.t.Fatalf("answered %s (%s), want %s (%s)", answer, e.Reason, want, why)
	}
	st.s = next
	st.note(e)
	return st.settle()
}

func (st *story) escalate() *story { return st.escalateRefused("") }

func (st *story) escalateRefused(why incident.Reason) *story {
	st.t.Helper()
	want := incident.Applied
	if why != "" {
		want = incident.Refused
	}
	return st.command(func(s State, c incident.Command) (State, incident.Answer, incident.Entry) {
		return EscalateBy(s, c, 0, st.now)
	}, want, why)
}

func (st *story) reassign(u responder.UserID) *story {
	st.t.Helper()
	return st.command(func(s State, c incident.Command) (State, incident.Answer, incident.Entry) {
		st.of(u)
		return ReassignTo(s, c, u, 0, st.now)
	}, incident.Applied, "")
}

func (st *story) add(names string) *story {
	st.t.Helper()
	return st.command(func(s State, c incident.Command) (State, incident.Answer, incident.Entry) {
		for _, u := range users(names) {
			st.of(u)
		}
		return AddBy(s, c, users(names), 0, st.now)
	}, incident.Applied, "")
}

func (st *story) answers(u responder.UserID) *story {
	st.t.Helper()
	next, answer, entries := AcknowledgeBy(st.s, incident.Command{By: u}, 30*m, st.now)
	if answer != incident.Applied {
		st.t.Fatalf("%s answers: %s %+v", u, answer, entries)
	}
	st.s = next
	for _, e := range entries {
		st.note(e)
	}
	return st.settle()
}

func TestEscalateNowEntersTheNextLevelAtOnce(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob cleo dan eve").trigger().at(m).escalate().
		pages("0s ada triggered", "1m0s bob by_hand", "1m0s cleo by_hand", "1m0s dan by_hand", "1m0s eve by_hand").
		open("ada bob cleo dan eve").waits(6*m, WaitTimeout)
}

func TestEscalateNowAtTheLastLevelBeginsTheNextRound(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").repeat(1).trigger().at(6*m).escalate().
		pages("0s ada triggered", "5m0s bob timeout", "6m0s ada new_round")
}

func TestEscalateNowTakesWhatWasAcknowledgedFromItsHolder(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(m).acknowledge("ada", 30*m).at(10*m).escalate().
		pages("0s ada triggered", "10m0s bob by_hand").at(15 * m).pages("15m0s bob keep_paging")
}

func TestEscalateNowIsRefusedForLowUrgencyAndWhereThePolicyStops(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").urgency(incident.Low).trigger().escalateRefused(ReasonLowUrgency)
	st := given(t, 5*m).levels("ada")
	st.s.Policy.WhenExhausted = Stop
	st.trigger().at(m).escalateRefused(ReasonExhausted).at(6 * m).escalateRefused(ReasonExhausted)
}

func TestWhatAPersonAsksForIsNotHeldUpByTheGraceAfterAStart(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().sleepUntil(2*m).restart().at(2*m+s).escalate().
		pages("0s ada triggered", "2m1s bob by_hand")
}

func TestReassigningToAUserIsALevelOfItsOwnAndThenThePolicyGoesOnWithTheNext(t *testing.T) {
	given(t, 5*m, 7*m).levels("ada", "bob").trigger().at(m).reassign("cleo").told("1m0s assigned 1 reassigned").
		waits(6*m, WaitTimeout).at(13*m).
		pages("0s ada triggered", "1m0s cleo reassigned", "6m0s bob timeout", "13m0s bob keep_paging")
}

func TestAReassignedUserWhoCannotBeReachedIsSkipped(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").mute("ada").away("cleo").trigger().at(s).reassign("cleo").
		at(m).pages("0s ada triggered", "1s cleo reassigned", "11s bob all_pages_failed")
}

func TestReassigningAfterAnAcknowledgementPagesTheUser(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().acknowledge("ada", 30*m).at(m).reassign("cleo").
		pages("0s ada triggered", "1m0s cleo reassigned").open("cleo").answers("cleo").open("").waits(31*m, WaitQuiet)
}

func TestReassigningToAPolicyStartsIt(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(6 * m)
	other := Policy{ID: "other", WhenExhausted: KeepPaging, Levels: []Level{{Timeout: 9 * m}}}
	st.shifts = map[int][]stretch{1: {{-time.Hour, users("eve")}}}
	st.command(func(s State, c incident.Command) (State, incident.Answer, incident.Entry) {
		return ReassignToPolicy(s, c, other, 7, 0, st.now)
	}, incident.Applied, "").pages("0s ada triggered", "5m0s bob timeout", "6m0s eve reassigned").waits(15*m, WaitTimeout)
	if st.s.Incident.Policy != "other" || st.s.Incident.Revision != 7 {
		t.Fatalf("%+v", st.s.Incident)
	}
}

func TestWhoIsAddedIsPagedOnceAndNothingElseChanges(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(m).add("cleo ada cleo").
		waits(5*m, WaitTimeout).at(6*m).pages("0s ada triggered", "1m0s cleo added", "5m0s bob timeout").
		acknowledge("bob", 30*m).open("")
}

func TestWhoIsAddedAfterAnAcknowledgementIsAlarmedUntilTheyAnswer(t *testing.T) {
	given(t, 5*m).levels("ada").trigger().acknowledge("ada", 30*m).at(m).add("cleo dan").open("cleo dan").
		pages("0s ada triggered", "1m0s cleo added", "1m0s dan added").at(2*m).answers("cleo").open("dan").
		told("2m0s joined cleo by_user").passOn("dan", incident.Applied).open("").waits(30*m, WaitQuiet)
}

func TestWhoIsAddedAfterAnAcknowledgementTravelsByTheNextMethodToo(t *testing.T) {
	given(t, 5*m).levels("ada").mute("cleo").method("cleo", "phone", 30*s, true, "accepts").trigger().acknowledge("ada", 30*m).
		at(m).add("cleo").at(2 * m).told("1m10s method_used cleo phone not_alive")
}

func TestAtTheEndOfTheLeaseWhoWasAddedIsPagedLikeEverybody(t *testing.T) {
	given(t, 5*m).levels("ada").trigger().acknowledge("ada", 30*m).at(m).add("cleo").at(31*m).open("cleo ada").
		acknowledge("ada", 30*m).open("")
}

func TestNothingIsAskedOfWhatIsOverOrATestPage(t *testing.T) {
	st := given(t, 5*m).levels("ada").trigger()
	st.s.Incident.Test = true
	st.escalateRefused(incident.ReasonTestPage)
	st.s.Incident.Test = false
	st.resolve().command(func(s State, c incident.Command) (State, incident.Answer, incident.Entry) {
		return AddBy(s, c, users("bob"), 0, st.now)
	}, incident.Already, incident.ReasonNotOpen)
}
