package tray

import (
	"fmt"
	"slices"
	"time"

	"tocsin/agent/ui"
)

// Item is one line of the menu.
type Item struct {
	Label string
	// Separator: a line between groups; the rest is empty.
	Separator bool
	// Intent is sent on a click; its zero value makes a line that only says
	// something.
	Intent   ui.Intent
	Children []Item
}

// A menu that fills the screen helps nobody; the window has the rest.
const pagesShown = 8

// MenuFor says what the menu holds: how things stand, what to do about the
// open pages and what the user holds, and the rest.
func MenuFor(m ui.Model, now time.Time) []Item {
	items := []Item{
		{Label: state(m)},
		{Label: ui.HubLine(m, now)},
		{Label: ui.DutyLine(m, now)},
	}
	if waiting := ui.WaitingLine(m, now); waiting != "" {
		items = append(items, Item{Label: waiting})
	}
	items = append(items, Item{Separator: true})
	if own := append(append(pages(m.Pages), pages(requests(m))...), holding(m)...); len(own) > 0 {
		items = append(append(items, own...), Item{Separator: true})
	}
	items = append(items, duty(m))
	if m.CallSheet.Text != "" {
		items = append(items, Item{Label: "Call sheet", Intent: ui.Intent{Kind: ui.ShowCallSheet}})
	}
	return append(items,
		Item{Label: "Send a test page", Intent: ui.Intent{Kind: ui.TestPage}},
		Item{Separator: true},
		Item{Label: "Show window", Intent: ui.Intent{Kind: ui.ShowWindow}},
		Item{Label: "Quit", Intent: ui.Intent{Kind: ui.Quit}},
	)
}

// duty offers to leave, or to come back.
func duty(m ui.Model) Item {
	switch {
	case m.Duty.Off:
		return Item{Label: "Back on duty", Intent: ui.Intent{Kind: ui.BackOnDuty}}
	case m.Duty.WaitingFor != "":
		return Item{Label: "Withdraw the request", Intent: ui.Intent{Kind: ui.BackOnDuty}}
	}
	var lengths []Item
	for _, off := range []ui.Off{ui.HalfHour, ui.OneHour, ui.UntilTomorrow} {
		lengths = append(lengths, Item{Label: off.Label(), Intent: ui.Intent{Kind: ui.AskOffDuty, Off: off}})
	}
	lengths = append(lengths, Item{Label: "Until …", Intent: ui.Intent{Kind: ui.AskOffDuty, Off: ui.OneHour}})
	return Item{Label: "Go off duty", Children: lengths}
}

// state is the line that one opens the menu for.
func state(m ui.Model) string {
	switch {
	case slices.ContainsFunc(m.Pages, ui.Page.Wanting):
		return ui.Heading(m)
	case len(m.Pages) > 0:
		return "Acknowledged; the hub does not know yet"
	case len(requests(m)) > 0:
		return "A request for you"
	case len(m.Low) > 0:
		return "Nothing urgent"
	}
	return "No open pages"
}

// requests are those for cover that can wait for an answer.
func requests(m ui.Model) []ui.Page {
	return slices.DeleteFunc(slices.Clone(m.Low), func(p ui.Page) bool { return p.Cover == nil || !p.Wanting() })
}

func pages(all []ui.Page) []Item {
	var items []Item
	for i, p := range all {
		if i == pagesShown {
			return append(items, Item{
				Label:  fmt.Sprintf("and %d more …", len(all)-pagesShown),
				Intent: ui.Intent{Kind: ui.ShowWindow},
			})
		}
		switch {
		case !p.Wanting():
			items = append(items, Item{Label: ui.PageLine(p) + " (the hub does not know yet)"})
		case p.Cover != nil: // an answer wants more than one line to read
			items = append(items, Item{Label: ui.PageLine(p) + " …", Intent: ui.Intent{Kind: ui.ShowWindow}})
		default:
			items = append(items, Item{Label: "Acknowledge " + ui.PageLine(p), Intent: ui.On(ui.Acknowledge, p.Ref())})
		}
	}
	return items
}

// holding leads to what the user holds: one by itself, several in a menu.
func holding(m ui.Model) []Item {
	if len(m.Holding) == 0 {
		return nil
	}
	show := ui.Intent{Kind: ui.ShowStatus}
	if len(m.Holding) == 1 {
		return []Item{{Label: "You hold " + ui.HeldLine(m.Holding[0]) + " …", Intent: show}}
	}
	var all []Item
	for i, h := range m.Holding {
		if i == pagesShown {
			all = append(all, Item{Label: fmt.Sprintf("and %d more …", len(m.Holding)-pagesShown), Intent: show})
			break
		}
		all = append(all, Item{Label: ui.HeldLine(h) + " …", Intent: show})
	}
	return []Item{{Label: ui.HoldingLine(m), Children: all}}
}

// Face is what the icon shows.
type Face uint8

const (
	Calm Face = iota
	Ringing
	OffDuty
	HubLost
)

// FaceFor chooses the icon. What needs the person comes first, then what keeps
// the agent from alarming.
func FaceFor(m ui.Model) Face {
	for _, p := range m.Pages {
		if p.Wanting() {
			return Ringing
		}
	}
	switch {
	case m.Hub.State != ui.Connected:
		return HubLost
	case m.Duty.Off:
		return OffDuty
	}
	return Calm
}
