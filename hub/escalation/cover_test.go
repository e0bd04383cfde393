package escalation

import (
	"slices"
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The rules on requests for cover, one test each.

// asks makes the incident of a story a request for cover, to be answered by a
// time.
func (st *story) asks(to responder.UserID, until time.Duration) *story {
	st.s.Incident.Cover = incident.Cover{Of: "ada", To: to, Start: t0, End: t0.Add(8 * time.Hour), Until: t0.Add(until)}
	return st
}

func TestARequestToOneColleagueIsOverWhenTheyDecline(t *testing.T) {
	given(t, 5*m).levels("bob").asks("bob", 15*m).trigger().pages("0s bob triggered").waits(5*m, WaitTimeout).
		at(2*m).passOn("bob", incident.Applied).
		tells("resolved", "2m0s bob declined").open("").waitsForNothing()
}

func TestARequestToOneColleagueIsOverWhenTheyHaveNotAnsweredInTime(t *testing.T) {
	given(t, 5*m).levels("bob").asks("bob", 15*m).trigger().rings("bob").
		at(14*m).tells("resolved").
		at(15*m).tells("resolved", "15m0s 0 unanswered").open("").waitsForNothing()
}

func TestAQuietRequestWaitsForItsAnswerAndNothingElse(t *testing.T) {
	given(t, 5*m).levels("bob").asks("bob", 3*time.Hour).urgency(incident.Low).trigger().
		pages("0s bob triggered").waits(3*time.Hour, WaitAnswer).
		at(3*time.Hour).tells("resolved", "3h0m0s 0 unanswered")
}

func TestARequestAlongTheLevelsGoesOnWhenSomebodyDeclines(t *testing.T) {
	given(t, 5*m, 5*m).levels("bob", "kim").asks("", 8*time.Hour).trigger().rings("bob").
		at(m).passOn("bob", incident.Applied).pages("0s bob triggered", "1m0s kim passed_on").tells("resolved")
}

func TestARequestWhoseTimeRanOutWhileTheHubWasAwayFirstHearsWhatAgentsHaveToSay(t *testing.T) {
	given(t, 5*m).levels("bob").asks("bob", 15*m).trigger().rings("bob").
		sleepUntil(20*m).restart().settle().tells("resolved").
		at(20*m+Grace).tells("resolved", "20m20s 0 unanswered")
}

func TestAnAcceptedRequestIsQuietForGood(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("bob", "kim").asks("", time.Hour).trigger().rings("bob").at(m).acknowledge("bob", 30*m)
	if i := st.s.Incident; i.Holder != "bob" || !i.QuietUntil.IsZero() {
		t.Fatalf("held by %s until %s", i.Holder, i.QuietUntil)
	}
	st.at(2 * time.Hour).waitsForNothing().tells("resolved")
}

func TestOnlyWhoWasPagedAcceptsARequest(t *testing.T) {
	st := given(t, 5*m, 5*m).levels("bob", "kim").asks("", time.Hour).trigger()
	for u, want := range map[responder.UserID]incident.Answer{"kim": incident.Refused, "ada": incident.Refused, "bob": incident.Applied} {
		next, answer, entries := AcknowledgeBy(st.s, incident.Command{By: u}, 30*m, st.now)
		if answer != want || len(entries) != 1 || entries[0].User != u {
			t.Errorf("%s: %s %+v", u, answer, entries)
		}
		if answer == incident.Refused && (next.Incident.Status != incident.Triggered || entries[0].Reason != incident.ReasonNotAsked) {
			t.Errorf("%s: %+v", u, entries)
		}
	}
}

func TestThePolicyOfARequestFollowsFromTheRequest(t *testing.T) {
	if p := ForCover(incident.Cover{Of: "ada", To: "bob"}); p.Validate() != nil || len(p.Levels) != 1 || p.Levels[0].Targets[0].User != "bob" {
		t.Errorf("to one: %+v", p)
	}
	p := ForCover(incident.Cover{Of: "ada", Levels: []incident.CoverLevel{
		{Schedules: []string{"second"}, Users: []responder.UserID{"eve"}, Timeout: 7 * m}, {Teams: []responder.TeamID{"shop"}},
	}})
	want := []Level{
		{Timeout: 7 * m, Targets: []Target{{Schedule: "second"}, {User: "eve"}}}, {Timeout: MinTimeout, Targets: []Target{{Team: "shop"}}},
	}
	if p.Validate() != nil || p.WhenExhausted != KeepPaging || !slices.EqualFunc(p.Levels, want, func(a, b Level) bool {
		return a.Timeout == b.Timeout && slices.Equal(a.Targets, b.Targets)
	}) {
		t.Errorf("along levels: %+v", p)
	}
}

func TestWhoDeclinedARequestAlongTheLevelsMayStillAcceptIt(t *testing.T) {
	// Ada's page of the first pass is no longer loaded in the second.
	st := given(t, 5*m).levels("ada bob").asks("", time.Hour).trigger().at(m).passOn("ada", incident.Applied).at(6 * m)
	st.s.Incident.Cover.Of = "zoe"
	for i := 0; i < len(st.s.Pages); i++ {
		if p := st.s.Pages[i]; p.User == "ada" {
			st.s.Pages = append(st.s.Pages[:i:i], st.s.Pages[i+1:]...)
		}
	}
	if st.acknowledge("ada", 30*m); st.s.Incident.Holder != "ada" {
		t.Errorf("ada accepted: %+v", st.s.Incident)
	}
}
