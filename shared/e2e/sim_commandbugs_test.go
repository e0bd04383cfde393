package e2e

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
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
	{"pages at once what is to be held", sees(func(s *escalation.State, _ time.Time) {
		if s.Incident.Held() {
			s.Incident = incident.QuietEnded(s.Incident)
		}
	})},
	{"counts the hub's absence as part of a hold", func(c *simCore) {
		pause := c.pause
		c.pause = func(s escalation.State, away time.Duration) escalation.State {
			if s.Incident.Held() {
				return s
			}
			return pause(s, away)
		}
	}},
	{"begins each round with the same target", sees(func(s *escalation.State, _ time.Time) {
		if s.Course.Stage == escalation.AtLevel {
			s.Incident.Turn -= max(s.Course.Round, 1)
			s.Incident.Turn = max(s.Incident.Turn, 0)
		}
	})},
	{"pages every target of a round-robin level", sees(func(s *escalation.State, _ time.Time) {
		s.World.Levels = slices.Clone(s.World.Levels)
		for i := range s.World.Levels {
			s.World.Levels[i].Targets = nil
		}
	})},
	{"leaves a round-robin level when one target fails", sees(func(s *escalation.State, _ time.Time) { s.Course.Target = 0 })},
	{"does not page who is added", without(func(a escalation.Action) bool {
		o, ok := a.(escalation.Open)
		return ok && o.Page.Reason == escalation.ReasonAdded
	})},
	{"closes with an earlier acknowledgement the page of who was added since", sees(func(s *escalation.State, _ time.Time) {
		s.Pages = slices.Clone(s.Pages)
		for i := range s.Pages {
			if s.Pages[i].Stage == escalation.Joined {
				s.Pages[i].Stage = escalation.Added
			}
		}
	})},
	{"forgets what a person asked for", sees(func(s *escalation.State, _ time.Time) { s.Course.Asked = escalation.Ask{} })},
	{"gives a reassigned user no time", enters(func(e *escalation.Enter, _ escalation.State) {
		if e.Stage == escalation.Assigned {
			e.Due = e.At
		}
	})},
	{"pages somebody else than whom it was given to", func(c *simCore) {
		reassign := c.reassign
		c.reassign = func(s escalation.State, cmd incident.Command, u responder.UserID, lease time.Duration, now time.Time) (escalation.State, incident.Answer, incident.Entry) {
			return reassign(s, cmd, cmd.By, lease, now)
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
