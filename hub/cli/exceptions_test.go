package cli_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
)

// pairs plays far enough ahead that nothing of it is over when the test runs.
const pairs = `organisation: Example Health
catch_all: [kim]
users:
  - {id: ada, name: Ada Adams, role: admin, time_zone: Europe/London}
  - {id: bob, name: Bob Brown}
  - {id: kim, name: Kim King, role: manager}
schedules:
  - id: web
    name: Web
    time_zone: America/New_York
    layers: [{name: weekly, rotation: {kind: weekly, start: "2096-01-02T09:00"}, participants: [ada, bob]}]
    overrides: [{id: fair, start: "2096-03-01T12:00", end: "2096-03-02T12:00", user: kim}]
escalation_policies:
  - {id: web, levels: [{timeout: 5m, targets: [{schedule: web}]}, {timeout: 5m, targets: [{user: ada}]}]}
services: [{id: shop, name: Shop, escalation_policy: web}]
`

// masked hides ids that are made at random.
func masked(text string) string {
	text = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).ReplaceAllString(text, "ABSENCE")
	return regexp.MustCompile(`\bo-[0-9a-f]{8}\b`).ReplaceAllString(text, "OVERRIDE")
}

func field(t *testing.T, line, name string) string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	text, _ := v[name].(string)
	return text
}

func TestOverridesFromTheCommandLine(t *testing.T) {
	h := startHub(t)
	h.apply(pairs)
	add := []string{"override", "add", "--schedule", "web", "--from", "2096-03-08T18:00", "--to", "2096-03-10T00:00:00Z", "--user", "kim"}
	var shown strings.Builder
	shown.WriteString(masked(h.must(append(add, "--dry-run")...)))
	shown.WriteString(masked(h.must(add...)))
	shown.WriteString(masked(h.must("override", "list")))
	golden(t, "override.txt", shown.String())
	if got := h.must("oncall", "--schedule", "web", "--at", "2096-03-09T00:00:00Z", "--json"); !strings.Contains(got, `"on_call":["kim"]`) {
		t.Errorf("during the override: %s", got)
	}
	listed := strings.Split(h.must("override", "list", "--json"), "\n")
	if want := `{"end":"2096-03-02T12:00:00-05:00","id":"fair","made_at":"","made_by":"","replaces":"","schedule":"web","start":"2096-03-01T12:00:00-05:00","user":"kim"}`; listed[0] != want {
		t.Errorf("got %s, want %s", listed[0], want)
	}
	id := field(t, listed[1], "id")
	if export := h.must("export"); !strings.Contains(export, "#   hub override add --schedule web --from 2096-03-08T23:00:00Z --to 2096-03-10T00:00:00Z --user kim\n") {
		t.Errorf("the export: %s", export)
	}
	h.must("override", "remove", id)
	h.refused(`there is no override "`+id+`"`, "override", "remove", id)
	h.refused(`"fair" of schedule web stands in the file`, "override", "remove", "fair")
	h.refused(`--user: there is no user "kin"; did you mean "kim"?`, append(add[:8], "--user", "kin")...)
}

func TestAbsencesFromTheCommandLine(t *testing.T) {
	h := startHub(t)
	h.apply(pairs)
	add := []string{"absence", "add", "ada", "--from", "2096-03-08", "--to", "2096-03-20"}
	var shown strings.Builder
	shown.WriteString(masked(h.must(append(add, "--dry-run")...)))
	shown.WriteString(masked(h.must(add...)))
	shown.WriteString(masked(h.must("absence", "list")))
	golden(t, "absence.txt", shown.String())
	at := []string{"oncall", "--schedule", "web", "--at", "2096-03-14T00:00:00Z", "--json"}
	if got := h.must(at...); !strings.Contains(got, `"on_call":["bob"]`) {
		t.Errorf("while ada is away: %s", got)
	}
	id := field(t, h.must("absence", "list", "--user", "ada", "--json"), "id")
	h.must("absence", "cancel", id)
	if got := h.must(at...); !strings.Contains(got, `"on_call":["ada"]`) {
		t.Errorf("when it is called off: %s", got)
	}
	h.refused("there is no absence", "absence", "cancel", id)
	h.refused(`there is no user "aad"; did you mean "ada"?`, "absence", "add", "aad", "--from", "2096-03-08", "--to", "2096-03-20")
	yesterday, tomorrow := time.Now().Add(-24*time.Hour).Format(time.RFC3339), time.Now().Add(24*time.Hour).Format(time.RFC3339)
	h.refused("--from: "+yesterday+" is over already", "absence", "add", "ada", "--from", yesterday, "--to", tomorrow)
}

func TestAnAbsenceThatBeginsSoonLeavesTheShifts(t *testing.T) {
	h := startHub(t)
	// She is on call in whatever week the test runs.
	h.apply(strings.NewReplacer("2096-01-02", "2020-01-06", "[ada, bob]", "[ada]").Replace(pairs))
	from, to := time.Now().Add(2*time.Hour).UTC(), time.Now().Add(26*time.Hour).UTC()
	got := h.must("absence", "add", "ada", "--from", from.Format(time.RFC3339), "--to", to.Format(time.RFC3339))
	if !strings.Contains(got, "less than 24 hours ahead, so the shifts stay") || !strings.Contains(got, "but is not paged") {
		t.Errorf("%s", got)
	}
	if got := h.must("absence", "list"); !strings.Contains(got, "off duty") {
		t.Errorf("%s", got)
	}
}
