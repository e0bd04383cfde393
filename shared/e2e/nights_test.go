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

// handsOff is a set-up in which Ada's shift ends soon, and Bob's begins.
type handsOff struct{ in time.Duration }

func (s handsOff) hub(t *testing.T) (*hub, time.Time) {
	t.Helper()
	at := time.Now().UTC().Truncate(time.Second).Add(s.in)
	yaml := fmt.Sprintf(`organisation: Example Health
catch_all: [kim]
users: [{id: ada, name: Ada Adams, role: admin}, {id: bob, name: Bob Brown}, {id: kim, name: Kim King}]
schedules:
  - id: primary
    time_zone: UTC
    layers: [{name: daily, rotation: {kind: daily, start: %q}, participants: [bob, ada]}]
escalation_policies: [{id: payments, levels: [{timeout: 5m, targets: [{schedule: primary}]}]}]
services:
  - id: payments-api
    escalation_policy: payments
    integrations: [{id: events, kind: events_v2, key_from: {env: TOCSIN_TEST_KEY}}]
`, at.AddDate(0, 0, -2).Format("2006-01-02T15:04:05"))
	return hubOf(t, yaml), at
}

func TestAtTheHandOffAnAcknowledgedIncidentIsHandedOverToTheNewcomer(t *testing.T) {
	t.Parallel()
	h, at := handsOff{in: 25 * time.Second}.hub(t)
	ada, bob := h.agent("ada"), h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	ada.say("a")
	h.awaitEntry(1, "acknowledged", "ada")
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
	h, _ := handsOff{in: 20 * time.Second}.hub(t)
	h.agent("ada")
	bob := h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
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
