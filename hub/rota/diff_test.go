package rota

import (
	"reflect"
	"strings"
	"testing"
)

// A difference is told in the file's own words, and one that was put in front
// of others does not make them look changed.
func TestChanges(t *testing.T) {
	small := string(readFile(t, "testdata/small.yaml"))
	plan, _ := mustParse(t, small).Plan(Documents{})
	for _, c := range []struct {
		from, to string
		want     []string
	}{
		{"name: Ada Adams", "name: Ada Byron", []string{"user ada: name: Ada Adams → Ada Byron"}},
		{"    name: Ada Adams\n", "", []string{"user ada: name: Ada Adams → (none)"}},
		{"wakes: true", "wakes: false", []string{"user ada: contact_methods[phone].wakes: true → false"}},
		{"[{after: 0s, via: devices}]", "[{after: 30s, via: phone}, {after: 0s, via: devices}]", []string{
			"user ada:\n  notification_rules.high[0].after: 0s → 30s\n  notification_rules.high[0].via: devices → phone\n  notification_rules.high[1]: added {after: 0s, via: devices}"}},
		{"      - {id: phone,", "      - {id: mail, kind: email, address: a@b.org}\n      - {id: phone,", []string{"user ada: contact_methods[mail]: added {id: mail, kind: email, address: a@b.org}"}},
		{"catch_all: [ada]", "catch_all: [bob, ada]", []string{"organisation: catch_all: [ada] → [bob, ada]"}},
		{"{timeout: 5m, targets: [{schedule: web-primary}]}", "{timeout: 5m, targets: [{user: ada}]}\n      - {timeout: 90s, targets: [{schedule: web-primary}]}", []string{
			"escalation policy web:\n  levels[0].targets[0].user: (none) → ada\n  levels[0].targets[0].schedule: web-primary → (none)\n" +
				"  levels[1]: added {timeout: 90s, targets: [{schedule: web-primary}], strategy: all}"}},
		{"      - name: weekly", "      - {name: base, rotation: {kind: daily, length: 1, start: \"2026-01-05T09:00\"}, participants: [bob]}\n      - name: weekly", []string{
			`schedule web-primary: layers[base]: added {name: base, rotation: {kind: daily, length: 1, start: "2026-01-05T09:00"}, participants: [bob]}`}},
		{"      - {id: fair, start: \"2026-12-24T18:00\", end: \"2026-12-26T09:00\", user: bob}", "      - {id: fair, start: \"2026-12-24T18:00\", end: \"2026-12-27T09:00\", user: bob}", []string{
			`schedule web-primary: overrides[fair].end: "2026-12-26T09:00" → "2026-12-27T09:00"`}},
		{"    escalation_policy: web", "    escalation_policy: web\n    acknowledgement_timeout: 0s\n    open_reminder: 5m", []string{"service shop:\n  acknowledgement_timeout: 30m → 0s\n  open_reminder: (none) → 5m"}},
		{"interval: 5m", "interval: 10m", []string{"integration shop-alive: interval: 5m → 10m"}},
		{"time_zone: Europe/Berlin}", "time_zone: Europe/Berlin, name: \"Bob: the builder\"}", []string{`user bob: name: (none) → "Bob: the builder"`}},
	} {
		changed := strings.Replace(small, c.from, c.to, 1)
		if changed == small {
			t.Errorf("small.yaml has no %q", c.from)
		}
		after, problems := mustParse(t, changed).Plan(plan.Documents)
		if err := problems.Err(); err != nil {
			t.Errorf("%q: %s", c.to, err)
		}
		if got := sentences(after.Changes); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: got %q, want %q", c.to, got, c.want)
		}
	}
}

func TestChangedOrder(t *testing.T) {
	layer := func(name string) string {
		return `{name: ` + name + `, rotation: {kind: daily, start: "2026-01-05T09:00"}, participants: [ada]}`
	}
	file := func(a, b string) string {
		return "users: [{id: ada}]\nschedules: [{id: s, time_zone: UTC, layers: [" + layer(a) + ", " + layer(b) + "]}]"
	}
	plan, _ := mustParse(t, file("x", "y")).Plan(Documents{})
	after, _ := mustParse(t, file("y", "x")).Plan(plan.Documents)
	if got := sentences(after.Changes); !reflect.DeepEqual(got, []string{"schedule s: layers: order: x, y → y, x"}) {
		t.Errorf("got %q", got)
	}
}
