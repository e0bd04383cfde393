package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// Directory is where the engine looks people and policies up.
type Directory interface {
	Current() *organisation.Organisation
	Policy(tx store.Tx, id escalation.PolicyID, revision uint64) (escalation.Policy, error)
}

// Links tells which devices have a stream.
type Links interface {
	Links(devices []responder.Device, hubStart time.Time) []escalation.Link
	// OutageUntil is the end of the time after most devices dropped at once, in
	// which no level is skipped; zero when there is none.
	OutageUntil() time.Time
	// Shift moves all that is remembered of streams, because the clock was set.
	Shift(by time.Duration)
}

// Change is an incident as it was committed.
type Change struct {
	State   escalation.State
	Org     *organisation.Organisation
	Entries []incident.Entry // what this commit added to the timeline
	WakeAt  time.Time        // when the incident is looked at again; zero: not by the clock
	saved   bool
}

// Engine runs incidents. It is safe for concurrent use.
type Engine struct {
	store     store.Store
	directory Directory
	links     Links
	publish   func(Change)
	log       *slog.Logger

	hint    chan struct{}
	planned atomic.Int64 // when the loop wakes by itself, in Unix milliseconds
	alive   atomic.Int64 // when it last noted that the hub runs
	clock   clock
	rang    rang
}

// New makes an engine. publish is called after each commit, in no order (the
// incident's version gives it back), and must not block.
func New(s store.Store, d Directory, l Links, publish func(Change), log *slog.Logger) *Engine {
	return &Engine{store: s, directory: d, links: l, publish: publish, log: log, hint: make(chan struct{}, 1), clock: clock{read: readClocks}}
}

// Now is the instant that the hub reckons with: UTC, whole milliseconds as they
// are stored, read from the wall clock.
func Now() time.Time { return time.Now().UTC().Round(0).Truncate(time.Millisecond) }

// Work changes an incident. The entries tell of it in the timeline. An error
// undoes everything.
type Work func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error)

// Once makes work count once, however often it is asked for.
type Once struct {
	// Done reports whether the work was committed before.
	Done func(tx store.Tx) (bool, error)
	// Note is committed together with the work.
	Note func(tx store.Tx, now time.Time) error
}

// Do carries out work on an incident and whatever follows from it. The work may
// run more than once. fault.NotFound for an incident that is not there.
func (e *Engine) Do(ctx context.Context, id incident.ID, work Work) (Change, error) {
	return e.DoOnce(ctx, id, Once{}, work)
}

// DoOnce is Do for work that may be asked for again after it was committed. The
// Change is then zero.
func (e *Engine) DoOnce(ctx context.Context, id incident.ID, once Once, work Work) (Change, error) {
	var change Change
	err := e.update(ctx, func(tx store.Tx) error {
		now := Now()
		change = Change{}
		if once.Done != nil {
			if done, err := once.Done(tx); done || err != nil {
				return err
			}
		}
		var err error
		if change, err = e.do(tx, id, work, now); err != nil || once.Note == nil {
			return err
		}
		return once.Note(tx, now)
	})
	if errors.Is(err, store.ErrNotFound) {
		return Change{}, fault.Wrap(fault.NotFound, err, "there is no such incident")
	}
	if err != nil {
		return Change{}, err
	}
	e.announce(change)
	return change, nil
}

func (e *Engine) do(tx store.Tx, id incident.ID, work Work, now time.Time) (Change, error) {
	before, err := tx.Load(id)
	if err != nil {
		return Change{}, err
	}
	s, err := e.state(tx, before, now)
	if err != nil {
		return Change{}, err
	}
	s, entries, err := work(s, now)
	if err != nil {
		return Change{}, err
	}
	return e.finish(tx, before, s, entries, now)
}

// finish settles a state that was loaded as before and changed since, and saves
// what differs.
func (e *Engine) finish(tx store.Tx, before store.Record, s escalation.State, entries []incident.Entry, now time.Time) (Change, error) {
	after, entries, err := e.settle(tx, s, entries, now)
	if err != nil {
		return Change{}, err
	}
	change := Change{State: after.State, Org: e.directory.Current(), Entries: entries, WakeAt: after.wakeAt}
	if len(entries) == 0 && reflect.DeepEqual(before, record(after)) {
		return change, nil
	}
	saved, err := tx.Save(before, record(after), entries)
	change.State.Incident, change.saved = saved.Incident, true
	return change, err
}

// settled is a state with nothing left to do before WakeAt.
type settled struct {
	escalation.State
	wakeAt time.Time
}

func record(s settled) store.Record {
	return store.Record{Incident: s.Incident, Course: s.Course, Pages: s.Pages, WakeAt: s.wakeAt}
}

// maxSteps bounds how many steps one commit may take. Reaching it is a fault of
// the core; the incident is looked at again a second later rather than never.
const maxSteps = 200

// strangers reports whether somebody has a page of whom the world does not tell:
// a person named them, and no policy.
func strangers(s escalation.State) bool {
	return slices.ContainsFunc(s.Pages, func(p escalation.Page) bool {
		return !slices.ContainsFunc(s.World.Reach, func(r escalation.Reach) bool { return r.User == p.User })
	})
}

// settle asks Decide until nothing is left to do now. The steps page only people
// of whom the world tells from the start, so it is looked at once.
func (e *Engine) settle(tx store.Tx, s escalation.State, entries []incident.Entry, now time.Time) (_ settled, _ []incident.Entry, err error) {
	if s.World, err = e.world(tx, s, now); err != nil {
		return settled{}, nil, err
	}
	for range maxSteps {
		d := escalation.Decide(s, now)
		if len(d.Actions) == 0 {
			return settled{s, d.WakeAt}, entries, nil
		}
		for _, a := range d.Actions {
			s = escalation.Apply(s, a)
			if entry := a.Entry(); entry.Kind != "" {
				entries = append(entries, entry)
			}
		}
		if strangers(s) {
			if s.World, err = e.world(tx, s, now); err != nil {
				return settled{}, nil, err
			}
		}
	}
	e.log.Error("an incident does not settle; it is looked at again in a second", "incident", s.Incident.Number)
	return settled{s, now.Add(time.Second)}, entries, nil
}

func (e *Engine) state(tx store.Tx, r store.Record, now time.Time) (escalation.State, error) {
	s := escalation.State{Incident: r.Incident, Course: r.Course, Pages: r.Pages}
	var err error
	if s.Policy, err = e.policy(tx, r.Incident); err != nil {
		return s, err
	}
	s.World, err = e.world(tx, s, now)
	return s, err
}

// announce tells of a commit and makes sure that the loop knows its next wake.
func (e *Engine) announce(c Change) {
	if !c.saved {
		return
	}
	e.rang.heard(c)
	e.publish(c)
	if !c.WakeAt.IsZero() && c.WakeAt.UnixMilli() < e.planned.Load() {
		e.Hint()
	}
}

// Hint makes the loop look at what is due.
func (e *Engine) Hint() {
	select {
	case e.hint <- struct{}{}:
	default:
	}
}

// HintUser looks again at the incidents in which a user has an open page,
// because a device of that user came or went.
func (e *Engine) HintUser(ctx context.Context, u responder.UserID) error {
	var ids []incident.ID
	err := e.store.View(ctx, func(tx store.Tx) (err error) {
		ids, err = tx.PagedOpen(u)
		return err
	})
	if err != nil {
		return fmt.Errorf("find the open pages of %s: %w", u, err)
	}
	return e.lookAt(ctx, ids)
}

// PagesOf gives the incidents in which a user has a page that is open or ended
// since a time, each with all that a screen shows of it.
func (e *Engine) PagesOf(ctx context.Context, u responder.UserID, since time.Time) ([]Change, error) {
	var out []Change
	err := e.store.View(ctx, func(tx store.Tx) error {
		open, err := tx.PagedOpen(u)
		if err != nil {
			return err
		}
		ended, err := tx.PagedSince(u, since)
		if err != nil {
			return err
		}
		ids := slices.Concat(open, ended)
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			c, err := e.look(tx, id)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load the pages of %s: %w", u, err)
	}
	return out, nil
}

// HeldBy gives the incidents that a user has acknowledged and that are not
// resolved, each with all that a screen shows of it.
func (e *Engine) HeldBy(ctx context.Context, u responder.UserID) ([]Change, error) {
	var out []Change
	err := e.store.View(ctx, func(tx store.Tx) error {
		ids, err := tx.HeldBy(u)
		if err != nil {
			return err
		}
		for _, id := range ids {
			c, err := e.look(tx, id)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load what %s has acknowledged: %w", u, err)
	}
	return out, nil
}

// look shows an incident as it is, with every page it ever had.
func (e *Engine) look(tx store.Tx, id incident.ID) (Change, error) {
	r, err := tx.Load(id)
	if err != nil {
		return Change{}, err
	}
	if r.Pages, err = tx.AllPages(id); err != nil {
		return Change{}, err
	}
	s, err := e.state(tx, r, Now())
	return Change{State: s, Org: e.directory.Current(), WakeAt: r.WakeAt}, err
}

// Reconsider looks again at every open incident, because the configuration or
// somebody's duty changed.
func (e *Engine) Reconsider(ctx context.Context) error {
	err := e.update(ctx, func(tx store.Tx) error {
		now := Now()
		if err := e.moveHeartbeats(retimeBeat(now))(tx); err != nil {
			return err
		}
		return tx.WakeOpen(now)
	})
	if err != nil {
		return fmt.Errorf("wake the open incidents: %w", err)
	}
	e.Hint()
	return nil
}

// abreast is how many incidents are looked at at a time, so that they share
// commits.
const abreast = 16

// lookAt lets the clock do its work on incidents. One that fails does not keep
// the others waiting.
func (e *Engine) lookAt(ctx context.Context, ids []incident.ID) error {
	errs := make([]error, len(ids))
	var looking sync.WaitGroup
	room := make(chan struct{}, abreast)
	for n, id := range ids {
		room <- struct{}{}
		looking.Go(func() {
			defer func() { <-room }()
			_, err := e.Do(ctx, id, func(s escalation.State, _ time.Time) (escalation.State, []incident.Entry, error) {
				return s, nil, nil
			})
			if err != nil {
				errs[n] = fmt.Errorf("look at incident %s: %w", id, err)
			}
		})
	}
	looking.Wait()
	return errors.Join(errs...)
}
