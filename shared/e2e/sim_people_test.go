package e2e

import (
	"fmt"
	"slices"
	"time"

	"tocsin/hub/responder"
)

// simUser is a person, what reaches them, and how they answer.
type simUser struct {
	id       responder.UserID
	account  responder.User
	devices  []responder.DeviceID
	gateways map[responder.MethodID]simGateway
	// What the person does on noticing an alarm, in parts of one.
	acknowledges, resolves, passesOn float64
	slow                             time.Duration
	audible, visible                 float64 // how often the machine can ring and show
}

// simKinds are the kinds of contact method that a history may have. What a
// method can do is its user's word, not its kind's.
var simKinds = []string{responder.KindPhone, responder.KindSMS, responder.KindEmail, responder.KindNtfy, responder.KindSlack, responder.KindWebhook}

func drawUser(s *sim, id responder.UserID) simUser {
	u := simUser{id: id, gateways: map[responder.MethodID]simGateway{},
		acknowledges: simPick(s, 0, 0, 0.2, 0.9), passesOn: simPick(s, 0, 0, 0.1, 0.5), resolves: simPick(s, 0, 0, 0.1),
		slow: s.between(0, 5*time.Minute), audible: simPick(s, 1, 1, 0.5, 0), visible: simPick(s, 1, 0.5, 0)}
	u.account = responder.User{ID: id, Name: string(id), Role: responder.Responder, TimeZone: "UTC"}
	for n := range simPick(s, 0, 1, 1, 1, 2) {
		u.devices = append(u.devices, responder.DeviceID(fmt.Sprintf("%s-%d", id, n)))
	}
	for range simPick(s, 0, 0, 1, 1, 2, 3) {
		kind := simPick(s, simKinds...)
		m := responder.ContactMethod{ID: responder.MethodID(kind), Kind: kind, Address: "somewhere", Wakes: s.chance(0.5)}
		if _, twice := u.gateways[m.ID]; !twice {
			u.account.ContactMethods = append(u.account.ContactMethods, m)
			u.gateways[m.ID] = drawGateway(s)
		}
	}
	u.account.Rules = responder.Rules{High: drawRules(s, u.account), Low: drawRules(s, u.account)}
	return u
}

// drawRules draws notification rules, or none, which means the default.
func drawRules(s *sim, u responder.User) []responder.Rule {
	if s.chance(0.6) {
		return nil
	}
	ways := []responder.MethodID{responder.Devices}
	for _, m := range u.ContactMethods {
		ways = append(ways, m.ID)
	}
	s.Shuffle(len(ways), func(i, j int) { ways[i], ways[j] = ways[j], ways[i] })
	var rules []responder.Rule
	after := time.Duration(0)
	for _, way := range ways[:s.IntN(len(ways))+1] {
		rules = append(rules, responder.Rule{After: after, Via: way})
		after += simPick(s, 0, 5*time.Second, 30*time.Second, 2*time.Minute)
	}
	return rules
}

// simWay is one way that a page may travel, as the checker reckons it.
type simWay struct {
	id    responder.MethodID
	after time.Duration
	wakes bool
}

// ways are how a user is reached, in order. What this hub has no gateway for is
// left out, and where that leaves nothing to begin with, devices are used at
// once.
func (set simSetup) ways(id responder.UserID, high bool) []simWay {
	u := set.user(id).account
	rules := u.Rules.Low
	if high {
		rules = u.Rules.High
	}
	if len(rules) == 0 {
		rules = []responder.Rule{{Via: responder.Devices}}
		for _, wakes := range []bool{true, false} {
			for _, m := range u.ContactMethods {
				if high && m.Wakes == wakes {
					after := map[bool]time.Duration{true: 30 * time.Second, false: time.Minute}[wakes]
					rules = append(rules, responder.Rule{After: after, Via: m.ID})
				}
			}
		}
	}
	var ways []simWay
	for _, r := range rules {
		i := slices.IndexFunc(u.ContactMethods, func(m responder.ContactMethod) bool { return m.ID == r.Via })
		switch {
		case r.Via == responder.Devices:
			ways = append(ways, simWay{id: r.Via, after: r.After})
		case slices.Contains(set.carried, u.ContactMethods[i].Kind):
			ways = append(ways, simWay{id: r.Via, after: r.After, wakes: u.ContactMethods[i].Wakes})
		}
	}
	if len(ways) == 0 || ways[0].after > rules[0].After {
		ways = slices.DeleteFunc(ways, func(w simWay) bool { return w.id == responder.Devices })
		ways = append([]simWay{{id: responder.Devices}}, ways...)
	}
	return ways
}

// wakes reports whether a user is woken by a method, as things stand.
func (set simSetup) wakes(u responder.UserID, m responder.MethodID, high bool) bool {
	return slices.ContainsFunc(set.waysOf(u, high), func(w simWay) bool { return w.id == m && w.wakes })
}

// waysOf is ways, worked out once.
func (set simSetup) waysOf(u responder.UserID, high bool) []simWay {
	return set.reckoned[simAudience{u, high}]
}

type simAudience struct {
	user responder.UserID
	high bool
}
