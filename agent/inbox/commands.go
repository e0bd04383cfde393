package inbox

import (
	"cmp"
	"fmt"
	"slices"
)

// asked takes a command of the person. It counts from here on: the alarm is
// quiet once the journal has it, whether or not the hub can be reached.
func (t *turn) asked(m Asked) {
	if complaint := t.command(m); complaint != "" {
		t.do(Tell{Key: m.Key, Text: complaint})
	}
}

// askedAll takes a command on all that was on the screen. What ended meanwhile
// is counted, not told one by one.
func (t *turn) askedAll(m AskedAll) {
	var over int
	var complaint string
	for _, seen := range m.Seen {
		if i := t.find(seen.Key); i >= 0 && t.s.Pages[i].Page.Cover != nil && m.Command == Acknowledge {
			continue
		}
		if c := t.command(Asked{Command: m.Command, Key: seen.Key, Opening: seen.Opening, Until: m.Until}); c != "" {
			over++
			complaint = c
		}
	}
	switch {
	case over == 1 || over > 0 && over == len(m.Seen):
		t.do(Tell{Text: complaint})
	case over > 1:
		t.do(Tell{Text: fmt.Sprintf("%d of %d were over already.", over, len(m.Seen))})
	}
}

// command carries one command out, or says why not.
func (t *turn) command(m Asked) (complaint string) {
	if m.Command.timed() && !m.Until.After(t.now) {
		return "That time is over: name one that is still to come."
	}
	i := t.find(m.Key)
	forPages := m.Command != HandOver && m.Command != Keep
	if i >= 0 && t.s.Pages[i].Page.Open() && forPages {
		t.askedOfPage(&t.s.Pages[i], m)
		return ""
	}
	if h := t.held(m.Key); h != nil && m.Command != PassOn {
		t.askedOfHeld(h, m)
		return ""
	}
	switch {
	case !forPages:
		return "You do not hold this incident."
	case i < 0:
		return "This page is over."
	}
	h := &t.s.Pages[i]
	if m.Command != Resolve || h.Page.IncidentStatus == "resolved" || h.Page.Outcome == outcomeOver {
		return cmp.Or(h.Note, Ended(h.Page))
	}
	t.askedOfPage(h, m)
	return ""
}

func (t *turn) askedOfPage(h *Held, m Asked) {
	if last, ok := t.waiting(m.Key); ok && m.repeats(last) {
		return
	}
	t.report(Report{Page: m.Key, Command: m.Command, Opening: m.Opening, Until: m.Until})
	h.Note = ""
}

// repeats: a second click.
func (m Asked) repeats(last Report) bool {
	return last.Command == m.Command && last.Opening == m.Opening && last.Until.Equal(m.Until)
}

// waiting is State.Waiting, without a walk through the outbox for nothing.
func (t *turn) waiting(k Key) (Report, bool) {
	if !t.isCommanded(k) {
		return Report{}, false
	}
	return t.s.Waiting(k)
}

// answered takes the hub's word on a report and lets it go.
func (t *turn) answered(m Answered) {
	n := slices.IndexFunc(t.s.Outbox, func(r Report) bool { return r.ID == m.ReportID })
	if n < 0 || m.ReportID == "" {
		return
	}
	r := t.s.Outbox[n]
	t.s.Outbox, t.dirty = slices.Delete(t.s.Outbox, n, n+1), true
	if r.Command == "" {
		return
	}
	t.commanded = nil
	i := t.find(r.Page)
	var page Page
	if i >= 0 {
		page = t.s.Pages[i].Page
	}
	text := answerText(r.Command, page, m)
	if i >= 0 {
		h := &t.s.Pages[i]
		if m.Answer == Applied || m.Answer == Already {
			h.Settled, h.settledIn = true, t.s.stream
		}
		h.Note = text
	}
	t.heldAnswered(r, m.Answer, text)
	t.do(Tell{Key: r.Page, Text: text})
}

func (t *turn) report(r Report) {
	r.Made = t.now
	t.s.Outbox, t.dirty = append(t.s.Outbox, r), true
	if r.Command != "" && t.commanded != nil {
		t.commanded[r.Page] = true
	}
	t.deliver()
}

func (t *turn) deliver() {
	if !t.delivers {
		t.delivers = true
		t.do(Deliver{})
	}
}
