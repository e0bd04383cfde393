package app

import (
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

func (h *running) covers() hubv1connect.CoverServiceClient {
	return hubv1connect.NewCoverServiceClient(h.local, "http://hub")
}

func as[T any](user string, m *T) *connect.Request[T] {
	r := connect.NewRequest(m)
	r.Header().Set("Tocsin-As", user)
	return r
}

func TestWhoTakesTheShiftIsOnCallAtOnceAndOpenIncidentsHandOff(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, eve := h.enrol("ada"), h.enrol("eve")
		ada.connect()
		eve.connect()
		h.trigger("disk")
		h.settle()
		ada.report(receipt(ada.alarm(), shown))
		res, err := eve.client().TakeShift(h.Context(), request(eve, &agentv1.TakeShiftRequest{ScheduleId: "first"}))
		if err != nil {
			h.Fatal(err)
		}
		h.settle()
		h.is("instead of", res.Msg.InsteadOf, "Ada Adams")
		h.is("until the present shift ends", res.Msg.Until.AsTime().Format(time.RFC3339), "2000-01-02T00:00:00Z")
		h.is("on call", h.onCall("first", time.Second), "eve")
		h.is("the open incident", h.paged(1), "ada 0s triggered, eve 0s hand_off")
		h.is("ada is told", ada.told(), "A shift of yours has moved: You are no longer on call for First from Sat 1 Jan 00:10 UTC to Sun 2 Jan 00:00 UTC; Eve Evans is.")
		h.is("eve knows", eve.told(), "")
		if _, err := eve.client().TakeShift(h.Context(), request(eve, &agentv1.TakeShiftRequest{ScheduleId: "first"})); connect.CodeOf(err) != connect.CodeAlreadyExists {
			h.Errorf("again: %v", err)
		}
		if _, err := eve.client().TakeShift(h.Context(), request(eve, &agentv1.TakeShiftRequest{ScheduleId: "third"})); connect.CodeOf(err) != connect.CodeNotFound {
			h.Errorf("of no schedule: %v", err)
		}
	})
}

func TestTwoShiftsAreSwappedInOneRevisionAndBothAreTold(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, eve := h.enrol("ada"), h.enrol("eve")
		ada.connect()
		eve.connect()
		before := h.hub.directory.Current().Revision
		swap := func(dry bool, first, second *hubv1.ShiftRef) (*hubv1.SwapShiftsResponse, error) {
			res, err := h.covers().SwapShifts(h.Context(), as("kim", &hubv1.SwapShiftsRequest{ScheduleId: "first", First: first, Second: second, DryRun: dry}))
			h.settle()
			if err != nil {
				return nil, err
			}
			return res.Msg, nil
		}
		third, fourth := &hubv1.ShiftRef{UserId: "ada", Start: "2000-01-03"}, &hubv1.ShiftRef{Start: "2000-01-04T00:00"}
		if _, err := swap(true, third, fourth); err != nil || h.hub.directory.Current().Revision != before {
			h.Fatalf("a dry run: %v", err)
		}
		res, err := swap(false, third, fourth)
		if err != nil {
			h.Fatal(err)
		}
		h.is("before and after", res.Shifts[0].BeforeUserId+">"+res.Shifts[0].AfterUserId+" "+res.Shifts[1].BeforeUserId+">"+res.Shifts[1].AfterUserId, "ada>eve eve>ada")
		h.is("revisions", h.hub.directory.Current().Revision, before+1)
		day := 24 * time.Hour
		h.is("the third and fourth day", h.onCall("first", 2*day)+h.onCall("first", 3*day), "eveada")
		h.is("around", h.onCall("first", time.Hour)+h.onCall("first", day)+h.onCall("first", 4*day), "adaeveada")
		h.is("ada", ada.told(), "Your shifts have moved: You are no longer on call for First from Mon 3 Jan 00:00 UTC to Tue 4 Jan 00:00 UTC; Eve Evans is. "+
			"You are on call for First from Tue 4 Jan 00:00 UTC to Wed 5 Jan 00:00 UTC, instead of Eve Evans.")
		h.is("eve", strings.Count(eve.told(), "You are "), 2)
		for _, c := range []struct {
			name          string
			first, second *hubv1.ShiftRef
			want          string
		}{
			{"not theirs", &hubv1.ShiftRef{UserId: "ada", Start: "2000-01-06"}, fourth, "is not ada's: eve is on call then"},
			{"the same user's", &hubv1.ShiftRef{Start: "2000-01-05"}, &hubv1.ShiftRef{Start: "2000-01-07"}, "both shifts are ada's"},
			{"no shift", &hubv1.ShiftRef{UserId: "bob"}, fourth, "bob has no shift in First"},
			{"over", &hubv1.ShiftRef{Start: "1999-12-01"}, fourth, "is over"},
		} {
			if _, err := swap(false, c.first, c.second); err == nil || !strings.Contains(err.Error(), c.want) {
				h.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

func TestWhoeverTakesTheTurnOfAnAbsenceIsToldAtOnce(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, eve := h.enrol("ada"), h.enrol("eve")
		ada.connect()
		eve.connect()
		_, err := h.admin.AddAbsence(h.Context(), as("ada", &hubv1.AddAbsenceRequest{UserId: "ada", From: "2000-01-05", To: "2000-01-06"}))
		if err != nil {
			h.Fatal(err)
		}
		h.settle()
		h.is("eve", eve.told(), "A shift of yours has moved: You are on call for First from Wed 5 Jan 00:00 GMT to Thu 6 Jan 00:00 GMT, instead of Ada Adams.")
		h.is("ada, who did it", ada.told(), "")
		h.apply(strings.Replace(turns, "participants: [ada, eve]", "participants: [eve, ada]", 1))
		h.settle()
		h.is("an edited file", strings.Contains(eve.told(), "Your shifts have moved: You are on call for First from Sat 1 Jan 00:10 GMT"), true)
	})
}

func TestARecurringAbsenceGivesTheTurnAwayAndKeepsItsUserFromBeingPaged(t *testing.T) {
	// The second of January 2000 is a Sunday.
	away := strings.Replace(turns, "name: Eve Evans, ", "name: Eve Evans, absences: [{days: [sun]}], ", 1)
	inBubble(t, away, func(h *running) {
		day := 24 * time.Hour
		h.is("eve's turn on a Sunday", h.onCall("first", day), "ada")
		h.is("on a Tuesday", h.onCall("first", 3*day), "eve")
		eve := h.enrol("eve")
		h.sleep(day)
		eve.connect()
		res := eve.setDuty(&agentv1.SetDutyRequest{}) // she is there all the same
		h.is("back", res.Duty.OffDuty, false)
		h.is("her turn", h.onCall("first", time.Second), "eve")
		h.trigger("disk")
		h.settle()
		h.is("and she is paged", h.paged(1), "eve 0s triggered")
		h.is("the next Sunday turn", h.onCall("first", 14*day), "ada")
	})
}

func TestARecurringAbsenceIsEnteredListedAndCalledOff(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		add := func(a *hubv1.RecurringAbsence, dry bool) (*hubv1.RecurringAbsence, error) {
			res, err := h.covers().AddRecurringAbsence(h.Context(), as("eve", &hubv1.AddRecurringAbsenceRequest{Absence: a, DryRun: dry}))
			h.settle()
			if err != nil {
				return nil, err
			}
			return res.Msg.Absence, nil
		}
		sundays := &hubv1.RecurringAbsence{UserId: "eve", Days: []string{"sun"}}
		a, err := add(sundays, true)
		if err != nil {
			h.Fatal(err)
		}
		h.is("what it would do", strings.Join(a.Consequences, " | "), "First: ada is on call from Sun 2000-01-02 00:00 UTC to Mon 2000-01-03 00:00 UTC, instead of eve | "+
			"First: ada is on call from Sun 2000-01-16 00:00 UTC to Mon 2000-01-17 00:00 UTC, instead of eve")
		h.is("a dry run", h.onCall("first", 24*time.Hour), "eve")
		if a, err = add(sundays, false); err != nil {
			h.Fatal(err)
		}
		h.is("on call", h.onCall("first", 24*time.Hour), "ada")
		h.is("ada is told", strings.HasPrefix(ada.told(), "Your shifts have moved: You are on call for First from Sun 2 Jan 00:00 UTC"), true)
		list, err := h.covers().ListRecurringAbsences(h.Context(), connect.NewRequest(&hubv1.ListRecurringAbsencesRequest{}))
		if err != nil || len(list.Msg.Absences) != 1 || list.Msg.Absences[0].Text != "every sun" {
			h.Fatalf("%v %v", list, err)
		}
		h.apply(turns) // no file removes it
		h.is("after an apply", h.onCall("first", 24*time.Hour), "ada")
		if _, err := h.covers().RemoveRecurringAbsence(h.Context(), as("eve", &hubv1.RemoveRecurringAbsenceRequest{Id: a.Id})); err != nil {
			h.Fatal(err)
		}
		h.is("afterwards", h.onCall("first", 24*time.Hour), "eve")
		for _, bad := range []*hubv1.RecurringAbsence{
			{UserId: "eve"}, {UserId: "nobody", Days: []string{"sun"}}, {UserId: "eve", Days: []string{"Sunday"}},
			{UserId: "eve", From: "fri 18:00", To: "09:00"}, {UserId: "eve", Days: []string{"sun"}, Until: "1999-01-01"}, {UserId: "eve", Days: []string{"sun"}, From: "25:00"},
		} {
			if _, err := add(bad, false); connect.CodeOf(err) != connect.CodeInvalidArgument && connect.CodeOf(err) != connect.CodeNotFound {
				h.Errorf("%v: %v", bad, err)
			}
		}
	})
}

func TestASwapGivesNobodyAShiftDuringTheirAbsence(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		day := time.Date(2000, 1, 4, 0, 0, 0, 0, time.UTC)
		h.behind(func(db store.Store) error {
			return db.Update(h.Context(), func(tx store.Tx) error {
				return tx.AddAbsence(responder.Absence{ID: "a", User: "ada", Start: day.Add(6 * time.Hour), End: day.Add(8 * time.Hour), Made: engine.Now()})
			})
		})
		h.start()
		h.settle()
		_, err := h.covers().SwapShifts(h.Context(), as("kim", &hubv1.SwapShiftsRequest{
			ScheduleId: "first", First: &hubv1.ShiftRef{UserId: "ada", Start: "2000-01-03"}, Second: &hubv1.ShiftRef{Start: "2000-01-04T00:00"},
		}))
		if err == nil || !strings.Contains(err.Error(), "ada is away") {
			t.Errorf("swapped: %v", err)
		}
	})
}

func TestADeviceTakesNoShiftThatItsUserHasNothingToDoWith(t *testing.T) {
	with := strings.Replace(turns, "teams:\n", "  - {id: zoe, name: Zoe}\nteams:\n", 1)
	inBubble(t, with, func(h *running) {
		zoe := h.enrol("zoe")
		zoe.connect()
		_, err := zoe.client().TakeShift(h.Context(), request(zoe, &agentv1.TakeShiftRequest{ScheduleId: "first"}))
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("taken: %v", err)
		}
		h.settle()
		h.is("on call", h.onCall("first", time.Second), "ada")
	})
}
