package storetest

import (
	"context"
	"errors"
	"testing"

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
	wait(4, incident.ReasonMaintenance, incident.Triggered, "shop")
	wait(5, incident.ReasonMaintenance, incident.Triggered, "shop")
	i, err := find("shop")
	f.must(err)
	is(f, "the newest", i.Number, 5)
	is(f, "with its alerts", len(i.Alerts), 1)
}
