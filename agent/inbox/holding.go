package inbox

import (
	"reflect"
	"slices"
	"time"
)

// Incident is what the hub says of an incident that the user holds: has
// acknowledged, and nobody has resolved.
type Incident struct {
	Key     Key // commands name it; its wave may be 0
	Number  uint64
	Opening uint32

	Service, Summary  string
	Severity, Urgency string
	Runbook           string
	AcknowledgedAt    time.Time
	QuietUntil        time.Time // then paging begins again; zero: never by the clock
	Snoozed           bool      // put off by hand: nothing is asked
	AskAt             time.Time // from then on: still on it?
	RemindEvery       time.Duration
	HandOverAt        time.Time // set when the shift is over: then the hub hands it over by itself
	Successors        []string
}

// Holding is an incident that the user holds, and what this device did about it.
type Holding struct {
	Incident
	// Note is what became of the last command.
	Note                 string
	StillOnIt, ShiftOver Asking
	// Reminded is the last time at which a reminder was due and given.
	Reminded time.Time
}

// Asking is how far a question has come. Both are the time that the hub gave
// for it, so that a new time is a new question.
type Asking struct {
	Answered time.Time

	posed time.Time // by this process: one that is started again asks again
}

// Question is what the agent asks of incidents that the user holds.
type Question string

// The questions.
const (
	// StillOnIt is answered by Acknowledge, which renews, Snooze or Resolve.
	StillOnIt Question = "still on it"
	// ShiftOver is answered by HandOver, Keep or Resolve.
	ShiftOver Question = "shift over"
)

var questions = []Question{StillOnIt, ShiftOver}

const (
	// askTogether: what is to be asked within it is asked in one.
	askTogether = time.Minute
	// trustJournal is how long after a start the hub is waited for before the
	// journal's word on what the user holds counts.
	trustJournal = 15 * time.Second
)

// of answers the question's standing on an incident, and the time it goes by;
// zero: it is not to be asked.
func (q Question) of(h *Holding) (*Asking, time.Time) {
	switch {
	case q == ShiftOver:
		return &h.ShiftOver, h.HandOverAt
	case h.Snoozed || !h.HandOverAt.IsZero(): // one question at a time
		return &h.StillOnIt, time.Time{}
	}
	return &h.StillOnIt, h.AskAt
}

// asked says whether the question stands on an incident at that moment.
func (q Question) asked(h Holding, now time.Time) bool {
	asking, at := q.of(&h)
	if at.IsZero() || at.Equal(asking.Answered) {
		return false
	}
	if q == ShiftOver {
		return now.Before(at) // after that the hub has handed it over
	}
	begun := !now.Before(at) || at.Equal(asking.posed)
	return begun && h.quiet(now)
}

// askedSoon: it is asked with the others rather than in a question of its own.
func (q Question) askedSoon(h Holding, now time.Time) bool {
	asking, at := q.of(&h)
	return !at.IsZero() && !at.Equal(asking.Answered) && !at.After(now.Add(askTogether)) && h.quiet(now)
}

// quiet: afterwards the hub pages again, and there is nothing left to ask.
func (h Holding) quiet(now time.Time) bool {
	return h.QuietUntil.IsZero() || now.Before(h.QuietUntil)
}

// Asking answers the incidents that a question stands on, the most urgent first.
func (s State) Asking(q Question, now time.Time) []Holding {
	if !s.asks(now) {
		return nil
	}
	answered := s.answered(q)
	return slices.DeleteFunc(s.Mine(), func(h Holding) bool {
		return answered[h.Key.Incident] || !q.asked(h, now)
	})
}

// answeredBy: a renewal does not say who has it after the shift.
func (q Question) answeredBy(c Command) bool {
	return c == HandOver || c == Keep || c == Resolve || q == StillOnIt && (c == Acknowledge || c == Snooze)
}

// answered are the incidents about which an answer waits for the hub.
func (s State) answered(q Question) map[string]bool {
	all := map[string]bool{}
	for _, r := range s.Outbox {
		if q.answeredBy(r.Command) {
			all[r.Page.Incident] = true
		}
	}
	return all
}

// asks: a device that is signed out asks nothing, and one that has just started
// waits for the hub.
func (s State) asks(now time.Time) bool {
	return s.Link.Status != LinkOver && !now.Before(s.askFrom)
}

// Mine answers the incidents that this user holds, the most urgent first. Where
// the hub does not tell them they are those that were acknowledged by a page of
// this device.
func (s State) Mine() []Holding {
	mine := slices.Clone(s.Holding)
	if !s.HoldingKnown {
		for _, h := range s.Listed(Over) {
			if h.Page.Outcome == OutcomeAcknowledged && h.Page.IncidentStatus != "resolved" && h.Page.Cover == nil {
				mine = append(mine, fromPage(h))
			}
		}
	}
	slices.SortFunc(mine, func(a, b Holding) int { return moreUrgent(a.asPage(), b.asPage()) })
	return mine
}

func fromPage(h Held) Holding {
	p := h.Page
	return Holding{Note: h.Note, Incident: Incident{
		Key: p.Key, Number: p.Number, Opening: p.Opening, Service: p.Service, Summary: p.Summary,
		Severity: p.Severity, Urgency: p.Urgency, Runbook: p.Runbook, AcknowledgedAt: p.EndedAt,
	}}
}

// asPage is as much of it as moreUrgent looks at.
func (h Holding) asPage() Held {
	return Held{Page: Page{Key: h.Key, Number: h.Number, Severity: h.Severity, PagedAt: h.AcknowledgedAt}}
}

// holdingCame replaces the list; what was done about an opening stays with it.
func (t *turn) holdingCame(m HoldingCame) {
	t.s.holds, t.s.askFrom = true, time.Time{}
	known := map[string]Holding{}
	for _, h := range t.s.Holding {
		known[h.Key.Incident] = h
	}
	next := make([]Holding, 0, len(m.Incidents))
	for _, incident := range m.Incidents {
		h := Holding{}
		if old, ok := known[incident.Key.Incident]; ok && old.Opening == incident.Opening {
			h = old
			if !reflect.DeepEqual(old.Incident, incident) {
				h.Note = "" // what has changed says more than the answer that led to it
			}
		}
		h.Incident = incident
		next = append(next, h)
	}
	if t.s.HoldingKnown && reflect.DeepEqual(t.s.Holding, next) {
		return // a snapshot repeats; the disk need not
	}
	t.s.Holding, t.s.HoldingKnown, t.dirty = next, true, true
}

// holdingUnknown: the hub does not tell what the user holds.
func (t *turn) holdingUnknown() {
	if !t.s.holds && t.s.HoldingKnown {
		t.s.Holding, t.s.HoldingKnown, t.dirty = nil, false, true
	}
}

// held finds what the user holds by the key of one of its pages.
func (t *turn) held(k Key) *Holding {
	i := slices.IndexFunc(t.s.Holding, func(h Holding) bool { return h.Key.Incident == k.Incident })
	if i < 0 {
		return nil
	}
	return &t.s.Holding[i]
}

// askedOfHeld takes a command on what the user holds. What it answers is not
// asked any more, whether or not the hub can be reached.
func (t *turn) askedOfHeld(h *Holding, m Asked) {
	if last, ok := t.s.WaitingOn(m.Key.Incident); ok && m.repeats(last) {
		return
	}
	t.report(Report{Page: h.Key, Command: m.Command, Opening: m.Opening, Until: m.Until})
	h.Note = ""
	for _, q := range questions {
		if asking, at := q.of(h); q.answeredBy(m.Command) {
			asking.Answered = at
		}
	}
}

// heldAnswered notes what the hub made of it; what it did not do is asked again.
func (t *turn) heldAnswered(r Report, a Answer, text string) {
	h := t.held(r.Page)
	if h == nil {
		return
	}
	h.Note = text
	if a != Applied && a != Already {
		h.StillOnIt.Answered, h.ShiftOver.Answered = time.Time{}, time.Time{}
	}
}

// ask poses the questions whose time has come, all of one minute in one.
func (t *turn) ask() {
	if len(t.s.Holding) == 0 || !t.s.asks(t.now) {
		return
	}
	for _, q := range questions {
		answered := t.s.answered(q)
		begins := slices.ContainsFunc(t.s.Holding, func(h Holding) bool {
			asking, at := q.of(&h)
			return q.asked(h, t.now) && !at.Equal(asking.posed) && !answered[h.Key.Incident]
		})
		if !begins {
			continue
		}
		for i := range t.s.Holding {
			h := &t.s.Holding[i]
			asking, at := q.of(h)
			if q.asked(*h, t.now) || q.askedSoon(*h, t.now) {
				asking.posed = at
			}
		}
		t.do(Ask{Question: q, Of: t.s.Asking(q, t.now)})
	}
}

// remindAt is when the next reminder is due; zero: never.
func (h Holding) remindAt() time.Time {
	if h.RemindEvery <= 0 || h.Snoozed || h.AcknowledgedAt.IsZero() {
		return time.Time{}
	}
	given := max(0, h.Reminded.Sub(h.AcknowledgedAt)/h.RemindEvery)
	return h.AcknowledgedAt.Add((given + 1) * h.RemindEvery)
}

// remind reminds of what is due. What is due within half its period is told
// along: each incident once a period, and few notifications for many incidents.
func (t *turn) remind() {
	if !t.s.asks(t.now) {
		return
	}
	due := func(h Holding, ahead time.Duration) bool {
		at := h.remindAt()
		return !at.IsZero() && !at.After(t.now.Add(ahead)) && h.quiet(t.now)
	}
	if !slices.ContainsFunc(t.s.Holding, func(h Holding) bool { return due(h, 0) }) {
		return
	}
	var of []Holding
	for i := range t.s.Holding {
		h := &t.s.Holding[i]
		if !due(*h, h.RemindEvery/2) {
			continue
		}
		at := h.remindAt()
		if missed := t.now.Sub(at); missed > 0 {
			at = at.Add(missed / h.RemindEvery * h.RemindEvery)
		}
		h.Reminded, t.dirty = at, true
		of = append(of, *h)
	}
	t.do(Remind{Of: of})
}

// holdingDue is when a question or a reminder next begins or ends.
func (s State) holdingDue(now time.Time, sooner func(time.Time)) {
	later := func(at time.Time) {
		if at.After(now) {
			sooner(at)
		}
	}
	if s.Link.Status == LinkOver || len(s.Holding) == 0 {
		return
	}
	later(s.askFrom)
	for _, h := range s.Holding {
		later(h.AskAt)
		later(h.QuietUntil)
		later(h.HandOverAt)
		later(h.remindAt())
	}
}
