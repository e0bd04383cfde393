package app

import (
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// turns: ada is on call in the first schedule, bob in the second; eve and kim
// stand by. It is 00:10 in London, and morning in Tokyo.
const turns = `
organisation: Test
catch_all: [kim]
users:
  - {id: ada, name: Ada Adams, role: admin}
  - {id: bob, name: Bob Brown, time_zone: Asia/Tokyo}
  - {id: eve, name: Eve Evans, time_zone: Europe/London}
  - {id: kim, name: Kim King, role: manager}
teams:
  - {id: shop, managers: [kim], members: [ada, bob, eve]}
schedules:
  - {id: first, name: First, team: shop, time_zone: UTC, layers: [{name: all, rotation: {kind: daily, start: "2000-01-01T00:00"}, participants: [ada, eve]}]}
  - {id: second, name: Second, team: shop, time_zone: UTC, layers: [{name: all, rotation: {kind: daily, start: "2000-01-01T00:00"}, participants: [bob]}]}
escalation_policies:
  - id: shop
    levels:
      - {timeout: 5m, targets: [{schedule: first}]}
      - {timeout: 5m, targets: [{schedule: second}]}
services:
  - id: shop
    name: The shop
    escalation_policy: shop
    integrations: [{id: events, kind: events_v2, key_from: {env: KEY}}]
`

func (d *device) setDuty(m *agentv1.SetDutyRequest) *agentv1.SetDutyResponse {
	d.h.Helper()
	res, err := d.client().SetDuty(d.h.Context(), request(d, m))
	if err != nil {
		d.h.Fatal(err)
	}
	d.h.settle()
	return res.Msg
}

// told gives the notices of a device's present stream, title and text, but for those
// of shifts that begin, end or are checked.
func (d *device) told() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, f := range d.frames {
		if n := f.GetNotice(); strings.HasPrefix(n.GetId(), "cover/") || strings.HasPrefix(n.GetId(), "moves/") {
			out = append(out, n.Title+": "+n.Text)
		}
	}
	return strings.Join(out, " | ")
}

func in(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(time.Now().Add(d)) }

// onCall names who is on call in a schedule a while from now.
func (h *running) onCall(schedule string, after time.Duration) string {
	h.Helper()
	res, err := h.admin.OnCall(h.Context(), connect.NewRequest(&hubv1.OnCallRequest{ScheduleId: schedule, At: []*timestamppb.Timestamp{in(after)}}))
	if err != nil {
		h.Fatal(err)
	}
	return strings.Join(res.Msg.OnCall[0].UserIds, ",")
}

// said lists the sentences of a timeline that hold one of some words.
func (h *running) said(number uint64, words ...string) string {
	h.Helper()
	var out []string
	for _, e := range h.timeline(number) {
		for _, w := range words {
			if strings.Contains(e.Text, w) {
				out = append(out, e.Text)
				break
			}
		}
	}
	return strings.Join(out, " | ")
}

func TestWhoCannotGoOnIsOffDutyAtOnceAndTheNextLevelIsAskedWithAnAlarm(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		h.trigger("disk")
		h.settle()
		ada.report(receipt(ada.alarm(), shown))
		res := ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(8 * time.Hour), Cannot: true})
		h.is("off duty", res.Duty.OffDuty, true)
		h.is("said", strings.Join(res.Said, " "), "You are off duty. Bob Brown is asked to take over now (request 2).")
		h.is("the open page", h.paged(1), "ada 0s triggered, bob 0s passed_on")
		pages := bob.alarms()
		if len(pages) != 2 || pages[1].Cover == nil {
			h.Fatalf("bob's pages: %v", pages)
		}
		bob.report(receipt(pages[0], shown))
		ask := pages[1]
		h.is("what bob reads", ask.ServiceName+": "+ask.Summary, "Cover request: Ada Adams asks you to take over First until Sat 1 Jan 08:10 UTC")
		h.is("whose and which", ask.Cover.FromName+" "+strings.Join(ask.Cover.Schedules, ","), "Ada Adams First")
		h.is("urgency", ask.Urgency, "high")
		h.is("before", h.onCall("first", time.Hour), "ada")
		h.is("bob accepts", bob.report(command(ask, acknowledge)), "applied You take over from Ada Adams.")
		h.settle()
		h.is("on call now", h.onCall("first", time.Second), "bob")
		h.is("on call at its end", h.onCall("first", 8*time.Hour), "ada")
		h.is("in bob's own schedule", h.onCall("second", time.Hour), "bob")
		h.is("the request", h.incident(2).Status, "resolved")
		h.is("timeline", h.said(2, "request for cover: ", "accepts", "takes over", "is over"),
			"A request for cover: Ada Adams asks you to take over First until Sat 1 Jan 08:10 UTC | Bob Brown accepts on bob's laptop | "+
				"Bob Brown takes over: First from Sat 1 Jan 00:10 UTC to Sat 1 Jan 08:10 UTC | The request is over: the shifts are Bob Brown's")
		h.is("ada's alarms", len(ada.alarms()), 0)
		h.is("ada is told", ada.told(), "Bob Brown takes over from you: Bob Brown takes over: First from Sat 1 Jan 00:10 UTC to Sat 1 Jan 08:10 UTC. You are off duty until Sat 1 Jan 08:10 UTC.")
		h.is("bob knows", bob.told(), "")
		kim := h.enrol("kim")
		kim.connect()
		h.is("the manager is told who has it", strings.Contains(kim.told(), "Bob Brown takes over from Ada Adams"), true)
	})
}

func TestARequestForCoverGoesOnToFurtherLevelsAndTheManagersUntilTheAbsenceEnds(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		for _, u := range []string{"ada", "bob", "kim"} {
			h.enrol(u).connect()
		}
		ada, bob, kim := h.devices[0], h.devices[1], h.devices[2]
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(time.Hour)}) // as an old agent says it
		h.is("the manager is told", kim.told(), "Ada Adams cannot go on being on call: Ada Adams is on call and has gone off duty until Sat 1 Jan 01:10 UTC. Bob Brown is asked to take over (request 1).")
		bob.report(receipt(bob.alarm(), shown))
		h.sleep(5 * time.Minute)
		h.is("after bob's five minutes", h.paged(1), "bob 0s triggered, kim 5m0s timeout")
		kim.report(receipt(kim.alarm(), shown))
		h.is("bob declines", bob.report(command(bob.alarm(), passOn)), "applied You declined.")
		h.sleep(5 * time.Minute)
		kim.report(receipt(kim.alarm(), shown))
		h.sleep(5 * time.Minute)
		h.is("kim goes on being asked", h.paged(1), "bob 0s triggered, kim 5m0s timeout, kim 10m0s keep_paging, kim 15m0s keep_paging")
		h.sleep(time.Hour)
		h.is("when the absence is over", h.incident(1).Status, "resolved")
		h.is("why", h.said(1, "is over"), "The request is over: nobody answered in time")
		h.is("kim's alarms", len(kim.alarms()), 0)
		h.is("who is on call", h.onCall("first", time.Second), "ada")
	})
}

func TestAColleagueIsAskedAloneAndTheAskerStaysOnDutyUntilThatIsAccepted(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		res := ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(8 * time.Hour), CoverBy: "bob"})
		h.is("off duty", res.Duty.OffDuty, false)
		h.is("waits for", res.Duty.WaitingFor, "Bob Brown")
		h.is("until", time.Until(res.Duty.WaitingUntil.AsTime()).Round(time.Second), 15*time.Minute)
		h.is("what the device was told", last(ada, (*agentv1.WatchResponse).GetDuty).WaitingFor, "Bob Brown")
		ask := bob.alarm()
		h.is("in bob's morning it rings", ask.Urgency, "high")
		h.trigger("disk")
		h.settle()
		h.is("paged meanwhile", h.paged(2), "ada 0s triggered")
		ada.report(receipt(ada.alarm(), shown))
		bob.report(command(ask, acknowledge))
		h.settle()
		duty := last(ada, (*agentv1.WatchResponse).GetDuty)
		h.is("ada's duty", duty.OffDuty, true)
		h.is("waits no more", duty.WaitingFor, "")
		h.is("on call", h.onCall("first", time.Hour), "bob")
		h.is("the open incident hands off", h.paged(2), "ada 0s triggered, bob 0s hand_off")
		ada.leave()
		bob.leave()
		h.sleep(8 * time.Hour)
		h.is("afterwards", h.onCall("first", time.Second), "ada")
	})
}

func TestAColleagueInTheirNightIsAskedQuietly(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, eve := h.enrol("ada"), h.enrol("eve")
		ada.connect()
		eve.connect()
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(8 * time.Hour), CoverBy: "eve"})
		h.is("urgency", eve.alarm().Urgency, "low")
		h.is("eve declines", eve.report(command(eve.alarm(), passOn)), "applied You declined.")
		h.settle()
		h.is("the request", h.incident(1).Status, "resolved")
		h.is("why", h.said(1, "is over"), "The request is over: Eve Evans declined")
		h.is("nobody else was asked", h.paged(1), "eve 0s triggered")
		h.is("ada is told", ada.told(), "Eve Evans cannot take over: Eve Evans declined your request for cover. You are still on duty.")
		duty := last(ada, (*agentv1.WatchResponse).GetDuty)
		h.is("ada stays", duty.OffDuty || duty.WaitingFor != "", false)
	})
}

func TestWithoutAnAnswerInTimeNothingChanges(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(8 * time.Hour), CoverBy: "bob"}) // who has no device
		h.sleep(15*time.Minute - time.Second)
		h.is("just before", h.incident(1).Status, "triggered")
		h.sleep(2 * time.Second)
		h.is("then", h.incident(1).Status, "resolved")
		h.is("why", h.said(1, "is over"), "The request is over: nobody answered in time")
		h.is("ada is told", ada.told(), "Bob Brown has not answered: Bob Brown has not answered your request for cover in time. You are still on duty.")
		duty := last(ada, (*agentv1.WatchResponse).GetDuty)
		h.is("ada stays", duty.OffDuty || duty.WaitingFor != "", false)
		h.is("on call", h.onCall("first", time.Second), "ada")
	})
}

func TestWhoIsBackOnDutyWithdrawsTheRequest(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(8 * time.Hour), Cannot: true})
		h.is("said", strings.Join(ada.setDuty(&agentv1.SetDutyRequest{}).Said, " "), "Your request for cover (1) is withdrawn.")
		h.is("bob's alarms", len(bob.alarms()), 0)
		h.is("the request", h.incident(1).Status, "resolved")
		// Another request takes the place of the one before.
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(8 * time.Hour), CoverBy: "bob"})
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(7 * time.Hour), CoverBy: "eve"})
		h.is("the second", h.incident(2).Status, "resolved")
		h.is("the third", h.incident(3).Status, "triggered")
	})
}

func TestARequestForCoverEndsWithTheShiftOrWhenSomebodyTakesIt(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada, eve := h.enrol("ada"), h.enrol("eve")
		ada.connect()
		eve.connect()
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(40 * time.Hour), Cannot: true})
		list, err := h.covers().ListCovers(h.Context(), connect.NewRequest(&hubv1.ListCoversRequest{}))
		if err != nil || len(list.Msg.Covers) != 1 {
			h.Fatalf("%v %v", list, err)
		}
		c := list.Msg.Covers[0]
		h.is("asked until the shift ends", c.Until.AsTime().Format(time.RFC3339), "2000-01-02T00:00:00Z")
		h.is("who asks whom", c.OfUserId+" "+strings.Join(c.Asked, ","), "ada bob,kim")
		if _, err := eve.client().TakeShift(h.Context(), request(eve, &agentv1.TakeShiftRequest{ScheduleId: "first", Until: in(30 * time.Hour)})); err != nil {
			h.Fatal(err)
		}
		h.settle()
		h.is("the request", h.incident(1).Status, "resolved")
		h.is("why", h.said(1, "is over"), "The request is over: there is no shift left to take over")
		h.is("ada is told", strings.Contains(ada.told(), "Nobody need take over from you"), true)
	})
}

func TestWhoeverIsAwayByTheirOwnClocksIsToldWhenThatBegins(t *testing.T) {
	inBubble(t, strings.Replace(turns, "name: Ada Adams, ", `name: Ada Adams, absences: [{from: "06:00", to: "07:00"}], `, 1), func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.is("at midnight", last(ada, (*agentv1.WatchResponse).GetDuty).OffDuty, false)
		ada.leave()
		h.sleep(5*time.Hour + 45*time.Minute)
		ada.connect()
		h.is("before six", last(ada, (*agentv1.WatchResponse).GetDuty).OffDuty, false)
		h.sleep(10 * time.Minute)
		h.is("at six", last(ada, (*agentv1.WatchResponse).GetDuty).OffDuty, true)
		h.is("on call instead", h.onCall("first", 0), "eve")
		h.sleep(time.Hour)
		h.is("at seven", last(ada, (*agentv1.WatchResponse).GetDuty).OffDuty, false)
	})
}

func TestOnlyWhoWasAskedCanAccept(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada := h.enrol("ada")
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(8 * time.Hour), CoverBy: "bob"})
		ack := func(as string) error {
			r := connect.NewRequest(&hubv1.AcknowledgeRequest{Number: 1})
			r.Header().Set("Tocsin-As", as)
			_, err := h.admin.Acknowledge(h.Context(), r)
			h.settle()
			return err
		}
		if err := ack("eve"); connect.CodeOf(err) != connect.CodeInvalidArgument {
			h.Errorf("eve: %v", err)
		}
		if err := ack("ada"); connect.CodeOf(err) != connect.CodeInvalidArgument {
			h.Errorf("ada: %v", err)
		}
		h.is("still open", h.incident(1).Status, "triggered")
		if err := ack("bob"); err != nil {
			h.Error(err)
		}
		h.is("on call", h.onCall("first", time.Minute), "bob")
	})
}

// TestAnAcceptanceIsMadeWholeAfterACrashAndCountsOnce: the hub dies between the
// commit of the acceptance and what follows from it, at each step.
func TestAnAcceptanceIsMadeWholeAfterACrashAndCountsOnce(t *testing.T) {
	inBubble(t, turns, func(h *running) {
		ada := h.enrol("ada")
		ada.setDuty(&agentv1.SetDutyRequest{OffUntil: in(8 * time.Hour), CoverBy: "bob"})
		h.stop()
		// What a crash right after the acceptance leaves behind.
		h.accepted(1, "bob")
		h.start()
		h.settle()
		h.is("on call", h.onCall("first", time.Minute), "bob")
		h.is("the request", h.incident(1).Status, "resolved")
		count := func() int {
			res, err := h.admin.ListOverrides(h.Context(), connect.NewRequest(&hubv1.ListOverridesRequest{}))
			if err != nil {
				h.Fatal(err)
			}
			return len(res.Msg.Overrides)
		}
		h.is("overrides", count(), 1)
		// And one right before the request is ended: all else is done.
		h.stop()
		h.accepted(1, "bob")
		h.start()
		h.settle()
		h.is("overrides after another crash", count(), 1)
		h.is("absences", len(h.absences()), 1)
		h.is("the request again", h.incident(1).Status, "resolved")
	})
}

// accepted puts a request into the state in which an acceptance has just been
// committed, behind the hub's back.
func (h *running) accepted(number uint64, by string) {
	h.Helper()
	db := h.reopen()
	err := db.Update(h.Context(), func(tx store.Tx) error {
		id, err := tx.ByNumber(number)
		if err != nil {
			return err
		}
		before, err := tx.Load(id)
		if err != nil {
			return err
		}
		after := before
		after.Incident.Status, after.Incident.Holder = incident.Acknowledged, responder.UserID(by)
		after.Incident.ResolvedAt = time.Time{}
		if after.Incident.AcknowledgedAt.IsZero() {
			after.Incident.AcknowledgedAt = time.Now().UTC().Truncate(time.Millisecond)
		}
		_, err = tx.Save(before, after, nil)
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
	if err := db.Close(); err != nil {
		h.Fatal(err)
	}
}

// reopen opens the database of a hub that has stopped.
func (h *running) reopen() store.Store {
	h.Helper()
	f, err := openFolder(h.folder)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = f.close() }()
	db, err := sqldb.Open(h.Context(), f.database(), f.auditKey)
	if err != nil {
		h.Fatal(err)
	}
	return db
}

func (h *running) absences() []responder.Absence {
	h.Helper()
	var list []responder.Absence
	h.view(func(tx store.Tx) (err error) {
		list, err = tx.Absences(time.Unix(0, 0))
		return err
	})
	return list
}
