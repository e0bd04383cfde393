package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/store"
)

func TestAnEventsPagesAreInItsCommit(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		// Read at once: nothing had time to follow.
		h.view(func(tx store.Tx) error {
			id, err := tx.ByNumber(1)
			if err != nil {
				return err
			}
			r, err := tx.Load(id)
			h.is("commits", r.Incident.Version, uint64(1))
			h.is("pages and ways they travel", fmt.Sprint(len(r.Pages), len(r.Pages[0].Uses)), "1 1")
			return err
		})
		h.settle()
		h.is("what the device shows", ada.alarm().Summary, "disk is full")
	})
}

func TestAPersonWithNoDeviceIsPassedOverAtOnce(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		h.enrol("bob").connect()
		h.trigger("disk")
		h.settle()
		h.is("paged", h.paged(1), "ada 0s triggered, bob 0s all_pages_failed")
	})
}

func TestAPageThatNoDeviceShowsInTenSecondsGoesToTheNextPerson(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		h.enrol("ada").connect()
		bob := h.enrol("bob")
		bob.connect()
		h.trigger("disk")
		h.sleep(escalation.ShowDeadline - time.Millisecond)
		h.is("just before", h.paged(1), "ada 0s triggered")
		h.sleep(time.Millisecond)
		h.is("at the deadline", h.paged(1), "ada 0s triggered, bob 10s all_pages_failed")
		bob.report(receipt(bob.alarm(), shown))
		h.sleep(4 * time.Minute)
		h.is("while bob's is shown", h.paged(1), "ada 0s triggered, bob 10s all_pages_failed")
	})
}

func TestAPageThatIsShownWaitsForItsLevelsTimeout(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.enrol("bob").connect()
		h.trigger("disk")
		h.sleep(3 * time.Second)
		ada.report(receipt(ada.alarm(), shown))
		h.sleep(5 * time.Minute)
		h.is("paged", h.paged(1), "ada 0s triggered, bob 5m0s timeout")
	})
}

func TestADeviceThatSaysItCannotIsNotWaitedFor(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.enrol("bob").connect()
		h.trigger("disk")
		h.sleep(2 * time.Second)
		ada.report(receipt(ada.alarm(), cannot))
		h.settle()
		h.is("paged", h.paged(1), "ada 0s triggered, bob 2s all_pages_failed")
	})
}

func TestADeviceThatLeavesIsGoneAfterFortySeconds(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.enrol("bob").connect()
		h.trigger("disk")
		h.settle()
		ada.report(receipt(ada.alarm(), shown))
		h.sleep(20 * time.Second)
		ada.leave()
		h.sleep(40*time.Second - time.Millisecond)
		h.is("just before", h.paged(1), "ada 0s triggered")
		h.sleep(time.Millisecond)
		h.is("when it is gone", h.paged(1), "ada 0s triggered, bob 1m0s all_pages_failed")
	})
}

func TestADeviceThatAnswersNoBeatIsGoneAfterFortySeconds(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.enrol("bob").connect()
		h.sleep(time.Minute)
		h.trigger("disk")
		h.settle()
		ada.report(receipt(ada.alarm(), shown))
		ada.mu.Lock()
		ada.silent = true // the last beat was answered at this very instant
		ada.mu.Unlock()
		h.sleep(40*time.Second - time.Millisecond)
		h.is("just before", h.paged(1), "ada 0s triggered")
		h.sleep(time.Millisecond)
		h.is("when it is gone", h.paged(1), "ada 0s triggered, bob 40s all_pages_failed")
		h.is("its stream", ada.ended, true)
	})
}

func TestADeviceThatComesBackStillGetsItsPage(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		h.trigger("disk")
		h.sleep(time.Minute)
		ada.connect()
		h.is("what it shows", ada.alarm().Summary, "disk is full")
		h.is("acknowledged", ada.report(command(ada.alarm(), acknowledge)), "applied")
		h.is("status", h.incident(1).Status, "acknowledged")
	})
}

func TestEveryWaitEndsAtItsInstant(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.enrol("bob").connect()
		const incidents = 60
		for n := range incidents {
			h.trigger(fmt.Sprint("disk ", n))
			h.settle()
			for _, p := range ada.alarms() {
				if p.Number == uint64(n+1) {
					ada.report(receipt(p, shown))
				}
			}
			// So far apart that they are no storm, whose pages go on together.
			h.sleep(31*time.Second + time.Duration(n*n%977)*time.Millisecond)
		}
		h.sleep(6 * time.Minute)
		for n := range incidents {
			want := "ada 0s triggered, bob 5m0s timeout"
			if got := h.paged(uint64(n + 1)); len(got) < len(want) || got[:len(want)] != want {
				h.Errorf("incident %d: %s", n+1, got)
			}
		}
	})
}

func TestWhoAcknowledgesQuietsEveryOtherAlarmAtOnce(t *testing.T) {
	inBubble(t, bothAtOnce, func(h *running) {
		ada, second, bob := h.enrol("ada"), h.enrol("ada"), h.enrol("bob")
		for _, d := range []*device{ada, second, bob} {
			d.connect()
		}
		h.trigger("disk")
		h.settle()
		page := bob.alarm()
		begun := time.Now()
		h.is("acknowledged", ada.report(command(ada.alarm(), acknowledge)), "applied")
		h.settle()
		h.is("time that passed", time.Since(begun), time.Duration(0))
		h.is("alarms left", fmt.Sprint(len(ada.alarms()), len(second.alarms()), len(bob.alarms())), "0 0 0")
		over := bob.pages[keyOf(page.Key)]
		h.is("what bob is told", over.Outcome+" by "+over.EndedBy, "taken by Ada Adams")
		h.is("bob, too late", bob.report(command(page, acknowledge)), "already Already taken by Ada Adams.")
		h.sleep(29 * time.Minute)
		h.is("paged while it is held", h.paged(1), "ada 0s triggered, bob 0s triggered")
	})
}

func TestAResolveFromTheSourceEndsTheAlarm(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		h.resolve("disk")
		h.settle()
		h.is("alarms", len(ada.alarms()), 0)
		h.is("status", h.incident(1).Status, "resolved")
		h.trigger("disk") // within the reopen window
		h.settle()
		h.is("alarms when it comes back", ada.alarm().Opening, uint32(2))
		h.is("incidents", h.incident(1).Status, "triggered")
	})
}

func TestARepeatPagesNobodyAndIsCounted(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		frames := ada.pageFrames()
		for range 5 {
			h.trigger("disk")
		}
		h.settle()
		h.is("count", h.incident(1).Alerts[0].Count, uint64(6))
		h.is("frames", ada.pageFrames(), frames)
		h.is("paged", h.paged(1), "ada 0s triggered")
	})
}

func TestATestPageGoesTheWholeWay(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		bob := h.enrol("bob")
		bob.connect()
		number := bob.testPage()
		h.settle()
		page := bob.alarm()
		h.is("a test", page.Test, true)
		h.is("its number", page.Number, number)
		h.is("acknowledged", bob.report(command(page, acknowledge)), "applied")
		h.is("status", h.incident(number).Status, "resolved")
		h.sleep(time.Hour)
		h.is("paged", h.paged(number), "bob 0s triggered")
	})
}

func TestATestPageThatNobodyAnswersEndsByItself(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		bob := h.enrol("bob")
		bob.connect()
		number := bob.testPage()
		h.sleep(time.Hour - time.Second)
		h.is("status", h.incident(number).Status, "triggered")
		h.sleep(2 * time.Second)
		h.is("status after an hour", h.incident(number).Status, "resolved")
		h.is("why", h.said(number, "test is over"), "The test is over: nobody has answered it")
	})
}

func TestAnIncidentOfARemovedIntegrationIsRefusedAndLeavesNothing(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		_, _, err := h.hub.engine.Ingest(h.Context(), incident.Event{Action: incident.Trigger, Integration: "gone", Key: "k"})
		if err == nil {
			h.Error("taken in")
		}
		h.view(func(tx store.Tx) error {
			if _, err := tx.ByAlert("gone", "k"); !errors.Is(err, store.ErrNotFound) {
				h.Errorf("found: %v", err)
			}
			return nil
		})
	})
}

func TestTheEscalationPolicyIsTheOneAtTheTrigger(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.enrol("bob").connect()
		h.trigger("disk")
		h.sleep(3 * time.Second)
		ada.report(receipt(ada.alarm(), shown))
		h.apply(strings.Replace(setUp, "[{user: bob}]", "[{user: kim}]", 1))
		h.sleep(5 * time.Minute)
		h.is("paged", h.paged(1), "ada 0s triggered, bob 5m0s timeout")
	})
}
