package alarm

import (
	"context"
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
	// Output names where it plays.
	Output string
	// Reason says why it does not play although it should, for example
	// "muted"; empty while it plays or should be silent.
	Reason string
}

// Sound plays the alarm. Make it with NewSound, and run it.
type Sound struct{}

// NewSound makes a silent Sound. changed is called from Run's goroutine, with
// each state that differs from the one before; it must not block.
func NewSound(changed func(SoundState)) *Sound { return &Sound{} }

// Set says what should be heard from now on. It never blocks; setting the tone
// that is set already lets it go on (Rising does not start anew).
func (s *Sound) Set(t Tone) {}

// Run plays until ctx is done, reconnecting to the sound server as needed.
func (s *Sound) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Probe answers whether an alarm would be heard if it rang now, without making
// a sound: Playing means "would play".
func (s *Sound) Probe(ctx context.Context) SoundState { return SoundState{} }
