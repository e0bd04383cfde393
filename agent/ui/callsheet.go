package ui

import (
	"reflect"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"tocsin/agent/ui/plain"
)

const (
	sheetWidth  = 980
	sheetHeight = 640
	sheetLength = 200_000
	sheetLines  = 5_000
)

// SheetWindow shows who is on call in the next days, with numbers, as it was
// last heard: for the hour in which the hub is gone. Its font costs memory, so
// it is made when it is first wanted.
type SheetWindow struct {
	app fyne.App
	now func() time.Time
	win fyne.Window // nil: not made yet

	age   *para
	gone  *box
	sheet *widget.Label

	mu    sync.Mutex
	model Model
	shown CallSheet
	up    bool

	clock     func(tick func()) (stop func())
	stopClock func() // nil while it is not up
}

// NewSheetWindow makes nothing to be seen yet; on Fyne's goroutine.
func NewSheetWindow(app fyne.App) *SheetWindow {
	return &SheetWindow{app: app, now: time.Now, clock: everySecond}
}

func (w *SheetWindow) build() {
	dress(w.app)
	w.win = w.app.NewWindow("Tocsin: call sheet")
	title := newPara(sizeHead, colorSnow, true)
	title.set("Call sheet")
	w.age, w.gone = newPara(sizeText, colorMist, false), newBox()
	w.sheet = widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Monospace: true})
	w.sheet.Selectable, w.sheet.SizeName = true, sizeSmall
	w.win.SetPadded(false)
	w.win.SetCloseIntercept(func() {
		w.up = false
		w.stopClock()
		w.stopClock = nil
		w.win.Hide()
	})
	w.win.SetContent(padded(20, 22, container.NewBorder(
		column(8, title, w.age, w.gone.whole, column(0)), nil, nil, nil, container.NewScroll(w.sheet))))
	w.win.Resize(fyne.NewSize(sheetWidth, sheetHeight))
	w.win.CenterOnScreen()
}

// Render keeps it current, drawn or not.
func (w *SheetWindow) Render(m Model) {
	w.mu.Lock()
	same := reflect.DeepEqual(m.CallSheet, w.model.CallSheet) && m.Hub == w.model.Hub
	w.model = m
	w.mu.Unlock()
	if !same {
		fyne.Do(func() {
			if w.up {
				w.draw()
			}
		})
	}
}

// Show brings it up.
func (w *SheetWindow) Show() {
	fyne.Do(func() {
		if w.win == nil {
			w.build()
		}
		w.up = true
		w.draw()
		w.win.Show()
		if w.stopClock == nil {
			w.stopClock = w.clock(w.draw) // its age grows
		}
	})
}

func (w *SheetWindow) draw() {
	w.mu.Lock()
	m := w.model
	w.mu.Unlock()
	now := w.now()
	w.age.set(sheetAge(m, now))
	gone := ""
	if m.Hub.State == Lost || m.Hub.State == NoNetwork || m.Hub.State == SignedOut {
		gone = HubLine(m, now) + ". What has changed since this was made is not in it."
	}
	w.gone.say(gone, true)
	if m.CallSheet != w.shown {
		w.shown = m.CallSheet
		w.sheet.SetText(plain.Text(strings.TrimRight(m.CallSheet.Text, "\n"), sheetLength, sheetLines))
	}
}

// sheetAge says how old the sheet is.
func sheetAge(m Model, now time.Time) string {
	if m.CallSheet.Text == "" {
		return "The hub has not sent any yet. It comes by itself once this agent is connected."
	}
	return "As of " + clock(m.CallSheet.MadeAt, now) + ", " + long(now.Sub(m.CallSheet.MadeAt)) + " ago"
}
