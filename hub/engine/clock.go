package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/store"
)

// What the clock may do before it is taken for more than running.
const (
	// suspendedAfter is how late the hub may find itself before it counts as
	// having been down.
	suspendedAfter = 60 * time.Second
	// graceEvery keeps a hub that starts again and again from never paging.
	graceEvery = 5 * time.Minute
	// stepBack is how far the clock must go back to count as set back; less is
	// the ordinary slewing of a time service.
	stepBack = time.Second
	// keepOutcomes is how long a report that is sent again is recognised.
	keepOutcomes = 30 * 24 * time.Hour
)

// reading is one look at both clocks.
type reading struct {
	wall time.Time     // the one that people set
	ran  time.Duration // the one that only runs on, and stops while the machine is suspended
}

// began is where the clock that only runs on is reckoned from.
var began = time.Now()

func readClocks() reading {
	now := time.Now()
	return reading{wall: now.Round(0), ran: now.Sub(began)}
}

// clock is what the hub knows of its own time.
type clock struct {
	// held while all waits move, by readers while anything is decided
	step sync.RWMutex
	read func() reading // readClocks, but for tests

	mu  sync.Mutex
	now clockTimes
}

type clockTimes struct {
	last  reading
	start time.Time // when this hub began to run
	grace time.Time // until when it stays quiet
}

func (c *clock) times() clockTimes {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) restore(t clockTimes) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

func (c *clock) set(start, grace time.Time) {
	c.restore(clockTimes{last: c.read(), start: start, grace: grace})
}

// moved says how far the clocks went apart since the last look, and how long
// that was by the wall.
func (c *clock) moved() (apart, wall time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.read()
	wall = now.wall.Sub(c.now.last.wall)
	return wall - (now.ran - c.now.last.ran), wall
}

// looked makes this look the last one.
func (c *clock) looked() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.last = c.read()
}

// followClock is called before anything is decided. Where the clock was set
// back, all running waits move along first; a hub that finds itself late was
// suspended, or the clock went ahead, and it begins anew.
func (e *Engine) followClock(ctx context.Context) error {
	if apart, wall := e.clock.moved(); apart > -stepBack && wall < pollEvery+suspendedAfter {
		e.clock.looked()
		return nil
	}
	e.clock.step.Lock()
	defer e.clock.step.Unlock()
	apart, wall := e.clock.moved()
	before := e.clock.times()
	var err error
	switch {
	case apart <= -stepBack:
		e.log.Warn("the clock was set back; all waits move with it", "by", -apart)
		e.clock.set(before.start.Add(apart), shifted(before.grace, apart))
		e.links.Shift(apart)
		e.rang.forget(Now())
		// What was last seen of the hub moves too, or a start soon after would find
		// the clock set back again.
		alive := func(tx store.Tx) error { return tx.SetAlive(Now()) }
		if err = e.moveAll(ctx, Now(), setBack(apart), e.moveHeartbeats(shiftBeat(apart)), alive); err != nil {
			e.links.Shift(-apart)
		}
	case wall >= pollEvery+suspendedAfter:
		e.log.Warn("the hub was suspended or the clock went ahead; it goes on as after a start", "for", wall)
		err = e.begin(ctx, Now())
	}
	if err != nil {
		// Seen again at the next look, as nothing has moved.
		e.clock.restore(before)
	}
	return err
}

func shifted(t time.Time, by time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(by)
}

// Start begins this hub's life: what fell due while no hub ran is done from now
// on, one step at a time, after a quiet in which agents hand in what happened.
func (e *Engine) Start(ctx context.Context) error {
	e.clock.step.Lock()
	defer e.clock.step.Unlock()
	return e.begin(ctx, Now())
}

func (e *Engine) begin(ctx context.Context, now time.Time) error {
	var alive, lastGrace time.Time
	err := e.store.View(ctx, func(tx store.Tx) (err error) {
		if alive, err = tx.LastAlive(); err != nil {
			return err
		}
		lastGrace, err = tx.LastGrace()
		return err
	})
	if err != nil {
		return fmt.Errorf("ask when a hub last ran: %w", err)
	}
	grace := time.Time{}
	if lastGrace.IsZero() || now.Sub(lastGrace) >= graceEvery || now.Before(lastGrace) {
		grace = now.Add(escalation.Grace)
	}
	e.clock.set(now, grace)
	e.rang.forget(now)
	move := func(s escalation.State, _ time.Time) (escalation.State, []incident.Entry, error) { return s, nil, nil }
	beats := retimeBeat(now)
	switch {
	case alive.IsZero():
	case now.Before(alive.Add(-stepBack)):
		move, beats = setBack(now.Sub(alive)), shiftBeat(now.Sub(alive))
	default:
		beats = pauseBeat(alive, now)
		move = func(s escalation.State, _ time.Time) (escalation.State, []incident.Entry, error) {
			return escalation.Pause(s, now.Sub(alive)), nil, nil
		}
	}
	return e.moveAll(ctx, now, move, e.moveHeartbeats(beats), func(tx store.Tx) error {
		if !grace.IsZero() {
			if err := tx.SetGrace(now); err != nil {
				return err
			}
		}
		if err := tx.SetAlive(now); err != nil {
			return err
		}
		return tx.ForgetOutcomes(now.Add(-keepOutcomes))
	})
}

// setBack moves the waits of an incident by a step of the clock.
func setBack(by time.Duration) Work {
	return func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		return escalation.Shift(s, by), []incident.Entry{{At: now, Kind: incident.KindClockMoved, Text: by.Round(time.Millisecond).String()}}, nil
	}
}

// moveAll carries out work on every open incident that can be decided on, and what
// else belongs to it, in one commit: a crash leaves all waits moved, or none.
func (e *Engine) moveAll(ctx context.Context, now time.Time, work Work, also ...func(store.Tx) error) error {
	var changes []Change
	err := e.store.Update(ctx, func(tx store.Tx) error {
		changes = changes[:0]
		ids, err := tx.OpenIDs()
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := e.decidable(tx, id, work, now); err != nil {
				e.log.Error("an incident cannot be decided on; its waits stay", "incident", id, "err", err)
				continue
			}
			c, err := e.do(tx, id, work, now)
			if err != nil {
				return fmt.Errorf("move the waits of incident %s: %w", id, err)
			}
			changes = append(changes, c)
		}
		for _, a := range also {
			if err := a(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("follow the clock: %w", err)
	}
	e.clock.looked()
	e.alive.Store(now.UnixMilli())
	for _, c := range changes {
		e.announce(c)
	}
	e.Hint()
	return nil
}

// decidable tries work on an incident and writes nothing: one about which nothing
// can be decided must not keep a hub from starting, and all others from paging.
func (e *Engine) decidable(tx store.Tx, id incident.ID, work Work, now time.Time) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decision panicked: %v", p)
		}
	}()
	_, s, err := e.loaded(tx, id, now)
	if err != nil {
		return err
	}
	s, entries, err := work(s, now)
	if err != nil {
		return err
	}
	_, _, err = e.settle(tx, s, entries, now)
	return err
}

// seen notes that the hub runs, so that a later start knows for how long none
// did.
func (e *Engine) seen(ctx context.Context) error {
	if err := e.followClock(ctx); err != nil {
		return err
	}
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

// update is how everything is decided and stored: by a clock that was followed,
// and never while all waits move, which would move what comes in just then too.
func (e *Engine) update(ctx context.Context, fn func(store.Tx) error) error {
	if err := e.followClock(ctx); err != nil {
		return err
	}
	e.clock.step.RLock()
	defer e.clock.step.RUnlock()
	return e.store.Update(ctx, fn)
}
