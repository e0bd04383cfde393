package rota

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// History gives the organisation as it stood at each instant from one on, the
// future as it stands now. Before the first revision it is empty.
//
// It is what the database says: an edit changes what follows it, never what was.
// An absence needs no revision for that: it is entered before it begins, and
// ending it moves its end, never its beginning.
func (d *Directory) History(ctx context.Context, from time.Time) (organisation.History, error) {
	now := d.current.Load()
	if !from.Before(now.taken) {
		return organisation.Always(now.org), nil
	}
	var h organisation.History
	err := d.store.View(ctx, func(tx store.Tx) (err error) {
		h, err = d.history(tx, from)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load the organisation as of %s: %w", from.Format(time.RFC3339), err)
	}
	return h, nil
}

// history walks from the newest revision back to the one that held at an instant.
func (d *Directory) history(tx store.Tx, from time.Time) (organisation.History, error) {
	r, err := tx.LatestRevision()
	if err != nil {
		return nil, err
	}
	set, err := d.load(tx, r.Number, from)
	if err != nil {
		return nil, err
	}
	h := organisation.History{{From: r.At, Org: organisation.New(set)}}
	for r.Number > 0 && r.At.After(from) {
		if r, err = tx.RevisionAt(r.At.Add(-time.Millisecond)); err != nil { // as fine as times are stored
			return nil, err
		}
		org, err := d.at(tx, r.Number)
		if err != nil {
			return nil, err
		}
		h = append(h, organisation.Era{From: r.At, Org: org})
	}
	slices.Reverse(h)
	return h, nil
}

// AsOf gives the organisation as it stood at an instant; before the first
// revision it is empty.
func (d *Directory) AsOf(ctx context.Context, at time.Time) (*organisation.Organisation, error) {
	h, err := d.History(ctx, at)
	if err != nil {
		return nil, err
	}
	return h.At(at), nil
}

// AsTold gives the organisation by which people were last told of their shifts;
// the empty one if that cannot be read any more.
func (d *Directory) AsTold(ctx context.Context, told store.Told) (*organisation.Organisation, error) {
	var set organisation.Set
	err := d.store.View(ctx, func(tx store.Tx) (err error) {
		set, err = d.load(tx, told.Revision, told.At)
		return err
	})
	if _, lasts := errors.AsType[unreadable](err); lasts {
		return organisation.New(organisation.Set{}), nil
	}
	if err != nil {
		return nil, fmt.Errorf("load the organisation that people were told of, revision %d: %w", told.Revision, err)
	}
	later := func(a responder.Absence) bool { return a.Made.After(told.At) }
	set.Absences = slices.DeleteFunc(set.Absences, later)
	for _, s := range set.Schedules {
		s.Absences = slices.DeleteFunc(s.Absences, later)
	}
	return organisation.New(set), nil
}

// at gives the organisation as it stood at a revision, with all absences.
func (d *Directory) at(tx store.Tx, revision uint64) (*organisation.Organisation, error) {
	if known, ok := d.past.get(revision); ok {
		return known, nil
	}
	latest, err := tx.LatestRevision()
	if err != nil {
		return nil, err
	}
	set, err := d.load(tx, revision, time.Time{})
	if err != nil {
		return nil, fmt.Errorf("load the organisation as of revision %d: %w", revision, err)
	}
	org := organisation.New(set)
	if revision < latest.Number { // nothing that held then can change any more
		d.past.put(revision, org)
	}
	return org, nil
}

// pastCache keeps organisations of the past, which never change, by revision.
// The zero value is ready. It is safe for concurrent use.
type pastCache struct {
	mu   sync.Mutex
	orgs map[uint64]*organisation.Organisation
}

// maxPast bounds how many revisions are kept in memory.
const maxPast = 64

func (c *pastCache) get(revision uint64) (*organisation.Organisation, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	org, ok := c.orgs[revision]
	return org, ok
}

func (c *pastCache) put(revision uint64, org *organisation.Organisation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.orgs == nil || len(c.orgs) >= maxPast {
		c.orgs = make(map[uint64]*organisation.Organisation, maxPast)
	}
	c.orgs[revision] = org
}
