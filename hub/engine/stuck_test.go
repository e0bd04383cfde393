package engine

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/store"
)

// stuck is a directory that cannot say of one policy how it was.
type stuck struct{ fixed }

func (s stuck) Policy(tx store.Tx, id escalation.PolicyID, revision uint64) (escalation.Policy, error) {
	switch id {
	case "error":
		return escalation.Policy{}, errors.New("no such luck")
	case "panic":
		panic("out of range")
	}
	return s.fixed.Policy(tx, id, revision)
}

// withStuck is an engine with so many incidents that cannot be decided on any
// more, and a younger one that can; all are due.
func withStuck(t *testing.T, policy string, n int) (*Engine, incident.ID) {
	t.Helper()
	e, _, _ := clockEngine(t)
	sound := e.directory.(fixed)
	set := sound.org.Set
	set.Policies = append(set.Policies, escalation.Policy{ID: escalation.PolicyID(policy), Levels: set.Policies[0].Levels})
	set.Services = append(set.Services, incident.Service{ID: "bad", Policy: policy, Urgency: incident.AlwaysHigh})
	set.Integrations = append(set.Integrations, incident.Integration{ID: "bad", Service: "bad"})
	sound.org = organisation.New(set)
	e.directory = sound
	trigger := func(i incident.IntegrationID, key string) incident.ID {
		c, _, err := e.Ingest(t.Context(), incident.Event{Action: incident.Trigger, Integration: i, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		return c.State.Incident.ID
	}
	for k := range n {
		trigger("bad", fmt.Sprint(k))
	}
	good := trigger("i", "k")
	if err := e.store.Update(t.Context(), func(tx store.Tx) error { return tx.WakeOpen(Now()) }); err != nil {
		t.Fatal(err)
	}
	e.directory = stuck{sound}
	return e, good
}

func (e *Engine) wakeOf(t *testing.T, id incident.ID) (at time.Time) {
	t.Helper()
	err := e.store.View(t.Context(), func(tx store.Tx) error {
		r, err := tx.Load(id)
		at = r.WakeAt
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAnIncidentThatCannotBeDecidedOnDoesNotKeepTheHubFromStarting(t *testing.T) {
	for _, policy := range []string{"error", "panic"} {
		e, good := withStuck(t, policy, 1)
		if err := e.Start(t.Context()); err != nil {
			t.Fatalf("%s: %v", policy, err)
		}
		if !e.wakeOf(t, good).After(Now()) {
			t.Errorf("%s: the other was not looked at", policy)
		}
	}
}

func TestIncidentsThatCannotBeDecidedOnDoNotKeepTheOthersWaiting(t *testing.T) {
	e, good := withStuck(t, "error", claim+6)
	if _, err := e.turn(t.Context()); err == nil {
		t.Error("nobody is told of them")
	}
	if !e.wakeOf(t, good).After(Now()) {
		t.Error("the other was not looked at")
	}
}
