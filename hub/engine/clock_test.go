package engine

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
)

// fixed is a directory with one service, whose first level is one user.
type fixed struct{ org *organisation.Organisation }

func (f fixed) Current() *organisation.Organisation { return f.org }

func (f fixed) Policy(_ store.Tx, id escalation.PolicyID, _ uint64) (escalation.Policy, error) {
	p, _ := f.org.Policy(id)
	return p, nil
}

// connected has every device on a stream, and remembers how it was shifted.
type connected struct {
	since   time.Time
	shifted time.Duration
}

func (c *connected) Links(devices []responder.Device, _ time.Time) []escalation.Link {
	var out []escalation.Link
	for _, d := range devices {
		out = append(out, escalation.Link{Device: d.ID, Since: c.since.Add(c.shifted)})
	}
	return out
}

func (c *connected) OutageUntil() time.Time { return time.Time{} }

func (c *connected) Shift(by time.Duration) { c.shifted += by }

func clockEngine(t *testing.T) (*Engine, *connected, *time.Duration) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), filepath.Join(t.TempDir(), "hub.db"), bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	org := organisation.New(organisation.Set{
		Users: []responder.User{{ID: "ada"}}, Devices: []responder.Device{{ID: "d", User: "ada"}},
		Policies: []escalation.Policy{{ID: "p", Levels: []escalation.Level{{Timeout: 5 * time.Minute,
			Targets: []escalation.Target{{User: "ada"}}}}}},
		Services:     []incident.Service{{ID: "s", Policy: "p", Urgency: incident.AlwaysHigh, Lease: 30 * time.Minute}},
		Integrations: []incident.Integration{{ID: "i", Service: "s"}},
	})
	links := &connected{since: Now()}
	e := New(db, fixed{org}, links, func(Change) {}, slog.New(slog.DiscardHandler))
	var stepped time.Duration
	e.clock.read = func() reading {
		r := readClocks()
		r.wall = r.wall.Add(stepped)
		return r
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e, links, &stepped
}

func nothing(s escalation.State, _ time.Time) (escalation.State, []incident.Entry, error) {
	return s, nil, nil
}

func TestWhenTheClockIsSetBackAllWaitsMoveBeforeAnythingIsDecided(t *testing.T) {
	e, links, stepped := clockEngine(t)
	opened, _, err := e.Ingest(t.Context(), incident.Event{Action: incident.Trigger, Integration: "i", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	start := e.clock.times().start
	*stepped = -3 * time.Second
	after, err := e.Do(t.Context(), opened.State.Incident.ID, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if got := after.State.Course.Due.Sub(opened.State.Course.Due); got > -2900*time.Millisecond || got < -3100*time.Millisecond {
		t.Errorf("the level's timeout moved by %s", got)
	}
	if got := e.clock.times().start.Sub(start); got > -2900*time.Millisecond || got != links.shifted {
		t.Errorf("the hub's start moved by %s, the streams by %s", got, links.shifted)
	}
	again, err := e.Do(t.Context(), opened.State.Incident.ID, nothing)
	if err != nil || !again.State.Course.Due.Equal(after.State.Course.Due) {
		t.Errorf("looked at again, the waits moved once more: %s, %v", again.State.Course.Due.Sub(after.State.Course.Due), err)
	}
}

func TestALittleSlewMovesNothing(t *testing.T) {
	e, links, stepped := clockEngine(t)
	*stepped = -900 * time.Millisecond
	if err := e.followClock(t.Context()); err != nil || links.shifted != 0 {
		t.Errorf("shifted by %s, %v", links.shifted, err)
	}
}

func TestAHubThatWasSuspendedBeginsAnewAndLeasesDoNotCountTheTime(t *testing.T) {
	e, _, stepped := clockEngine(t)
	opened, _, err := e.Ingest(t.Context(), incident.Event{Action: incident.Trigger, Integration: "i", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	held, err := e.Do(t.Context(), opened.State.Incident.ID, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		var entry incident.Entry
		s.Incident, _, entry = incident.AcknowledgeBy(s.Incident, incident.Command{By: "ada", Made: now}, 30*time.Minute, now)
		return s, []incident.Entry{entry}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// When the hub was last seen lies ten minutes back, as after a suspend.
	if err := e.store.Update(t.Context(), func(tx store.Tx) error { return tx.SetAlive(Now().Add(-10 * time.Minute)) }); err != nil {
		t.Fatal(err)
	}
	start := e.clock.times().start
	*stepped = 10 * time.Minute
	after, err := e.Do(t.Context(), opened.State.Incident.ID, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if longer := after.State.Incident.QuietUntil.Sub(held.State.Incident.QuietUntil); longer < 10*time.Minute {
		t.Errorf("the lease grew by %s", longer)
	}
	if !e.clock.times().start.After(start) {
		t.Error("the hub did not begin anew")
	}
}

// between does something as another caller would, right before the first write
// after it was armed.
type between struct {
	store.Store
	armed atomic.Bool
	do    func()
	done  chan struct{}
}

func newBetween(s store.Store, do func()) *between {
	b := &between{Store: s, do: do, done: make(chan struct{})}
	b.armed.Store(true)
	return b
}

// patience is how long the other caller has to get in between, if it can.
const patience = 200 * time.Millisecond

func (b *between) Update(ctx context.Context, fn func(store.Tx) error) error {
	if b.armed.CompareAndSwap(true, false) {
		go func() { defer close(b.done); b.do() }()
		select {
		case <-b.done:
		case <-time.After(patience): // it waits its turn
		}
	}
	return b.Store.Update(ctx, fn)
}

func takenFor(lease time.Duration) Work {
	return func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		var entry incident.Entry
		s.Incident, _, entry = incident.AcknowledgeBy(s.Incident, incident.Command{By: "ada", Made: now}, lease, now)
		return s, []incident.Entry{entry}, nil
	}
}

func TestAnAcknowledgementWhileTheHubFindsItselfLateHoldsForItsLease(t *testing.T) {
	e, _, stepped := clockEngine(t)
	opened, _, err := e.Ingest(t.Context(), incident.Event{Action: incident.Trigger, Integration: "i", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	id := opened.State.Incident.ID
	if err := e.store.Update(t.Context(), func(tx store.Tx) error { return tx.SetAlive(Now().Add(-8 * time.Hour)) }); err != nil {
		t.Fatal(err)
	}
	b := newBetween(e.store, func() {
		if _, err := e.Do(t.Context(), id, takenFor(30*time.Minute)); err != nil {
			t.Error(err)
		}
	})
	e.store = b
	*stepped = 8 * time.Hour
	if err := e.seen(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-b.done
	after, err := e.Do(t.Context(), id, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if left := after.State.Incident.QuietUntil.Sub(Now()); after.State.Incident.Status != incident.Acknowledged || left > 30*time.Minute {
		t.Errorf("%s, quiet for %s more", after.State.Incident.Status, left)
	}
}

func TestWhatTriggersWhileTheClockIsSetBackHasItsLevelsWholeTimeout(t *testing.T) {
	e, _, stepped := clockEngine(t)
	var opened Change
	b := newBetween(e.store, func() {
		var err error
		if opened, _, err = e.Ingest(t.Context(), incident.Event{Action: incident.Trigger, Integration: "i", Key: "k"}); err != nil {
			t.Error(err)
		}
	})
	e.store = b
	*stepped = -time.Hour
	if err := e.seen(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-b.done
	after, err := e.Do(t.Context(), opened.State.Incident.ID, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if c := after.State.Course; c.Level != 1 || c.Round != 1 || len(after.State.Pages) != 1 {
		t.Errorf("level %d, round %d, stage %s, %d pages", c.Level, c.Round, c.Stage, len(after.State.Pages))
	}
}

func TestAStepBackIsNotFollowedAgainByAStart(t *testing.T) {
	e, _, stepped := clockEngine(t)
	opened, _, err := e.Ingest(t.Context(), incident.Event{Action: incident.Trigger, Integration: "i", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	id := opened.State.Incident.ID
	if _, err := e.Do(t.Context(), id, takenFor(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	// The hub was last seen by the clock as it was: an hour ahead of the one that
	// was set back, which is the one that Now reads.
	ahead := Now().Add(time.Hour)
	if err := e.store.Update(t.Context(), func(tx store.Tx) error { return tx.SetAlive(ahead) }); err != nil {
		t.Fatal(err)
	}
	e.alive.Store(ahead.UnixMilli())
	*stepped = -time.Hour
	moved, err := e.Do(t.Context(), id, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := e.Do(t.Context(), id, nothing)
	if err != nil {
		t.Fatal(err)
	}
	if by := after.State.Incident.QuietUntil.Sub(moved.State.Incident.QuietUntil); by < -time.Minute || after.State.Incident.Status != incident.Acknowledged {
		t.Errorf("%s, and the lease moved by %s", after.State.Incident.Status, by)
	}
}
