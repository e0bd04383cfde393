package rota

import (
	"context"
	"errors"
	"slices"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/store"
)

// application is one plan on its way into the store.
type application struct {
	request  Request
	file     File
	plan     Plan
	base     store.Revision // that the plan was made on
	warnings []string
	now      time.Time
}

// run writes the plan, or with DryRun only looks whether it could be written.
// It answers errMoved if the plan was made on what is no longer the newest.
func (a application) run(ctx context.Context, s store.Store) (result Result, err error) {
	within := s.Update
	if a.request.DryRun {
		within = s.View
	}
	err = within(ctx, func(tx store.Tx) error {
		result, err = a.write(tx)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

func (a application) write(tx store.Tx) (Result, error) {
	latest, err := tx.LatestRevision()
	if err != nil {
		return Result{}, err
	}
	if latest.Number != a.base.Number {
		return Result{}, errMoved
	}
	r := Result{Changes: slices.Clone(a.plan.Changes), Warnings: a.warnings, Revision: latest.Number}
	if err := a.writeDocuments(tx, &r); err != nil {
		return Result{}, err
	}
	if err := a.writeKeys(tx, &r); err != nil {
		return Result{}, err
	}
	return r, nil
}

func (a application) writeDocuments(tx store.Tx, r *Result) error {
	changed := changedObjects(a.plan.current.objects(), a.plan.Documents.objects())
	if len(changed) == 0 || a.request.DryRun {
		return nil
	}
	at := a.now
	if at.Before(a.base.At) { // a clock that was set back; revisions follow each other
		at = a.base.At
	}
	revision, err := tx.AddRevision(store.Revision{At: at, By: a.request.By, Note: "applied " + a.file.Name}, changed)
	if err != nil {
		return err
	}
	r.Revision = revision.Number
	return nil
}

// writeKeys sees to it that every integration of the file has its routing key.
func (a application) writeKeys(tx store.Tx, r *Result) error {
	counting, err := tx.RoutingKeys(a.now)
	if err != nil {
		return err
	}
	w := keyWriter{application: a, tx: tx, result: r, keys: map[string]store.RoutingKey{}, has: map[ID]bool{}}
	for _, k := range counting {
		w.keys[k.Hash] = k
		w.has[ID(k.Integration)] = true
	}
	for _, c := range a.plan.Changes {
		if c.Verb == "added" && c.Kind == KindIntegration {
			w.has[ID(c.ID)] = false // whatever is left of an earlier one of that id
		}
	}
	for i, n := range a.file.Documents.Integrations {
		if err := w.write(a.file.pathOf(KindIntegration, i)+".key_from", n); err != nil {
			return err
		}
	}
	return nil
}

type keyWriter struct {
	application
	tx     store.Tx
	result *Result
	keys   map[string]store.RoutingKey // that count, by hash
	has    map[ID]bool                 // integrations with a key
}

func (w keyWriter) write(path string, n IntegrationDoc) error {
	if n.KeyFrom != (KeyFrom{}) {
		return w.take(path, n)
	}
	if w.has[n.ID] || w.request.DryRun {
		return nil
	}
	key, err := makeKey(w.tx, n, w.now, w.now)
	if err != nil {
		return err
	}
	w.result.RoutingKeys = append(w.result.RoutingKeys, key)
	return nil
}

// take stores the key that came from outside, if it is a new one.
func (w keyWriter) take(path string, n IntegrationDoc) error {
	hash := hashKey(w.request.RoutingKeys[string(n.ID)])
	if k, known := w.keys[hash]; known {
		if ID(k.Integration) == n.ID && k.Until.IsZero() {
			return nil
		}
		return w.taken(path)
	}
	until := w.now
	if w.has[n.ID] {
		until = w.now.Add(KeyOverlap)
		w.tell(n.ID, "routing key: replaced; the one before counts for "+Duration(KeyOverlap).String()+" more")
	}
	if w.request.DryRun {
		return nil
	}
	err := w.tx.AddRoutingKey(hash, incident.IntegrationID(n.ID), w.now, until)
	if errors.Is(err, store.ErrTaken) {
		return w.taken(path)
	}
	return err
}

// taken does not say whose the key is: that is for nobody to find out by trying.
func (w keyWriter) taken(path string) error {
	p := Problems{File: w.file.Name}
	p.add(w.file.places[path], path, "this routing key is or was in use already; each integration needs its own")
	return p.Err()
}

// tell adds a line to what changed of an integration.
func (w keyWriter) tell(id ID, line string) {
	for i, c := range w.result.Changes {
		if c.Kind == KindIntegration && c.ID == string(id) {
			w.result.Changes[i].Fields = append(slices.Clone(c.Fields), line)
			return
		}
	}
	w.result.Changes = append(w.result.Changes, Change{Verb: "changed", Kind: KindIntegration, ID: string(id), Fields: []string{line}})
}

// RotateKey makes a new routing key for an integration; the older ones count for
// KeyOverlap more. fault.NotFound for an unknown integration, fault.Conflict for
// one whose key comes from outside the hub (key_from).
func (s *Service) RotateKey(ctx context.Context, integration string, now time.Time) (RoutingKey, error) {
	var key RoutingKey
	err := s.store.Update(ctx, func(tx store.Tx) error {
		latest, err := tx.LatestRevision()
		if err != nil {
			return err
		}
		d, err := documentsAt(tx, latest.Number)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(d.Integrations, func(n IntegrationDoc) bool { return string(n.ID) == integration })
		if i < 0 {
			return fault.New(fault.NotFound, "there is no integration %q", integration)
		}
		if d.Integrations[i].KeyFrom != (KeyFrom{}) {
			return fault.New(fault.Conflict, "the routing key of %q comes from outside the hub (key_from); change it there and apply the file", integration)
		}
		key, err = makeKey(tx, d.Integrations[i], now, now.Add(KeyOverlap))
		return err
	})
	if err != nil {
		return RoutingKey{}, err
	}
	return key, nil
}
