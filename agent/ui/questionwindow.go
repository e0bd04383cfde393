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
// it pages again, and at the end of a shift whether to hand over; and passes on
// requests for cover that can wait for an answer. One window for all of them; it comes and goes by itself, makes no sound, and never
// stands before an alarm.
type QuestionWindow struct {
	sent func(Intent)
	now  func() time.Time
	win  fyne.Window
	gate *gate

	lease, shift, cover *question
	scroll              *container.Scroll

	mu    sync.Mutex
	model Model

	asked   []asked // what stands in it; on Fyne's goroutine only
	closed  []asked // what the person has put away
	visible bool
}

// asked is one question about one incident.
type asked struct {
	ref   Ref
	kind  string
	until time.Time // when it answers itself
}

// NewQuestionWindow makes the window without showing it; on Fyne's goroutine.
func NewQuestionWindow(app fyne.App, send func(Intent)) *QuestionWindow {
	dress(app)
	w := &QuestionWindow{sent: send, now: time.Now, win: app.NewWindow("Tocsin: still on it?")}
	w.gate = &gate{now: func() time.Time { return w.now() }}
	clock := func() time.Time { return w.now() }
	w.lease, w.shift, w.cover = newQuestion(w.gate, clock, send), newQuestion(w.gate, clock, send), newQuestion(w.gate, clock, send)
	w.scroll = container.NewVScroll(column(24, w.lease.whole, w.shift.whole, w.cover.whole))
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
	same := reflect.DeepEqual(m.Holding, w.model.Holding) && reflect.DeepEqual(m.Low, w.model.Low) && alarming(m) == alarming(w.model)
	w.model = m
	w.mu.Unlock()
	if !same {
		fyne.Do(w.draw)
	}
}

// alarming: the alarm window wants the person.
func alarming(m Model) bool {
	return slices.ContainsFunc(m.Pages, func(p Page) bool {
		return p.State == Ringing || p.State == Quiet || p.State == Escalated
	})
}

// questions sorts out what is to be asked.
func questions(m Model) (leases, shifts []Held, covers []Page, all []asked) {
	for _, h := range m.Holding {
		switch {
		case h.Waiting != 0:
		case !h.HandOverAt.IsZero():
			shifts = append(shifts, h)
			all = append(all, asked{h.Ref(), "shift", h.HandOverAt})
		case h.Asks:
			leases = append(leases, h)
			all = append(all, asked{h.Ref(), "lease", h.QuietUntil})
		}
	}
	for _, p := range m.Low {
		if p.Cover != nil && p.State == Quiet {
			covers = append(covers, p)
			all = append(all, asked{p.Ref(), "cover", time.Time{}})
		}
	}
	return leases, shifts, covers, all
}

func (w *QuestionWindow) draw() {
	w.mu.Lock()
	m := w.model
	w.mu.Unlock()
	now := w.now()
	leases, shifts, covers, all := questions(m)
	// What was put away is asked again when it is asked anew.
	w.closed = slices.DeleteFunc(w.closed, func(a asked) bool { return !slices.Contains(all, a) })
	unseen := slices.ContainsFunc(all, func(a asked) bool { return !slices.Contains(w.closed, a) })
	if !unseen || alarming(m) {
		w.asked = all
		w.hide()
		return
	}
	w.lease.ask(stillOn(leases, now))
	w.shift.ask(shiftOver(shifts, now))
	w.cover.ask(request(covers, now))
	w.win.SetTitle("Tocsin: " + title(leases, shifts))
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

func title(leases, shifts []Held) string {
	switch {
	case len(leases) > 0:
		return "still on it?"
	case len(shifts) > 0:
		return "your shift is over"
	}
	return "a request for you"
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
