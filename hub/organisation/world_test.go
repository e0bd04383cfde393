package organisation

import (
	"testing"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

func noLinks([]responder.Device, time.Time) []escalation.Link { return nil }

func TestWhoHasAnIncidentBeyondTheirShiftIsKnownToBeOffDuty(t *testing.T) {
	now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	o := New(Set{
		Users:    []responder.User{{ID: "ada"}, {ID: "cleo"}},
		Absences: []responder.Absence{{User: "ada", Start: now.Add(-time.Minute), End: now.Add(time.Hour)}},
	})
	s := escalation.State{
		Incident: incident.Incident{Status: incident.Acknowledged, Urgency: incident.High, Holder: "ada"},
		Policy:   escalation.Policy{Levels: []escalation.Level{{Timeout: time.Minute, Targets: []escalation.Target{{User: "cleo"}}}}},
	}
	for _, r := range o.World(s, noLinks, now, now, time.Time{}).Reach {
		if r.User == "ada" {
			if !r.OffDuty {
				t.Error("ada has the incident, is off duty, and is taken for on duty")
			}
			return
		}
	}
	t.Error("the world does not tell of ada, who has the incident")
}
