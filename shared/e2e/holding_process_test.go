package e2e

import (
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// short is a set-up whose leases are short enough to see one end.
func short(lease string) string {
	return strings.Replace(story{}.yaml(), "    runbook:", "    acknowledgement_timeout: "+lease+"\n    open_reminder: 3s\n    runbook:", 1)
}

func TestWhoIsStillOnItIsAskedAndGoesOnHavingIt(t *testing.T) {
	t.Parallel()
	h := hubOf(t, short("15s"))
	ada := h.agent("ada")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	ada.say("a 1")
	h.awaitEntry(1, "acknowledged", "ada")
	ada.awaitOutput("#1  CRITICAL  Payments API: The database is down")
	ada.awaitOutput("You still have #1 Payments API")
	// From the question on only a third of the lease is left: nothing slow may come
	// before the answer to it.
	ada.awaitOutput("Still on it? #1 Payments API: The database is down.")
	ada.say("renew")
	// The question of the next lease comes, so the first one has not ended.
	waitFor(t, "it is asked again", func() bool { return strings.Count(ada.out.String(), "Still on it?") == 2 })
	ada.say("snooze 1 2h")
	ada.awaitOutput("#1: Snoozed.")
	if n := h.count(1, "renewed", "ada") + h.count(1, "acknowledged", "ada"); n < 2 {
		t.Error("the lease was not renewed")
	}
	if n := h.count(1, "paged", ""); n != 1 {
		t.Errorf("paged %d times although somebody is on it", n)
	}
	ada.say("r 1")
	ada.awaitOutput("#1: Resolved.")
	h.verify(1)
}

func TestWhatIsHeldSurvivesTheAgentAndIsAnsweredCutOff(t *testing.T) {
	t.Parallel()
	h := hubOf(t, short("1h"))
	ada := h.agent("ada")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	ada.say("a 1")
	ada.awaitOutput("You have it since")
	h.kill()
	ada.kill()
	ada.run() // no hub, no network: only the journal
	ada.awaitOutput("You have it since")
	ada.say("snooze 1 2h")
	ada.awaitOutput("#1: The hub does not know yet.")
	ada.kill()
	h.run()
	ada.run()
	h.awaitEntry(1, "snoozed", "ada")
	if n := h.count(1, "snoozed", "ada"); n != 1 {
		t.Errorf("snoozed %d times", n)
	}
	h.verify(1)
}

func TestAStormIsAcknowledgedWithOneCommandAndHeldAsOneList(t *testing.T) {
	t.Parallel()
	h := hubOf(t, short("1h"))
	ada := h.agent("ada")
	const many = 40
	for n := range many {
		h.send("trigger", fmt.Sprintf("k%d", n), fmt.Sprintf("Storm %d", n))
	}
	waitFor(t, "all are on the screen", func() bool {
		return strings.Count(ada.out.String(), " ALARM ")+strings.Count(ada.out.String(), " ALSO ") == many
	})
	mustAtMost(t, "an alarm in full", strings.Count(ada.out.String(), " ALARM "), 11)
	ada.say("a all")
	waitFor(t, "all are acknowledged", func() bool {
		acknowledged := 0
		for _, i := range h.incidents() {
			if i.Status == "acknowledged" {
				acknowledged++
			}
		}
		return acknowledged == many
	})
	h.send("trigger", "late", "The late one")
	ada.awaitOutput("ALARM  #41") // alone: in full, though it is silent so far
	ada.awaitOutput("Silent so far: it is one of many. It rings at ")
	h.awaitEntry(41, "shown", "ada")
	if n := h.count(41, "acknowledged", ""); n != 0 {
		t.Error("what came after the look was acknowledged too")
	}
}

func TestAnAgentThatEndsSaysGoodbye(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	before := time.Now()
	ada.signal(syscall.SIGTERM)
	waitFor(t, "the agent has ended", func() bool { return !ada.connected() })
	if wait := time.Since(before); wait > 20*time.Second {
		t.Errorf("it took %v", wait)
	}
}

func TestTheCallSheetIsPrintedWithNoHub(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(program(t, "agent"), "callsheet", "--profile", t.TempDir()).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "There is no call sheet yet") {
		t.Errorf("%s, %v", out, err)
	}
}
