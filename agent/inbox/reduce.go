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
	return ReduceAll(s, []Message{m}, now)
}

// ReduceAll takes messages in that came together, in their order. It costs
// about as much as one, so a snapshot of a thousand pages does too.
func ReduceAll(s State, all []Message, now time.Time) (State, []Effect) {
	t := begin(s, now)
	for _, m := range all {
		t.take(m)
	}
	return t.end()
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
	case HoldingCame:
		t.holdingCame(m)
	case NoticeCame:
		t.noticeCame(m.Notice)
	case ProbeCame:
		t.probeCame(m)
	case CallSheetCame:
		t.do(KeepSheet(m))
	default:
		t.takeOwn(m)
	}
}

// takeOwn takes what does not come from the hub.
func (t *turn) takeOwn(m Message) {
	switch m := m.(type) {
	case Asked:
		t.asked(m)
	case AskedAll:
		t.askedAll(m)
	case LinkLost:
		t.linkLost(m)
	case SignedOut:
		t.signedOut(m)
	case Answered:
		t.answered(m)
	case NoticeShown:
		t.noticeShown(m)
	case AlarmTried:
		t.alarmTried(m)
	case Proof:
		t.proof(m)
	case CouldNot:
		t.couldNot(m)
	case Readiness:
		t.ready(m)
	case LostQuieted:
		t.s.LostAlarm = false
	case Woke:
		t.woke()
	case Tick:
	}
}

// turn is one call of Reduce at work, on copies that it may change.
type turn struct {
	before  State
	s       State
	now     time.Time
	effects []Effect
	dirty   bool // the durable part has changed
	// delivers: the effects hold a Deliver. rang: see rangBefore.
	delivers bool
	rang     *bool

	// index is where each page stands among s.Pages, once it is worth making.
	index   map[Key]int
	lookups int
	// commanded are the pages about which a command waits, once wanted.
	commanded map[Key]bool
}

// fewLookups need no index.
const fewLookups = 4

// find answers where a page stands among t.s.Pages, or -1.
func (t *turn) find(k Key) int {
	if t.lookups++; t.index == nil && t.lookups <= fewLookups {
		return t.s.find(k)
	}
	if t.index == nil {
		t.index = make(map[Key]int, len(t.s.Pages))
		for i := range t.s.Pages {
			t.index[t.s.Pages[i].Page.Key] = i
		}
	}
	if i, ok := t.index[k]; ok {
		return i
	}
	return -1
}

func (t *turn) isCommanded(k Key) bool {
	if t.commanded == nil {
		t.commanded = t.s.commanded()
	}
	return t.commanded[k]
}

func begin(s State, now time.Time) *turn {
	before := s
	s.Pages = slices.Clone(s.Pages)
	s.Forgotten = slices.Clone(s.Forgotten)
	s.Outbox = slices.Clone(s.Outbox)
	s.Holding = slices.Clone(s.Holding)
	s.Notices = slices.Clone(s.Notices)
	s.listed = maps.Clone(s.listed)
	s.probes = slices.Clone(s.probes)
	t := &turn{before: before, s: s, now: now.Round(0).UTC()}
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
	if t.s.RangUntil.After(t.now) {
		t.s.RangUntil, t.dirty = t.now, true
	}
	for i, p := range t.s.probes {
		if p.by.After(t.now.Add(probeWait)) {
			t.s.probes[i].by = t.now.Add(probeWait)
		}
	}
}

func (t *turn) do(e Effect) { t.effects = append(t.effects, e) }

// end settles what follows from the new state, whatever message led to it.
func (t *turn) end() (State, []Effect) {
	t.lostAlarm()
	t.turnToRing()
	t.withdraw()
	t.raise()
	t.ask()
	t.remind()
	t.probesOverdue()
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
		LostRung: m.Journal.LostRung, RangUntil: m.Journal.RangUntil,
		Holding: slices.Clone(m.Journal.Holding), HoldingKnown: m.Journal.HoldingKnown,
		Notices: slices.Clone(m.Journal.Notices),
	}
	t.clockSteppedBack() // while the agent did not run
	for i, h := range t.s.Pages {
		t.s.Pages[i].unproven = t.now.Sub(h.SeenAt) > silentAfter
	}
	t.proveAgain()
	t.s.heard = t.now
	t.s.Link = Uplink{Status: LinkDown, Since: t.now, Why: "Connecting to the hub."}
	if len(t.s.Outbox) > 0 {
		t.deliver()
	}
	if len(t.s.Window()) > 0 {
		t.do(Raise{}) // silent pages are shown too
	}
	t.s.askFrom = t.now.Add(trustJournal)
	for i := range t.s.Holding {
		h := &t.s.Holding[i]
		h.StillOnIt.posed, h.ShiftOver.posed = time.Time{}, time.Time{}
	}
	for i, n := range t.s.Notices {
		if !n.Shown {
			t.tellNotice(i)
		}
	}
}

// withdraw takes back the announcements of pages that stopped wanting the
// person in this turn.
func (t *turn) withdraw() {
	over := func(k Key, i int) bool {
		if i >= len(t.s.Pages) || t.s.Pages[i].Page.Key != k { // pages mostly stay where they are
			i = t.find(k)
		}
		return i < 0 || !wants(t.s.Pages[i].standing(t.isCommanded(k)))
	}
	commanded := t.before.commanded()
	for i := range t.before.Pages {
		old := &t.before.Pages[i]
		if k := old.Page.Key; wants(old.standing(commanded[k])) && over(k, i) {
			t.do(Withdraw{Key: k})
		}
	}
	for _, e := range slices.Clone(t.effects) {
		if a, ok := e.(Announce); ok && !a.Joins && over(a.Page.Key, len(t.s.Pages)-1) {
			t.do(Withdraw{Key: a.Page.Key})
		}
	}
}

func wants(s Standing) bool { return s == Rings || s == Escalated || s == Low }

// raise brings the window up when something begins to ring, and every minute
// while anything does, so that an alarm that was hidden or buried comes back.
func (t *turn) raise() {
	if t.s.Sound() == Silence {
		t.s.raiseAt = time.Time{}
		if t.opensWindow() && !slices.Contains(t.effects, Effect(Raise{})) {
			t.do(Raise{})
		}
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

// opensWindow: a page joined, silently, and the window had none before.
func (t *turn) opensWindow() bool {
	joined := slices.ContainsFunc(t.effects, func(e Effect) bool {
		a, ok := e.(Announce)
		return ok && a.Joins
	})
	return joined && len(t.before.Window()) == 0
}

func (t *turn) announcing() bool {
	return slices.ContainsFunc(t.effects, func(e Effect) bool {
		a, ok := e.(Announce)
		return ok && a.Page.Loud() && !a.Joins
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
	sooner(s.TurnDue())
	s.holdingDue(now, sooner)
	for _, p := range s.probes {
		sooner(p.by)
	}
	if s.OffDuty(now) {
		sooner(s.Duty.Until)
	}
	return due
}
