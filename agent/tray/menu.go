package tray

import (
	"fmt"
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
// open pages, and the rest.
func MenuFor(m ui.Model, now time.Time) []Item {
	items := []Item{
		{Label: state(m)},
		{Label: ui.HubLine(m, now)},
		{Label: ui.DutyLine(m, now)},
		{Separator: true},
	}
	if len(m.Pages) > 0 {
		items = append(items, pages(m.Pages)...)
		items = append(items, Item{Separator: true})
	}
	if m.Duty.Off {
		items = append(items, Item{Label: "Back on duty", Intent: ui.Intent{Kind: ui.BackOnDuty}})
	} else {
		var lengths []Item
		for _, off := range []ui.Off{ui.HalfHour, ui.OneHour, ui.UntilTomorrow} {
			lengths = append(lengths, Item{Label: off.Label(), Intent: ui.Intent{Kind: ui.AskOffDuty, Off: off}})
		}
		items = append(items, Item{Label: "Go off duty", Children: lengths})
	}
	return append(items,
		Item{Label: "Send a test page", Intent: ui.Intent{Kind: ui.TestPage}},
		Item{Separator: true},
		Item{Label: "Show window", Intent: ui.Intent{Kind: ui.ShowWindow}},
		Item{Label: "Quit", Intent: ui.Intent{Kind: ui.Quit}},
	)
}

// state is the line that one opens the menu for.
func state(m ui.Model) string {
	waiting := 0
	for _, p := range m.Pages {
		if p.Wanting() {
			waiting++
		}
	}
	switch {
	case waiting == 1:
		return "1 page is open for you"
	case waiting > 1:
		return fmt.Sprintf("%d pages need you", waiting)
	case len(m.Pages) > 0:
		return "Acknowledged; the hub does not know yet"
	}
	return "No open pages"
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
		if p.Wanting() {
			items = append(items, Item{Label: "Acknowledge " + ui.PageLine(p), Intent: ui.Intent{Kind: ui.Acknowledge, Page: p.Key}})
		} else {
			items = append(items, Item{Label: ui.PageLine(p) + " (the hub does not know yet)"})
		}
	}
	return items
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
