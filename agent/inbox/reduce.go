package inbox

import (
	"maps"
	"slices"
	"time"
)

// Reduce takes one message in. It is pure: the same three arguments always give
// the same answer, and the state passed in stays as it was. Reports made on the
// way have no id yet; see Stamped.
func Reduce(s State, m Message, now time.Time) (State, []Effect) {
	t := begin(s, now)
	t.take(m)
	return t.end(s)
}

func (t *turn) take(m Message) {
	switch m := m.(type) {
	case Started:
		t.started(m)
	case Connected:
		t.connected(m)
	case PageCame:
		t.pageCame(m.Page)
	case SnapshotEnded:
		t.snapshotEnded()
	case BeatCame:
		t.s.heard = t.now
		t.do(AnswerBeat{Ready: t.s.Ready})
	case DutyCame:
		t.s.Duty, t.dirty = m.Duty, true
	case RosterCame:
		t.s.Roster, t.dirty = m.Roster, true
	case DrainCame:
		t.s.Link.BackAt = m.BackAt
	case LinkLost:
		t.linkLost(m)
	case SignedOut:
		t.signedOut(m)
	case Answered:
		t.answered(m)
	case Asked:
		t.asked(m)
	case Proof:
		t.proof(m)
	case CouldNot:
		t.couldNot(m)
	case Readiness:
		t.s.Ready = m.Ready
	case LostQuieted:
		t.s.LostAlarm = false
	case Tick:
	}
}

// turn is one call of Reduce at work, on copies that it may change.
type turn struct {
	s       State
	now     time.Time
	effects []Effect
	dirty   bool // the durable part has changed
}

func begin(s State, now time.Time) *turn {
	s.Pages = slices.Clone(s.Pages)
	s.Forgotten = slices.Clone(s.Forgotten)
	s.Outbox = slices.Clone(s.Outbox)
	s.listed = maps.Clone(s.listed)
	t := &turn{s: s, now: now.Round(0).UTC()}
	t.clockSteppedBack()
	return t
}

// clockSteppedBack keeps waits from growing by what the clock was put back.
func (t *turn) clockSteppedBack() {
	if t.s.Link.Since.After(t.now) {
		t.s.Link.Since = t.now
	}
	if t.s.lostUntil.After(t.now.Add(lostRingsFor)) {
		t.s.lostUntil = t.now.Add(lostRingsFor)
	}
	if t.s.raiseAt.After(t.now.Add(raiseEvery)) {
		t.s.raiseAt = t.now.Add(raiseEvery)
	}
}

func (t *turn) do(e Effect) { t.effects = append(t.effects, e) }

// end settles what follows from the new state, whatever message led to it.
func (t *turn) end(before State) (State, []Effect) {
	t.lostAlarm()
	t.withdraw(before)
	t.raise()
	if t.dirty {
		t.forget()
		t.effects = slices.Insert(t.effects, 0, Effect(Save{}))
	}
	return t.s, t.effects
}

// started takes the journal over. Pages known for long stay silent until the
// hub has confirmed them: a laptop opened in the morning should not ring for
// what was over at night.
func (t *turn) started(m Started) {
	t.s.Durable = Durable{
		HubName: m.Journal.HubName, UserName: m.Journal.UserName,
		Pages:     slices.Clone(m.Journal.Pages),
		Forgotten: slices.Clone(m.Journal.Forgotten),
		Outbox:    slices.Clone(m.Journal.Outbox),
		Duty:      m.Journal.Duty, Roster: m.Journal.Roster,
		LostRung: m.Journal.LostRung,
	}
	for i, h := range t.s.Pages {
		t.s.Pages[i].unproven = t.now.Sub(h.SeenAt) > silentAfter
	}
	t.proveAgain()
	t.s.heard = t.now
	t.s.Link = Uplink{Status: LinkDown, Since: t.now, Why: "Connecting to the hub."}
	if len(t.s.Outbox) > 0 {
		t.do(Deliver{})
	}
	if len(t.s.Window()) > 0 {
		t.do(Raise{}) // silent pages are shown too
	}
}

// withdraw takes back the announcements of pages that stopped wanting the
// person in this turn.
func (t *turn) withdraw(before State) {
	for _, old := range before.Pages {
		h, held := t.s.Held(old.Page.Key)
		if wants(before.Standing(old)) && !(held && wants(t.s.Standing(h))) {
			t.do(Withdraw{Key: old.Page.Key})
		}
	}
}

func wants(s Standing) bool { return s == Rings || s == Escalated || s == Low }

// raise brings the window up when something begins to ring, and every minute
// while anything does, so that an alarm that was hidden or buried comes back.
func (t *turn) raise() {
	if t.s.Sound() == Silence {
		t.s.raiseAt = time.Time{}
		return
	}
	if !t.s.raiseAt.IsZero() && t.now.Before(t.s.raiseAt) && !t.announcing() {
		return
	}
	t.s.raiseAt = t.now.Add(raiseEvery)
	if !slices.Contains(t.effects, Effect(Raise{})) {
		t.do(Raise{})
	}
}

func (t *turn) announcing() bool {
	return slices.ContainsFunc(t.effects, func(e Effect) bool {
		a, ok := e.(Announce)
		return ok && a.Page.Loud()
	})
}

// Due answers when the next Tick has something to do; zero: not by itself.
func Due(s State, now time.Time) time.Time {
	var due time.Time
	sooner := func(at time.Time) {
		if !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	sooner(s.raiseAt)
	sooner(s.lostAlarmDue(now))
	if s.OffDuty(now) {
		sooner(s.Duty.Until)
	}
	return due
}
