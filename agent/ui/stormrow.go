package ui

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"tocsin/agent/ui/plain"
)

// chipWidth fits the usual severities.
const chipWidth = 92

// row is one page in a list of many. A click on it shows the page alone. Rows
// are few and are bound to whatever is in view, so a row is deaf for a moment
// after it has come to mean another page.
type row struct {
	widget.BaseWidget
	gate *gate
	host stormHost
	now  func() time.Time

	stripe, ground *canvas.Rectangle
	chip           *chip
	title, line    *para
	ack            *button
	whole          *fyne.Container

	page    Page
	since   time.Time // means this page from then on
	pressed Ref
}

var (
	_ fyne.Tappable      = (*row)(nil)
	_ desktop.Hoverable  = (*row)(nil)
	_ desktop.Cursorable = (*row)(nil)
)

func newRow(g *gate, host stormHost, now func() time.Time) *row {
	r := &row{gate: g, host: host, now: now, chip: newChip()}
	r.stripe, r.ground = canvas.NewRectangle(mist), canvas.NewRectangle(slate)
	r.stripe.SetMinSize(fyne.NewSize(7, 0))
	r.stripe.TopLeftCornerRadius, r.stripe.BottomLeftCornerRadius = 8, 8
	r.ground.CornerRadius = 8
	r.title, r.line = newPara(sizeText, colorSnow, true), newPara(sizeSmall, colorMist, false)
	for _, p := range []*para{r.title, r.line} {
		p.Wrapping, p.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
		p.Show() // its room stays
	}
	r.ack = newButton("Acknowledge", second, false, g, r.acknowledge)
	r.ack.pressed = func() { r.pressed = r.page.Ref() }
	r.whole = container.NewStack(r.ground, container.NewBorder(nil, nil, r.stripe, nil, padded(6, 12,
		container.NewBorder(nil, nil, container.New(atLeast{chipWidth}, r.chip.box), middle(r.ack), padded(0, 12, middle(column(2, r.title, r.line)))))))
	r.ExtendBaseWidget(r)
	return r
}

func (r *row) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.whole) }

// bind makes the row mean a page.
func (r *row) bind(p Page, hub Hub, now time.Time) {
	if p.Ref() != r.page.Ref() {
		r.since = now
	}
	r.page = p
	r.stripe.FillColor = severityColor(p)
	r.stripe.Refresh()
	r.chip.set(severityWord(p), severityColor(p))
	r.title.set(rowTitle(p))
	line, soon := rowLine(p, hub, now)
	tint := colorMist
	if soon {
		tint = colorAmber
	}
	r.line.paint(line, tint)
	if p.Cover != nil {
		r.ack.rename("Answer …")
	} else {
		r.ack.rename("Acknowledge")
	}
	show(r.ack, p.Wanting() && p.State != PassOnUnconfirmed)
}

func (r *row) counts() bool {
	return r.gate.open() && r.now().Sub(r.since) >= settling
}

func (r *row) acknowledge() {
	switch {
	case !r.counts() || r.pressed != r.page.Ref() && r.pressed != (Ref{}):
	case r.page.Cover != nil:
		r.host.look(r.page.Key)
	default:
		r.host.send(On(Acknowledge, r.page.Ref()))
	}
	r.pressed = Ref{}
}

// Tapped shows the page alone.
func (r *row) Tapped(*fyne.PointEvent) {
	if r.counts() {
		r.host.look(r.page.Key)
	}
}

func (r *row) MouseIn(e *desktop.MouseEvent) {
	r.gate.moved(e.AbsolutePosition)
	r.lift(true)
}
func (r *row) MouseMoved(e *desktop.MouseEvent) { r.gate.moved(e.AbsolutePosition) }
func (r *row) MouseOut()                        { r.lift(false) }
func (r *row) Cursor() desktop.Cursor           { return desktop.PointerCursor }

func (r *row) lift(up bool) {
	r.ground.FillColor = slate
	if up {
		r.ground.FillColor = raised
	}
	r.ground.Refresh()
}

func rowTitle(p Page) string {
	if p.Cover != nil {
		return coverAsks(p)
	}
	title := plain.Line(p.Service, serviceLength)
	if s := plain.Line(p.Summary, summaryLength); s != "" {
		title += ": " + s
	}
	return title
}

// rowLine is what a card says in three lines.
func rowLine(p Page, hub Hub, now time.Time) (line string, soon bool) {
	parts := []string{fmt.Sprintf("#%d", p.Number)}
	if p.Priority != "" {
		parts = append(parts, plain.Line(p.Priority, priorityLength))
	}
	if !p.Since.IsZero() {
		parts = append(parts, "since "+clock(p.Since, now))
	}
	if note := noteLine(p, now); note != "" {
		return strings.Join(append(parts, note), "  ·  "), p.unconfirmed()
	}
	next, soon := nextLine(p, hub, now)
	if next != "" {
		parts = append(parts, next)
	}
	return strings.Join(parts, "  ·  "), soon
}
