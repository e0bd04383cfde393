package e2e

import (
	"strings"
	"testing"
	"time"
)

func TestWhoFallsSickAtNightIsOffAtOnceAndTheNextOneIsAskedWithAnAlarm(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada, bob := h.agent("ada"), h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	ada.say("off 8h cannot")
	ada.awaitOutput("Bob Brown")
	ada.say("y")
	h.awaitEntry(1, "passed_on", "ada")
	h.awaitEntry(1, "shown", "bob") // what was open is his
	h.awaitEntry(2, "shown", "bob") // and the request for cover alarms him
	bob.say("a 2")
	waitFor(t, "the request is over", func() bool { return h.incidents()[0].Status == "resolved" })
	waitFor(t, "Bob is on call", func() bool { return strings.Contains(h.cli("oncall", "--schedule", "primary", "--json"), `"bob"`) })
	h.send("trigger", "k2", "The disk is full")
	h.awaitEntry(3, "shown", "bob")
	mustAtMost(t, "ada was paged for what came later", h.count(3, "paged", "ada"), 0)
	bob.say("a all")
	h.awaitEntry(1, "acknowledged", "bob")
	h.awaitEntry(3, "acknowledged", "bob")
	h.verify(1)
	h.verify(3)
}

func TestAColleagueWhoAcceptsIsOnCallAndTheAskerOffDuty(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada, bob := h.agent("ada"), h.agent("bob")
	ada.say("off 2h cover bob")
	ada.awaitOutput("Bob Brown")
	ada.say("y")
	h.awaitEntry(1, "shown", "bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(2, "shown", "ada") // still on duty: nobody has accepted
	bob.say("a 1")
	h.awaitEntry(2, "passed_on", "ada")
	h.awaitEntry(2, "shown", "bob")
	bob.say("a 2")
	h.awaitEntry(2, "acknowledged", "bob")
	h.verify(2)
}

// maintenance is the window that runs.
func (h *hub) maintenance() (window struct{ End time.Time }) {
	h.t.Helper()
	all := decodeLines[struct{ End time.Time }](h.t, h.cli("maintenance", "list", "--json"))
	if len(all) != 1 {
		h.t.Fatalf("%d windows", len(all))
	}
	return all[0]
}

// pagedAfter demands that nobody was paged for an incident before a time. The
// timeline says so however long a look at it takes.
func (h *hub) pagedAfter(number int, at time.Time) {
	h.t.Helper()
	for _, e := range h.timeline(number) {
		if e.Kind == "paged" && e.At.Before(at) {
			h.t.Errorf("%s was paged at %s, before %s", e.User, e.At, at)
		}
	}
}

func TestWhatIsOpenAtTheEndOfAMaintenanceWindowPagesOnce(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	h.agent("ada")
	h.cli("maintenance", "add", "payments-api", "--for", "12s", "--note", "upgrade")
	window := h.maintenance()
	h.send("trigger", "a", "The database is down")
	h.send("trigger", "b", "The disk is full")
	h.send("trigger", "c", "The network is slow")
	h.send("resolve", "b", "")
	if n := len(h.incidents()); n != 1 {
		t.Errorf("%d incidents, want one for all that triggers during the work", n)
	}
	h.awaitEntry(1, "shown", "ada")
	h.pagedAfter(1, window.End)
	mustAtMost(t, "ada was paged", h.count(1, "paged", "ada"), 1)
	h.verify(1)
}

func TestTwoIncidentsThatAreOneAreMerged(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	h.send("trigger", "a", "The database is down")
	h.send("trigger", "b", "The shop is slow")
	h.awaitEntry(1, "shown", "ada")
	h.awaitEntry(2, "shown", "ada")
	h.cli("merge", "2", "--into", "1", "--as", "ada")
	h.awaitEntry(2, "page_ended", "ada")
	ada.awaitOutput("#2: Merged") // the hub knows it first, and with two open "a" does not say which
	ada.say("a")
	h.awaitEntry(1, "acknowledged", "ada")
	h.send("resolve", "a", "")
	h.send("trigger", "b", "The shop is slow") // the source says it again: it belongs to the first
	if i := h.incidents(); len(i) != 2 || i[1].Status != "acknowledged" {
		t.Errorf("%+v", i)
	}
	h.send("resolve", "b", "")
	waitFor(t, "the first is over with the last alert", func() bool { return h.incidents()[1].Status == "resolved" })
	h.verify(1)
	h.verify(2)
}
