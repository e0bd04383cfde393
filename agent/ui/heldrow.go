package ui

import (
	"fmt"
	"net/url"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"tocsin/agent/ui/plain"
)

// heldRow is one incident that the user holds, with what can be done about it.
type heldRow struct {
	fyne.CanvasObject
	send func(Intent)

	stripe                          *canvas.Rectangle
	title, line                     *para
	still, resolve, morning, others *button
	runbook, buttons, more          *fyne.Container

	held  Held
	until time.Time // the morning that the button names
	open  bool      // other times are unfolded
	fit   func()
}

// otherTimes are how long an incident can be put off besides the morning.
var otherTimes = []struct {
	label string
	span  time.Duration
}{{"30 min", 30 * time.Minute}, {"1 h", time.Hour}, {"4 h", 4 * time.Hour}}

// newHeldRow makes a row; fit is called when it takes more or less room.
func newHeldRow(g *gate, send func(Intent), now func() time.Time, browse func(*url.URL), fit func()) *heldRow {
	r := &heldRow{send: send, fit: fit, stripe: canvas.NewRectangle(mist)}
	r.stripe.SetMinSize(fyne.NewSize(7, 0))
	r.stripe.TopLeftCornerRadius, r.stripe.BottomLeftCornerRadius = 8, 8
	r.title, r.line = newPara(sizeText, colorSnow, true), newPara(sizeSmall, colorMist, false)
	button := func(label string, k kind, tapped func()) *button { return newButton(label, k, false, g, tapped) }
	r.still = button("Still on it", second, func() { send(On(Acknowledge, r.held.Ref())) })
	r.resolve = button("Resolve", second, func() { send(On(Resolve, r.held.Ref())) })
	r.morning = button("Can wait", second, func() { r.snooze(r.until) })
	r.others = button("Other times  ▾", quiet, func() { r.unfold(!r.open) })
	r.more = spaced()
	for _, t := range otherTimes {
		r.more.Add(button("Can wait "+t.label, second, func() {
			r.unfold(false)
			r.snooze(now().Add(t.span))
		}))
	}
	r.more.Hide()
	r.runbook = container.NewHBox(button("Runbook  ›", quiet, func() {
		if u := webAddress(r.held.RunbookURL); u != nil {
			browse(u)
		}
	}))
	r.buttons = spaced(r.still, r.morning, r.resolve)
	links := container.NewBorder(nil, nil, nil, container.NewHBox(r.runbook, r.others), middle(r.line))
	ground := canvas.NewRectangle(slate)
	ground.CornerRadius = 8
	r.CanvasObject = container.NewStack(ground, container.NewBorder(nil, nil, r.stripe, nil,
		padded(10, 12, column(6, r.title, links, r.buttons, r.more))))
	return r
}

func (r *heldRow) snooze(until time.Time) {
	i := On(Snooze, r.held.Ref())
	i.Until = until
	r.send(i)
}

func (r *heldRow) unfold(open bool) {
	r.open = open
	label := "Other times  ▾"
	if open {
		label = "Other times  ▴"
	}
	r.others.rename(label)
	show(r.more, open)
	r.fit()
}

func (r *heldRow) update(h Held, now time.Time) {
	r.held = h
	r.stripe.FillColor = severityColor(Page{Severity: h.Severity})
	r.stripe.Refresh()
	r.title.set(HeldLine(h))
	line, loud := heldStanding(h, now)
	tint := colorMist
	if loud {
		tint = colorAmber
	}
	r.line.paint(line, tint)
	r.until = Morning(now.Local())
	r.morning.rename("Can wait until " + clock(r.until, now))
	r.still.urge(h.Asks)
	show(r.still, h.HandOverAt.IsZero() && h.Waiting != Acknowledge && !h.QuietUntil.IsZero() && !h.Snoozed)
	show(r.runbook, webAddress(h.RunbookURL) != nil)
	idle := h.Waiting != Resolve
	show(r.buttons, idle)
	show(r.others, idle)
	show(r.more, idle && r.open)
}

// HeldLine names an incident that is held in one line.
func HeldLine(h Held) string {
	return PageLine(Page{Number: h.Number, Service: h.Service, Summary: h.Summary})
}

// heldStanding says how long it stays quiet; loud when an answer is wanted.
func heldStanding(h Held, now time.Time) (line string, loud bool) {
	switch h.Waiting {
	case 0:
	case Resolve:
		return "Resolved here. The hub does not know yet.", true
	case Snooze:
		return "Put off here. The hub does not know yet.", true
	case HandOver:
		return "Handed over here. The hub does not know yet.", true
	default:
		return "Kept here. The hub does not know yet.", true
	}
	switch {
	case !h.HandOverAt.IsZero():
		return fmt.Sprintf("Your shift is over: it goes to %s at %s", successors(h), clock(h.HandOverAt, now)), true
	case h.QuietUntil.IsZero():
		return "Yours until it is resolved", false
	case h.Snoozed:
		return "Put off until " + clock(h.QuietUntil, now), false
	case h.Asks:
		return "Still on it? You are paged again at " + clock(h.QuietUntil, now), true
	}
	return "Yours until " + clock(h.QuietUntil, now) + ", then paged again", false
}

func successors(h Held) string {
	if len(h.Successors) == 0 {
		return "the next one on call"
	}
	return plain.Line(names(h.Successors), 3*nameLength)
}
