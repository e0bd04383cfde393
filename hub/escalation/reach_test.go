package escalation

import (
	"testing"
	"time"

	"tocsin/hub/responder"
)

// The rules on reaching a person, one test each.

func TestWhatNeitherRingsNorShowsWithinTenSecondsGoesToTheNextMethod(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").away("ada").method("ada", "phone", 30*s, true, "accepts").trigger().
		waits(10*s, WaitDeadline).
		at(10*s).told("10s method_used ada phone not_alive").
		waits(5*m, WaitTimeout)
}

func TestMethodsAreUsedByTheUsersRules(t *testing.T) {
	given(t, 5*m).levels("ada").method("ada", "phone", 30*s, true, "accepts").method("ada", "mail", 60*s, false, "accepts").trigger().
		at(2*m).tells("method_used", "0s ada devices by_rule", "30s ada phone by_rule", "1m0s ada mail by_rule")
}

func TestTheShowDeadlineRunsFromTheOpeningOfTheStream(t *testing.T) {
	st := given(t, 5*m).levels("ada").mute("ada")
	st.trigger().waits(10*s, WaitDeadline).at(9 * s)
	st.of("ada").Devices[0].Since = t0.Add(9 * s)
	st.waits(19*s, WaitDeadline)
}

func TestTheShowDeadlineIsAtMostThirtySecondsAfterThePage(t *testing.T) {
	st := given(t, 5*m).levels("ada").mute("ada").trigger().at(9 * s)
	for _, at := range []time.Duration{9, 15, 22, 29} {
		st.of("ada").Devices[0].Since = t0.Add(at * s)
		st.at(at * s)
	}
	st.waits(30*s, WaitDeadline).at(30 * s).told("30s page_failed ada neither_rang_nor_showed")
}

func TestTheShowDeadlineRunsFromTwentySecondsAfterTheHubStarted(t *testing.T) {
	st := given(t, 5*m).levels("ada").away("ada")
	st.s.World.HubStart = t0.Add(-5 * s)
	st.trigger().waits(25*s, WaitDeadline)
	// … and with a hub that starts again and again, and so has no grace.
	st = given(t, 5*m).levels("ada").away("ada").trigger().at(4 * s)
	st.s.World.HubStart = t0.Add(4 * s)
	st.waits(34*s, WaitDeadline)
}

func TestAMethodThatWakesMakesThePageAliveOnceItsGatewayAccepted(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").away("ada").method("ada", "phone", 30*s, true, "accepts").trigger().
		at(6*m).pages("0s ada triggered", "5m0s bob timeout").tells("page_failed")
}

func TestAMethodCountsAsUsedAfterTenSecondsWithoutAnAnswer(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").away("ada").method("ada", "phone", 30*s, true, "is silent").trigger().
		at(20*s).pages("0s ada triggered", "20s bob all_pages_failed")
}

func TestARejectedMethodGoesToTheNextAtOnce(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").away("ada").
		method("ada", "phone", 30*s, true, "rejects").method("ada", "sms", 40*s, true, "rejects").trigger().
		at(10*s).pages("0s ada triggered", "10s bob all_pages_failed").
		told("10s method_used ada phone not_alive").told("10s method_used ada sms not_alive")
}

func TestMethodsThatDoNotWakeNeverMakeAPageAlive(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").away("ada").method("ada", "mail", 30*s, false, "accepts").trigger().
		at(10*s).pages("0s ada triggered", "10s bob all_pages_failed")
}

func TestAnAcceptanceThatComesLateStillMakesThePageAlive(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").away("ada").method("ada", "phone", 30*s, true, "is silent").trigger().
		at(25 * s).told("20s page_failed ada neither_rang_nor_showed")
	p, _ := st.s.OpenPageOf("ada")
	st.s = Answer(st.look(), p.Key, "phone", true, st.now)
	p, _ = st.s.Page(p.Key)
	if c, since := ConditionOf(p, st.s.World, st.now); c != Alive || !since.Equal(st.now) || !p.Failed.IsZero() {
		t.Fatalf("%s since %s", c, since)
	}
}

func TestADeviceThatCanNeitherRingNorShowIsNotWaitedFor(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").mute("ada").trigger().at(2*s).cannot("ada").
		pages("0s ada triggered", "2s bob all_pages_failed")
}

func TestAnotherDeviceIsStillWaitedFor(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").mute("ada")
	st.of("ada").Devices = append(st.of("ada").Devices, Link{Device: "phone", Since: t0.Add(-m)})
	st.trigger().at(2*s).cannot("ada").waits(10*s, WaitDeadline)
}

func TestAUserWithoutAnyWayFailsAtOnce(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob")
	st.of("ada").Methods = nil
	st.trigger().pages("0s ada triggered", "0s bob all_pages_failed").told("0s page_failed ada no_method")
	st = given(t, 5*m, 5*m).levels("ada", "bob")
	st.of("ada").Devices = nil
	st.trigger().pages("0s ada triggered", "0s bob all_pages_failed").told("0s page_failed ada no_device")
}

func TestADeviceIsGoneAfterFortySecondsAndTheNextMethodsAreUsedAtOnce(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").method("ada", "phone", 10*m, true, "rejects").trigger().at(m)
	st.of("ada").Devices[0] = Link{Device: "d-ada", GoneAt: t0.Add(m + GoneAfter)}
	st.waits(100*s, WaitGone).at(100*s).
		told("1m40s method_used ada phone not_alive").told("1m40s page_failed ada device_gone").
		pages("0s ada triggered", "1m40s bob all_pages_failed")
}

func TestADeviceThatComesBackInTimeIsNotGone(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(m)
	st.of("ada").Devices[0] = Link{Device: "d-ada", GoneAt: t0.Add(m + GoneAfter)}
	st.at(90 * s)
	st.of("ada").Devices[0].Since = t0.Add(90 * s)
	st.at(3*m).pages("0s ada triggered").waits(5*m, WaitTimeout)
}

func TestFailedIsNoEndAndADeviceThatComesBackStillGetsThePage(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").away("ada").trigger().at(m).open("ada bob")
	st.of("ada").Devices[0].Since = t0.Add(m)
	st.rings("ada").open("ada bob")
	p, _ := st.s.OpenPageOf("ada")
	if c, _ := ConditionOf(p, st.look().World, st.now); c != Alive {
		t.Fatalf("ada's page is %s", c)
	}
	// Gone again, it fails again, and the timeline says so.
	st.at(2 * m)
	st.of("ada").Devices[0] = Link{Device: "d-ada", GoneAt: t0.Add(2*m + GoneAfter)}
	st.at(3*m).tells("page_failed", "10s ada neither_rang_nor_showed", "2m40s ada device_gone")
}

func TestWhatADeviceSaidLastCountsInWhateverOrderItArrives(t *testing.T) {
	for name, reports := range map[string][]bool{"in order": {true, false}, "reversed": {false, true}} {
		st := given(t, 5*m).levels("ada").mute("ada").trigger().at(9 * s)
		p, _ := st.s.OpenPageOf("ada")
		for _, alive := range reports {
			at := 5 * s // first it rang …
			if !alive {
				at = 6 * s // … then it could not
			}
			st.s = Observe(st.s, p.Key, "d-ada", alive, t0.Add(at))
		}
		p, _ = st.s.Page(p.Key)
		if c, _ := ConditionOf(p, st.look().World, st.now); c == Alive {
			t.Errorf("%s: alive by a device that can neither ring nor show", name)
		}
		if !p.reached(st.look().World) {
			t.Errorf("%s: it has never rung", name)
		}
	}
}

func TestOfTwoReportsAtOneInstantTheFailureCounts(t *testing.T) {
	st := given(t, 5*m).levels("ada").mute("ada").trigger()
	p, _ := st.s.OpenPageOf("ada")
	st.s = Observe(st.s, p.Key, "d-ada", true, st.now)
	st.s = Observe(st.s, p.Key, "d-ada", false, st.now)
	p, _ = st.s.Page(p.Key)
	if c, _ := ConditionOf(p, st.look().World, st.now); c == Alive {
		t.Fatal("alive by a device that can neither ring nor show")
	}
}

func TestSkippingWaitsForAnAlivePageOfThePass(t *testing.T) {
	given(t, 5*m, 5*m, 5*m).levels("ada", "bob", "cleo").away("bob").trigger().
		at(5*m+10*s).pages("0s ada triggered", "5m0s bob timeout", "5m10s cleo all_pages_failed")
	// Ada's page rings late: bob's has failed, and yet she has her time.
	st := given(t, 5*m, 5*m, 5*m).levels("ada", "bob", "cleo").away("ada bob").trigger().at(15*s).
		pages("0s ada triggered", "10s bob all_pages_failed")
	st.of("ada").Devices[0].Since = t0.Add(15 * s)
	st.rings("ada").at(5 * m).pages().at(5*m + 15*s).pages("5m10s cleo timeout")
}

func TestSkippingIsHeldUpByAPageThatBeganToRing(t *testing.T) {
	st := given(t, 2*m, 5*m, 5*m).levels("ada", "bob", "cleo").away("ada bob").trigger().at(15 * s)
	st.of("ada").Devices[0].Since = t0.Add(15 * s)
	st.rings("ada").waits(20*s, WaitDeadline).at(20*s).waits(135*s, WaitSkip).
		at(3*m).pages("0s ada triggered", "10s bob all_pages_failed", "2m15s cleo all_pages_failed")
}

func TestALevelOfManyIsNotEnteredBySkippingInTheFirstTwoMinutes(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob cleo dan eve").away("ada").trigger().
		at(10*s).waits(2*m, WaitSkip).at(2*m).
		pages("0s ada triggered", "2m0s bob all_pages_failed", "2m0s cleo all_pages_failed", "2m0s dan all_pages_failed", "2m0s eve all_pages_failed")
	given(t, m, 5*m).levels("ada", "bob cleo dan eve").away("ada").trigger().
		at(m).pages("0s ada triggered", "1m0s bob timeout", "1m0s cleo timeout", "1m0s dan timeout", "1m0s eve timeout")
	given(t, 5*m, 5*m).levels("ada", "bob cleo dan").away("ada").trigger().
		at(10*s).pages("0s ada triggered", "10s bob all_pages_failed", "10s cleo all_pages_failed", "10s dan all_pages_failed")
}

func TestALevelIsSkippedOnlyWhenAllItsPagesHaveFailed(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada bob", "cleo").away("ada").trigger().
		at(5*m).pages("0s ada triggered", "0s bob triggered", "5m0s cleo timeout").told("10s page_failed ada neither_rang_nor_showed")
}

func TestObservingChangesNothingForAPageThatIsNotThere(t *testing.T) {
	st := given(t, 5*m).levels("ada").trigger()
	before := len(st.s.Pages[0].Uses[0].Proofs)
	st.s = Observe(st.s, Key{9, "ada"}, "d-ada", false, st.now)
	st.s = Answer(st.s, Key{9, "ada"}, responder.Devices, false, st.now)
	if len(st.s.Pages) != 1 || len(st.s.Pages[0].Uses[0].Proofs) != before {
		t.Fatal("something changed")
	}
}
