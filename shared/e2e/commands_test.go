package e2e

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// kinds lists who has entries of a kind in a timeline, with the reason.
func kinds(entries []*hubv1.Entry, kind string) []string {
	var out []string
	for _, e := range entries {
		if e.Kind == kind {
			out = append(out, e.UserId+" "+e.Reason)
		}
	}
	return out
}

func TestWhomAPersonNamesIsAlarmedOnTheirDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := startVirtual(t, `organisation: Example Health
catch_all: [ada]
users: [{id: ada, role: admin}, {id: bob}, {id: eve}]
escalation_policies: [{id: one, levels: [{timeout: 5m, targets: [{user: ada}]}]}]
services: [{id: api, escalation_policy: one, integrations: [{id: events, kind: events_v2, key_from: {env: KEY}}]}]
`)
		defer v.close()
		for _, u := range []string{"ada", "bob", "eve"} {
			v.enrol(u, -1).join()
		}
		time.Sleep(time.Minute) // virtual
		_, err := v.admin.OpenIncident(v.ctx, connect.NewRequest(&hubv1.OpenIncidentRequest{ServiceId: "api", Text: "come and look"}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = v.admin.Reassign(v.ctx, connect.NewRequest(&hubv1.ReassignRequest{Number: 1, UserId: "bob"})); err != nil {
			t.Fatal(err)
		}
		if _, err = v.admin.Acknowledge(v.ctx, connect.NewRequest(&hubv1.AcknowledgeRequest{Number: 1})); err != nil {
			t.Fatal(err)
		}
		if _, err = v.admin.AddResponders(v.ctx, connect.NewRequest(&hubv1.AddRespondersRequest{Number: 1, UserIds: []string{"eve"}})); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		entries := v.timeline(1)
		if got := kinds(entries, "paged"); !slices.Equal(got, []string{"ada triggered", "bob reassigned", "eve added"}) {
			t.Errorf("paged %v", got)
		}
		if got := kinds(entries, "shown"); !slices.Contains(got, "bob ") || !slices.Contains(got, "eve ") {
			t.Errorf("shown %v", got)
		}
		if got := kinds(entries, "page_failed"); len(got) > 0 {
			t.Errorf("failed %v", got)
		}
	})
}
