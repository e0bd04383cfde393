package pager

import (
	"sync"
	"time"

	"tocsin/hub/escalation"
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
	answered time.Time // guarded by pager.mu
	ready    bool      // guarded by pager.mu
	goodbye  bool      // the device goes on purpose; guarded by pager.mu

	mu    sync.Mutex
	whole bool               // the snapshot was taken; guarded by mu
	told  map[string]telling // what was told last of each page; guarded by mu
}

// telling is one page as a device was told of it.
type telling struct {
	version uint64 // of its incident; what is older must not come after it
	hash    uint64 // of all but the version
}

// Close takes a stream away. Its device counts as gone escalation.GoneAfter
// after it was last heard of.
func (s *Stream) Close() {
	s.end("closed")
	p := s.pager
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.streams[s.Device.ID] != s {
		return
	}
	delete(p.streams, s.Device.ID)
	delete(p.byUser[s.Device.User], s.Device.ID)
	if len(p.byUser[s.Device.User]) == 0 {
		delete(p.byUser, s.Device.User)
	}
	// Whole milliseconds, as all times that decisions are made by.
	if !p.stopped && !s.goodbye {
		p.dropped(s.Device)
	}
	p.left[s.Device.ID] = whole(s.heard().Add(escalation.GoneAfter))
	p.notice(s.Device.User)
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

// SilentIn is how long it takes until the device has left beats unanswered for
// too long, if it goes on to; not positive when it has.
func (s *Stream) SilentIn() time.Duration {
	s.pager.mu.Lock()
	defer s.pager.mu.Unlock()
	return AnswerWithin - time.Since(s.answered)
}

// Snapshot gives the frames that the stream begins with, before what is queued.
// All are to be sent: what a snapshot lacks is over for the device.
func (s *Stream) Snapshot(pages []News) []*agentv1.WatchResponse {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.whole = true
	var frames []*agentv1.WatchResponse
	for _, n := range pages {
		if n.frame == nil {
			continue
		}
		frames = append(frames, n.frame)
		if n.version >= s.told[n.key].version {
			s.told[n.key] = n.telling
		}
	}
	return frames
}

// tell queues a page, unless the device was told a later state of it, or the
// same. Commits are published in no order: the versions give it back. What is
// the same as what is queued must be told all the same while the snapshot is to
// come, which may say something else in between.
func (s *Stream) tell(n News) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, known := s.told[n.key]
	if known && n.version < last.version {
		return
	}
	s.told[n.key] = n.telling
	if !known || !s.whole || n.hash != last.hash {
		s.Send(n.frame)
	}
}
