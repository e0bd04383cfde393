package rota

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/hub/responder"
)

// Each is testdata/small.yaml with one thing replaced, and what is warned of
// beyond what small.yaml itself gives reason to.
func TestWarnings(t *testing.T) {
	small := string(readFile(t, "testdata/small.yaml"))
	now := time.Date(2026, 1, 7, 12, 0, 0, 0, time.UTC) // a Wednesday
	usual := warningsOf(t, small, now)
	for _, c := range []struct {
		name, from, to string
		want           []string
	}{
		{"a policy that stops", "  - id: web\n    levels:", "  - id: web\n    when_exhausted: stop\n    repeat: 2\n    levels:",
			[]string{"escalation policy web: goes silent 15m after the trigger (when_exhausted: stop): nobody is paged any more, although nobody has acknowledged"}},
		{"nobody, ever", "participants: [ada, bob, null]", "participants: [null]", []string{
			"escalation policy web: nobody is on call on any level in the next 90 days; only the catch-all is paged for shop",
			"schedule web-primary: nobody is on call from Wed 2026-01-07 12:00 GMT to Tue 2026-04-07 13:00 BST",
		}},
		{"two levels are one", "[{schedule: web-primary}]}", "[{user: ada}]}\n      - {timeout: 5m, targets: [{user: bob}]}\n      - {timeout: 5m, targets: [{user: ada}]}",
			[]string{"escalation policy web: levels 1 and 3 are the same user from Wed 2026-01-07 12:00 UTC to Tue 2026-04-07 12:00 UTC"}},
		{"somebody else's level", "[{schedule: web-primary}]}", "[{schedule: web-primary}]}\n      - {timeout: 5m, targets: [{user: bob}]}",
			[]string{
				"escalation policy web: levels 1 and 2 are the same user from Mon 2026-01-12 09:00 GMT to Mon 2026-01-12 17:00 GMT and 4 times more in the next 90 days (1d 16h in all)",
			}},
		{"somebody who stands nowhere", "  - {id: bob,", "  - {id: cyd}\n  - {id: bob,",
			[]string{"users who stand in no team, schedule, policy or catch_all: cyd"}},
		{"no admin", "role: admin", "role: manager", []string{"no user has the role admin, so nobody may change the configuration but with --as"}},
		{"round robin", "[{schedule: web-primary}]}", "[{schedule: web-primary}], strategy: round_robin}", nil},
		{"what a service can do", "    escalation_policy: web", `    escalation_policy: web
    hold: 1m
    open_reminder: 15m
    grouping: {by: open_incident}
    urgency: support_hours
    support_hours: {time_zone: UTC, from: "09:00", to: "17:00"}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, w := range warningsOf(t, strings.Replace(small, c.from, c.to, 1), now) {
				if !slices.Contains(usual, w) {
					got = append(got, w)
				}
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
	want := []string{
		"escalation policy web: nobody is on call on any level from Wed 2026-01-07 12:00 GMT to Mon 2026-01-12 09:00 GMT and 9 times more in the next 90 days (87d in all); then only the catch-all is paged for shop",
		"schedule web-primary: nobody is on call from Wed 2026-01-07 12:00 GMT to Mon 2026-01-12 09:00 GMT and 9 times more in the next 90 days (87d in all)",
		"on call for high urgency without a contact method that wakes (wakes: true) and that this hub can use, so that a closed laptop hears nothing: bob",
		"integrations of this kind are kept with their keys, but this version takes in events_v2 and heartbeat only (shop-logs)",
	}
	if !reflect.DeepEqual(usual, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(usual, "\n"), strings.Join(want, "\n"))
	}
}

func TestMovedShifts(t *testing.T) {
	small := string(readFile(t, "testdata/small.yaml"))
	now := time.Date(2026, 1, 7, 12, 0, 0, 0, time.UTC)
	plan, _ := mustParse(t, small).Plan(Documents{})
	after, problems := mustParse(t, strings.Replace(small, "[ada, bob, null]", "[bob, ada, null]", 1)).Plan(plan.Documents)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	want := "schedule web-primary: shifts move in the next 90 days, first on Mon 2026-01-12 09:00 GMT: ada gives 1d 8h and takes 1d 16h, bob gives 1d 16h and takes 1d 8h"
	if got := after.Warnings(now); !slices.Contains(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if got := sentences(after.Changes); !reflect.DeepEqual(got, []string{"schedule web-primary: layers[weekly].participants: [ada, bob, null] → [bob, ada, null]"}) {
		t.Errorf("got %q", got)
	}
}

func warningsOf(t *testing.T, file string, now time.Time) []string {
	t.Helper()
	plan, problems := mustParse(t, file).Plan(Documents{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.Warnings(now)
}

func mustParse(t *testing.T, file string) File {
	t.Helper()
	f, problems := Parse("", []byte(file))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAHubWarnsOfMethodsThatItCannotSendBy(t *testing.T) {
	plan, _ := mustParse(t, string(readFile(t, "testdata/small.yaml"))).Plan(Documents{})
	now := time.Date(2026, 1, 7, 12, 0, 0, 0, time.UTC)
	plan.gateways = []string{responder.KindNtfy}
	got := plan.Warnings(now)
	for _, want := range []string{
		"contact methods of the kind phone are kept, but this hub has no gateway for them (hub serve --gateways): ada",
		"on call for high urgency without a contact method that wakes (wakes: true) and that this hub can use, so that a closed laptop hears nothing: ada, bob",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, strings.Join(got, "\n"))
		}
	}
}
