package desktop

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
	"tocsin/agent/link"
	"tocsin/agent/ui"
)

func TestAnAlarmIsRaisedHeardAndProven(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.PageCame{Page: page()})
		if r.now().tone != alarm.Rising || r.now().raised != 1 || len(r.now().model.Pages) != 1 {
			t.Fatalf("tone %v, raised %d, %d pages", r.now().tone, r.now().raised, len(r.now().model.Pages))
		}
		if n := r.now().notes["i1/1/ada"]; !n.Urgent || !n.Ack || n.Body != "5xx" {
			t.Errorf("notification %+v", n)
		}
		if got := r.receipts(); got != "received" {
			t.Errorf("claims %q before it was seen", got)
		}
		r.d.soundChanged(alarm.SoundState{Playing: true, Output: "speaker"})
		r.pass(time.Second)
		if got, want := r.receipts(), "received, ringing speaker, shown viewable"; got != want {
			t.Errorf("receipts %q, want %q", got, want)
		}
		r.d.wish(ui.On(ui.Acknowledge, ui.Ref{Key: "i1/1/ada", Opening: 2}))
		synctest.Wait()
		if r.now().tone != alarm.Silent || len(r.now().notes) != 0 || r.now().model.Pages[0].State != ui.AckUnconfirmed {
			t.Errorf("after the click: tone %v, notes %v, %+v", r.now().tone, r.now().notes, r.now().model.Pages)
		}
		if last := r.now().got[len(r.now().got)-1]; !reflect.DeepEqual(last, inbox.Asked{Command: inbox.Acknowledge, Key: page().Key, Opening: 2}) {
			t.Errorf("asked %+v", last)
		}
	})
}

func TestWhatCannotBeSeenOrHeardHasFailed(t *testing.T) {
	inRoom(t, func(r *room) {
		r.see(alarm.Sight{Verdict: alarm.NotVisible, Detail: "screen locked", Locked: true})
		r.post(inbox.PageCame{Page: page()})
		r.d.soundChanged(alarm.SoundState{Reason: "muted"})
		r.pass(2 * time.Second)
		if got := r.receipts(); got != "received" {
			t.Errorf("gave up at once: %q", got)
		}
		r.pass(2 * time.Second)
		if got, want := r.receipts(), "received, failed screen locked; muted"; got != want {
			t.Errorf("receipts %q, want %q", got, want)
		}
		r.see(alarm.Sight{Verdict: alarm.Visible, Detail: "viewable"})
		r.pass(5 * time.Second)
		if got, want := r.receipts(), "received, failed screen locked; muted, shown viewable, touched screen unlocked"; got != want {
			t.Errorf("receipts %q, want %q", got, want)
		}
		before := r.messages()
		r.pass(50 * time.Second)
		if n := r.messages() - before; n > 5 {
			t.Errorf("%d messages with nothing new", n)
		}
	})
}

func TestAWindowThatWasClosedComesBack(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.PageCame{Page: page()})
		r.pass(time.Second)
		r.d.wish(ui.Intent{Kind: ui.Hide})
		r.see(alarm.Sight{Verdict: alarm.NotVisible, Detail: "not mapped"})
		r.d.soundChanged(alarm.SoundState{Reason: "muted"})
		r.pass(30 * time.Second)
		if got, want := r.receipts(), "received, shown viewable, hidden window closed"; got != want {
			t.Errorf("receipts %q, want %q", got, want)
		}
		r.see(alarm.Sight{Verdict: alarm.Visible, Detail: "viewable"})
		r.pass(30 * time.Second)
		r.post(inbox.Tick{})
		r.pass(time.Second)
		if got, want := r.receipts(), "received, shown viewable, hidden window closed, shown viewable"; got != want || r.now().raised != 2 {
			t.Errorf("receipts %q, want %q; raised %d times", got, want, r.now().raised)
		}
	})
}

func TestWishes(t *testing.T) {
	inRoom(t, func(r *room) {
		r.d.wish(ui.Intent{Kind: ui.AskOffDuty, Off: ui.OneHour})
		synctest.Wait()
		if len(r.now().duty) != 2 || !r.now().duty[0].Loading || r.now().duty[1].Loading || r.now().duty[1].Covers[0].Instead[0] != "Bob" || !r.now().duty[1].Until.Equal(time.Now().Add(time.Hour)) {
			t.Errorf("previews %+v", r.now().duty)
		}
		r.d.wish(ui.Intent{Kind: ui.GoOffDuty, Until: began.Add(time.Hour)})
		synctest.Wait()
		r.d.wish(ui.Intent{Kind: ui.BackOnDuty})
		synctest.Wait()
		if want := []link.Leave{{Until: began.Add(time.Hour)}, {}}; !slices.Equal(r.now().off, want) {
			t.Errorf("duty %v", r.now().off)
		}
		r.fail = errors.New("no way")
		r.d.wish(ui.Intent{Kind: ui.TestPage})
		synctest.Wait()
		if r.now().model.Notice != "No test page: No way." || r.now().notes["notice"].Body != r.now().model.Notice {
			t.Errorf("notice %q, %v", r.now().model.Notice, r.now().notes)
		}
		r.pass(2 * time.Minute)
		if r.now().model.Notice != "" {
			t.Error("the notice stays")
		}
		r.d.wish(ui.Intent{Kind: ui.ShowWindow})
		if r.now().status != 1 {
			t.Error("no window")
		}
		if r.d.wish(ui.Intent{Kind: ui.Quit}); !r.now().quit {
			t.Error("did not quit")
		}
	})
}

func TestNotificationsCanBeActedOn(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.PageCame{Page: page()})
		r.d.acted("i1/1/ada", alarm.Opened)
		if r.now().raised != 2 {
			t.Error("not opened")
		}
		r.d.acted("i1/1/ada", alarm.Acknowledged)
		if synctest.Wait(); r.now().tone != alarm.Silent {
			t.Error("not acknowledged")
		}
		r.d.acted("gone", alarm.Acknowledged)
	})
}

func TestALostHubIsAnnounced(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.RosterCame{Roster: inbox.Roster{
			Shifts: []inbox.Shift{{Start: began, End: began.Add(time.Hour)}}, Until: began.Add(time.Hour),
		}}, inbox.LinkLost{Why: "refused"})
		r.pass(time.Minute)
		r.post(inbox.Tick{})
		if r.now().tone != alarm.Rising || !strings.Contains(r.now().notes[lostKey].Body, "cannot be reached") || r.now().status != 1 {
			t.Fatalf("tone %v, notes %v", r.now().tone, r.now().notes)
		}
		r.d.acted(lostKey, alarm.Opened)
		if synctest.Wait(); r.now().tone != alarm.Silent {
			t.Error("cannot be quieted")
		}
		r.post(inbox.LinkLost{Why: "refused"}, inbox.Connected{})
		if len(r.now().notes) != 0 {
			t.Errorf("notes %v", r.now().notes)
		}
	})
}

func TestTheOutcomeIsShown(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.PageCame{Page: page()}, inbox.Asked{Command: inbox.Acknowledge, Key: page().Key, Opening: 2})
		id := r.now().state.Outbox[1].ID
		r.post(inbox.Answered{ReportID: id, Answer: inbox.Already, Text: "Already taken by Bob."})
		if r.now().model.Notice != "#12: Already taken by Bob." || len(r.now().model.Pages) != 0 {
			t.Errorf("model %+v", r.now().model)
		}
	})
}

func TestReadiness(t *testing.T) {
	inRoom(t, func(r *room) {
		if synctest.Wait(); !r.now().state.Ready {
			t.Error("an unlocked screen is not ready")
		}
		r.see(alarm.Sight{Locked: true})
		r.pass(readyEvery + time.Second)
		if synctest.Wait(); r.now().state.Ready {
			t.Error("locked and with no sound is ready")
		}
	})
}
