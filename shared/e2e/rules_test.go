package e2e

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// Grouping and flapping from the file and the wire to the timeline.

const rulesYAML = `organisation: Example Health
catch_all: [ada]
users: [{id: ada, role: admin}, {id: bob}]
escalation_policies: [{id: one, levels: [{timeout: 5m, targets: [{user: ada}]}]}]
services: [{id: api, escalation_policy: one, %s, integrations: [{id: events, kind: events_v2, key_from: {env: KEY}}]}]
`

// sendOf sends an event with a class.
func (v *virtualHub) sendOf(action, key, class string) {
	v.t.Helper()
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":%q,"dedup_key":%q,"payload":{"summary":"%s","source":"db1","severity":"critical","class":%q}}`,
		routingKey, action, key, key, class)
	res, err := v.public.Post("http://hub/v2/enqueue", "application/json", strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		v.t.Fatalf("the hub answered %s: %s", res.Status, text)
	}
}

// list lists all incidents, oldest first, as the command line gets them.
func (v *virtualHub) list() []*hubv1.Incident {
	v.t.Helper()
	res, err := v.admin.ListIncidents(v.ctx, connect.NewRequest(&hubv1.ListIncidentsRequest{All: true}))
	if err != nil {
		v.t.Fatal(err)
	}
	slices.Reverse(res.Msg.Incidents)
	return res.Msg.Incidents
}

func TestGroupingByAFieldMakesOneIncidentAndOneAlarmOfManyAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := startVirtual(t, fmt.Sprintf(rulesYAML, "grouping: {fields: [class], within: 10m}"))
		defer v.close()
		v.enrol("ada", -1).join()
		time.Sleep(time.Minute) // virtual
		v.sendOf("trigger", "a", "disk")
		time.Sleep(time.Minute)
		v.sendOf("trigger", "b", "disk")
		v.sendOf("trigger", "c", "net")
		time.Sleep(time.Minute)
		all := v.list()
		if len(all) != 2 || len(all[0].Alerts) != 2 || len(all[1].Alerts) != 1 {
			t.Fatalf("%v", all)
		}
		if got := kinds(v.timeline(1), "paged"); len(got) != 1 {
			t.Errorf("paged %v", got)
		}
		v.sendOf("resolve", "a", "disk")
		if all = v.list(); all[0].Status != "triggered" {
			t.Errorf("one of two alerts ended: %s", all[0].Status)
		}
		v.sendOf("resolve", "b", "disk")
		if all = v.list(); all[0].Status != "resolved" {
			t.Errorf("both ended: %s", all[0].Status)
		}
		var told []string
		for _, e := range v.timeline(1) {
			told = append(told, e.Text)
		}
		if !slices.Contains(told, "Alert added: b") {
			t.Errorf("%q", told)
		}
	})
}

func TestAFlappingIncidentResolvesOnlyWhenItWasQuietForTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := startVirtual(t, fmt.Sprintf(rulesYAML, "reopen_window: 10m"))
		defer v.close()
		v.enrol("ada", -1).join()
		time.Sleep(time.Minute) // virtual
		for range 4 {
			v.send("trigger", "k", "critical")
			time.Sleep(time.Minute)
			v.send("resolve", "k", "critical")
			time.Sleep(time.Minute)
		}
		i := v.list()[0]
		if i.Status != "triggered" || !i.Flapping || i.ResolveDue == nil || len(v.list()) != 1 {
			t.Fatalf("%v", i)
		}
		time.Sleep(9*time.Minute + time.Second)
		if i = v.list()[0]; i.Status != "resolved" || i.Flapping {
			t.Errorf("%v", i)
		}
		last := v.timeline(1)
		if got := last[len(last)-2].Text; got != "Resolved: its alerts have ended, and it stayed quiet" {
			t.Errorf("told %q", got)
		}
	})
}

// incidents gives the service of the command line about incidents as a whole.
func (v *virtualHub) incidents() hubv1connect.IncidentServiceClient {
	return hubv1connect.NewIncidentServiceClient(v.local, "http://hub")
}

func TestLaterEventsOfAMergedIncidentReachTheTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := startVirtual(t, fmt.Sprintf(rulesYAML, "reopen_window: 10m"))
		defer v.close()
		v.enrol("ada", -1).join()
		time.Sleep(time.Minute) // virtual
		for _, key := range []string{"a", "b", "c"} {
			v.send("trigger", key, "critical")
		}
		merge := func(from, into uint64) {
			if _, err := v.incidents().Merge(v.ctx, connect.NewRequest(&hubv1.MergeRequest{Number: from, Into: into})); err != nil {
				t.Fatal(err)
			}
		}
		merge(3, 2) // a chain
		merge(2, 1)
		time.Sleep(time.Second)
		synctest.Wait()
		if got := kinds(v.timeline(3), "page_ended"); !slices.Equal(got, []string{"ada merged"}) {
			t.Errorf("the pages of what was merged: %v", got)
		}
		status := func() (all []string) {
			for _, i := range v.list() {
				all = append(all, i.Status)
			}
			return all
		}
		v.send("resolve", "c", "critical")
		v.send("resolve", "a", "critical")
		if got := status(); !slices.Equal(got, []string{"triggered", "resolved", "resolved"}) {
			t.Errorf("b still fires: %v", got)
		}
		v.send("resolve", "b", "critical")
		if got := status(); !slices.Equal(got, []string{"resolved", "resolved", "resolved"}) {
			t.Errorf("all ended: %v", got)
		}
		time.Sleep(5 * time.Minute)
		v.send("trigger", "c", "critical")
		if got := status(); !slices.Equal(got, []string{"triggered", "resolved", "resolved"}) {
			t.Errorf("c is back within the window: %v", got)
		}
		v.send("resolve", "c", "critical")
		time.Sleep(11 * time.Minute)
		v.send("trigger", "c", "critical")
		if got := status(); !slices.Equal(got, []string{"resolved", "resolved", "resolved", "triggered"}) {
			t.Errorf("c is back after the window: %v", got)
		}
	})
}
