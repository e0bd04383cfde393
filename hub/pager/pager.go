package pager

import (
	"log/slog"
	"sync"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// Pager keeps the streams of all devices. It is safe for concurrent use.
type Pager struct {
	log     *slog.Logger
	changed func(responder.UserID) error // a device of this user came or went

	mu      sync.Mutex
	streams map[responder.DeviceID]*Stream
	byUser  map[responder.UserID]map[responder.DeviceID]*Stream
	left    map[responder.DeviceID]time.Time // since when a device counts as gone
	stopped bool
	probes  map[probe]func(Probed) // whom an answer is for
	backAt  time.Time              // announced by a drain
	outage

	pending  map[responder.UserID]bool // whom changed is still to be told of
	noticing bool                      // somebody tells
	notices  sync.WaitGroup
}

// New makes a pager. changed is called soon after a device came or went, for
// one user at a time; what comes for a user meanwhile is one call. lost is called
// once for each outage of a site, with how many devices dropped.
func New(changed func(responder.UserID) error, lost func(devices int), log *slog.Logger) *Pager {
	return &Pager{
		log: log, changed: changed, outage: outage{lost: lost},
		streams: map[responder.DeviceID]*Stream{},
		byUser:  map[responder.UserID]map[responder.DeviceID]*Stream{},
		left:    map[responder.DeviceID]time.Time{},
		pending: map[responder.UserID]bool{},
		probes:  map[probe]func(Probed){},
	}
}

// Open registers a device's stream. An older one of the same device ends.
func (p *Pager) Open(d responder.Device, now time.Time) *Stream {
	s := &Stream{
		Device: d, Since: now, answered: time.Now(), pager: p,
		Frames: make(chan *agentv1.WatchResponse, queueLength), Done: make(chan struct{}),
		told: map[string]telling{},
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		s.end(stopping)
		return s
	}
	if old := p.streams[d.ID]; old != nil {
		old.end("the device opened another stream")
	}
	p.streams[d.ID] = s
	if p.byUser[d.User] == nil {
		p.byUser[d.User] = map[responder.DeviceID]*Stream{}
	}
	p.byUser[d.User][d.ID] = s
	delete(p.left, d.ID)
	p.outage.back(d.ID)
	p.notice(d.User)
	return s
}

// notice sees to it that changed is called for a user. p.mu is held.
func (p *Pager) notice(u responder.UserID) {
	if p.stopped {
		return
	}
	p.pending[u] = true
	if !p.noticing {
		p.noticing = true
		p.notices.Go(p.tellChanged)
	}
}

// lookAgain is how long it takes until changed is called again for a user whose
// incidents could not be looked at.
const lookAgain = time.Second

// tellChanged calls changed until nobody is pending. When thousands of devices
// come back at once, they must not crowd out everything else.
func (p *Pager) tellChanged() {
	for {
		p.mu.Lock()
		users := p.pending
		p.pending = map[responder.UserID]bool{}
		p.noticing = len(users) > 0
		p.mu.Unlock()
		if len(users) == 0 {
			return
		}
		for u := range users {
			if err := p.changed(u); err != nil {
				p.log.Error("a device came or went, and its user's incidents could not be looked at; it is tried again", "user", u, "err", err)
				time.AfterFunc(lookAgain, func() {
					p.mu.Lock()
					defer p.mu.Unlock()
					p.notice(u)
				})
			}
		}
	}
}

// Answered notes a device's answer to a beat, and whether it could raise an
// alarm now.
func (p *Pager) Answered(d responder.DeviceID, ready bool, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.streams[d]; s != nil {
		s.answered, s.ready = now, ready
	}
}

// Revoke ends the stream of a device and tells it that its life is over.
func (p *Pager) Revoke(d responder.DeviceID) {
	p.mu.Lock()
	s := p.streams[d]
	p.mu.Unlock()
	if s == nil {
		return
	}
	s.Send(&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_SignedOut{SignedOut: &agentv1.SignedOut{
		Reason: "this device was signed out on the hub",
	}}})
	s.end("the device was revoked")
}

// Links implements engine.Links.
func (p *Pager) Links(devices []responder.Device, hubStart time.Time) []escalation.Link {
	if len(devices) == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	links := make([]escalation.Link, 0, len(devices))
	for _, d := range devices {
		l := escalation.Link{Device: d.ID}
		if s := p.streams[d.ID]; s != nil {
			l.Since = s.Since
		} else if l.GoneAt = p.left[d.ID]; l.GoneAt.IsZero() {
			l.GoneAt = hubStart.Add(escalation.GoneAfter)
		}
		links = append(links, l)
	}
	return links
}

// Shift implements engine.Links.
func (p *Pager) Shift(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.streams {
		s.Since = s.Since.Add(by)
	}
	for d, at := range p.left {
		p.left[d] = at.Add(by)
	}
	p.outage.shift(by)
}

// Reachable says whether an alarm would reach a user now: yes, no, or unchecked
// when a device is there and has not said so yet.
func (p *Pager) Reachable(u responder.UserID) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer := "no"
	for _, s := range p.byUser[u] {
		if s.ready {
			return "yes"
		}
		answer = "unchecked"
	}
	return answer
}

// Connected reports whether a device has a stream.
func (p *Pager) Connected(d responder.DeviceID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.streams[d] != nil
}

// Count is how many devices have a stream.
func (p *Pager) Count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.streams)
}

// Tell sends an incident's pages, as they are now, to the devices of the users
// who are paged.
func (p *Pager) Tell(s escalation.State, org *organisation.Organisation) {
	next := nextOnce(s)
	for _, page := range s.Pages {
		streams := p.streamsOf(page.User)
		if len(streams) == 0 {
			continue
		}
		if n := p.news(s, page, org, next); n.frame != nil {
			for _, stream := range streams {
				stream.tell(n)
			}
		}
	}
}

// ToUsers sends each user's frames to the user's devices.
func (p *Pager) ToUsers(frames func(responder.UserID) []*agentv1.WatchResponse) {
	p.mu.Lock()
	users := make([]responder.UserID, 0, len(p.byUser))
	for u := range p.byUser {
		users = append(users, u)
	}
	p.mu.Unlock()
	for _, u := range users {
		out := frames(u)
		for _, s := range p.streamsOf(u) {
			for _, f := range out {
				s.Send(f)
			}
		}
	}
}

// Notify tells a user's devices that are there a notice. Those that come later
// get it with their snapshot.
func (p *Pager) Notify(n notice.Notice) {
	for _, s := range p.streamsOf(n.User) {
		s.Send(NoticeFrame(n))
	}
}

// NoticeFrame is a notice as a device shows it.
func NoticeFrame(n notice.Notice) *agentv1.WatchResponse {
	return &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Notice{Notice: &agentv1.Notice{
		Id: n.ID, Title: n.Title, Text: n.Text, At: Stamp(n.Made),
	}}}
}

func (p *Pager) streamsOf(u responder.UserID) []*Stream {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.byUser[u]) == 0 {
		return nil
	}
	out := make([]*Stream, 0, len(p.byUser[u]))
	for _, s := range p.byUser[u] {
		out = append(out, s)
	}
	return out
}

const stopping = "the hub stops"

// CloseAll ends every stream, those to come included, because the hub stops.
// Afterwards changed is not called any more.
func (p *Pager) CloseAll() {
	p.mu.Lock()
	p.stopped = true
	clear(p.pending)
	p.outage.stop()
	for _, s := range p.streams {
		s.end(stopping)
	}
	p.mu.Unlock()
	p.notices.Wait()
}

// Watching reports whether a user has a device with a stream.
func (p *Pager) Watching(u responder.UserID) bool { return len(p.streamsOf(u)) > 0 }

// ToUser sends a frame to the devices of a user.
func (p *Pager) ToUser(u responder.UserID, f *agentv1.WatchResponse) {
	for _, s := range p.streamsOf(u) {
		s.Send(f)
	}
}

// Drain tells every device, and those that connect until then, that the hub goes
// away on purpose and is back at a time; the zero time takes that back. It
// answers how many devices were told.
func (p *Pager) Drain(backAt time.Time) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backAt = backAt
	for _, s := range p.streams {
		s.Send(drainFrame(backAt))
	}
	return len(p.streams)
}

// Drained is the frame of a drain that holds at a time; nil if none does.
func (p *Pager) Drained(now time.Time) *agentv1.WatchResponse {
	until := p.DrainedUntil(now)
	if until.IsZero() {
		return nil
	}
	return drainFrame(until)
}

// DrainedUntil is until when devices were told not to miss the hub; zero if they
// were not.
func (p *Pager) DrainedUntil(now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.backAt.After(now) {
		return time.Time{}
	}
	return p.backAt
}

func drainFrame(backAt time.Time) *agentv1.WatchResponse {
	return &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Drain{Drain: &agentv1.Drain{BackAt: Stamp(backAt)}}}
}
