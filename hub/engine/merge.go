package engine

import (
	"context"
	"errors"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/store"
)

// Merge makes one incident part of another, both in one commit. A reason says
// why it cannot be; then neither has changed, and the changes show them as they
// are. fault.NotFound for an incident that is not there.
func (e *Engine) Merge(ctx context.Context, from, into incident.ID, c incident.Command) (source, target Change, why incident.Reason, err error) {
	err = e.update(ctx, func(tx store.Tx) error {
		var err error
		source, target, why, err = e.merge(tx, from, into, c, Now())
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return Change{}, Change{}, "", fault.Wrap(fault.NotFound, err, "there is no such incident")
	}
	if err != nil {
		return Change{}, Change{}, "", err
	}
	e.announce(source)
	e.announce(target)
	return source, target, why, nil
}

func (e *Engine) merge(tx store.Tx, from, into incident.ID, c incident.Command, now time.Time) (source, target Change, why incident.Reason, err error) {
	was, a, err := e.loaded(tx, from, now)
	if err != nil {
		return source, target, "", err
	}
	stood, b, err := e.loaded(tx, into, now)
	if err != nil {
		return source, target, "", err
	}
	org := e.directory.Current()
	c.Made = now
	m, why := incident.MergeBy(a.Incident, b.Incident, c, org.LeaseOf(b.Incident), now)
	if why != "" {
		return Change{State: a, Org: org}, Change{State: b, Org: org}, why, nil
	}
	a.Incident, b.Incident = m.From, m.Into
	if source, err = e.finish(tx, was, a, m.FromEntries, now); err != nil {
		return source, target, "", err
	}
	target, err = e.finish(tx, stood, b, m.IntoEntries, now)
	return source, target, "", err
}

// loaded is an incident as it is stored, and as it is decided on.
func (e *Engine) loaded(tx store.Tx, id incident.ID, now time.Time) (store.Record, escalation.State, error) {
	r, err := tx.Load(id)
	if err != nil {
		return r, escalation.State{}, err
	}
	s, err := e.state(tx, r, now)
	return r, s, err
}
