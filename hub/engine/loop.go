package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/store"
)

// The loop's rhythm.
const (
	// pollEvery is how long the loop waits at most: a lost hint costs no more.
	pollEvery = 5 * time.Second
	// claim is how many due incidents it takes at a time.
	claim = 64
)

// Run wakes what is due until ctx ends. It is to be called once; Start first.
func (e *Engine) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-e.hint:
		}
		if err := e.seen(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("the hub's being alive could not be noted; it is tried again", "err", err)
		}
		// While it looks, every commit with a time to wake hints: its own may
		// come too late for what is being read.
		e.planned.Store(math.MaxInt64)
		next, err := e.turn(ctx)
		if err != nil && ctx.Err() == nil {
			e.log.Error("what is due could not be done; it is tried again", "err", err)
		}
		e.planned.Store(time.Now().Add(next).UnixMilli())
		timer.Reset(next)
	}
}

// turn does what is due and says how long to wait. What fails is tried again a
// second later, and does not keep the others waiting, however much it is.
func (e *Engine) turn(ctx context.Context) (time.Duration, error) {
	var failed error
	vain := map[incident.ID]bool{} // looked at with others of which one failed
	vainBeats := map[incident.IntegrationID]bool{}
	for {
		var due []incident.ID
		var beats []incident.IntegrationID // whose ping is missing
		var wake, beat time.Time
		now := Now()
		err := e.store.View(ctx, func(tx store.Tx) (err error) {
			if due, err = tx.Due(now, claim+len(vain)); err != nil {
				return err
			}
			if beats, err = tx.DueHeartbeats(now, claim+len(vainBeats)); err != nil {
				return err
			}
			if wake, err = tx.NextWake(); err != nil {
				return err
			}
			beat, err = tx.NextHeartbeat()
			return err
		})
		if err != nil {
			return time.Second, errors.Join(failed, fmt.Errorf("ask what is due: %w", err))
		}
		due = slices.DeleteFunc(due, func(id incident.ID) bool { return vain[id] })
		beats = slices.DeleteFunc(beats, func(id incident.IntegrationID) bool { return vainBeats[id] })
		switch {
		case len(due)+len(beats) > 0:
		case failed != nil:
			return time.Second, failed
		default:
			wait := pollEvery
			for _, at := range []time.Time{wake, beat} {
				if !at.IsZero() {
					wait = min(wait, max(at.Sub(now), time.Millisecond))
				}
			}
			return wait, nil
		}
		for _, id := range beats {
			if err := e.missing(ctx, id); err != nil {
				failed, vainBeats[id] = errors.Join(failed, err), true
			}
		}
		if err := e.lookAt(ctx, due); err != nil {
			failed = errors.Join(failed, err)
			for _, id := range due {
				vain[id] = true
			}
		}
		if ctx.Err() != nil {
			return pollEvery, nil
		}
	}
}
