package headless

import (
	"fmt"
	"slices"
	"strings"

	"tocsin/agent/inbox"
)

// news is what there is to say about a step from one state to the next, and
// the pages and notices that it shows.
type news struct {
	text    strings.Builder
	shown   []inbox.Key
	notices []string
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
	fresh, raised := map[inbox.Key]bool{}, false
	for _, e := range effects {
		switch e := e.(type) {
		case inbox.Announce:
			fresh[e.Page.Key] = true
			n.shown = append(n.shown, e.Page.Key)
			if !e.Joins {
				n.line(p.alarm(after, e.Page))
			}
		case inbox.Ask:
			n.line(p.ask(e))
		case inbox.Remind:
			n.line(clean(inbox.RemindText(e.Of), longText))
		case inbox.Notify:
			n.line(p.notice(e.Notice))
			n.notices = append(n.notices, e.Notice.ID)
		case inbox.Raise:
			raised = true
		}
	}
	p.tellJoined(n, before, after, effects)
	told := p.tellTold(n, after, effects)
	if raised {
		p.tellRaised(n, before, after, fresh)
	}
	if before.Link.Status == "" {
		p.tellKept(n, after, fresh)
	}
	p.tellPages(n, before, after, told)
	p.tellHeld(n, before, after)
	if d := p.duty(after); d != last.duty(before) {
		n.line(d)
	}
	if s := p.shift(after); s != last.shift(before) {
		n.line(s)
	}
	return n
}

// tellJoined prints the new pages of a storm, a line each; if no other alarm is
// open here, the newest in full, as that tells what can be typed.
func (p paper) tellJoined(n *news, before, after inbox.State, effects []inbox.Effect) {
	var joined []inbox.Held
	alone := len(before.Window()) == 0
	for _, e := range effects {
		if a, ok := e.(inbox.Announce); ok && a.Joins {
			if h, ok := after.Held(a.Page.Key); ok {
				joined = append(joined, h)
			}
		} else if ok {
			alone = false
		}
	}
	p.also(n, after, joined, alone)
}

// also prints alarms beside others, a line each; alone, the newest in full.
func (p paper) also(n *news, s inbox.State, all []inbox.Held, alone bool) {
	newest := -1
	for i, h := range all {
		if alone && (newest < 0 || h.Page.PagedAt.After(all[newest].Page.PagedAt)) {
			newest = i
		}
	}
	if newest >= 0 {
		n.line(p.alarm(s, all[newest].Page))
	}
	for i, h := range all {
		if i != newest {
			n.line(p.in(red, " ALSO ") + " " + p.line(s, h))
		}
	}
}

// tellTold prints what the inbox says, the same sentence about several
// incidents once, and answers whose it told.
func (p paper) tellTold(n *news, after inbox.State, effects []inbox.Effect) map[inbox.Key]bool {
	told := map[inbox.Key]bool{}
	var texts []string
	about := map[string][]uint64{}
	for _, e := range effects {
		e, ok := e.(inbox.Tell)
		if !ok {
			continue
		}
		told[e.Key] = true
		if _, known := about[e.Text]; !known {
			texts, about[e.Text] = append(texts, e.Text), nil
		}
		about[e.Text] = append(about[e.Text], numberOf(after, e.Key))
	}
	for _, text := range texts {
		n.line(numbers(about[text]) + clean(text, longText))
	}
	return told
}

// numbers begins a sentence on incidents; 0 is none.
func numbers(of []uint64) string {
	var out []string
	for _, number := range slices.Sorted(slices.Values(of)) {
		if number != 0 {
			out = append(out, fmt.Sprintf("#%d", number))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return strings.Join(out, ", ") + ": "
}

// numberOf is the number of the incident of a key; 0: not known.
func numberOf(s inbox.State, k inbox.Key) uint64 {
	if h, ok := s.Held(k); ok {
		return h.Page.Number
	}
	for _, h := range s.Holding {
		if h.Key.Incident == k.Incident {
			return h.Number
		}
	}
	return 0
}

// about begins a sentence on a page.
func (p paper) about(s inbox.State, k inbox.Key) string {
	if number := numberOf(s, k); number != 0 {
		return fmt.Sprintf("#%d: ", number)
	}
	return ""
}

// tellHeld says what the user has come to hold, or holds no more.
func (p paper) tellHeld(n *news, before, after inbox.State) {
	had, has := map[string]bool{}, map[string]bool{}
	for _, h := range before.Holding {
		had[h.Key.Incident] = true
	}
	var fresh []inbox.Holding
	for _, h := range after.Holding {
		has[h.Key.Incident] = true
		if !had[h.Key.Incident] {
			fresh = append(fresh, h)
		}
	}
	for _, h := range fresh[:min(len(fresh), linesAtMost)] {
		n.line(p.held(h, h.Text(p.now, p.zone)))
	}
	if more := len(fresh) - linesAtMost; more > 0 {
		n.line(fmt.Sprintf("… and %d more that you have; l lists them.", more))
	}
	for _, h := range before.Holding {
		_, mine := before.WaitingOn(h.Key.Incident)
		if !has[h.Key.Incident] && after.HoldingKnown && h.Note == "" && !mine {
			n.line(fmt.Sprintf("#%d: %s", h.Number, noLonger(after, h)))
		}
	}
}

// noLonger says why the user no longer holds an incident, as far as its pages
// tell: who resolved it is not among that.
func noLonger(s inbox.State, h inbox.Holding) string {
	var last inbox.Page
	for _, held := range s.Pages {
		if p := held.Page; p.Key.Incident == h.Key.Incident && p.Version >= last.Version {
			last = p
		}
	}
	if last.IncidentStatus == "resolved" {
		return "Resolved; you no longer have it."
	}
	return "You no longer have it."
}

func (p paper) tellLink(n *news, before, after inbox.State) {
	was, is := before.Link, after.Link
	if !is.BackAt.Equal(was.BackAt) && is.BackAt.After(p.now) {
		n.line("The hub goes away for a while; it means to be back by " + p.stamp(is.BackAt) + ".")
	}
	if was.BackAt.After(p.now) && is.BackAt.IsZero() && was.Status == inbox.LinkUp && is.Status == inbox.LinkUp {
		n.line("The hub does not go away after all.")
	}
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
	lines := 0
	for _, h := range after.Listed(inbox.Rings, inbox.Escalated) {
		if fresh[h.Page.Key] {
			continue
		}
		old, known := before.Held(h.Page.Key)
		if known && len(fresh) > 0 {
			continue // what is new rings for all; a minute later all are told
		}
		if lines++; lines > linesAtMost {
			continue
		}
		switch {
		case !known:
			n.line(p.alarm(after, h.Page))
		case ringsAgain(before.Standing(old), after.Standing(h)):
			continue // tellPages says so
		default:
			n.line(p.in(red, " STILL RINGING ") + " " + p.line(after, h))
		}
		n.shown = append(n.shown, h.Page.Key)
	}
	if more := lines - linesAtMost; more > 0 {
		n.line(fmt.Sprintf("… and %d more ring; l lists them, a all acknowledges all that were listed.", more))
	}
}

// ringsAgain: it was quiet. What joined a storm was told then, and rings with
// the others now.
func ringsAgain(was, is inbox.Standing) bool {
	return is == inbox.Rings && was != inbox.Rings && was != inbox.Escalated && was != inbox.Joined
}

// tellKept lists, at the start, what the journal holds beside what rings.
// Notices that nobody has answered are told in full.
func (p paper) tellKept(n *news, s inbox.State, fresh map[inbox.Key]bool) {
	var silent []inbox.Held
	alone := len(n.shown) == 0
	for _, h := range s.Listed(inbox.Joined, inbox.Low, inbox.Unconfirmed, inbox.Settled, inbox.PassedOn, inbox.Unproven) {
		switch {
		case fresh[h.Page.Key]:
			continue
		case s.Standing(h) == inbox.Low:
			n.line(p.alarm(s, h.Page))
		case s.Standing(h) == inbox.Joined || s.Standing(h) == inbox.Unproven:
			silent = append(silent, h)
		default:
			n.line(p.line(s, h))
		}
		n.shown = append(n.shown, h.Page.Key)
	}
	p.also(n, s, silent, alone)
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
		case is == inbox.PassedOn && h.Page.Cover != nil:
			n.line(p.about(after, h.Page.Key) + "You declined; it stays open here until somebody takes over.")
		case is == inbox.PassedOn:
			n.line(p.about(after, h.Page.Key) + "Passed on; it stays open here until somebody else has it.")
		}
	}
}

// list is the answer to "l".
func (p paper) list(s inbox.State) string {
	n := &news{}
	open, mine := s.Open(), s.Mine()
	if len(open) == 0 {
		n.line("Nothing is open.")
	}
	for _, h := range open {
		n.line(p.line(s, h))
	}
	if len(mine) > 0 {
		n.line("You have:")
	}
	for _, h := range mine {
		n.line(p.held(h, p.heldNote(s, h)))
	}
	n.line(p.duty(s))
	n.line(p.shift(s))
	return n.text.String()
}
