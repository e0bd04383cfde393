package ui

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/driver/desktop"
)

const (
	alarmWidth = 760
	margin     = 14
	// alarmHeight is what the window grows to; beyond it scrolls. It fits a
	// laptop's 768 lines with a panel.
	alarmHeight = 690
)

// AlarmWindow is the one window for all open pages of high urgency.
type AlarmWindow struct {
	app  fyne.App
	win  fyne.Window
	sent func(Intent)
	now  func() time.Time
	gate *gate

	title, notice *para
	hub           *box
	cards         *fyne.Container
	scroll        *container.Scroll
	top           *fyne.Container
	fitted        float32 // the height that was last asked for
	byKey         map[string]*card

	storm  *storm
	body   *fyne.Container
	head   *fyne.Container
	all    *fyne.Container // the storm's button
	back   *button         // from one page to the list of all
	one    string          // the page of many that is looked at alone
	placed placing
	room   [2]float32 // what stands above and below the cards takes

	mu    sync.Mutex
	model Model // the latest; drawn or about to be
	asked bool  // a drawing of it is on its way

	shown     Model // what is drawn; on Fyne's goroutine only
	clock     func(tick func()) (stop func())
	stopClock func() // nil while the countdown stands
	visible   atomic.Bool
	native    atomic.Pointer[nativeWindow]
}

// placing is what lies where. When it changes, so does what is under the
// pointer.
type placing struct {
	listed bool  // rows instead of cards
	cards  []Ref // in their order
	back   bool
	all    float32 // where the button for all is; 0: nowhere
}

type nativeWindow struct {
	system string
	handle uintptr
}

// NewAlarmWindow makes the window without showing it. Call it on Fyne's
// goroutine (before the app runs is fine).
func NewAlarmWindow(app fyne.App, send func(Intent)) *AlarmWindow {
	dress(app)
	w := &AlarmWindow{app: app, sent: send, now: time.Now, clock: everySecond, byKey: map[string]*card{}}
	w.gate = &gate{now: func() time.Time { return w.now() }, touched: func() {
		if w.visible.Load() { // the key that closed it may be heard after it
			send(Intent{Kind: Touched})
		}
	}}
	w.win = app.NewWindow("Tocsin")
	if d, ok := w.win.(desktop.Window); ok {
		d.RequestAlwaysOnTop()
	}
	w.win.SetPadded(false)
	w.win.SetCloseIntercept(w.closed)
	w.win.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { w.gate.open() })
	w.win.Canvas().SetOnTypedRune(func(rune) { w.gate.typed() })
	w.win.SetContent(newGround(w.gate, w.build()))
	w.win.Resize(fyne.NewSize(alarmWidth, 400))
	w.win.CenterOnScreen()
	return w
}

func (w *AlarmWindow) build() fyne.CanvasObject {
	w.title = newPara(sizeHead, colorSnow, true)
	w.hub = newBox()
	w.notice = newPara(sizeText, colorMist, false)
	w.cards = column(margin)
	w.scroll = container.NewVScroll(w.cards)
	w.storm = newStorm(w.gate, w, func() time.Time { return w.now() })
	w.all = column(0, w.storm.all)
	w.back = newButton("‹  All", quiet, false, w.gate, func() { w.look("") })
	// The button for all comes before what comes and goes, so that it stays.
	w.head = container.NewBorder(nil, nil, w.back, nil, w.title)
	w.top = column(10, w.head, w.all, w.hub.whole)
	w.body = container.New(stacked{gap: margin}, w.top, container.NewStack(w.scroll, w.storm.list), w.notice)
	return padded(margin, margin, w.body)
}

// Render draws the model. It never brings the window up (Raise does), but with
// no pages left it takes it down.
func (w *AlarmWindow) Render(m Model) {
	w.mu.Lock()
	same, asked := reflect.DeepEqual(m, w.model), w.asked
	w.model, w.asked = m, asked || !same
	w.mu.Unlock()
	if !same && !asked { // a drawing that is on its way will find it
		fyne.Do(w.draw)
	}
}

func (w *AlarmWindow) draw() {
	w.mu.Lock()
	m := w.model
	w.asked = false
	w.mu.Unlock()

	if len(m.Pages) == 0 {
		w.hide()
	}
	fresh := slices.ContainsFunc(m.Pages, func(p Page) bool {
		return !slices.ContainsFunc(w.shown.Pages, func(was Page) bool { return was.Ref() == p.Ref() })
	})
	w.shown = m
	w.arrange()
	if fresh {
		w.gate.arm()
	}
}

// arrange puts in place what the model and the person ask for.
func (w *AlarmWindow) arrange() {
	m, now := w.shown, w.now()
	many := len(m.Pages) > cardCount
	alone := slices.IndexFunc(m.Pages, func(p Page) bool { return many && p.Key == w.one })
	if alone < 0 {
		w.one = ""
	}
	cards := m.Pages
	switch {
	case alone >= 0:
		cards = m.Pages[alone : alone+1]
	case many:
		cards = nil
	}
	listed := many && alone < 0
	refs := make([]Ref, 0, len(cards))
	for _, p := range cards {
		refs = append(refs, p.Ref())
	}
	if !slices.Equal(refs, w.placed.cards) {
		w.deal(cards)
	}
	for _, p := range cards {
		w.byKey[p.Key].update(p, m.Hub, now)
	}
	w.storm.update(m.Pages, m.Hub, listed)
	w.win.SetTitle("Tocsin: " + heading(m.Pages))
	w.title.set(titleOver(m.Pages))
	w.back.rename(fmt.Sprintf("‹  All %d", len(m.Pages)))
	show(w.back, alone >= 0)
	show(w.all, listed && w.storm.all.Visible())
	show(w.scroll, !listed)
	show(w.storm.list, listed)
	hub := ""
	if m.Hub.State != Connected {
		hub = hubWarning(m, now)
	}
	w.hub.say(hub, true)
	w.notice.set(noticeLine(m))
	if room := [2]float32{w.top.MinSize().Height, shownHeight(w.notice)}; room != w.room {
		w.room = room
		w.body.Refresh() // the list gets what is left
	}
	w.laid(placing{listed: listed, cards: refs, back: alone >= 0})
}

func shownHeight(o fyne.CanvasObject) float32 {
	if !o.Visible() {
		return 0
	}
	return o.MinSize().Height
}

// laid notes what lies where. What has moved under the pointer does not count
// as pressed for a moment.
func (w *AlarmWindow) laid(l placing) {
	if w.all.Visible() {
		l.all = w.head.MinSize().Height
	}
	if !reflect.DeepEqual(l, w.placed) {
		w.gate.settle()
		w.win.Canvas().Unfocus()
		w.scroll.ScrollToTop()
		w.storm.list.ScrollToTop()
	}
	w.placed = l
	w.resized()
}

// look shows one of many pages alone, or with an empty key all of them.
func (w *AlarmWindow) look(key string) {
	w.one = key
	w.arrange()
}

// deal puts the cards in order. A card is kept as long as its page is open, so
// that unfolded details stay so.
func (w *AlarmWindow) deal(pages []Page) {
	big := len(pages) == 1
	cards := map[string]*card{}
	objects := make([]fyne.CanvasObject, 0, len(pages))
	for _, p := range pages {
		c := w.byKey[p.Key]
		if c == nil || c.big != big {
			old := c
			c = newCard(big, w.gate, w)
			if old != nil {
				c.open, c.asking = old.open, old.asking
			}
		}
		cards[p.Key] = c
		objects = append(objects, c.CanvasObject)
	}
	w.byKey = cards
	w.cards.Objects = objects
	w.cards.Refresh()
}

// resized fits the window to its cards, unless nothing changed: a person may
// have chosen another size.
func (w *AlarmWindow) resized() {
	width := max(w.win.Canvas().Size().Width, alarmWidth)
	height := float32(alarmHeight)
	if !w.placed.listed {
		height = min(w.ideal(width), alarmHeight)
	}
	if height != w.fitted {
		w.fitted = height
		resize(w.win, fyne.NewSize(width, height))
	}
}

// ideal is the height that shows everything at a width, to which text wraps.
func (w *AlarmWindow) ideal(width float32) float32 {
	height := float32(2 * margin)
	for _, o := range []fyne.CanvasObject{w.top, w.cards, w.notice} {
		if !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(width-2*margin, o.MinSize().Height))
		if h := o.MinSize().Height; h > 0 {
			height += h + margin
		}
	}
	return height - margin
}

// Raise shows the window if pages are open, and brings it to the front. On X11
// one that is up already is left alone: follow with alarm.Screen.Raise, which
// brings it to the workspace without taking the keyboard's focus.
func (w *AlarmWindow) Raise() {
	fyne.Do(func() {
		if len(w.shown.Pages) == 0 {
			return
		}
		if !w.visible.Load() {
			w.gate.settle()
			w.win.Canvas().Unfocus()
			w.tick()
		} else if n := w.native.Load(); n != nil && n.system == "x11" {
			return
		}
		w.win.Show()
		w.visible.Store(true)
		w.learnNative()
		w.resized()
		w.startClock()
	})
}

// closed is the X of the window: it only hides.
func (w *AlarmWindow) closed() {
	w.hide()
	w.send(Intent{Kind: Hide})
}

func (w *AlarmWindow) hide() {
	if !w.visible.Swap(false) {
		return
	}
	if w.stopClock != nil {
		w.stopClock()
		w.stopClock = nil
	}
	w.win.Hide()
}

// startClock lets the countdown run while the window is up.
func (w *AlarmWindow) startClock() {
	if w.stopClock == nil {
		w.stopClock = w.clock(w.tick)
	}
}

// everySecond calls tick on Fyne's goroutine until it is stopped.
func everySecond(tick func()) (stop func()) {
	ended := make(chan struct{})
	go func() {
		t := time.NewTicker(time.Second)
		defer t.Stop()
		for {
			select {
			case <-ended:
				return
			case <-t.C:
				fyne.Do(tick)
			}
		}
	}()
	return func() { close(ended) }
}

func (w *AlarmWindow) tick() {
	now := w.now()
	for _, c := range w.byKey {
		c.tick(now)
	}
	if w.placed.listed {
		w.storm.tick()
	}
}

// Visible says whether the window has been asked to be up and was not closed.
// That is no proof: alarm.Screen has it.
func (w *AlarmWindow) Visible() bool { return w.visible.Load() }

// Native names the native window: the system ("x11", "wayland", "windows",
// "macos"; "" before the first Raise) and its handle.
func (w *AlarmWindow) Native() (system string, handle uintptr) {
	if n := w.native.Load(); n != nil {
		return n.system, n.handle
	}
	return "", 0
}

func (w *AlarmWindow) learnNative() {
	n, ok := w.win.(driver.NativeWindow)
	if !ok || w.native.Load() != nil {
		return
	}
	n.RunNative(func(context any) {
		var got nativeWindow
		switch c := context.(type) {
		case driver.X11WindowContext:
			got = nativeWindow{"x11", c.WindowHandle}
		case driver.WaylandWindowContext:
			got = nativeWindow{"wayland", c.WaylandSurface}
		case driver.WindowsWindowContext:
			got = nativeWindow{"windows", c.HWND}
		case driver.MacWindowContext:
			got = nativeWindow{"macos", c.NSWindow}
		}
		if got.handle != 0 {
			w.native.Store(&got)
		}
	})
}

func (w *AlarmWindow) send(i Intent)     { w.sent(i) }
func (w *AlarmWindow) browse(u *url.URL) { w.app.OpenURL(u) }
