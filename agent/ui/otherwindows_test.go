package ui

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
)

func TestOffDutyShowsWhoIsPagedInstead(t *testing.T) {
	inBerlin(t)
	var got []Intent
	w := NewDutyWindow(test.NewTempApp(t), func(i Intent) { got = append(got, i) })
	w.now = func() time.Time { return night0 }
	reads := func(want ...string) {
		t.Helper()
		texts, _ := visible(w.win)
		for _, s := range want {
			if !slices.Contains(texts, s) {
				t.Errorf("%q is not to be read in %q", s, texts)
			}
		}
	}
	until := night0.Add(30 * time.Minute)
	w.Show(DutyPreview{Until: until, Loading: true})
	reads("Off duty until 03:30 CET?", "Asking the hub who is paged instead …")
	w.Show(DutyPreview{Until: until, OpenPages: 2, Warnings: []string{"You are\x07 on call."}, Covers: []Cover{
		{Service: "Payments", Start: night0, End: until, Instead: []string{"Bob", "Carol"}},
		{Service: "Search", Start: night0, End: until},
	}})
	reads("Your 2 open pages are passed on.", "Payments  ·  03:00 to 03:30 CET", "Bob, Carol", "Search  ·  03:00 to 03:30 CET", "Nobody, only the catch-all", "You are^G on call.")

	w.now = func() time.Time { return night0.Add(settling) }
	_, buttons := visible(w.win)
	test.Tap(buttons["Stay"])
	if len(got) != 0 || w.visible {
		t.Errorf("staying sent %v", got)
	}
	w.Show(DutyPreview{Until: until, Err: "late answer"})
	if w.visible {
		t.Error("an answer opened a window that had been closed")
	}
	w.Show(DutyPreview{Until: until, Loading: true})
	w.Show(DutyPreview{Until: until, Err: "It does not answer."})
	reads("It is not known who is paged instead. It does not answer.")
	w.now = func() time.Time { return night0.Add(2 * settling) }
	test.Tap(buttons["Go off duty"]) // leaving is never refused
	if len(got) != 1 || got[0].Kind != GoOffDuty || !got[0].Until.Equal(until) {
		t.Errorf("sent %v", got)
	}
}

func TestStatusWindowOffersWhatTheTrayWould(t *testing.T) {
	inBerlin(t)
	var got []Intent
	w := NewStatusWindow(test.NewTempApp(t), func(i Intent) { got = append(got, i) })
	w.now = func() time.Time { return night0 }
	m := open(checkout())
	m.UserName = "Alice"
	w.Show()
	w.Render(m)
	w.now = func() time.Time { return night0.Add(settling) }
	texts, buttons := visible(w.win)
	for _, s := range []string{"Connected to the hub", "Alarms for Alice", "#1043 Payments: Checkout answers 5xx"} {
		if !slices.Contains(texts, s) {
			t.Errorf("%q is not to be read in %q", s, texts)
		}
	}
	for label, want := range map[string]Intent{
		"Acknowledge":      On(Acknowledge, Ref{"a", 0}),
		"30 minutes":       {Kind: AskOffDuty, Off: HalfHour},
		"1 hour":           {Kind: AskOffDuty, Off: OneHour},
		"Until tomorrow":   {Kind: AskOffDuty, Off: UntilTomorrow},
		"Send a test page": {Kind: TestPage},
		"Quit":             {Kind: Quit},
	} {
		got = nil
		test.Tap(buttons[label])
		if !reflect.DeepEqual(got, []Intent{want}) {
			t.Errorf("%s sent %v", label, got)
		}
	}
	m.Duty = Duty{Off: true, Until: night0.Add(time.Hour)}
	w.Render(m)
	texts, buttons = visible(w.win)
	if !slices.Contains(texts, "Off duty until 04:00 CET") || buttons["Back on duty"] == nil || buttons["1 hour"] != nil {
		t.Errorf("off duty: %q %v", texts, buttons)
	}
}
