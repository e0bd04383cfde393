package headless

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/settings"
)

// linesAtMost is how many lines a list that nobody asked for has.
const linesAtMost = 10

// held is an incident that the user holds, in one line.
func (p paper) held(h inbox.Holding, stands string) string {
	return spaced(fmt.Sprintf("#%d", h.Number), severity(h.Severity), fmt.Sprintf("%s: %s (%s)", clean(h.Service, shortText),
		clean(h.Summary, shortText), p.ago(h.AcknowledgedAt)), clean(stands, longText))
}

// heldNote is what became of the last command, and where it stands now.
func (p paper) heldNote(s inbox.State, h inbox.Holding) string {
	stands := s.HeldText(h, p.now, p.zone)
	if _, waiting := s.WaitingOn(h.Key.Incident); waiting || h.Note == "" {
		return stands
	}
	return h.Note + " " + stands
}

// ask poses a question, with the answers that can be typed.
func (p paper) ask(e inbox.Ask) string {
	which := " all"
	if len(e.Of) == 1 {
		which = fmt.Sprintf(" %d", e.Of[0].Number)
	}
	answers := fmt.Sprintf("renew%s · snooze%s until 08:00 · resolve%s", which, which, which)
	if e.Question == inbox.ShiftOver {
		answers = fmt.Sprintf("handover%s · keep%s until 20:00 · resolve%s", which, which, which)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n", p.in(yellow, " "+clean(inbox.QuestionText(e.Question, e.Of, p.now, p.zone), longText)+" "))
	if len(e.Of) > 1 {
		for _, h := range e.Of[:min(len(e.Of), linesAtMost)] {
			fmt.Fprintf(&b, "  #%d  %s: %s\n", h.Number, clean(h.Service, shortText), clean(h.Summary, shortText))
		}
		if more := len(e.Of) - linesAtMost; more > 0 {
			fmt.Fprintf(&b, "  … and %d more; l lists them\n", more)
		}
	}
	fmt.Fprintf(&b, "  %s\n", p.in(dim, answers))
	return b.String()
}

func (p paper) notice(n inbox.Notice) string {
	text := fmt.Sprintf("%s  %s", p.stamp(n.At), p.in(bold, clean(n.Title, shortText)))
	if n.Text != "" {
		text += "  " + clean(n.Text, longText)
	}
	return text
}

// notices is the answer to "notices".
func (p paper) notices(s inbox.State) string {
	recent := s.Recent()
	if len(recent) == 0 {
		return "There are no notices.\n"
	}
	var b strings.Builder
	for _, n := range recent {
		fmt.Fprintf(&b, "%s\n", p.notice(n))
	}
	return b.String()
}

// who is the answer to "who".
func (p paper) who(s inbox.State) string {
	now := s.OnCallNow(p.now)
	if len(now) == 0 {
		return "The hub has not said who is on call in your teams.\n"
	}
	var b strings.Builder
	for _, o := range now {
		until := ""
		if !o.Until.IsZero() {
			until = " until " + p.stamp(o.Until)
		}
		fmt.Fprintf(&b, "%s: %s%s%s\n", clean(o.Schedule, shortText), clean(cmp.Or(o.User, "nobody"), shortText), reach(o.Reachable), until)
	}
	if s.Link.Status != inbox.LinkUp {
		b.WriteString("That is what the hub said last; there is no connection.\n")
	}
	return b.String()
}

// CallSheet is a call sheet for a terminal, with its age.
func CallSheet(c settings.CallSheet, now time.Time, zone *time.Location) string {
	if c.Text == "" {
		return "There is no call sheet yet: the hub sends one when the agent is connected.\n"
	}
	p := paper{zone: zone, now: now}
	age := "When it was made is not known."
	if !c.MadeAt.IsZero() {
		age = fmt.Sprintf("Made %s (%s).", p.stamp(c.MadeAt), p.ago(c.MadeAt))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Call sheet. %s\n\n", age)
	for line := range strings.Lines(c.Text) {
		b.WriteString(cleanLine(line) + "\n")
	}
	return b.String()
}

// cleanLine is clean that leaves the columns of a table where they are.
func cleanLine(line string) string {
	line = strings.TrimRight(strings.ReplaceAll(line, "\t", "        "), " \r\n")
	indent := len(line) - len(strings.TrimLeft(line, " "))
	return line[:indent] + clean(line[indent:], longText)
}
