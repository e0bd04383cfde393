package incident

import (
	"cmp"
	"strings"
	"time"
)

// Suppression is a rule of a service: a trigger that it matches is kept, and nobody
// is told of it.
type Suppression struct {
	Note string  // why, for people
	When []Match // all of them hold
}

// Match compares a fact of an event with a pattern, in which * stands for any text.
// Capitals count.
type Match struct {
	Field   string // as in Grouping
	Pattern string
}

// urgency gives the urgency of a trigger. A test page is never suppressed.
func (s Service) urgency(e Event, t Times) Urgency {
	if _, hit := s.suppression(e); hit {
		return Suppressed
	}
	return s.Urgency.Of(e.Severity, t)
}

func (s Service) suppression(e Event) (Suppression, bool) {
	for _, rule := range s.Suppress {
		if !e.Test && rule.matches(e) {
			return rule, true
		}
	}
	return Suppression{}, false
}

func (s Suppression) matches(e Event) bool {
	for _, m := range s.When {
		if !like(e.field(m.Field), m.Pattern) {
			return false
		}
	}
	return len(s.When) > 0
}

// like reports whether a text is a pattern's. It takes the earliest place for each
// piece between two stars, which is right as only the last piece is tied to the end.
func like(text, pattern string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return text == pattern
	}
	text, ok := strings.CutPrefix(text, first)
	for ok && star {
		var piece string
		if piece, rest, star = strings.Cut(rest, "*"); !star {
			return strings.HasSuffix(text, piece)
		}
		_, text, ok = strings.Cut(text, piece)
	}
	return ok
}

// quietly is an opening with what keeps it from paging at once: a rule of the
// service that its trigger goes to, or a hold.
func quietly(i Incident, e Event, s Service, wait time.Duration, now time.Time) (Incident, []Entry) {
	if rule, hit := s.suppression(e); hit {
		return i, []Entry{{At: now, Kind: KindHeld, Reason: ReasonSuppressed, Text: cmp.Or(rule.Note, rule.words())}}
	}
	return hold(i, wait, now)
}

// words says what a rule looks for.
func (s Suppression) words() string {
	var parts []string
	for _, m := range s.When {
		parts = append(parts, m.Field+" is "+m.Pattern)
	}
	return strings.Join(parts, " and ")
}
