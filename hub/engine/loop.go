package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/store"
)

// The loop's rhythm.
const (
	// pollEvery is how long the loop waits at most: a lost hint costs no more.
	pollEvery = 5 * time.Second
	// claim is how many due incidents it takes at a time.
	claim = 64
	// suspendedAfter is how late the loop may be before the hub counts as having
	// been down.
	suspendedAfter = 60 * time.Second
	// graceEvery keeps a hub that starts again and again from never paging.
	graceEvery = 5 * time.Minute
	// stepBack is how far the clock must go back to count as set back; less is
	// the ordinary slewing of a time service.
	stepBack = time.Second
	// keepOutcomes is how long a report that is sent again is recognised.
	keepOutcomes = 30 * 24 * time.Hour
)

// Run wakes what is due until ctx ends. It is to be called once; Start first.
func (e *Engine) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-e.hint:
		}
		now := time.Now()
		if err := e.checkClock(ctx, last, now); err != nil {
			e.log.Error("the clock moved, and the waits could not follow", "err", err)
		}
		last = now
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

// turn does what is due and says how long to wait.
func (e *Engine) turn(ctx context.Context) (time.Duration, error) {
	for {
		var due []incident.ID
		var wake time.Time
		now := Now()
		err := e.store.View(ctx, func(tx store.Tx) (err error) {
			if due, err = tx.Due(now, claim); err != nil {
				return err
			}
			wake, err = tx.NextWake()
			return err
		})
		if err != nil {
			return time.Second, fmt.Errorf("ask what is due: %w", err)
		}
		if len(due) == 0 {
			wait := pollEvery
			if !wake.IsZero() {
				wait = min(wait, max(wake.Sub(now), time.Millisecond))
			}
			return wait, nil
		}
		if err := e.lookAt(ctx, due); err != nil {
			return time.Second, err
		}
		if ctx.Err() != nil {
			return pollEvery, nil
		}
	}
}

// Start begins this hub's life: what fell due while no hub ran is done from now
// on, one step at a time, after a quiet in which agents hand in what happened.
func (e *Engine) Start(ctx context.Context) error {
	return e.begin(ctx, Now())
}

func (e *Engine) begin(ctx context.Context, now time.Time) error {
	var alive, grace time.Time
	err := e.store.Update(ctx, func(tx store.Tx) error {
		lastGrace, err := tx.LastGrace()
		if err != nil {
			return err
		}
		if alive, err = tx.LastAlive(); err != nil {
			return err
		}
		grace = time.Time{}
		if lastGrace.IsZero() || now.Sub(lastGrace) >= graceEvery || now.Before(lastGrace) {
			grace = now.Add(escalation.Grace)
			if err := tx.SetGrace(now); err != nil {
				return err
			}
		}
		if err := tx.SetAlive(now); err != nil {
			return err
		}
		if err := tx.ForgetOutcomes(now.Add(-keepOutcomes)); err != nil {
			return err
		}
		return tx.WakeOpen(now)
	})
	if err != nil {
		return fmt.Errorf("begin to run: %w", err)
	}
	e.start.set(now, grace)
	e.Hint()
	switch {
	case alive.IsZero():
		return nil
	case now.Before(alive.Add(-stepBack)):
		return e.shiftAll(ctx, now.Sub(alive), escalation.Shift)
	}
	return e.shiftAll(ctx, now.Sub(alive), extendLease)
}

// extendLease: a lease does not count the time in which no hub ran.
func extendLease(s escalation.State, by time.Duration) escalation.State {
	if s.Incident.Status == incident.Acknowledged && s.Incident.QuietReason == incident.ReasonLease && !s.Incident.QuietUntil.IsZero() {
		s.Incident.QuietUntil = s.Incident.QuietUntil.Add(by)
	}
	return s
}

// checkClock compares the wall clock with the one that only runs on. One that
// was set back takes all running waits along; a hub that finds itself late was
// suspended, and begins anew.
func (e *Engine) checkClock(ctx context.Context, last, now time.Time) error {
	wall := now.Round(0).Sub(last.Round(0))
	ran := now.Sub(last)
	switch {
	case wall < ran-stepBack:
		e.log.Warn("the clock was set back; all waits move with it", "by", ran-wall)
		return e.shiftAll(ctx, wall-ran, escalation.Shift)
	case wall > pollEvery+suspendedAfter:
		e.log.Warn("the hub was suspended or the clock went ahead; it goes on as after a start", "for", wall)
		return e.begin(ctx, Now())
	}
	return e.seen(ctx)
}

// seen notes that the hub runs, so that a later start knows for how long none
// did.
func (e *Engine) seen(ctx context.Context) error {
	now := Now()
	if now.UnixMilli()-e.alive.Load() < pollEvery.Milliseconds() {
		return nil
	}
	if err := e.store.Update(ctx, func(tx store.Tx) error { return tx.SetAlive(now) }); err != nil {
		return err
	}
	e.alive.Store(now.UnixMilli())
	return nil
}

// shiftAll moves the waits of every open incident.
func (e *Engine) shiftAll(ctx context.Context, by time.Duration, move func(escalation.State, time.Duration) escalation.State) error {
	var ids []incident.ID
	err := e.store.View(ctx, func(tx store.Tx) (err error) {
		ids, err = tx.OpenIDs()
		return err
	})
	if err != nil {
		return fmt.Errorf("find the open incidents: %w", err)
	}
	var errs []error
	for _, id := range ids {
		_, err := e.Do(ctx, id, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
			moved := move(s, by)
			if by < 0 {
				return moved, []incident.Entry{{At: now, Kind: incident.KindClockMoved, Text: by.String()}}, nil
			}
			return moved, nil, nil
		})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
