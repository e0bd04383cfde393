package ui

import (
	"reflect"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

const (
	statusWidth  = 520
	statusHeight = 620
)

// StatusWindow is what a desktop without a tray gets: the state, the open
// pages and what the tray's menu offers.
type StatusWindow struct {
	sent func(Intent)
	now  func() time.Time
	win  fyne.Window
	gate *gate

	duty, hub, who *para
	trouble        *box
	pages          *fyne.Container
	off, back      *fyne.Container
	list           *fyne.Container
	scroll         *container.Scroll

	mu    sync.Mutex
	model Model
	ever  bool
}

// NewStatusWindow makes the window without showing it; on Fyne's goroutine.
func NewStatusWindow(app fyne.App, send func(Intent)) *StatusWindow {
	dress(app)
	w := &StatusWindow{sent: send, now: time.Now, win: app.NewWindow("Tocsin")}
	w.gate = &gate{now: func() time.Time { return w.now() }}
	w.duty = newPara(sizeHead, colorSnow, true)
	w.hub = newPara(sizeText, colorMist, false)
	w.who = newPara(sizeText, colorMist, false)
	w.trouble = newBox()
	w.pages = column(8)
	does := func(label string, i Intent) *button {
		return newButton(label, second, false, w.gate, func() { send(i) })
	}
	half, hour, day := HalfHour, OneHour, UntilTomorrow
	w.off = column(8, text(sizeText, colorMist, "Go off duty"), container.NewGridWithColumns(3,
		does(half.Label(), Intent{Kind: AskOffDuty, Off: half}),
		does(hour.Label(), Intent{Kind: AskOffDuty, Off: hour}),
		does(day.Label(), Intent{Kind: AskOffDuty, Off: day})))
	w.back = column(0, newButton("Back on duty", first, false, w.gate, func() { send(Intent{Kind: BackOnDuty}) }))
	w.list = column(16, column(4, w.duty, w.hub, w.who), w.trouble.whole, w.pages, w.off, w.back)
	w.scroll = container.NewVScroll(w.list)
	foot := container.NewGridWithColumns(2, does("Send a test page", Intent{Kind: TestPage}), does("Quit", Intent{Kind: Quit}))
	w.win.SetPadded(false)
	w.win.SetCloseIntercept(w.win.Hide)
	w.win.SetContent(padded(20, 22, container.New(stacked{gap: 16}, column(0), w.scroll, foot)))
	w.win.Resize(fyne.NewSize(statusWidth, 320))
	w.draw()
	return w
}

// Render draws the model, up or not.
func (w *StatusWindow) Render(m Model) {
	w.mu.Lock()
	same := w.ever && reflect.DeepEqual(m, w.model)
	w.model, w.ever = m, true
	w.mu.Unlock()
	if !same {
		fyne.Do(w.draw)
	}
}

func (w *StatusWindow) draw() {
	w.mu.Lock()
	m := w.model
	w.mu.Unlock()
	now := w.now()
	w.duty.set(DutyLine(m, now))
	w.hub.set(HubLine(m, now))
	who := ""
	if m.UserName != "" {
		who = "Alarms for " + names([]string{m.UserName})
	}
	w.who.set(who)
	trouble := ""
	if m.Hub.State != Connected && m.Hub.State != Connecting {
		trouble = noticeLine(Model{Notice: m.Hub.Sentence})
	}
	w.trouble.say(trouble, true)
	w.pages.RemoveAll()
	for _, p := range m.Pages {
		w.pages.Add(w.pageRow(p))
	}
	show(w.pages, len(m.Pages) > 0)
	show(w.off, !m.Duty.Off)
	show(w.back, m.Duty.Off)
	w.fit()
}

// pageRow is one open page with its button.
func (w *StatusWindow) pageRow(p Page) fyne.CanvasObject {
	name := newPara(sizeText, colorSnow, true)
	name.set(PageLine(p))
	if !p.Wanting() {
		return name
	}
	ack := newButton("Acknowledge", first, false, w.gate, func() { w.sent(Intent{Kind: Acknowledge, Page: p.Key}) })
	return container.NewBorder(nil, nil, nil, ack, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 10), middle(name)))
}

func (w *StatusWindow) fit() {
	w.list.Resize(fyne.NewSize(statusWidth-44, w.list.MinSize().Height))
	height := w.win.Content().MinSize().Height - w.scroll.MinSize().Height + w.list.MinSize().Height
	resize(w.win, fyne.NewSize(statusWidth, min(height, statusHeight)))
}

// Show brings it up. Closing it only hides it.
func (w *StatusWindow) Show() { fyne.Do(w.win.Show) }
