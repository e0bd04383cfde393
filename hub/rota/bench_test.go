package rota

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// largeFile is an organisation of a thousand users, 500 services and 500
// schedules, written out in full.
func largeFile() []byte {
	var b strings.Builder
	b.WriteString("organisation: Large\ncatch_all: [user-0]\nusers:\n")
	for i := range 1000 {
		fmt.Fprintf(&b, `  - id: user-%d
    name: Somebody Number %d
    email: user-%d@example.org
    time_zone: %s
    locale: en
    role: responder
    contact_methods:
      - {id: mail, kind: email, address: user-%d@example.org}
      - {id: phone, kind: phone, number: "+4416329%05d", wakes: true}
    notification_rules:
      high: [{after: 0s, via: devices}, {after: 30s, via: phone}, {after: 2m, via: mail}]
`, i, i, i, []string{"Europe/London", "America/New_York", "Asia/Kolkata"}[i%3], i, i)
	}
	section := func(name string, n int, form string, args func(i int) []any) {
		b.WriteString(name + ":\n")
		for i := range n {
			fmt.Fprintf(&b, form, args(i)...)
		}
	}
	user := func(i int) string { return fmt.Sprintf("user-%d", i%1000) }
	section("teams", 100, "  - {id: team-%d, name: Team %d, members: [%s, %s, %s]}\n", func(i int) []any {
		return []any{i, i, user(i * 10), user(i*10 + 1), user(i*10 + 2)}
	})
	section("schedules", 500, `  - id: schedule-%d
    name: Schedule %d
    team: team-%d
    time_zone: America/New_York
    layers:
      - name: weekly
        rotation: {kind: weekly, length: 1, start: "2026-01-05T09:00"}
        participants: [%s, %s, %s, %s]
      - name: nights
        rotation: {kind: daily, length: 1, start: "2026-01-05T22:00"}
        participants: [%s, %s, %s, %s]
        restrictions:
          - {days: [mon, tue, wed, thu, fri], from: "22:00", to: "06:00"}
          - {from: "fri 18:00", to: "mon 09:00"}
    overrides:
      - {id: holiday, start: "2026-12-24T18:00", end: "2026-12-26T09:00", user: %s}
`, func(i int) []any {
		list := []any{i, i, i % 100}
		for j := range 9 {
			list = append(list, user(i*2+j*7))
		}
		return list
	})
	section("escalation_policies", 500, `  - id: policy-%d
    name: Policy %d
    team: team-%d
    repeat: 2
    levels:
      - {timeout: 5m, targets: [{schedule: schedule-%d}]}
      - {timeout: 5m, targets: [{schedule: schedule-%d}]}
      - {timeout: 10m, targets: [{team: team-%d}]}
`, func(i int) []any { return []any{i, i, i % 100, i, (i + 1) % 500, i % 100} })
	section("services", 500, `  - id: service-%d
    name: Service %d
    team: team-%d
    escalation_policy: policy-%d
    runbook: https://wiki.example.org/service-%d
    acknowledgement_timeout: 30m
    reopen_window: 15m
    integrations:
      - {id: service-%d-events, kind: events_v2}
      - {id: service-%d-prometheus, kind: alertmanager}
`, func(i int) []any { return []any{i, i, i % 100, i, i, i, i} })
	return []byte(b.String())
}

// The first apply of a large organisation, with all checks and warnings and
// with a thousand keys made, to a database on disk. The goal is under 3 s.
func BenchmarkApply(b *testing.B) {
	file := largeFile()
	b.ReportMetric(float64(len(file)), "B/file")
	for b.Loop() {
		b.StopTimer()
		s, _ := newService(b)
		b.StartTimer()
		r, err := s.Apply(context.Background(), Request{File: file}, today)
		if err != nil || len(r.RoutingKeys) != 1000 {
			b.Fatal(len(r.RoutingKeys), err)
		}
	}
}

// The same file again, which is what a deployment does most of the time.
func BenchmarkApplyAgain(b *testing.B) {
	file := largeFile()
	s, _ := newService(b)
	apply(b, s, string(file))
	for b.Loop() {
		if r := apply(b, s, string(file)); len(r.Changes) > 0 {
			b.Fatal(r.Changes)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	file := largeFile()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, problems := Parse("", file); len(problems.List) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkWarnings(b *testing.B) {
	f, _ := Parse("", largeFile())
	plan, _ := f.Plan(Documents{})
	for b.Loop() {
		plan.Warnings(today)
	}
}
