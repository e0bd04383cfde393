package app

import (
	"context"
	"testing"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
)

// restart closes the hub, lets time pass, and opens it again.
func (h *running) restart(away time.Duration) {
	h.Helper()
	h.stop()
	h.sleep(away)
	h.start()
	h.settle()
}

func TestAfterARestartNobodyIsPagedForTwentySeconds(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		h.trigger("disk")
		h.settle()
		ada.report(receipt(ada.alarm(), shown))
		ada.leave()
		bob.leave()
		h.restart(10 * time.Minute) // the timeout fell due long ago
		bob.connect()
		h.sleep(escalation.Grace - time.Millisecond)
		h.is("within the grace", h.paged(1), "ada 0s triggered")
		h.sleep(time.Millisecond)
		h.is("at its end", h.paged(1), "ada 0s triggered, bob 10m20s timeout")
	})
}

func TestAnAcknowledgementThatWaitedForTheHubQuietsBeforeAnybodyIsPaged(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		page := ada.alarm()
		ada.leave()
		h.restart(10 * time.Minute)
		ada.connect()
		taken := command(page, acknowledge)
		taken.AgeMs = (8 * time.Minute).Milliseconds()
		h.is("the answer", ada.report(taken), "applied")
		h.sleep(5 * time.Minute)
		h.is("paged", h.paged(1), "ada 0s triggered")
		h.is("the timeline", h.said(1, "Acknowledged"), "Acknowledged by Ada Adams on ada's laptop (done at 2000-01-01 00:12:00 UTC, while the device was cut off)")
	})
}

func TestANewIncidentPagesEvenInTheGrace(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		h.restart(time.Minute)
		h.trigger("disk")
		h.settle()
		h.is("paged", h.paged(1)[:16], "ada 0s triggered")
	})
}

func TestThereIsOneGraceInFiveMinutes(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		h.enrol("bob")
		ada.connect()
		h.trigger("disk")
		h.settle()
		ada.report(receipt(ada.alarm(), shown))
		ada.leave()
		h.restart(10 * time.Minute)
		h.sleep(10 * time.Second)
		h.restart(0) // a hub that starts again and again must not stay quiet for ever
		h.is("at once after the second start", h.paged(1), "ada 0s triggered, bob 10m10s timeout")
	})
}

func TestALeaseDoesNotCountTheTimeInWhichNoHubRan(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		ada.report(command(ada.alarm(), acknowledge))
		h.sleep(10 * time.Minute)
		ada.leave()
		h.restart(time.Hour)
		ada.connect()
		h.sleep(19 * time.Minute)
		h.is("after 29 minutes with a hub", h.lines(1, "quiet_ended"), "")
		h.sleep(time.Minute + 10*time.Second) // when the hub was last seen is known to a few seconds
		ended := h.lines(1, "quiet_ended")
		if ended == "" {
			h.Error("the lease has no end")
		}
		h.is("the holder is asked alone", h.lines(1, "holder_asked_again") != "", true)
	})
}

func TestWhenTheClockWasSetBackTheWaitsMoveWithIt(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		h.enrol("bob")
		ada.connect()
		h.trigger("disk")
		h.settle()
		ada.report(receipt(ada.alarm(), shown))
		h.sleep(time.Minute)
		h.stop()
		ada.leave()
		// As if the hub had run an hour ahead of this clock.
		h.pretendAhead(time.Hour)
		h.start()
		ada.connect()
		h.sleep(3*time.Minute + 50*time.Second)
		h.is("before the timeout", h.paged(1), "ada 0s triggered")
		h.sleep(20 * time.Second)
		if got := h.lines(1, "paged"); got == "ada 0s triggered" {
			h.Error("bob is paged an hour late")
		}
		h.is("the timeline says so", h.lines(1, "clock_moved") != "", true)
	})
}

// pretendAhead rewrites the stored incident and the hub's last sign of life as a
// hub would have left them whose clock was ahead.
func (h *running) pretendAhead(by time.Duration) {
	h.Helper()
	db, err := sqldb.Open(context.Background(), h.hub.folder.database(), h.hub.folder.auditKey)
	if err != nil {
		h.Fatal(err)
	}
	err = db.Update(context.Background(), func(tx store.Tx) error {
		alive, err := tx.LastAlive()
		if err != nil {
			return err
		}
		id, err := tx.ByNumber(1)
		if err != nil {
			return err
		}
		r, err := tx.Load(id)
		if err != nil {
			return err
		}
		moved := escalation.Shift(escalation.State{Incident: r.Incident, Course: r.Course, Pages: r.Pages}, by)
		after := store.Record{Incident: moved.Incident, Course: moved.Course, Pages: moved.Pages, WakeAt: r.WakeAt.Add(by)}
		if _, err := tx.Save(r, after, nil); err != nil {
			return err
		}
		return tx.SetAlive(alive.Add(by))
	})
	if err != nil {
		h.Fatal(err)
	}
	if err := db.Close(); err != nil {
		h.Fatal(err)
	}
}
