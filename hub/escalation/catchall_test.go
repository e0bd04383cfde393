package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

func TestACatchAllUserWithATelephoneAloneIsCalledAgainAtEachPass(t *testing.T) {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := State{
		Incident: incident.Incident{Status: incident.Triggered, Urgency: incident.High, Opening: 1, TriggeredAt: began},
		Policy:   Policy{ID: "p", Levels: []Level{{Timeout: 5 * time.Minute}}},
		World: World{
			Levels: []Roster{{}}, CatchAll: []responder.UserID{"kim"}, HubStart: began.Add(-time.Hour),
			Reach: []Reach{{User: "kim", Methods: []Method{{ID: "phone", Wakes: true}}}},
		},
	}
	var calls []time.Duration
	for now := began; now.Before(began.Add(20 * time.Minute)); {
		d := Decide(s, now)
		for _, a := range d.Actions {
			s = Apply(s, a)
			if call, ok := a.(Travel); ok {
				calls = append(calls, now.Sub(began))
				s = Answer(s, call.Page.Key, call.Method, true, now) // a machine answers the call
			}
		}
		if len(d.Actions) == 0 {
			now = d.WakeAt
		}
	}
	want := []time.Duration{0, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute}
	if len(calls) != len(want) {
		t.Fatalf("called at %v, want %v", calls, want)
	}
	for n := range want {
		if calls[n] != want[n] {
			t.Errorf("called at %v, want %v", calls, want)
		}
	}
}
