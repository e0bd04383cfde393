package headless

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"tocsin/agent/inbox"
	"tocsin/agent/link"
)

// paper writes for people: in colour or plain, in one zone, at one moment.
type paper struct {
	colour bool
	zone   *time.Location
	now    time.Time
}

const (
	red    = "1;37;41"
	yellow = "1;33"
	bold   = "1"
	dim    = "2"
)

func (p paper) in(style, text string) string {
	if !p.colour {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// clean makes text from outside safe for a terminal: no control characters (an
// escape sequence could rewrite what stands there), nothing that turns the
// direction of writing, one line, at most limit runes.
func clean(text string, limit int) string {
	var out strings.Builder
	n := 0
	for _, r := range text {
		if n == limit {
			out.WriteString("…")
			break
		}
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			r = '·'
		}
		out.WriteRune(r)
		n++
	}
	return strings.TrimSpace(out.String())
}

const (
	shortText = 120
	longText  = 1000
	mostFacts = 12
)

// alarm is a page in full.
func (p paper) alarm(s inbox.State, page inbox.Page) string {
	var b strings.Builder
	style := red
	if page.Severity == "warning" || page.Severity == "info" {
		style = yellow
	}
	if page.Cover != nil {
		return p.cover(page)
	}
	head := spaced(title(page), fmt.Sprintf("#%d", page.Number), severity(page.Severity), clean(page.Priority, 20), clean(page.Service, shortText))
	fmt.Fprintf(&b, "\n%s\n  %s\n", p.in(style, " "+head+" "), p.in(bold, clean(page.Summary, longText)))
	fmt.Fprintf(&b, "  Since %s (%s)", p.stamp(page.TriggeredAt), p.ago(page.TriggeredAt))
	if page.Source != "" {
		fmt.Fprintf(&b, ", from %s", clean(page.Source, shortText))
	}
	if page.Alerts > 1 {
		fmt.Fprintf(&b, ", %d alerts", page.Alerts)
	}
	b.WriteString("\n")
	if next := p.next(s, page); next != "" {
		fmt.Fprintf(&b, "  %s\n", next)
	}
	if silent := p.silent(s, page.Key); silent != "" {
		fmt.Fprintf(&b, "  %s\n", silent)
	}
	if len(page.AlsoPaged) > 0 {
		fmt.Fprintf(&b, "  Also paged: %s\n", clean(strings.Join(page.AlsoPaged, ", "), longText))
	}
	p.facts(&b, page)
	if page.Open() {
		fmt.Fprintf(&b, "  %s\n", p.in(dim, fmt.Sprintf("a %d acknowledge · r %d resolve · p %d pass on", page.Number, page.Number, page.Number)))
	}
	return b.String()
}

// severity is a severity for the eye; there may be none.
func severity(s string) string { return strings.ToUpper(clean(s, 20)) }

// spaced puts parts of a line apart and leaves out the empty ones.
func spaced(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "  ")
}

// cover is a request to take somebody's shifts over.
func (p paper) cover(page inbox.Page) string {
	text := fmt.Sprintf("\n%s\n  %s\n", p.in(red, fmt.Sprintf(" COVER REQUEST  #%d ", page.Number)),
		p.in(bold, clean(inbox.CoverText(*page.Cover, p.now, p.zone), longText)))
	if page.Open() {
		text += "  " + p.in(dim, fmt.Sprintf("a %d take over · p %d I can't", page.Number, page.Number)) + "\n"
	}
	return text
}

func title(page inbox.Page) string {
	switch {
	case page.Test:
		return "TEST ALARM"
	case page.Loud():
		return "ALARM"
	}
	return "NOTICE"
}

func (p paper) facts(b *strings.Builder, page inbox.Page) {
	if page.Runbook != "" {
		fmt.Fprintf(b, "  Runbook: %s\n", clean(page.Runbook, longText))
	}
	for i, d := range page.Details {
		if i == mostFacts {
			fmt.Fprintf(b, "  … and %d more\n", len(page.Details)-i)
			break
		}
		fmt.Fprintf(b, "  %s: %s\n", clean(d.Name, shortText), clean(d.Value, longText))
	}
	for _, l := range page.Links[:min(len(page.Links), mostFacts)] {
		fmt.Fprintf(b, "  %s: %s\n", clean(l.Text, shortText), clean(l.Href, longText))
	}
}

// line is a page in one line, with what should be known of where it stands.
func (p paper) line(s inbox.State, h inbox.Held) string {
	page := h.Page
	if page.Cover != nil {
		return p.coverLine(s, h)
	}
	text := spaced(fmt.Sprintf("#%d", page.Number), severity(page.Severity),
		fmt.Sprintf("%s: %s (%s)", clean(page.Service, shortText), clean(page.Summary, shortText), p.ago(page.TriggeredAt)))
	standing := p.silent(s, page.Key)
	switch s.Standing(h) {
	case inbox.Rings, inbox.Escalated:
		standing = p.next(s, page)
	case inbox.Joined, inbox.Unproven: // silent has said it
	case inbox.Low:
		standing = "Low urgency."
	case inbox.Unconfirmed:
		standing = clean(s.WaitingText(h, p.now, p.zone), longText)
	case inbox.PassedOn:
		standing = "Passed on; nobody else has it yet."
	default:
		standing = clean(cmp.Or(h.Note, inbox.Ended(page)), longText)
	}
	if standing != "" {
		text += "  " + standing
	}
	return text
}

func (p paper) coverLine(s inbox.State, h inbox.Held) string {
	text := fmt.Sprintf("#%d  COVER REQUEST  %s", h.Page.Number, clean(inbox.CoverText(*h.Page.Cover, p.now, p.zone), longText))
	switch standing := s.Standing(h); standing {
	case inbox.Unconfirmed:
		text += "  The hub does not know your answer yet."
	case inbox.PassedOn:
		text += "  You declined; nobody else has it yet."
	case inbox.Settled, inbox.Over:
		text += "  " + clean(cmp.Or(h.Note, inbox.Ended(h.Page)), longText)
	}
	return text
}

// silent says why an open alarm makes no sound, if it makes none.
func (p paper) silent(s inbox.State, k inbox.Key) string {
	h, ok := s.Held(k)
	if !ok {
		return ""
	}
	switch s.Standing(h) {
	case inbox.Joined:
		if due := s.TurnDue(); !due.IsZero() {
			return "Silent so far: it is one of many. It rings at " + p.stamp(due) + "."
		}
		return "Silent while others ring; then it rings in its turn."
	case inbox.Unproven:
		return "Open when the hub was last heard of."
	}
	return ""
}

// next says who is paged if nobody acknowledges. While the hub is not heard
// nobody knows whether it pages: then it says what was to happen.
func (p paper) next(s inbox.State, page inbox.Page) string {
	if page.NextAt.IsZero() {
		return ""
	}
	if why := s.Link.Unheard(); why != "" {
		was := "You were to be paged again"
		if page.NextWho != "" {
			was = clean(page.NextWho, shortText) + " was to be paged"
		}
		return fmt.Sprintf("%s at %s; %s.", was, p.stamp(page.NextAt), why)
	}
	who := "you, again,"
	if page.NextWho != "" {
		who = clean(page.NextWho, shortText)
	}
	if !page.NextAt.After(p.now) {
		return fmt.Sprintf("Next: %s since %s", who, p.stamp(page.NextAt))
	}
	return fmt.Sprintf("Next: %s at %s (in %s)", who, p.stamp(page.NextAt), span(page.NextAt.Sub(p.now)))
}

// stamp is a time of day with its zone, and the date where it is not today's.
func (p paper) stamp(at time.Time) string {
	if at.IsZero() {
		return "an unknown time"
	}
	at = at.In(p.zone)
	if now := p.now.In(p.zone); at.YearDay() != now.YearDay() || at.Year() != now.Year() {
		return at.Format("Mon 2 Jan 15:04 MST")
	}
	return at.Format("15:04 MST")
}

func (p paper) ago(at time.Time) string {
	if at.IsZero() || p.now.Sub(at) < time.Second {
		return "now"
	}
	return span(p.now.Sub(at)) + " ago"
}

// span is a length of time as people say it.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// preview says who is paged instead.
func (p paper) preview(v link.Preview, until time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Off duty until %s:\n", p.stamp(until))
	if len(v.Covers) == 0 {
		b.WriteString("  nobody else is paged for you in that time.\n")
	}
	for _, c := range v.Covers {
		who := "nobody but the catch-all"
		if len(c.Instead) > 0 {
			who = strings.Join(c.Instead, ", ")
		}
		fmt.Fprintf(&b, "  %s: %s instead, %s to %s\n", clean(c.Service, shortText), clean(who, longText), p.stamp(c.Start), p.stamp(c.End))
	}
	for _, w := range v.Warnings {
		fmt.Fprintf(&b, "  %s\n", p.in(yellow, clean(w, longText)))
	}
	if v.OnCallNow {
		fmt.Fprintf(&b, "  You are on call now.")
		if who := peopleOf(v.Colleagues); who != "" {
			fmt.Fprintf(&b, " You can ask for cover (off … cover NAME): %s.", who)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// shift says when the user is on call.
func (p paper) shift(s inbox.State) string {
	if !p.now.Before(s.Roster.Until) {
		return ""
	}
	if shift, ok := s.OnCall(p.now); ok {
		if !shift.End.Before(s.Roster.Until) {
			return fmt.Sprintf("On call (%s) for the next 14 days.", clean(shift.Schedule, shortText))
		}
		return fmt.Sprintf("On call (%s) until %s.", clean(shift.Schedule, shortText), p.stamp(shift.End))
	}
	if shift, ok := s.NextShift(p.now); ok {
		return fmt.Sprintf("Next on call (%s) from %s.", clean(shift.Schedule, shortText), p.stamp(shift.Start))
	}
	return "Not on call in the next 14 days."
}

func (p paper) duty(s inbox.State) string {
	switch {
	case !s.OffDuty(p.now) && s.Duty.WaitingFor != "":
		return fmt.Sprintf("%s is asked to take over (until %s); you are on duty until they accept.",
			clean(s.Duty.WaitingFor, shortText), p.stamp(s.Duty.WaitingUntil))
	case !s.OffDuty(p.now):
		return "On duty."
	case s.Duty.Until.IsZero():
		return "Off duty."
	}
	return fmt.Sprintf("Off duty until %s.", p.stamp(s.Duty.Until))
}
