package pager

import (
	"log/slog"
	"sync"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// queueLength bounds what may wait for a slow agent.
const queueLength = 128

// Beats of a stream.
const (
	BeatEvery = 15 * time.Second
	// AnswerWithin is how long a device may leave beats unanswered.
	AnswerWithin = escalation.GoneAfter
)

// Pager keeps the streams of all devices. It is safe for concurrent use.
type Pager struct {
	log     *slog.Logger
	changed func(responder.UserID) // a device of this user came or went

	mu      sync.Mutex
	streams map[responder.DeviceID]*Stream
	byUser  map[responder.UserID]map[responder.DeviceID]*Stream
	left    map[responder.DeviceID]time.Time // since when a device counts as gone
}

// New makes a pager. changed is called on a goroutine of its own whenever a
// device came or went.
func New(changed func(responder.UserID), log *slog.Logger) *Pager {
	return &Pager{
		log: log, changed: changed,
		streams: map[responder.DeviceID]*Stream{},
		byUser:  map[responder.UserID]map[responder.DeviceID]*Stream{},
		left:    map[responder.DeviceID]time.Time{},
	}
}

// Stream is what is to be told to one device.
type Stream struct {
	Device responder.Device
	Since  time.Time
	// Frames are to be sent in order. It is never closed; see Done.
	Frames chan *agentv1.WatchResponse
	// Done is closed when the stream must end.
	Done chan struct{}

	pager    *Pager
	once     sync.Once
	reason   string
	answered time.Time         // guarded by pager.mu
	ready    bool              // guarded by pager.mu
	sent     map[string]uint64 // what was sent last of each page, by its hash; guarded by pager.mu
}

// Open registers a device's stream. An older one of the same device ends.
func (p *Pager) Open(d responder.Device, now time.Time) *Stream {
	s := &Stream{
		Device: d, Since: now, answered: now, pager: p,
		Frames: make(chan *agentv1.WatchResponse, queueLength), Done: make(chan struct{}),
		sent: map[string]uint64{},
	}
	p.mu.Lock()
	old := p.streams[d.ID]
	p.streams[d.ID] = s
	if p.byUser[d.User] == nil {
		p.byUser[d.User] = map[responder.DeviceID]*Stream{}
	}
	p.byUser[d.User][d.ID] = s
	delete(p.left, d.ID)
	p.mu.Unlock()
	if old != nil {
		old.end("the device opened another stream")
	}
	go p.changed(d.User)
	return s
}

// Close takes a stream away. Its device counts as gone escalation.GoneAfter
// after it was last heard of.
func (s *Stream) Close() {
	s.end("closed")
	p := s.pager
	p.mu.Lock()
	current := p.streams[s.Device.ID] == s
	if current {
		delete(p.streams, s.Device.ID)
		delete(p.byUser[s.Device.User], s.Device.ID)
		if len(p.byUser[s.Device.User]) == 0 {
			delete(p.byUser, s.Device.User)
		}
		p.left[s.Device.ID] = s.heard().Add(escalation.GoneAfter)
	}
	p.mu.Unlock()
	if current {
		go p.changed(s.Device.User)
	}
}

// heard is when the device was last known to be there: until now for one that
// closes its stream itself, the last answered beat for one that fell silent.
func (s *Stream) heard() time.Time {
	if now := time.Now(); now.Sub(s.answered) < AnswerWithin {
		return now
	}
	return s.answered
}

func (s *Stream) end(reason string) {
	s.once.Do(func() {
		s.reason = reason
		close(s.Done)
	})
}

// Reason says why a stream is Done.
func (s *Stream) Reason() string { return s.reason }

// Send queues a frame. A stream that is full ends.
func (s *Stream) Send(f *agentv1.WatchResponse) {
	select {
	case s.Frames <- f:
	default:
		s.end("the device is too slow")
	}
}

// Silent reports whether the device has left beats unanswered for too long.
func (s *Stream) Silent(now time.Time) bool {
	s.pager.mu.Lock()
	defer s.pager.mu.Unlock()
	return now.Sub(s.answered) >= AnswerWithin
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
	for _, page := range s.Pages {
		for _, stream := range p.streamsOf(page.User) {
			stream.Page(s, page, org)
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

func (p *Pager) streamsOf(u responder.UserID) []*Stream {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]*Stream, 0, len(p.byUser[u]))
	for _, s := range p.byUser[u] {
		out = append(out, s)
	}
	return out
}

// CloseAll ends every stream, because the hub stops.
func (p *Pager) CloseAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.streams {
		s.end("the hub stops")
	}
}
