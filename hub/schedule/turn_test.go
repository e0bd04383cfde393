package schedule

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/responder"
)

// Whoever is on call in a rotation without restrictions is the participant of the
// turn's number, and the next one follows at its end.
func TestATurnIsTheOneOfWhoIsOnCall(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2011, 12, 1, rapid.IntRange(0, 23).Draw(t, "hour"), 0, 0, 0, zone)
		s := &Schedule{Zone: zone, Layers: []Layer{{
			Rotation:     Rotation{Kind: rapid.SampledFrom(Kinds).Draw(t, "kind"), Length: rapid.IntRange(1, 3).Draw(t, "length"), Start: CivilOf(start, zone)},
			Participants: []responder.UserID{"a", "b", "c", "d", "e", "f", "g"},
		}}}
		at := start.Add(time.Duration(rapid.IntRange(0, 400*24*60).Draw(t, "minutes")) * time.Minute)
		turn := s.Turn(s.Layers[0].Rotation, at)
		users := s.Layers[0].Participants
		if got, _ := s.At(at); turn.Number >= 0 && got != users[turn.Number%7] {
			t.Fatalf("turn %d, on call is %s", turn.Number, got)
		}
		if got, _ := s.At(turn.End); turn.Next >= 0 && got != users[turn.Next%7] {
			t.Fatalf("turn %d is next, on call is %s", turn.Next, got)
		}
		if !turn.End.After(at) || turn.Next <= turn.Number {
			t.Fatalf("%+v at %s", turn, at)
		}
	})
}
