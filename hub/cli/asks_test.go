package cli_test

import "testing"

func TestEscalatePagesTheNextLevelAtOnce(t *testing.T) {
	h := withIncident(t)
	h.must("ack", "1", "--as", "bob")
	contains(t, h.must("escalate", "1", "--as", "kim"), "Incident 1 is escalated: paging ")
	contains(t, h.must("timeline", "1"), "Acknowledged by Bob Brown", "Escalated by Kim King", "(by hand)")
	h.must("page", "payments-api", "Certificate", "--urgency", "low")
	refused(t, "incident 2: it is of low urgency", "escalate", "2", "--data", h.data)
}

func TestReassignGivesAnIncidentToAUserOrAPolicy(t *testing.T) {
	h := withIncident(t)
	contains(t, h.must("reassign", "1", "--to-user", "eve"), "paging eve (")
	contains(t, h.must("timeline", "1"), "Reassigned by Ada Adams to Eve Evans", "Eve Evans is paged (reassigned)")
	h.must("reassign", "1", "--to-policy", "payments")
	contains(t, h.must("timeline", "1"), "Level 1, round 1 (reassigned)")
	refused(t, `there is no user "zoe"`, "reassign", "1", "--to-user", "zoe", "--data", h.data)
	refused(t, `there is no escalation policy "none"`, "reassign", "1", "--to-policy", "none", "--data", h.data)
}

func TestAddPagesFurtherPeopleAlsoForWhatIsTaken(t *testing.T) {
	h := withIncident(t)
	h.must("ack", "1", "--as", "bob")
	contains(t, h.must("add", "1", "eve", "kim", "--as", "bob"), "bob has it")
	contains(t, h.must("timeline", "1"), "Bob Brown asks for help: Eve Evans, Kim King", "Eve Evans is paged (added)", "Kim King is paged (added)")
	h.must("ack", "1", "--as", "eve")
	contains(t, h.must("timeline", "1"), "Eve Evans comes to help")
}

func TestTheTimelineNamesThoseWhoHaveLeftSince(t *testing.T) {
	h := withIncident(t)
	h.must("ack", "1", "--as", "bob")
	h.must("user", "offboard", "bob", "--replace-with", "kim")
	contains(t, h.must("timeline", "1"), "Acknowledged by Bob Brown", "The page of Bob Brown ended")
}
