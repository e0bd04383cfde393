package ui

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

const (
	statusWidth  = 620
	statusHeight = 690
	// statusPages is how many open pages stand in the status window; the alarm
	// window has them all.
	statusPages = 5
	lowShown    = 10
	// heldAtFirst is how many held incidents are listed until somebody asks for
	// more: after a storm there are hundreds, and a row has many parts.
	heldAtFirst = 10
)

// StatusWindow is what a desktop without a tray gets, and more than a menu can
// hold: the state, the open pages, the incidents that the user holds, what the
// hub told, who is on call, and what the tray's menu offers.
type StatusWindow struct {
	app  fyne.App
	sent func(Intent)
	now  func() time.Time
	win  fyne.Window
	gate *gate

	duty, hub, who, waiting *para
	said                    *para
	trouble                 *box
	whom                    *fyne.Container // the call sheet, while the hub is gone
	pages, held, low        *section
	team, notices           *section
	off, back, withdraw     *fyne.Container
	sheet                   *button
	list                    *fyne.Container
	scroll                  *container.Scroll

	mu    sync.Mutex
	model Model
	ever  bool

	up        bool     // what is not up is drawn when it comes; on Fyne's goroutine only
	placed    []string // what lies where
	pageRows  map[string]pageRow
	heldRows  map[string]*heldRow
	heldShown int
	teamRows  map[string]*teamRow
}

// pageRow is a page as it is drawn.
type pageRow struct {
	page Page
	row  fyne.CanvasObject
}

// section is a heading with rows, hidden while there are none.
type section struct {
	whole *fyne.Container
	head  *para
	rows  *fyne.Container
}

func newSection(gap float32) *section {
	s := &section{head: newPara(sizeText, colorMist, false), rows: column(gap)}
	s.whole = column(8, s.head, s.rows)
	s.whole.Hide()
	return s
}

// fill gives it rows; the same ones are left alone, as a finger may be on them.
func (s *section) fill(head string, rows []fyne.CanvasObject) {
	s.head.set(head)
	if !slices.Equal(rows, s.rows.Objects) {
		s.rows.Objects = rows
		s.rows.Refresh()
	}
	show(s.whole, len(rows) > 0)
}

// NewStatusWindow makes the window without showing it; on Fyne's goroutine.
func NewStatusWindow(app fyne.App, send func(Intent)) *StatusWindow {
	dress(app)
	w := &StatusWindow{app: app, sent: send, now: time.Now, win: app.NewWindow("Tocsin"),
		heldRows: map[string]*heldRow{}, heldShown: heldAtFirst, teamRows: map[string]*teamRow{}}
	w.gate = &gate{now: func() time.Time { return w.now() }}
	w.win.SetPadded(false)
	w.win.SetCloseIntercept(func() {
		w.up = false
		w.win.Hide()
	})
	w.win.SetContent(w.build())
	w.win.Resize(fyne.NewSize(statusWidth, 320))
	w.draw()
	return w
}

func (w *StatusWindow) build() fyne.CanvasObject {
	w.duty = newPara(sizeHead, colorSnow, true)
	w.hub, w.who = newPara(sizeText, colorMist, false), newPara(sizeText, colorMist, false)
	w.waiting = newPara(sizeText, colorAmber, true)
	w.said = newPara(sizeText, colorSnow, false)
	w.trouble = newBox()
	w.pages, w.held, w.low = newSection(8), newSection(8), newSection(8)
	w.team, w.notices = newSection(12), newSection(12)
	does := func(label string, i Intent) *button {
		return newButton(label, second, false, w.gate, func() { w.sent(i) })
	}
	half, hour, day := HalfHour, OneHour, UntilTomorrow
	w.off = column(8, text(sizeText, colorMist, "Go off duty"), container.NewGridWithColumns(3,
		does(half.Label(), Intent{Kind: AskOffDuty, Off: half}),
		does(hour.Label(), Intent{Kind: AskOffDuty, Off: hour}),
		does(day.Label(), Intent{Kind: AskOffDuty, Off: day})))
	w.back = column(0, newButton("Back on duty", first, false, w.gate, func() { w.sent(Intent{Kind: BackOnDuty}) }))
	w.withdraw = column(0, does("Withdraw the request", Intent{Kind: BackOnDuty}))
	w.whom = column(0, newButton("Whom to call: the call sheet", first, false, w.gate, func() { w.sent(Intent{Kind: ShowCallSheet}) }))
	w.sheet = does("Call sheet", Intent{Kind: ShowCallSheet})
	w.list = column(18, column(4, w.duty, w.hub, w.who, w.waiting, w.said), w.trouble.whole, w.whom, w.pages.whole, w.held.whole, w.low.whole,
		w.withdraw, w.back, w.team.whole, w.off, w.notices.whole)
	w.scroll = container.NewVScroll(padded(0, 6, w.list))
	foot := container.New(layout.NewGridLayoutWithColumns(3), w.sheet,
		does("Send a test page", Intent{Kind: TestPage}), does("Quit", Intent{Kind: Quit}))
	return padded(20, 16, container.New(stacked{gap: 16}, column(0), w.scroll, padded(0, 6, foot)))
}

// Render draws the model.
func (w *StatusWindow) Render(m Model) {
	w.mu.Lock()
	same := w.ever && reflect.DeepEqual(m, w.model)
	w.model, w.ever = m, true
	w.mu.Unlock()
	if !same {
		fyne.Do(func() {
			if w.up {
				w.draw()
			}
		})
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
	w.waiting.set(WaitingLine(m, now))
	w.said.set(noticeLine(m))
	trouble := trouble(m)
	w.trouble.say(trouble, true)
	show(w.whom, trouble != "" && m.CallSheet.Text != "")
	placed := []string{trouble, w.said.segment.Text}
	w.pageRows = w.keptRows(m)
	placed = append(placed, w.drawPages(m)...)
	placed = append(placed, w.drawLow(m)...)
	placed = append(placed, w.drawHeld(m, now)...)
	w.drawRest(m, now)
	w.place(placed)
}

// trouble says why the hub is away, unless it went on purpose and is not due.
func trouble(m Model) string {
	if m.Hub.State == Connected || m.Hub.State == Connecting || !m.Hub.BackAt.IsZero() && !m.Hub.Overdue {
		return ""
	}
	return noticeLine(Model{Notice: m.Hub.Sentence})
}

// place notes what lies where: what has moved under the pointer does not count
// as pressed for a moment.
func (w *StatusWindow) place(placed []string) {
	if !slices.Equal(placed, w.placed) {
		w.placed = placed
		w.gate.settle()
	}
	w.fit()
}

func (w *StatusWindow) drawPages(m Model) (placed []string) {
	var rows []fyne.CanvasObject
	for _, p := range m.Pages[:min(len(m.Pages), statusPages)] {
		placed = append(placed, p.Key)
		rows = append(rows, w.pageRows[p.Key].row)
	}
	if more := len(m.Pages) - statusPages; more > 0 {
		rows = append(rows, newButton(fmt.Sprintf("%d more …", more), second, false, w.gate, func() { w.sent(Intent{Kind: ShowWindow}) }))
	}
	head := ""
	if len(m.Pages) > 0 {
		head = heading(m.Pages)
	}
	w.pages.fill(head, rows)
	return placed
}

// drawLow lists what is not urgent.
func (w *StatusWindow) drawLow(m Model) (placed []string) {
	var rows []fyne.CanvasObject
	for _, p := range m.Low[:min(len(m.Low), lowShown)] {
		placed = append(placed, "low "+p.Key)
		rows = append(rows, w.pageRows[p.Key].row)
	}
	if more := len(m.Low) - lowShown; more > 0 {
		rows = append(rows, text(sizeText, colorMist, fmt.Sprintf("and %d more", more)))
	}
	w.low.fill("Not urgent", rows)
	return placed
}

// keptRows are the rows of pages. One that has not changed stays, as a finger
// may be on it.
func (w *StatusWindow) keptRows(m Model) map[string]pageRow {
	kept := map[string]pageRow{}
	keep := func(p Page, low bool) {
		r := w.pageRows[p.Key]
		if r.row == nil || !reflect.DeepEqual(r.page, p) {
			r = pageRow{p, w.newPageRow(p, low)}
		}
		kept[p.Key] = r
	}
	for _, p := range m.Pages[:min(len(m.Pages), statusPages)] {
		keep(p, false)
	}
	for _, p := range m.Low[:min(len(m.Low), lowShown)] {
		keep(p, true)
	}
	return kept
}

// newPageRow is one open page with what can be done about it.
func (w *StatusWindow) newPageRow(p Page, low bool) fyne.CanvasObject {
	name := newPara(sizeText, colorSnow, true)
	name.set(PageLine(p))
	if !p.Wanting() || p.State == PassOnUnconfirmed {
		return name
	}
	does := func(label string, k kind, i Intent) *button {
		return newButton(label, k, false, w.gate, func() { w.sent(i) })
	}
	var do fyne.CanvasObject
	switch {
	case p.Cover != nil && low:
		name.set(coverSentence(p, w.now()))
		do = spaced(does("Take over", first, On(Acknowledge, p.Ref())), does("I can't", second, On(PassOn, p.Ref())))
	case p.Cover != nil:
		do = does("Answer …", first, Intent{Kind: ShowWindow})
	case low:
		do = does("Acknowledge", second, On(Acknowledge, p.Ref()))
	default:
		do = does("Acknowledge", first, On(Acknowledge, p.Ref()))
	}
	return container.NewBorder(nil, nil, nil, middle(do), container.New(layout.NewCustomPaddedLayout(0, 0, 0, 10), middle(name)))
}

func (w *StatusWindow) drawHeld(m Model, now time.Time) (placed []string) {
	var rows []fyne.CanvasObject
	kept := map[string]*heldRow{}
	for i, h := range m.Holding {
		if i == w.heldShown {
			rows = append(rows, newButton(fmt.Sprintf("%d more …", len(m.Holding)-i), second, false, w.gate, func() {
				w.heldShown += 2 * heldAtFirst
				w.draw()
			}))
			break
		}
		r := w.heldRows[h.Key]
		if r == nil {
			r = newHeldRow(w.gate, w.sent, w.now, openURL(w.app), w.fit)
		}
		r.update(h, now)
		kept[h.Key] = r
		rows = append(rows, r.CanvasObject)
		placed = append(placed, "held "+h.Key)
	}
	w.heldRows = kept
	w.held.fill(HoldingLine(m), rows)
	return placed
}

func (w *StatusWindow) drawRest(m Model, now time.Time) {
	var rows []fyne.CanvasObject
	live, head := m.Hub.State == Connected, "On call now"
	if !live {
		head = "On call, as last heard"
	}
	kept := map[string]*teamRow{}
	for _, o := range m.OnCall {
		r := w.teamRows[o.ScheduleID]
		if r == nil {
			r = newTeamRow(w.gate, w.sent, w.fit)
		}
		r.update(o, live, now)
		kept[o.ScheduleID] = r
		rows = append(rows, r.CanvasObject)
	}
	w.teamRows = kept
	w.team.fill(head, rows)
	rows = nil
	for i, n := range m.Notices {
		if i == noticeCount {
			break
		}
		rows = append(rows, noticeRow(n, now))
	}
	w.notices.fill("From the hub", rows)
	waiting := m.Duty.WaitingFor != ""
	show(w.off, !m.Duty.Off && !waiting)
	show(w.back, m.Duty.Off)
	show(w.withdraw, waiting && !m.Duty.Off)
}

func (w *StatusWindow) fit() {
	inner := float32(statusWidth - 44)
	w.list.Resize(fyne.NewSize(inner, w.list.MinSize().Height))
	height := w.win.Content().MinSize().Height - w.scroll.MinSize().Height + w.list.MinSize().Height
	resize(w.win, fyne.NewSize(statusWidth, min(height, statusHeight)))
}

// Show brings it up. Closing it only hides it.
func (w *StatusWindow) Show() {
	fyne.Do(func() {
		w.up = true
		w.draw()
		w.gate.settle()
		w.win.Show()
	})
}
