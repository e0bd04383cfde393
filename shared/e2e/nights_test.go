package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestBothAgentsBehindACutLinkAreFollowedByWhoCanBeReached(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	h := story{}.hubIn(t, site.hub)
	site.join(h)
	ada, bob := h.agentIn("ada", site.office), h.agentIn("bob", site.office)
	h.agent("kim") // beside the hub
	site.cut()
	h.cli("page", "payments-api", "The database is down")
	h.awaitEntry(1, "page_failed", "ada")
	h.awaitEntry(1, "page_failed", "bob")
	h.awaitEntry(1, "shown", "kim")
	ada.awaitOutput("this machine cannot alarm you") // the alarm for a dead alarm system, for who is on call
	site.mend()
	// What they missed is there when they are back, and it can still be taken.
	h.awaitEntry(1, "shown", "ada")
	h.awaitEntry(1, "shown", "bob")
	bob.say("a")
	h.awaitEntry(1, "acknowledged", "bob")
	ada.awaitOutput("Bob Brown")
	h.verify(1)
}

func TestAnUpgradeOfTheHubInTheMiddleOfAnOpenIncidentWakesNobodyElse(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	h.cli("drain", "--for", "5m")
	ada.awaitOutput("means to be back by")
	h.signal(syscall.SIGTERM)
	<-h.done
	ada.awaitOutput("Nothing listens")
	h.run()
	ada.awaitConnected()
	ada.say("a")
	h.awaitEntry(1, "acknowledged", "ada")
	mustAtMost(t, "ada was paged", h.count(1, "paged", "ada"), 1)
	mustAtMost(t, "bob was paged", h.count(1, "paged", "bob"), 0)
	h.verify(1)
}

func TestALaptopThatSleepsThroughAPageShowsItWhenItWakes(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	bob := h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	// Asleep, it goes on to be alive for nobody: after 40 s its page has failed,
	// and Bob is next.
	ada.signal(syscall.SIGSTOP)
	h.awaitEntry(1, "page_failed", "ada")
	h.awaitEntry(1, "shown", "bob")
	bob.say("a")
	h.awaitEntry(1, "acknowledged", "bob")
	ada.signal(syscall.SIGCONT)
	ada.awaitOutput("Bob Brown")
	ada.awaitConnected()
	mustAtMost(t, "ada was paged", h.count(1, "paged", "ada"), 1)
	h.verify(1)
}

// handsOff makes Ada's shift end in a moment, and Bob's begin then. However long
// what came before has taken, she is on call until it is called.
func (h *hub) handsOff() time.Time {
	h.t.Helper()
	at := time.Now().UTC().Truncate(time.Second).Add(2 * time.Second)
	h.cli("override", "add", "--schedule", "primary", "--user", "bob", "--from", at.Format(time.RFC3339), "--to", at.Add(8*time.Hour).Format(time.RFC3339))
	return at
}

func TestAtTheHandOffAnAcknowledgedIncidentIsHandedOverToTheNewcomer(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada, bob := h.agent("ada"), h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	ada.say("a")
	h.awaitEntry(1, "acknowledged", "ada")
	at := h.handsOff()
	h.awaitEntry(1, "shift_over", "ada")
	if asked := entryOf(t, h, 1, "shift_over").At; asked.Before(at) {
		t.Errorf("asked at %s, before the shift ended at %s", asked, at)
	}
	mustAtMost(t, "bob was paged before anybody said so", h.count(1, "paged", "bob"), 0)
	h.cli("handover", "1", "--as", "ada")
	h.awaitEntry(1, "shown", "bob")
	h.awaitEntry(1, "handed_over", "ada")
	bob.say("a")
	h.awaitEntry(1, "acknowledged", "bob")
	h.verify(1)
}

func TestAtTheHandOffAnOpenIncidentGoesToTheNewcomer(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	h.agent("ada")
	bob := h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	h.handsOff()
	h.awaitEntry(1, "shown", "bob")
	if e := entryOf(t, h, 1, "page_ended"); e.User != "ada" {
		t.Errorf("the page of %s ended", e.User)
	}
	bob.say("a")
	h.awaitEntry(1, "acknowledged", "bob")
	h.verify(1)
}

func entryOf(t *testing.T, h *hub, number int, kind string) entryLine {
	t.Helper()
	h.awaitEntry(number, kind, "")
	for _, e := range h.timeline(number) {
		if e.Kind == kind {
			return e
		}
	}
	return entryLine{}
}

func TestAStormOf500IncidentsIsAcknowledgedInOneGo(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	h.agent("bob")
	const storm = 500
	for n := range storm {
		h.send("trigger", fmt.Sprint("k", n), fmt.Sprint("Disk ", n, " is full"))
	}
	waitFor(t, "every incident is on Ada's screen", func() bool {
		return strings.Count(h.cli("incidents", "--limit", "1000", "--json"), `"state":"alive"`) == storm
	})
	ada.say("ack all")
	waitFor(t, "every incident is acknowledged", func() bool {
		return strings.Count(h.cli("incidents", "--limit", "1000", "--json"), `"status":"acknowledged"`) == storm
	})
	for _, i := range h.incidents() {
		if i.Holder != "ada" {
			t.Fatalf("incident %d: %+v", i.Number, i)
		}
	}
	mustAtMost(t, "bob was paged for the last", h.count(storm, "paged", "bob"), 0)
	h.verify(storm)
}
