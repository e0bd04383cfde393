package cli_test

import (
	"strings"
	"testing"
)

func TestMergeMakesAnIncidentPartOfAnother(t *testing.T) {
	h := withIncident(t)
	h.must("page", "payments-api", "Refunds fail too", "--as", "bob")
	h.must("priority", "2", "p2", "--as", "bob")
	contains(t, h.must("merge", "2", "--into", "1", "--as", "kim"), "Incident 2 goes on in 1: triggered")
	contains(t, h.must("timeline", "2"), "Kim King merged it into incident 1: it goes on there", "ended: merged")
	contains(t, h.must("timeline", "1"), "Kim King merged incident 2 into this one: Refunds fail too", "The priority is P2, as that of what was merged into it")
	contains(t, h.must("incidents", "--all"), "merged into 1", "high, P2")
}

func TestMergeIsRefusedWithASentence(t *testing.T) {
	h := withIncident(t)
	h.must("page", "payments-api", "Refunds fail too")
	refused(t, "incident 1 cannot become part of itself", "merge", "1", "--into", "1", "--data", h.data)
	refused(t, "there is no incident 7", "merge", "1", "--into", "7", "--data", h.data)
	h.must("resolve", "1")
	refused(t, "incident 1 is over, so nothing can go on there", "merge", "2", "--into", "1", "--data", h.data)
	refused(t, "incident 1 is resolved: there is nothing of it that could go on in 2", "merge", "1", "--into", "2", "--data", h.data)
}

func TestWhoActsOnAMergedIncidentIsToldWhereItGoesOn(t *testing.T) {
	h := withIncident(t)
	h.must("page", "payments-api", "Refunds fail too")
	h.must("merge", "2", "--into", "1")
	for _, command := range [][]string{{"escalate", "2"}, {"snooze", "2", "--for", "1h"}, {"add", "2", "eve"}, {"ack", "2"}, {"resolve", "2"}} {
		refused(t, "incident 2 became part of incident 1, and goes on there", append(command, "--data", h.data)...)
	}
	refused(t, "incident 2 became part of another before", "merge", "2", "--into", "1", "--data", h.data)
}

func TestPriorityIsSetChangedAndTakenAway(t *testing.T) {
	h := withIncident(t)
	contains(t, h.must("priority", "1", "P1", "--as", "bob"), "Incident 1 has the priority P1.")
	contains(t, h.must("incidents"), "high, P1")
	contains(t, h.must("incidents", "--json"), `"priority":"P1"`)
	contains(t, h.must("priority", "1", "none", "--as", "bob"), "Incident 1 has no priority.")
	contains(t, h.must("timeline", "1"), "Bob Brown says that the priority is P1", "Bob Brown took the priority away")
	refused(t, `the priority "P6" is none of P1, P2, P3, P4, P5`, "priority", "1", "P6", "--data", h.data)
}

func TestPolicyRefreshAppliesAnEditedPolicyToOpenIncidents(t *testing.T) {
	h := withIncident(t)
	h.must("page", "payments-api", "Refunds fail too")
	h.must("ack", "2", "--as", "bob")
	contains(t, h.must("policy", "refresh", "payments"), "Every open incident follows payments as it is now")
	applied := h.apply(strings.Replace(read(t, roster), "{timeout: 5m, targets: [{schedule: payments-primary}]}", "{timeout: 9m, targets: [{user: eve}]}", 1))
	contains(t, applied, "open incidents that follow the escalation policy payments as it was: 2; hub policy refresh payments moves them")
	contains(t, h.must("policy", "refresh", "payments", "--dry-run"), "begins with level 1", "when it is no longer quiet", "Nothing was changed.")
	contains(t, h.must("policy", "refresh", "payments", "--incident", "1", "--as", "kim"), "begins with level 1")
	contains(t, h.must("timeline", "1"), "Kim King made it follow the escalation policy payments as it is now", "Level 1, round 1 (policy edited)", "Eve Evans is paged (policy edited)")
	contains(t, h.must("policy", "refresh", "payments", "--json"), `"number":2`, `"at_once":false`)
	contains(t, h.must("incidents"), "bob has it")
	contains(t, h.must("policy", "refresh", "payments"), "Every open incident follows payments as it is now")
	refused(t, `there is no escalation policy "none"`, "policy", "refresh", "none", "--data", h.data)
}
