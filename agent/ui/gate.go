package ui

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// A click or key within this time after the window came, or its cards moved,
// was meant for what was there before.
const settling = 400 * time.Millisecond

// A key within this time after a letter, or after the window came, is part of
// what somebody is typing for another window: "ls dir", tabulator, Enter must
// not choose and press a button here.
const typing = time.Second

// gate stands before all buttons of a window: it lets through what a person
// can have meant, and notices that there is a person.
type gate struct {
	now     func() time.Time
	touched func()

	deafUntil time.Time
	keysUntil time.Time // the same for keys
	armed     bool      // the next touch is told
	pointer   *fyne.Position
}

// settle begins anew: what is on the screen has changed under the pointer.
func (g *gate) settle() {
	g.deafUntil = g.now().Add(settling)
	g.typed()
	g.arm()
}

// typed hears a letter, which no button here asks for.
func (g *gate) typed() { g.keysUntil = g.now().Add(typing) }

// openToKeys says whether a key can have been meant for a button here.
func (g *gate) openToKeys() bool { return !g.now().Before(g.keysUntil) }

// arm: the next touch is told.
func (g *gate) arm() { g.armed, g.pointer = true, nil }

// open says whether a click or key counts.
func (g *gate) open() bool {
	if g.now().Before(g.deafUntil) {
		return false
	}
	g.touch()
	return true
}

// moved hears where the pointer is. The first time says nothing: the window
// may have come up under it.
func (g *gate) moved(at fyne.Position) {
	if g.pointer == nil {
		g.pointer = &at
		return
	}
	if math.Abs(float64(at.X-g.pointer.X))+math.Abs(float64(at.Y-g.pointer.Y)) > 2 {
		g.touch()
	}
}

func (g *gate) touch() {
	if g.armed && g.touched != nil {
		g.armed = false
		g.touched()
	}
}

// ground covers a window's content and sees the pointer where no button does.
type ground struct {
	widget.BaseWidget
	gate    *gate
	content fyne.CanvasObject
}

var _ desktop.Hoverable = (*ground)(nil)

func newGround(g *gate, content fyne.CanvasObject) *ground {
	w := &ground{gate: g, content: content}
	w.ExtendBaseWidget(w)
	return w
}

func (w *ground) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(w.content) }
func (w *ground) MouseIn(e *desktop.MouseEvent)       { w.gate.moved(e.AbsolutePosition) }
func (w *ground) MouseMoved(e *desktop.MouseEvent)    { w.gate.moved(e.AbsolutePosition) }
func (w *ground) MouseOut()                           {}
