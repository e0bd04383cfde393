package callsheet

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxText bounds a sheet as text, in bytes.
const MaxText = 64 << 10

// Text is a sheet as plain text, without the time at which it was made, so that it
// changes only when it says something else. It is cut to MaxText.
func (s Sheet) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "WHO IS ON CALL: %s, %d days\n", oneLine(s.Name), s.Days)
	for _, one := range s.Schedules {
		fmt.Fprintf(&b, "\n%s (times in %s)\n", oneLine(one.Name), one.Zone)
		for _, f := range one.Shifts {
			fmt.Fprintf(&b, "  %s  %s\n", span(f), f.who())
		}
	}
	if len(s.Services) > 0 {
		b.WriteString("\nWHOM TO CALL, IN THIS ORDER\n")
	}
	for _, one := range s.Services {
		fmt.Fprintf(&b, "\n%s\n", oneLine(one.Name))
		for n, l := range one.Levels {
			fmt.Fprintf(&b, "  %d. %s%s\n", n+1, l.who(), l.then(n+1 == len(one.Levels)))
		}
	}
	if len(s.CatchAll) > 0 {
		fmt.Fprintf(&b, "\nIF NOBODY ELSE CAN BE REACHED\n")
		for _, p := range s.CatchAll {
			fmt.Fprintf(&b, "  %s\n", p.who())
		}
	}
	return cut(b.String())
}

// cut shortens a text to MaxText at the end of a line, and says so.
func cut(text string) string {
	const more = "\n… too long to be kept here; the whole sheet is made by: hub callsheet\n"
	if len(text) <= MaxText {
		return text
	}
	text = text[:MaxText-len(more)]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	if end := strings.LastIndexByte(text, '\n'); end > 0 {
		text = text[:end]
	}
	return text + more
}

// oneLine keeps a name from looking like more than one.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// who is a person with everything that helps to reach them.
func (p Person) who() string {
	parts := append([]string{oneLine(p.Name)}, p.Numbers...)
	if len(p.Numbers) == 0 {
		parts = append(parts, "no number")
		if p.Mail != "" {
			parts = append(parts, p.Mail)
		}
	}
	if off := p.Off(); off != "" {
		parts = append(parts, "("+off+")")
	}
	return strings.Join(parts, "  ")
}

// Off says until when a person is off duty; nothing of one who is not.
func (p Person) Off() string {
	if p.Away.IsZero() {
		return ""
	}
	return "off duty until " + p.Away.Format("Mon 2 Jan 15:04 MST")
}

func (f Shift) who() string {
	if f.Nobody {
		return "nobody"
	}
	return f.Person.who()
}

func (l Level) who() string {
	var parts []string
	for _, t := range l.Targets {
		if t.Schedule != "" {
			parts = append(parts, "who is on call in "+oneLine(t.Schedule))
			continue
		}
		for _, p := range t.People {
			parts = append(parts, p.who())
		}
	}
	if len(parts) == 0 {
		return "nobody"
	}
	return strings.Join(parts, "; ")
}

func (l Level) then(last bool) string {
	if last {
		return ""
	}
	return ", then after " + short(l.Wait)
}

// short is a wait as people say it: "5 min", "1 h", "1 h 30 min".
func short(d time.Duration) string {
	var parts []string
	if h := d / time.Hour; h > 0 {
		parts = append(parts, fmt.Sprintf("%d h", h))
	}
	if m := d % time.Hour / time.Minute; m > 0 {
		parts = append(parts, fmt.Sprintf("%d min", m))
	}
	if s := d % time.Minute / time.Second; s > 0 {
		parts = append(parts, fmt.Sprintf("%d s", s))
	}
	return strings.Join(parts, " ")
}

// span is a shift's stretch, with the zone's short name where it differs.
func span(f Shift) string {
	const layout = "Mon 2 Jan 15:04"
	from := f.Start.Format(layout)
	if f.End.IsZero() {
		return from + " on"
	}
	name, _ := f.Start.Zone()
	if other, _ := f.End.Zone(); other != name { // the clocks change meanwhile
		return from + " " + name + " – " + f.End.Format(layout+" MST")
	}
	return from + " – " + f.End.Format(layout)
}
