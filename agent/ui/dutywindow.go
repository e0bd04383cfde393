package ui

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"

	"tocsin/agent/ui/plain"
)

const (
	dutyWidth  = 560
	dutyHeight = 620
	coverCount = 30
)

// DutyWindow says who is paged instead before somebody goes off duty.
type DutyWindow struct {
	sent func(Intent)
	now  func() time.Time
	win  fyne.Window

	title, until, wait *para
	trouble            *box
	covers, warnings   *fyne.Container
	leave, stay        *button
	scroll             *container.Scroll

	preview DutyPreview
	visible bool
}

// NewDutyWindow makes the window without showing it; on Fyne's goroutine.
func NewDutyWindow(app fyne.App, send func(Intent)) *DutyWindow {
	dress(app)
	w := &DutyWindow{sent: send, now: time.Now, win: app.NewWindow("Tocsin: off duty")}
	g := &gate{now: func() time.Time { return w.now() }}
	w.title = newPara(sizeHead, colorSnow, true)
	w.until = newPara(sizeText, colorMist, false)
	w.wait = newPara(sizeText, colorMist, false)
	w.trouble = newBox()
	w.covers, w.warnings = column(12), column(8)
	w.leave = newButton("Go off duty", first, false, g, func() {
		w.hide()
		send(Intent{Kind: GoOffDuty, Until: w.preview.Until})
	})
	w.stay = newButton("Stay", second, false, g, w.hide)
	w.scroll = container.NewVScroll(column(14, w.wait, w.covers, w.warnings, w.trouble.whole))
	if d, ok := w.win.(desktop.Window); ok {
		d.RequestAlwaysOnTop() // the alarm is, and must not hide what was asked for after it
	}
	w.win.SetPadded(false)
	w.win.SetCloseIntercept(w.hide)
	w.win.SetContent(padded(22, 24, container.New(stacked{gap: 14},
		column(6, w.title, w.until), w.scroll, container.New(actionRow{above: 4}, w.leave, w.stay))))
	w.win.Resize(fyne.NewSize(dutyWidth, 300))
	w.win.CenterOnScreen()
	return w
}

// Show brings the window up with a preview. Call it first with Loading, then
// with the hub's answer: if the person has closed the window in between (or
// asked for another length), the answer is dropped.
func (w *DutyWindow) Show(p DutyPreview) {
	fyne.Do(func() {
		waited := w.visible && w.preview.Loading && w.preview.Until.Equal(p.Until)
		if !p.Loading && !waited {
			return
		}
		w.preview = p
		w.draw(w.now())
		w.visible = true
		w.win.Show()
	})
}

func (w *DutyWindow) draw(now time.Time) {
	p := w.preview
	w.title.set("Off duty until " + clock(p.Until, now) + "?")
	w.until.set("")
	if n := p.OpenPages; n > 0 {
		w.until.set(plural(n, "Your open page is", "Your %d open pages are") + " passed on.")
	}
	w.wait.set("")
	if p.Loading {
		w.wait.set("Asking the hub who is paged instead …")
	}
	w.trouble.say("", false)
	if p.Err != "" {
		w.trouble.say("It is not known who is paged instead. "+plain.Line(p.Err, noteLength), true)
	}
	w.covers.RemoveAll()
	if !p.Loading && p.Err == "" && len(p.Covers) == 0 {
		w.covers.Add(text(sizeText, colorSnow, "You are not on call in that time: nobody else is paged more."))
	}
	if len(p.Covers) > 0 {
		w.covers.Add(text(sizeText, colorSnow, "Paged instead of you:"))
	}
	for i, c := range p.Covers {
		if i == coverCount {
			w.covers.Add(text(sizeText, colorMist, fmt.Sprintf("and %d more", len(p.Covers)-coverCount)))
			break
		}
		w.covers.Add(coverRow(c, now))
	}
	w.warnings.RemoveAll()
	for _, s := range p.Warnings {
		w.warnings.Add(text(sizeText, colorAmber, plain.Line(s, noteLength)))
	}
	w.fit()
}

// coverRow says for one service who is paged instead, and when.
func coverRow(c Cover, now time.Time) fyne.CanvasObject {
	instead, tint := "Nobody, only the catch-all", colorAmber
	if len(c.Instead) > 0 {
		instead, tint = names(c.Instead), colorSnow
	}
	head := text(sizeText, colorMist, plain.Line(c.Service, serviceLength)+"  ·  "+span(c.Start, c.End, now))
	who := newPara(sizeTitle, tint, true)
	who.set(instead)
	return column(2, head, who)
}

func (w *DutyWindow) fit() {
	inner := float32(dutyWidth - 48)
	list := w.scroll.Content
	list.Resize(fyne.NewSize(inner, list.MinSize().Height))
	height := w.win.Content().MinSize().Height - w.scroll.MinSize().Height + list.MinSize().Height
	resize(w.win, fyne.NewSize(dutyWidth, min(height, dutyHeight)))
}

func (w *DutyWindow) hide() {
	w.visible = false
	w.win.Hide()
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
