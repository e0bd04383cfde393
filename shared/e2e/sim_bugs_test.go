package e2e

import (
	"slices"
	"testing"
	"time"

	"tocsin/agent/inbox"
	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// simBug is a mistake planted into the core from outside, by damaging what goes
// into its functions or comes out of them.
type simBug struct {
	name  string
	plant func(*simCore)
}

// sees damages the state that Decide is given.
func sees(damage func(s *escalation.State, now time.Time)) func(*simCore) {
	return func(c *simCore) {
		decide := c.decide
		c.decide = func(s escalation.State, now time.Time) escalation.Decision {
			damage(&s, now)
			return decide(s, now)
		}
	}
}

// decides damages what Decide answers.
func decides(damage func(d escalation.Decision, s escalation.State, now time.Time) escalation.Decision) func(*simCore) {
	return func(c *simCore) {
		decide := c.decide
		c.decide = func(s escalation.State, now time.Time) escalation.Decision {
			return damage(decide(s, now), s, now)
		}
	}
}

// without drops actions; what is left waits for the stage to end.
func without(drop func(escalation.Action) bool) func(*simCore) {
	return decides(func(d escalation.Decision, s escalation.State, now time.Time) escalation.Decision {
		kept := slices.DeleteFunc(slices.Clone(d.Actions), drop)
		if len(kept) == 0 && len(d.Actions) > 0 {
			d.WakeAt = now.Add(30 * time.Second)
		}
		d.Actions = kept
		return d
	})
}

// enters damages the stages that are entered.
func enters(damage func(e *escalation.Enter, s escalation.State)) func(*simCore) {
	return decides(func(d escalation.Decision, s escalation.State, now time.Time) escalation.Decision {
		d.Actions = slices.Clone(d.Actions)
		for i, a := range d.Actions {
			if e, ok := a.(escalation.Enter); ok {
				damage(&e, s)
				d.Actions[i] = e
			}
		}
		return d
	})
}

// reaches damages how people can be reached.
func reaches(damage func(r *escalation.Reach)) func(*simCore) {
	return sees(func(s *escalation.State, _ time.Time) {
		s.World.Reach = slices.Clone(s.World.Reach)
		for i := range s.World.Reach {
			r := &s.World.Reach[i]
			r.Devices, r.Methods = slices.Clone(r.Devices), slices.Clone(r.Methods)
			damage(r)
		}
	})
}

// loses gives an action of which the timeline does not tell.
type losesEntry struct{ escalation.Fail }

func (losesEntry) Entry() incident.Entry { return incident.Entry{} }

// pagedBy are the users with a page of the present stage.
func pagedBy(s *escalation.State) []responder.UserID {
	var users []responder.UserID
	for _, p := range s.Pages {
		if p.Stage == s.Course.Stage && p.Pass == s.Course.Pass && p.Level == s.Course.Level {
			users = append(users, p.User)
		}
	}
	return users
}

var simBugs = []simBug{
	{"forgets to wake for the level's timeout", decides(func(d escalation.Decision, _ escalation.State, _ time.Time) escalation.Decision {
		if d.Reason == escalation.WaitTimeout {
			d.WakeAt = time.Time{}
		}
		return d
	})},
	{"forgets to wake for the show deadline", decides(func(d escalation.Decision, s escalation.State, _ time.Time) escalation.Decision {
		if d.Reason == escalation.WaitDeadline {
			d.WakeAt = s.Course.Due
		}
		return d
	})},
	{"sleeps through a hand-off", decides(func(d escalation.Decision, s escalation.State, _ time.Time) escalation.Decision {
		if d.Reason == escalation.WaitHandOff {
			d.WakeAt = s.Course.Due
		}
		return d
	})},
	{"pages in the grace after a start", sees(func(s *escalation.State, _ time.Time) { s.World.GraceUntil = time.Time{} })},
	{"begins anew after a restart", sees(func(s *escalation.State, now time.Time) {
		if now.Sub(s.World.HubStart) < time.Second && s.Incident.Status == incident.Triggered && s.Course.Entered.Before(s.World.HubStart) {
			s.Course.Stage = escalation.None
		}
	})},
	{"forgets who passed it on", sees(func(s *escalation.State, _ time.Time) { s.Course.LeftOut = nil })},
	{"pages twice in a pass", sees(func(s *escalation.State, _ time.Time) {
		s.Pages = slices.DeleteFunc(slices.Clone(s.Pages), func(p escalation.Page) bool { return !p.Open() })
		for i := range s.Pages {
			if s.Pages[i].Level != s.Course.Level {
				s.Pages[i].Pass = 0
			}
		}
	})},
	{"uses a wave again", decides(func(d escalation.Decision, s escalation.State, _ time.Time) escalation.Decision {
		d.Actions = slices.Clone(d.Actions)
		for i, a := range d.Actions {
			if o, ok := a.(escalation.Open); ok && o.Page.Wave > 2 {
				o.Page.Wave = 2
				d.Actions[i] = o
			}
		}
		return d
	})},
	{"goes on paging after an acknowledgement", sees(func(s *escalation.State, now time.Time) {
		if s.Incident.Status == incident.Acknowledged && now.Sub(s.Incident.AcknowledgedAt) < time.Second {
			s.Incident.Status = incident.Triggered
		}
	})},
	{"leaves alarms up when it is acknowledged", without(func(a escalation.Action) bool {
		e, ok := a.(escalation.End)
		return ok && e.Outcome == escalation.OutcomeTaken
	})},
	{"leaves alarms up when it is resolved", without(func(a escalation.Action) bool {
		e, ok := a.(escalation.End)
		return ok && e.Outcome == escalation.OutcomeResolved
	})},
	{"never ends a lease", sees(func(s *escalation.State, _ time.Time) { s.Incident.QuietUntil = time.Time{} })},
	{"does not ask the holder first", sees(func(s *escalation.State, _ time.Time) {
		if s.Incident.Status == incident.Triggered && s.Course.Stage == escalation.Holder {
			s.Course.Due = s.Course.Entered
		}
	})},
	{"asks a holder who is not on call", sees(func(s *escalation.State, _ time.Time) {
		if h := s.Incident.Holder; h != "" && s.Course.Stage == escalation.None && len(s.World.Levels) > 0 {
			s.World.Levels = slices.Clone(s.World.Levels)
			last := &s.World.Levels[len(s.World.Levels)-1]
			last.Users = append(slices.Clip(last.Users), h)
		}
	})},
	{"gives a page up without telling", decides(func(d escalation.Decision, _ escalation.State, _ time.Time) escalation.Decision {
		d.Actions = slices.Clone(d.Actions)
		for i, a := range d.Actions {
			if f, ok := a.(escalation.Fail); ok {
				d.Actions[i] = losesEntry{f}
			}
		}
		return d
	})},
	{"takes a device that is gone for alive", reaches(func(r *escalation.Reach) {
		for i := range r.Devices {
			r.Devices[i].GoneAt = r.Devices[i].GoneAt.Add(24 * time.Hour)
		}
	})},
	{"takes a muted device for alive", func(c *simCore) {
		observe := c.observe
		c.observe = func(s escalation.State, k escalation.Key, d responder.DeviceID, _ bool, at time.Time) escalation.State {
			return observe(s, k, d, true, at)
		}
	}},
	{"takes a rejected call for alive", func(c *simCore) {
		answer := c.answer
		c.answer = func(s escalation.State, k escalation.Key, m responder.MethodID, _ bool, at time.Time) escalation.State {
			return answer(s, k, m, true, at)
		}
	}},
	{"takes mail for a way to wake", reaches(func(r *escalation.Reach) {
		for i := range r.Methods {
			r.Methods[i].Wakes = r.Methods[i].ID != responder.Devices
		}
	})},
	{"gives devices five seconds only", sees(func(s *escalation.State, _ time.Time) {
		s.Pages = slices.Clone(s.Pages)
		for i := range s.Pages {
			s.Pages[i].Uses = slices.Clone(s.Pages[i].Uses)
			for j := range s.Pages[i].Uses {
				u := &s.Pages[i].Uses[j]
				u.At = u.At.Add(-5 * time.Second)
			}
		}
	})},
	{"never pages the catch-all", sees(func(s *escalation.State, _ time.Time) { s.World.CatchAll = nil })},
	{"pages the catch-all at every timeout", sees(func(s *escalation.State, _ time.Time) {
		s.Pages = slices.Clone(s.Pages)
		for i := range s.Pages {
			if s.Pages[i].Pass == s.Course.Pass && s.Pages[i].Ended.IsZero() && s.Pages[i].Level > 1 {
				s.Pages[i].PassedOn = true
			}
		}
	})},
	{"plays a round too many", sees(func(s *escalation.State, _ time.Time) { s.Policy.Repeat++ })},
	{"counts a pass that reached nobody as a round", enters(func(e *escalation.Enter, s escalation.State) {
		if e.Reason == escalation.ReasonNobodyReached && e.Stage == escalation.AtLevel {
			e.Round++
		}
	})},
	{"stops when it should keep paging", sees(func(s *escalation.State, _ time.Time) { s.Policy.WhenExhausted = escalation.Stop })},
	{"takes the first level's timeout for each", enters(func(e *escalation.Enter, s escalation.State) {
		if e.Stage == escalation.AtLevel {
			e.Due = e.At.Add(s.Policy.Levels[0].Timeout)
		}
	})},
	{"does not start the timeout anew at a hand-off", enters(func(e *escalation.Enter, s escalation.State) {
		if e.Reason == escalation.ReasonHandOff {
			e.Due = s.Course.Due
		}
	})},
	{"misses who comes on call", sees(func(s *escalation.State, _ time.Time) {
		if s.Course.Stage == escalation.AtLevel && s.Course.Level <= len(s.World.Levels) {
			s.World.Levels = slices.Clone(s.World.Levels)
			s.World.Levels[s.Course.Level-1].Users = pagedBy(s)
		}
	})},
	{"pages who is off duty", reaches(func(r *escalation.Reach) { r.OffDuty = false })},
	{"skips ahead to many people at once", sees(func(s *escalation.State, _ time.Time) {
		s.Incident.TriggeredAt = s.Incident.TriggeredAt.Add(-time.Hour)
	})},
	{"ends the last alive page when it is passed on", decides(func(d escalation.Decision, s escalation.State, now time.Time) escalation.Decision {
		for _, p := range s.Pages {
			if p.Open() && p.PassedOn {
				return escalation.Decision{Actions: []escalation.Action{escalation.End{Page: p, At: now, Outcome: escalation.OutcomePassedOn, Reason: escalation.ReasonPassedOn}}}
			}
		}
		return d
	})},
	{"ends the old page before the successor's is alive", decides(func(d escalation.Decision, s escalation.State, now time.Time) escalation.Decision {
		for _, p := range s.Pages {
			if p.Open() && p.HandedOff {
				return escalation.Decision{Actions: []escalation.Action{escalation.End{Page: p, At: now, Outcome: escalation.OutcomePassedOn, Reason: escalation.ReasonSuccessorAlive}}}
			}
		}
		return d
	})},
	{"lets a catch-all page be passed on", func(c *simCore) {
		passOn := c.passOn
		c.passOn = func(s escalation.State, cmd incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, incident.Entry) {
			pages := s.Pages
			s.Pages = slices.Clone(s.Pages)
			for i := range s.Pages {
				if s.Pages[i].Stage == escalation.CatchAll {
					s.Pages[i].Stage = escalation.AtLevel
				}
			}
			next, answer, e := passOn(s, cmd, lease, now)
			if answer != incident.Applied {
				next.Pages = pages
			}
			return next, answer, e
		}
	}},
	{"leaves waits where they were when the clock is set back", func(c *simCore) {
		c.shift = func(s escalation.State, _ time.Duration) escalation.State { return s }
	}},
	{"counts the hub's absence as part of a lease", func(c *simCore) {
		c.pause = func(s escalation.State, _ time.Duration) escalation.State { return s }
	}},
	{"takes an acknowledgement of an earlier opening", func(c *simCore) {
		acknowledge := c.acknowledge
		c.acknowledge = func(s escalation.State, cmd incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry) {
			cmd.Opening = 0
			return acknowledge(s, cmd, lease, now)
		}
	}},
	{"lets the second take it from the first", func(c *simCore) {
		acknowledge := c.acknowledge
		c.acknowledge = func(s escalation.State, cmd incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry) {
			if s.Incident.Status == incident.Acknowledged {
				s.Incident.Status = incident.Triggered
			}
			return acknowledge(s, cmd, lease, now)
		}
	}},
	{"loses a repeat that comes while it is acknowledged", func(c *simCore) {
		ingest := c.ingest
		c.ingest = func(prior incident.Incident, e incident.Event, t incident.Target, now time.Time) (incident.Incident, incident.Effect, []incident.Entry) {
			next, effect, entries := ingest(prior, e, t, now)
			if effect == incident.Repeated && prior.Status == incident.Acknowledged {
				return prior, effect, nil
			}
			return next, effect, entries
		}
	}},
	{"forgets on the device what it had when the link comes back", func(c *simCore) {
		reduce := c.reduce
		c.reduce = func(s inbox.State, m inbox.Message, now time.Time) (inbox.State, []inbox.Effect) {
			if _, ok := m.(inbox.Connected); ok {
				s.Pages = nil
			}
			return reduce(s, m, now)
		}
	}},
	{"rings on until the hub has confirmed", func(c *simCore) {
		reduce := c.reduce
		c.reduce = func(s inbox.State, m inbox.Message, now time.Time) (inbox.State, []inbox.Effect) {
			next, effects := reduce(s, m, now)
			if asked, ok := m.(inbox.Asked); ok && asked.Command == inbox.Acknowledge {
				next.Outbox = s.Outbox
			}
			return next, effects
		}
	}},
	{"misses on the device that it was taken", func(c *simCore) {
		reduce := c.reduce
		c.reduce = func(s inbox.State, m inbox.Message, now time.Time) (inbox.State, []inbox.Effect) {
			if came, ok := m.(inbox.PageCame); ok && came.Page.Outcome == inbox.OutcomeTaken {
				return s, nil
			}
			return reduce(s, m, now)
		}
	}},
}

// TestSimCatchesPlantedBugs shows that the simulator would notice: each mistake
// breaks a promise within a few thousand histories, in which the core as it is
// breaks none.
func TestSimCatchesPlantedBugs(t *testing.T) {
	const histories = 3000
	for _, bug := range slices.Concat(simBugs, simCommandBugs, simMethodBugs, simTenureBugs, simStormBugs, simFlapBugs, simCalendarBugs, simCoverBugs, simGroupBugs, simSilenceBugs) {
		t.Run(bug.name, func(t *testing.T) {
			t.Parallel()
			core := realCore()
			bug.plant(&core)
			for seed := uint64(1); seed <= histories; seed++ {
				_, err := playHistory(seed, core, nil)
				if err == nil {
					continue
				}
				if _, sound := playHistory(seed, realCore(), nil); sound != nil {
					t.Fatalf("the core as it is breaks too: %v", sound)
				}
				t.Logf("caught in history %d: %v", seed, err)
				return
			}
			t.Errorf("not caught in %d histories", histories)
		})
	}
}
