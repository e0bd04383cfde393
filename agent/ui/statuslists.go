package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"tocsin/agent/ui/plain"
)

// How many of the hub's notices the status window keeps in view.
const noticeCount = 5

// noticeRow is something the hub told.
func noticeRow(n Notice, now time.Time) fyne.CanvasObject {
	title, line := newPara(sizeText, colorSnow, true), newPara(sizeSmall, colorMist, false)
	title.set(plain.Line(n.Title, summaryLength))
	line.set(plain.Text(clock(n.At, now)+"  ·  "+n.Text, noticeLength, noticeLines))
	return column(2, title, line)
}

// teamRow says who is on call in one schedule, and offers to take it over.
type teamRow struct {
	fyne.CanvasObject
	title, line, asked *para
	take               *button
	question           *fyne.Container
	on                 OnCall
	live               bool // the hub says so now
	asking             bool
	fit                func()
}

func newTeamRow(g *gate, send func(Intent), fit func()) *teamRow {
	r := &teamRow{fit: fit, title: newPara(sizeText, colorSnow, true), line: newPara(sizeSmall, colorMist, false), asked: newPara(sizeText, colorSnow, true)}
	r.take = newButton("Take over …", quiet, false, g, func() { r.ask(true) })
	yes := newButton("Take this shift now", second, false, g, func() {
		r.ask(false)
		send(Intent{Kind: TakeShift, Schedule: r.on.ScheduleID})
	})
	no := newButton("No", second, false, g, func() { r.ask(false) })
	r.question = column(8, r.asked, container.New(actionRow{}, yes, no))
	r.question.Hide()
	r.CanvasObject = column(6, container.NewBorder(nil, nil, nil, middle(r.take), column(2, r.title, r.line)), r.question)
	return r
}

func (r *teamRow) ask(on bool) {
	r.asking = on
	r.show()
	r.fit()
}

func (r *teamRow) show() {
	can := r.live && !r.on.Mine
	r.asking = r.asking && can
	show(r.take, can && !r.asking)
	show(r.question, r.asking)
}

// update shows who it is. What was last heard of a hub that is gone says nothing
// of who can be reached now.
func (r *teamRow) update(o OnCall, live bool, now time.Time) {
	if !live {
		o.Reachable = ReachableUnknown
	}
	r.on, r.live = o, live
	r.title.paint(teamTitle(o), teamTint(o))
	r.line.set(teamLine(o, now))
	r.asked.set(takeQuestion(o, now))
	r.show()
}

func teamTitle(o OnCall) string {
	schedule := plain.Line(o.Schedule, serviceLength)
	switch {
	case o.Mine:
		return schedule + ": you"
	case o.Name == "":
		return schedule + ": nobody"
	}
	return schedule + ": " + plain.Line(o.Name, nameLength)
}

// teamTint shows from afar where nobody would come.
func teamTint(o OnCall) fyne.ThemeColorName {
	if o.Name == "" || o.Reachable == ReachableNo {
		return colorAmber
	}
	return colorSnow
}

func teamLine(o OnCall, now time.Time) string {
	line := ""
	if !o.Until.IsZero() {
		line = "until " + clock(o.Until, now)
	}
	if how := o.Reachable.String(); how != "" && o.Name != "" && !o.Mine {
		if line != "" {
			line += "  ·  "
		}
		line += how
	}
	return line
}

// takeQuestion says who is replaced and until when.
func takeQuestion(o OnCall, now time.Time) string {
	s := "You are on call in " + plain.Line(o.Schedule, serviceLength) + " from now on"
	if o.Name != "" {
		s += " instead of " + plain.Line(o.Name, nameLength)
	}
	if !o.Until.IsZero() {
		s += ", until " + clock(o.Until, now)
	}
	return s + "."
}
