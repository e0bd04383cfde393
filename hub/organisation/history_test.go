package organisation

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

var monday = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func hours(n int) time.Time { return monday.Add(time.Duration(n) * time.Hour) }

// daily is an organisation whose one schedule passes a turn along every so many
// hours from Monday on.
func daily(every int, users ...responder.UserID) *Organisation {
	return New(Set{Schedules: []*schedule.Schedule{{
		ID: "web", Zone: time.UTC, Layers: []schedule.Layer{{
			Name:         "turns",
			Rotation:     schedule.Rotation{Kind: schedule.Hourly, Length: every, Start: schedule.CivilOf(monday, time.UTC)},
			Participants: users,
		}},
	}}})
}

var nothing = New(Set{})

func TestWhoIsOnCallFollowsFromTheEraOfTheInstant(t *testing.T) {
	h := History{{Org: nothing}, {hours(10), daily(24, "ada", "bob")}, {hours(30), daily(24, "ada", "eve")}, {hours(60), nothing}}
	for _, c := range []struct {
		name  string
		at    int
		user  responder.UserID
		until int
	}{
		{"before the first revision nobody is, until it comes", 0, "", 10},
		{"the instant of a revision belongs to it", 10, "ada", 24},
		{"a change of the configuration is a change of who is on call", 25, "bob", 30},
		{"after it, who stands there now", 30, "eve", 48},
		{"the end of a schedule ends its shifts", 48, "ada", 60},
		{"a schedule that is gone has nobody", 60, "", -1},
	} {
		user, until := h.OnCall("web", hours(c.at))
		if want := hours(c.until); user != c.user || (c.until >= 0 && !until.Equal(want)) || (c.until < 0 && !until.IsZero()) {
			t.Errorf("%s: %q until %v, want %q until %v", c.name, user, until, c.user, want)
		}
	}
}

func TestAChangeThatKeepsTheUserIsNoEnd(t *testing.T) {
	h := History{{Org: daily(24, "ada", "bob")}, {hours(10), daily(24, "ada", "bob")}, {hours(20), daily(30, "ada", "bob")}}
	if user, until := h.OnCall("web", hours(1)); user != "ada" || !until.Equal(hours(30)) {
		t.Errorf("%s until %v", user, until)
	}
	shifts := h.Shifts("web", hours(0), hours(40))
	if len(shifts) != 2 || !shifts[0].End.Equal(hours(30)) {
		t.Errorf("%v", shifts)
	}
}

func TestNoChangeWithinAYearIsSaidAsNone(t *testing.T) {
	h := History{{Org: daily(24, "ada")}, {hours(24 * 300), daily(24, "ada")}, {hours(24 * 500), nothing}}
	if _, until := h.OnCall("web", hours(0)); !until.IsZero() {
		t.Errorf("until %v", until)
	}
	if _, until := h.OnCall("web", hours(24*200)); !until.Equal(hours(24 * 500)) {
		t.Errorf("until %v", until)
	}
}

// Shifts, instants and ends agree whatever the eras are.
func TestShiftsAgreeWithInstants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		orgs := []*Organisation{nothing, daily(7, "ada", "bob"), daily(5, "ada", "", "eve"), daily(24, "ada")}
		which := rapid.IntRange(0, len(orgs)-1)
		h, at := Always(orgs[which.Draw(t, "first")]), 0
		for range rapid.IntRange(0, 4).Draw(t, "revisions") {
			at += rapid.IntRange(1, 20).Draw(t, "after")
			h = append(h, Era{hours(at), orgs[which.Draw(t, "org")]})
		}
		from := rapid.IntRange(-10, 60).Draw(t, "from")
		to := from + rapid.IntRange(0, 60).Draw(t, "for")
		shifts := h.Shifts("web", hours(from), hours(to))
		for n := from; n < to; n++ {
			user, until := h.OnCall("web", hours(n))
			var found responder.UserID
			for _, s := range shifts {
				if !hours(n).Before(s.Start) && hours(n).Before(s.End) {
					found = s.User
				}
			}
			if found != user {
				t.Fatalf("hour %d: on call is %q, the shifts say %q", n, user, found)
			}
			if !until.IsZero() {
				if next, _ := h.OnCall("web", until); next == user {
					t.Fatalf("hour %d: %q until %v, and then the same", n, user, until)
				}
			}
		}
	})
}
