package app

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/hub/duty"
	"tocsin/hub/engine"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/store"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// behind changes the database of a hub that was killed, as a commit that was the
// last thing it did.
func (h *running) behind(change func(store.Store) error) {
	h.Helper()
	h.stop()
	db := h.reopen()
	if err := errors.Join(change(db), db.Close()); err != nil {
		h.Fatal(err)
	}
}

// moves lists what a user was told of shifts that moved.
func (h *running) moves(u responder.UserID) string {
	h.Helper()
	var texts []string
	h.view(func(tx store.Tx) error {
		list, err := tx.Notices(u, 100)
		for _, n := range list {
			if strings.HasPrefix(n.ID, "moves/") {
				texts = append(texts, n.Text)
			}
		}
		return err
	})
	return strings.Join(texts, " | ")
}

func TestAHubThatDiedAfterAnEditTellsWhoseShiftsMovedWhenItStarts(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		h.restart(0)
		h.is("at first", h.moves("ada"), "")
		h.behind(func(db store.Store) error {
			_, _, err := rota.New(db).AddOverride(h.Context(), rota.OverrideRequest{
				Schedule: "first", User: "bob", From: "2000-01-03T00:00", To: "2000-01-04T00:00", By: "kim",
			}, engine.Now())
			return err
		})
		h.sleep(time.Minute)
		h.start()
		h.settle()
		for range 2 {
			h.is("ada", h.moves("ada"), "You are no longer on call for First from Mon 3 Jan 00:00 UTC to Tue 4 Jan 00:00 UTC; Bob Brown is.")
			h.is("bob", h.moves("bob"), "You are on call for First from Mon 3 Jan 09:00 JST to Tue 4 Jan 09:00 JST, instead of Ada Adams.")
			h.restart(time.Hour) // once is enough
			h.settle()
		}
	})
}

func TestAHubThatDiedAfterAPlannedAbsenceTellsWhoTakesTheTurn(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		h.restart(0)
		now := engine.Now()
		day := time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC)
		h.behind(func(db store.Store) error {
			return db.Update(h.Context(), func(tx store.Tx) error {
				return tx.AddAbsence(responder.Absence{ID: "a", User: "ada", Start: day, End: day.AddDate(0, 0, 1), Made: now.Add(time.Second)})
			})
		})
		h.sleep(time.Minute)
		h.start()
		h.settle()
		h.is("eve", h.moves("eve"), "You are on call for First from Mon 3 Jan 00:00 GMT to Tue 4 Jan 00:00 GMT, instead of Ada Adams.")
	})
}

func TestAHubThatDiedWhileSomebodyLeftPassesOnWhatWasOpen(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		h.trigger("disk")
		h.settle()
		ada.report(receipt(ada.alarm(), shown))
		h.sleep(time.Minute)
		h.behind(func(db store.Store) error {
			now := engine.Now()
			return db.Update(h.Context(), func(tx store.Tx) error {
				return tx.AddAbsence(responder.Absence{ID: "a", User: "ada", Start: now, End: now.Add(time.Hour), Made: now})
			})
		})
		h.start()
		h.sleep(20 * time.Second) // right after a start nobody is paged for what is not new
		h.is("paged", h.paged(1), "ada 0s triggered, bob 1m20s passed_on")
		h.restart(0)
		h.is("passed on once", h.lines(1, "passed_on"), "ada 1m0s off_duty")
	})
}

func TestAHubThatDiedBeforeManagersWereToldThatSomebodyLeftTellsThemWhenItStarts(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada := h.enrol("ada")
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(8 * time.Hour), Cannot: true})
		told := h.noticed("kim")
		if !strings.Contains(told, "/cannot") {
			t.Fatalf("told %q", told)
		}
		h.behind(func(db store.Store) error {
			return db.Update(h.Context(), func(tx store.Tx) error { return tx.ForgetNotices(engine.Now().Add(time.Hour)) })
		})
		h.start()
		h.settle()
		if again := h.noticed("kim"); !strings.Contains(again, "/cannot") {
			t.Errorf("told %q", again)
		}
	})
}

func TestACoverRequestWhoseAcceptorHasLeftIsClosedAndWhoAskedIsTold(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada := h.enrol("ada")
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(8 * time.Hour), CoverBy: "bob"})
		h.stop()
		h.accepted(1, "zoe") // who is in no configuration any more
		h.start()
		h.settle()
		h.is("the request", h.incident(1).Status, "resolved")
		h.is("absences", len(h.absences()), 0)
		ada.connect()
		h.settle()
		if told := ada.told(); !strings.HasPrefix(told, "Nobody takes over from you: ") || !strings.HasSuffix(told, " You are still on duty.") {
			t.Errorf("told %q", told)
		}
		h.restart(time.Minute)
		h.is("still on duty", h.onCall("first", time.Minute), "ada")
	})
}

// leaving is the context of a caller who goes away once their first write has begun.
type leaving struct {
	context.Context
	leave context.CancelFunc
	begun atomic.Bool
}

func (l *leaving) Err() error {
	if l.begun.CompareAndSwap(false, true) {
		defer l.leave()
		return nil
	}
	return l.Context.Err()
}

func TestWhoClosesTheLidRightAfterLeavingIsOffDuty(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, bob, kim := h.enrol("ada"), h.enrol("bob"), h.enrol("kim")
		ada.connect()
		bob.connect()
		kim.connect()
		h.trigger("disk")
		h.settle()
		ada.report(receipt(ada.alarm(), shown))
		ctx, cancel := context.WithCancel(h.Context())
		if _, err := h.hub.duty.Off(&leaving{Context: ctx, leave: cancel}, duty.Off{User: "ada", Until: engine.Now().Add(8 * time.Hour), Cannot: true}); err != nil {
			t.Error(err)
		}
		h.settle()
		h.is("the open page", h.paged(1), "ada 0s triggered, bob 0s passed_on")
		h.is("the manager is told", strings.Contains(kim.told(), "Ada Adams cannot go on"), true)
		h.sleep(time.Hour)
		h.trigger("another")
		h.settle()
		h.is("an hour later", h.paged(3), "bob 0s triggered")
	})
}

func TestWhatWasChangedIsFeltThoughWhoChangedItHasGone(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		ctx, cancel := context.WithCancel(h.Context())
		if _, err := h.hub.rota.TakeShift(ctx, rota.TakeRequest{Schedule: "first", User: "bob", By: "bob"}, engine.Now()); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := h.hub.duty.Reload(ctx, "bob"); err != nil {
			t.Error(err)
		}
		h.trigger("disk")
		h.settle()
		h.is("paged", h.paged(1), "bob 0s triggered")
		h.is("ada is told", ada.told(), "A shift of yours has moved: You are no longer on call for First from Sat 1 Jan 00:10 UTC to Sun 2 Jan 00:00 UTC; Bob Brown is.")
	})
}
