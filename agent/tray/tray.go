package tray

import (
	"fyne.io/fyne/v2"

	"tocsin/agent/ui"
)

// Tray is the icon and its menu.
type Tray struct{}

// New makes the tray of an app that has one; on Fyne's goroutine, before the
// app runs. The error says why there can be none.
func New(app fyne.App, send func(ui.Intent)) (*Tray, error) { return &Tray{}, nil }

// Render brings icon and menu up to date; from any goroutine. An equal menu is
// not set again.
func (t *Tray) Render(m ui.Model) {}

// Available says whether somebody would show the icon now; if not, why. A
// desktop without a tray needs the status window instead.
func Available() (ok bool, why string) { return true, "" }
