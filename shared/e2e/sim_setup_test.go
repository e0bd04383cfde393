package e2e

import (
	"fmt"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
)

// simSetup is what stands at the start of a history.
type simSetup struct {
	horizon   time.Duration
	users     []simUser
	policy    escalation.Policy
	other     escalation.Policy // that incidents may be given to
	teams     []responder.Team
	schedules []simSchedule
	absences  []responder.Absence   // entered before the history begins
	windows   []organisation.Window // the maintenance that is planned then
	hours     []time.Duration       // from and to, of the day: the support hours; nil: none
	beat      heartbeat.Rule        // of the source that pings; zero: none
	carried   []string              // the kinds of contact method that this hub has a gateway for
	reckoned  map[simAudience][]simWay
	catchAll  []responder.UserID
	target    incident.Target
	keys      []string
	stepwise  bool    // the hub saves after each step, not only when all is done
	crashes   float64 // how many commits crash
	mishaps   []string
}

func drawSetup(s *sim) simSetup {
	set := simSetup{horizon: s.between(5*time.Minute, 50*time.Minute), stepwise: s.chance(0.5),
		crashes: simPick(s, 0, 0, 0.005, 0.03)}
	all := []responder.UserID{"ada", "bob", "cleo", "dan", "eve", "kim"}
	for _, id := range all[:s.IntN(len(all))+1] {
		set.users = append(set.users, drawUser(s, id))
	}
	set.carried = slices.DeleteFunc(slices.Clone(simKinds), func(string) bool { return s.chance(0.05) })
	set.drawRota(s)
	set.policy, set.other = drawPolicy(s, set), drawPolicy(s, set)
	set.other.ID = "q"
	for range s.IntN(3) {
		set.catchAll = append(set.catchAll, simPick(s, set.users...).id)
	}
	set.reckoned = map[simAudience][]simWay{}
	for _, u := range set.users {
		set.reckoned[simAudience{u.id, true}], set.reckoned[simAudience{u.id, false}] = set.ways(u.id, true), set.ways(u.id, false)
	}
	set.target = incident.Target{
		Service: incident.Service{ID: "shop", Policy: "p",
			Lease:        simPick(s, 0, 2*time.Minute, 5*time.Minute, 30*time.Minute),
			Grouping:     drawGrouping(s),
			ReopenWindow: simPick(s, 0, 5*time.Minute, 15*time.Minute),
			Hold:         simPick(s, 0, 0, 30*time.Second, 2*time.Minute)},
		Integration: incident.Integration{ID: "source", Service: "shop", ForbidAcknowledge: s.chance(0.3)},
	}
	set.drawCalendar(s)
	set.drawHeartbeat(s)
	set.keys = []string{"disk", "cpu", "net"}[:simPick(s, 1, 1, 2, 3)]
	kinds := []string{"kill", "freeze", "clock", "net", "sleep", "agent", "senses", "duty", "ack", "resolve", "event", "flap", "flap", "flapping",
		"page", "snooze", "note", "escalate", "reassign", "reassign to policy", "add", "add", "hand over", "hand over", "keep", "outage", "window", "cover", "merge", "merge", "edit", "priority", "silent"}
	kinds = slices.DeleteFunc(kinds, func(string) bool { return s.chance(0.4) })
	for range s.IntN(16) {
		if len(kinds) > 0 {
			set.mishaps = append(set.mishaps, simPick(s, kinds...))
		}
	}
	if s.chance(0.04) {
		set.mishaps = append(set.mishaps, "storm")
	}
	return set
}

func drawPolicy(s *sim, set simSetup) escalation.Policy {
	p := escalation.Policy{ID: "p", Repeat: s.IntN(3), WhenExhausted: escalation.KeepPaging}
	if s.chance(0.2) {
		p.WhenExhausted = escalation.Stop
	}
	levels := s.IntN(4) + 1
	if s.chance(0.03) {
		levels = 0
	}
	for range levels {
		timeout := simPick(s, 30*time.Second, time.Minute, 2*time.Minute, 5*time.Minute, 10*time.Minute)
		if s.chance(0.01) {
			timeout = 10 * time.Second // invalid
		}
		level := escalation.Level{Timeout: timeout, InTurn: s.chance(0.4)}
		for range simPick(s, 0, 1, 1, 1, 1, 2, 2, 3) {
			level.Targets = append(level.Targets, drawTarget(s, set))
		}
		p.Levels = append(p.Levels, level)
	}
	return p
}

func (set simSetup) user(id responder.UserID) simUser {
	return set.users[slices.IndexFunc(set.users, func(u simUser) bool { return u.id == id })]
}

// plan puts the events of the source and the mishaps on their times.
func (s *sim) plan() {
	s.after(s.between(0, time.Minute), s.pings)
	severities := []incident.Severity{incident.Critical, incident.Critical, incident.Warning, ""}
	for _, key := range s.set.keys {
		first := s.between(0, 2*time.Minute)
		s.at(first, func() {
			s.post(incident.Event{Action: incident.Trigger, Key: key, Severity: simPick(s, severities...)})
		})
		for range s.IntN(4) {
			action := simPick(s, incident.Trigger, incident.Trigger, incident.Resolve, incident.Acknowledge)
			s.at(s.between(first, s.set.horizon), func() {
				s.post(incident.Event{Action: action, Key: key, Severity: simPick(s, severities...)})
			})
		}
	}
	if s.set.target.Service.Grouping.By == incident.GroupFields {
		for n := range s.IntN(6) {
			s.at(s.between(0, s.set.horizon), func() {
				s.post(incident.Event{Action: incident.Trigger, Key: fmt.Sprint("group-", n), Severity: incident.Critical})
			})
		}
	}
	for _, kind := range s.set.mishaps {
		s.at(s.between(0, s.set.horizon), func() {
			if !s.healing {
				s.mishap(kind)
			}
		})
	}
}

func (s *sim) mishap(kind string) {
	var d *simDevice
	if len(s.devices) > 0 {
		d = simPick(s, s.devices...)
	}
	u := simPick(s, s.set.users...).id
	switch {
	case kind == "kill":
		s.hub.crash()
	case kind == "freeze":
		s.hub.freeze(simPick(s, s.between(0, 20*time.Second), s.between(0, 5*time.Minute)))
	case kind == "clock":
		s.hub.step(simPick(s, -time.Hour, -5*time.Minute, -s.between(0, time.Minute), s.between(0, time.Minute), 10*time.Minute, time.Hour))
	case kind == "outage":
		s.siteOutage()
	case kind == "window":
		s.hub.plans()
	case kind == "silent":
		s.silent = true
		s.after(s.between(0, 15*time.Minute), func() { s.silent = false })
	case kind == "merge":
		s.hub.enter(func() { s.hub.merge(u) })
	case kind == "edit":
		s.hub.enter(func() { s.hub.edits(u) })
	case kind == "cover":
		s.hub.enter(func() { s.hub.asksCover(u) })
	case kind == "storm":
		s.storm()
	case kind == "duty":
		s.hub.duty(u, s.chance(0.7))
	case kind == "ack", kind == "resolve":
		s.hub.enter(func() {
			for _, r := range s.hub.store.records {
				s.hub.command(r, kind, incident.Command{By: u})
			}
		})
	case kind == "event":
		e := incident.Event{Action: simPick(s, incident.Trigger, incident.Resolve), Key: s.set.keys[0], Severity: incident.Critical}
		if s.chance(0.4) {
			e.Action, e.Key = incident.Trigger, fmt.Sprint("late-", s.check.sent)
		}
		s.post(e)
	case kind == "flap":
		s.post(incident.Event{Action: incident.Resolve, Key: s.set.keys[0]})
		s.after(s.between(time.Second, time.Minute), func() {
			s.post(incident.Event{Action: incident.Trigger, Key: s.set.keys[0], Severity: incident.Critical})
		})
	case kind == "flapping":
		at := time.Duration(0)
		for n := range 8 + s.IntN(6) {
			action := incident.Resolve
			if n%2 == 0 {
				action = incident.Trigger
			}
			s.after(at, func() {
				if !s.healing {
					s.post(incident.Event{Action: action, Key: s.set.keys[0], Severity: incident.Critical})
				}
			})
			at += s.between(time.Second, 6*time.Minute)
		}
	case slices.Contains([]string{"page", "snooze", "note", "priority", "escalate", "reassign", "reassign to policy", "add", "hand over", "keep"}, kind):
		s.hub.enter(func() { s.hub.asked(kind, u) })
	case d == nil:
	case kind == "net":
		d.cut(simPick(s, s.between(0, time.Minute), s.between(0, 20*time.Minute)))
	case kind == "sleep":
		d.sleep(s.between(0, 10*time.Minute))
	case kind == "agent":
		d.kill()
		s.after(s.between(time.Second, 15*time.Minute), d.start)
	case kind == "senses":
		d.change(s.chance(0.5), s.chance(0.5))
	}
}

// post is the source: it sends until it gets its answer.
func (s *sim) post(e incident.Event) {
	e.Integration, e.Summary = s.set.target.Integration.ID, "disk full"
	e.Details = []incident.Detail{{Name: "class", Value: simPick(s, "", "a", "a", "b")}}
	if s.chance(0.1) {
		e.Group = "g"
	}
	s.check.sent++
	id := s.check.sent
	tries := 0
	var try func()
	try = func() {
		tries++
		if s.hub.enter(func() { s.hub.ingest(id, e) }) {
			if !s.chance(0.05) {
				s.check.accepted(id)
				return
			} // the answer is lost, and the source sends it again
			s.check.resent++
		}
		if tries < 20 || s.healing {
			s.after(s.between(time.Second, 10*time.Second), try)
		}
	}
	try()
}
