package engine

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/store"
)

// Refreshed is an open incident that was moved to its policy as it is now, or
// would be.
type Refreshed struct {
	Change  Change
	From    uint64 // the revision that it followed before
	AtOnce  bool   // its paging begins anew
	already bool
}

// RefreshPolicy moves the open incidents of a policy to it as it is now, or only
// one incident; each is a commit of its own. An incident whose policy has not
// changed since it triggered is left as it is. dry: say which, and change none.
func (e *Engine) RefreshPolicy(ctx context.Context, id escalation.PolicyID, only incident.ID, c incident.Command, dry bool) ([]Refreshed, error) {
	org := e.directory.Current()
	policy, ok := org.Policy(id)
	if !ok {
		return nil, fault.New(fault.NotFound, "there is no escalation policy %q", id)
	}
	var ids []incident.ID
	err := e.store.View(ctx, func(tx store.Tx) (err error) {
		ids, err = e.following(tx, id, only, org.Revision)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []Refreshed
	for _, id := range ids {
		r, err := e.refresh(ctx, id, policy, org.Revision, c, dry)
		if err != nil {
			return all, fmt.Errorf("move incident %s to the policy %s: %w", id, policy.ID, err)
		}
		if !r.already {
			all = append(all, r)
		}
	}
	return all, nil
}

// following lists the open incidents that follow a policy as it was before a
// revision.
func (e *Engine) following(tx store.Tx, policy escalation.PolicyID, only incident.ID, revision uint64) ([]incident.ID, error) {
	open, err := tx.OpenIDs()
	if only != "" {
		open = []incident.ID{only}
	}
	var ids []incident.ID
	for _, id := range open {
		r, err := tx.Load(id)
		if err != nil {
			return nil, err
		}
		i := r.Incident
		switch {
		case i.Open() && i.Policy == string(policy) && i.Revision < revision:
			ids = append(ids, id)
		case only == "" || i.Open() && i.Policy == string(policy):
		case !i.Open():
			return nil, fault.New(fault.Conflict, "incident %d is resolved", i.Number)
		default:
			return nil, fault.New(fault.Invalid, "incident %d follows the escalation policy %q, not %q", i.Number, i.Policy, policy)
		}
	}
	return ids, err
}

func (e *Engine) refresh(ctx context.Context, id incident.ID, policy escalation.Policy, revision uint64, c incident.Command, dry bool) (Refreshed, error) {
	var r Refreshed
	work := func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		r = Refreshed{From: s.Incident.Revision, AtOnce: s.Paging()}
		if r.already = !s.Incident.Open() || s.Incident.Policy != string(policy.ID) || reflect.DeepEqual(s.Policy, policy); r.already || dry {
			return s, nil, nil
		}
		c.Made = now
		s, entry := escalation.RefreshPolicy(s, c, policy, revision)
		return s, []incident.Entry{entry}, nil
	}
	if !dry {
		change, err := e.Do(ctx, id, work)
		r.Change = change
		return r, err
	}
	err := e.store.View(ctx, func(tx store.Tx) error {
		change, err := e.look(tx, id)
		if err != nil {
			return err
		}
		_, _, err = work(change.State, Now())
		r.Change = change
		return err
	})
	return r, err
}
