package ui

import (
	"reflect"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
)

const (
	questionWidth  = 600
	questionHeight = 560
)

// QuestionWindow asks about what the user holds: "still on it?" shortly before
// it pages again, and at the end of a shift whether to hand over. One window
// for all of them; it comes and goes by itself, makes no sound, and never
// stands before an alarm.
type QuestionWindow struct {
	sent func(Intent)
	now  func() time.Time
	win  fyne.Window
	gate *gate

	lease, shift *question
	scroll       *container.Scroll

	mu    sync.Mutex
	model Model

	asked   []asked // what stands in it; on Fyne's goroutine only
	closed  []asked // what the person has put away
	visible bool
}

// asked is one question about one incident.
type asked struct {
	ref   Ref
	shift bool
	until time.Time // when it answers itself
}

// NewQuestionWindow makes the window without showing it; on Fyne's goroutine.
func NewQuestionWindow(app fyne.App, send func(Intent)) *QuestionWindow {
	dress(app)
	w := &QuestionWindow{sent: send, now: time.Now, win: app.NewWindow("Tocsin: still on it?")}
	w.gate = &gate{now: func() time.Time { return w.now() }}
	clock := func() time.Time { return w.now() }
	w.lease, w.shift = newQuestion(w.gate, clock, send), newQuestion(w.gate, clock, send)
	w.scroll = container.NewVScroll(column(24, w.lease.whole, w.shift.whole))
	if d, ok := w.win.(desktop.Window); ok {
		d.RequestAlwaysOnTop()
	}
	w.win.Canvas().SetOnTypedRune(func(rune) { w.gate.typed() })
	w.win.SetPadded(false)
	w.win.SetCloseIntercept(w.close)
	w.win.SetContent(padded(22, 24, w.scroll))
	w.win.Resize(fyne.NewSize(questionWidth, 260))
	w.win.CenterOnScreen()
	return w
}

// Render draws the model, and brings the window up or takes it down.
func (w *QuestionWindow) Render(m Model) {
	w.mu.Lock()
	same := reflect.DeepEqual(m.Holding, w.model.Holding) && alarming(m) == alarming(w.model)
	w.model = m
	w.mu.Unlock()
	if !same {
		fyne.Do(w.draw)
	}
}

func alarming(m Model) bool { return slices.ContainsFunc(m.Pages, Page.Wanting) }

func (w *QuestionWindow) draw() {
	w.mu.Lock()
	m := w.model
	w.mu.Unlock()
	now := w.now()
	var all []asked
	var leases, shifts []Held
	for _, h := range m.Holding {
		switch {
		case h.Waiting != 0:
		case !h.HandOverAt.IsZero():
			shifts = append(shifts, h)
			all = append(all, asked{h.Ref(), true, h.HandOverAt})
		case h.Asks:
			leases = append(leases, h)
			all = append(all, asked{h.Ref(), false, h.QuietUntil})
		}
	}
	// What was put away is asked again when it is asked anew.
	w.closed = slices.DeleteFunc(w.closed, func(a asked) bool { return !slices.Contains(all, a) })
	unseen := slices.ContainsFunc(all, func(a asked) bool { return !slices.Contains(w.closed, a) })
	if !unseen || alarming(m) {
		w.asked = all
		w.hide()
		return
	}
	w.lease.ask(stillOn(leases, now), leases)
	w.shift.ask(shiftOver(shifts, now), shifts)
	w.win.SetTitle("Tocsin: " + w.title(leases))
	w.fit()
	if !slices.Equal(all, w.asked) || !w.visible {
		w.gate.settle()
		w.win.Canvas().Unfocus()
	}
	w.asked = all
	if !w.visible {
		w.visible = true
		w.win.Show()
	}
}

func (w *QuestionWindow) title(leases []Held) string {
	if len(leases) > 0 {
		return "still on it?"
	}
	return "your shift is over"
}

func (w *QuestionWindow) fit() {
	inner := w.scroll.Content
	inner.Resize(fyne.NewSize(questionWidth-48, inner.MinSize().Height))
	resize(w.win, fyne.NewSize(questionWidth, min(inner.MinSize().Height+44, questionHeight)))
}

// close puts the question away; it stays in the status window.
func (w *QuestionWindow) close() {
	w.closed = slices.Clone(w.asked)
	w.hide()
}

func (w *QuestionWindow) hide() {
	if w.visible {
		w.visible = false
		w.win.Hide()
	}
}
