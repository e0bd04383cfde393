package cli_test

import (
	"strings"
	"testing"
	"time"
)

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("want %q in:\n%s", part, text)
		}
	}
}

// withIncident is a hub with the roster of the tests, and one incident opened by
// hand. Somebody is on call on whatever day the test runs.
func withIncident(t *testing.T) hub {
	t.Helper()
	h := startHub(t)
	h.apply(strings.Replace(read(t, roster), "[ada, bob, null, eve]", "[ada, bob, eve]", 1))
	contains(t, h.must("page", "payments-api", "Cards are declined", "--as", "kim"), "Incident 1 is open: paging ")
	return h
}

func TestPageOpensAnIncidentByHand(t *testing.T) {
	h := withIncident(t)
	contains(t, h.must("timeline", "1"), "Opened by Kim King: Cards are declined", "Level 1, round 1 (triggered)")
	contains(t, h.must("page", "payments-api", "Certificate", "--urgency", "low"), "Incident 2 is open")
	contains(t, h.must("incidents"), "low", "high", "Cards are declined", "Certificate")
	refused(t, `there is no service "nothing"`, "page", "nothing", "x", "--data", h.data)
	refused(t, "the text must have from 1", "page", "payments-api", " ", "--data", h.data)
	refused(t, `there is no user "zoe"`, "page", "payments-api", "x", "--as", "zoe", "--data", h.data)
}

func TestNoteStandsInTheTimeline(t *testing.T) {
	h := withIncident(t)
	h.must("note", "1", "Restarted the queue", "--as", "bob")
	contains(t, h.must("timeline", "1"), "Bob Brown notes: Restarted the queue")
	refused(t, "there is no incident 7", "note", "7", "x", "--data", h.data)
}

func TestSnoozeKeepsAnIncidentQuiet(t *testing.T) {
	h := withIncident(t)
	contains(t, h.must("snooze", "1", "--for", "2h", "--as", "bob"), "Incident 1 is quiet until ", "bob has it")
	contains(t, h.must("timeline", "1"), "Acknowledged by Bob Brown", "Put off by Bob Brown until ")
	h.must("snooze", "1", "--until", time.Now().Add(3*time.Hour).Format("15:04"))
	contains(t, h.must("incidents"), "bob has it")
	refused(t, "at most 7 days ahead", "snooze", "1", "--for", "200h", "--data", h.data)
	refused(t, "neither a time of day", "snooze", "1", "--until", "soon", "--data", h.data)
	h.must("resolve", "1")
	refused(t, "incident 1 is resolved", "snooze", "1", "--for", "1h", "--data", h.data)
}
