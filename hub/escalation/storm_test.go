package escalation

import (
	"testing"
	"time"

	"tocsin/hub/responder"
)

// The rules on storms and on the outage of a site, one test each.

// storm: a user has so many other pages open; the first was made since ago, and
// their alarm rang last some time ago.
func (st *story) storm(u responder.UserID, open int, since, rang time.Duration) *story {
	st.of(u).Storm = Storm{Open: open, Since: t0.Add(-since), Rang: t0.Add(-rang)}
	return st
}

func TestAPageThatJoinsAStormWhichRangJustNowIsAliveByIt(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").mute("ada").storm("ada", 10, m, 30*s).trigger().
		told("0s storm_joined ada storm").at(m).pages("0s ada triggered")
}

func TestTenOpenPagesAreNoStorm(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").mute("ada").storm("ada", 9, m, 30*s).trigger().
		at(m).pages("0s ada triggered", "10s bob all_pages_failed")
}

func TestAStormThatHasNotRungForTwoMinutesCarriesNothing(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").mute("ada").storm("ada", 30, 4*m, 2*m).trigger().
		at(m).pages("0s ada triggered", "10s bob all_pages_failed")
}

func TestAPageIsAliveByAStormOnlyWhileItsAlarmIsFresh(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").mute("ada").storm("ada", 30, m, 30*s).trigger().
		waits(m+40*s, WaitGone).at(3*m).pages("0s ada triggered", "1m40s bob all_pages_failed")
	given(t, 5*m, 5*m).levels("ada", "bob").mute("ada").method("ada", "phone", 4*m, true, "accepts").storm("ada", 30, m, 30*s).trigger().
		at(3*m).tells("method_used", "0s ada devices by_rule", "1m40s ada phone not_alive")
}

func TestThePagesOfAStormEscalateTogether(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").storm("ada", 30, 4*m, 0).trigger().waits(m, WaitTimeout)
	given(t, 5*m, 5*m).levels("ada", "bob").storm("ada", 30, 7*m, 0).trigger().waits(3*m, WaitTimeout)
	// What came just before the others go on keeps the time to be answered.
	given(t, 5*m, 5*m).levels("ada", "bob").storm("ada", 30, 4*m+40*s, 0).trigger().waits(5*m, WaitTimeout)
	// Bob has no storm: nobody's time is cut short.
	given(t, 5*m, 5*m).levels("ada bob", "cleo").storm("ada", 30, 4*m, 0).trigger().waits(5*m, WaitTimeout)
}

func TestInTheOutageOfASiteNothingIsSkipped(t *testing.T) {
	st := given(t, 15*m, 5*m).levels("ada", "bob").away("ada")
	st.s.World.OutageUntil = t0.Add(10 * m)
	st.trigger().at(11*s).waits(10*m, WaitOutage).at(11*m).pages("0s ada triggered", "10m0s bob all_pages_failed")
}

func TestInTheOutageOfASiteTimeoutsAndPassingOnGoOn(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").away("ada")
	st.s.World.OutageUntil = t0.Add(10 * m)
	st.trigger().at(6*m).pages("0s ada triggered", "5m0s bob timeout")
	st = given(t, 5*m, 5*m).levels("ada", "bob").away("ada")
	st.s.World.OutageUntil = t0.Add(10 * m)
	st.trigger().at(m).passOn("ada", "applied").pages("0s ada triggered", "1m0s bob passed_on")
}
