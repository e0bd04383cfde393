package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
	"tocsin/hub/store"
)

func kept(_ *testing.T, f *fixture) {
	wait := func(n int, why incident.Reason, status incident.Status, service incident.ServiceID) {
		r := plain(n)
		r.Incident.QuietReason, r.Incident.Status, r.Incident.Service = why, status, service
		f.create(r)
	}
	find := func(s incident.ServiceID) (i incident.Incident, err error) {
		err = f.View(context.Background(), func(tx store.Tx) error {
			i, err = tx.Kept(s)
			return err
		})
		return i, err
	}
	wait(1, incident.ReasonMaintenance, incident.Resolved, "shop")
	wait(2, incident.ReasonMaintenance, incident.Triggered, "web")
	wait(3, incident.ReasonHold, incident.Triggered, "shop")
	if _, err := find("shop"); !errors.Is(err, store.ErrNotFound) {
		f.Errorf("nothing waits: %v", err)
	}
	wait(4, incident.ReasonSupportHours, incident.Triggered, "shop")
	wait(5, incident.ReasonMaintenance, incident.Triggered, "shop")
	i, err := find("shop")
	f.must(err)
	is(f, "the newest", i.Number, 5)
	is(f, "with its alerts", len(i.Alerts), 1)
}

func heartbeats(_ *testing.T, f *fixture) {
	up := heartbeat.Beat{Integration: "cron", State: heartbeat.Up, PingedAt: noon, DueAt: noon.Add(time.Hour), Since: noon.Add(-time.Hour)}
	running := heartbeat.Beat{Integration: "backup", State: heartbeat.Up, StartedAt: noon, DueAt: noon.Add(time.Minute)}
	gone := heartbeat.Beat{Integration: "alive", State: heartbeat.Missing, PingedAt: noon}
	f.update(func(tx store.Tx) error {
		return errors.Join(tx.PutHeartbeat(heartbeat.Beat{Integration: "cron", State: heartbeat.Failing}),
			tx.PutHeartbeat(up), tx.PutHeartbeat(running), tx.PutHeartbeat(gone))
	})
	f.open()
	got := read(f, func(tx store.Tx) (heartbeat.Beat, error) { return tx.Heartbeat("cron") })
	is(f, "one", got, up)
	is(f, "all", fmt.Sprint(read(f, store.Tx.Heartbeats)), fmt.Sprint([]heartbeat.Beat{gone, running, up}))
	is(f, "the next", read(f, store.Tx.NextHeartbeat), running.DueAt)
	due := func(at time.Time, limit int) string {
		return fmt.Sprint(read(f, func(tx store.Tx) ([]incident.IntegrationID, error) { return tx.DueHeartbeats(at, limit) }))
	}
	is(f, "before", due(noon.Add(time.Minute-time.Millisecond), 9), "[]")
	is(f, "one is due", due(noon.Add(time.Minute), 9), "[backup]")
	is(f, "both, the longest first", due(noon.Add(time.Hour), 9), "[backup cron]")
	is(f, "no more than asked for", due(noon.Add(time.Hour), 1), "[backup]")
	f.update(func(tx store.Tx) error { return errors.Join(tx.ForgetHeartbeat("backup"), tx.ForgetHeartbeat("cron")) })
	is(f, "none", read(f, store.Tx.NextHeartbeat), time.Time{})
	err := f.View(context.Background(), func(tx store.Tx) error {
		_, err := tx.Heartbeat("cron")
		return err
	})
	is(f, "forgotten", errors.Is(err, store.ErrNotFound), true)
}
