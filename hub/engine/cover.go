package engine

import (
	"context"
	"fmt"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// CoverAsk is a request for cover to be made, with what else belongs to it.
type CoverAsk struct {
	Cover   incident.Cover
	Text    string
	Urgency incident.Urgency
	// Also is carried out in the same commit; nil: nothing.
	Also func(tx store.Tx) error
}

// AskCover makes a request for cover and its first pages. An earlier request of
// the same user is withdrawn: there is one at a time. It answers the new request
// last.
func (e *Engine) AskCover(ctx context.Context, a CoverAsk) ([]Change, error) {
	return e.covers(ctx, "make a request for cover of "+string(a.Cover.Of), func(tx store.Tx, now time.Time) ([]Change, error) {
		changes, err := e.withdraw(tx, a.Cover.Of, now)
		if err == nil && a.Also != nil {
			err = a.Also(tx)
		}
		if err != nil {
			return nil, err
		}
		i, entries := incident.AskCover(a.Cover, a.Text, a.Urgency, e.directory.Current().Revision, now)
		c, err := e.create(tx, store.Record{Incident: i}, entries, now)
		return append(changes, c), err
	})
}

// WithdrawCover ends the requests for cover of a user that nobody has accepted
// yet, together with what else belongs to it. It answers those that it ended.
func (e *Engine) WithdrawCover(ctx context.Context, u responder.UserID, also func(tx store.Tx) error) ([]Change, error) {
	return e.covers(ctx, "withdraw the requests for cover of "+string(u), func(tx store.Tx, now time.Time) ([]Change, error) {
		if err := also(tx); err != nil {
			return nil, err
		}
		return e.withdraw(tx, u, now)
	})
}

// covers commits changes of requests, and tells of them.
func (e *Engine) covers(ctx context.Context, what string, do func(store.Tx, time.Time) ([]Change, error)) ([]Change, error) {
	var changes []Change
	err := e.update(ctx, func(tx store.Tx) (err error) {
		changes, err = do(tx, Now())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	for _, c := range changes {
		e.announce(c)
	}
	return changes, nil
}

func (e *Engine) withdraw(tx store.Tx, u responder.UserID, now time.Time) ([]Change, error) {
	ids, err := tx.Covers(now)
	if err != nil {
		return nil, err
	}
	var changes []Change
	for _, id := range ids {
		r, err := tx.Load(id)
		if err != nil {
			return nil, err
		}
		if r.Incident.Cover.Of != u || r.Incident.Status != incident.Triggered {
			continue
		}
		c, err := e.do(tx, id, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
			var entry incident.Entry
			s.Incident, entry = incident.EndCover(s.Incident, incident.ReasonWithdrawn, now)
			return s, []incident.Entry{entry}, nil
		}, now)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, nil
}
