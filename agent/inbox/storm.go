package inbox

import "time"

// In a storm pages do not ring one after the other: what comes while one rings,
// or within two minutes after the last one stopped, joins: it stands in the
// window at once and waits for its turn. Its turn comes two minutes after the
// ringing stopped, for all that have joined since. So a person who acknowledges
// everything on the screen has two minutes to think, and nothing that came
// later is silent for longer than that.

const (
	stormSize  = 10
	stormWhile = 5 * time.Minute
	ringsEvery = 2 * time.Minute
)

// Storm says that so many pages want the person that they are handled together.
func (s State) Storm() bool {
	return len(SeenOf(s.Listed(Rings, Escalated, Joined, Unproven))) > stormSize
}

// SeenOf names what a front has on the screen, for AskedAll; cover requests are
// left out.
func SeenOf(listed []Held) []Seen {
	var out []Seen
	for _, h := range listed {
		if h.Page.Cover == nil {
			out = append(out, Seen{h.Page.Key, h.Page.Opening})
		}
	}
	return out
}

// joins says whether a new page waits for its turn to ring. A cover request
// asks for something else than the storm does, so it rings.
func (t *turn) joins(p Page) bool {
	if !p.Loud() || p.Cover != nil || p.PassedOn {
		return false
	}
	return t.inStorm(p) && (t.now.Before(t.s.RangUntil.Add(ringsEvery)) || t.rings() || t.rangBefore())
}

// inStorm: the hub says so, or more than ten others are open, or came lately,
// whatever became of them.
func (t *turn) inStorm(p Page) bool {
	if p.Storm {
		return true
	}
	open, came := 0, 0
	for i := range t.s.Pages {
		h := &t.s.Pages[i]
		if !h.Page.Loud() || h.Page.Key == p.Key {
			continue
		}
		if h.Page.Open() {
			open++
		}
		if t.now.Sub(h.SeenAt) < stormWhile {
			came++
		}
		if open > stormSize || came > stormSize {
			return true
		}
	}
	return false
}

func (t *turn) rings() bool {
	for i := range t.s.Pages {
		if h := &t.s.Pages[i]; h.standing(t.isCommanded(h.Page.Key)) == Rings {
			return true
		}
	}
	return false
}

// rangBefore: something rang when the turn began.
func (t *turn) rangBefore() bool {
	if t.rang == nil {
		rang := t.before.Sound() == PageTone
		t.rang = &rang
	}
	return *t.rang
}

// turnToRing lets the pages ring that have waited for it, and notes when the
// ringing stopped.
func (t *turn) turnToRing() {
	if t.rings() {
		return
	}
	if t.rangBefore() {
		t.s.RangUntil, t.dirty = t.now, true
	}
	if t.now.Before(t.s.RangUntil.Add(ringsEvery)) {
		return
	}
	for i := range t.s.Pages {
		if h := &t.s.Pages[i]; h.Joined {
			h.Joined, t.dirty = false, true
		}
	}
}

// TurnDue is when what has joined rings next; zero: not while others ring.
func (s State) TurnDue() time.Time {
	if len(s.Listed(Joined)) == 0 || s.Sound() == PageTone {
		return time.Time{}
	}
	return s.RangUntil.Add(ringsEvery)
}
