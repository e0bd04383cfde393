package ui

import (
	"fmt"
	"time"

	"tocsin/agent/ui/plain"
)

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
	if len(held) == 0 {
		return questioning{}
	}
	morning := Morning(now.Local())
	resolved := func(h Held) answer { return answer{label: "Resolved", intent: On(Resolve, h.Ref())} }
	q := questioning{
		title: "Still on it?",
		answers: []answer{
			{label: "Still on it", intent: On(Acknowledge, refs(held)...)},
			{label: "Can wait until " + clock(morning, now), intent: until(On(Snooze, refs(held)...), morning)},
		},
	}
	for _, h := range held {
		q.about = append(q.about, subject{
			title: HeldLine(h), line: fmt.Sprintf("Without an answer you are paged again at %s.", clock(h.QuietUntil, now)),
			alone: resolved(h),
		})
	}
	if len(held) == 1 {
		q.about[0].alone = answer{}
		q.answers = append(q.answers, resolved(held[0]))
		return q
	}
	q.title = fmt.Sprintf("Still on these %d?", len(held))
	q.answers[0].label = fmt.Sprintf("Still on all %d", len(held))
	return q
}

// shiftOver asks at the end of a shift who goes on.
func shiftOver(held []Held, now time.Time) questioning {
	if len(held) == 0 {
		return questioning{}
	}
	later := keepUntil(now.Local())
	q := questioning{
		title: "Your shift is over",
		answers: []answer{
			{label: "Hand over now", intent: On(HandOver, refs(held)...)},
			{label: "Keep for 1 h", intent: On(Keep, refs(held)...), span: time.Hour},
			{label: "Keep until " + clock(later, now), intent: until(On(Keep, refs(held)...), later)},
		},
	}
	for _, h := range held {
		q.about = append(q.about, subject{title: HeldLine(h)})
	}
	is := "is"
	if len(held[0].Successors) > 1 {
		is = "are"
	}
	it := "it is"
	if len(held) > 1 {
		it = "they are"
	}
	q.text = fmt.Sprintf("%s %s on call now. Without an answer %s handed over at %s.",
		capital(successors(held[0])), is, it, clock(held[0].HandOverAt, now))
	return q
}

// request asks whether one takes over, where that can wait for an answer. The
// first of several is asked first.
func request(pages []Page, now time.Time) questioning {
	if len(pages) == 0 {
		return questioning{}
	}
	p := pages[0]
	text := coverMeans(p, now)
	if !p.NextAt.IsZero() {
		text += " The request ends at " + clock(p.NextAt, now) + "."
	}
	return questioning{
		title: plain.Line(p.Cover.From, nameLength) + " asks for cover",
		text:  text,
		about: []subject{{title: coverSentence(p, now)}},
		answers: []answer{
			{label: "Take over", intent: On(Acknowledge, p.Ref())},
			{label: "I can't", intent: On(PassOn, p.Ref())},
		},
	}
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
