// Package duty takes people off duty and back, and finds who takes over.
//
//	off, not on call ──────────────► absence
//	off, on call: "I can't" ───────► absence + request to the next levels ─┐
//	off, on call: ask a colleague ─► request to that one person ───────────┤
//	                                                                       ▼
//	          accepted: overrides, (the asker's absence), the request resolves, who asked is told
//	          declined, unanswered in time, withdrawn: the request is over, who asked is told
//
// A request for cover is an incident, so it rings, travels, is answered and is
// recorded like any other; see package incident. What follows from an acceptance
// is entered under ids that derive from the incident: after a crash at any point
// it is entered again, and counts once.
package duty

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/store"
)

// Notices tells people something beside pages. What was told once by an id is not
// told again.
type Notices interface {
	Tell(ctx context.Context, n ...notice.Notice) error
	// Write is Tell inside a transaction, after which the caller calls Announce.
	Write(tx store.Tx, now time.Time, n ...notice.Notice) error
	Announce()
}

// Parts are what a keeper works with.
type Parts struct {
	Store     store.Store
	Engine    *engine.Engine
	Rota      *rota.Service
	Directory *rota.Directory
	Notices   Notices
	// Refresh tells the devices their users' duty and shifts.
	Refresh func()
	Log     *slog.Logger
}

// Keeper keeps who is on duty. It is safe for concurrent use.
type Keeper struct {
	Parts
	hint chan struct{}

	mu    sync.Mutex
	dirty map[incident.ID]bool

	// Held while people are told whose shifts moved.
	moving   sync.Mutex
	known    *organisation.Organisation // by which people know their shifts
	recalled bool                       // known goes by what a hub before has told
	owed     bool                       // the last Reload failed
}

// New makes a keeper. It starts nothing.
func New(p Parts) *Keeper {
	return &Keeper{Parts: p, hint: make(chan struct{}, 1), dirty: map[incident.ID]bool{}, known: p.Directory.Current()}
}

// outlook is how far ahead people are told whose shifts move.
const outlook = 90 * 24 * time.Hour

// Reload takes in what was changed of the configuration or of absences, makes it
// felt by open incidents and on devices, and tells everybody whose shifts moved
// since the last time, but who did it. It does so even if whoever made the change
// has gone meanwhile; what fails is tried again.
func (k *Keeper) Reload(ctx context.Context, but ...responder.UserID) error {
	k.moving.Lock()
	defer k.moving.Unlock()
	defer k.nudge() // the next change of somebody's duty may be another
	return k.reload(context.WithoutCancel(ctx), but...)
}

// reloadOwed does what a Reload could not.
func (k *Keeper) reloadOwed(ctx context.Context) error {
	k.moving.Lock()
	defer k.moving.Unlock()
	if !k.owed {
		return nil
	}
	return k.reload(ctx)
}

// reload is Reload; k.moving is held.
func (k *Keeper) reload(ctx context.Context, but ...responder.UserID) (err error) {
	defer func() { k.owed = err != nil }()
	now := engine.Now()
	if err := k.Directory.Reload(ctx, now); err != nil {
		return err
	}
	after := k.Directory.Current()
	k.Refresh()
	return errors.Join(k.tellMoves(ctx, after, now, but...), k.endNeedless(ctx, after, now), k.Engine.Reconsider(ctx))
}

// endNeedless ends the requests for cover of those who have no shift left:
// somebody took it, or it was given to another.
func (k *Keeper) endNeedless(ctx context.Context, org *organisation.Organisation, now time.Time) error {
	open, err := k.Requests(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, r := range open {
		if c := r.Incident.Cover; len(org.Stands(c.Of, now, c.End)) > 0 {
			continue
		}
		_, err := k.Engine.Do(ctx, r.Incident.ID, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
			if s.Incident.Status != incident.Triggered {
				return s, nil, nil
			}
			next, entry := incident.EndCover(s.Incident, incident.ReasonNotNeeded, now)
			s.Incident = next
			return s, []incident.Entry{entry}, nil
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("end the request for cover %d: %w", r.Incident.Number, err))
		}
	}
	return errors.Join(errs...)
}

// Waiting are a user's shifts that a colleague was asked to take over, and has
// not answered.
type Waiting struct {
	Number uint64
	To     responder.UserID
	Until  time.Time
}

// Waiting gives the open requests to one colleague, by who asked.
func (k *Keeper) Waiting(ctx context.Context) (map[responder.UserID]Waiting, error) {
	open, err := k.Requests(ctx)
	list := map[responder.UserID]Waiting{}
	for _, r := range open {
		i := r.Incident
		if i.Status == incident.Triggered && i.Cover.To != "" {
			list[i.Cover.Of] = Waiting{i.Number, i.Cover.To, i.Cover.Until}
		}
	}
	return list, err
}

// Requests lists the requests for cover that are open, oldest first, with their pages.
func (k *Keeper) Requests(ctx context.Context) ([]store.Record, error) {
	var list []store.Record
	err := k.Store.View(ctx, func(tx store.Tx) error {
		ids, err := tx.Covers(engine.Now().Add(time.Hour)) // none that is resolved
		for _, id := range ids {
			r, err := tx.Load(id)
			if err != nil {
				return err
			}
			list = append(list, r)
		}
		return err
	})
	return list, err
}

func zoneOf(org *organisation.Organisation, u responder.UserID) *time.Location {
	user, _ := org.User(u)
	return user.Zone()
}

// clock writes an instant for people.
func clock(t time.Time, zone *time.Location) string { return t.In(zone).Format("Mon 2 Jan 15:04 MST") }
