package ui

import "fyne.io/fyne/v2"

// DutyWindow says who is paged instead before somebody goes off duty.
type DutyWindow struct{}

// NewDutyWindow makes the window without showing it; on Fyne's goroutine.
func NewDutyWindow(app fyne.App, send func(Intent)) *DutyWindow { return &DutyWindow{} }

// Show brings the window up with a preview. Call it first with Loading, then
// with the hub's answer: if the person has closed the window in between (or
// asked for another length), the answer is dropped.
func (w *DutyWindow) Show(p DutyPreview) {}
