package gateway

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
)

func TestThePriorityIsNoSecretAndStandsInEveryMessage(t *testing.T) {
	org := organisation.New(organisation.Set{Services: []incident.Service{{ID: "shop", Name: "Shop"}}})
	i := incident.Incident{ID: "i", Number: 12, Service: "shop", Severity: incident.Critical, Urgency: incident.High, Priority: "P1", Summary: "secret", TriggeredAt: time.Now()}
	m := About(org, i, responder.User{Name: "Ada"})
	if got := m.Title(); got != "Shop: critical incident 12 (P1)" {
		t.Error(got)
	}
	if !slices.Contains(m.Lines(), "Priority: P1") || strings.Contains(strings.Join(m.Lines(), " "), "secret") {
		t.Errorf("%q", m.Lines())
	}
	if got := m.Spoken(); !strings.Contains(got, "priority P1") {
		t.Error(got)
	}
	if p := webhookOf(m).Data.Priority; p == nil || p.Type != "priority_reference" || p.Summary != "P1" {
		t.Errorf("%+v", p)
	}
	i.Priority = ""
	if m = About(org, i, responder.User{}); m.Title() != "Shop: critical incident 12" || webhookOf(m).Data.Priority != nil || strings.Contains(m.Spoken(), "priority") {
		t.Error(m.Title())
	}
}
