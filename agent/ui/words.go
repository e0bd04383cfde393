package ui

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tocsin/agent/ui/plain"
)

// How much of a text from outside is shown, in characters.
const (
	serviceLength  = 60
	summaryLength  = 240
	nameLength     = 40
	noteLength     = 240
	noticeLength   = 600
	noticeLines    = 8
	sourceLength   = 60
	detailLength   = 400
	detailLines    = 12
	detailCount    = 30
	linkLength     = 40
	priorityLength = 12
	linkCount      = 4
	nameCount      = 4
)

// severityWord is the severity for the eye: colour alone says nothing to many.
// Empty: the page has none.
func severityWord(p Page) string {
	switch {
	case p.Cover != nil:
		return "COVER"
	case p.Test:
		return "TEST"
	}
	return strings.ToUpper(plain.Line(p.Severity, 16))
}

// clock is a time of day with its zone, and the date where it is another day.
func clock(at, now time.Time) string {
	at, now = at.Local(), now.Local()
	layout := "15:04"
	if at.Year() != now.Year() || at.YearDay() != now.YearDay() {
		layout = "Mon 2 Jan 15:04"
	}
	zone, _ := at.Zone()
	if strings.HasPrefix(zone, "+") || strings.HasPrefix(zone, "-") {
		zone = "UTC" + zone // a zone without a name of its own
	}
	return at.Format(layout) + " " + zone
}

// Clock is a time of day with its zone, and the date where it is another day.
func Clock(at, now time.Time) string { return clock(at, now) }

// long is a length of time in words.
func long(d time.Duration) string {
	m := int(d / time.Minute)
	switch {
	case m < 1:
		return "less than a minute"
	case m < 60:
		return fmt.Sprintf("%d min", m)
	case m < 24*60:
		return fmt.Sprintf("%d h %d min", m/60, m%60)
	case m < 48*60:
		return fmt.Sprintf("1 day %d h", m/60-24)
	}
	return fmt.Sprintf("%d days %d h", m/60/24, m/60%24)
}

// countdown is a remaining time, to the second.
func countdown(d time.Duration) string {
	s := int((d + time.Second - 1) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// sinceLine says when it began, how long ago, and who says so.
func sinceLine(p Page, now time.Time) string {
	var parts []string
	if !p.Since.IsZero() {
		parts = append(parts, "Since "+clock(p.Since, now), "for "+long(now.Sub(p.Since)))
	}
	if p.Alerts > 1 {
		parts = append(parts, fmt.Sprintf("%d alerts", p.Alerts))
	}
	if p.Source != "" {
		parts = append(parts, "from "+plain.Line(p.Source, sourceLength))
	}
	return strings.Join(parts, "  ·  ")
}

// nextLine says who is paged if nobody acknowledges, and in how long; soon
// when that is less than a minute away.
func nextLine(p Page, hub Hub, now time.Time) (line string, soon bool) {
	if p.NextWho == "" && p.NextAt.IsZero() {
		return "", false
	}
	if hub.State != Connected {
		return wasToBe(p, hub, now), !p.NextAt.IsZero() && p.NextAt.Sub(now) < time.Minute
	}
	who, again := "You are", " again"
	if p.NextWho != "" {
		who, again = plain.Line(p.NextWho, nameLength)+" is", ""
	}
	left := p.NextAt.Sub(now)
	switch {
	case p.NextAt.IsZero():
		return who + " paged next", false
	case left <= 0:
		return who + " being paged" + again, true
	}
	return who + " paged" + again + " in " + countdown(left), left < time.Minute
}

// wasToBe is what nextLine says while the hub cannot be heard. It may page, it
// may be dead: what was to happen is all that is known.
func wasToBe(p Page, hub Hub, now time.Time) string {
	line := "You were to be paged again"
	if p.NextWho != "" {
		line = plain.Line(p.NextWho, nameLength) + " was to be paged"
	}
	if p.NextAt.IsZero() {
		line += " next"
	} else {
		line += " at " + clock(p.NextAt, now)
	}
	return line + "; " + hub.unheard()
}

// unheard says in a clause why the hub is not heard.
func (h Hub) unheard() string {
	switch {
	case h.State == NoNetwork:
		return "this machine has no network"
	case h.State == SignedOut:
		return "this device is signed out"
	case !h.BackAt.IsZero() && !h.Overdue:
		return "the hub is away"
	case h.State == Lost:
		return "the hub does not answer"
	}
	return "there is no connection to the hub"
}

// alsoLine names the others who are being paged.
func alsoLine(p Page) string {
	if len(p.AlsoPaged) == 0 {
		return ""
	}
	return "Also paged: " + names(p.AlsoPaged)
}

func names(all []string) string {
	var out []string
	for i, name := range all {
		if i == nameCount {
			return fmt.Sprintf("%s and %d more", strings.Join(out, ", "), len(all)-nameCount)
		}
		out = append(out, plain.Line(name, nameLength))
	}
	return strings.Join(out, ", ")
}

// noteLine says where the page stands, if that is not simply "ringing".
func noteLine(p Page, now time.Time) string {
	if p.Note != "" {
		return plain.Line(p.Note, noteLength)
	}
	if p.Cover != nil {
		return coverNote(p)
	}
	switch p.State {
	case AckUnconfirmed:
		return "Acknowledged here. " + hubUnaware(p, now)
	case ResolveUnconfirmed:
		return "Resolved here. " + hubUnaware(p, now)
	case PassOnUnconfirmed:
		return "Passed on here. The hub does not know yet."
	case PassedOn:
		return "You passed this on, but nobody else has been reached yet."
	case Escalated:
		return "Others have been paged by now. You can still acknowledge."
	}
	return ""
}

func hubUnaware(p Page, now time.Time) string {
	if p.NextAt.IsZero() {
		return "The hub does not know yet."
	}
	who, verb, past := "you", "are", "were to be"
	if p.NextWho != "" {
		who, verb, past = plain.Line(p.NextWho, nameLength), "is", "was to be"
	}
	if !now.Before(p.NextAt) {
		verb = past
	}
	return fmt.Sprintf("The hub does not know yet; %s %s paged at %s.", who, verb, clock(p.NextAt, now))
}

// HubLine is the state of the link in one line.
func HubLine(m Model, now time.Time) string {
	hub, The := "the hub", "The hub"
	if m.HubName != "" {
		hub = plain.Line(m.HubName, nameLength)
		The = hub
	}
	if back := m.Hub.BackAt; !back.IsZero() && (m.Hub.State == Lost || m.Hub.State == Connecting) {
		if !m.Hub.Overdue {
			return The + " is back at " + clock(back, now) + " (planned)"
		}
		return The + " was to be back at " + clock(back, now) + " and does not answer"
	}
	var line string
	switch m.Hub.State {
	case Connecting:
		line = "Connecting to " + hub
	case Connected:
		return "Connected to " + hub
	case Lost:
		line = The + " does not answer"
	case NoNetwork:
		line = "This machine has no network"
	case SignedOut:
		line = "Signed out of " + hub
	}
	if !m.Hub.Since.IsZero() && m.Hub.State == Lost {
		return The + " has not answered since " + clock(m.Hub.Since, now)
	}
	if !m.Hub.Since.IsZero() && m.Hub.State != Connecting {
		line += " since " + clock(m.Hub.Since, now)
	}
	return line
}

// DutyLine says whether the user is off duty, on call, or when next.
func DutyLine(m Model, now time.Time) string {
	switch {
	case m.Duty.Off && m.Duty.Until.IsZero():
		return "Off duty"
	case m.Duty.Off:
		return "Off duty until " + clock(m.Duty.Until, now)
	case m.Shift.OnCall && m.Shift.Until.IsZero():
		return "On call"
	case m.Shift.OnCall:
		return "On call until " + clock(m.Shift.Until, now)
	case !m.Shift.Next.IsZero():
		return "Next shift: " + clock(m.Shift.Next, now)
	case m.Hub.State != Connected:
		return "No shift known of"
	}
	return "No shift in the next 14 days"
}

// HoldingLine counts what the user holds; empty: nothing.
func HoldingLine(m Model) string {
	if len(m.Holding) == 0 {
		return ""
	}
	return "You hold " + plural(len(m.Holding), "1 incident", "%d incidents")
}

// WaitingLine says who was asked to take over, if anybody was.
func WaitingLine(m Model, now time.Time) string {
	if m.Duty.WaitingFor == "" {
		return ""
	}
	line := "Waiting for " + plain.Line(m.Duty.WaitingFor, nameLength) + " to take over"
	if !m.Duty.WaitingUntil.IsZero() {
		line += ", until " + clock(m.Duty.WaitingUntil, now)
	}
	return line
}

// capital begins a sentence.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// PageLine names a page in one line, for menus and lists.
func PageLine(p Page) string {
	line := fmt.Sprintf("#%d %s", p.Number, plain.Line(p.Service, 24))
	if s := plain.Line(p.Summary, 40); s != "" {
		line += ": " + s
	}
	if p.Test {
		line = "Test " + line
	}
	if p.Cover != nil {
		line = plain.Line(p.Cover.From, nameLength) + " asks you to take over"
	}
	return line
}

// heading counts what needs the person.
func heading(pages []Page) string {
	incidents, requests := 0, 0
	for _, p := range pages {
		switch {
		case !p.Wanting():
		case p.Cover != nil:
			requests++
		default:
			incidents++
		}
	}
	switch {
	case incidents+requests == 0:
		return "Waiting for the hub"
	case incidents == 1 && len(pages) == 1:
		return "A page for you"
	case requests == 1 && len(pages) == 1:
		return "A request for you"
	case requests == 0:
		return plural(incidents, "1 incident is open for you", "%d incidents are open for you")
	case incidents == 0:
		return plural(requests, "1 request for you", "%d requests for you")
	}
	return plural(incidents, "1 incident", "%d incidents") + " and " + plural(requests, "1 request", "%d requests") + " are open for you"
}

// Heading is what the alarm window says on top, in one line.
func Heading(m Model) string { return heading(m.Pages) }

// unconfirmed says that what was done here has not reached the hub.
func (p Page) unconfirmed() bool {
	return p.State == AckUnconfirmed || p.State == ResolveUnconfirmed || p.State == PassOnUnconfirmed
}

// Wanting says that the page still asks for an acknowledgement.
func (p Page) Wanting() bool {
	return p.State != AckUnconfirmed && p.State != ResolveUnconfirmed
}

// titleOver stands above several cards; a single one speaks for itself.
func titleOver(pages []Page) string {
	if len(pages) < 2 {
		return ""
	}
	return heading(pages)
}

// hubWarning says what it means for the open pages that the hub is away. Why it
// is away stands in the status window.
func hubWarning(m Model, now time.Time) string {
	switch m.Hub.State {
	case Connecting:
		return ""
	case SignedOut:
		return HubLine(m, now) + ". " + plain.Line(m.Hub.Sentence, noteLength)
	}
	return HubLine(m, now) + ". What you do here is kept and told later."
}

func noticeLine(m Model) string { return plain.Line(m.Notice, noteLength) }

// span is a stretch of time; the zone and the date stand once where they can.
func span(from, to, now time.Time) string {
	a, b := clock(from, now), clock(to, now)
	fa, fb := strings.Fields(a), strings.Fields(b)
	if fa[len(fa)-1] == fb[len(fb)-1] {
		a = strings.Join(fa[:len(fa)-1], " ")
	}
	return a + " to " + b
}
