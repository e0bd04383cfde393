package e2e

import (
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The model of contact methods: the courier within the hub, the gateways, and
// the people who get a message and answer by its link.

// simGateway is what a gateway makes of messages, in parts of one; what is left
// it accepts.
type simGateway struct {
	refuses float64 // for ever
	passes  float64 // fails passingly
	hangs   float64 // never answers, and delivers nothing
	loses   float64 // delivers, and its answer is lost
	slow    time.Duration
}

func drawGateway(s *sim) simGateway {
	g := simGateway{slow: simPick(s, 0, s.between(0, 8*time.Second), s.between(0, 8*time.Second))}
	switch s.IntN(8) {
	case 0:
		g.refuses = simPick(s, 0.5, 1)
	case 1:
		g.passes = simPick(s, 0.3, 0.8, 1)
	case 2:
		g.hangs = simPick(s, 0.5, 1)
	case 3:
		g.loses = simPick(s, 0.3, 1)
	case 4:
		g.refuses, g.passes, g.hangs, g.loses = 0.2, 0.2, 0.2, 0.1
	}
	return g
}

// The courier's times.
const (
	simEachTry  = 9 * time.Second
	simPatience = 15 * time.Minute
)

var simWaits = []time.Duration{time.Second, 3 * time.Second, 8 * time.Second, 20 * time.Second, time.Minute, 2 * time.Minute}

// simPlace names one use of a method.
type simPlace struct {
	r *simRecord
	escalation.Key
	method responder.MethodID
}

// simErrand is one message on its way.
type simErrand struct {
	simPlace
	began  time.Duration
	told   bool // the timeline says that it takes longer
	over   bool
	token  int // of the link; 0: none was made
	opened int // the opening that the link is about
}

// asksFor reports whether a use still waits for a gateway.
func (r *simRecord) asksFor(at simPlace) (escalation.Use, bool) {
	if p, ok := r.state.Page(at.Key); ok && p.Open() && !p.PassedOn {
		for _, u := range p.Uses {
			if u.Method == at.method && u.Answered.IsZero() {
				return u, true
			}
		}
	}
	return escalation.Use{}, false
}

// reconcile starts the errands that an incident asks for, and ends the others.
func (h *simHub) reconcile(r *simRecord) {
	for _, p := range r.state.Pages {
		for _, u := range p.Uses {
			at := simPlace{r, p.Key, u.Method}
			if u.Method == responder.Devices {
				continue
			}
			_, wanted := r.asksFor(at)
			switch e := h.errands[at]; {
			case e != nil && !wanted:
				e.over = true
				delete(h.errands, at)
			case e == nil && wanted:
				e = &simErrand{simPlace: at, began: h.s.now}
				h.errands[at] = e
				h.errand(e, 0, h.s.between(0, 100*time.Millisecond))
			}
		}
	}
}

// errand tries once, after a while, unless the message is no longer needed or
// the process has ended.
func (h *simHub) errand(e *simErrand, n int, after time.Duration) {
	life := h.life
	h.s.after(after, func() {
		if h.life != life || e.over {
			return
		}
		var rest time.Duration
		sends := false
		if !h.enter(func() {
			use, wanted := e.r.asksFor(e.simPlace)
			if sends = wanted; wanted && use.At.Before(h.boot) && h.wall().Before(h.grace) {
				rest, sends = h.grace.Sub(h.wall()), false
			}
			if sends && e.token == 0 {
				h.store.tokens++
				e.token, e.opened = h.store.tokens, e.r.state.Incident.Opening
			}
		}) {
			h.errand(e, n, time.Second)
			return
		}
		switch {
		case rest > 0:
			h.errand(e, n, rest)
		case sends:
			h.send(e, n)
		}
	})
}

// send hands the message to the gateway, and has stored what it answers.
func (h *simHub) send(e *simErrand, n int) {
	g, life := h.s.set.user(e.User).gateways[e.method], h.life
	x, reaches := h.s.Float64(), h.s.between(0, g.slow/2)
	fate := "accepts"
	for _, f := range []struct {
		name  string
		parts float64
	}{{"refuses", g.refuses}, {"passes", g.passes}, {"hangs", g.hangs}, {"loses", g.loses}} {
		if x < f.parts {
			fate = f.name
			break
		}
		x -= f.parts
	}
	if fate == "accepts" || fate == "loses" {
		h.s.after(reaches, func() { // whatever becomes of the hub meanwhile
			h.s.tell("  gateway: %s of %s gets %v: %s", e.method, e.User, e.Key, fate)
			h.s.check.delivered(e.simPlace, life, fate == "loses")
			h.s.messaged(e.simPlace, e.token, e.opened)
		})
	}
	answers := reaches + h.s.between(0, g.slow/2)
	if fate == "hangs" || fate == "loses" {
		answers = simEachTry
	}
	h.s.after(answers, func() {
		if h.life != life || e.over {
			return // whoever asked is gone; the next process asks again
		}
		h.judge(e, n, fate)
	})
}

func (h *simHub) judge(e *simErrand, n int, fate string) {
	switch {
	case fate == "accepts":
		h.answered(e, incident.KindMethodAccepted, "", 0)
	case fate == "refuses":
		h.answered(e, incident.KindMethodFailed, incident.ReasonPermanent, 0)
	case h.s.now-e.began > simPatience:
		h.answered(e, incident.KindMethodFailed, incident.ReasonGaveUp, 0)
	default:
		if !e.told {
			e.told = true
			h.answered(e, incident.KindMethodDelayed, incident.ReasonPassing, 0)
		}
		h.errand(e, n+1, simWaits[min(n, len(simWaits)-1)])
	}
}

// answered stores what a gateway said, also of a page that has ended meanwhile.
func (h *simHub) answered(e *simErrand, kind incident.Kind, why incident.Reason, tries int) {
	life := h.life
	if h.enter(func() {
		h.do(e.r, func(tx *simTx) {
			now := h.wall()
			tx.entries = append(tx.entries, incident.Entry{At: now, Kind: kind, Reason: why, User: e.User, Method: e.method, Wave: e.Wave})
			if kind == incident.KindMethodDelayed {
				return
			}
			accepted := kind == incident.KindMethodAccepted
			tx.state = h.s.core.answer(tx.state, e.Key, e.method, accepted, now)
			tx.told = append(tx.told, func() { h.s.check.answered(e.r, e.Key, e.method, accepted, now) })
		})
	}) || kind == incident.KindMethodDelayed || tries >= 30 {
		return
	}
	h.s.after(time.Second, func() {
		if h.life == life && !e.over {
			h.answered(e, kind, why, tries+1)
		}
	})
}

// messaged: a person has got a message, and may follow its link: late, twice, or
// when everything is over.
func (s *sim) messaged(at simPlace, token, opening int) {
	u := s.set.user(at.User)
	what := ""
	switch x := s.Float64(); {
	case x < u.passesOn:
		what = "pass on"
	case x < u.passesOn+u.acknowledges:
		what = "ack"
	default:
		return
	}
	slow := simPick(s, u.slow, u.slow, 20*time.Minute)
	for range simPick(s, 1, 1, 1, 2) {
		s.after(s.between(0, slow), func() { s.hub.clicked(at, what, token, opening) })
	}
}

// clicked takes an answer by link, once for each link.
func (h *simHub) clicked(at simPlace, what string, token, opening int) {
	h.enter(func() {
		if h.store.clicked[token] {
			return
		}
		h.s.tell("%s answers by %s: %s", at.User, at.method, what)
		h.once = func(incident.Answer) { h.store.clicked[token] = true }
		defer func() { h.once = nil }()
		h.command(at.r, what, incident.Command{By: at.User, Method: at.method, Opening: opening, Made: h.wall()})
	})
}

// simMessage is what the checker remembers of the last message of a use.
type simMessage struct {
	life int
	lost bool
}

// delivered: a message has reached a person. For one use there is one, unless the
// hub could not know of the first.
func (c *simCheck) delivered(at simPlace, life int, lost bool) {
	last, before := c.messages[at]
	if before && last.life == life && !last.lost {
		c.s.fail("one message", "%s gets a second message by %s for page %v", at.User, at.method, at.Key)
	}
	c.messages[at] = simMessage{life, lost}
	c.s.stats.messages++
	p := c.of(at.r).page(at.Key)
	if p == nil || !p.used(at.method) {
		c.s.fail("one message", "%s gets a message by %s, and page %v does not travel by it", at.User, at.method, at.Key)
	}
}
