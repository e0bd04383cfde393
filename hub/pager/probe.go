package pager

import (
	"context"
	"crypto/rand"
	"time"

	"tocsin/hub/responder"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// ProbeWithin is how long a device may take to answer a probe.
const ProbeWithin = 10 * time.Second

// Probed is what a device says of itself when it is probed.
type Probed struct {
	Device   responder.DeviceID
	Answered bool
	Ready    bool // it could alarm
	Problems []string
}

// probe is a question under way to one device.
type probe struct {
	id     string
	device responder.DeviceID
}

// Probe asks each device of a user that is there to test its way to an alarm,
// silently, and waits until all have answered or ProbeWithin is over.
func (p *Pager) Probe(ctx context.Context, u responder.UserID) []Probed {
	id := rand.Text()
	answers := make(chan Probed)
	over := make(chan struct{})
	defer close(over)
	streams := p.streamsOf(u)
	var list []Probed
	place := map[responder.DeviceID]int{}
	p.mu.Lock()
	for _, s := range streams {
		place[s.Device.ID] = len(list)
		list = append(list, Probed{Device: s.Device.ID})
		p.probes[probe{id, s.Device.ID}] = func(a Probed) {
			select {
			case answers <- a:
			case <-over:
			}
		}
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for d := range place {
			delete(p.probes, probe{id, d})
		}
	}()
	for _, s := range streams {
		s.Send(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Probe{Probe: &agentv1.Probe{Id: id}}})
	}
	timer := time.NewTimer(ProbeWithin)
	defer timer.Stop()
	for left := len(list); left > 0; left-- {
		select {
		case a := <-answers:
			list[place[a.Device]] = a
		case <-timer.C:
			return list
		case <-ctx.Done():
			return list
		}
	}
	return list
}

// ProbeAnswered takes a device's answer. One that nobody waits for is ignored, and
// so is a second one.
func (p *Pager) ProbeAnswered(d responder.DeviceID, id string, ready bool, problems []string) {
	p.mu.Lock()
	take := p.probes[probe{id, d}]
	delete(p.probes, probe{id, d})
	if s := p.streams[d]; s != nil && take != nil {
		s.ready = ready
	}
	p.mu.Unlock()
	if take != nil {
		take(Probed{Device: d, Answered: true, Ready: ready, Problems: problems})
	}
}
