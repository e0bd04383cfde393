package ui

import (
	"fmt"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// questionRows is how many incidents a question lists: its answers must stay in
// view. The status window has them all.
const questionRows = 4

// question is what is asked about some incidents at once, with its answers.
type question struct {
	sent  func(Intent)
	now   func() time.Time
	gate  *gate
	whole *fyne.Container

	title, text *para
	rows        *fyne.Container
	answers     *fyne.Container
	buttons     []*button
	asked       questioning
	about       []Held
}

// questioning is the content of a question.
type questioning struct {
	title, text string
	// answers, the likeliest first.
	answers []answer
	// each: what can be said of one incident alone, where there are several.
	each func(Held) answer
	line func(Held) string
}

type answer struct {
	label  string
	intent Intent
	// span, if it is set, makes the intent's end from the click on.
	span time.Duration
}

func newQuestion(g *gate, now func() time.Time, send func(Intent)) *question {
	q := &question{sent: send, now: now, gate: g, title: newPara(sizeHero, colorSnow, true), text: newPara(sizeText, colorMist, false), rows: column(8)}
	q.answers = container.New(answerRow{})
	q.whole = column(14, q.title, q.rows, q.text, q.answers)
	q.whole.Hide()
	return q
}

// ask shows it, or with nothing to ask about hides it.
func (q *question) ask(x questioning, about []Held) {
	show(q.whole, len(about) > 0)
	if len(about) == 0 {
		return
	}
	q.title.set(x.title)
	q.text.set(x.text)
	if !reflect.DeepEqual(about, q.about) { // a finger may be on a row's button
		q.rows.RemoveAll()
		for i, h := range about {
			if i == questionRows {
				q.rows.Add(text(sizeText, colorMist, fmt.Sprintf("and %d more", len(about)-questionRows)))
				break
			}
			q.rows.Add(q.row(x, h, len(about) > 1))
		}
	}
	q.asked, q.about = x, about
	for i, a := range x.answers {
		if i == len(q.buttons) {
			k := second
			if i == 0 {
				k = first
			}
			q.buttons = append(q.buttons, newButton("", k, false, q.gate, func() { q.answer(q.asked.answers[i]) }))
			q.answers.Add(q.buttons[i])
		}
		q.buttons[i].rename(a.label)
	}
	for i, b := range q.buttons {
		show(b, i < len(x.answers))
	}
	q.answers.Refresh()
}

func (q *question) answer(a answer) {
	if a.span > 0 {
		a.intent.Until = q.now().Add(a.span)
	}
	q.sent(a.intent)
}

func (q *question) row(x questioning, h Held, several bool) fyne.CanvasObject {
	name, line := newPara(sizeTitle, colorSnow, true), newPara(sizeText, colorMist, false)
	name.set(HeldLine(h))
	line.set(x.line(h))
	if !several || x.each == nil {
		return column(2, name, line)
	}
	a := x.each(h)
	b := newButton(a.label, second, false, q.gate, func() { q.answer(a) })
	return container.NewBorder(nil, nil, nil, middle(b), padded(0, 0, column(2, name, line)))
}

func refs(all []Held) []Ref {
	var out []Ref
	for _, h := range all {
		out = append(out, h.Ref())
	}
	return out
}

func until(i Intent, at time.Time) Intent {
	i.Until = at
	return i
}

// stillOn asks before the lease ends.
func stillOn(held []Held, now time.Time) questioning {
	morning := Morning(now.Local())
	can := until(On(Snooze, refs(held)...), morning)
	resolved := func(h Held) answer { return answer{label: "Resolved", intent: On(Resolve, h.Ref())} }
	q := questioning{
		title: "Still on it?",
		answers: []answer{
			{label: "Still on it", intent: On(Acknowledge, refs(held)...)},
			{label: "Can wait until " + clock(morning, now), intent: can},
		},
		line: func(h Held) string {
			return fmt.Sprintf("Without an answer you are paged again at %s.", clock(h.QuietUntil, now))
		},
		each: resolved,
	}
	if len(held) == 1 {
		q.answers = append(q.answers, resolved(held[0]))
	}
	if len(held) > 1 {
		q.title = fmt.Sprintf("Still on these %d?", len(held))
		q.answers[0].label = fmt.Sprintf("Still on all %d", len(held))
	}
	return q
}

// shiftOver asks at the end of a shift who goes on.
func shiftOver(held []Held, now time.Time) questioning {
	later := keepUntil(now.Local())
	q := questioning{
		title: "Your shift is over",
		answers: []answer{
			{label: "Hand over now", intent: On(HandOver, refs(held)...)},
			{label: "Keep for 1 h", intent: On(Keep, refs(held)...), span: time.Hour},
			{label: "Keep until " + clock(later, now), intent: until(On(Keep, refs(held)...), later)},
		},
		line: func(h Held) string { return "" },
	}
	if len(held) == 0 {
		return q
	}
	who := successors(held[0])
	is := "is"
	if len(held[0].Successors) > 1 {
		is = "are"
	}
	q.text = fmt.Sprintf("%s %s on call now. Without an answer it is handed over at %s.", capital(who), is, clock(held[0].HandOverAt, now))
	return q
}

// keepUntil is the next time of day at which people tend to change.
func keepUntil(now time.Time) time.Time {
	y, m, d := now.Date()
	for _, hour := range []int{8, 12, 18, 22, 24 + 8} {
		if at := time.Date(y, m, d, hour, 0, 0, 0, now.Location()); at.Sub(now) > 90*time.Minute {
			return at
		}
	}
	return now.Add(4 * time.Hour)
}
