package e2e

import (
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
)

// Mistakes planted into what people's commands do.

var simCommandBugs = []simBug{
	{"moves a snooze until a time of day with the clock", func(c *simCore) {
		shift := c.shift
		c.shift = func(s escalation.State, by time.Duration) escalation.State {
			if s.Incident.QuietReason == incident.ReasonSnoozeFixed {
				s.Incident.QuietUntil = s.Incident.QuietUntil.Add(by)
			}
			return shift(s, by)
		}
	}},
	{"renews the lease for a note of anybody", func(c *simCore) {
		note := c.note
		c.note = func(i incident.Incident, cmd incident.Command, text string, lease time.Duration, now time.Time) (incident.Incident, incident.Entry) {
			cmd.By = i.Holder
			return note(i, cmd, text, lease, now)
		}
	}},
	{"gives who snoozes what somebody else has", func(c *simCore) {
		snooze := c.snooze
		c.snooze = func(i incident.Incident, cmd incident.Command, until time.Time, fixed bool, lease time.Duration, now time.Time) (incident.Incident, incident.Answer, []incident.Entry) {
			next, answer, entries := snooze(i, cmd, until, fixed, lease, now)
			if answer == incident.Applied {
				next.Holder = cmd.By
			}
			return next, answer, entries
		}
	}},
}
