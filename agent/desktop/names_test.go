package desktop

import (
	"testing"

	"tocsin/agent/inbox"
)

func TestANotificationLeavesOutAMissingSeverity(t *testing.T) {
	if got := notification(page(), began).Title; got != "Payments: critical" {
		t.Errorf("title %q", got)
	}
	if got := notification(page(func(p *inbox.Page) { p.Severity = "" }), began).Title; got != "Payments" {
		t.Errorf("without severity: title %q", got)
	}
}
