package e2e

import (
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/heartbeat"
	"tocsin/hub/responder"
)

// The hub's life: it starts, dies, is suspended, and its clock steps.

func (h *simHub) start() {
	if h.up {
		return
	}
	h.up, h.frozen, h.begun, h.lost = true, false, false, 0
	h.life++
	h.beating = nil
	h.streams, h.goneAt = map[responder.DeviceID]*simStream{}, map[responder.DeviceID]time.Time{}
	h.errands, h.rang, h.outage = map[simPlace]*simErrand{}, map[responder.UserID]simAlarm{}, time.Time{}
	h.lastWall, h.lastRan = h.wall(), h.ran()
	h.s.tell("hub starts")
	h.enter(h.begin)
}

// begin is a process's start, or its going on after it was suspended.
func (h *simHub) begin() {
	now := h.wall()
	h.store.commit(func() {
		h.boot, h.grace = now, time.Time{}
		if g := h.store.grace; g.IsZero() || now.Sub(g) >= 5*time.Minute || now.Before(g) {
			h.grace, h.store.grace = now.Add(escalation.Grace), now
		}
		h.begun = true
		h.s.check.beat.calm = false
		away, move := now.Sub(h.store.alive), h.s.core.pause
		if h.store.alive.IsZero() {
			away = 0
		} else if away < -time.Second {
			move = h.s.core.shift
		}
		switch b, alive := h.store.beat, h.store.alive; {
		case alive.IsZero():
		case away < -time.Second:
			h.store.beat = heartbeat.Shift(b, away)
			h.s.check.beat.moved(away)
		default:
			h.store.beat = heartbeat.Pause(b, h.s.set.beat, alive, now)
		}
		h.store.alive = now
		for _, r := range h.store.records {
			r.state = move(r.state, away)
			if away < -time.Second {
				h.s.check.shifted(r, away)
			} else {
				h.s.check.paused(r, away)
			}
			if !r.wakeAt.IsZero() || r.state.Incident.Open() {
				r.wakeAt = now
			}
		}
	})
	for _, r := range h.store.records {
		h.reconcile(r)
		h.keepsCovers(r)
	}
}

// checkClock compares the wall clock with the one that only runs on.
func (h *simHub) checkClock() {
	wall, ran := h.wall().Sub(h.lastWall), h.ran()-h.lastRan
	h.lastWall, h.lastRan = h.wall(), h.ran()
	switch {
	case wall < ran-time.Second:
		h.store.commit(func() {
			for _, r := range h.store.records {
				r.state = h.s.core.shift(r.state, wall-ran)
				h.s.check.shifted(r, wall-ran)
				if !r.wakeAt.IsZero() || r.state.Incident.Open() {
					r.wakeAt = h.wall() // who is on call may be somebody else now
				}
			}
			h.store.beat = heartbeat.Shift(h.store.beat, wall-ran)
			h.s.check.beat.moved(wall - ran)
			h.store.alive = h.wall()
			h.moveOwn(wall - ran)
		})
	case wall > ran+time.Minute:
		h.begin()
	}
}

// moveOwn moves what the process itself remembers by the clock.
func (h *simHub) moveOwn(by time.Duration) {
	h.boot = h.boot.Add(by)
	clear(h.rang)
	if !h.outage.IsZero() {
		h.outage = h.outage.Add(by)
	}
	if !h.grace.IsZero() {
		h.grace = h.grace.Add(by)
	}
	for _, d := range h.s.devices {
		if st := h.streams[d.id]; st != nil {
			st.since = st.since.Add(by)
		}
		if at, ok := h.goneAt[d.id]; ok {
			h.goneAt[d.id] = at.Add(by)
		}
	}
}

func (h *simHub) crash() {
	if !h.up {
		return
	}
	h.s.tell("hub dies")
	h.s.stats.crashes++
	h.up, h.frozen = false, false
	h.life++
	for _, d := range h.s.devices {
		if st := h.streams[d.id]; st != nil {
			st.closed = true
			h.s.after(h.s.between(0, time.Second), func() { d.lost(st, "closed") })
		}
	}
	down := simPick(h.s, h.s.between(100*time.Millisecond, 5*time.Second), h.s.between(0, time.Minute), h.s.between(0, 20*time.Minute))
	if h.s.healing {
		down = time.Second
	}
	h.s.after(down, h.start)
}

func (h *simHub) freeze(d time.Duration) {
	if !h.up || h.frozen {
		return
	}
	h.s.tell("hub is suspended for %s", d)
	h.frozen, h.since, h.s.check.beat.calm = true, h.s.now, false
	life := h.life
	h.s.after(d, func() {
		if h.life == life {
			h.thaw()
		}
	})
}

func (h *simHub) thaw() {
	if h.frozen {
		h.s.tell("hub goes on")
		h.frozen = false
		h.lost += h.s.now - h.since
		h.enter(func() {})
	}
}

func (h *simHub) step(by time.Duration) {
	h.s.tell("hub's clock steps by %s", by)
	h.offset += by
	if by > 0 { // what came due by the step alone is done at the next look
		h.s.check.beat.calm = false
	}
	h.enter(func() {})
}
