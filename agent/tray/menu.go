package tray

import "tocsin/agent/ui"

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

// MenuFor says what the menu holds.
func MenuFor(m ui.Model) []Item { return nil }
