package escalation

import (
	"time"

	"tocsin/hub/incident"
)

// tend looks after one open page: sends it by the next method when that is due,
// or at once when nothing so far is alive; gives it up when there is no further
// method; and closes it when somebody else stands in for its user.
func (d *decision) tend(p Page) {
	if p.PassedOn || p.HandedOff {
		if d.relieved(p) {
			d.do(End{Page: p, At: d.now, Outcome: OutcomePassedOn, Reason: d.reliefOf(p)})
			return
		}
		if p.PassedOn {
			d.waitFor(d.goneAt(p), WaitGone)
			return
		}
	}
	if d.joins(p) {
		d.do(Join{Page: p, At: d.now})
		return
	}
	alive := d.aliveNow(p)
	settled := d.settled(p)
	if left := d.remaining(p); len(left) > 0 {
		m, due := left[0], p.At.Add(left[0].After)
		switch {
		case !d.now.Before(due):
			d.do(Travel{Page: p, Method: m.ID, At: d.now, Reason: ReasonByRule})
		case !p.Low && !alive && len(p.Uses) > 0 && !settled.After(d.now):
			d.do(Travel{Page: p, Method: m.ID, At: d.now, Reason: ReasonNotAlive})
		default:
			d.waitFor(due, WaitMethod)
			d.waitFor(settled, WaitDeadline)
			d.waitFor(d.goneAt(p), WaitGone)
		}
		return
	}
	switch {
	case p.Low:
	case alive:
		d.waitFor(d.goneAt(p), WaitGone)
	case !p.Failed.IsZero():
	case settled.After(d.now):
		d.waitFor(settled, WaitDeadline)
	default:
		d.do(Fail{Page: p, At: d.now, Reason: d.whyFailed(p)})
	}
}

// settled says when every method used so far can be given up.
func (d *decision) settled(p Page) time.Time {
	var last time.Time
	for _, u := range p.Uses {
		last = later(last, settledAt(p, u, d.World))
	}
	return last
}

// goneAt says when the next device that keeps the page alive counts as gone.
func (d *decision) goneAt(p Page) time.Time {
	var first time.Time
	for _, u := range p.Uses {
		for _, proof := range u.Proofs {
			if until := d.World.reach(p.User).Storm.carriesUntil(); proof.Device == byStorm && until.After(d.now) {
				first = earliest(first, until)
			}
			for _, l := range d.World.reach(p.User).Devices {
				if l.Device == proof.Device && proof.alive() && l.Since.IsZero() && l.GoneAt.After(d.now) {
					first = earliest(first, l.GoneAt)
				}
			}
		}
	}
	return first
}

func (d *decision) whyFailed(p Page) incident.Reason {
	reach := d.World.reach(p.User)
	switch {
	case len(reach.Methods) == 0:
		return ReasonNoMethod
	case p.reached(d.World):
		return ReasonDeviceGone
	case len(reach.Devices) == 0 && len(reach.Methods) == 1:
		return ReasonNoDevice
	}
	return ReasonNotShown
}

// relieved reports whether a page that was passed on or handed off may end.
// What keeps the incident with somebody never ends: the last page that is
// alive stays, and a hand-off waits for the successor.
func (d *decision) relieved(p Page) bool {
	if p.PassedOn && (p.Stage == Joined || p.Stage == Successor || !d.aliveNow(p)) {
		return true
	}
	for _, o := range d.Pages {
		if o.Key == p.Key || o.PassedOn || !d.aliveNow(o) {
			continue
		}
		successor := o.Wave > p.Wave && o.Level == p.Level && o.Stage == AtLevel && !o.HandedOff
		if p.PassedOn || successor {
			return true
		}
	}
	return false
}

func (d *decision) reliefOf(p Page) incident.Reason {
	switch {
	case !p.PassedOn:
		return ReasonSuccessorAlive
	case d.aliveNow(p) && p.Stage != Joined && p.Stage != Successor:
		return ReasonOtherAlive
	}
	return ReasonPassedOn
}
