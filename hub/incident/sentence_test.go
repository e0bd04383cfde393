package incident

import (
	"testing"

	"tocsin/hub/responder"
)

func TestSentencesNamePeopleAndCarryTheZoneOfTimes(t *testing.T) {
	names := Names{
		User: func(u responder.UserID) string {
			if n, ok := map[responder.UserID]string{"ada": "Ada Adams", "bob": "Bob Brown", "eve": "Eve Evans"}[u]; ok {
				return n
			}
			return string(u)
		},
		Device: func(d responder.DeviceID) string { return string(d) },
	}
	at := "2026-12-24T18:00:00Z"
	for _, c := range []struct {
		e    Entry
		want string
	}{
		{Entry{Kind: KindSnoozed, User: "ada", Text: at}, "Put off by Ada Adams until 2026-12-24 18:00:00 UTC"},
		{Entry{Kind: KindKept, User: "bob", Text: at}, "Kept beyond the shift by Bob Brown until 2026-12-24 18:00:00 UTC"},
		{Entry{Kind: KindHeld, Reason: ReasonSupportHours, Text: at}, "Low urgency outside support hours: nobody is told before they begin at 2026-12-24 18:00:00 UTC"},
		{Entry{Kind: KindHeld, Reason: ReasonMaintenance, Text: at + " new disks"}, "Maintenance (new disks): nobody is paged before it ends at 2026-12-24 18:00:00 UTC; what is open then pages"},
		{Entry{Kind: KindReassigned, User: "ada", Text: "eve"}, "Reassigned by Ada Adams to Eve Evans"},
		{Entry{Kind: KindReassigned, User: "ada", Text: "Payments"}, "Reassigned by Ada Adams to Payments"},
		{Entry{Kind: KindAdded, User: "ada", Text: "eve, bob"}, "Ada Adams asks for help: Eve Evans, Bob Brown"},
		{Entry{Kind: KindRefused, Reason: ReasonNoSuchTime, User: "ada"}, "What Ada Adams wanted was refused: that time is not ahead, or more than 7 days"},
		{Entry{Kind: KindAlready, Reason: "not_held", User: "ada"}, "What Ada Adams did changed nothing: nobody had it"},
		{Entry{Kind: KindPassedOn, Reason: ReasonByUser, User: "ada", Device: "laptop"}, "Passed on by Ada Adams on laptop"},
		{Entry{Kind: KindPassedOn, Reason: ReasonOffDuty, User: "ada", Device: "laptop"}, "Passed on, as Ada Adams goes off duty on laptop"},
		{Entry{Kind: KindPassedOn, Reason: ReasonOffboarded, User: "ada"}, "Passed on, as Ada Adams leaves"},
		{Entry{Kind: KindAcknowledged, User: "ada", Device: "laptop", Text: at}, "Acknowledged by Ada Adams on laptop (done at 2026-12-24 18:00:00 UTC, while the device was cut off)"},
		{Entry{Kind: KindTooLate, Reason: ReasonNewOpening, User: "ada", Device: "laptop", Text: "about " + at}, "What Ada Adams did on laptop came too late: the incident was triggered again since (done at about 2026-12-24 18:00:00 UTC, while the device was cut off)"},
		{Entry{Kind: KindTooLate, Reason: ReasonNewOpening, User: "ada", Device: "laptop"}, "What Ada Adams did on laptop came too late: the incident was triggered again since"},
	} {
		if got := c.e.Sentence(names); got != c.want {
			t.Errorf("%s: %q, want %q", c.e.Kind, got, c.want)
		}
	}
}
