package rota

import (
	"strings"
	"testing"
	"time"

	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// webFile has one schedule in which a user is always on call.
func webFile(user string) string {
	return `organisation: Example
users: [{id: ada, role: admin}, {id: bob}]
schedules:
  - id: web
    time_zone: Europe/London
    layers: [{name: always, rotation: {kind: weekly, start: "2025-01-06T09:00"}, participants: [` + user + `]}]
`
}

// applyAt applies a file at a time.
func applyAt(t *testing.T, s *Service, file string, at time.Time) {
	t.Helper()
	if _, err := s.Apply(t.Context(), Request{File: []byte(file), By: "ada"}, at); err != nil {
		t.Fatal(err)
	}
}

func TestTheHistoryIsWhatWasInForce(t *testing.T) {
	s, db := newService(t)
	days := func(n int) time.Time { return today.AddDate(0, 0, n) }
	applyAt(t, s, webFile("ada"), days(-600))
	applyAt(t, s, webFile("bob"), days(-365))
	applyAt(t, s, webFile("bob, ada"), days(-365)) // at the same instant: the newest counts
	applyAt(t, s, webFile("ada"), days(-10))
	d, err := OpenDirectory(t.Context(), db, today)
	if err != nil {
		t.Fatal(err)
	}
	for _, twice := range []string{"at first", "from memory"} {
		h, err := d.History(t.Context(), days(-800))
		if err != nil {
			t.Fatal(err)
		}
		for at, want := range map[int]responder.UserID{-800: "", -601: "", -600: "ada", -366: "ada", -363: "ada", -360: "bob", -10: "ada", 100: "ada"} {
			if got, _ := h.OnCall("web", days(at)); got != want {
				t.Errorf("%s, day %d: %q, want %q", twice, at, got, want)
			}
		}
		if len(h) != 4 {
			t.Errorf("%s: %d eras", twice, len(h))
		}
	}
}

func TestTheFutureNeedsNoDatabase(t *testing.T) {
	s, db := newService(t)
	applyAt(t, s, webFile("ada"), today)
	d, err := OpenDirectory(t.Context(), db, today)
	if err != nil {
		t.Fatal(err)
	}
	h, err := d.History(t.Context(), today)
	if err != nil || len(h) != 1 || h[0].Org != d.Current() {
		t.Errorf("%v, %v", h, err)
	}
}

func TestMemoryOfThePastIsBounded(t *testing.T) {
	s, db := newService(t)
	for i := range maxPast + 10 {
		applyAt(t, s, strings.Replace(webFile("ada"), "Example", "Example "+strings.Repeat("x", i+1), 1), today.Add(time.Duration(i)*time.Second))
	}
	d, err := OpenDirectory(t.Context(), db, today.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	h, err := d.History(t.Context(), today)
	if err != nil || len(h) != maxPast+10 || len(d.past.orgs) > maxPast {
		t.Errorf("%d eras, %d in memory, %v", len(h), len(d.past.orgs), err)
	}
}

// An open incident follows its policy as it stood. Where that cannot be read any
// more it pages the catch-all, as for any policy that cannot be followed: an error
// would leave it with nobody, and keep the hub, which moves all waits at its
// start, from starting.
func TestAPolicyOfARevisionThatCannotBeReadAnyMoreIsFollowedOrInvalid(t *testing.T) {
	s, db := newService(t)
	applyAt(t, s, webFile("ada"), today)
	for _, o := range []store.Object{
		{Kind: KindPolicy, ID: "web", Body: []byte(`{"id":"web","levels":[{"timeout":"5m","targets":[{"user":"ada"}]}]}`)},
		{Kind: KindSchedule, ID: "web", Body: []byte(`{"id":"web","time_zone":"Nowhere/Gone"}`)},
		{Kind: KindTeam, ID: "web", Body: []byte(`{"id":["of another form"]}`)},
	} {
		err := db.Update(t.Context(), func(tx store.Tx) error {
			_, err := tx.AddRevision(store.Revision{At: today, By: "ada"}, []store.Object{o})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	d := &Directory{store: db}
	d.current.Store(&snapshot{org: organisation.New(organisation.Set{})})
	for revision, valid := range map[uint64]bool{1: false, 2: true, 3: true, 4: false} {
		err := db.View(t.Context(), func(tx store.Tx) error {
			p, err := d.Policy(tx, "web", revision)
			if (p.Validate() == nil) != valid {
				t.Errorf("revision %d: %+v", revision, p)
			}
			return err
		})
		if err != nil {
			t.Errorf("revision %d: %v", revision, err)
		}
	}
}
