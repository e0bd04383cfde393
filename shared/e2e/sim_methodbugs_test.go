package e2e

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Mistakes planted into how people are found and reached.

// uses damages the uses that Decide sees.
func uses(damage func(u *escalation.Use, now time.Time)) func(*simCore) {
	return sees(func(s *escalation.State, now time.Time) {
		s.Pages = slices.Clone(s.Pages)
		for i := range s.Pages {
			s.Pages[i].Uses = slices.Clone(s.Pages[i].Uses)
			for j := range s.Pages[i].Uses {
				damage(&s.Pages[i].Uses[j], now)
			}
		}
	})
}

var simMethodBugs = []simBug{
	{"sends a second message for one page", sees(func(s *escalation.State, _ time.Time) {
		s.Pages = slices.Clone(s.Pages)
		for i := range s.Pages {
			s.Pages[i].Uses = slices.DeleteFunc(slices.Clone(s.Pages[i].Uses), func(u escalation.Use) bool {
				return u.Method != responder.Devices && !u.Answered.IsZero() && !u.Accepted
			})
		}
	})},
	{"forgets what it sent within the hour", sees(func(s *escalation.State, _ time.Time) { s.Course.Sent = nil })},
	{"waits for a gateway for ever", uses(func(u *escalation.Use, now time.Time) {
		if u.Method != responder.Devices && u.Answered.IsZero() {
			u.At = now
		}
	})},
	{"gives a gateway no time to answer", uses(func(u *escalation.Use, _ time.Time) {
		if u.Method != responder.Devices && u.Answered.IsZero() {
			u.At = u.At.Add(-time.Minute)
		}
	})},
	{"uses every method at once", reaches(func(r *escalation.Reach) {
		for i := range r.Methods {
			r.Methods[i].After = 0
		}
	})},
	{"sends nothing more once somebody's device is heard of", without(func(a escalation.Action) bool {
		t, ok := a.(escalation.Travel)
		return ok && t.Method != responder.Devices && t.Reason == escalation.ReasonByRule
	})},
	{"does not use the next method when one fails", without(func(a escalation.Action) bool {
		t, ok := a.(escalation.Travel)
		return ok && t.Reason == escalation.ReasonNotAlive
	})},
	{"uses the last method first", reaches(func(r *escalation.Reach) { slices.Reverse(r.Methods) })},
	{"forgets that a gateway took the call", uses(func(u *escalation.Use, _ time.Time) { u.Accepted = false })},
	{"pages one member of a team", sees(func(s *escalation.State, _ time.Time) {
		s.World.Levels = slices.Clone(s.World.Levels)
		for i, l := range s.Policy.Levels {
			if i < len(s.World.Levels) && slices.ContainsFunc(l.Targets, func(t escalation.Target) bool { return t.Team != "" }) && len(s.World.Levels[i].Users) > 1 {
				s.World.Levels[i].Users = s.World.Levels[i].Users[:1]
			}
		}
	})},
	{"misses that an absence begins or ends", decides(func(d escalation.Decision, s escalation.State, _ time.Time) escalation.Decision {
		if d.Reason == escalation.WaitHandOff && slices.ContainsFunc(s.World.Reach, func(r escalation.Reach) bool { return r.OffDuty }) {
			d.WakeAt = s.Course.Due
		}
		return d
	})},
	{"lets a link from an earlier opening quiet this one", func(c *simCore) {
		acknowledge := c.acknowledge
		c.acknowledge = func(s escalation.State, cmd incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry) {
			if cmd.Method != "" {
				cmd.Opening = 0
			}
			return acknowledge(s, cmd, lease, now)
		}
	}},
}
