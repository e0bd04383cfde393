package gateway

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin/hub/incident"
)

// The lengths that outside texts are cut to.
const (
	maxLine    = 200
	maxSummary = 120
	maxDetails = 20
	maxItems   = 12
	// shortItems is how many incidents of a bundle a text message names.
	shortItems = 4
)

// Title is the message on one line: service, severity, number, and what the
// service lets out.
func (m Message) Title() string {
	if m.Test {
		return "Test message from Tocsin"
	}
	if m.Cover != "" {
		return fmt.Sprintf("%s (request %d)", line(m.Cover, maxLine), m.Number)
	}
	if len(m.Bundle) > 0 {
		return fmt.Sprintf("%d incidents are open for you", len(m.Bundle))
	}
	if m.Notice != nil {
		return line(m.Notice.Title, maxLine)
	}
	title := fmt.Sprintf("%s: %s %d", m.subject(), m.what(), m.Number)
	if m.Priority != "" {
		title += " (" + m.Priority + ")"
	}
	if m.Summary != "" {
		title += ": " + line(m.Summary, maxSummary)
	}
	return title
}

func (m Message) subject() string {
	if m.Service == "" {
		return "Tocsin"
	}
	return line(m.Service, maxLine)
}

// what is "critical incident", or what is left of it.
func (m Message) what() string {
	if m.Severity == "" {
		return "incident"
	}
	return line(string(m.Severity), 20) + " incident"
}

// Lines say what it is about, one sentence or fact each, without the link.
func (m Message) Lines() []string {
	if m.Test {
		return []string{"This is a test: somebody tried whether messages reach you this way. There is nothing to do."}
	}
	if m.Answer != "" {
		return []string{m.Answer}
	}
	if m.Cover != "" {
		return []string{line(m.Cover, maxLine) + ".", "Whoever accepts is on call instead from then on. Whoever cannot declines, and somebody else is asked."}
	}
	if len(m.Bundle) > 0 {
		return m.items(maxItems)
	}
	if m.Notice != nil {
		return m.Notice.lines()
	}
	lines := []string{fmt.Sprintf("%s has %s %d since %s.", m.subject(), article(m.what()), m.Number, m.Since.Format("Mon 2 Jan 2006 15:04:05 MST"))}
	if m.Priority != "" {
		lines = append(lines, "Priority: "+m.Priority)
	}
	if m.Summary != "" {
		lines = append(lines, line(m.Summary, 1000))
	}
	if m.Source != "" {
		lines = append(lines, "Source: "+line(m.Source, maxLine))
	}
	for i, d := range m.Details {
		if i == maxDetails {
			lines = append(lines, fmt.Sprintf("… and %d more", len(m.Details)-i))
			break
		}
		lines = append(lines, line(d.Name, 50)+": "+line(d.Value, maxLine))
	}
	return lines
}

// items are the first incidents of a bundle, one a line, and how many more there
// are.
func (m Message) items(most int) []string {
	var lines []string
	for n, i := range m.Bundle {
		if n == most {
			return append(lines, fmt.Sprintf("… and %d more", len(m.Bundle)-n))
		}
		lines = append(lines, i.text())
	}
	return lines
}

// fit joins the lines that a gateway takes at once, and says how many more there
// are. size is by what it counts.
func fit(lines []string, most int, size func(string) int) string {
	text := ""
	for n, l := range lines {
		more := fmt.Sprintf("… and %d more lines", len(lines)-n)
		for room := maxNotice; size(text)+size(l)+1+size(more)+1 > most && n == 0 && room > 100; room /= 2 {
			l = line(l, room) // the first says what it is about
		}
		if size(text)+size(l)+1+size(more)+1 > most {
			return text + more
		}
		text += l + "\n"
	}
	return strings.TrimSuffix(text, "\n")
}

// maxNotice bounds a line of a notice.
const maxNotice = 2000

func (n Notice) lines() []string {
	var lines []string
	for l := range strings.Lines(n.Text) {
		if l = line(l, maxNotice); l != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

func (i Item) text() string {
	return Message{Service: i.Service, Severity: i.Severity, Number: i.Number, Summary: i.Summary}.Title()
}

func article(s string) string {
	if strings.ContainsRune("aeiou", rune(s[0])) {
		return "an " + s
	}
	return "a " + s
}

// Spoken is what a telephone says: short, and clear without seeing it.
func (m Message) Spoken() string {
	if m.Test {
		return "This is a test call from Tocsin. There is nothing to do."
	}
	if m.Cover != "" {
		return fmt.Sprintf("Tocsin calls %s. %s.", line(m.Name, maxLine), line(m.Cover, maxLine))
	}
	if n := len(m.Bundle); n > 0 {
		return fmt.Sprintf("Tocsin calls %s. %d incidents are open for you. The first: %s, %s, number %s.",
			line(m.Name, maxLine), n, Message{Service: m.Bundle[0].Service}.subject(), Message{Severity: m.Bundle[0].Severity}.what(), digits(m.Bundle[0].Number))
	}
	if m.Notice != nil {
		return fmt.Sprintf("Tocsin calls %s. This is no alarm. %s. %s", line(m.Name, maxLine), m.Title(), strings.Join(m.Lines(), " "))
	}
	text := fmt.Sprintf("Tocsin calls %s. %s has %s, number %s.", line(m.Name, maxLine), m.subject(), article(m.what()), digits(m.Number))
	if m.Priority != "" {
		text = strings.TrimSuffix(text, ".") + ", priority " + m.Priority + "."
	}
	if m.Summary != "" {
		text += " " + line(m.Summary, maxSummary) + "."
	}
	return text
}

// Click is what a form's field "answer" says when a message's link is acknowledged:
// the button of its page, or that of a push.
const Click = "acknowledge"

// Verb is what the message's link does.
func (m Message) Verb() string {
	if m.Cover != "" {
		return "Take over"
	}
	if n := len(m.Bundle); n > 0 {
		return fmt.Sprintf("Acknowledge all %d", n)
	}
	return "Acknowledge"
}

// digits are read out one by one.
func digits(n uint64) string { return strings.Join(strings.Split(fmt.Sprint(n), ""), " ") }

// urgent reports whether the message is to wake somebody.
func (m Message) urgent() bool { return m.Urgency == incident.High }

// line makes one line of a text from outside, at most so many characters long.
// What cannot be seen becomes a space, so that no text breaks out of a header.
func line(s string, longest int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	return string([]rune(s)[:longest-1]) + "…"
}
