package link

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstWait = 200 * time.Millisecond
	longest   = 10 * time.Second
	// refusedWait is for what only a person can mend.
	refusedWait = 5 * time.Minute
)

// pace answers growing waits. Each is jittered, so that thousands of agents do
// not come back to a restarted hub at once.
type pace struct{ tries int }

func (p *pace) next() time.Duration {
	wait := min(firstWait<<min(p.tries, 10), longest)
	p.tries++
	return jittered(wait)
}

func jittered(wait time.Duration) time.Duration { return wait/2 + rand.N(wait/2) }

func (p *pace) reset() { p.tries = 0 }

// sleep waits, less if nudged or ctx ends.
func sleep(ctx context.Context, wait time.Duration, nudged <-chan struct{}) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-nudged:
	}
}
