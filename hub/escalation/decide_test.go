package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

var t0 = time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)

func world(users ...responder.UserID) World {
	w := World{CatchAll: []responder.UserID{"kim"}, HubStart: t0.Add(-time.Hour)}
	for _, u := range users {
		w.Levels = append(w.Levels, Roster{Users: []responder.UserID{u}})
	}
	for _, u := range append(users, "kim") {
		w.Reach = append(w.Reach, Reach{User: u, Methods: []Method{{ID: responder.Devices}},
			Devices: []Link{{Device: responder.DeviceID("d-" + u), Since: t0.Add(-time.Hour)}}})
	}
	return w
}

func policy(timeouts ...time.Duration) Policy {
	p := Policy{ID: "p", Repeat: 2, WhenExhausted: KeepPaging}
	for _, t := range timeouts {
		p.Levels = append(p.Levels, Level{Timeout: t})
	}
	return p
}

// settle steps until nothing is left to do at now.
func settle(t *testing.T, s State, now time.Time) (State, Decision, []Action) {
	t.Helper()
	var all []Action
	for range 100 {
		d := Decide(s, now)
		if len(d.Actions) == 0 {
			if !d.WakeAt.IsZero() && !d.WakeAt.After(now) {
				t.Fatalf("asks to be woken at %s, which has passed", d.WakeAt)
			}
			return s, d, all
		}
		for _, a := range d.Actions {
			s = Apply(s, a)
			all = append(all, a)
		}
	}
	t.Fatal("never settles")
	return s, Decision{}, nil
}

func TestUnreachablePrimaryIsSkippedAfterTheShowDeadline(t *testing.T) {
	s := State{Incident: incident.Incident{Status: incident.Triggered, Urgency: incident.High, Opening: 1, TriggeredAt: t0},
		Policy: policy(5*time.Minute, 5*time.Minute), World: world("ada", "bob")}
	s, d, _ := settle(t, s, t0)
	if want := t0.Add(ShowDeadline); !d.WakeAt.Equal(want) || d.Reason != WaitDeadline {
		t.Fatalf("waits until %s for %s, want %s for the show deadline", d.WakeAt, d.Reason, want)
	}
	s, _, _ = settle(t, s, d.WakeAt)
	if p, ok := s.OpenPageOf("bob"); !ok || p.Level != 2 || p.Reason != ReasonSkipped {
		t.Fatalf("bob's page: %+v %v", p, ok)
	}
	s = Observe(s, Key{Wave: 2, User: "bob"}, "d-bob", true, d.WakeAt.Add(time.Second))
	s, d, _ = settle(t, s, d.WakeAt.Add(time.Second))
	if want := t0.Add(ShowDeadline + 5*time.Minute); !d.WakeAt.Equal(want) {
		t.Fatalf("waits until %s (%s), want bob's level timeout %s", d.WakeAt, d.Reason, want)
	}
	s, _, _ = settle(t, s, d.WakeAt)
	if p, ok := s.OpenPageOf("ada"); !ok || p.Round != 2 || s.Course.Round != 2 {
		t.Fatalf("ada's page in the second round: %+v %v", p, ok)
	}
}

func TestNobodyReachedPagesTheCatchAll(t *testing.T) {
	s := State{Incident: incident.Incident{Status: incident.Triggered, Urgency: incident.High, Opening: 1, TriggeredAt: t0},
		Policy: policy(time.Minute, time.Minute), World: world("ada", "bob")}
	now := t0
	for range 4 {
		var d Decision
		s, d, _ = settle(t, s, now)
		if _, ok := s.OpenPageOf("kim"); ok {
			if now != t0.Add(2*ShowDeadline) {
				t.Fatalf("kim was paged after %s", now.Sub(t0))
			}
			return
		}
		now = d.WakeAt
	}
	t.Fatal("the catch-all was not paged")
}
