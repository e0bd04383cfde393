package ui

import (
	"time"

	"tocsin/agent/ui/plain"
)

// coverAsks is a cover request in one sentence.
func coverAsks(p Page) string {
	what := "their shifts"
	if len(p.Cover.Schedules) > 0 {
		what = names(p.Cover.Schedules)
	}
	return plain.Line(p.Cover.From, nameLength) + " asks you to take over " + what
}

// coverSentence says for when, too.
func coverSentence(p Page, now time.Time) string {
	if p.Cover.Start.After(now) {
		return coverAsks(p) + ", " + span(p.Cover.Start, p.Cover.End, now)
	}
	return coverAsks(p) + " until " + clock(p.Cover.End, now)
}

// coverMeans says what taking over does.
func coverMeans(p Page, now time.Time) string {
	from := "from now on"
	if p.Cover.Start.After(now) {
		from = "from then on"
	}
	return "If you take over, you are paged instead of " + plain.Line(p.Cover.From, nameLength) + " " + from + "."
}

func coverNote(p Page) string {
	switch p.State {
	case AckUnconfirmed:
		return "You take over. The hub does not know yet."
	case PassOnUnconfirmed:
		return "Declined here. The hub does not know yet."
	case PassedOn:
		return "You declined, but nobody else has been reached yet."
	case Escalated:
		return "Others have been asked by now. You can still take over."
	}
	return ""
}
