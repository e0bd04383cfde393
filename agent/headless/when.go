package headless

import (
	"fmt"
	"strings"
	"time"
)

// when is a moment to come as a person says it: a length from now, a time of
// day, or tomorrow. Comparable, so that orders are.
type when struct {
	length       time.Duration
	clock        bool // the next hour:minute
	hour, minute int
	tomorrow     bool // the next day's start
}

// startOfDay is when "tomorrow" begins.
const startOfDay = 8

// longestAbsence is how far ahead the roster looks; nothing is put off longer.
const longestAbsence = 14 * 24 * time.Hour

const whenForms = "30m, 2h, until 08:00 or tomorrow"

// parseWhen understands the words of a moment; "until" and "for" may lead it.
func parseWhen(words []string) (when, error) {
	if len(words) > 1 && (words[0] == "until" || words[0] == "for") {
		words = words[1:]
	}
	if len(words) != 1 {
		return when{}, fmt.Errorf("say until when: %s", whenForms)
	}
	word := words[0]
	if word == "tomorrow" {
		return when{tomorrow: true}, nil
	}
	if strings.Contains(word, ":") {
		t, err := time.Parse("15:04", word)
		if err != nil {
			return when{}, fmt.Errorf("%q is no time of day like 08:00", clean(word, 40))
		}
		return when{clock: true, hour: t.Hour(), minute: t.Minute()}, nil
	}
	length, err := time.ParseDuration(word)
	if err != nil || length < time.Minute || length > longestAbsence {
		return when{}, fmt.Errorf("%q is no length of time from 1m to %dh, and no time of day like 08:00", clean(word, 40), int(longestAbsence.Hours()))
	}
	return when{length: length}, nil
}

// after answers the moment, as seen from now, in now's zone: tomorrow is the
// next calendar day, and a time of day the next one that comes.
func (w when) after(now time.Time) time.Time {
	y, m, d := now.Date()
	switch {
	case w.tomorrow:
		return time.Date(y, m, d+1, startOfDay, 0, 0, 0, now.Location())
	case w.clock:
		at := time.Date(y, m, d, w.hour, w.minute, 0, 0, now.Location())
		if !at.After(now) {
			at = time.Date(y, m, d+1, w.hour, w.minute, 0, 0, now.Location())
		}
		return at
	}
	return now.Add(w.length)
}
