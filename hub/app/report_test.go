package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

func TestAReportThatIsSentAgainIsCountedOnce(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		page := ada.alarm()
		seen := receipt(page, shown)
		seen.Id = newID(h)
		for range 3 {
			h.is("a receipt", ada.report(seen), "applied")
		}
		h.is("shown", h.lines(1, "shown"), "ada 0s")
		taken := command(page, acknowledge)
		taken.Id = newID(h)
		h.is("an acknowledgement", ada.report(taken), "applied")
		h.sleep(31 * time.Minute) // the lease is over, and ada is paged anew
		h.is("the same, sent again", ada.report(taken), "applied")
		h.is("acknowledged", h.lines(1, "acknowledged"), "ada 0s by_user")
		h.is("status", h.incident(1).Status, "triggered")
	})
}

func TestADeviceThatHangsUpIsNoFaultOfTheHub(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		var log strings.Builder
		h.hub.agents.Log = slog.New(slog.NewTextHandler(&log, nil))
		taken := command(ada.alarm(), acknowledge)
		taken.Id = newID(h)
		req := request(ada, &agentv1.ReportRequest{Reports: []*agentv1.DeviceReport{taken}})
		ctx, hangUp := context.WithCancel(h.Context())
		hangUp()
		if _, err := h.hub.agents.Report(ctx, req); !errors.Is(err, context.Canceled) || log.Len() > 0 {
			h.Errorf("the call ended with %v, and the hub logs: %s", err, &log)
		}
		h.is("the acknowledgement, sent again", ada.report(taken), "applied")
	})
}

func TestOneReportSentManyTimesAtOnceIsCountedOnce(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		taken := command(ada.alarm(), acknowledge)
		taken.Id = newID(h)
		var senders sync.WaitGroup
		for range 20 {
			senders.Go(func() { h.is("the answer", ada.report(taken), "applied") })
		}
		senders.Wait()
		h.is("acknowledged", h.lines(1, "acknowledged"), "ada 0s by_user")
		h.is("recorded as already taken", h.lines(1, "already"), "")
	})
}

func TestOfManyWhoAcknowledgeAtOnceOneHolds(t *testing.T) {
	inBubble(t, bothAtOnce, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		h.trigger("disk")
		h.settle()
		answers := map[string]string{}
		var mu sync.Mutex
		var people sync.WaitGroup
		for _, d := range []*device{ada, bob} {
			page := d.alarm()
			people.Go(func() {
				answer := d.report(command(page, acknowledge))
				mu.Lock()
				defer mu.Unlock()
				answers[answer] = d.user
			})
		}
		people.Wait()
		holder := h.incident(1).Holder
		name := map[string]string{"ada": "Ada Adams", "bob": "Bob Brown"}[holder]
		if len(answers) != 2 || answers["applied"] != holder || answers["already Already taken by "+name+"."] == "" {
			h.Errorf("%s holds, and the answers are %v", holder, answers)
		}
	})
}

func TestAnAcknowledgementOfAnEarlierOpeningIsTooLate(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		before := ada.alarm()
		h.resolve("disk")
		h.trigger("disk")
		h.settle()
		h.is("the answer", ada.report(command(before, acknowledge)), "too_late Too late: the incident was triggered again since.")
		h.is("status", h.incident(1).Status, "triggered")
		h.is("recorded", h.lines(1, "too_late"), "ada 0s new_opening")
		old := command(ada.alarm(), acknowledge)
		old.AgeMs = (31 * time.Minute).Milliseconds()
		h.sleep(32 * time.Minute)
		h.is("older than a lease", ada.report(old), "too_late Too late: this was done longer ago than an acknowledgement holds.")
	})
}

func TestAnAcknowledgementOfASupersededPageStillCounts(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		first := ada.alarm()
		h.sleep(25 * time.Minute) // round after round
		if now := ada.alarm(); now.Key.Wave == first.Key.Wave {
			h.Fatal("ada was not paged anew")
		}
		ada.leave()
		h.is("the answer", ada.report(command(first, acknowledge)), "applied")
		h.is("holder", h.incident(1).Holder, "ada")
	})
}

func TestOnlyWhoWasPagedReportsOnAPage(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada, kim := h.enrol("ada"), h.enrol("kim")
		ada.connect()
		kim.connect()
		h.trigger("disk")
		h.settle()
		page := ada.alarm()
		before := len(h.timeline(1))
		forged := func(user string, wave uint32, incident string) *agentv1.Page {
			return &agentv1.Page{Key: &agentv1.PageKey{IncidentId: incident, Wave: wave, UserId: user}, Opening: page.Opening}
		}
		id := page.Key.IncidentId
		for name, c := range map[string]struct {
			page *agentv1.Page
			want string
		}{
			"another user's page":    {forged("ada", 1, id), "refused a device reports only about the pages of its own user"},
			"a page that never was":  {forged("kim", 1, id), "refused the hub does not know this page"},
			"an unknown incident":    {forged("kim", 1, "none"), "refused the hub does not know this incident"},
			"a page without its key": {&agentv1.Page{}, "refused a device reports only about the pages of its own user"},
		} {
			for _, r := range []*agentv1.DeviceReport{command(c.page, acknowledge), command(c.page, passOn), receipt(c.page, shown)} {
				h.is(name, kim.report(r), c.want)
			}
		}
		h.is("entries", len(h.timeline(1)), before)
		h.is("status", h.incident(1).Status, "triggered")
	})
}

func TestWhatTheHubDoesNotKnowIsRefusedInWords(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		page := ada.alarm()
		h.is("a kind of report", ada.report(&agentv1.DeviceReport{}), "refused the hub does not know this kind of report; update the hub")
		h.is("a kind of receipt", ada.report(receipt(page, 99)), "refused the hub does not know this kind of receipt; update the hub")
		h.is("a command", ada.report(command(page, 99)), "refused the hub does not know this command; update the hub")
		for _, id := range []string{"", strings.Repeat("x", 65)} {
			_, err := ada.reportAll(h.Context(), &agentv1.DeviceReport{Id: id})
			h.is("a report's id of "+fmt.Sprint(len(id)), connect.CodeOf(err), connect.CodeInvalidArgument)
		}
		_, err := ada.reportAll(h.Context(), make([]*agentv1.DeviceReport, 201)...)
		h.is("too many at once", connect.CodeOf(err), connect.CodeInvalidArgument)
	})
}

func TestTheAgeOfAReportIsReckonedBackWithinItsPage(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.sleep(9 * time.Second)
		late := receipt(ada.alarm(), shown)
		late.AgeMs = 4000
		ada.report(late)
		for _, age := range []int64{-5000, 3600_000} {
			other := receipt(ada.alarm(), agentv1.ReceiptKind_RECEIPT_KIND_TOUCHED)
			other.AgeMs = age
			ada.report(other)
		}
		h.is("shown, told four seconds later", h.lines(1, "shown"), "ada 5s")
		// The timeline never goes back, whatever is told.
		h.is("touched, of the future and of before the page", h.lines(1, "touched"), "ada 9s, ada 9s")
		h.sleep(2 * time.Minute)
		h.is("paged", h.paged(1), "ada 0s triggered")
	})
}
