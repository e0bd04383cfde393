package tray

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/agent/ui"
)

var now = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)

func nowFunc() time.Time { return now }

// drawn writes a menu down, a line each; what sends something ends with "!".
func drawn(items []Item, indent string) string {
	var b strings.Builder
	for _, i := range items {
		switch {
		case i.Separator:
			fmt.Fprintf(&b, "%s--\n", indent)
		case len(i.Children) > 0:
			fmt.Fprintf(&b, "%s%s >\n%s", indent, i.Label, drawn(i.Children, indent+"  "))
		case i.Intent.Kind != 0:
			fmt.Fprintf(&b, "%s%s!\n", indent, i.Label)
		default:
			fmt.Fprintf(&b, "%s%s\n", indent, i.Label)
		}
	}
	return b.String()
}

func TestMenu(t *testing.T) {
	was := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = was })
	page := ui.Page{Key: "a", Number: 7, Service: "Payments", Summary: "5xx"}
	waiting := page
	waiting.State = ui.AckUnconfirmed
	test := page
	test.Test = true
	rest := "Go off duty >\n  30 minutes!\n  1 hour!\n  Until tomorrow!\n  Until …!\nSend a test page!\n--\nShow window!\nQuit!\n"
	for _, c := range []struct {
		why   string
		model ui.Model
		want  string
	}{
		{"all quiet", ui.Model{Hub: ui.Hub{State: ui.Connected}, HubName: "ops", Shift: ui.Shift{Next: now.Add(time.Hour)}},
			"No open pages\nConnected to ops\nNext shift: 03:00 UTC\n--\n" + rest},
		{"a page", ui.Model{Hub: ui.Hub{State: ui.Connected}, Shift: ui.Shift{OnCall: true}, Pages: []ui.Page{page}},
			"A page for you\nConnected to the hub\nOn call\n--\nAcknowledge #7 Payments: 5xx!\n--\n" + rest},
		{"two, one of them a test", ui.Model{Hub: ui.Hub{State: ui.Connected}, Shift: ui.Shift{OnCall: true}, Pages: []ui.Page{page, test}},
			"2 incidents are open for you\nConnected to the hub\nOn call\n--\nAcknowledge #7 Payments: 5xx!\nAcknowledge Test #7 Payments: 5xx!\n--\n" + rest},
		{"acknowledged while the hub is away", ui.Model{Hub: ui.Hub{State: ui.Lost, Since: now}, Shift: ui.Shift{OnCall: true}, Pages: []ui.Page{waiting}},
			"Acknowledged; the hub does not know yet\nThe hub has not answered since 02:00 UTC\nOn call\n--\n#7 Payments: 5xx (the hub does not know yet)\n--\n" + rest},
		{"off duty", ui.Model{Hub: ui.Hub{State: ui.Connected}, Duty: ui.Duty{Off: true, Until: now.Add(time.Hour)}},
			"No open pages\nConnected to the hub\nOff duty until 03:00 UTC\n--\nBack on duty!\nSend a test page!\n--\nShow window!\nQuit!\n"},
		{"a request, an incident held", ui.Model{Hub: ui.Hub{State: ui.Connected}, Shift: ui.Shift{OnCall: true}, CallSheet: ui.CallSheet{Text: "x"},
			Pages: []ui.Page{{Cover: &ui.CoverRequest{From: "Bob"}}}, Holding: []ui.Held{{Number: 9, Service: "Search"}}},
			"A request for you\nConnected to the hub\nOn call\n--\nBob asks you to take over …!\nYou hold #9 Search …!\n--\n" + strings.Replace(rest, "Send", "Call sheet!\nSend", 1)},
		{"two held, a colleague asked", ui.Model{Hub: ui.Hub{State: ui.Connected}, Duty: ui.Duty{WaitingFor: "Bob", WaitingUntil: now.Add(time.Hour)},
			Holding: []ui.Held{{Number: 9, Service: "Search"}, {Number: 8, Service: "Payments"}}},
			"No open pages\nConnected to the hub\nNo shift in the next 14 days\nWaiting for Bob to take over, until 03:00 UTC\n--\n" +
				"You hold 2 incidents >\n  #9 Search …!\n  #8 Payments …!\n--\nWithdraw the request!\nSend a test page!\n--\nShow window!\nQuit!\n"},
		{"the hub went on purpose", ui.Model{Hub: ui.Hub{State: ui.Lost, Since: now, BackAt: now.Add(5 * time.Minute)}, Shift: ui.Shift{OnCall: true}},
			"No open pages\nThe hub is back at 02:05 UTC (planned)\nOn call\n--\n" + rest},
	} {
		if got := drawn(MenuFor(c.model, now), ""); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.why, got, c.want)
		}
	}
}

func TestMenuOfAStormStaysShort(t *testing.T) {
	m := ui.Model{Pages: make([]ui.Page, 200), Holding: make([]ui.Held, 200)}
	for i := range m.Pages {
		m.Pages[i] = ui.Page{Key: fmt.Sprint(i), Service: strings.Repeat("s", 1000), Summary: "\x1b" + strings.Repeat("x", 1000)}
	}
	got := drawn(MenuFor(m, now), "")
	if items := MenuFor(m, now); len(items) > 24 {
		t.Errorf("%d lines", len(items))
	}
	if !strings.Contains(got, "and 192 more …!") || strings.Contains(got, "\x1b") {
		t.Errorf("got\n%s", got)
	}
}

func TestFace(t *testing.T) {
	ringing := []ui.Page{{State: ui.Escalated}}
	unconfirmed := []ui.Page{{State: ui.AckUnconfirmed}}
	on, lost := ui.Hub{State: ui.Connected}, ui.Hub{State: ui.Lost}
	for _, c := range []struct {
		model ui.Model
		want  Face
	}{
		{ui.Model{Hub: on}, Calm},
		{ui.Model{Hub: on, Pages: ringing}, Ringing},
		{ui.Model{Hub: lost, Pages: ringing}, Ringing},
		{ui.Model{Hub: lost, Pages: unconfirmed}, HubLost},
		{ui.Model{Hub: on, Pages: unconfirmed}, Calm},
		{ui.Model{Hub: lost, Duty: ui.Duty{Off: true}}, HubLost},
		{ui.Model{Hub: on, Duty: ui.Duty{Off: true}}, OffDuty},
	} {
		if got := FaceFor(c.model); got != c.want {
			t.Errorf("%+v: got %d, want %d", c.model, got, c.want)
		}
	}
}
