package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The rules on requests for cover that concern asking, one test each. Zoe asks.

// asksForCover makes a request of Zoe's: to one colleague, or along the levels.
func (st *story) asksForCover(to responder.UserID, until time.Duration) *story {
	st.s.Incident.Cover = incident.Cover{Of: "zoe", To: to, Until: t0.Add(until)}
	return st.trigger()
}

// accepts: a user accepts, and is answered so.
func (st *story) accepts(u responder.UserID, want incident.Answer) *story {
	st.t.Helper()
	return st.command(func(s State, c incident.Command) (State, incident.Answer, incident.Entry) {
		s, answer, entries := AcknowledgeBy(s, incident.Command{By: u}, 30*m, st.now)
		return s, answer, entries[0]
	}, want, "")
}

func TestAColleagueWhoDeclinesEndsTheRequestForCover(t *testing.T) {
	given(t, 5*m).levels("ada").asksForCover("ada", time.Hour).at(m).passOn("ada", incident.Applied).
		told("1m0s resolved ada declined").at(time.Hour).pages("0s ada triggered").waitsForNothing()
}

func TestARequestForCoverThatNobodyAnswersEndsInTime(t *testing.T) {
	given(t, 5*m).levels("ada").asksForCover("ada", 12*m).at(time.Hour).
		pages("0s ada triggered", "5m0s ada keep_paging", "10m0s ada keep_paging").told("12m0s resolved 0 unanswered").waitsForNothing()
}

func TestOnlyWhoWasAskedCanAcceptARequestForCover(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("ada", "bob").asksForCover("", time.Hour)
	st.s, _, _ = AcknowledgeBy(st.s, incident.Command{By: "bob"}, 30*m, st.now)
	if st.s.Incident.Status != incident.Triggered {
		t.Fatal("accepted by somebody who was not asked")
	}
	st.at(6*m).accepts("bob", incident.Applied).at(2*time.Hour).pages("0s ada triggered", "5m0s bob timeout")
}

func TestWhoDeclinedARequestForCoverMayStillAcceptIt(t *testing.T) {
	// Ada's page of the first pass is no longer loaded in the second.
	st := given(t, 5*m).levels("ada bob").asksForCover("", time.Hour).at(m).passOn("ada", incident.Applied).at(6 * m)
	for i := 0; i < len(st.s.Pages); i++ {
		if p := st.s.Pages[i]; p.User == "ada" {
			st.s.Pages = append(st.s.Pages[:i:i], st.s.Pages[i+1:]...)
		}
	}
	if st.accepts("ada", incident.Applied); st.s.Incident.Holder != "ada" {
		t.Errorf("ada accepted: %+v", st.s.Incident)
	}
}
