package ui

import (
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

	mu    sync.Mutex
	model Model // the latest; drawn or about to be
	asked bool  // a drawing of it is on its way

	shown     Model // what is drawn; on Fyne's goroutine only
	keys      []string
	clock     func(tick func()) (stop func())
	stopClock func() // nil while the countdown stands
	visible   atomic.Bool
	native    atomic.Pointer[nativeWindow]
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
	w.top = column(10, w.title, w.hub.whole)
	return padded(margin, margin, container.New(stacked{gap: margin}, w.top, w.scroll, w.notice))
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

	now := w.now()
	var keys []string
	for _, p := range m.Pages {
		keys = append(keys, p.Key)
	}
	if len(keys) == 0 {
		w.hide()
	}
	moved := !slices.Equal(keys, w.keys)
	if moved {
		w.deal(keys)
	}
	for _, p := range m.Pages {
		w.byKey[p.Key].update(p, now)
	}
	w.win.SetTitle("Tocsin: " + heading(m.Pages))
	w.title.set(titleOver(m.Pages))
	hub := ""
	if m.Hub.State != Connected {
		hub = hubWarning(m, now)
	}
	w.hub.say(hub, true)
	w.notice.set(noticeLine(m))
	w.shown = m
	if moved {
		w.gate.settle()
		w.win.Canvas().Unfocus()
		w.scroll.ScrollToTop()
	}
	w.resized()
}

// deal puts the cards in order. A card is kept as long as its page is open, so
// that unfolded details stay so.
func (w *AlarmWindow) deal(keys []string) {
	big := len(keys) == 1
	cards := map[string]*card{}
	objects := make([]fyne.CanvasObject, 0, len(keys))
	for _, key := range keys {
		c := w.byKey[key]
		if c == nil || c.big != big {
			old := c
			c = newCard(big, w.gate, w)
			if old != nil {
				c.open, c.asking = old.open, old.asking
			}
		}
		cards[key] = c
		objects = append(objects, c.CanvasObject)
	}
	w.keys, w.byKey = keys, cards
	w.cards.Objects = objects
	w.cards.Refresh()
}

// resized fits the window to its cards, unless nothing changed: a person may
// have chosen another size.
func (w *AlarmWindow) resized() {
	width := max(w.win.Canvas().Size().Width, alarmWidth)
	height := min(w.ideal(width), alarmHeight)
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
		if len(w.keys) == 0 {
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
