package alarm

import (
	"context"
	"sync"
	"time"

	"tocsin/agent/ui/plain"
)

// Tone is what the sound should be doing.
type Tone uint8

const (
	Silent Tone = iota
	// Rising loops the alarm, louder and higher in steps for two minutes.
	Rising
	// Brief plays the alarm once a minute: somebody else has been paged by now.
	Brief
)

// SoundState is what is known of the sound.
type SoundState struct {
	// Playing: a stream is running on an output that is not muted and whose
	// volume is above zero, as seen by asking the sound server.
	Playing bool
	// Output names where it plays, and how loud.
	Output string
	// Reason says why it does not play although it should, for example
	// "muted"; empty while it plays or should be silent.
	Reason string
}

const (
	// recheck is how often a playing stream is looked after: people mute, pull
	// plugs and switch outputs while it rings.
	recheck = 3 * time.Second
	// startup is what a server may take until it plays.
	startup = 2 * time.Second
	// retry is how often a missing sound server is sought.
	retry = 3 * time.Second
	// briefEvery is from one short alarm to the next.
	briefEvery = time.Minute
)

// Sound plays the alarm. Make it with NewSound, and run it.
type Sound struct {
	changed func(SoundState)
	server  string // the environment's if empty
	wake    chan struct{}

	mu    sync.Mutex
	tone  Tone
	since time.Time
	state SoundState
}

// NewSound makes a silent Sound. changed is called from Run's goroutine, with
// each state that differs from the one before; it must not block.
func NewSound(changed func(SoundState)) *Sound {
	return &Sound{changed: changed, wake: make(chan struct{}, 1)}
}

// Set says what should be heard from now on. It never blocks; setting the tone
// that is set already lets it go on (Rising does not start anew).
func (s *Sound) Set(t Tone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t == s.tone {
		return
	}
	s.tone, s.since = t, time.Now()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run plays until ctx is done, reconnecting to the sound server as needed.
func (s *Sound) Run(ctx context.Context) error {
	defer s.publish(SoundState{})
	for ctx.Err() == nil {
		tone, since := s.wanted()
		if tone == Silent {
			s.publish(SoundState{})
			s.pause(ctx, 0)
			continue
		}
		wait := retry
		if err := s.play(ctx, tone, since); err != nil {
			s.publish(SoundState{Reason: plain.Line(err.Error(), 200)})
		} else if s.is(tone, since) {
			// A short alarm has come to its end.
			s.publish(SoundState{})
			wait = max(briefEvery-time.Since(since)%briefEvery, time.Second)
		} else {
			continue
		}
		s.pause(ctx, wait)
	}
	return nil
}

// play plays until another tone is wanted or a short alarm is over (nil), or
// the sound server cannot be used (why).
func (s *Sound) play(ctx context.Context, tone Tone, since time.Time) error {
	var position int64
	var over <-chan time.Time
	if tone == Brief {
		over = time.After(burst * time.Second / rate)
	} else {
		// Where it would be by now: a new server does not make it start anew.
		position = int64(time.Since(since).Seconds() * rate)
	}
	st, err := openStream(s.server, tone, position)
	if err != nil {
		return err
	}
	defer st.close()
	next := time.NewTimer(startup)
	defer next.Stop()
	begun, started := time.Now(), st.started
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-over:
			return nil
		case <-s.wake:
			if !s.is(tone, since) {
				return nil
			}
			continue
		case <-st.lost:
			return errNoServer
		case <-started:
			started = nil
		case <-next.C:
		}
		now, err := st.check()
		if err != nil {
			return err
		}
		if now.Reason == reasonNotPlayed && time.Since(begun) < startup {
			// It says that it plays a moment before the first sample is out.
			next.Reset(startup / 20)
			continue
		}
		s.publish(now)
		next.Reset(recheck)
	}
}

// Probe answers whether an alarm would be heard if it rang now, without making
// a sound: Playing means "would play".
func (s *Sound) Probe(ctx context.Context) SoundState {
	type answer struct {
		SoundState
		error
	}
	done := make(chan answer, 1)
	go func() {
		st, err := probe(s.server)
		done <- answer{st, err}
	}()
	select {
	case a := <-done:
		if a.error != nil {
			return SoundState{Reason: plain.Line(a.Error(), 200)}
		}
		return a.SoundState
	case <-ctx.Done():
		return SoundState{Reason: "the sound server does not answer"}
	}
}

func (s *Sound) wanted() (Tone, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tone, s.since
}

func (s *Sound) is(t Tone, since time.Time) bool {
	tone, at := s.wanted()
	return tone == t && at.Equal(since)
}

// publish passes on what has changed.
func (s *Sound) publish(now SoundState) {
	if now == s.state {
		return
	}
	s.state = now
	s.changed(now)
}

// pause waits for d (without end if zero), another tone, or the end.
func (s *Sound) pause(ctx context.Context, d time.Duration) {
	var over <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-ctx.Done():
	case <-s.wake:
	case <-over:
	}
}
