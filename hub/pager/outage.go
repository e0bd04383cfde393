package pager

import (
	"time"

	"tocsin/hub/responder"
)

// The measures of a site's outage: its network or power is gone, not its people.
const (
	outageDevices = 3 // and at least half of all
	outageWithin  = 60 * time.Second
	outageAfter   = 10 * time.Second // how long they must stay away
	outageLasts   = 10 * time.Minute
)

// outage watches for many devices that drop at once without goodbye. It is
// guarded by Pager.mu.
type outage struct {
	lost  func(devices int)
	drops []drop
	until time.Time
	timer *time.Timer // to judge; nil: nothing dropped since it was judged
	first time.Time   // the drop that the timer began with
}

type drop struct {
	device responder.Device
	at     time.Time
}

// Goodbye notes that a device goes on purpose: it sleeps, quits or shuts down.
func (p *Pager) Goodbye(d responder.DeviceID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.streams[d]; s != nil {
		s.goodbye = true
	}
}

// OutageUntil implements engine.Links.
func (p *Pager) OutageUntil() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.outage.until
}

// dropped notes a device that is gone without goodbye. It is judged when no other
// has dropped for a while, and in any case soon after the time in which they
// count. p.mu is held.
func (p *Pager) dropped(d responder.Device) {
	o, now := &p.outage, time.Now()
	o.drops = append(o.drops, drop{d, now})
	if o.timer == nil {
		o.first = now
	} else {
		o.timer.Stop()
	}
	o.timer = time.AfterFunc(min(outageAfter, o.first.Add(outageWithin+outageAfter).Sub(now)), p.judge)
}

// judge says whether the devices that dropped of late are an outage.
func (p *Pager) judge() {
	p.mu.Lock()
	o, now := &p.outage, time.Now()
	var away, fresh []drop
	for _, d := range o.drops {
		switch since := now.Sub(d.at); {
		case since < outageAfter:
			fresh = append(fresh, d)
		case since <= outageWithin+outageAfter:
			away = append(away, d)
		}
	}
	o.drops, o.timer = append(fresh, away...), nil
	if len(fresh) > 0 && !p.stopped {
		o.first, o.timer = now, time.AfterFunc(outageAfter, p.judge)
	}
	n := len(away)
	if p.stopped || n < outageDevices || 2*n < n+len(fresh)+len(p.streams) || now.Before(o.until) {
		p.mu.Unlock()
		return
	}
	o.until = whole(now.Add(outageLasts))
	o.drops = fresh
	for _, d := range away {
		p.left[d.device.ID] = whole(now) // gone: the next methods are used at once
		p.notice(d.device.User)
	}
	p.mu.Unlock()
	p.log.Warn("most devices dropped at once: no level is skipped for a while, further methods are used at once", "devices", n, "for", outageLasts)
	o.lost(n)
}

// back takes a device out of those that dropped.
func (o *outage) back(d responder.DeviceID) {
	kept := o.drops[:0]
	for _, other := range o.drops {
		if other.device.ID != d {
			kept = append(kept, other)
		}
	}
	o.drops = kept
}

// shift moves what the wall clock says; drops are reckoned by the one that runs on.
func (o *outage) shift(by time.Duration) {
	if !o.until.IsZero() {
		o.until = o.until.Add(by)
	}
}

func (o *outage) stop() {
	if o.timer != nil {
		o.timer.Stop()
	}
}

// whole makes an instant one that decisions are made by.
func whole(t time.Time) time.Time { return t.UTC().Round(0).Truncate(time.Millisecond) }
