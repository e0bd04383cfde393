package ui

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"tocsin/agent/ui/plain"
)

// card is one page in the alarm window: who and what on top, the buttons
// always in view, what can be read at leisure below them.
type card struct {
	fyne.CanvasObject
	big bool

	stripe                           *canvas.Rectangle
	chip                             *chip
	lead                             *fyne.Container // the chip and the room after it
	number, service, summary, since  *para
	next, also                       *para
	note                             *box
	ack, resolve, pass, more         *button
	actions, question, links, detail *fyne.Container
	asked                            *para

	page   Page
	hub    Hub
	drawn  bool
	open   bool // the details are unfolded
	asking bool // "I can't" waits for a second click
	host   cardHost
}

// cardHost is what a card needs of its window.
type cardHost interface {
	send(Intent)
	browse(*url.URL)
	// resized: the card takes more or less room than before.
	resized()
}

// newCard makes the card of one page; big when it is alone in the window.
func newCard(big bool, g *gate, host cardHost) *card {
	c := &card{big: big, host: host, stripe: canvas.NewRectangle(mist), chip: newChip()}
	c.stripe.SetMinSize(fyne.NewSize(7, 0))
	c.stripe.TopLeftCornerRadius, c.stripe.BottomLeftCornerRadius = 10, 10
	summary, next, gap, edge := sizeTitle, sizeText, float32(6), float32(16)
	if big {
		summary, next, gap, edge = sizeHero, sizeTitle, 12, 26
	}
	c.number = newPara(sizeText, colorMist, false)
	c.service = newPara(sizeTitle, colorSnow, true)
	c.summary = newPara(summary, colorSnow, true)
	c.since = newPara(sizeText, colorMist, false)
	c.next = newPara(next, colorSnow, true)
	c.also = newPara(sizeText, colorMist, false)
	c.note = newBox()
	c.number.Wrapping = fyne.TextWrapOff
	c.service.Truncation, c.service.Wrapping = fyne.TextTruncateEllipsis, fyne.TextWrapOff
	c.makeButtons(big, g)
	c.links, c.detail = container.NewHBox(), column(6)

	right, foot := container.NewHBox(middle(c.number)), c.links
	if !big { // several must fit: the links go where there is room
		right, foot = container.NewHBox(c.links, middle(c.number)), container.NewHBox()
		foot.Hide()
	}
	c.lead = container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), c.chip.box)
	head := container.NewBorder(nil, nil, c.lead, right, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), middle(c.service)))
	body := column(gap, head, c.summary, c.since, c.next, c.also, c.note.whole, c.actions, c.question, foot, c.detail)
	ground := canvas.NewRectangle(slate)
	ground.CornerRadius = 10
	c.CanvasObject = container.NewStack(ground, container.NewBorder(nil, nil, c.stripe, nil, padded(edge-4, edge, body)))
	return c
}

func (c *card) makeButtons(big bool, g *gate) {
	intent := func(k IntentKind) func() { return func() { c.host.send(On(k, c.page.Ref())) } }
	c.ack = newButton("Acknowledge", first, big, g, intent(Acknowledge))
	c.resolve = newButton("Resolve", second, big, g, intent(Resolve))
	c.pass = newButton("I can't", second, big, g, c.cannot)
	c.actions = container.New(actionRow{above: 8}, c.ack, c.resolve, c.pass)

	c.asked = newPara(sizeText, colorSnow, true)
	yes := newButton("Pass it on", second, big, g, func() {
		c.ask(false)
		c.host.send(On(PassOn, c.page.Ref()))
	})
	no := newButton("Keep it", second, big, g, func() { c.ask(false) })
	c.question = column(10, c.asked, container.New(actionRow{above: 4}, no, yes))
	c.question.Hide()

	c.more = newButton("Details  ▾", quiet, big, g, func() {
		c.open = !c.open
		c.draw(c.page)
		c.host.resized()
	})
}

// cannot passes a page on, once that is confirmed; a request is just declined.
func (c *card) cannot() {
	if c.page.Cover != nil {
		c.host.send(On(PassOn, c.page.Ref()))
		return
	}
	c.ask(true)
}

// ask turns between the buttons and the question.
func (c *card) ask(on bool) {
	c.asking = on
	c.draw(c.page)
	c.host.resized()
}

// update shows a page as it stands at now, by the word of a hub that is heard
// or not.
func (c *card) update(p Page, hub Hub, now time.Time) {
	fresh := !c.drawn || !reflect.DeepEqual(p, c.page) || hub.State != c.hub.State
	c.page, c.hub = p, hub
	if fresh {
		c.draw(p)
	}
	c.tick(now)
}

// draw shows what does not change with time alone.
func (c *card) draw(p Page) {
	c.drawn = true
	c.stripe.FillColor = severityColor(p)
	c.stripe.Refresh()
	c.chip.set(severityWord(p), severityColor(p))
	show(c.lead, c.chip.box.Visible())
	c.number.set(fmt.Sprintf("#%d", p.Number))
	c.drawWhat(p)
	if c.big {
		c.also.set(alsoLine(p))
	}

	show(c.ack, p.Wanting())
	show(c.resolve, p.State != ResolveUnconfirmed && p.Cover == nil)
	show(c.pass, p.State == Ringing || p.State == Quiet || p.State == Escalated)
	c.asking = c.asking && c.pass.Visible()
	c.asked.set(passQuestion(p, c.hub))
	show(c.actions, !c.asking && p.State != ResolveUnconfirmed)
	show(c.question, c.asking)
	c.actions.Refresh()
	c.drawLinks(p)
	c.drawDetails(p)
}

// drawWhat says what it is about.
func (c *card) drawWhat(p Page) {
	if p.Cover != nil {
		c.service.set("Cover request")
		c.ack.rename("Take over")
		return
	}
	service := plain.Line(p.Service, serviceLength)
	if p.Priority != "" {
		service = plain.Line(p.Priority, priorityLength) + "  ·  " + service
	}
	c.service.set(service)
	summary := plain.Line(p.Summary, summaryLength)
	if summary == "" {
		summary = "(no summary)"
	}
	c.summary.set(summary)
}

// tick shows what time alone changes.
func (c *card) tick(now time.Time) {
	if c.page.Cover != nil {
		c.summary.set(coverSentence(c.page, now))
		c.since.set(coverMeans(c.page, now))
	} else {
		c.since.set(sinceLine(c.page, now))
	}
	c.note.say(noteLine(c.page, now), c.page.unconfirmed())
	next, soon := nextLine(c.page, c.hub, now)
	if !c.page.Wanting() || c.page.State == PassOnUnconfirmed || c.page.Cover != nil {
		next = "" // the note has it
	}
	tint := colorSnow
	if soon {
		tint = colorAmber
	}
	if also := alsoLine(c.page); !c.big && also != "" && next != "" {
		next += "  ·  " + strings.ToLower(also[:1]) + also[1:]
	}
	c.next.paint(next, tint)
}

func (c *card) drawLinks(p Page) {
	c.links.RemoveAll()
	label := "Details  ▾"
	if c.open {
		label = "Details  ▴"
	}
	c.more.rename(label)
	if len(p.Details) > 0 {
		c.links.Add(c.more)
	}
	offer := func(href, text string) {
		if u := webAddress(href); u != nil {
			c.links.Add(newButton(text+"  ›", quiet, false, c.more.gate, func() { c.host.browse(u) }))
		}
	}
	offer(p.RunbookURL, "Runbook")
	for i, l := range p.Links {
		if i == linkCount {
			break
		}
		text := plain.Line(l.Text, linkLength)
		if text == "" {
			text = plain.Line(l.Href, linkLength)
		}
		offer(l.Href, text)
	}
	show(c.links, len(c.links.Objects) > 0)
}

func (c *card) drawDetails(p Page) {
	c.detail.RemoveAll()
	show(c.detail, c.open && len(p.Details) > 0)
	if !c.open {
		return
	}
	for i, d := range p.Details {
		if i == detailCount {
			rest := newPara(sizeSmall, colorMist, false)
			rest.set(fmt.Sprintf("and %d more", len(p.Details)-detailCount))
			c.detail.Add(rest)
			break
		}
		name := newPara(sizeSmall, colorMist, false)
		name.set(plain.Line(d.Name, nameLength))
		value := newPara(sizeSmall, colorSnow, false)
		value.set(plain.Text(d.Value, detailLength, detailLines))
		c.detail.Add(container.New(detailRow{}, name, value))
	}
}

// passQuestion says what "I can't" does.
func passQuestion(p Page, hub Hub) string {
	who := "the next one"
	if p.NextWho != "" {
		who = plain.Line(p.NextWho, nameLength)
	}
	if hub.State != Connected {
		return fmt.Sprintf("Pass #%d on? %s is paged once the hub hears of it, and you no longer.", p.Number, capital(who))
	}
	return fmt.Sprintf("Pass #%d on? Then %s is paged now, and you no longer.", p.Number, who)
}

// webAddress is an address that a browser may be sent to; nil for any other:
// the text comes from outside, and files and programs have addresses too.
func webAddress(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil
	}
	return u
}

// openURL sends a browser somewhere.
func openURL(app fyne.App) func(*url.URL) { return func(u *url.URL) { app.OpenURL(u) } }

// middle centres an object from top to bottom.
func middle(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewVBoxLayout(), layout.NewSpacer(), o, layout.NewSpacer())
}
