package engine

import (
	"fmt"
	"sync"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// world is what Decide is told of the world now.
func (e *Engine) world(tx store.Tx, s escalation.State, now time.Time) (escalation.World, error) {
	c := e.clock.times()
	w := e.directory.Current().World(s, e.links.Links, now, c.start, c.grace)
	w.OutageUntil = e.links.OutageUntil()
	var err error
	if w.Sources, err = e.sources(tx, s.Incident, now); err != nil {
		return w, err
	}
	if s.Incident.Status != incident.Triggered || s.Incident.Urgency != incident.High {
		return w, nil
	}
	for i := range w.Reach {
		r := &w.Reach[i]
		if e.rang.few(r.User, now) {
			continue
		}
		since := now.Add(-escalation.StormWithin)
		open, oldest, err := tx.Crowd(r.User, since, escalation.StormAbove+1)
		if err != nil {
			return w, fmt.Errorf("count the open pages of %s: %w", r.User, err)
		}
		e.rang.learn(r.User, open, now)
		if own, is := s.OpenPageOf(r.User); is && !own.Low && !own.At.Before(since) && open > 0 {
			open-- // a storm is made of others
		}
		r.Storm = escalation.Storm{Open: open, Since: oldest}
		if open >= escalation.StormAbove {
			r.Storm.Rang = e.rang.of(*r)
		}
	}
	return w, nil
}

// rang remembers when an alarm last reached each user, and when each was paged
// last. It is kept in memory: a hub that starts asks for new proof, and of the
// store.
type rang struct {
	mu    sync.Mutex
	last  map[responder.UserID]alarm
	paged map[responder.UserID]*recent
	from  time.Time // since when paged is complete
}

// recent are the times of a user's last pages, in a ring. It is complete once the
// store was asked.
type recent struct {
	at    [escalation.StormAbove]time.Time
	next  int
	known bool
}

func (p *recent) add(at time.Time) {
	p.at[p.next] = at
	p.next = (p.next + 1) % len(p.at)
}

type alarm struct {
	at     time.Time
	device responder.DeviceID // empty: a contact method that wakes
}

// heard takes note of what a commit tells.
func (r *rang) heard(c Change) {
	for _, e := range c.Entries {
		switch e.Kind {
		case incident.KindPaged:
			r.page(e.User, e.At)
			continue
		case incident.KindRinging, incident.KindShown:
		case incident.KindMethodAccepted:
			user, _ := c.Org.User(e.User)
			if m, ok := user.Method(e.Method); !ok || !m.Wakes {
				continue
			}
		default:
			continue
		}
		r.mu.Lock()
		if e.At.After(r.last[e.User].at) {
			if r.last == nil {
				r.last = map[responder.UserID]alarm{}
			}
			r.last[e.User] = alarm{e.At, e.Device}
		}
		r.mu.Unlock()
	}
}

// of says when an alarm last reached a user; zero if the device that raised it
// has no stream any more.
func (r *rang) of(u escalation.Reach) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := r.last[u.User]
	if last.device == "" {
		return last.at
	}
	for _, d := range u.Devices {
		if d.Device == last.device && !d.Since.IsZero() {
			return last.at
		}
	}
	return time.Time{}
}

func (r *rang) page(u responder.UserID, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recent(u).add(at)
}

// recent gives a user's last pages. r.mu is held.
func (r *rang) recent(u responder.UserID) *recent {
	if r.paged == nil {
		r.paged = map[responder.UserID]*recent{}
	}
	if r.paged[u] == nil {
		r.paged[u] = &recent{}
	}
	return r.paged[u]
}

// learn takes note, once, of how many pages of a user are open. They count as made
// now, and perhaps were heard of before: too many is safe, as few then says no.
func (r *rang) learn(u responder.UserID, open int, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.recent(u)
	if p.known {
		return
	}
	p.known = true
	for range open {
		p.add(now)
	}
}

// few reports whether a user was paged so seldom of late that there is no storm:
// then the store need not be asked.
func (r *rang) few(u responder.UserID, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	since := now.Add(-escalation.StormWithin)
	p := r.paged[u]
	heardAll := !r.from.IsZero() && !r.from.After(since)
	if p == nil {
		return heardAll
	}
	return (p.known || heardAll) && p.at[p.next].Before(since)
}

// forget drops all, because the hub starts or the clock was set.
func (r *rang) forget(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.last)
	clear(r.paged)
	r.from = now
}
