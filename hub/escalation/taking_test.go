package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
)

// The rules on taking an incident, one test each.

func TestAnAcknowledgementStopsPagingAndClosesEveryOtherAlarm(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(6*m).acknowledge("bob", 0).
		told("6m0s page_ended ada acknowledged taken").told("6m0s page_ended bob acknowledged acknowledged").open("")
	st.pages("0s ada triggered", "5m0s bob timeout").at(10 * time.Hour).pages()
	if p, _ := st.s.Page(Key{1, "ada"}); p.EndedBy != "bob" {
		t.Fatalf("ada's page says that %q took it", p.EndedBy)
	}
}

func TestAResolveEndsEveryPageAndNamesNobodyWhoDidNotDoIt(t *testing.T) {
	st := given(t, 5*m).levels("ada").trigger()
	st.s.Incident.Holder = "bob" // from an opening before
	st.resolve().at(m).open("").told("0s page_ended ada resolved resolved").waitsForNothing()
	if st.s.Pages[0].EndedBy != "" {
		t.Fatalf("ada's window says that %s resolved it", st.s.Pages[0].EndedBy)
	}
}

func TestAtTheEndOfTheLeaseTheHolderIsPagedAloneThenLevelOne(t *testing.T) {
	given(t, 10*m, 10*m).levels("ada", "bob").trigger().at(m).acknowledge("bob", 30*m).
		waits(31*m, WaitQuiet).
		at(40*m).pages("0s ada triggered", "31m0s bob lease_over", "36m0s ada holder_silent").
		told("31m0s quiet_ended 0 lease_over").told("31m0s holder_asked_again 0 lease_over")
}

func TestTheHolderHasNoLongerThanThePolicysLongestTimeout(t *testing.T) {
	given(t, m, 2*m).levels("ada", "bob").trigger().acknowledge("bob", 30*m).
		at(32*m).pages("0s ada triggered", "30m0s bob lease_over", "32m0s ada holder_silent")
}

func TestAHolderWhoCannotBeReachedIsWaitedForNoLonger(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").away("bob").trigger().acknowledge("bob", 30*m).
		at(31*m).pages("0s ada triggered", "30m0s bob lease_over", "30m10s ada holder_silent")
}

func TestAHolderWhoIsNotOnCallAnyMoreIsNotPaged(t *testing.T) {
	given(t, 5*m).onCall(1, -m, "ada").onCall(1, 20*m, "cleo").trigger().acknowledge("ada", 30*m).
		at(31*m).pages("0s ada triggered", "30m0s cleo lease_over")
	given(t, 5*m).levels("ada bob").trigger().acknowledge("ada", 30*m).at(20*m).offDuty("ada", true).
		at(31*m).pages("0s ada triggered", "0s bob triggered", "30m0s bob lease_over")
}

func TestAnAcknowledgementFromAnEventHasNoHolderToAsk(t *testing.T) {
	given(t, 5*m).levels("ada").trigger().acknowledge("", 30*m).
		at(31*m).pages("0s ada triggered", "30m0s ada lease_over")
}

func TestAHolderWhoTookItBeforeAnybodyWasPagedIsAskedAlone(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob")
	st.s.Incident = incident.Incident{Status: incident.Triggered, Urgency: incident.High, Opening: 1, TriggeredAt: t0}
	st.acknowledge("bob", 30*m).at(31 * m).pages("30m0s bob lease_over")
}

func TestOnReopeningTheLastHolderIsPagedAlone(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().acknowledge("bob", 30*m).at(m).resolve().at(2*m).
		reopen().at(8*m).pages("0s ada triggered", "2m0s bob reopened", "7m0s ada holder_silent")
}

func TestOnReopeningWithoutAHolderItIsLevelOne(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(6*m).resolve().at(7*m).
		reopen().at(8*m).pages("0s ada triggered", "5m0s bob timeout", "7m0s ada reopened")
}

func TestPagesOfAnEarlierOpeningEndEvenIfNobodyLookedInBetween(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(6 * m).resolve().
		reopen().at(7 * m).open("ada").told("6m0s page_ended bob resolved resolved")
}

func TestAtAHandOffTheNewUserIsPagedAndTheTimeoutStartsAnew(t *testing.T) {
	given(t, 5*m, 5*m).onCall(1, -m, "ada").onCall(1, 3*m, "cleo").levels().onCall(2, -m, "bob").trigger().
		waits(3*m, WaitHandOff).
		at(8*m).pages("0s ada triggered", "3m0s cleo hand_off", "8m0s bob timeout").
		told("3m0s page_ended ada successor_alive passed_on")
}

func TestTheOldPageEndsOnlyWhenTheNewOneIsAlive(t *testing.T) {
	st := given(t, 5*m, 5*m).onCall(1, -m, "ada").onCall(1, 3*m, "cleo").onCall(2, -m, "bob").away("cleo").trigger().
		at(5*m).pages("0s ada triggered", "3m0s cleo hand_off").open("ada cleo").
		at(9 * m).pages("8m0s bob timeout").open("ada cleo bob")
	// Cleo's laptop comes up.
	st.of("cleo").Devices[0].Since = st.now
	st.rings("cleo").open("cleo bob")
}

func TestWithNoSuccessorTheOldPageStays(t *testing.T) {
	given(t, 5*m, 5*m).onCall(1, -m, "ada").onCall(1, 3*m, "").onCall(2, -m, "bob").trigger().
		at(6*m).pages("0s ada triggered", "5m0s bob timeout").open("ada bob")
}

func TestOnLevelsAlreadyPassedNobodyNewIsPaged(t *testing.T) {
	given(t, 5*m, 5*m).onCall(1, -m, "ada").onCall(1, 6*m, "cleo").onCall(2, -m, "bob").trigger().
		at(9*m).pages("0s ada triggered", "5m0s bob timeout")
}

func TestPassingOnEntersTheNextLevelAtOnceAndSkippingsLimitsDoNotApply(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob cleo dan eve").trigger().at(s).passOn("ada", incident.Applied).
		pages("0s ada triggered", "1s bob passed_on", "1s cleo passed_on", "1s dan passed_on", "1s eve passed_on").
		told("1s page_ended ada other_alive passed_on")
}

func TestPassingOnWaitsForTheOthersOfTheLevel(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada eve", "bob").trigger().at(s).passOn("ada", incident.Applied).
		at(5*m).pages("0s ada triggered", "0s eve triggered", "5m0s bob timeout")
}

func TestWhoPassedItOnIsLeftOutUntilTheEndOfAQuietTime(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").repeat(3).trigger().passOn("ada", incident.Applied).
		at(5*m).pages("0s ada triggered", "0s bob passed_on", "5m0s bob new_round").
		told("5m0s level_passed_over 1 all_passed_on").
		acknowledge("bob", 30*m).offDuty("bob", true).at(35 * m).pages("35m0s ada lease_over")
}

func TestWhoPassedItOnIsLeftOutUntilTheNextTrigger(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().passOn("ada", incident.Applied).resolve().at(m).
		reopen().at(m).pages("0s ada triggered", "0s bob passed_on", "1m0s ada reopened")
}

func TestPagesOfTheCatchAllCannotBePassedOn(t *testing.T) {
	given(t, 5*m).levels("").catchAll("kim").trigger().passOn("kim", incident.Refused).open("kim")
}

func TestPassingOnNeverEndsTheLastPageThatIsAlive(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").away("bob").trigger().passOn("ada", incident.Applied).
		at(m).pages("0s ada triggered", "0s bob passed_on").open("ada bob")
}

func TestPassingOnWithNobodyBehindPagesTheCatchAll(t *testing.T) {
	given(t, 5*m).levels("ada").catchAll("kim").trigger().at(s).passOn("ada", incident.Applied).
		pages("0s ada triggered", "1s kim nobody_reached").open("kim")
}

func TestWhoIsTheCatchAllTooIsAskedAgainAfterPassingOn(t *testing.T) {
	given(t, 5*m).levels("ada").catchAll("ada").trigger().at(s).passOn("ada", incident.Applied).
		pages("0s ada triggered", "1s ada nobody_reached").passOn("ada", incident.Refused)
}

func TestAPassThatReachedSomebodyIsARoundEvenIfTheLastPassedItOn(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").catchAll("kim")
	st.s.Policy.WhenExhausted = Stop
	st.trigger().at(5*m).passOn("bob", incident.Applied).
		at(30*m).pages("0s ada triggered", "5m0s bob timeout").told("10m0s stopped 2 exhausted").open("ada")
}

func TestPassingOnTwiceOrWithoutAPageChangesNothing(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").away("bob").trigger().passOn("ada", incident.Applied).
		passOn("ada", incident.Already).passOn("zoe", incident.Already).
		acknowledge("bob", 0).passOn("bob", incident.Already)
}

func TestPassingOnWhatWasTriggeredAgainIsTooLate(t *testing.T) {
	st := given(t, 5*m).levels("ada").trigger()
	_, answer, e := PassOn(st.s, incident.Command{By: "ada", Device: "d-ada", Opening: 2, Made: st.now}, 0, st.now)
	if answer != incident.TooLate || e.Kind != incident.KindTooLate {
		t.Fatalf("%s %s", answer, e.Kind)
	}
}

func TestACatchAllUserWhoPassesOnAnotherPageIsAskedAsCatchAll(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "").away("ada").catchAll("ada kim").mute("kim").trigger().
		at(5*m+s).pages("0s ada triggered", "10s ada nobody_reached", "10s kim nobody_reached")
	// Ada's page of level 1 stood in for that of the catch-all.
	st := given(t, 5*m, 5*m).levels("ada bob").catchAll("ada").trigger().passOn("bob", incident.Applied).at(s)
	st.s = Apply(st.s, Enter{At: st.now, Stage: CatchAll, Pass: 1, Round: 1, Due: st.now.Add(5 * m)})
	st.passOn("ada", incident.Applied).pages("0s ada triggered", "0s bob triggered", "1s ada nobody_reached").open("ada")
}
