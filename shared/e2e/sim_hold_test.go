package e2e

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// What must hold whenever the hub has done what is due.

func (c *simCheck) settled(r *simRecord, d escalation.Decision, now time.Time) {
	t := c.of(r)
	t.heeded()
	i := r.state.Incident
	if !d.WakeAt.IsZero() && !d.WakeAt.After(now) {
		c.s.fail("P2", "at %s it asks to be woken at %s", now, d.WakeAt)
	}
	if i.Status == incident.Triggered && i.Urgency == incident.High && !t.stopped() && t.held.IsZero() {
		if d.WakeAt.IsZero() || d.WakeAt.Sub(now) > max(t.longest(), t.timeout(t.level))+35*time.Second {
			c.s.fail("P2", "in stage %s at %s it waits until %s for %s", t.stage, now, d.WakeAt, d.Reason)
		}
	}
	t.hushed(now)
	t.follows(now)
	t.holds(now)
}

// waits checks an incident that is held before it pages.
func (t *simTrack) waits(now time.Time) {
	if t.calendar {
		if want := t.planned(now); want.Before(t.held) || !now.Before(t.held) {
			t.s.fail("calendar", "it waits until %s at %s, want %s", t.held, now, want)
		}
	} else if !now.Before(t.held) {
		t.s.fail("hold", "it was to end at %s, and it is %s", t.held, now)
	}
	for _, p := range t.pages {
		if !p.ended {
			t.tended(p, now)
		}
	}
}

func (t *simTrack) stopped() bool {
	return t.stage == escalation.Stopped && !t.low && t.policy.WhenExhausted == escalation.Stop
}

// holds checks the incident as it stands at a moment.
func (t *simTrack) holds(now time.Time) {
	i := t.r.state.Incident
	if i.Status != incident.Triggered {
		for _, p := range t.pages {
			switch {
			case p.ended:
			case p.stage != escalation.Joined && (p.stage != escalation.Successor || !t.tenure.handing || !t.hasShift()) || i.Status == incident.Resolved:
				t.s.fail("P4", "the incident is %s, and page %v is open", i.Status, p.Key)
			case !t.sinceStart(now):
				t.tended(p, now)
			}
		}
		if i.Status == incident.Acknowledged && !t.quiet.IsZero() && !now.Before(t.quiet) && !now.Before(t.s.hub.grace) {
			t.s.fail("lease", "it was to end at %s, and it is %s", t.quiet, now)
		}
		t.handsOver(now)
		return
	}
	if !t.held.IsZero() {
		t.waits(now)
		return
	}
	if t.lapsed(now) {
		t.s.fail("cover", "the request was to end")
	}
	if t.grace(now) {
		return
	}
	if i.Urgency == incident.Suppressed && (t.begun != t.opening || t.ended) {
		return
	}
	if t.begun != t.opening || t.ended || t.low && i.Urgency == incident.High {
		t.s.fail("P2", "paging has not begun")
	}
	for _, p := range t.pages {
		if !p.ended {
			t.tended(p, now)
		}
	}
	if !t.stopped() && !t.low {
		t.goesOn(now)
	}
}

// goesOn checks that the stage is not over, and that nobody waits in vain.
func (t *simTrack) goesOn(now time.Time) {
	if !now.Before(t.due) {
		t.s.fail("P2", "stage %s was over at %s, and it is %s", t.stage, t.due, now)
	}
	switch t.stage {
	case escalation.Assigned:
		if t.dead(t.stagePages(), now) {
			t.waitsInVain(now)
		}
	case escalation.AtLevel:
		if due := t.newcomers(now); len(due) > 0 {
			t.s.fail("hand-off", "%v are on call for level %d and were not paged", due, t.level)
		}
		if t.dead(t.stagePages(), now) {
			t.waitsInVain(now)
		}
	case escalation.Holder:
		if t.dead(t.stagePages(), now) {
			t.s.fail("holder", "the holder cannot be reached and is waited for")
		}
	case escalation.CatchAll:
		for _, u := range t.catchAll() {
			if p := t.openOf(u); p == nil || p.passedOn {
				t.s.fail("P2", "catch-all user %s is not paged", u)
			}
		}
	default:
		t.s.fail("P2", "in stage %q", t.stage)
	}
}

// nextFrom is where skipping goes on: at a round-robin level with its next target.
func (t *simTrack) nextFrom() int {
	if t.stage == escalation.AtLevel && t.target > 0 {
		return t.level
	}
	return t.level + 1
}

func (t *simTrack) waitsInVain(now time.Time) {
	passedOn := slices.ContainsFunc(t.stagePages(), func(p *simPage) bool { return p.passedOn })
	if now.Before(t.s.hub.outage) && !passedOn {
		return
	}
	for n := t.nextFrom(); n <= len(t.policy.Levels); n++ {
		if users := t.eligible(n, now); len(users) > 0 {
			if passedOn || !now.Before(t.skipLimit(len(users), now)) {
				t.s.fail("skipping", "level %d is down, and level %d not entered", t.level, n)
			}
			return
		}
	}
	if !t.reached(t.pass) || passedOn && !t.anyAlive(now) {
		t.s.fail("P2", "nobody was reached, and the catch-all is not paged")
	}
}

// tended checks that an open page goes its way.
func (t *simTrack) tended(p *simPage, now time.Time) {
	if p.opening != t.opening {
		t.s.fail("P6", "page %v of an earlier opening is open", p.Key)
	}
	if p.passedOn {
		if t.relief(p, now) == "" {
			t.s.fail("pass on", "page %v was passed on and does not end", p.Key)
		}
		return
	}
	if p.handed && t.succeeded(p, now) {
		t.s.fail("hand-off", "page %v has a successor and does not end", p.Key)
	}
	next, alive := t.nextMethod(p), t.alive(p, now)
	switch {
	case next != nil && !now.Before(p.opened.Add(next.after)):
		t.s.fail("P2", "page %v was to travel by %s at %s", p.Key, next.id, p.opened.Add(next.after))
	case p.low || alive || p.failed || len(p.uses) == 0 && next != nil || now.Before(t.settled(p)):
	case next != nil:
		t.s.fail("P2", "page %v is not alive, and does not travel by %s", p.Key, next.id)
	default:
		t.s.fail("P6", "page %v reaches nobody, and the timeline does not say so", p.Key)
	}
}

// The specification's words.

func (t *simTrack) page(k escalation.Key) *simPage {
	for _, p := range t.pages {
		if p.Key == k {
			return p
		}
	}
	return nil
}

func (t *simTrack) openOf(u responder.UserID) *simPage {
	for _, p := range t.pages {
		if p.User == u && !p.ended {
			return p
		}
	}
	return nil
}

func (p *simPage) used(m responder.MethodID) bool {
	return slices.ContainsFunc(p.uses, func(u simUse) bool { return u.method == m })
}

func (t *simTrack) longest() time.Duration {
	longest := 5 * time.Minute
	if t.policy.Validate() != nil {
		return longest
	}
	longest = 0
	for _, l := range t.policy.Levels {
		longest = max(longest, l.Timeout)
	}
	return longest
}

func (t *simTrack) onCall(u responder.UserID, now time.Time) bool {
	for n := range t.policy.Levels {
		if slices.Contains(t.roster(n+1, now).users, u) {
			return !t.s.off(u, now)
		}
	}
	return false
}

// eligible are those whom a level names and would page in this pass: at a
// round-robin level those of the first target in turn that has any.
func (t *simTrack) eligible(level int, now time.Time) []responder.UserID {
	_, users := t.turn(level, now)
	return users
}

func (t *simTrack) turn(level int, now time.Time) (target int, users []responder.UserID) {
	r := t.roster(level, now)
	if len(r.targets) == 0 {
		return 0, t.pageable(r.users, now)
	}
	for i := range r.targets {
		at := (t.r.state.Incident.Turn + max(t.round, 1) - 1 + i) % len(r.targets)
		if users := t.pageable(r.targets[at], now); len(users) > 0 {
			return at + 1, users
		}
	}
	return 0, nil
}

// newcomers came on call at the present level, for the target whose turn it is.
func (t *simTrack) newcomers(now time.Time) []responder.UserID {
	r := t.roster(t.level, now)
	if t.target > 0 {
		return t.pageable(r.targets[t.target-1], now)
	}
	return t.pageable(r.users, now)
}

func (t *simTrack) pageable(on []responder.UserID, now time.Time) []responder.UserID {
	var users []responder.UserID
	for _, u := range on {
		paged := slices.ContainsFunc(t.pages, func(p *simPage) bool {
			return p.User == u && p.pass == t.pass && p.walked()
		})
		if !paged && !t.left[u] && !t.s.off(u, now) && !slices.Contains(users, u) {
			users = append(users, u)
		}
	}
	return users
}

func (t *simTrack) stagePages() []*simPage {
	var pages []*simPage
	for _, p := range t.pages {
		if p.stage == t.stage && p.pass == t.pass && p.level == t.level {
			pages = append(pages, p)
		}
	}
	return pages
}

// dead: waiting for these pages is of no use.
func (t *simTrack) dead(pages []*simPage, now time.Time) bool {
	return !slices.ContainsFunc(pages, func(p *simPage) bool {
		return !p.ended && !p.passedOn && (!p.failed || t.alive(p, now))
	})
}

func (t *simTrack) reached(pass int) bool {
	return slices.ContainsFunc(t.pages, func(p *simPage) bool {
		return p.pass == pass && p.walked() && p.ever && !p.passedOn
	})
}

func (t *simTrack) anyAlive(now time.Time) bool {
	return slices.ContainsFunc(t.pages, func(p *simPage) bool { return !p.ended && !p.passedOn && t.alive(p, now) })
}

func (t *simTrack) succeeded(p *simPage, now time.Time) bool {
	return slices.ContainsFunc(t.pages, func(o *simPage) bool {
		return !o.ended && !o.passedOn && !o.handed && o.Wave > p.Wave && o.level == p.level && o.stage == escalation.AtLevel && t.alive(o, now)
	})
}

func (t *simTrack) alive(p *simPage, now time.Time) bool {
	_, alive := t.aliveSince(p, now)
	return alive
}

// aliveSince: a device that is not gone rings or shows it, or the gateway of a
// method that wakes has taken it.
func (t *simTrack) aliveSince(p *simPage, now time.Time) (since time.Time, alive bool) {
	take := func(at time.Time) {
		if !alive || at.Before(since) {
			since, alive = at, true
		}
	}
	for d, proof := range p.devices {
		l := t.s.hub.link(d)
		gone := l.Since.IsZero() && !now.Before(l.GoneAt)
		if proof.alive.After(proof.failed) && !gone {
			take(proof.alive)
		}
	}
	for _, u := range p.uses {
		if u.accepted && t.wakes(p, u.method) {
			take(u.answered)
		}
	}
	if t.carried(p, now) {
		take(p.joinedAt)
	}
	return since, alive
}

// skipLimit is until when a level of so many may not be entered by skipping.
func (t *simTrack) skipLimit(users int, now time.Time) time.Time {
	var until time.Time
	for _, p := range t.pages {
		since, alive := t.aliveSince(p, now)
		if p.ended || p.passedOn || !alive || !p.walked() || p.pass != t.pass {
			continue
		}
		if end := since.Add(t.timeout(p.level)); end.After(until) {
			until = end
		}
	}
	if users > 3 {
		many := t.triggered.Add(2 * time.Minute)
		if t.due.Before(many) {
			many = t.due
		}
		if many.After(until) {
			until = many
		}
	}
	return until
}

// nextMethod is the first that the page has not travelled by and may.
func (t *simTrack) nextMethod(p *simPage) *simWay {
	high := t.high()
	if p.low == high {
		return nil // quiet it was, and quiet it stays
	}
	ways := t.ways(p.User)
	for n, m := range ways {
		last, before := t.spared[simSpared{p.User, m.id}]
		spared := m.id != responder.Devices && !m.wakes && before && p.opened.Before(last.Add(time.Hour))
		if !p.used(m.id) && !spared {
			return &ways[n]
		}
	}
	return nil
}

func (t *simTrack) high() bool { return t.r.state.Incident.Urgency == incident.High }

// wakes reports whether a page's user is woken by a method.
func (t *simTrack) wakes(p *simPage, m responder.MethodID) bool {
	return t.s.set.wakes(p.User, m, t.high())
}

// settled is when everything that the page travelled by has had its time.
func (t *simTrack) settled(p *simPage) time.Time {
	var last time.Time
	for _, u := range p.uses {
		at := u.at.Add(10 * time.Second)
		switch {
		case u.method == responder.Devices:
			at = t.deadline(p, u)
		case !u.answered.IsZero():
			at = u.answered
		}
		last = simLater(last, at)
	}
	return last
}

// deadline is until when devices may show the page.
func (t *simTrack) deadline(p *simPage, u simUse) time.Time {
	from := simLater(u.at, t.s.hub.boot.Add(20*time.Second))
	devices := t.s.set.user(p.User).devices
	hopeless := true
	for _, d := range devices {
		l, proof := t.s.hub.link(d), p.devices[d]
		from = simLater(from, l.Since)
		if l.Since.IsZero() || proof.failed.IsZero() || proof.alive.After(proof.failed) {
			hopeless = false
		}
	}
	if hopeless {
		return u.at
	}
	at, latest := from.Add(10*time.Second), simLater(u.at, t.s.hub.boot).Add(30*time.Second)
	if latest.Before(at) {
		return latest
	}
	return at
}

func simLater(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
