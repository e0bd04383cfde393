package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// Ingest takes in one event, and does in the same commit what follows from it:
// when it answers without an error, the event is on disk and its first pages
// are made.
func (e *Engine) Ingest(ctx context.Context, ev incident.Event) (Change, incident.Effect, error) {
	var change Change
	var effect incident.Effect
	err := e.update(ctx, func(tx store.Tx) (err error) {
		change, effect, err = e.ingest(tx, ev, Now())
		return err
	})
	if err != nil {
		return Change{}, "", fmt.Errorf("take in an event of %s: %w", ev.Integration, err)
	}
	e.announce(change)
	return change, effect, nil
}

func (e *Engine) ingest(tx store.Tx, ev incident.Event, now time.Time) (Change, incident.Effect, error) {
	org := e.directory.Current()
	target := incident.Target{Revision: org.Revision}
	var ok bool
	if target.Integration, ok = org.Integration(ev.Integration); !ok {
		return Change{}, "", fault.New(fault.Denied, "the integration %q is no longer there", ev.Integration)
	}
	if target.Service, ok = org.Service(target.Integration.Service); !ok {
		return Change{}, "", fault.New(fault.Denied, "the service of the integration %q is no longer there", ev.Integration)
	}
	prior, err := e.place(tx, ev, &target, org)
	if err != nil {
		return Change{}, "", err
	}
	if target.Times = org.Times(target.Service.ID, now); !target.Times.Maintenance.IsZero() {
		if target.Kept, err = tx.Kept(target.Service.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return Change{}, "", err
		}
	}
	next, effect, entries := incident.Ingest(prior, ev, target, now)
	switch effect {
	case incident.NothingToDo, incident.NotPermitted:
		return Change{}, effect, nil
	case incident.Repeated:
		if next.Severity == prior.Severity && len(entries) == 0 && len(prior.Silent()) == len(next.Silent()) {
			return Change{}, effect, touch(tx, next, ev)
		}
	}
	if err := leave(tx, prior, next, ev, now); err != nil {
		return Change{}, "", err
	}
	if effect == incident.Opened {
		c, err := e.create(tx, store.Record{Incident: next}, entries, now)
		return c, effect, err
	}
	c, err := e.do(tx, next.ID, func(s escalation.State, _ time.Time) (escalation.State, []incident.Entry, error) {
		s.Incident = next
		var err error
		s.Policy, err = e.policy(tx, next)
		return s, entries, err
	}, now)
	return c, effect, err
}

// place looks up what an event may belong to: the incident of its alert, and for
// a trigger that would not find that open, the one of its group.
func (e *Engine) place(tx store.Tx, ev incident.Event, t *incident.Target, org *organisation.Organisation) (incident.Incident, error) {
	prior, err := newest(tx.ByAlert(ev.Integration, ev.Key))
	if err != nil {
		return prior, err
	}
	t.Home = prior.Number
	if prior, err = merged(tx, prior); err != nil {
		return prior, err
	}
	if key := incident.GroupOf(ev, t.Service); key != "" && !prior.Open() {
		if t.Group, err = newest(tx.ByGroup(key)); err == nil {
			t.Group, err = merged(tx, t.Group)
		}
	}
	for _, id := range []incident.ServiceID{prior.Service, t.Group.Service} {
		if other, ok := org.Service(id); ok && id != t.Service.ID {
			t.Others = append(t.Others, other)
		}
	}
	return prior, err
}

// newest makes of what is not there the zero incident.
func newest(i incident.Incident, err error) (incident.Incident, error) {
	if errors.Is(err, store.ErrNotFound) {
		return incident.Incident{}, nil
	}
	return i, err
}

// merged follows an incident to the one that it is part of now.
func merged(tx store.Tx, i incident.Incident) (incident.Incident, error) {
	for i.MergedInto != "" {
		r, err := tx.Load(i.MergedInto)
		if err != nil {
			return i, fmt.Errorf("follow incident %d to what it was merged into: %w", i.Number, err)
		}
		i = r.Incident
	}
	return i, nil
}

// leave closes an alert in an incident that a person resolved while it fired, as
// it goes on in another: should the first reopen, the alert is not part of both.
func leave(tx store.Tx, prior, next incident.Incident, ev incident.Event, now time.Time) error {
	if prior.ID == next.ID {
		return nil
	}
	for _, a := range prior.Alerts {
		if a.Integration == ev.Integration && a.Key == ev.Key && a.Open {
			a.Open, a.EndedAt = false, now
			return tx.Touch(prior.ID, a)
		}
	}
	return nil
}

func touch(tx store.Tx, i incident.Incident, ev incident.Event) error {
	for _, a := range i.Alerts {
		if a.Integration == ev.Integration && a.Key == ev.Key {
			return tx.Touch(i.ID, a)
		}
	}
	return nil
}

// TestPage pages a user about nothing, through the whole real path.
func (e *Engine) TestPage(ctx context.Context, u responder.UserID, text string) (Change, error) {
	var change Change
	err := e.update(ctx, func(tx store.Tx) (err error) {
		now := Now()
		i := incident.Incident{
			Status: incident.Triggered, Urgency: incident.High, Severity: incident.Info, Summary: text, Test: true,
			Policy: string(testPolicy(u).ID), Opening: 1, TriggeredAt: now, FirstAt: now, ResolveDue: now.Add(testLife),
		}
		entries := []incident.Entry{{At: now, Kind: incident.KindTriggered, Reason: incident.ReasonTestPage, User: u, Text: text}}
		change, err = e.create(tx, store.Record{Incident: i}, entries, now)
		return err
	})
	if err != nil {
		return Change{}, fmt.Errorf("make a test page for %s: %w", u, err)
	}
	e.announce(change)
	return change, nil
}

// Open opens an incident by hand, and makes its first pages in the same commit.
func (e *Engine) Open(ctx context.Context, service incident.ServiceID, c incident.Command, text string, u incident.Urgency) (Change, error) {
	var change Change
	err := e.update(ctx, func(tx store.Tx) (err error) {
		org := e.directory.Current()
		target := incident.Target{Revision: org.Revision}
		var ok bool
		if target.Service, ok = org.Service(service); !ok {
			return fault.New(fault.NotFound, "there is no service %q", service)
		}
		now := Now()
		i, entries := incident.OpenBy(c, target, text, u, now)
		change, err = e.create(tx, store.Record{Incident: i}, entries, now)
		return err
	})
	if err != nil {
		return Change{}, fmt.Errorf("open an incident of %s by hand: %w", service, err)
	}
	e.announce(change)
	return change, nil
}

// testLife is after how long a test page ends by itself.
const testLife = time.Hour

// testPolicy pages one user and nobody else.
func testPolicy(u responder.UserID) escalation.Policy {
	return escalation.Policy{
		ID: escalation.PolicyID(testPrefix + u), WhenExhausted: escalation.Stop,
		Levels: []escalation.Level{{Timeout: 5 * time.Minute, Targets: []escalation.Target{{User: u}}}},
	}
}

// testPrefix cannot begin the id of a configured policy.
const testPrefix = "test:"

// policy gives the escalation policy of an incident as it stood when it
// triggered.
func (e *Engine) policy(tx store.Tx, i incident.Incident) (escalation.Policy, error) {
	if u, test := strings.CutPrefix(i.Policy, testPrefix); test {
		return testPolicy(responder.UserID(u)), nil
	}
	if i.Policy == incident.CoverPolicy {
		return escalation.ForCover(i.Cover), nil
	}
	return e.directory.Policy(tx, escalation.PolicyID(i.Policy), i.Revision)
}

// create stores a new incident together with its first pages.
func (e *Engine) create(tx store.Tx, r store.Record, entries []incident.Entry, now time.Time) (Change, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Change{}, fmt.Errorf("make an incident's id: %w", err)
	}
	r.Incident.ID = incident.ID(id.String())
	s := escalation.State{Incident: r.Incident, Course: r.Course, Pages: r.Pages}
	if s.Policy, err = e.policy(tx, r.Incident); err != nil {
		return Change{}, err
	}
	if slices.ContainsFunc(s.Policy.Levels, func(l escalation.Level) bool { return l.InTurn }) {
		if s.Incident.Turn, err = tx.NextTurn(s.Incident.Policy); err != nil {
			return Change{}, err
		}
	}
	after, entries, err := e.settle(tx, s, entries, now)
	if err != nil {
		return Change{}, err
	}
	saved, err := tx.Create(record(after), entries)
	if err != nil {
		return Change{}, err
	}
	after.Incident = saved.Incident
	return Change{State: after.State, Org: e.directory.Current(), Entries: entries, WakeAt: after.wakeAt, saved: true}, nil
}
