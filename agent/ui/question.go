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
}

// questioning is the content of a question.
type questioning struct {
	title, text string
	about       []subject
	// answers, the likeliest first.
	answers []answer
}

// subject is one thing that is asked about.
type subject struct {
	title, line string
	alone       answer // what can be said of it alone, if it has a label
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
func (q *question) ask(x questioning) {
	show(q.whole, len(x.answers) > 0)
	if len(x.answers) == 0 {
		return
	}
	q.title.set(x.title)
	q.text.set(x.text)
	if !reflect.DeepEqual(x.about, q.asked.about) { // a finger may be on a row's button
		q.rows.RemoveAll()
		for i, about := range x.about {
			if i == questionRows {
				q.rows.Add(text(sizeText, colorMist, fmt.Sprintf("and %d more", len(x.about)-questionRows)))
				break
			}
			q.rows.Add(q.row(about))
		}
	}
	show(q.rows, len(x.about) > 0)
	q.asked = x
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

func (q *question) row(about subject) fyne.CanvasObject {
	name, line := newPara(sizeTitle, colorSnow, true), newPara(sizeText, colorMist, false)
	name.set(about.title)
	line.set(about.line)
	if about.alone.label == "" {
		return column(2, name, line)
	}
	b := newButton(about.alone.label, second, false, q.gate, func() { q.answer(about.alone) })
	return container.NewBorder(nil, nil, nil, middle(b), column(2, name, line))
}
