package rota

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/store"
)

// Directory keeps the organisation at hand for the paths that must not ask the
// database: who an event is for, who is on call, who calls. Reload after every
// change. It is safe for concurrent use.
type Directory struct {
	store   store.Store
	kinds   []string // of contact methods that the hub can send by; nil: every
	current atomic.Pointer[snapshot]
	reload  sync.Mutex
	past    pastCache
}

type snapshot struct {
	org   *organisation.Organisation
	keys  map[string]store.RoutingKey
	taken time.Time
}

// OpenDirectory loads the organisation as it stands. kinds are those of contact
// methods that the hub can send by; without any, every kind counts.
func OpenDirectory(ctx context.Context, s store.Store, now time.Time, kinds ...string) (*Directory, error) {
	d := &Directory{store: s, kinds: kinds}
	return d, d.Reload(ctx, now)
}

// Reload takes in what was changed, even if whoever changed it has gone
// meanwhile. When it fails the former state stays.
func (d *Directory) Reload(ctx context.Context, now time.Time) error {
	ctx = context.WithoutCancel(ctx)
	d.reload.Lock()
	defer d.reload.Unlock()
	var set organisation.Set
	var keys []store.RoutingKey
	err := d.store.View(ctx, func(tx store.Tx) error {
		latest, err := tx.LatestRevision()
		if err != nil {
			return err
		}
		if set, err = d.load(tx, latest.Number, now); err != nil {
			return err
		}
		keys, err = tx.RoutingKeys(now)
		return err
	})
	if err != nil {
		return fmt.Errorf("load the organisation: %w", err)
	}
	next := &snapshot{org: organisation.New(set), keys: make(map[string]store.RoutingKey, len(keys)), taken: now}
	for _, k := range keys {
		next.keys[k.Hash] = k
	}
	d.current.Store(next)
	return nil
}

func (d *Directory) load(tx store.Tx, revision uint64, since time.Time) (organisation.Set, error) {
	set, err := Load(tx, revision, since)
	set.Gateways = d.kinds
	return set, err
}

// Current is the organisation as it stands.
func (d *Directory) Current() *organisation.Organisation { return d.current.Load().org }

// RoutingKey finds the integration of a key by the key's SHA-256.
func (d *Directory) RoutingKey(hash string, now time.Time) (incident.Integration, bool) {
	s := d.current.Load()
	k, ok := s.keys[hash]
	if !ok || (!k.Until.IsZero() && !now.Before(k.Until)) {
		return incident.Integration{}, false
	}
	return s.org.Integration(k.Integration)
}

// Policy gives an escalation policy as it stood at a revision; one that did not
// exist, or cannot be read any more, is the zero Policy, which is invalid: its
// incidents page the catch-all, where an error would leave them with nobody.
func (d *Directory) Policy(tx store.Tx, id escalation.PolicyID, revision uint64) (escalation.Policy, error) {
	org := d.Current()
	if org.Revision != revision {
		var err error
		if org, err = d.at(tx, revision); err != nil {
			return policyOf(tx, id, revision, err)
		}
	}
	p, _ := org.Policy(id)
	return p, nil
}

// policyOf looks for a policy among documents of which others cannot be read.
func policyOf(tx store.Tx, id escalation.PolicyID, revision uint64, why error) (escalation.Policy, error) {
	if _, lasts := errors.AsType[unreadable](why); !lasts {
		return escalation.Policy{}, why
	}
	docs, err := documentsAt(tx, revision)
	if _, lasts := errors.AsType[unreadable](err); err != nil && !lasts {
		return escalation.Policy{}, err
	}
	for _, p := range docs.Policies {
		if string(p.ID) == string(id) {
			return p.build(), nil
		}
	}
	return escalation.Policy{}, nil
}
