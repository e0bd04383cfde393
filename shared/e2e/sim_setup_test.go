package e2e

import (
	"fmt"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// simSetup is what stands at the start of a history.
type simSetup struct {
	horizon  time.Duration
	users    []simUser
	policy   escalation.Policy
	rosters  [][]escalation.Roster // for each level its stretches, in the hub's wall time
	catchAll []responder.UserID
	target   incident.Target
	keys     []string
	stepwise bool    // the hub saves after each step, not only when all is done
	crashes  float64 // how many commits crash
	mishaps  []string
}

type simUser struct {
	id       responder.UserID
	devices  []responder.DeviceID
	methods  []escalation.Method
	gateways map[responder.MethodID]simGateway
	// What the person does on noticing an alarm, in parts of one.
	acknowledges, resolves, passesOn float64
	slow                             time.Duration
	audible, visible                 float64 // how often the machine can ring and show
}

type simGateway struct {
	answers, accepts float64
	slow             time.Duration
}

func drawSetup(s *sim) simSetup {
	set := simSetup{horizon: s.between(5*time.Minute, 50*time.Minute), stepwise: s.chance(0.5),
		crashes: simPick(s, 0, 0, 0.005, 0.03)}
	all := []responder.UserID{"ada", "bob", "cleo", "dan", "eve", "kim"}
	for _, id := range all[:s.IntN(len(all))+1] {
		set.users = append(set.users, drawUser(s, id))
	}
	set.policy = escalation.Policy{ID: "p", Repeat: s.IntN(3), WhenExhausted: escalation.KeepPaging}
	if s.chance(0.2) {
		set.policy.WhenExhausted = escalation.Stop
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
		targets := simPick(s, 0, 0, 0, 2, 3)
		set.policy.Levels = append(set.policy.Levels, escalation.Level{Timeout: timeout, InTurn: targets > 0})
		set.rosters = append(set.rosters, drawRosters(s, set, targets))
	}
	for range s.IntN(3) {
		set.catchAll = append(set.catchAll, simPick(s, set.users...).id)
	}
	set.target = incident.Target{
		Service: incident.Service{ID: "shop", Policy: "p", Urgency: simPick(s, incident.AlwaysHigh, incident.BySeverity),
			Lease:        simPick(s, 0, 2*time.Minute, 5*time.Minute, 30*time.Minute),
			ReopenWindow: simPick(s, 0, 5*time.Minute, 15*time.Minute),
			Hold:         simPick(s, 0, 0, 30*time.Second, 2*time.Minute)},
		Integration: incident.Integration{ID: "source", Service: "shop", ForbidAcknowledge: s.chance(0.3)},
	}
	set.keys = []string{"disk", "cpu"}[:s.IntN(2)+1]
	kinds := []string{"kill", "freeze", "clock", "net", "sleep", "agent", "senses", "duty", "ack", "resolve", "event", "flap", "flap", "flapping", "page", "snooze", "note", "escalate", "reassign", "add", "add"}
	kinds = slices.DeleteFunc(kinds, func(string) bool { return s.chance(0.4) })
	for range s.IntN(16) {
		if len(kinds) > 0 {
			set.mishaps = append(set.mishaps, simPick(s, kinds...))
		}
	}
	return set
}

func drawUser(s *sim, id responder.UserID) simUser {
	u := simUser{id: id, methods: []escalation.Method{{ID: responder.Devices}}, gateways: map[responder.MethodID]simGateway{},
		acknowledges: simPick(s, 0, 0, 0.2, 0.9), passesOn: simPick(s, 0, 0, 0.1, 0.5), resolves: simPick(s, 0, 0, 0.1),
		slow: s.between(0, 5*time.Minute), audible: simPick(s, 1, 1, 0.5, 0), visible: simPick(s, 1, 0.5, 0)}
	for n := range simPick(s, 0, 1, 1, 1, 2) {
		u.devices = append(u.devices, responder.DeviceID(fmt.Sprintf("%s-%d", id, n)))
	}
	if s.chance(0.4) {
		u.methods = append(u.methods, escalation.Method{ID: "phone", After: 30 * time.Second, Wakes: true})
	}
	if s.chance(0.3) {
		u.methods = append(u.methods, escalation.Method{ID: "mail", After: 60 * time.Second})
	}
	for _, m := range u.methods[1:] {
		u.gateways[m.ID] = simGateway{answers: simPick(s, 1, 1, 0.5, 0), accepts: simPick(s, 1, 1, 0.5, 0), slow: s.between(0, 15*time.Second)}
	}
	return u
}

// drawRosters draws who is on call for a level over time; with targets, which are
// paged in turn, also whom each of them names.
func drawRosters(s *sim, set simSetup, targets int) []escalation.Roster {
	draw := func() []responder.UserID {
		n := simPick(s, 0, 1, 1, 1, 1, 2, 2, 6)
		var on []responder.UserID
		for range n {
			on = append(on, simPick(s, set.users...).id)
		}
		return on
	}
	roster := func(until time.Time) escalation.Roster {
		r := escalation.Roster{Until: until}
		for range targets {
			on := draw()
			r.Targets, r.Users = append(r.Targets, on), append(r.Users, on...)
		}
		if targets == 0 {
			r.Users = draw()
		}
		return r
	}
	var stretches []escalation.Roster
	at := time.Duration(0)
	for range simPick(s, 0, 0, 1, 2, 4) {
		at += s.between(10*time.Second, set.horizon/2)
		stretches = append(stretches, roster(simEpoch.Add(at)))
	}
	return append(stretches, roster(time.Time{}))
}

// roster is who is on call for a level, counted from 1, by the hub's clock.
func (set simSetup) roster(level int, wall time.Time) escalation.Roster {
	if level < 1 || level > len(set.rosters) {
		return escalation.Roster{}
	}
	for _, r := range set.rosters[level-1] {
		if r.Until.IsZero() || wall.Before(r.Until) {
			return r
		}
	}
	return escalation.Roster{}
}

func (set simSetup) user(id responder.UserID) simUser {
	return set.users[slices.IndexFunc(set.users, func(u simUser) bool { return u.id == id })]
}

// plan puts the events of the source and the mishaps on their times.
func (s *sim) plan() {
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
	case kind == "duty":
		s.hub.duty(u, s.chance(0.7))
	case kind == "ack", kind == "resolve":
		s.hub.enter(func() {
			for _, r := range s.hub.store.records {
				s.hub.command(r, kind, incident.Command{By: u})
			}
		})
	case kind == "event":
		s.post(incident.Event{Action: simPick(s, incident.Trigger, incident.Resolve), Key: s.set.keys[0], Severity: incident.Critical})
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
	case slices.Contains([]string{"page", "snooze", "note", "escalate", "reassign", "add"}, kind):
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
