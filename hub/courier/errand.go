package courier

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/gateway"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// errand is one message on its way, until a gateway answered or the page ended.
type errand struct {
	*Courier
	place
	incident incident.ID
	hub      context.Context // ends when the hub begins to stop
	ctx      context.Context // ends with the page
	cancel   context.CancelFunc
	alive    context.Context // ends a moment after hub
	running  *sync.WaitGroup

	token string // of the link; made once
	code  int    // by which a text is answered
	began time.Time
	told  bool // the timeline says that it takes longer

	again  bool          // it is a call after the page's own
	single bool          // it goes by itself, storm or not
	freed  chan struct{} // while it waits for a bundle: closed when that is over
}

func (e *errand) run() {
	defer func() {
		e.cancel()
		e.mu.Lock()
		defer e.mu.Unlock()
		e.done(e)
	}()
	e.began = time.Now()
	for try := 0; ; try++ {
		answered, wait := e.try(try)
		if e.freed != nil { // it stands in the next bundle
			select {
			case <-e.freed: // to look again, and find perhaps that it was answered
				answered, wait, e.freed = false, 0, nil
			case <-e.ctx.Done():
				return
			case <-e.hub.Done():
				return
			}
		}
		if answered || !e.sleep(wait) {
			return
		}
	}
}

// sleep waits; false if there is nothing left to wait for.
func (e *errand) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-e.ctx.Done():
	case <-e.hub.Done():
	case <-timer.C:
		return e.ctx.Err() == nil && e.hub.Err() == nil
	}
	return false
}

// try sends once. It answers true when there is nothing left to do, else how
// long to wait.
func (e *errand) try(n int) (bool, time.Duration) {
	leave, ok := e.enter()
	if !ok {
		return true, 0
	}
	defer leave()
	m, wait, err := e.prepare()
	switch {
	case err != nil:
		if e.ctx.Err() == nil && e.hub.Err() == nil {
			e.Log.Error("a message could not be made ready; it is tried again", "incident", e.incident, "user", e.User, "method", e.Method, "err", err)
		}
		return false, waits[min(n, len(waits)-1)]
	case wait != 0:
		return wait < 0, wait
	}
	ctx, cancel := context.WithTimeout(e.ctx, eachTry)
	defer cancel()
	said, err := e.Gateways.Send(ctx, m)
	return e.judge(n, said, err)
}

// enter takes a place among the messages of the kind that are under way; leave
// gives it back. False when the message is no longer needed. The page is looked
// at after that: somebody may take the incident meanwhile.
func (e *errand) enter() (leave func(), ok bool) {
	user, _ := e.Org().User(e.User)
	method, _ := user.Method(e.Method)
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	defer context.AfterFunc(e.hub, cancel)()
	return e.Courier.enter(ctx, method.Kind)
}

func (c *Courier) enter(ctx context.Context, kind string) (leave func(), ok bool) {
	room := c.rooms[kind]
	if room == nil { // of a kind that has no gateway, which is soon said
		return func() {}, true
	}
	select {
	case room <- struct{}{}:
		return func() { <-room }, true
	case <-ctx.Done():
		return nil, false
	}
}

// judge has stored what the gateway said.
func (e *errand) judge(n int, said string, err error) (bool, time.Duration) {
	switch {
	case err == nil:
		e.answer(incident.KindMethodAccepted, "", said)
		return true, 0
	case e.ctx.Err() != nil: // nobody needs it any more
		return true, 0
	case gateway.IsPermanent(err):
		e.answer(incident.KindMethodFailed, incident.ReasonPermanent, err.Error())
		return true, 0
	case time.Since(e.began) > patience:
		e.answer(incident.KindMethodFailed, incident.ReasonGaveUp, err.Error())
		return true, 0
	}
	e.delayed(err)
	return false, waitAfter(n, err)
}

// delayed tells once that it takes longer.
func (e *errand) delayed(err error) {
	if !e.told {
		e.told = true
		e.answer(incident.KindMethodDelayed, incident.ReasonPassing, err.Error())
	}
}

// prepare looks at the page as it is now. A wait is how long the message has to
// rest; below zero there is nothing to send any more.
func (e *errand) prepare() (gateway.Message, time.Duration, error) {
	c, err := e.Engine.Do(e.ctx, e.incident, func(s escalation.State, _ time.Time) (escalation.State, []incident.Entry, error) {
		return s, nil, nil
	})
	if fault.KindOf(err) == fault.NotFound {
		return gateway.Message{}, -1, nil
	}
	if err != nil {
		return gateway.Message{}, 0, err
	}
	page, used, ok := find(c.State, e.place)
	if !ok {
		return gateway.Message{}, -1, nil
	}
	// Right after a start, what was under way rests until what people did
	// meanwhile has arrived.
	now := engine.Now()
	if w := c.State.World; used.At.Before(w.HubStart) && now.Before(w.GraceUntil) {
		return gateway.Message{}, w.GraceUntil.Sub(now), nil
	}
	if stands, err := e.bundled(c.State.Incident, page); stands || err != nil {
		return gateway.Message{}, time.Nanosecond, err
	}
	m, ok := message(e.Org(), c.State.Incident, page, e.Method)
	if !ok {
		e.answer(incident.KindMethodFailed, incident.ReasonPermanent, "the contact method is no longer there")
		return gateway.Message{}, -1, nil
	}
	if e.token == "" {
		about := store.About{Incident: c.State.Incident.ID, Wave: e.Wave, Opening: c.State.Incident.Opening}
		if e.token, e.code, err = e.makeToken(e.ctx, e.way(), m.To, about); err != nil {
			return gateway.Message{}, 0, err
		}
	}
	return e.answerable(m, e.token, e.code), 0, nil
}

// find gives the page and the use that wait for an answer.
func find(s escalation.State, at place) (escalation.Page, escalation.Use, bool) {
	p, ok := s.Page(at.Key)
	if !ok || !p.Open() || p.PassedOn {
		return p, escalation.Use{}, false
	}
	for _, u := range p.Uses {
		if u.Method == at.Method && u.Answered.IsZero() {
			return p, u, true
		}
	}
	return p, escalation.Use{}, false
}

// The waits of storing an answer: without it the message would be sent again.
const (
	storeTries = 30
	storeWait  = time.Second
)

// answer stores what the gateway said, also of a page that has ended meanwhile:
// the message went out.
func (e *errand) answer(kind incident.Kind, why incident.Reason, said string) {
	ctx := context.WithoutCancel(e.ctx)
	for range storeTries {
		_, err := e.Engine.Do(ctx, e.incident, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
			entry := incident.Entry{At: now, Kind: kind, Reason: why, User: e.User, Method: e.Method, Wave: e.Wave, Text: said}
			if p, ok := s.Page(e.Key); ok {
				entry.Level, entry.Round = p.Level, p.Round
			}
			if kind != incident.KindMethodDelayed {
				if u, ok := use(s, e.place); ok && !u.Answered.IsZero() && (why == incident.ReasonBundled || u.Accepted && kind == incident.KindMethodAccepted && !e.again) {
					return s, nil, nil // an answer that was stored by the try before, or that the gateway told first
				}
				s = escalation.Answer(s, e.Key, e.Method, kind == incident.KindMethodAccepted, now)
			}
			return s, []incident.Entry{entry}, nil
		})
		if err == nil || fault.KindOf(err) == fault.NotFound || kind == incident.KindMethodDelayed {
			return
		}
		e.Log.Error("what a gateway said could not be stored; it is tried again", "incident", e.incident, "user", e.User, "method", e.Method, "err", err)
		if !e.sleep(storeWait) {
			return
		}
	}
}

// use finds a use of a page, whatever became of both.
func use(s escalation.State, at place) (escalation.Use, bool) {
	p, _ := s.Page(at.Key)
	i := slices.IndexFunc(p.Uses, func(u escalation.Use) bool { return u.Method == at.Method })
	if i < 0 {
		return escalation.Use{}, false
	}
	return p.Uses[i], true
}

// message says what a page says by a method; false when the user or the method
// is no longer there.
func message(org *organisation.Organisation, i incident.Incident, p escalation.Page, id responder.MethodID) (gateway.Message, bool) {
	user, known := org.User(p.User)
	method, ok := user.Method(id)
	if !known || !ok {
		return gateway.Message{}, false
	}
	m := gateway.About(org, i, user)
	m.ID = fmt.Sprintf("%s.%d.%s.%s", i.ID, p.Wave, p.User, id)
	m.To = method
	return m, true
}
