package engine

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/escalation"
	"tocsin/hub/responder"
)

// Whatever is heard and learnt in whatever order, few never says of ten pages in
// the window that they are few, and asks of a user with fewer at most once.
func TestAStormIsNeverTakenForFewPages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		now := start
		var r rang
		var pages []time.Time // of ada, as the store knows them
		open := func() (n int) {
			for _, at := range pages {
				if !at.Before(now.Add(-escalation.StormWithin)) {
					n++
				}
			}
			return n
		}
		for range rapid.IntRange(0, 5).Draw(t, "before") {
			pages = append(pages, now.Add(-time.Minute))
		}
		r.forget(now)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
			if rapid.Bool().Draw(t, "paged") {
				pages = append(pages, now)
				r.page("ada", now)
				continue
			}
			if r.few("ada", now) {
				if n := open(); n >= escalation.StormAbove {
					t.Fatalf("%d pages are few at %s", n, now.Sub(start))
				}
				continue
			}
			r.learn("ada", min(open(), escalation.StormAbove+1), now)
		}
	})
}

func TestWhoHasFewPagesIsAskedForOnce(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var r rang
	r.forget(now)
	for n, u := range []responder.UserID{"ada", "bob"} {
		if r.few(u, now) {
			t.Errorf("%s: nothing is known yet", u)
		}
		r.learn(u, n, now)
		if !r.few(u, now) {
			t.Errorf("%s: it is known", u)
		}
	}
}
