package e2e

import (
	"syscall"
	"testing"
)

func TestWhenTheFirstNeverAcknowledgesTheSecondIsAlarmedAfterTheTimeout(t *testing.T) {
	t.Parallel()
	h := story{firstTimeout: "30s"}.hub(t)
	h.agent("ada")
	h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	h.awaitEntry(1, "shown", "bob")
	for _, e := range h.timeline(1) {
		if e.Kind == "level_entered" && e.Level == 2 && e.Reason != "timeout" {
			t.Errorf("level 2 was entered because of %s", e.Reason)
		}
	}
	if h.count(1, "page_ended", "ada") > 0 {
		t.Error("ada's page ended although nobody acknowledged")
	}
	h.verify(1)
}

func TestWhenTheFirstAgentIsStoppedTheSecondIsAlarmedAsSoonAsThePageHasFailed(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	h.agent("bob")
	ada.signal(syscall.SIGSTOP)
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "page_failed", "ada")
	h.awaitEntry(1, "shown", "bob")
	if n := h.count(1, "level_entered", ""); n != 2 {
		t.Errorf("%d levels were entered", n)
	}
	// A device that comes back still gets what is open.
	ada.signal(syscall.SIGCONT)
	h.awaitEntry(1, "shown", "ada")
	h.verify(1)
}

func TestWithBothAwayTheCatchAllIsAlarmed(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	h.agent("ada").kill()
	h.agent("bob").kill()
	h.agent("kim")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "kim")
	if h.count(1, "catch_all", "") != 1 {
		t.Error("the timeline does not say that the catch-all was paged")
	}
	h.verify(1)
}

func TestAHubKilledRightAfterItsAnswerHasLostNothing(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	h.agent("ada")
	h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.restart()
	h.awaitEntry(1, "shown", "ada")
	if n := len(h.incidents()); n != 1 {
		t.Errorf("there are %d incidents", n)
	}
	mustAtMost(t, "ada was paged", h.count(1, "paged", "ada"), 1)
	mustAtMost(t, "bob was paged", h.count(1, "paged", "bob"), 0)
	h.verify(1)
}

func TestAHubKilledBetweenPageAndAcknowledgementGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	h.restart()
	ada.awaitConnected()
	ada.say("a")
	h.awaitEntry(1, "acknowledged", "ada")
	mustAtMost(t, "ada was paged", h.count(1, "paged", "ada"), 1)
	mustAtMost(t, "bob was paged", h.count(1, "paged", "bob"), 0)
	h.verify(1)
}

func TestAnAgentKilledWhileItAlarmsShowsThePageAgainBeforeItHasItsHub(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	ada.kill()
	h.kill()
	ada.run()
	ada.awaitOutput("The database is down")
	h.run()
	ada.awaitConnected()
	ada.say("a")
	h.awaitEntry(1, "acknowledged", "ada")
	mustAtMost(t, "ada was paged", h.count(1, "paged", "ada"), 1)
	mustAtMost(t, "bob was paged", h.count(1, "paged", "bob"), 0)
	h.verify(1)
}

func TestAnAcknowledgementMadeCutOffIsToldOnReturnOnce(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	h.kill()
	ada.say("a")
	ada.awaitOutput("hub does not know")
	ada.kill()
	ada.run()
	h.run()
	h.awaitEntry(1, "acknowledged", "ada")
	if n := h.count(1, "acknowledged", ""); n != 1 {
		t.Errorf("the acknowledgement stands %d times in the timeline", n)
	}
	mustAtMost(t, "bob was paged", h.count(1, "paged", "bob"), 0)
	h.verify(1)
}

func TestAnAcknowledgementOfAnEarlierOpeningIsTooLate(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	ada := h.agent("ada")
	bob := h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	h.kill()
	ada.say("a")
	ada.awaitOutput("hub does not know")
	ada.signal(syscall.SIGSTOP)
	h.run()
	h.send("resolve", "k", "")
	h.send("trigger", "k", "The database is down again")
	h.awaitEntry(1, "reopened", "")
	ada.signal(syscall.SIGCONT)
	h.awaitEntry(1, "too_late", "ada")
	if i := h.incidents()[0]; i.Status != "triggered" {
		t.Errorf("the incident is %s: the late acknowledgement quieted it", i.Status)
	}
	ada.awaitOutput("oo late")
	_ = bob
	h.verify(1)
}
