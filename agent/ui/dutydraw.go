package ui

import (
	"fmt"
	"image/color"
	"time"

	"fyne.io/fyne/v2"

	"tocsin/agent/ui/plain"
)

func (w *DutyWindow) draw(now time.Time) {
	p := w.preview
	done := p.Done && p.Err == ""
	w.title.set("Off duty until " + clock(p.Until, now) + "?")
	w.until.set("")
	if n := p.OpenPages; n > 0 && !done {
		w.until.set(plural(n, "Your open page is", "Your %d open pages are") + " passed on.")
	}
	w.wait.set("")
	w.trouble.say("", false)
	for _, part := range []*fyne.Container{w.people, w.covers, w.warnings} {
		part.RemoveAll()
	}
	switch {
	case p.Done:
		w.drawDone(now)
	case w.asking != "":
		w.wait.set("Asking " + w.asking + " …")
	case p.Loading:
		w.wait.set("Asking the hub who is paged instead …")
	case p.Err != "":
		w.trouble.say("It is not known who is paged instead. "+plain.Line(p.Err, noteLength), true)
	default:
		w.drawPeople()
		w.drawCovers(now)
	}
	for _, part := range []*fyne.Container{w.people, w.covers, w.warnings} {
		show(part, len(part.Objects) > 0)
	}
	w.drawButtons()
	w.fit()
}

func (w *DutyWindow) drawButtons() {
	p, waiting := w.preview, w.latest().WaitingFor != ""
	asking := w.asking != "" && !p.Done
	choose := !p.Done && !asking
	w.leave.rename("Go off duty")
	if w.choosing() {
		w.leave.rename("Ask " + w.nameOfChosen())
	}
	w.cannot.rename("I can't")
	if who := nameOf(p.Next); who != "" {
		w.cannot.rename("I can't: ask " + who + " now")
	}
	w.stay.rename("Stay")
	if p.Done || asking {
		w.stay.rename("Close")
	}
	w.back.rename("Ask somebody else")
	if waiting {
		w.back.rename("Withdraw the request")
	}
	alone := p.OnCallNow && len(p.Colleagues) == 0 // nobody can be asked first
	show(w.times, choose)
	show(w.leave, choose && !alone)
	show(w.cannot, choose && p.OnCallNow && !p.Loading && p.Err == "")
	show(w.back, p.Done && (waiting || !w.latest().Off))
	w.row.Refresh()
}

// drawDone says what became of it.
func (w *DutyWindow) drawDone(now time.Time) {
	if w.preview.Err != "" {
		w.title.set("You are still on duty")
		w.trouble.say("Your duty was not changed. "+plain.Line(w.preview.Err, noteLength), true)
		return
	}
	duty := w.latest()
	w.waited = w.waited || duty.WaitingFor != ""
	said := w.preview.Said
	switch {
	case duty.Off:
		w.title.set(DutyLine(Model{Duty: duty, Hub: Hub{State: Connected}}, now))
		if w.waited {
			said = []string{w.asking + " has taken over."}
		}
	case duty.WaitingFor == "" && w.waited:
		w.title.set("You are still on duty")
		said = []string{w.asking + " has not taken over."}
	default:
		who := w.asking
		if duty.WaitingFor != "" {
			who = plain.Line(duty.WaitingFor, nameLength)
		}
		w.title.set("Waiting for " + who)
		if len(said) == 0 {
			said = []string{"You stay on duty and are paged until they take over." + orUntil(duty.WaitingUntil, now)}
		}
	}
	for _, s := range said {
		w.warnings.Add(text(sizeText, colorSnow, plain.Line(s, noteLength)))
	}
}

func orUntil(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return " The request ends at " + clock(at, now) + "."
}

// drawPeople offers whom to ask.
func (w *DutyWindow) drawPeople() {
	p := w.preview
	if !p.OnCallNow {
		return
	}
	if len(p.Colleagues) == 0 {
		w.people.Add(text(sizeText, colorSnow, "You are on call now, and there is no colleague to ask."))
		return
	}
	w.people.Add(text(sizeText, colorSnow, "You are on call now. Who should take over?"))
	w.people.Add(text(sizeText, colorMist, "You stay on duty until they accept; with \"I can't\" you leave at once."))
	for i, c := range p.Colleagues {
		if i == askCount {
			w.people.Add(text(sizeText, colorMist, fmt.Sprintf("and %d more", len(p.Colleagues)-askCount)))
			break
		}
		w.people.Add(w.personRow(c))
	}
}

// personRow is one colleague, with whether they can be reached.
func (w *DutyWindow) personRow(c Colleague) fyne.CanvasObject {
	mark := "○  "
	if c.ID == w.chosen {
		mark = "●  "
	}
	var tint color.Color = mist
	if c.Reachable == ReachableNo {
		tint = amber
	}
	return newChoice(mark+plain.Line(c.Name, nameLength), c.Reachable.String(), tint, w.gate, func() {
		w.chosen = c.ID
		w.draw(w.now())
	})
}

func (w *DutyWindow) drawCovers(now time.Time) {
	p := w.preview
	if len(p.Covers) == 0 && !p.OnCallNow {
		w.covers.Add(text(sizeText, colorSnow, "You are not on call in that time: nobody else is paged more."))
	}
	if len(p.Covers) > 0 {
		w.covers.Add(text(sizeText, colorSnow, "Paged instead of you, if nobody takes over:"))
	}
	if len(p.Covers) > 0 && !p.OnCallNow {
		w.covers.Objects[0] = text(sizeText, colorSnow, "Paged instead of you:")
	}
	for i, c := range p.Covers {
		if i == coverCount {
			w.covers.Add(text(sizeText, colorMist, fmt.Sprintf("and %d more", len(p.Covers)-coverCount)))
			break
		}
		w.covers.Add(coverRow(c, now))
	}
	for _, s := range p.Warnings {
		w.warnings.Add(text(sizeText, colorAmber, plain.Line(s, noteLength)))
	}
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
