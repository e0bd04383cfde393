package e2e

import (
	"slices"
	"time"

	"tocsin/agent/inbox"
	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// simCheck holds each history to the promises. It hears of everything that was
// committed and keeps its own account of it, written from the specification and
// not from the core.
type simCheck struct {
	s        *sim
	tracks   map[*simRecord]*simTrack
	sent     int
	resent   int
	counts   map[string]int // triggers taken in, by key
	messages map[simPlace]simMessage
	beat     simBeat
	firing   map[string]bool // what the sources say, by key
	silenced map[string]bool // what a person resolved while it fired
}

// simTrack is the account of one incident.
type simTrack struct {
	s         *sim
	r         *simRecord
	policy    escalation.Policy
	opening   int
	triggered time.Time
	acked     bool
	quiet     time.Time // when the lease or snooze ends; zero: never
	snoozed   bool
	held      time.Time // until when it waits before paging; zero: it does not
	calendar  bool      // it waits for the calendar
	ask       simAsk
	tenure    simTenure
	kept      bool // when paging began, the holder had said to keep it
	fixed     bool // the snooze is until a time of day
	holder    responder.UserID
	left      map[responder.UserID]bool // who passed it on
	begun     int                       // the opening that paging has begun for
	ended     bool                      // a quiet time ended, and paging has not begun again
	low       bool
	starts    bool // another policy is to begin
	fresh     bool // paging began, and no stage has been entered
	stage     escalation.Stage
	reason    incident.Reason
	level     int
	target    int // whose turn it is, from 1; 0: all of the level
	pass      int
	round     int
	entered   time.Time
	due       time.Time
	wave      int
	pages     []*simPage
	spared    map[simSpared]time.Time // when a method that does not wake was last used
	flap      simFlap
	group     string          // what opened it has in common with others
	tookIn    map[string]bool // the groups of what was merged into it
	isMerged  bool
	turned    bool // from a quiet notification that somebody has to an urgent one
}

// simPage is the account of one page.
type simPage struct {
	escalation.Key
	stage    escalation.Stage
	level    int
	pass     int
	opening  int
	low      bool
	opened   time.Time
	uses     []simUse
	devices  map[responder.DeviceID]simProof
	joined   bool // it goes with a storm
	joinedAt time.Time
	ever     bool // it was alive once
	failed   bool // the timeline says that it failed, and it has not been alive since
	passedOn bool
	handed   bool
	ended    bool
	endedAt  time.Duration // by the clock of the history, which nobody sets
}

// simSpared names a method that does not wake.
type simSpared struct {
	user   responder.UserID
	method responder.MethodID
}

type simUse struct {
	method       responder.MethodID
	at, answered time.Time
	accepted     bool
}

type simProof struct{ alive, failed time.Time }

func newSimCheck(s *sim) *simCheck {
	c := &simCheck{s: s, tracks: map[*simRecord]*simTrack{}, counts: map[string]int{}, messages: map[simPlace]simMessage{}, firing: map[string]bool{}, silenced: map[string]bool{}}
	s.after(s.between(0, 5*time.Second), c.audit)
	return c
}

func (c *simCheck) of(r *simRecord) *simTrack {
	t := c.tracks[r]
	if t == nil {
		t = &simTrack{s: c.s, r: r, policy: r.state.Policy, left: map[responder.UserID]bool{}, spared: map[simSpared]time.Time{}}
		c.tracks[r] = t
	}
	return t
}

// audit looks at a hub that runs, at a moment when nothing happens.
func (c *simCheck) audit() {
	c.s.after(c.s.between(time.Second, 20*time.Second), c.audit)
	h := c.s.hub
	if !h.up || h.frozen {
		return
	}
	c.fires()
	c.beats(h.wall())
	for _, r := range h.store.records {
		if (r.wakeAt.IsZero() || r.wakeAt.After(h.wall())) && !c.of(r).hasJoined() {
			c.of(r).holds(h.wall())
			c.of(r).overdue(h.wall())
		}
	}
}

// P1

func (c *simCheck) accepted(id int) {
	if c.s.hub.store.applied[id] == 0 {
		c.s.fail("P1", "event %d was accepted and is not in the store", id)
	}
}

func (c *simCheck) ingested(e incident.Event) {
	switch e.Action {
	case incident.Trigger:
		c.counts[e.Key]++
		c.firing[e.Key], c.silenced[e.Key] = true, false
	case incident.Resolve:
		c.firing[e.Key] = false
	}
}

func (c *simCheck) allCounted() {
	for key, want := range c.counts {
		got := 0
		for _, r := range c.s.hub.store.records {
			for _, a := range r.state.Incident.Alerts {
				if a.Key == key {
					got += a.Count
				}
			}
		}
		if got != want {
			c.s.fail("P1", "%d triggers of %q were taken in, the incidents count %d", want, key, got)
		}
	}
}

// changed hears of every change of an incident that was not the clock's.
func (c *simCheck) changed(r *simRecord, before, next incident.Incident, now time.Time) {
	t := c.of(r)
	if next.Opening != t.opening {
		t.opening, t.triggered, t.acked, t.ended = next.Opening, now, false, false
		t.left = map[responder.UserID]bool{}
		t.opened(next, now)
	}
	if !t.isMerged {
		t.flapped(before, next, now)
	}
	t.rose(before, next, now)
	if before.Urgency == incident.Low && next.Urgency == incident.High && before.QuietReason == incident.ReasonSupportHours {
		t.held, t.calendar = time.Time{}, false // what it waited for is for low urgency
	}
	if next.Status == before.Status && (next.Status != incident.Acknowledged || next.Holder == before.Holder) {
		return
	}
	if next.Status != incident.Triggered {
		t.held, t.calendar = time.Time{}, false
	}
	t.acked = next.Status == incident.Acknowledged
	if !t.acked {
		return
	}
	t.quiet, t.holder, t.snoozed, t.fixed, t.turned, t.tenure = time.Time{}, next.Holder, false, false, false, simTenure{}
	if lease := c.s.set.target.Service.Lease; lease > 0 && !t.isCover() {
		t.quiet = now.Add(lease)
	}
	if !next.QuietUntil.Equal(t.quiet) {
		c.s.fail("lease", "acknowledged at %s, quiet until %s, want %s", now, next.QuietUntil, t.quiet)
	}
}

func (c *simCheck) passedOn(r *simRecord, before escalation.State, cmd incident.Command, answer incident.Answer) {
	t := c.of(r)
	p := t.openOf(cmd.By)
	switch {
	case answer == incident.Applied && (p == nil || p.stage == escalation.CatchAll):
		c.s.fail("pass on", "%s passes on what cannot be passed on", cmd.By)
	case answer == incident.Applied:
		p.passedOn, t.left[cmd.By] = true, true
	}
}

// observed and answered hear what proves that a page arrived, or did not.
func (c *simCheck) observed(r *simRecord, k escalation.Key, d responder.DeviceID, alive bool, made time.Time) {
	p := c.of(r).page(k)
	if p == nil || !p.used(responder.Devices) {
		return
	}
	proof := p.devices[d]
	if alive {
		if !proof.alive.After(proof.failed) && made.After(proof.alive) {
			proof.alive = made
		}
		p.ever = true
	} else if made.After(proof.failed) {
		proof.failed = made
	}
	p.devices[d] = proof
	if proof.alive.After(proof.failed) {
		p.failed = false
	}
}

func (c *simCheck) answered(r *simRecord, k escalation.Key, m responder.MethodID, accepted bool, now time.Time) {
	t := c.of(r)
	p := t.page(k)
	for i, u := range p.uses {
		if u.method == m && u.answered.IsZero() {
			p.uses[i].answered, p.uses[i].accepted = now, accepted
			if accepted && t.wakes(p, m) {
				p.ever, p.failed = true, false
			}
		}
	}
}

// shifted: the clock was set back, and every running wait goes with it.
func (c *simCheck) shifted(r *simRecord, by time.Duration) {
	t := c.of(r)
	t.paused(by)
	move := func(at *time.Time) {
		if !at.IsZero() {
			*at = at.Add(by)
		}
	}
	move(&t.triggered)
	move(&t.entered)
	move(&t.due)
	move(&t.ask.at)
	t.flapMoved(by)
	for u, at := range t.spared {
		t.spared[u] = at.Add(by)
	}
	for _, p := range t.pages {
		if p.ended {
			continue
		}
		move(&p.opened)
		move(&p.joinedAt)
		for i := range p.uses {
			move(&p.uses[i].at)
			move(&p.uses[i].answered)
		}
		for d, proof := range p.devices {
			move(&proof.alive)
			move(&proof.failed)
			p.devices[d] = proof
		}
	}
}

// paused: a lease does not count the time in which no hub ran; a snooze until a
// time of day does.
func (c *simCheck) paused(r *simRecord, away time.Duration) { c.of(r).paused(away) }

func (t *simTrack) paused(away time.Duration) {
	if !t.held.IsZero() && !t.calendar {
		t.held = t.held.Add(away)
	}
	if !t.flap.due.IsZero() {
		t.flap.due = t.flap.due.Add(away)
	}
	if t.acked && !t.quiet.IsZero() && !t.fixed {
		t.quiet = t.quiet.Add(away)
	}
	if !t.tenure.asked.IsZero() {
		t.tenure.asked = t.tenure.asked.Add(away)
	}
}

// silences: a person resolved an incident, whatever still fires.
func (c *simCheck) silences(i incident.Incident) {
	for _, a := range i.Alerts {
		if a.Open {
			c.firing[a.Key], c.silenced[a.Key] = false, true
		}
	}
}

// P7

func (c *simCheck) saved(r *simRecord, before, added int) {
	if len(r.timeline) != before+added {
		c.s.fail("P7", "the timeline went from %d entries to %d, not by %d", before, len(r.timeline), added)
	}
}

// P4 and P5 on devices

func (c *simCheck) announced(d *simDevice, k inbox.Key) {
	if d.announced[k] > 1 {
		c.s.fail("P5", "%s alarms for %v as new for the %dth time", d.id, k, d.announced[k])
	}
	if responder.UserID(k.User) != d.user.id {
		c.s.fail("P3", "%s alarms for a page of %s", d.id, k.User)
	}
}

func (c *simCheck) device(d *simDevice) {
	for k, taken := range d.taken {
		if h, held := d.st.Held(k); held && taken && simRings(d.st.Standing(h)) {
			c.s.fail("P4", "%s acknowledged %v, the hub has not answered, and it rings", d.id, k)
		}
	}
}

func simRings(st inbox.Standing) bool { return st == inbox.Rings || st == inbox.Escalated }

// closes: an ended page was told to a device; within a second it is quiet.
func (c *simCheck) closes(st *simStream, k inbox.Key) {
	d := st.device
	life := d.life
	c.s.after(time.Second, func() {
		if d.life != life || !d.works() || !d.net || d.stream != st || st.closed || st.last > c.s.now {
			return
		}
		if h, held := d.st.Held(k); held && simRings(d.st.Standing(h)) {
			c.s.fail("P4", "%s still rings for %v, a second after its end was told", d.id, k)
		}
	})
}

// final looks at a history whose mishaps are over and whose incidents ended.
func (c *simCheck) final() {
	s := c.s
	s.stats.pages = 0
	c.allCounted()
	for _, r := range s.hub.store.records {
		t := c.of(r)
		if r.state.Incident.Open() {
			s.fail("heal", "incident %s is still %s", r.state.Incident.ID, r.state.Incident.Status)
		}
		if !r.verified() {
			s.fail("P7", "the chain of %s is broken", r.state.Incident.ID)
		}
		s.stats.pages += len(r.state.Pages)
		if len(t.pages) != len(r.state.Pages) {
			s.fail("P7", "%d pages were opened, the store has %d", len(t.pages), len(r.state.Pages))
		}
		for _, p := range r.state.Pages {
			t.accounted(p)
		}
	}
	for _, d := range s.devices {
		if !d.works() || d.stream == nil || len(d.st.Outbox) > 0 {
			s.fail("heal", "%s has not come back: %d reports wait", d.id, len(d.st.Outbox))
		}
		if sound := d.st.Sound(); sound != inbox.Silence {
			s.fail("P4", "everything is over, and %s makes the sound %q", d.id, sound)
		}
	}
}

// accounted (P6): the page ended in a way that has a name, and the timeline tells
// of it from beginning to end.
func (t *simTrack) accounted(p escalation.Page) {
	outcomes := []escalation.Outcome{escalation.OutcomeAcknowledged, escalation.OutcomeTaken, escalation.OutcomeResolved,
		escalation.OutcomeSnoozed, escalation.OutcomePassedOn, escalation.OutcomeSuperseded}
	if t.isMerged {
		outcomes = append(outcomes, escalation.OutcomeMerged)
	}
	if p.Open() || !slices.Contains(outcomes, p.Outcome) {
		t.s.fail("P6", "page %v has the outcome %q", p.Key, p.Outcome)
	}
	told := map[incident.Kind]int{}
	for _, e := range t.r.timeline {
		if e.User == p.User && e.Wave == p.Wave {
			told[e.Kind]++
		}
	}
	if told[incident.KindPaged] != 1 || told[incident.KindPageEnded] != 1 || told[incident.KindMethodUsed] != len(p.Uses) {
		t.s.fail("P6", "the timeline tells of page %v: %v", p.Key, told)
	}
	if !p.Failed.IsZero() && told[incident.KindPageFailed] == 0 {
		t.s.fail("P6", "page %v failed, and the timeline does not say so", p.Key)
	}
}
