package incident

import (
	"testing"
	"time"

	"tocsin/hub/responder"
)

func TestARequestForCoverTellsItsStoryInSentences(t *testing.T) {
	names := Names{User: func(u responder.UserID) string { return map[responder.UserID]string{"ada": "Ada", "bob": "Bob"}[u] }}
	c := Cover{Of: "ada", To: "bob", Start: t0, End: t0.Add(8 * time.Hour), Until: t0.Add(15 * m)}
	asked, entries := AskCover(c, "Ada asks you to take over Web", High, 3, t0)
	if asked.Status != Triggered || asked.Opening != 1 || asked.Policy != CoverPolicy || asked.Urgency != High || asked.Revision != 3 {
		t.Fatalf("%+v", asked)
	}
	taken, answer, accepts := AcknowledgeBy(asked, Command{By: "bob", Made: t0}, lease, t0)
	if answer != Applied || taken.Status != Acknowledged {
		t.Fatalf("%s %+v", answer, taken)
	}
	if _, again, _ := AcknowledgeBy(taken, Command{By: "bob", Made: t0}, lease, t0); again != Already {
		t.Errorf("again: %s", again)
	}
	entries = append(entries, accepts,
		Entry{Kind: KindCovered, Reason: ReasonCover, User: "bob", Text: "Web until noon"}, Entry{Kind: KindCovered, Reason: ReasonCover, User: "bob"},
		Entry{Kind: KindPassedOn, Reason: ReasonCover, User: "bob", Method: "phone"}, Entry{Kind: KindRefused, Reason: ReasonNotAsked, User: "ada"})
	for _, why := range []Reason{ReasonCovered, ReasonDeclined, ReasonUnanswered, ReasonWithdrawn, ReasonNotNeeded} {
		over, e := EndCover(taken, why, t0)
		if over.Open() || !over.ResolvedAt.Equal(t0) {
			t.Errorf("%s: %+v", why, over)
		}
		entries = append(entries, e)
	}
	for n, want := range []string{
		"A request for cover: Ada asks you to take over Web", "Bob accepts", "Bob takes over: Web until noon",
		"Bob takes over; there was no shift left to give", "Bob declines by phone", "Ada cannot accept: only who was asked can",
		"The request is over: the shifts are Bob's", "The request is over: Bob declined", "The request is over: nobody answered in time",
		"The request is over: Ada took it back", "The request is over: there is no shift left to take over",
	} {
		if got := entries[n].Sentence(names); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestARequestForCoverCannotBePutOff(t *testing.T) {
	asked, _ := AskCover(Cover{Of: "ada", End: t0.Add(time.Hour)}, "", High, 1, t0)
	if _, answer, entries := SnoozeBy(asked, Command{By: "bob"}, t0.Add(m), false, lease, t0); answer != Refused || entries[0].Reason != ReasonCover {
		t.Errorf("%s %+v", answer, entries)
	}
}
