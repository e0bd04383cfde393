package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
)

// The rules on levels, rounds and the catch-all, one test each, in the order of
// the specification.

const (
	s = time.Second
	m = time.Minute
)

func TestAnIncidentEntersLevelOneWhenItTriggers(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().
		pages("0s ada triggered").waits(5*m, WaitTimeout)
}

func TestALevelPagesEachOfItsUsersOnce(t *testing.T) {
	given(t, 5*m).levels("ada bob ada").trigger().
		pages("0s ada triggered", "0s bob triggered")
}

func TestALevelLeavesOutWhoIsOffDuty(t *testing.T) {
	given(t, 5*m).levels("ada bob").offDuty("ada", true).trigger().
		pages("0s bob triggered")
}

func TestNobodyIsPagedTwiceInAPass(t *testing.T) {
	given(t, 5*m, 5*m, 5*m).levels("ada", "ada bob", "ada").trigger().pages("0s ada triggered").
		at(5 * m).pages("5m0s bob timeout").
		at(10 * m).told("10m0s level_passed_over 3 already_paged")
}

func TestAnEmptyLevelIsPassedOverAtOnce(t *testing.T) {
	given(t, 5*m, 5*m, 5*m).levels("", "bob", "cleo").offDuty("bob", true).trigger().
		pages("0s cleo triggered").
		told("0s level_passed_over 1 nobody_on_call").told("0s level_passed_over 2 all_off_duty")
}

func TestATimeoutEntersTheNextLevelAndEarlierUsersKeepTheWindow(t *testing.T) {
	given(t, 5*m, 7*m).levels("ada", "bob").trigger().
		at(5*m).pages("0s ada triggered", "5m0s bob timeout").open("ada bob").waits(12*m, WaitTimeout)
}

func TestAPassThatFindsNobodyPagesTheCatchAllAndUsesUpNoRound(t *testing.T) {
	st := given(t, 5*m, 9*m).onCall(1, 11*m, "ada").catchAll("kim").trigger().
		pages("0s kim nobody_found").
		at(11*m).pages().tells("catch_all", "0s 0 nobody_found", "5m0s 0 nobody_found", "10m0s 0 nobody_found")
	st.at(15 * m).pages("15m0s ada nobody_reached")
	if p, _ := st.s.OpenPageOf("ada"); p.Round != 1 {
		t.Fatalf("ada is paged in round %d, want 1", p.Round)
	}
}

func TestAPassThatReachesNobodyPagesTheCatchAllAndTheTimelineSaysSo(t *testing.T) {
	given(t, 5*m, 9*m).levels("ada", "bob").away("ada bob").catchAll("kim").trigger().
		at(20*s).pages("0s ada triggered", "10s bob all_pages_failed", "20s kim nobody_reached").
		told("20s catch_all 0 nobody_reached").
		at(5*m + 20*s).pages("5m20s ada nobody_reached").open("bob kim ada")
}

func TestCatchAllUsersCountEvenWhenOffDuty(t *testing.T) {
	given(t, 5*m).levels("").catchAll("kim").offDuty("kim", true).trigger().pages("0s kim nobody_found")
}

func TestACatchAllUserIsListedOnceIfNamedTwice(t *testing.T) {
	given(t, 5*m).levels("").catchAll("kim kim").trigger().pages("0s kim nobody_found")
}

func TestNobodyInTheCatchAllIsPagedTwiceWhileTheirPageIsOpen(t *testing.T) {
	given(t, 5*m).levels("").catchAll("kim").trigger().
		at(30 * m).pages("0s kim nobody_found")
}

func TestACatchAllUserWhosePageReachedNobodyIsPagedAgain(t *testing.T) {
	given(t, 5*m).levels("").catchAll("kim").away("kim").trigger().
		at(5*m).pages("0s kim nobody_found", "5m0s kim nobody_found")
}

func TestAnInvalidPolicyPagesTheCatchAllEveryFiveMinutes(t *testing.T) {
	given(t, 10*s).levels("ada").catchAll("kim").trigger().
		at(11*m).pages("0s kim invalid_policy", "5m0s kim invalid_policy", "10m0s kim invalid_policy")
	given(t).catchAll("kim").trigger().
		at(6*m).pages("0s kim invalid_policy", "5m0s kim invalid_policy")
}

func TestAfterTheRoundsTheLastLevelIsPagedAtEveryTimeoutAsANewRound(t *testing.T) {
	st := given(t, 5*m, 2*m).levels("ada", "bob").repeat(1).trigger().
		at(19*m).pages("0s ada triggered", "5m0s bob timeout", "7m0s ada new_round", "12m0s bob timeout",
		"14m0s bob keep_paging", "16m0s bob keep_paging", "18m0s bob keep_paging")
	if p, _ := st.s.OpenPageOf("bob"); p.Round != 5 || p.Level != 2 {
		t.Fatalf("bob's page is of round %d and level %d, want 5 and 2", p.Round, p.Level)
	}
}

func TestAfterTheRoundsAnEmptyLastLevelPagesTheCatchAllForItsTimeout(t *testing.T) {
	given(t, 5*m, 2*m).levels("ada").onCall(2, -m, "bob").onCall(2, 6*m, "").catchAll("kim").trigger().
		at(8*m).pages("0s ada triggered", "5m0s bob timeout", "7m0s kim level_empty").waits(9*m, WaitTimeout)
}

func TestARoundAfterThatReachedSomebodyNeverBeginsBySkipping(t *testing.T) {
	given(t, 5*m, 2*m).levels("ada", "bob").away("bob").repeat(1).trigger().
		at(5*m).pages("0s ada triggered", "5m0s bob timeout").
		at(7 * m).pages("7m0s ada new_round")
}

func TestWhenExhaustedStopStopsThere(t *testing.T) {
	st := given(t, 5*m).levels("ada").repeat(1)
	st.s.Policy.WhenExhausted = Stop
	st.trigger().at(time.Hour).pages("0s ada triggered", "5m0s ada new_round").
		told("10m0s stopped 1 exhausted").open("ada")
	st.waitsForNothing()
}

func TestStopWaitsForPassesThatReachSomebody(t *testing.T) {
	st := given(t, 5*m).levels("ada").away("ada").catchAll("kim")
	st.s.Policy.WhenExhausted = Stop
	st.trigger().at(11*m).pages("0s ada triggered", "10s kim nobody_reached", "5m10s ada nobody_reached", "10m20s ada nobody_reached")
}

func TestANewPageSupersedesTheSameUsersOlderOne(t *testing.T) {
	given(t, 5*m).levels("ada").trigger().at(5 * m).open("ada").
		told("5m0s page_ended ada newer_page superseded")
}

func TestMethodsThatDoNotWakeAreUsedAtMostOnceAnHour(t *testing.T) {
	given(t, 20*m).levels("ada").method("ada", "mail", m, false, "accepts").trigger().
		at(90*m).tells("method_used",
		"0s ada devices by_rule", "1m0s ada mail by_rule",
		"20m0s ada devices by_rule", "40m0s ada devices by_rule", "1h0m0s ada devices by_rule",
		"1h20m0s ada devices by_rule", "1h21m0s ada mail by_rule")
}

func TestMethodsThatWakeAreUsedForEveryPage(t *testing.T) {
	given(t, 5*m).levels("ada").method("ada", "phone", 30*s, true, "accepts").trigger().
		at(6*m).tells("method_used", "0s ada devices by_rule", "30s ada phone by_rule",
		"5m0s ada devices by_rule", "5m30s ada phone by_rule")
}

func TestLowUrgencyIsAQuietNotificationThatNeverEscalates(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("", "bob").urgency(incident.Low).trigger().
		at(time.Hour).pages("0s bob triggered").told("0s stopped 2 low_urgency")
	if p, _ := st.s.OpenPageOf("bob"); !p.Low {
		t.Fatal("bob's page alarms")
	}
}

func TestALowIncidentThatFindsNobodyTellsTheCatchAllQuietly(t *testing.T) {
	st := given(t, 5*m).levels("").catchAll("kim").urgency(incident.Low).trigger().
		at(time.Hour).pages("0s kim nobody_found")
	if p, _ := st.s.OpenPageOf("kim"); !p.Low {
		t.Fatal("kim's page alarms")
	}
}

func TestWhenTheUrgencyRisesPeopleAreAlarmedAnew(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").urgency(incident.Low).trigger().at(10 * m).pages("0s ada triggered")
	st.urgency(incident.High).at(15*m).pages("10m0s ada urgency_rose", "15m0s bob timeout")
}

func TestWhenTheUrgencyRisesWhoIsNotOnCallAnyMoreIsNotAlarmed(t *testing.T) {
	given(t, 5*m).onCall(1, -m, "ada").onCall(1, m, "bob").method("ada", "phone", 30*s, true, "accepts").
		urgency(incident.Low).trigger().at(10*m).urgency(incident.High).at(12*m).
		pages("0s ada triggered", "10m0s bob urgency_rose").
		tells("method_used", "0s ada devices by_rule", "10m0s bob devices by_rule")
}
