package e2e

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// simHub is the model of the hub's shell: what lives in one process, and dies
// with it, around the core and the store.
type simHub struct {
	s      *sim
	store  *simStore
	up     bool
	frozen bool
	begun  bool          // the start is over
	life   int           // counts processes: what an earlier one began is void
	offset time.Duration // by how much the wall clock is off
	boot   time.Time
	grace  time.Time
	lost   time.Duration // how long this process was frozen
	since  time.Duration // when it was
	// The clocks when it last looked: wall, and the one that only runs on.
	lastWall time.Time
	lastRan  time.Duration
	streams  map[responder.DeviceID]*simStream
	goneAt   map[responder.DeviceID]time.Time
	errands  map[simPlace]*simErrand
	rang     map[responder.UserID]simAlarm
	outage   time.Time       // until when nothing is skipped
	beating  *heartbeat.Beat // while the commit that takes it in is under way
	timer    int
	once     func(incident.Answer) // notes the answer to a report in the same commit
}

func newSimHub(s *sim) *simHub {
	return &simHub{s: s, store: &simStore{s: s, answers: map[string]incident.Answer{}, applied: map[int]int{}, clicked: map[int]bool{},
		absences: s.set.absences, windows: s.set.windows, org: s.set.organisation(s.set.absences, s.set.windows)}}
}

func (h *simHub) wall() time.Time    { return simEpoch.Add(h.s.now + h.offset) }
func (h *simHub) ran() time.Duration { return h.s.now - h.lost }

// enter does something in the hub, if it runs. False: it did not answer.
func (h *simHub) enter(work func()) (answered bool) {
	if !h.up || h.frozen {
		return false
	}
	defer func() {
		if r := recover(); r != nil {
			if _, died := r.(simCrash); !died {
				panic(r)
			}
			h.crash()
			answered = false
		}
	}()
	h.checkClock()
	if h.begun {
		h.store.alive = h.wall()
	}
	work()
	h.sleep()
	return true
}

// sleep sets the timer to the earliest thing that is due.
func (h *simHub) sleep() {
	var first time.Time
	for _, r := range h.store.records {
		if !r.wakeAt.IsZero() && (first.IsZero() || r.wakeAt.Before(first)) {
			first = r.wakeAt
		}
	}
	due := h.store.beat.DueAt
	if !due.IsZero() && !due.After(h.wall()) {
		due = h.wall().Add(300 * time.Millisecond) // a planted bug must not make it spin
	}
	if !due.IsZero() && (first.IsZero() || due.Before(first)) {
		first = due
	}
	h.timer++
	if first.IsZero() {
		return
	}
	mine := h.timer
	h.s.after(max(first.Sub(h.wall()), 0), func() {
		if mine == h.timer {
			h.enter(h.turn)
		}
	})
}

func (h *simHub) turn() {
	h.missing()
	for _, r := range h.store.records {
		if !r.wakeAt.IsZero() && !r.wakeAt.After(h.wall()) {
			h.do(r, nil)
		}
	}
}

// duty: a user goes off duty for a while or comes back. Going off duty with an
// open page passes it on.
func (h *simHub) duty(u responder.UserID, off bool) {
	now := h.wall()
	h.enter(func() {
		h.store.commit(func() {
			h.store.absences = slices.Clone(h.store.absences)
			for i, a := range h.store.absences {
				if a.User == u && a.Covers(now) && (!off || !simPlanned(a)) {
					h.store.absences[i].End = now
				}
			}
			if off {
				h.store.absences = append(h.store.absences, responder.Absence{User: u, Start: now, End: now.Add(h.s.between(time.Minute, time.Hour)), Made: now})
			}
			h.store.org = h.s.set.organisation(h.store.absences, h.store.windows)
		})
		h.s.tell("%s off duty: %v", u, off)
		for _, r := range h.store.records {
			if _, open := r.state.OpenPageOf(u); open && off {
				h.command(r, "pass on", incident.Command{By: u})
			} else if r.state.Incident.Open() {
				h.do(r, nil)
			}
		}
	})
}

// simTx gathers what one commit writes, and what the checker is told of it once
// it has happened.
type simTx struct {
	state   escalation.State
	entries []incident.Entry
	saved   []incident.Entry // by commits before
	told    []func()
}

// do carries out work on an incident, and whatever follows from it.
func (h *simHub) do(r *simRecord, work func(*simTx)) {
	now, ended := h.wall(), r.ended()
	tx := &simTx{state: r.load()}
	tx.state.World = h.world(tx.state)
	if work != nil {
		work(tx)
		if h.s.set.stepwise {
			h.save(r, tx, now)
		}
	}
	for n := 0; ; n++ {
		if n > 200 {
			h.s.fail("bounded", "the core never settles")
		}
		tx.state.World = h.world(tx.state)
		d := h.s.core.decide(tx.state, now)
		h.s.stats.decisions++
		if len(d.Actions) == 0 {
			h.save(r, tx, d.WakeAt)
			h.s.check.settled(r, d, now)
			break
		}
		for _, a := range d.Actions {
			before := tx.state
			tx.told = append(tx.told, func() { h.s.check.action(r, before, a, now) })
			tx.state = h.s.core.apply(tx.state, a)
			if e := a.Entry(); e.Kind != "" {
				tx.entries = append(tx.entries, e)
			}
		}
		if h.s.set.stepwise {
			h.save(r, tx, now)
		}
	}
	h.heard(tx.saved)
	h.publish(r, ended)
	h.reconcile(r)
	h.keepsCovers(r)
}

func (h *simHub) save(r *simRecord, tx *simTx, wakeAt time.Time) {
	h.store.commit(func() {
		before := len(r.timeline)
		r.save(tx.state, tx.entries, wakeAt)
		for _, tell := range tx.told {
			tell()
		}
		h.s.check.saved(r, before, len(tx.entries))
		tx.saved = append(tx.saved, tx.entries...)
		for _, e := range tx.entries {
			h.s.tell("  hub: %s %s %s%s%s level %d wave %d %s", e.Kind, e.Reason, e.User, e.Device, e.Method, e.Level, e.Wave, e.Text)
		}
	})
	tx.told, tx.entries = nil, nil
	pages := r.load()
	tx.state.Pages, tx.state.Incident = pages.Pages, pages.Incident
}

// world is what the shell sees now.
func (h *simHub) world(st escalation.State) escalation.World {
	w := h.store.org.World(st, h.links, h.wall(), h.boot, h.grace)
	w.OutageUntil, w.Sources = h.outage, h.sources(st.Incident)
	if st.Incident.Status == incident.Triggered && st.Incident.Urgency == incident.High {
		for i := range w.Reach {
			w.Reach[i].Storm = h.crowd(w.Reach[i].User, st.Incident.ID)
		}
	}
	return w
}

func (h *simHub) links(devices []responder.Device, _ time.Time) []escalation.Link {
	var links []escalation.Link
	for _, d := range devices {
		links = append(links, h.link(d.ID))
	}
	return links
}

func (h *simHub) link(d responder.DeviceID) escalation.Link {
	l := escalation.Link{Device: d, GoneAt: h.boot.Add(escalation.GoneAfter)}
	if st := h.streams[d]; st != nil {
		l.Since = st.since
	} else if at, ok := h.goneAt[d]; ok {
		l.GoneAt = at
	}
	return l
}

// ingest takes in an event of the source, with a number that the checker knows.
func (h *simHub) ingest(id int, e incident.Event) {
	h.take(e, h.s.set.target, func() { h.store.applied[id]++; h.s.check.ingested(e) })
}

// take takes in an event, and in the same commit whatever is told of.
func (h *simHub) take(e incident.Event, target incident.Target, told func()) {
	now := h.wall()
	var prior incident.Incident
	if r := h.place(e, &target); r != nil {
		prior = r.state.Incident
	}
	if target.Times = h.store.org.Times("shop", now); !target.Times.Maintenance.IsZero() {
		target.Kept = h.kept()
	}
	next, effect, entries := h.s.core.ingest(prior, e, target, now)
	h.s.tell("source: %s %s %s: %s", e.Action, e.Key, e.Severity, effect)
	if effect == incident.NothingToDo || effect == incident.NotPermitted {
		h.store.commit(told)
		return
	}
	if effect == incident.Opened {
		h.s.check.tookIn(e, effect, prior, next, target.Home, now)
		h.create(next, h.s.set.policy, entries, func() { told(); h.s.check.named(next, e) }, now)
		return
	}
	r := h.find(string(next.ID))
	before, takesIn := r.state.Incident, h.s.check.of(r).takesIn(now)
	h.do(r, func(tx *simTx) {
		tx.state.Incident, tx.entries = next, entries
		tx.told = append(tx.told, told, func() {
			if effect == incident.Joined && prior.ID != next.ID && !takesIn {
				h.s.fail("grouping", "%s joins %s, which takes in no more", e.Key, next.ID)
			}
			h.s.check.tookIn(e, effect, prior, next, target.Home, now)
			h.s.check.changed(r, before, next, now)
		})
	})
}
