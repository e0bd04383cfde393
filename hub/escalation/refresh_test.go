package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The rules on an edited policy and on merging that concern paging, one test each.

// refresh applies an edit: level 1 is this user now, level 2 that one.
func (st *story) refresh(first, second responder.UserID) *story {
	st.levels(string(first), string(second))
	next, e := RefreshPolicy(st.s, incident.Command{By: "zoe", Made: st.now},
		Policy{ID: "p", Name: "Payments", Levels: []Level{{Timeout: 2 * m}, {Timeout: 5 * m}}}, 9)
	if e.Kind != incident.KindPolicyRefreshed || next.Incident.Revision != 9 {
		st.t.Fatalf("%+v", e)
	}
	st.s = next
	return st.settle()
}

func TestAnEditedPolicyThatIsAppliedBeginsWithItsLevelOne(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(m).refresh("cleo", "dan").at(4*m).
		pages("0s ada triggered", "1m0s cleo policy_edited", "3m0s dan timeout").open("ada cleo dan")
}

func TestWhoIsPagedAlreadyHasOnePageUnderTheEditedPolicy(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(m).refresh("ada", "dan").at(2*m).
		pages("0s ada triggered", "1m0s ada policy_edited").open("ada")
}

func TestWhatSomebodyHasFollowsTheEditedPolicyAtTheEndOfTheLease(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").trigger().at(m).acknowledge("ada", 10*m).at(2*m).refresh("cleo", "dan").at(14*m).
		pages("0s ada triggered", "11m0s cleo lease_over", "13m0s dan timeout")
}

func TestWhatIsHeldFollowsTheEditedPolicyAtTheEndOfTheHold(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").held(2*m).at(m).refresh("cleo", "dan").at(3 * m).pages("2m0s cleo triggered")
}

func TestEscalateNowGoesOnWhereThePolicyStoppedAndTheEditedOneDoesNot(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob")
	st.s.Policy.WhenExhausted = Stop
	st.trigger().at(11*m).acknowledge("bob", time.Hour).at(12*m).refresh("cleo", "dan").escalate().
		pages("0s ada triggered", "5m0s bob timeout", "12m0s dan keep_paging")
}

func TestThePagesOfAMergedIncidentEndAsMerged(t *testing.T) {
	st := given(t, 5*m).levels("ada bob").trigger().at(m)
	st.s.Incident.ID = "from"
	into := incident.Incident{ID: "into", Status: incident.Triggered, Opening: 1}
	merged, why := incident.MergeBy(st.s.Incident, into, incident.Command{By: "zoe"}, 0, st.now)
	if why != "" {
		t.Fatal(why)
	}
	st.s.Incident = merged.From
	st.settle().open("").at(time.Hour).waitsForNothing()
	for _, p := range st.s.Pages {
		if p.Outcome != OutcomeMerged || p.EndedBy != "" {
			t.Errorf("%s: %s by %q", p.User, p.Outcome, p.EndedBy)
		}
	}
}

func TestAPolicyThatWasEditedToHaveFewerRoundsBeginsWithLevelOneWhenAPersonEscalates(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").catchAll("kim").mute("ada bob").repeat(2).trigger()
	st.s.Course.Round = 2
	st.at(m).acknowledge("kim", time.Hour).at(2*m).refresh("cleo", "dan")
	st.s.Policy.WhenExhausted = Stop
	st.escalate().told("2m0s paged cleo by_hand")
}
