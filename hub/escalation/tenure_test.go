package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The rules on the end of a holder's shift, one test each. Ada has the incident;
// her shift ends 10 minutes after the trigger, and Cleo's begins.

func shiftEnds(t *testing.T) *story {
	return given(t, 5*m, 5*m).onCall(1, -time.Hour, "ada").onCall(1, 10*m, "cleo").onCall(2, -time.Hour, "bob").
		trigger().acknowledge("ada", 2*time.Hour)
}

func (st *story) handOver(by responder.UserID) *story {
	st.t.Helper()
	return st.command(func(s State, c incident.Command) (State, incident.Answer, incident.Entry) {
		return HandOverBy(s, incident.Command{By: by}, 0, st.now)
	}, incident.Applied, "")
}

func (st *story) keep(until time.Duration) *story {
	st.t.Helper()
	return st.command(func(s State, c incident.Command) (State, incident.Answer, incident.Entry) {
		return KeepBy(s, incident.Command{By: s.Incident.Holder}, t0.Add(until), 2*time.Hour, st.now)
	}, incident.Applied, "")
}

func TestAtTheEndOfAShiftTheHolderIsAskedAndNobodyIsPaged(t *testing.T) {
	shiftEnds(t).at(10*m).told("10m0s shift_over ada shift_over").waits(25*m, WaitShift).
		at(25*m - s).pages("0s ada triggered")
}

func TestWithoutAnAnswerIn15MinutesItIsHandedOver(t *testing.T) {
	shiftEnds(t).at(25*m).pages("0s ada triggered", "25m0s cleo hand_over")
}

func TestHandingOverPagesTheSuccessorAndLetsGoWhenThatPageIsAlive(t *testing.T) {
	st := shiftEnds(t).mute("cleo").at(12*m).handOver("ada").open("cleo").pages("0s ada triggered", "12m0s cleo hand_over")
	if st.s.Incident.Status != incident.Acknowledged || st.s.Incident.Holder != "ada" {
		t.Fatalf("let go before anybody is there: %+v", st.s.Incident)
	}
	st.at(12*m+5*s).rings("cleo").told("12m5s handed_over ada hand_over cleo").
		waits(17*m+5*s, WaitTimeout).at(18 * m).pages("17m5s bob timeout")
}

func TestHandingOverLetsGoWhenTheSuccessorAcknowledges(t *testing.T) {
	st := shiftEnds(t).mute("cleo").at(12*m).handOver("ada").acknowledge("cleo", 30*m).open("")
	if i := st.s.Incident; i.Holder != "cleo" || i.Status != incident.Acknowledged || !i.QuietUntil.Equal(t0.Add(42*m)) {
		t.Fatalf("after the successor's acknowledgement: %+v", i)
	}
	st.at(41*m).pages("0s ada triggered", "12m0s cleo hand_over")
}

func TestASuccessorWhoCannotBeReachedIsFollowedByTheNextLevel(t *testing.T) {
	shiftEnds(t).mute("cleo").at(12*m).handOver("ada").at(13*m).
		pages("0s ada triggered", "12m0s cleo hand_over", "12m10s bob hand_over").told("12m10s handed_over ada hand_over bob")
}

func TestASuccessorWhoPassesOnIsFollowedByTheNextLevel(t *testing.T) {
	shiftEnds(t).mute("cleo").at(12*m).handOver("ada").passOn("cleo", incident.Applied).at(13*m).
		pages("0s ada triggered", "12m0s cleo hand_over", "12m0s bob hand_over")
}

func TestWithNobodyToHandOverToTheHolderKeepsItUntilTheLeaseEnds(t *testing.T) {
	st := given(t, 5*m).onCall(1, -time.Hour, "ada").onCall(1, 10*m, "").onCall(1, 40*m, "cleo").catchAll("kim").
		trigger().acknowledge("ada", 30*m).at(29 * m)
	st.pages("0s ada triggered").at(31 * m).pages("30m0s kim nobody_found")
}

func TestWhoeverComesOnCallLaterIsTheSuccessor(t *testing.T) {
	given(t, 5*m).onCall(1, -time.Hour, "ada").onCall(1, 10*m, "").onCall(1, 40*m, "cleo").
		trigger().acknowledge("ada", 2*time.Hour).at(41*m).pages("0s ada triggered", "40m0s cleo hand_over")
}

func TestALeaseThatNeverEndsIsNotKeptInSilenceByWhoHandsOver(t *testing.T) {
	given(t, 5*m).onCall(1, -time.Hour, "ada").onCall(1, 10*m, "cleo").mute("cleo").catchAll("kim").
		trigger().acknowledge("ada", 0).at(26*m).
		pages("0s ada triggered", "25m0s cleo hand_over", "25m10s cleo hand_over", "25m20s kim nobody_reached")
}

func TestWhoTakesAnewWhatTheyHandedOverToNobodyHasIt(t *testing.T) {
	st := given(t, 5*m).levels("ada").maintenance(0, time.Hour).trigger().acknowledge("ada", 0).at(m).handOver("ada").
		told("1m0s quiet_ended 0 hand_over").at(2*m).acknowledge("ada", 0).at(3 * m)
	if i := st.s.Incident; i.Status != incident.Acknowledged || i.Holder != "ada" {
		t.Errorf("taken away again: %+v", i)
	}
}

func TestKeepingItPutsTheQuestionOff(t *testing.T) {
	shiftEnds(t).at(12*m).keep(time.Hour).told("12m0s kept ada by_user 2026-11-02T04:00:00Z").waits(time.Hour, WaitShift).
		at(time.Hour).told("1h0m0s shift_over ada shift_over").
		at(time.Hour+16*m).pages("0s ada triggered", "1h15m0s cleo hand_over")
}

func TestKeepingItWithdrawsAHandOver(t *testing.T) {
	shiftEnds(t).mute("cleo").at(12*m).handOver("ada").keep(time.Hour).open("").
		told("12m0s page_ended cleo acknowledged taken").at(30*m).pages("0s ada triggered", "12m0s cleo hand_over")
}

func TestWhoSaidToKeepItIsPagedAloneWhenTheLeaseEnds(t *testing.T) {
	st := given(t, 5*m).onCall(1, -time.Hour, "ada").onCall(1, 10*m, "cleo").trigger().acknowledge("ada", 30*m).at(12 * m)
	st.s, _, _ = KeepBy(st.s, incident.Command{By: "zoe"}, t0.Add(time.Hour), 30*m, st.now) // said by another: the lease is not renewed
	st.at(31*m).pages("0s ada triggered", "30m0s ada lease_over")
}

func TestWhoComesBackOnCallIsAskedNothing(t *testing.T) {
	given(t, 5*m).onCall(1, -time.Hour, "ada").onCall(1, 10*m, "cleo").onCall(1, 20*m, "ada").
		trigger().acknowledge("ada", 2*time.Hour).at(time.Hour).pages("0s ada triggered")
}

func TestWhoWasNeverOnCallIsNotAskedAtTheEndOfAShift(t *testing.T) {
	given(t, 5*m).onCall(1, -time.Hour, "ada").onCall(1, 10*m, "cleo").trigger().acknowledge("zoe", 2*time.Hour).
		at(time.Hour).pages("0s ada triggered")
}

func TestGoingOffDutyEndsTheHoldersShift(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().acknowledge("ada", 2*time.Hour).at(5*m).offDuty("ada", true).
		at(21*m).pages("0s ada triggered", "20m0s bob hand_over")
}

func TestASnoozeIsNotInterruptedByTheEndOfAShift(t *testing.T) {
	shiftEnds(t).at(5*m).snooze("ada", 3*time.Hour, false).at(2 * time.Hour).pages("0s ada triggered")
}

func TestHandingOverWhatIsSnoozedEndsTheSnoozeAndPagesTheSuccessor(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().acknowledge("ada", 30*m).at(3*m).snooze("ada", 3*time.Hour, false).
		at(4*m).handOver("ada").at(4*m+s).pages("0s ada triggered", "4m0s bob hand_over")
}

func TestWhatWasSnoozedWhileItWasHandedOverCanBeHandedOverAgain(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").mute("bob").trigger().acknowledge("ada", 30*m).at(3*m).handOver("ada").
		snooze("ada", 3*time.Hour, false).at(4*m).handOver("ada").at(4*m+s).
		pages("0s ada triggered", "3m0s bob hand_over", "4m0s bob hand_over")
}

func TestOnlyWhoHasAnIncidentHandsItOverFromADevice(t *testing.T) {
	st := shiftEnds(t).at(12 * m)
	if _, answer, e := HandOverBy(st.s, incident.Command{By: "bob", Device: "d-bob", Opening: 1, Made: st.now}, 0, st.now); answer != incident.Already || e.Reason != ReasonNotHeld {
		t.Fatalf("Bob's device: %s (%s)", answer, e.Reason)
	}
}

func TestWhoHandedItOverIsNotPagedInTheSameBreath(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().acknowledge("ada", 2*time.Hour).at(3*m).handOver("ada").
		at(7*m).pages("0s ada triggered", "3m0s bob hand_over")
}

func TestWhatAHolderWasAskedInAnOpeningBeforeSaysNothingOfThisOne(t *testing.T) {
	// Ada took it before it was resolved, and takes it again, off call by now,
	// before anybody is paged: she is asked nothing.
	st := shiftEnds(t).at(9 * m).resolve().at(12 * m)
	st.reopen()
	st.s.Incident.QuietUntil, st.s.Incident.QuietReason = st.now.Add(30*s), incident.ReasonHold
	st.settle().at(12*m+10*s).acknowledge("ada", 2*time.Hour).at(time.Hour).pages("0s ada triggered")
}

func TestWhoTookItOverOnceIsTheSuccessorOfALaterShiftToo(t *testing.T) {
	given(t, 5*m).onCall(1, -time.Hour, "ada").onCall(1, 10*m, "cleo").onCall(1, time.Hour, "ada").onCall(1, 2*time.Hour, "cleo").
		trigger().acknowledge("ada", 9*time.Hour).mute("ada cleo").
		at(12*m).handOver("ada").acknowledge("cleo", 9*time.Hour).
		at(62*m).handOver("cleo").acknowledge("ada", 9*time.Hour).
		at(122*m).handOver("ada").at(123*m).
		pages("0s ada triggered", "12m0s cleo hand_over", "1h2m0s ada hand_over", "2h2m0s cleo hand_over")
}

func TestWhoPassedOnAnOpeningBeforeIsASuccessorInThisOne(t *testing.T) {
	// Cleo passed on; then it was resolved, came again, and Ada took it in its hold.
	st := given(t, 5*m, 5*m).onCall(1, -time.Hour, "cleo").onCall(2, -time.Hour, "bob").trigger().
		at(m).passOn("cleo", incident.Applied).at(2 * m).resolve()
	st.at(3 * m).reopen()
	st.s.Incident.QuietUntil, st.s.Incident.QuietReason = st.now.Add(30*s), incident.ReasonHold
	st.settle().acknowledge("ada", time.Hour).at(4*m).handOver("ada").at(5*m).
		pages("0s cleo triggered", "1m0s bob passed_on", "4m0s cleo hand_over")
}

func TestWhoPassedOnWhatNobodyElseWasPagedForIsNoSuccessor(t *testing.T) {
	// In a maintenance Ada takes it and asks Cleo for help, who cannot; Ada hands over.
	given(t, 5*m, 5*m).onCall(1, -time.Hour, "cleo").onCall(2, -time.Hour, "bob").maintenance(0, time.Hour).trigger().
		acknowledge("ada", 30*m).at(m).add("cleo").at(2*m).passOn("cleo", incident.Applied).at(3*m).handOver("ada").at(4*m).
		pages("1m0s cleo added", "3m0s bob hand_over")
}

func TestAfterAHandOverOfWhatNobodyWasPagedForPagingGoesOnWithTheSuccessor(t *testing.T) {
	// Ada took it in its hold, so paging has never begun.
	given(t, 5*m, 5*m).onCall(1, -time.Hour, "ada").onCall(1, 10*m, "cleo").onCall(2, -time.Hour, "bob").
		held(30*s).acknowledge("ada", 2*time.Hour).at(12*m).handOver("ada").at(18*m).
		pages("12m0s cleo hand_over", "17m0s bob timeout")
}
