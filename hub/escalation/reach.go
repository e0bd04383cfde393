package escalation

import (
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The waits of reaching a person.
const (
	// ShowDeadline is how long devices have to report ringing or shown.
	ShowDeadline = 10 * time.Second
	// showCap bounds how far a stream that opens late can move that deadline.
	showCap = 30 * time.Second
	// answerDeadline is how long a gateway has to answer.
	answerDeadline = 10 * time.Second
	// sparing is how long a method that does not wake is not used again for one
	// user of one incident.
	sparing = time.Hour
	// GoneAfter is how long a device must be without a stream, as seen by a
	// running hub, to count as gone.
	GoneAfter = 40 * time.Second
	// Grace is the quiet after a hub's start.
	Grace = 20 * time.Second
)

// Condition is what is known of an open page.
type Condition string

// The conditions of a page.
const (
	Waiting   Condition = "waiting" // on its way; nothing proves that it arrived
	Alive     Condition = "alive"   // it rings or shows, or a method that wakes has taken it
	FailedNow Condition = "failed"  // every method was used and none is alive
)

// ConditionOf says how a page stands, and since when it has been alive.
func ConditionOf(p Page, w World, now time.Time) (Condition, time.Time) {
	if since, ok := aliveSince(p, w, now); ok {
		return Alive, since
	}
	if !p.Failed.IsZero() {
		return FailedNow, time.Time{}
	}
	return Waiting, time.Time{}
}

// aliveSince says since when the page has been alive, if it is now.
func aliveSince(p Page, w World, now time.Time) (time.Time, bool) {
	var since time.Time
	reach := w.reach(p.User)
	earlier := func(t time.Time) {
		if since.IsZero() || t.Before(since) {
			since = t
		}
	}
	for _, u := range p.Uses {
		if u.Method != responder.Devices {
			if u.Accepted && reach.wakes(u.Method) {
				earlier(u.Answered)
			}
			continue
		}
		for _, proof := range u.Proofs {
			if proof.alive() && !reach.gone(proof.Device, now) {
				earlier(proof.Alive)
			}
		}
	}
	return since, !since.IsZero()
}

// onDevice reports whether a device rings or shows a page.
func (d *decision) onDevice(p Page) bool {
	use, travels := p.use(responder.Devices)
	return travels && slices.ContainsFunc(use.Proofs, func(proof Proof) bool {
		return proof.alive() && !d.World.reach(p.User).gone(proof.Device, d.now)
	})
}

// reached reports whether the page was ever alive. What a person passed on, or
// what stopped at a method that does not wake, reached nobody.
func (p Page) reached(w World) bool {
	if p.PassedOn {
		return false
	}
	reach := w.reach(p.User)
	for _, u := range p.Uses {
		if u.Method != responder.Devices && u.Accepted && reach.wakes(u.Method) {
			return true
		}
		for _, proof := range u.Proofs {
			if !proof.Alive.IsZero() {
				return true
			}
		}
	}
	return false
}

// alive reports whether ringing or shown was the device's last word. Of two at
// one instant the failure counts: better one page too many.
func (p Proof) alive() bool { return p.Alive.After(p.Failed) }

func (r Reach) wakes(m responder.MethodID) bool {
	for _, method := range r.Methods {
		if method.ID == m {
			return method.Wakes
		}
	}
	return false
}

// remaining lists the methods that a page has not travelled by and still may:
// one that does not wake is spared where it was used in the hour before. A quiet
// notification stays one when the urgency rises: whoever is to be alarmed gets a
// page of its own.
func (s State) remaining(p Page) []Method {
	if p.Low != (s.Incident.Urgency != incident.High) {
		return nil
	}
	var left []Method
	for _, m := range s.World.reach(p.User).Methods {
		_, used := p.use(m.ID)
		spared := slices.ContainsFunc(s.Course.Sent, func(o Sent) bool {
			return o.User == p.User && o.Method == m.ID && p.At.Before(o.At.Add(sparing))
		})
		if !used && !spared {
			left = append(left, m)
		}
	}
	return left
}

// gone reports whether a device has been away for too long, or is enrolled no
// more.
func (r Reach) gone(d responder.DeviceID, now time.Time) bool {
	if d == byStorm {
		return !now.Before(r.Storm.carriesUntil())
	}
	for _, l := range r.Devices {
		if l.Device == d {
			return l.Since.IsZero() && !now.Before(l.GoneAt)
		}
	}
	return true
}

// settledAt says when a used method that is not alive can be given up; a time
// that has passed means now.
func settledAt(p Page, u Use, w World) time.Time {
	if u.Method != responder.Devices {
		if !u.Answered.IsZero() {
			return u.Answered
		}
		return u.At.Add(answerDeadline)
	}
	reach := w.reach(p.User)
	if reach.allFailed(u) {
		return u.At
	}
	from := later(u.At, w.HubStart.Add(Grace))
	for _, l := range reach.Devices {
		from = later(from, l.Since)
	}
	return earliest(from.Add(ShowDeadline), later(u.At, w.HubStart).Add(showCap))
}

// allFailed reports whether every device that could still raise the alarm has
// said that it cannot.
func (r Reach) allFailed(u Use) bool {
	if len(r.Devices) == 0 {
		return true
	}
	for _, l := range r.Devices {
		if l.Since.IsZero() || !failedOn(u, l.Device) {
			return false
		}
	}
	return true
}

func failedOn(u Use, d responder.DeviceID) bool {
	for _, proof := range u.Proofs {
		if proof.Device == d {
			return !proof.Failed.IsZero() && !proof.alive()
		}
	}
	return false
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// earliest gives the earliest of the times that are set; zero if none is.
func earliest(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}
