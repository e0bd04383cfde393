package link

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/agent/inbox"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

func (w *world) hears(f *agentv1.WatchResponse) {
	w.hub.frames <- f
	synctest.Wait()
}

func holdingFrame(all ...*agentv1.Held) *agentv1.WatchResponse {
	return &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Holding{Holding: &agentv1.Holding{Incidents: all}}}
}

func heldIncident() *agentv1.Held {
	at := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(time.Now().Add(d)) }
	return &agentv1.Held{
		Key: &agentv1.PageKey{IncidentId: "i1", UserId: "ada"}, Number: 12, Opening: 2, ServiceName: "Payments", Summary: "5xx",
		Severity: "critical", Urgency: "high", AcknowledgedAt: at(0), QuietUntil: at(30 * time.Minute), AskAt: at(25 * time.Minute),
		RemindSeconds: 900, Successors: []string{"Bob"},
	}
}

func TestTheAgentAsksAndRemindsByItself(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.hears(holdingFrame(heldIncident()))
		w.cut() // whether or not there is a hub
		time.Sleep(16 * time.Minute)
		if reminds := seen[inbox.Remind](w.eyes); len(reminds) != 1 || inbox.RemindText(reminds[0].Of) != "You still have #12 Payments: 5xx." {
			t.Errorf("reminded %+v", reminds)
		}
		time.Sleep(10 * time.Minute)
		asks := seen[inbox.Ask](w.eyes)
		if len(asks) != 1 || asks[0].Question != inbox.StillOnIt || len(asks[0].Of) != 1 {
			t.Fatalf("asked %+v", asks)
		}
		h := asks[0].Of[0]
		w.session.Post(inbox.Asked{Command: inbox.Snooze, Key: h.Key, Opening: h.Opening, Until: time.Now().Add(5 * time.Hour)})
		synctest.Wait()
		w.stop()
		w.start()
		if s := w.eyes.now(); len(s.Mine()) != 1 || len(s.Asking(inbox.StillOnIt, time.Now().Add(time.Minute))) != 0 {
			t.Errorf("after a restart: %+v", s.Mine())
		}
		w.cut = w.net.serve(hubAddress, w.hub)
		time.Sleep(15 * time.Second)
		synctest.Wait()
		sent := w.hub.commands()
		if len(sent) != 1 {
			t.Fatalf("sent %v", sent)
		}
		c := sent[0].GetCommand()
		if c.GetKind() != agentv1.CommandKind_COMMAND_KIND_SNOOZE || c.GetPage().GetWave() != 0 || c.GetOpening() != 2 ||
			c.GetUntil().AsTime().Sub(paged) < 5*time.Hour {
			t.Errorf("sent %v", c)
		}
	})
}

func TestANoticeIsReportedOnceItWasShown(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Notice{Notice: &agentv1.Notice{Id: "n1", Title: "Your shift", Text: "It begins at 18:00."}}})
		if told := seen[inbox.Notify](w.eyes); len(told) != 1 || told[0].Notice.Text != "It begins at 18:00." {
			t.Fatalf("told %+v", told)
		}
		if len(w.hub.all()) != 0 {
			t.Error("reported before it was shown")
		}
		w.session.Post(inbox.NoticeShown{ID: "n1"})
		synctest.Wait()
		if all := w.hub.all(); len(all) != 1 || all[0].GetNoticeSeen().GetNoticeId() != "n1" {
			t.Errorf("reported %v", all)
		}
	})
}

func TestAProbeIsAnsweredEvenIfTheFirstTryFails(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.hub.set(func() { w.hub.broken = connect.NewError(connect.CodeUnavailable, errRefused) })
		w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Probe{Probe: &agentv1.Probe{Id: "p1"}}})
		if tries := seen[inbox.TryAlarm](w.eyes); len(tries) != 1 || tries[0].Probe != "p1" {
			t.Fatalf("tried %v", tries)
		}
		w.session.Post(inbox.AlarmTried{Probe: "p1", Problems: []string{"The sound is muted."}})
		synctest.Wait()
		w.hub.set(func() { w.hub.broken = nil })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		all := w.hub.all()
		last := all[len(all)-1]
		if r := last.GetProbeResult(); r.GetProbeId() != "p1" || r.GetReady() || len(r.GetProblems()) != 1 || last.GetId() != all[0].GetId() {
			t.Errorf("answered %v", all)
		}
		time.Sleep(time.Minute)
		if synctest.Wait(); len(w.hub.all()) != len(all) {
			t.Error("answered again")
		}
	})
}

func TestTwoProbesDoNotSpinOnAHubThatKnowsThemNot(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.hub.set(func() { w.hub.broken = connect.NewError(connect.CodeInvalidArgument, errRefused) })
		for _, id := range []string{"p1", "p2"} {
			w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Probe{Probe: &agentv1.Probe{Id: id}}})
		}
		w.session.Post(inbox.AlarmTried{Probe: "p1", Ready: true})
		w.session.Post(inbox.AlarmTried{Probe: "p2", Ready: true})
		synctest.Wait()
		if n := len(w.hub.all()); n > 4 {
			t.Errorf("%d reports", n)
		}
	})
}

func TestAQuitIsToldBeforeTheStreamEnds(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hub.pages = []*agentv1.Page{openPage()}
		w.start()
		var told []string
		works := w.hub.answer
		w.hub.set(func() {
			w.hub.answer = func(r *agentv1.DeviceReport) *agentv1.Outcome { // the hub's lock is held
				told = append(told, fmt.Sprintf("%T with %d streams gone", r.GetWhat(), len(w.hub.dropped)))
				return works(r)
			}
		})
		w.session.Post(inbox.Asked{Command: inbox.Acknowledge, Key: payments, Opening: 2})
		w.stop()
		want := []string{"*agentv1.DeviceReport_Command with 0 streams gone", "*agentv1.DeviceReport_Goodbye with 0 streams gone"}
		if strings.Join(told, ", ") != strings.Join(want, ", ") {
			t.Errorf("told %q", told)
		}
	})
}

func TestWithoutALinkNobodyWaitsForAGoodbye(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cut()
		w.start()
		before := time.Now()
		if err := w.session.Goodbye(context.Background(), "suspend"); err != nil {
			t.Error(err)
		}
		w.stop()
		if wait := time.Since(before); wait > 0 {
			t.Errorf("waited %v", wait)
		}
	})
}

func TestAMachineThatSleepsSaysSoAndComesBackAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Roster{Roster: &agentv1.Roster{
			Shifts: []*agentv1.Shift{{ScheduleName: "Primary", Start: timestamppb.New(paged), End: timestamppb.New(paged.Add(time.Hour))}},
			Until:  timestamppb.New(paged.Add(time.Hour)),
		}}})
		if err := w.session.Goodbye(context.Background(), "suspend"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if all := w.hub.all(); len(all) != 1 || all[0].GetGoodbye().GetReason() != "suspend" {
			t.Fatalf("told %v", all)
		}
		time.Sleep(20 * time.Second)
		if synctest.Wait(); w.hub.streams() != 1 || len(w.hub.dropped) != 1 {
			t.Errorf("%d streams, %d let go", w.hub.streams(), len(w.hub.dropped))
		}
		before := time.Now()
		w.session.Wake()
		if w.eyes.now(); w.hub.streams() != 2 || time.Since(before) != 0 {
			t.Errorf("%d streams", w.hub.streams())
		}
		if lost := seen[inbox.Tell](w.eyes); len(lost) != 0 || w.eyes.now().LostAlarm {
			t.Errorf("a sleep is told as a lost hub: %v", lost)
		}
		// One that was to sleep and did not is back by itself.
		w.session.Goodbye(context.Background(), "suspend")
		time.Sleep(restAtMost + time.Second)
		if w.eyes.now(); w.hub.streams() != 3 {
			t.Errorf("%d streams after a sleep that never was", w.hub.streams())
		}
	})
}

func TestWakingTriesAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cut()
		w.start()
		time.Sleep(5 * time.Minute) // the waits have grown
		synctest.Wait()
		tries := len(w.net.dials())
		w.session.Wake()
		if synctest.Wait(); len(w.net.dials()) != tries+1 {
			t.Errorf("%d tries more", len(w.net.dials())-tries)
		}
	})
}

func TestADrainedHubIsWaitedForWithoutHaste(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Roster{Roster: &agentv1.Roster{
			Shifts: []*agentv1.Shift{{ScheduleName: "Primary", Start: timestamppb.New(paged), End: timestamppb.New(paged.Add(time.Hour))}},
			Until:  timestamppb.New(paged.Add(time.Hour)),
		}}})
		w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Drain{Drain: &agentv1.Drain{BackAt: timestamppb.New(time.Now().Add(5 * time.Minute))}}})
		first := len(w.net.dials())
		w.cut()
		gone := time.Now()
		time.Sleep(5 * time.Minute)
		if w.eyes.now().LostAlarm {
			t.Error("the hub that said when it is back is alarmed for")
		}
		at := w.net.dials()[first:]
		if len(at) < 18 || len(at) > 42 {
			t.Errorf("%d tries in five minutes", len(at))
		}
		if wait := at[0].at.Sub(gone); wait < drainWait/2 || wait > drainWait {
			t.Errorf("the first try after %v", wait)
		}
		time.Sleep(time.Minute)
		if !w.eyes.now().LostAlarm {
			t.Error("a hub that is not back is not alarmed for")
		}
		w.cut = w.net.serve(hubAddress, w.hub)
		time.Sleep(10 * time.Second)
		if s := w.eyes.now(); s.Link.Status != inbox.LinkUp || s.LostAlarm {
			t.Errorf("not back: %+v", s.Link)
		}
	})
}

func TestAHubThatIsBackEarlyIsFoundEarly(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Drain{Drain: &agentv1.Drain{BackAt: timestamppb.New(time.Now().Add(time.Hour))}}})
		w.cut()
		time.Sleep(20 * time.Second)
		w.cut = w.net.serve(hubAddress, w.hub)
		time.Sleep(drainWait)
		if got := w.eyes.now().Link.Status; got != inbox.LinkUp {
			t.Errorf("link %q", got)
		}
	})
}

func TestTheNewestCallSheetIsOnDisk(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		for _, text := range []string{"call Ada", "call Bob"} {
			w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_CallSheet{CallSheet: &agentv1.CallSheet{MadeAt: timestamppb.Now(), Text: text}}})
		}
		w.stop()
		sheet, err := w.profile.CallSheet()
		if err != nil || sheet.Text != "call Bob\n" || !sheet.MadeAt.Equal(time.Now()) {
			t.Errorf("kept %+v, %v", sheet, err)
		}
		w.start()
		w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_CallSheet{CallSheet: &agentv1.CallSheet{MadeAt: timestamppb.Now()}}})
		if _, err := os.Stat(w.profile.CallSheetFile()); !os.IsNotExist(err) {
			t.Error("who has a part in nothing any more keeps people's numbers")
		}
		w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_CallSheet{CallSheet: &agentv1.CallSheet{MadeAt: timestamppb.Now(), Text: "call Eve"}}})
		w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_SignedOut{SignedOut: &agentv1.SignedOut{Reason: "revoked"}}})
		if _, err := os.Stat(w.profile.CallSheetFile()); !os.IsNotExist(err) {
			t.Error("a device that is signed out keeps people's numbers")
		}
	})
}

func TestCallsForCover(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		ctx, until := context.Background(), time.Now().Add(time.Hour).UTC()
		preview, err := w.session.PreviewDuty(ctx, until)
		if err != nil || !preview.OnCallNow || len(preview.Colleagues) != 1 || preview.Colleagues[0] != (Colleague{"bob", "Bob", inbox.ReachableYes}) ||
			len(preview.Next) != 1 || preview.Next[0].Reachable != inbox.ReachableNo {
			t.Errorf("preview %+v, %v", preview, err)
		}
		answer, err := w.session.SetDuty(ctx, Leave{Until: until, CoverBy: "bob"})
		if err != nil || answer.Duty.Off || answer.Duty.WaitingFor != "Bob" || len(answer.Said) != 1 {
			t.Errorf("asked for cover: %+v, %v", answer, err)
		}
		if s := w.eyes.now(); s.Duty.WaitingFor != "Bob" || s.OffDuty(time.Now()) {
			t.Errorf("duty %+v", s.Duty)
		}
		if _, err := w.session.SetDuty(ctx, Leave{Until: until, Cannot: true}); err != nil || !w.hub.leaves[1].GetCannot() {
			t.Errorf("cannot: %v, %v", w.hub.leaves, err)
		}
		taken, err := w.session.TakeShift(ctx, "primary", time.Time{})
		if err != nil || taken.InsteadOf != "Bob" || !taken.Until.Equal(paged.Add(time.Hour)) {
			t.Errorf("took %+v, %v", taken, err)
		}
		if _, err := w.session.TakeShift(ctx, "other", time.Time{}); Sentence(err) != "The hub refused: schedule_id: there is no such schedule." {
			t.Errorf("said %q", Sentence(err))
		}
	})
}

func TestACoverRequestAndWhoIsOnCallTravel(t *testing.T) {
	inWorld(t, func(w *world) {
		p := openPage()
		p.Storm, p.Priority = true, "P1"
		p.Cover = &agentv1.CoverRequest{FromUserId: "bob", FromName: "Bob", Start: timestamppb.New(paged), End: timestamppb.New(paged.Add(time.Hour)), Schedules: []string{"Primary"}}
		w.hub.pages = []*agentv1.Page{p}
		w.start()
		w.hears(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Roster{Roster: &agentv1.Roster{
			Until:  timestamppb.New(paged.Add(time.Hour)),
			OnCall: []*agentv1.OnCall{{ScheduleId: "s1", ScheduleName: "Primary", UserId: "bob", UserName: "Bob", Reachable: agentv1.Reachable_REACHABLE_UNCHECKED}},
		}}})
		s := w.eyes.now()
		h, _ := s.Held(payments)
		if c := h.Page.Cover; c == nil || c.From != "Bob" || !c.End.Equal(paged.Add(time.Hour)) || !h.Page.Storm || h.Page.Priority != "P1" {
			t.Errorf("page %+v", h.Page)
		}
		if now := s.OnCallNow(time.Now()); len(now) != 1 || now[0].User != "Bob" || now[0].Reachable != inbox.ReachableUnchecked {
			t.Errorf("on call %+v", now)
		}
		w.stop()
		w.cut()
		w.start()
		s = w.eyes.now()
		if h, _ := s.Held(payments); h.Page.Cover == nil || h.Page.Cover.From != "Bob" {
			t.Error("the journal has not kept what is asked for")
		}
	})
}
