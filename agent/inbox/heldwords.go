package inbox

import (
	"fmt"
	"strings"
	"time"
)

// namesAtMost is how many incidents a sentence names; the others are counted.
const namesAtMost = 5

func (h Holding) name() string { return fmt.Sprintf("#%d %s", h.Number, h.Service) }

// names tells incidents in a few words.
func names(of []Holding) string {
	var out []string
	for _, h := range of[:min(len(of), namesAtMost)] {
		out = append(out, h.name())
	}
	text := strings.Join(out, ", ")
	if more := len(of) - namesAtMost; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// QuestionText asks a question of incidents, in one or two sentences. Times are
// told in the zone of loc.
func QuestionText(q Question, of []Holding, now time.Time, loc *time.Location) string {
	if len(of) == 0 {
		return ""
	}
	if q == ShiftOver {
		return "Your shift is over. " + handOverText(of, now, loc)
	}
	text := "Still on it? " + names(of) + "."
	if len(of) == 1 {
		text = fmt.Sprintf("Still on it? %s: %s.", of[0].name(), strings.TrimSuffix(of[0].Summary, "."))
	}
	if first := earliest(of, func(h Holding) time.Time { return h.QuietUntil }); !first.IsZero() {
		text += " Paging begins again at " + Clock(first, now, loc) + "."
	}
	return text
}

func handOverText(of []Holding, now time.Time, loc *time.Location) string {
	is, it := "is", "it"
	if len(of) > 1 {
		is, it = "are", "them"
	}
	first := earliest(of, func(h Holding) time.Time { return h.HandOverAt })
	return fmt.Sprintf("%s %s handed over%s at %s, unless you keep %s.", names(of), is, toSuccessors(of), Clock(first, now, loc), it)
}

// toSuccessors names those who would be paged, each once.
func toSuccessors(of []Holding) string {
	var out []string
	seen := map[string]bool{}
	for _, h := range of {
		for _, who := range h.Successors {
			if !seen[who] {
				seen[who] = true
				out = append(out, who)
			}
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " to " + strings.Join(out, ", ")
}

func earliest(of []Holding, when func(Holding) time.Time) (first time.Time) {
	for _, h := range of {
		if at := when(h); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// RemindText says that incidents are still open.
func RemindText(of []Holding) string {
	if len(of) == 1 {
		return fmt.Sprintf("You still have %s: %s.", of[0].name(), strings.TrimSuffix(of[0].Summary, "."))
	}
	return fmt.Sprintf("You still have %d open incidents: %s.", len(of), names(of))
}

// HeldText says where an incident that the user holds stands, in one sentence,
// or that the hub does not know yet what was done about it.
func (s State) HeldText(h Holding, now time.Time, loc *time.Location) string {
	if _, waiting := s.WaitingOn(h.Key.Incident); waiting {
		if h.QuietUntil.IsZero() {
			return "The hub does not know yet."
		}
		return "The hub does not know yet; by its word paging begins again at " + Clock(h.QuietUntil, now, loc) + "."
	}
	return h.Text(now, loc)
}

// Text says where the incident stands by the hub's word, in one sentence.
func (h Holding) Text(now time.Time, loc *time.Location) string {
	at := func(t time.Time) string { return Clock(t, now, loc) }
	switch {
	case !h.HandOverAt.IsZero() && ShiftOver.asked(h, now):
		return "Your shift is over; it is handed over" + toSuccessors([]Holding{h}) + " at " + at(h.HandOverAt) + ", unless you keep it."
	case h.Snoozed && !h.QuietUntil.IsZero():
		return "Snoozed until " + at(h.QuietUntil) + "."
	}
	text := "You have it"
	if !h.AcknowledgedAt.IsZero() {
		text += " since " + at(h.AcknowledgedAt)
	}
	if !h.QuietUntil.IsZero() {
		text += "; paging begins again at " + at(h.QuietUntil)
	}
	return text + "."
}
