package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/store"
)

// pingKey is the dedup key of a heartbeat's alert: it has only one.
const pingKey = "heartbeat"

// Ping takes in a ping of a heartbeat integration, and does in the same commit
// what follows from it: a good one resolves, a bad one triggers. details are what
// the ping carried. fault.Denied for an integration that is no longer there.
func (e *Engine) Ping(ctx context.Context, id incident.IntegrationID, kind heartbeat.Kind, details []incident.Detail) error {
	var change Change
	var due time.Time
	woken := false
	err := e.update(ctx, func(tx store.Tx) error {
		now, org := Now(), e.directory.Current()
		change = Change{}
		rule, ok := heartbeatRule(org, id)
		if !ok {
			return fault.New(fault.Denied, "the heartbeat %q is no longer there", id)
		}
		before, err := beatOf(tx, id)
		if err != nil {
			return err
		}
		after, action := heartbeat.Ping(before, rule, kind, now)
		due, woken = after.DueAt, after.State != before.State && guards(org, id)
		if after != before {
			if err := tx.PutHeartbeat(after); err != nil {
				return err
			}
		}
		if action != "" {
			change, _, err = e.ingest(tx, pingEvent(id, action, rule, details), now)
		}
		if err != nil || !woken {
			return err
		}
		return tx.WakeOpen(now) // whose alerts wait for this source
	})
	if err != nil {
		return fmt.Errorf("take in a ping of %s: %w", id, err)
	}
	e.announce(change)
	if woken || !due.IsZero() && due.UnixMilli() < e.planned.Load() {
		e.Hint()
	}
	return nil
}

func beatOf(tx store.Tx, id incident.IntegrationID) (heartbeat.Beat, error) {
	b, err := tx.Heartbeat(id)
	if errors.Is(err, store.ErrNotFound) {
		return heartbeat.Beat{Integration: id}, nil
	}
	return b, err
}

func heartbeatRule(org *organisation.Organisation, id incident.IntegrationID) (heartbeat.Rule, bool) {
	i, ok := org.Integration(id)
	return heartbeat.Rule{Interval: i.Interval, Grace: i.Grace}, ok && i.Kind == incident.KindHeartbeat
}

// guards reports whether a heartbeat shows of some source whether it is alive.
func guards(org *organisation.Organisation, id incident.IntegrationID) bool {
	return slices.ContainsFunc(org.Integrations, func(i incident.Integration) bool { return i.AliveBy == id })
}

// pingEvent is what a bad or a good ping means for the heartbeat's alert.
func pingEvent(id incident.IntegrationID, a incident.Action, r heartbeat.Rule, details []incident.Detail) incident.Event {
	return incident.Event{
		Action: a, Integration: id, Key: pingKey, Severity: incident.Error, Source: string(id),
		Summary: fmt.Sprintf("%s reports a failure", id), Details: append(ruleDetails(r), details...),
	}
}

// missingEvent is what it means that none came.
func missingEvent(b heartbeat.Beat, r heartbeat.Rule) incident.Event {
	e := pingEvent(b.Integration, incident.Trigger, r, nil)
	e.Summary = fmt.Sprintf("%s is silent: no ping for %s", b.Integration, r.Interval+r.Grace)
	if !b.StartedAt.IsZero() {
		e.Summary = fmt.Sprintf("%s has started and does not end", b.Integration)
		e.Details = append(e.Details, incident.Detail{Name: "started", Value: b.StartedAt.UTC().Format(time.RFC3339)})
	}
	if !b.PingedAt.IsZero() {
		e.Details = append(e.Details, incident.Detail{Name: "last ping", Value: b.PingedAt.UTC().Format(time.RFC3339)})
	}
	return e
}

func ruleDetails(r heartbeat.Rule) []incident.Detail {
	return []incident.Detail{{Name: "expected every", Value: r.Interval.String()}, {Name: "grace", Value: r.Grace.String()}}
}

// sources is what is known of an incident's sources that never say that it is
// over.
func (e *Engine) sources(tx store.Tx, i incident.Incident, now time.Time) ([]escalation.Source, error) {
	if !i.Open() {
		return nil, nil
	}
	org := e.directory.Current()
	service, _ := org.Service(i.Service)
	var list []escalation.Source
	for _, a := range i.Alerts {
		integration, _ := org.Integration(a.Integration)
		if !a.Open || integration.ResolveAfterQuiet == 0 || slices.ContainsFunc(list, func(s escalation.Source) bool { return s.Integration == a.Integration }) {
			continue
		}
		beat, err := beatOf(tx, integration.AliveBy)
		if err != nil {
			return nil, fmt.Errorf("ask whether the source %s is alive: %w", a.Integration, err)
		}
		list = append(list, escalation.Source{
			Integration: a.Integration, After: integration.ResolveAfterQuiet, Heartbeat: integration.AliveBy, Window: service.ReopenWindow, Alive: beat.Alive(now),
		})
	}
	return list, nil
}

// missing marks a heartbeat whose ping has not come, and triggers its alert in
// the same commit.
func (e *Engine) missing(ctx context.Context, id incident.IntegrationID) error {
	var change Change
	err := e.update(ctx, func(tx store.Tx) error {
		now, org := Now(), e.directory.Current()
		change = Change{}
		rule, ok := heartbeatRule(org, id)
		if !ok {
			return tx.ForgetHeartbeat(id)
		}
		before, err := beatOf(tx, id)
		if err != nil {
			return err
		}
		after, gone := heartbeat.Look(before, now)
		if !gone {
			return nil
		}
		if err := tx.PutHeartbeat(after); err != nil {
			return err
		}
		if change, _, err = e.ingest(tx, missingEvent(before, rule), now); err != nil || !guards(org, id) {
			return err
		}
		return tx.WakeOpen(now)
	})
	if err != nil {
		return fmt.Errorf("look at the heartbeat %s: %w", id, err)
	}
	e.announce(change)
	return nil
}

// moveHeartbeats changes the waits of all heartbeats.
func (e *Engine) moveHeartbeats(move func(heartbeat.Beat, heartbeat.Rule) heartbeat.Beat) func(store.Tx) error {
	return func(tx store.Tx) error {
		org := e.directory.Current()
		beats, err := tx.Heartbeats()
		if err != nil {
			return err
		}
		for _, b := range beats {
			rule, _ := heartbeatRule(org, b.Integration)
			if after := move(b, rule); after != b {
				if err := tx.PutHeartbeat(after); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

func shiftBeat(by time.Duration) func(heartbeat.Beat, heartbeat.Rule) heartbeat.Beat {
	return func(b heartbeat.Beat, _ heartbeat.Rule) heartbeat.Beat { return heartbeat.Shift(b, by) }
}

func pauseBeat(alive, now time.Time) func(heartbeat.Beat, heartbeat.Rule) heartbeat.Beat {
	return func(b heartbeat.Beat, r heartbeat.Rule) heartbeat.Beat { return heartbeat.Pause(b, r, alive, now) }
}

func retimeBeat(now time.Time) func(heartbeat.Beat, heartbeat.Rule) heartbeat.Beat {
	return func(b heartbeat.Beat, r heartbeat.Rule) heartbeat.Beat { return heartbeat.Retime(b, r, now) }
}
