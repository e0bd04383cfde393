package ui

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
)

func held(key string, number uint64) Held {
	return Held{Key: key, Opening: 3, Number: number, Service: "Payments", Summary: "5xx", Severity: "critical",
		QuietUntil: night0.Add(5 * time.Minute), RunbookURL: "https://runbook.example"}
}

func asking(all ...Held) Model {
	for i := range all {
		all[i].Asks = true
	}
	return Model{Hub: Hub{State: Connected}, Holding: all}
}

// inquiry is a question window with a clock and a record of what it sent.
type inquiry struct {
	*QuestionWindow
	t   *testing.T
	at  time.Time
	got []Intent
}

func newInquiry(t *testing.T) *inquiry {
	t.Helper()
	inBerlin(t)
	q := &inquiry{t: t, at: night0}
	q.QuestionWindow = NewQuestionWindow(test.NewTempApp(t), func(i Intent) { q.got = append(q.got, i) })
	q.now = func() time.Time { return q.at }
	return q
}

func (q *inquiry) sends(label string, want Intent) {
	q.t.Helper()
	q.at = q.at.Add(time.Second)
	q.got = nil
	tap(q.t, q.win, label)
	if !reflect.DeepEqual(q.got, []Intent{want}) {
		q.t.Errorf("%s sent %v, want %v", label, q.got, want)
	}
}

func TestStillOnItIsAskedBeforeTheLeaseEnds(t *testing.T) {
	q := newInquiry(t)
	h := held("a", 12)
	q.Render(Model{Holding: []Held{h}})
	if q.visible {
		t.Fatal("asks too early")
	}
	q.Render(asking(h))
	if !q.visible {
		t.Fatal("does not ask")
	}
	tap(t, q.win, "Still on it")
	if len(q.got) != 0 {
		t.Errorf("a click in the moment it came sent %v", q.got)
	}
	read(t, q.win, "Still on it?", "#12 Payments: 5xx", "Without an answer you are paged again at 03:05 CET.")
	q.sends("Still on it", On(Acknowledge, Ref{"a", 3}))
	q.sends("Resolved", On(Resolve, Ref{"a", 3}))
	morning := time.Date(2026, 11, 21, 8, 0, 0, 0, time.Local)
	q.sends("Can wait until 08:00 CET", Intent{Kind: Snooze, On: []Ref{{"a", 3}}, Until: morning})
	h.Asks, h.Waiting = true, Acknowledge
	q.Render(Model{Holding: []Held{h}})
	if q.visible {
		t.Error("asks what was answered")
	}
}

func TestOneQuestionForAllThatAskAtOnce(t *testing.T) {
	q := newInquiry(t)
	q.Render(asking(held("a", 12), held("b", 13)))
	read(t, q.win, "Still on these 2?", "#12 Payments: 5xx", "#13 Payments: 5xx")
	q.sends("Still on all 2", On(Acknowledge, Ref{"a", 3}, Ref{"b", 3}))
	q.Render(asking(held("b", 13)))
	read(t, q.win, "Still on it?")
	q.sends("Resolved", On(Resolve, Ref{"b", 3}))
}

func TestTheEndOfAShiftAsksWhoGoesOn(t *testing.T) {
	q := newInquiry(t)
	h := held("a", 12)
	h.HandOverAt, h.Successors = night0.Add(15*time.Minute), []string{"Bob Brown"}
	q.Render(Model{Holding: []Held{h}})
	read(t, q.win, "Your shift is over", "Bob Brown is on call now. Without an answer it is handed over at 03:15 CET.")
	q.sends("Hand over now", On(HandOver, Ref{"a", 3}))
	q.sends("Keep for 1 h", Intent{Kind: Keep, On: []Ref{{"a", 3}}, Until: q.at.Add(time.Second + time.Hour)})
	q.sends("Keep until 08:00 CET", Intent{Kind: Keep, On: []Ref{{"a", 3}}, Until: time.Date(2026, 11, 21, 8, 0, 0, 0, time.Local)})
}

func TestAQuestionPutAwayIsNotAskedTwiceAndNeverHidesAnAlarm(t *testing.T) {
	q := newInquiry(t)
	h := held("a", 12)
	q.Render(asking(h))
	q.close()
	q.Render(asking(h))
	if q.visible {
		t.Error("comes back unasked")
	}
	h.QuietUntil = h.QuietUntil.Add(30 * time.Minute) // renewed elsewhere, asked anew
	q.Render(asking(h))
	if !q.visible {
		t.Error("does not ask anew")
	}
	m := asking(h)
	m.Pages = []Page{checkout()}
	q.Render(m)
	if q.visible {
		t.Error("stands before an alarm")
	}
	q.Render(asking(h))
	if !q.visible {
		t.Error("does not come back after the alarm")
	}
	q.Render(Model{})
	if q.visible {
		t.Error("stays with nothing to ask")
	}
}

func TestARequestForCoverThatCanWaitIsAskedQuietly(t *testing.T) {
	q := newInquiry(t)
	p := other("c", 9)
	p.State, p.Opening = Quiet, 1
	p.Cover = &CoverRequest{From: "Ada", Start: night0, End: night0.Add(time.Hour), Schedules: []string{"Primary"}}
	q.Render(Model{Low: []Page{other("low", 8), p}})
	read(t, q.win, "Ada asks for cover", "Ada asks you to take over Primary until 04:00 CET", "If you take over, you are paged instead of Ada from now on.")
	q.sends("Take over", On(Acknowledge, Ref{"c", 1}))
	q.sends("I can't", On(PassOn, Ref{"c", 1}))
	p.State = AckUnconfirmed
	q.Render(Model{Low: []Page{p}})
	if q.visible {
		t.Error("asks what was answered")
	}
}

func TestTheStatusWindowListsWhatIsNotUrgent(t *testing.T) {
	inBerlin(t)
	var got []Intent
	w := NewStatusWindow(test.NewTempApp(t), func(i Intent) { got = append(got, i) })
	w.now = func() time.Time { return night0 }
	w.Show()
	p := other("c", 9)
	p.State = Quiet
	p.Cover = &CoverRequest{From: "Ada", Start: night0, End: night0.Add(time.Hour), Schedules: []string{"Primary"}}
	w.Render(Model{Low: []Page{other("low", 8), p}})
	w.now = func() time.Time { return night0.Add(time.Second) }
	read(t, w.win, "Not urgent", "#8 Search: slow", "Ada asks you to take over Primary until 04:00 CET")
	for _, label := range []string{"Acknowledge", "Take over", "I can't"} {
		tap(t, w.win, label)
	}
	if want := []Intent{On(Acknowledge, Ref{"low", 0}), On(Acknowledge, Ref{"c", 0}), On(PassOn, Ref{"c", 0})}; !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v", got)
	}
}

func TestTheMorningIsTheNextOne(t *testing.T) {
	inBerlin(t)
	for _, c := range []struct{ now, want string }{
		{"2026-11-21 03:00", "2026-11-21 08:00"}, {"2026-11-21 07:59", "2026-11-21 08:00"},
		{"2026-11-21 08:00", "2026-11-22 08:00"}, {"2026-11-21 22:00", "2026-11-22 08:00"},
		{"2026-10-24 22:00", "2026-10-25 08:00"}, // clocks go back in the night
	} {
		at := func(s string) time.Time {
			v, err := time.ParseInLocation("2006-01-02 15:04", s, time.Local)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if got := Morning(at(c.now)); !got.Equal(at(c.want)) {
			t.Errorf("at %s: %v, want %s", c.now, got, c.want)
		}
	}
}

func TestKeepingAShiftOffersAUsualTime(t *testing.T) {
	for now, want := range map[int]int{18: 22, 9: 12, 11: 18, 21: 32, 3: 8, 7: 12} {
		at := time.Date(2026, 11, 21, now, 0, 0, 0, time.UTC)
		if got := keepUntil(at); !got.Equal(time.Date(2026, 11, 21, want, 0, 0, 0, time.UTC)) {
			t.Errorf("at %d: %v", now, got)
		}
	}
}

func TestTheStatusWindowSaysWhatOneHoldsAndWhoIsOnCall(t *testing.T) {
	inBerlin(t)
	var got []Intent
	at := night0
	w := NewStatusWindow(test.NewTempApp(t), func(i Intent) { got = append(got, i) })
	w.now = func() time.Time { return at }
	w.Show()
	put := held("b", 13)
	put.Snoozed, put.QuietUntil = true, night0.Add(time.Hour)
	m := Model{
		Hub:     Hub{State: Connected},
		Holding: []Held{held("a", 12), put},
		Notices: []Notice{{ID: "n", Title: "Shift check", Text: "No method wakes you.\x1b", At: night0}},
		OnCall: []OnCall{
			{ScheduleID: "s1", Schedule: "Primary", Name: "Ada", Mine: true, Until: night0.Add(time.Hour)},
			{ScheduleID: "s2", Schedule: "Secondary", Name: "Bob", Until: night0.Add(time.Hour), Reachable: ReachableNo},
			{ScheduleID: "s3", Schedule: "Nights"},
		},
		Duty: Duty{WaitingFor: "Bob", WaitingUntil: night0.Add(10 * time.Minute)},
	}
	w.Render(m)
	at = at.Add(time.Second)
	read(t, w.win, "You hold 2 incidents", "Yours until 03:05 CET, then paged again", "Put off until 04:00 CET",
		"Shift check", "03:00 CET  ·  No method wakes you.^[", "Primary: you", "Secondary: Bob", "until 04:00 CET  ·  cannot be reached now", "Nights: nobody",
		"Waiting for Bob to take over, until 03:10 CET", "Withdraw the request")
	sends := func(label string, want Intent) {
		t.Helper()
		got = nil
		tap(t, w.win, label)
		if !reflect.DeepEqual(got, []Intent{want}) {
			t.Errorf("%s sent %v", label, got)
		}
	}
	sends("Still on it", On(Acknowledge, Ref{"a", 3}))
	sends("Withdraw the request", Intent{Kind: BackOnDuty})
	sends("Call sheet", Intent{Kind: ShowCallSheet})
	row := w.heldRows["b"]
	test.Tap(row.resolve)
	test.Tap(row.others)
	test.Tap(row.more.Objects[1].(*button))
	want := []Intent{On(Resolve, Ref{"b", 3}), {Kind: Snooze, On: []Ref{{"b", 3}}, Until: at.Add(time.Hour)}}
	if !reflect.DeepEqual(got[1:], want) {
		t.Errorf("sent %v, want %v", got[1:], want)
	}
	test.Tap(w.teamRows["s2"].take)
	read(t, w.win, "You are on call in Secondary from now on instead of Bob, until 04:00 CET.")
	sends("Take this shift now", Intent{Kind: TakeShift, Schedule: "s2"})

	m.Hub = Hub{State: Lost, Since: night0, BackAt: night0.Add(5 * time.Minute), Sentence: "Refused."}
	m.CallSheet = CallSheet{Text: "x"}
	w.Render(m)
	read(t, w.win, "The hub is back at 03:05 CET (planned)", "On call, as last heard", "until 04:00 CET")
	if texts, buttons := visible(w.win); slices.Contains(texts, "Refused.") || buttons["Take over …"] != nil {
		t.Error("a hub that went on purpose is no trouble, and no shift can be taken without it")
	}
	m.Hub.Overdue = true
	w.Render(m)
	read(t, w.win, "The hub was to be back at 03:05 CET and does not answer", "Refused.", "Whom to call: the call sheet")
}

func TestWhoIsOnCallAsksACollegueFirst(t *testing.T) {
	inBerlin(t)
	var got []Intent
	at := night0
	w := NewDutyWindow(test.NewTempApp(t), func(i Intent) { got = append(got, i) })
	w.now = func() time.Time { return at }
	until := night0.Add(time.Hour)
	p := DutyPreview{Until: until, OnCallNow: true, Next: []Colleague{{ID: "dan", Name: "Dan"}},
		Colleagues: []Colleague{{"bob", "Bob", ReachableYes}, {"carol", "Carol", ReachableNo}}}
	w.Show(DutyPreview{Until: until, Loading: true})
	w.Show(p)
	at = at.Add(time.Second)
	read(t, w.win, "You are on call now. Who should take over?", "can be reached", "cannot be reached now", "Ask Bob", "I can't: ask Dan now")
	tap(t, w.win, "○  Carol")
	tap(t, w.win, "Ask Carol")
	if want := []Intent{{Kind: GoOffDuty, Until: until, Colleague: "carol"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v", got)
	}
	read(t, w.win, "Asking Carol …")
	w.Render(Model{Duty: Duty{WaitingFor: "Carol", WaitingUntil: night0.Add(10 * time.Minute)}})
	w.Show(DutyPreview{Until: until, Done: true, Said: []string{"Carol was asked."}})
	read(t, w.win, "Waiting for Carol", "Carol was asked.")
	w.Render(Model{})
	read(t, w.win, "You are still on duty", "Carol has not taken over.", "Ask somebody else")
	w.Render(Model{Duty: Duty{Off: true, Until: until}})
	read(t, w.win, "Off duty until 04:00 CET", "Carol has taken over.", "Close")

	w.Show(DutyPreview{Until: until, Loading: true})
	w.Show(p)
	got = nil
	tap(t, w.win, "I can't: ask Dan now")
	if want := []Intent{{Kind: GoOffDuty, Until: until, Cannot: true}}; !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v", got)
	}
	w.Show(DutyPreview{Until: until, Done: true, Err: "It does not answer."})
	read(t, w.win, "Your duty was not changed. It does not answer.")
}

func TestTheEndOfAnAbsenceCanBeMoved(t *testing.T) {
	inBerlin(t)
	var got []Intent
	w := NewDutyWindow(test.NewTempApp(t), func(i Intent) { got = append(got, i) })
	at := night0
	w.now = func() time.Time { return at }
	until := night0.Add(time.Hour)
	w.Show(DutyPreview{Until: until, Loading: true})
	w.Show(DutyPreview{Until: until})
	at = at.Add(time.Second)
	tap(t, w.win, "+ 1 day")
	tap(t, w.win, "− 1 h") // would end before it began
	if want := []Intent{{Kind: AskOffDuty, Until: until.Add(24 * time.Hour)}}; !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v", got)
	}
}

func TestTheCallSheetShowsItsAge(t *testing.T) {
	inBerlin(t)
	w := NewSheetWindow(test.NewTempApp(t))
	w.now = func() time.Time { return night0 }
	var tick func()
	w.clock = func(t func()) func() { tick = t; return func() { tick = nil } }
	w.Render(Model{CallSheet: CallSheet{MadeAt: night0.Add(-time.Hour), Text: "Ada  +1 555\x1b\n  Bob\n"}, Hub: Hub{State: Lost, Since: night0}})
	w.Show()
	read(t, w.win, "As of 02:00 CET, 1 h 0 min ago", "The hub has not answered since 03:00 CET. What has changed since this was made is not in it.")
	if w.sheet.Text != "Ada  +1 555^[\n  Bob" || !w.sheet.Selectable || !w.sheet.TextStyle.Monospace {
		t.Errorf("sheet %q", w.sheet.Text)
	}
	w.now = func() time.Time { return night0.Add(3 * time.Minute) }
	tick()
	read(t, w.win, "As of 02:00 CET, 1 h 3 min ago")
	w.Render(Model{})
	read(t, w.win, "The hub has not sent any yet. It comes by itself once this agent is connected.")
}

func TestRowsOfTheStatusWindowStayUnderTheFinger(t *testing.T) {
	w := NewStatusWindow(test.NewTempApp(t), func(Intent) {})
	w.Show()
	m := open(checkout())
	m.Holding = []Held{held("a", 12)}
	w.Render(m)
	_, before := visible(w.win)
	m.Notice = "something else"
	w.Render(m)
	_, after := visible(w.win)
	for _, label := range []string{"Acknowledge", "Still on it", "Resolve"} {
		if before[label] == nil || before[label] != after[label] {
			t.Errorf("%s is another one", label)
		}
	}
	if slices.Contains([]*button{before["Quit"]}, nil) {
		t.Error("no way to quit")
	}
}
