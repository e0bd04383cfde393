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
		open, oldest, err := tx.Crowd(r.User, s.Incident.ID, now.Add(-escalation.StormWithin), escalation.StormAbove)
		if err != nil {
			return w, fmt.Errorf("count the open pages of %s: %w", r.User, err)
		}
		r.Storm = escalation.Storm{Open: open, Since: oldest}
		if open >= escalation.StormAbove {
			r.Storm.Rang = e.rang.of(*r)
		}
	}
	return w, nil
}

// rang remembers when an alarm last reached each user. It is kept in memory: a
// hub that starts asks for new proof.
type rang struct {
	mu   sync.Mutex
	last map[responder.UserID]alarm
}

type alarm struct {
	at     time.Time
	device responder.DeviceID // empty: a contact method that wakes
}

// heard takes note of what a commit tells.
func (r *rang) heard(c Change) {
	for _, e := range c.Entries {
		switch e.Kind {
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

// forget drops all, because the clock was set.
func (r *rang) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.last)
}
