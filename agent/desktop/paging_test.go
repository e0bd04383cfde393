package desktop

import (
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
	"tocsin/agent/link"
	"tocsin/agent/ui"
)

func last(r *room) inbox.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got[len(r.got)-1]
}

func incident(change ...func(*inbox.Incident)) inbox.Incident {
	i := inbox.Incident{
		Key: inbox.Key{Incident: "i9", User: "ada"}, Number: 9, Opening: 4, Service: "Search", Summary: "slow", Severity: "critical", Urgency: "high",
		AcknowledgedAt: began, QuietUntil: began.Add(30 * time.Minute), AskAt: began.Add(25 * time.Minute),
	}
	for _, c := range change {
		c(&i)
	}
	return i
}

func TestAcknowledgeAllNamesWhatStoodOnTheScreen(t *testing.T) {
	inRoom(t, func(r *room) {
		second := page(func(p *inbox.Page) { p.Key.Incident, p.Opening = "i2", 7 })
		r.post(inbox.PageCame{Page: page()}, inbox.PageCame{Page: second})
		// The second has reopened since it was drawn.
		r.d.wish(ui.On(ui.Acknowledge, ui.Ref{Key: "i1/1/ada", Opening: 2}, ui.Ref{Key: "i2/1/ada", Opening: 6}, ui.Ref{Key: "gone/1/ada", Opening: 1}))
		want := inbox.AskedAll{Command: inbox.Acknowledge, Seen: []inbox.Seen{{Key: page().Key, Opening: 2}, {Key: second.Key, Opening: 6}}}
		if got := last(r); !reflect.DeepEqual(got, want) {
			t.Errorf("asked %+v, want %+v", got, want)
		}
	})
}

func TestAStormIsOneNoiseAndFewNotifications(t *testing.T) {
	inRoom(t, func(r *room) {
		for i := range 50 {
			r.post(inbox.PageCame{Page: page(func(p *inbox.Page) {
				p.Key.Incident, p.Number, p.Storm = "s"+string(rune('A'+i)), uint64(100+i), i > 10
			})})
		}
		if n := r.now().notes; len(n) != 1 || !n[stormKey].Urgent {
			t.Errorf("notifications %v", n)
		}
		if n := len(r.now().model.Pages); n != 50 {
			t.Errorf("%d pages in the window", n)
		}
		var all []ui.Ref
		for _, p := range r.now().model.Pages {
			all = append(all, p.Ref())
		}
		r.d.wish(ui.On(ui.Acknowledge, all...))
		synctest.Wait()
		if r.now().tone != alarm.Silent || len(r.now().notes) != 0 {
			t.Errorf("after one click: tone %v, notifications %v", r.now().tone, r.now().notes)
		}
	})
}

func TestWhatOneHoldsIsAskedAboutAndAnswered(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.HoldingCame{Incidents: []inbox.Incident{incident()}})
		if h := r.now().model.Holding; len(h) != 1 || h[0].Asks || h[0].Number != 9 || h[0].Opening != 4 {
			t.Fatalf("holding %+v", h)
		}
		r.pass(26 * time.Minute)
		r.post(inbox.Tick{})
		ref := r.now().model.Holding[0].Ref()
		if !r.now().model.Holding[0].Asks || r.now().tone != alarm.Silent {
			t.Fatalf("does not ask quietly: %+v", r.now().model.Holding)
		}
		until := time.Now().Add(5 * time.Hour)
		i := ui.On(ui.Snooze, ref)
		i.Until = until
		r.d.wish(i)
		synctest.Wait()
		want := inbox.Asked{Command: inbox.Snooze, Key: incident().Key, Opening: 4, Until: until}
		if got := last(r); !reflect.DeepEqual(got, want) {
			t.Errorf("asked %+v, want %+v", got, want)
		}
		if h := r.now().model.Holding[0]; h.Asks || h.Waiting != ui.Snooze {
			t.Errorf("after the answer %+v", h)
		}
	})
}

func TestTheEndOfAShiftIsAsked(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.HoldingCame{Incidents: []inbox.Incident{incident(func(i *inbox.Incident) {
			i.HandOverAt, i.Successors = began.Add(15*time.Minute), []string{"Bob"}
		})}})
		h := r.now().model.Holding[0]
		if !h.HandOverAt.Equal(began.Add(15*time.Minute)) || h.Successors[0] != "Bob" {
			t.Fatalf("holding %+v", h)
		}
		r.d.wish(ui.On(ui.HandOver, h.Ref()))
		synctest.Wait()
		if h := r.now().model.Holding[0]; !h.HandOverAt.IsZero() || h.Waiting != ui.HandOver {
			t.Errorf("after the answer %+v", h)
		}
	})
}

func TestAReminderIsQuietAndGoes(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.HoldingCame{Incidents: []inbox.Incident{incident(func(i *inbox.Incident) { i.RemindEvery = 15 * time.Minute })}})
		r.pass(16 * time.Minute)
		r.post(inbox.Tick{})
		if n := r.now().notes[remindKey]; !n.Quiet || n.Urgent || !strings.Contains(n.Body, "#9 Search") || r.now().tone != alarm.Silent {
			t.Errorf("reminder %+v, tone %v", n, r.now().tone)
		}
		r.post(inbox.HoldingCame{})
		if len(r.now().notes) != 0 {
			t.Errorf("notes %v", r.now().notes)
		}
	})
}

func TestACoverRequestIsNotAcceptedInPassing(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.PageCame{Page: page(func(p *inbox.Page) {
			p.Cover = &inbox.CoverRequest{From: "Bob", Start: began, End: began.Add(time.Hour), Schedules: []string{"Primary"}}
		})})
		n := r.now().notes["i1/1/ada"]
		if n.Ack || !strings.HasPrefix(n.Body, "Bob asks you to take over: Primary") {
			t.Errorf("notification %+v", n)
		}
		if c := r.now().model.Pages[0].Cover; c == nil || c.From != "Bob" {
			t.Errorf("cover %+v", c)
		}
	})
}

func TestANoticeIsShownQuietlyOnce(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.NoticeCame{Notice: inbox.Notice{ID: "n1", Title: "Shift check", Text: "No method wakes you.", At: began}})
		if n := r.now().notes["notice n1"]; !n.Quiet || n.Title != "Shift check" {
			t.Errorf("notification %+v", n)
		}
		if r.now().model.Notices[0].Text != "No method wakes you." || !r.now().state.Notices[0].Shown {
			t.Errorf("notices %+v, %+v", r.now().model.Notices, r.now().state.Notices)
		}
		r.d.acted("notice n1", alarm.Opened)
		if r.now().status != 1 {
			t.Error("does not open")
		}
	})
}

func TestAProbeIsAnsweredWithoutANoise(t *testing.T) {
	inRoom(t, func(r *room) {
		r.see(alarm.Sight{Locked: true})
		r.post(inbox.ProbeCame{ID: "p"})
		if s := r.now().state; s.Ready || len(s.Problems) != 2 || r.now().tone != alarm.Silent || r.now().raised != 0 {
			t.Errorf("ready %v, problems %q", s.Ready, s.Problems)
		}
	})
}

func TestTheAlarmForALostHubOffersTheCallSheet(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.CallSheetCame{MadeAt: began, Text: "Bob +1 555"}, inbox.RosterCame{Roster: inbox.Roster{
			Shifts: []inbox.Shift{{Start: began, End: began.Add(time.Hour)}}, Until: began.Add(time.Hour),
		}}, inbox.LinkLost{Why: "refused"})
		r.pass(time.Minute)
		r.post(inbox.Tick{})
		if !r.now().notes[lostKey].Sheet || r.now().model.CallSheet.Text != "Bob +1 555" {
			t.Fatalf("notification %+v", r.now().notes[lostKey])
		}
		r.d.acted(lostKey, alarm.SheetWanted)
		if synctest.Wait(); r.now().sheet != 1 || r.now().tone != alarm.Silent {
			t.Error("not opened, or not quieted")
		}
	})
}

func TestWhoIsOnCallNowIsNamed(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.RosterCame{Roster: inbox.Roster{
			Until: began.Add(time.Hour), Shifts: []inbox.Shift{{ScheduleID: "a", Start: began, End: began.Add(time.Hour)}},
			Now: []inbox.OnCallNow{{ScheduleID: "a", Schedule: "Primary", User: "Ada"}, {ScheduleID: "b", Schedule: "Second", User: "Bob", Reachable: inbox.ReachableNo}},
		}})
		want := []ui.OnCall{{ScheduleID: "a", Schedule: "Primary", Name: "Ada", Mine: true}, {ScheduleID: "b", Schedule: "Second", Name: "Bob", Reachable: ui.ReachableNo}}
		if got := r.now().model.OnCall; !reflect.DeepEqual(got, want) {
			t.Errorf("on call %+v", got)
		}
		r.d.wish(ui.Intent{Kind: ui.TakeShift, Schedule: "b"})
		synctest.Wait()
		if !strings.HasPrefix(r.now().model.Notice, "You are on call from now on instead of Bob of b, until ") {
			t.Errorf("said %q", r.now().model.Notice)
		}
	})
}

func TestAColleagueIsAskedBeforeLeaving(t *testing.T) {
	inRoom(t, func(r *room) {
		until := began.Add(time.Hour)
		r.d.wish(ui.Intent{Kind: ui.GoOffDuty, Until: until, Colleague: "bob"})
		synctest.Wait()
		if want := []link.Leave{{Until: until, CoverBy: "bob"}}; !reflect.DeepEqual(r.now().off, want) {
			t.Errorf("left %+v", r.now().off)
		}
		if d := r.now().duty; len(d) != 1 || !d[0].Done || d[0].Said[0] != "Done so." {
			t.Errorf("shown %+v", d)
		}
		r.post(inbox.DutyCame{Duty: inbox.Duty{WaitingFor: "Bob", WaitingUntil: until}})
		if r.now().model.Duty.WaitingFor != "Bob" {
			t.Errorf("duty %+v", r.now().model.Duty)
		}
	})
}

func TestAHubThatGoesOnPurposeSaysWhenItIsBack(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.DrainCame{BackAt: began.Add(5 * time.Minute)}, inbox.LinkLost{Why: "It shut down."})
		r.pass(time.Minute)
		if h := r.now().model.Hub; h.State != ui.Lost || h.Overdue || !h.BackAt.Equal(began.Add(5*time.Minute)) {
			t.Errorf("hub %+v", h)
		}
		r.pass(5 * time.Minute)
		if h := r.now().model.Hub; !h.Overdue {
			t.Errorf("hub %+v", h)
		}
	})
}

func TestWhoIsOnCallReadsThatTheyCannotBeAlarmed(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.RosterCame{Roster: inbox.Roster{Shifts: []inbox.Shift{{Start: began, End: began.Add(time.Hour)}}, Until: began.Add(time.Hour)}},
			inbox.LinkLost{Why: "Nothing listens there."})
		r.pass(time.Minute)
		want := "You are on call, and the hub cannot be reached: this machine cannot alarm you. Nothing listens there."
		if got := r.now().model.Hub.Sentence; got != want {
			t.Errorf("says %q", got)
		}
	})
}
