package headless

import (
	"fmt"
	"strings"

	"tocsin/agent/inbox"
)

// news is what there is to say about a step from one state to the next, and
// the pages that it shows.
type news struct {
	text  strings.Builder
	shown []inbox.Key
}

func (n *news) line(text string) {
	if text != "" {
		n.text.WriteString(strings.TrimSuffix(text, "\n") + "\n")
	}
}

// tell writes down what changed since the paper before. Pure, so that what is
// said can be tested without a terminal.
func (p paper) tell(last paper, before, after inbox.State, effects []inbox.Effect) *news {
	n := &news{}
	p.tellLink(n, before, after)
	fresh, told, raised := map[inbox.Key]bool{}, map[inbox.Key]bool{}, false
	for _, e := range effects {
		switch e := e.(type) {
		case inbox.Announce:
			fresh[e.Page.Key] = true
			n.line(p.alarm(e.Page))
			n.shown = append(n.shown, e.Page.Key)
		case inbox.Tell:
			told[e.Key] = true
			n.line(p.about(after, e.Key) + clean(e.Text, longText))
		case inbox.Raise:
			raised = true
		}
	}
	if raised {
		p.tellRaised(n, before, after, fresh)
	}
	if before.Link.Status == "" {
		p.tellKept(n, after, fresh)
	}
	p.tellPages(n, before, after, told)
	if d := p.duty(after); d != last.duty(before) {
		n.line(d)
	}
	if s := p.shift(after); s != last.shift(before) {
		n.line(s)
	}
	return n
}

// about begins a sentence on a page.
func (p paper) about(s inbox.State, k inbox.Key) string {
	if h, ok := s.Held(k); ok {
		return fmt.Sprintf("#%d: ", h.Page.Number)
	}
	return ""
}

func (p paper) tellLink(n *news, before, after inbox.State) {
	was, is := before.Link, after.Link
	if was.Status == is.Status && was.Why == is.Why {
		return
	}
	switch is.Status {
	case inbox.LinkUp:
		n.line(fmt.Sprintf("Connected to %s as %s.", clean(after.HubName, shortText), clean(after.UserName, shortText)))
	case inbox.LinkDown:
		n.line(clean(is.Why, longText))
		if is.NoNetwork {
			n.line("This machine has no network.")
		}
	case inbox.LinkOver:
		n.line(clean(is.Why, longText))
	}
}

// tellRaised repeats what rings, once a minute; after a restart it is what the
// journal held.
func (p paper) tellRaised(n *news, before, after inbox.State, fresh map[inbox.Key]bool) {
	if after.LostAlarm && before.LostAlarm {
		n.line(p.in(red, inbox.LostText(after.Link)))
	}
	for _, h := range after.Listed(inbox.Rings, inbox.Escalated) {
		if fresh[h.Page.Key] {
			continue
		}
		old, known := before.Held(h.Page.Key)
		switch {
		case !known:
			n.line(p.alarm(h.Page))
		case ringsAgain(before.Standing(old), after.Standing(h)):
			continue // tellPages says so
		default:
			n.line(p.in(red, " STILL RINGING ") + " " + p.line(after, h))
		}
		n.shown = append(n.shown, h.Page.Key)
	}
}

func ringsAgain(was, is inbox.Standing) bool {
	return is == inbox.Rings && was != inbox.Rings && was != inbox.Escalated
}

// tellKept lists, at the start, what the journal holds beside what rings.
// Notices that nobody has answered are told in full.
func (p paper) tellKept(n *news, s inbox.State, fresh map[inbox.Key]bool) {
	for _, h := range s.Listed(inbox.Low, inbox.Unconfirmed, inbox.Settled, inbox.PassedOn, inbox.Unproven) {
		switch {
		case fresh[h.Page.Key]:
			continue
		case s.Standing(h) == inbox.Low:
			n.line(p.alarm(h.Page))
		default:
			n.line(p.line(s, h))
		}
		n.shown = append(n.shown, h.Page.Key)
	}
}

// tellPages says what became of pages that were there before, unless the answer
// to a command has told it, or will: it may come after the page's end.
func (p paper) tellPages(n *news, before, after inbox.State, told map[inbox.Key]bool) {
	for _, old := range before.Pages {
		h, ok := after.Held(old.Page.Key)
		if !ok {
			continue
		}
		was, is := before.Standing(old), after.Standing(h)
		switch {
		case was == is:
		case is == inbox.Over:
			if was == inbox.Settled || was == inbox.Unconfirmed || told[h.Page.Key] {
				continue
			}
			n.line(p.about(after, h.Page.Key) + clean(inbox.Ended(h.Page), longText))
		case is == inbox.Escalated:
			n.line(p.about(after, h.Page.Key) + "Paged since: " + clean(strings.Join(h.Page.AlsoPaged, ", "), longText) + ".")
		case ringsAgain(was, is):
			n.line(p.in(red, " RINGS AGAIN ") + " " + p.line(after, h))
			n.shown = append(n.shown, h.Page.Key)
		case is == inbox.PassedOn:
			n.line(p.about(after, h.Page.Key) + "Passed on; it stays open here until somebody else has it.")
		}
	}
}

// list is the answer to "l".
func (p paper) list(s inbox.State) string {
	n := &news{}
	open := s.Open()
	if len(open) == 0 {
		n.line("Nothing is open.")
	}
	for _, h := range open {
		n.line(p.line(s, h))
	}
	for _, h := range s.Mine() {
		n.line(p.held(s, h))
	}
	n.line(p.duty(s))
	n.line(p.shift(s))
	return n.text.String()
}
