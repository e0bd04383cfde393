package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// kind is how much a button asks to be pressed.
type kind uint8

const (
	first  kind = iota // the one obvious thing
	second             // what else can be done
	quiet              // a link
)

// button is larger and plainer than Fyne's, and stands behind a gate.
type button struct {
	widget.BaseWidget
	label  string
	kind   kind
	tapped func()
	gate   *gate
	// pressed hears the finger go down, before tapped; left hears that it, or
	// the pointer, went away. Both may be nil.
	pressed, left func()

	height   float32
	ground   *canvas.Rectangle
	text     *canvas.Text
	aside    *canvas.Text // stands at the right end; nil: nothing does
	over, on bool         // the pointer is over it; it has the focus
}

var (
	_ desktop.Hoverable  = (*button)(nil)
	_ desktop.Cursorable = (*button)(nil)
	_ desktop.Mouseable  = (*button)(nil)
	_ fyne.Tappable      = (*button)(nil)
	_ fyne.Focusable     = (*button)(nil)
)

func newButton(label string, k kind, big bool, g *gate, tapped func()) *button {
	b := &button{label: label, kind: k, tapped: tapped, gate: g, height: 44}
	b.ground = canvas.NewRectangle(color.Transparent)
	b.ground.CornerRadius, b.ground.StrokeWidth = 8, 2
	b.text = canvas.NewText(label, snow)
	b.text.TextSize = textSizes[sizeText]
	b.text.Alignment = fyne.TextAlignCenter
	b.text.TextStyle.Bold = k != quiet
	switch {
	case k == quiet:
		b.height = 34
	case big:
		b.height, b.text.TextSize = 60, textSizes[sizeTitle]
	}
	if big && k == first {
		b.text.TextSize = textSizes[sizeHead]
	}
	b.paint()
	b.ExtendBaseWidget(b)
	return b
}

// newChoice is a button with its label at the left and a remark at the right.
func newChoice(label, remark string, tint color.Color, g *gate, tapped func()) *button {
	b := newButton(label, second, false, g, tapped)
	b.text.Alignment = fyne.TextAlignLeading
	b.aside = canvas.NewText(remark, tint)
	b.aside.TextSize = textSizes[sizeText]
	return b
}

// urge makes it the one obvious thing, or not.
func (b *button) urge(on bool) {
	k := second
	if on {
		k = first
	}
	if b.kind != k {
		b.kind = k
		b.paint()
		b.ground.Refresh()
		b.text.Refresh()
	}
}

// rename changes the label.
func (b *button) rename(label string) {
	if b.label == label {
		return
	}
	b.label, b.text.Text = label, label
	b.Refresh()
}

func (b *button) CreateRenderer() fyne.WidgetRenderer {
	if b.aside == nil {
		return widget.NewSimpleRenderer(container.NewStack(b.ground, b.text))
	}
	return widget.NewSimpleRenderer(container.NewStack(b.ground,
		padded(0, 16, container.NewBorder(nil, nil, nil, b.aside, b.text))))
}

func (b *button) MinSize() fyne.Size {
	pad := float32(36)
	if b.kind == quiet {
		pad = 20
	}
	return fyne.NewSize(b.text.MinSize().Width+pad, b.height)
}

// paint chooses the colours; the caller refreshes.
func (b *button) paint() {
	fill, word, edge := color.Color(raised), color.Color(snow), color.Color(line)
	switch {
	case b.kind == first && b.over:
		fill, word, edge = mintLit, ink, mintLit
	case b.kind == first:
		fill, word, edge = mint, ink, mint
	case b.over:
		fill = lifted
	case b.kind == quiet:
		fill, word, edge = color.Transparent, mist, color.Transparent
	}
	if b.on {
		edge = snow
	}
	b.ground.FillColor, b.ground.StrokeColor, b.text.Color = fill, edge, word
}

func (b *button) become(over, on bool) {
	if b.over == over && b.on == on {
		return
	}
	b.over, b.on = over, on
	b.paint()
	b.ground.Refresh()
	b.text.Refresh()
}

// Tapped is a click.
func (b *button) Tapped(*fyne.PointEvent) { b.press() }

func (b *button) press() {
	// The focus that a click leaves behind would let a key that was meant for
	// another window press the button again.
	if app := fyne.CurrentApp(); app != nil {
		if c := app.Driver().CanvasForObject(b); c != nil {
			c.Unfocus()
		}
	}
	if b.gate.open() {
		b.tapped()
	}
}

func (b *button) MouseIn(e *desktop.MouseEvent) {
	b.gate.moved(e.AbsolutePosition)
	b.become(true, b.on)
}
func (b *button) MouseMoved(e *desktop.MouseEvent) { b.gate.moved(e.AbsolutePosition) }
func (b *button) MouseOut() {
	b.become(false, b.on)
	if b.left != nil {
		b.left()
	}
}
func (b *button) MouseDown(*desktop.MouseEvent) {
	if b.pressed != nil {
		b.pressed()
	}
}
func (b *button) MouseUp(*desktop.MouseEvent) {}
func (b *button) Cursor() desktop.Cursor      { return desktop.PointerCursor }
func (b *button) FocusGained()                { b.become(b.over, true) }
func (b *button) FocusLost()                  { b.become(b.over, false) }
func (b *button) TypedRune(rune)              {}

// TypedKey presses the button that somebody chose with the tabulator.
func (b *button) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		if b.gate.openToKeys() {
			b.MouseDown(nil)
			b.press()
		}
	}
}
