package ui

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"tocsin/agent/ui/plain"
)

const (
	dutyWidth  = 600
	dutyHeight = 660
	coverCount = 30
	askCount   = 12
)

// DutyWindow says who is paged instead before somebody goes off duty, and, for
// who is on call, asks who takes over:
//
//	loading ─► choosing ─► asking ─► done: waiting, off duty, or still on duty
type DutyWindow struct {
	sent func(Intent)
	now  func() time.Time
	win  fyne.Window
	gate *gate

	title, until, wait *para
	trouble            *box
	times              *fyne.Container
	covers, warnings   *fyne.Container
	people             *fyne.Container
	row                *fyne.Container
	leave, cannot      *button // go, or ask the chosen one; "I can't"
	back, stay         *button // withdraw, or ask somebody else; close
	scroll             *container.Scroll

	mu   sync.Mutex
	duty Duty // the latest

	preview DutyPreview // on Fyne's goroutine only
	chosen  string      // the colleague to ask
	asking  string      // who is being asked, in words; empty: not yet
	waited  bool        // the hub has waited for their answer
	visible bool
}

// NewDutyWindow makes the window without showing it; on Fyne's goroutine.
func NewDutyWindow(app fyne.App, send func(Intent)) *DutyWindow {
	dress(app)
	w := &DutyWindow{sent: send, now: time.Now, win: app.NewWindow("Tocsin: off duty")}
	w.gate = &gate{now: func() time.Time { return w.now() }}
	w.title = newPara(sizeHead, colorSnow, true)
	w.until = newPara(sizeText, colorMist, false)
	w.wait = newPara(sizeText, colorSnow, false)
	w.trouble = newBox()
	w.covers, w.warnings, w.people = column(12), column(8), column(6)
	w.leave = newButton("Go off duty", first, false, w.gate, w.depart)
	w.cannot = newButton("I can't", second, false, w.gate, func() {
		w.submit(nameOf(w.preview.Next), Intent{Kind: GoOffDuty, Until: w.preview.Until, Cannot: true})
	})
	w.back = newButton("", second, false, w.gate, w.turnBack)
	w.stay = newButton("Stay", second, false, w.gate, w.hide)
	w.times = w.timeButtons()
	w.scroll = container.NewVScroll(padded(0, 6, column(14, w.wait, w.trouble.whole, w.people, w.covers, w.warnings)))
	if d, ok := w.win.(desktop.Window); ok {
		d.RequestAlwaysOnTop() // the alarm is, and must not hide what was asked for after it
	}
	w.win.SetPadded(false)
	w.win.SetCloseIntercept(w.hide)
	w.row = container.New(answerRow{}, w.leave, w.cannot, w.back, w.stay)
	w.win.SetContent(padded(22, 18, container.New(stacked{gap: 14},
		padded(0, 6, column(8, w.title, w.until, w.times)), w.scroll, padded(0, 6, w.row))))
	w.win.Resize(fyne.NewSize(dutyWidth, 300))
	w.win.CenterOnScreen()
	return w
}

// timeButtons move the end, to any time.
func (w *DutyWindow) timeButtons() *fyne.Container {
	later := func(label string, d time.Duration) *button {
		return newButton(label, quiet, false, w.gate, func() {
			if at := w.preview.Until.Add(d); at.After(w.now()) {
				w.sent(Intent{Kind: AskOffDuty, Until: at})
			}
		})
	}
	label := text(sizeText, colorMist, "Another end:")
	label.Wrapping = fyne.TextWrapOff
	return container.NewHBox(middle(label), later("− 1 h", -time.Hour), later("− 15 min", -15*time.Minute),
		later("+ 15 min", 15*time.Minute), later("+ 1 h", time.Hour), later("+ 1 day", 24*time.Hour))
}

// depart leaves, or asks the chosen colleague to take over.
func (w *DutyWindow) depart() {
	i := Intent{Kind: GoOffDuty, Until: w.preview.Until}
	if w.choosing() {
		i.Colleague = w.chosen
		w.submit(w.nameOfChosen(), i)
		return
	}
	w.hide()
	w.sent(i)
}

// choosing: somebody has to be asked, and there are people to ask.
func (w *DutyWindow) choosing() bool { return w.preview.OnCallNow && len(w.preview.Colleagues) > 0 }

func (w *DutyWindow) nameOfChosen() string {
	for _, c := range w.preview.Colleagues {
		if c.ID == w.chosen {
			return plain.Line(c.Name, nameLength)
		}
	}
	return ""
}

func nameOf(next []Colleague) string {
	if len(next) == 0 {
		return ""
	}
	return plain.Line(next[0].Name, nameLength)
}

func (w *DutyWindow) submit(who string, i Intent) {
	if who == "" {
		who = "the hub"
	}
	w.asking = who
	w.draw(w.now())
	w.sent(i)
}

// turnBack withdraws what was asked, or starts anew.
func (w *DutyWindow) turnBack() {
	if w.latest().WaitingFor != "" {
		w.hide()
		w.sent(Intent{Kind: BackOnDuty})
		return
	}
	w.sent(Intent{Kind: AskOffDuty, Until: w.preview.Until})
}

func (w *DutyWindow) latest() Duty {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.duty
}

// Render keeps what has become of a request current. It never brings the window
// up (Show does).
func (w *DutyWindow) Render(m Model) {
	w.mu.Lock()
	same := reflect.DeepEqual(w.duty, m.Duty)
	w.duty = m.Duty
	w.mu.Unlock()
	if !same {
		fyne.Do(func() {
			if w.visible && w.preview.Done {
				w.draw(w.now())
			}
		})
	}
}

// Show brings the window up with a preview. Call it first with Loading, then
// with the hub's answer: if the person has closed the window in between (or
// asked for another length), the answer is dropped. What became of GoOffDuty
// comes as Done, likewise.
func (w *DutyWindow) Show(p DutyPreview) {
	fyne.Do(func() {
		same := w.visible && w.preview.Until.Equal(p.Until)
		switch {
		case p.Loading:
			w.chosen, w.asking, w.waited = "", "", false
		case p.Done && same && w.asking != "":
		case !p.Done && same && w.preview.Loading:
		default:
			return
		}
		w.preview = p
		if len(p.Colleagues) > 0 {
			w.chosen = p.Colleagues[0].ID
		}
		w.draw(w.now())
		if !w.visible {
			w.gate.settle()
		}
		w.visible = true
		w.win.Show()
	})
}

func (w *DutyWindow) hide() {
	w.visible = false
	w.win.Hide()
}

func (w *DutyWindow) fit() {
	inner := float32(dutyWidth - 48)
	list := w.scroll.Content
	list.Resize(fyne.NewSize(inner, list.MinSize().Height))
	height := w.win.Content().MinSize().Height - w.scroll.MinSize().Height + list.MinSize().Height
	resize(w.win, fyne.NewSize(dutyWidth, min(height, dutyHeight)))
}

// text is a paragraph that says one thing for good.
func text(size fyne.ThemeSizeName, c fyne.ThemeColorName, s string) *para {
	p := newPara(size, c, false)
	p.set(s)
	return p
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}
