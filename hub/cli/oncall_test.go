package cli_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestOnCallInJSONHasTheFormThatScriptsRelyOn(t *testing.T) {
	got := must(t, "oncall", "--file", roster, "--schedule", "payments-primary", "--json",
		"--at", "2026-03-03T12:00:00-05:00", "--at", "2026-03-17T23:00:00Z", "--at", "2026-03-08T06:59:59.5Z", "--at", "2026-03-02T13:59:59Z")
	want := `{"schedule":"payments-primary","at":"2026-03-03T12:00:00-05:00","on_call":["bob"],"until":"2026-03-03T17:00:00-05:00"}
{"schedule":"payments-primary","at":"2026-03-17T19:00:00-04:00","on_call":[],"until":"2026-03-18T09:00:00-04:00"}
{"schedule":"payments-primary","at":"2026-03-08T01:59:59.5-05:00","on_call":["ada"],"until":"2026-03-09T09:00:00-04:00"}
{"schedule":"payments-primary","at":"2026-03-02T08:59:59-05:00","on_call":[],"until":"2026-03-02T09:00:00-05:00"}
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestNoChangeWithinAYearIsAnEmptyUntil(t *testing.T) {
	got := must(t, "oncall", "--file", roster, "--schedule", "payments-secondary", "--json", "--at", "2026-05-01T00:00:00Z")
	want := `{"schedule":"payments-secondary","at":"2026-04-30T20:00:00-04:00","on_call":["bob"],"until":""}` + "\n"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestShiftsInJSONHaveTheFormThatScriptsRelyOn(t *testing.T) {
	got := must(t, "oncall", "--file", roster, "--schedule", "payments-primary", "--json",
		"--from", "2026-03-10T20:00:00Z", "--to", "2026-03-12T20:00:00Z")
	want := `{"schedule":"payments-primary","shifts":[` +
		`{"start":"2026-03-10T16:00:00-04:00","end":"2026-03-10T17:00:00-04:00","user":"eve","layer":"office hours"},` +
		`{"start":"2026-03-10T17:00:00-04:00","end":"2026-03-10T18:00:00-04:00","user":"bob","layer":"weekly"},` +
		`{"start":"2026-03-10T18:00:00-04:00","end":"2026-03-12T12:30:00-04:00","user":"kim","override":"conference"},` +
		`{"start":"2026-03-12T12:30:00-04:00","end":"2026-03-12T16:00:00-04:00","user":"eve","layer":"office hours"}]}` + "\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestShiftsOfNobodyAreAnEmptyList(t *testing.T) {
	got := must(t, "oncall", "--file", roster, "--schedule", "payments-primary", "--json",
		"--from", "2026-03-20T00:00:00Z", "--to", "2026-03-20T01:00:00Z")
	if want := `{"schedule":"payments-primary","shifts":[]}` + "\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLevelsInJSON(t *testing.T) {
	got := must(t, "oncall", "--file", roster, "--service", "payments-api", "--json", "--at", "2026-03-03T17:00:00Z")
	want := `{"service":"payments-api","level":1,"schedule":"payments-primary","at":"2026-03-03T12:00:00-05:00","on_call":["bob"],"until":"2026-03-03T17:00:00-05:00"}
{"service":"payments-api","level":2,"schedule":"payments-secondary","at":"2026-03-03T12:00:00-05:00","on_call":["bob"],"until":""}
{"service":"payments-api","level":2,"target":"user kim","schedule":"","at":"2026-03-03T12:00:00-05:00","on_call":["kim"],"until":""}
{"service":"payments-api","level":3,"target":"team payments","schedule":"","at":"2026-03-03T17:00:00Z","on_call":["ada","bob","eve"],"until":""}
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestOnCallForPeople(t *testing.T) {
	for name, args := range map[string][]string{
		"instants.txt": {"--at", "2026-03-03T17:00:00Z", "--at", "2026-03-20T17:00:00.5Z"},
		"levels.txt":   {"--service", "payments-api", "--at", "2026-03-03T17:00:00Z"},
		"shifts.txt":   {"--schedule", "payments-primary", "--from", "2026-03-09T00:00:00Z", "--to", "2026-03-17T00:00:00Z"},
		"user.txt":     {"--user", "kim", "--from", "2026-03-01T00:00:00Z", "--to", "2026-04-01T00:00:00Z"},
		"nothing.txt":  {"--user", "kim", "--from", "2026-04-01T00:00:00Z"},
		"picture.txt":  {"--schedule", "payments-primary", "--picture", "--from", "2026-03-05T12:00:00Z", "--to", "2026-03-19T00:00:00Z"},
		"weeks.txt":    {"--schedule", "payments-primary", "--picture", "--from", "2026-03-05T12:00:00Z", "--to", "2026-06-01T00:00:00Z"},
	} {
		golden(t, name, must(t, append([]string{"oncall", "--file", roster}, args...)...))
	}
}

func TestManyInstantsComeFromStandardInputAndAreAnsweredInOrder(t *testing.T) {
	const n = 5000
	var in strings.Builder
	for i := range n {
		fmt.Fprintln(&in, time.Date(2026, 3, 2, i, 0, 0, 0, time.UTC).Format(time.RFC3339))
		if i%1000 == 0 {
			fmt.Fprintln(&in)
		}
	}
	r := run(t, in.String(), "oncall", "--file", roster, "--schedule", "payments-secondary", "--at", "-", "--json")
	lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	if r.code != 0 || len(lines) != n {
		t.Fatalf("exit %d with %d answers: %s", r.code, len(lines), r.err)
	}
	if want := `"at":"2026-03-02T11:00:00-05:00","on_call":["bob"]`; !strings.Contains(lines[16], want) {
		t.Errorf("the 17th answer is %s, want %s", lines[16], want)
	}
}

func TestNoInstantsHaveNoAnswers(t *testing.T) {
	if got := must(t, "oncall", "--file", roster, "--at", "-", "--json"); got != "" {
		t.Errorf("%q", got)
	}
}

func TestOnCallNamesTheFlagThatIsWrong(t *testing.T) {
	file := []string{"oncall", "--file", roster}
	for _, c := range [][]string{
		{`--at: "tomorrow" is neither an RFC 3339 time`, "--at", "tomorrow"},
		{`--schedule: there is no schedule "payment"; there is payments-primary, payments-secondary`, "--schedule", "payment"},
		{`--service: there is no service "shop"`, "--service", "shop"},
		{`--user: there is no user "bill"; there is ada, bob, eve, kim`, "--user", "bill"},
		{"--to: 2026-03-01T00:00:00Z is not after", "--from", "2026-03-02T00:00:00Z", "--to", "2026-03-01T00:00:00Z"},
		{"--to: at most ten years", "--from", "2026-03-02T00:00:00Z", "--to", "2126-03-01T00:00:00Z"},
		{`--from: "x" is neither`, "--from", "x"},
		{"--at: asks about instants", "--at", "2026-03-01T00:00:00Z", "--user", "ada"},
		{"--service: goes with --at only", "--service", "payments-api", "--next"},
		{"--next: does not go with", "--next", "--from", "2026-03-01T00:00:00Z"},
		{"--picture: is for people", "--picture", "--json"},
		{"--picture: draws schedules", "--picture", "--user", "ada"},
	} {
		refused(t, c[0], append(file, c[1:]...)...)
	}
	refused(t, "--file: there is no file nowhere.yaml", "oncall", "--file", "nowhere.yaml")
	if r := run(t, "2026-03-01T00:00:00Z\n\nlater\n", append(file, "--at", "-")...); !strings.Contains(r.err, `--at -: line 3: "later"`) {
		t.Errorf("%s", r.err)
	}
	if r := run(t, "users: [{id: ada, nmae: Ada}]", "oncall", "--file", "-"); r.code == 0 || !strings.Contains(r.err, "nmae") {
		t.Errorf("a file with a mistake: %+v", r)
	}
}

// Of what is to come: before a hub was set up nobody was on call by it.
func TestAHubAnswersAsItsFileDoes(t *testing.T) {
	h := startHub(t)
	h.apply(read(t, roster))
	for _, args := range [][]string{
		{"--at", "2096-03-03T17:00:00Z", "--json"},
		{"--service", "payments-api", "--at", "2096-03-03T17:00:00Z", "--json"},
		{"--user", "eve", "--from", "2096-03-01T00:00:00Z", "--to", "2096-04-01T00:00:00Z"},
		{"--schedule", "payments-primary", "--from", "2096-03-01T00:00:00Z", "--to", "2096-04-01T00:00:00Z", "--json"},
		{"--user", "bob", "--next", "--json", "--schedule", "payments-primary"},
		{"--picture", "--from", "2096-03-01T00:00:00Z"},
	} {
		args = append([]string{"oncall"}, args...)
		if hub, file := h.must(args...), must(t, append(args, "--file", roster)...); hub != file {
			t.Errorf("%v: the hub says\n%sthe file says\n%s", args, hub, file)
		}
	}
}

func TestAnEditLaterDoesNotChangeThePast(t *testing.T) {
	h := startHub(t)
	file := read(t, roster)
	never := h.must("oncall", "--at", "2020-01-01T00:00:00Z")
	h.apply(file)
	past := time.Now().UTC().Format(time.RFC3339Nano)
	ask := []string{"oncall", "--schedule", "payments-secondary", "--at", past, "--json"}
	before := h.must(ask...)
	waitPast(t, past)
	h.apply(strings.ReplaceAll(file, "participants: [bob]", "participants: [eve]"))
	if !strings.Contains(before, `"on_call":["bob"]`) {
		t.Fatalf("before the edit: %s", before)
	}
	after := h.must(ask...)
	if !strings.Contains(after, `"on_call":["bob"]`) || strings.Contains(after, `"until":""`) {
		t.Errorf("after the edit, which ended bob's time: %s", after)
	}
	if now := h.must("oncall", "--schedule", "payments-secondary"); !strings.Contains(now, "eve") {
		t.Errorf("now: %s", now)
	}
	shifts := h.must("oncall", "--schedule", "payments-secondary", "--from", past, "--json")
	if !strings.Contains(shifts, `"user":"bob"`) || !strings.Contains(shifts, `"user":"eve"`) {
		t.Errorf("the shifts over the edit: %s", shifts)
	}
	if got := h.must("oncall", "--schedule", "payments-secondary", "--at", "2020-01-01T00:00:00Z"); !strings.Contains(got, "nobody") || !strings.Contains(got, "nothing was configured yet") {
		t.Errorf("before the first revision: %s", got)
	}
	if !strings.Contains(never, "no schedules yet") {
		t.Errorf("of a new hub: %s", never)
	}
}

// waitPast waits until the clock that the hub goes by, in milliseconds, is past
// a time.
func waitPast(t *testing.T, text string) {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	for !time.Now().Truncate(time.Millisecond).After(at) {
	}
}
