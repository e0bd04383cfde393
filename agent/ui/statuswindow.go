package ui

import "fyne.io/fyne/v2"

// StatusWindow is what a desktop without a tray gets: the state, the open
// pages and what the tray's menu offers.
type StatusWindow struct{}

// NewStatusWindow makes the window without showing it; on Fyne's goroutine.
func NewStatusWindow(app fyne.App, send func(Intent)) *StatusWindow { return &StatusWindow{} }

// Render draws the model, up or not.
func (w *StatusWindow) Render(m Model) {}

// Show brings it up. Closing it only hides it.
func (w *StatusWindow) Show() {}
