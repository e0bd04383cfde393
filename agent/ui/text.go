package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// para is a paragraph that wraps. It is hidden while it is empty.
type para struct {
	widget.RichText
	segment *widget.TextSegment
}

func newPara(size fyne.ThemeSizeName, c fyne.ThemeColorName, bold bool) *para {
	p := &para{segment: &widget.TextSegment{Style: widget.RichTextStyle{
		SizeName: size, ColorName: c, TextStyle: fyne.TextStyle{Bold: bold}, Inline: true,
	}}}
	p.Segments = []widget.RichTextSegment{p.segment}
	p.Wrapping, p.Scroll = fyne.TextWrapWord, container.ScrollNone
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

// set changes the text. Painting is dear: what is the same is left alone.
func (p *para) set(text string) { p.paint(text, p.segment.Style.ColorName) }

func (p *para) paint(text string, c fyne.ThemeColorName) {
	if text == p.segment.Text && c == p.segment.Style.ColorName {
		return
	}
	p.segment.Text, p.segment.Style.ColorName = text, c
	if text == "" {
		p.Hide()
		return
	}
	p.Show()
	p.Refresh()
}

// chip is a word on a coloured ground.
type chip struct {
	box    *fyne.Container // hidden while there is no word
	ground *canvas.Rectangle
	word   *canvas.Text
}

func newChip() *chip {
	c := &chip{ground: canvas.NewRectangle(mist), word: canvas.NewText("", ink)}
	c.ground.CornerRadius = 5
	c.word.TextStyle.Bold = true
	c.word.TextSize = textSizes[sizeSmall]
	c.box = container.NewCenter(container.NewStack(c.ground, container.New(layout.NewCustomPaddedLayout(3, 3, 9, 9), c.word)))
	return c
}

func (c *chip) set(word string, ground color.Color) {
	if c.word.Text == word && c.ground.FillColor == ground {
		return
	}
	c.word.Text, c.ground.FillColor = word, ground
	show(c.box, word != "")
	c.box.Refresh()
}

// box puts a paragraph on a ground with an edge, to be hidden with it.
type box struct {
	*para
	whole *fyne.Container
	edge  *canvas.Rectangle
}

func newBox() *box {
	b := &box{para: newPara(sizeText, colorAmber, true), edge: canvas.NewRectangle(night)}
	b.edge.CornerRadius, b.edge.StrokeWidth, b.edge.StrokeColor = 8, 1.5, amber
	b.whole = container.NewStack(b.edge, padded(10, 14, b.para))
	b.whole.Hide()
	return b
}

// say shows a text, or nothing; loud is for what the person should not miss.
func (b *box) say(text string, loud bool) {
	edge, word := line, colorSnow
	if loud {
		edge, word = amber, colorAmber
	}
	if b.edge.StrokeColor != edge {
		b.edge.StrokeColor = edge
		b.edge.Refresh()
	}
	b.paint(text, word)
	show(b.whole, text != "")
}

func padded(y, x float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(y, y, x, x), o)
}

func column(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap), objects...)
}

// spaced is a row of things with room between them.
func spaced(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(rowGap), objects...)
}

// show is Show or Hide.
func show(o fyne.CanvasObject, on bool) {
	if on == o.Visible() {
		return
	}
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}
