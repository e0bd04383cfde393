package courier

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"time"

	"tocsin/hub/auth"
	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/gateway"
	"tocsin/hub/incident"
	"tocsin/hub/store"
)

// A storm: above so many open pages within the window for one user there is one
// message per method a minute, with the count.
const (
	// bundleEvery is how far apart two bundles by one method are at least.
	bundleEvery = time.Minute
	// gather is how long the first bundle waits for what comes with it.
	gather = 2 * time.Second
	// abreast is how many answers are stored at a time, so that they share
	// commits.
	abreast = 16
)

// bundle gathers what one method of one user has to carry in a storm.
type bundle struct {
	*Courier
	way
	hub, alive context.Context

	// Guarded by the courier's mu.
	waiting []*errand
	runs    bool
	sent    time.Time      // the last one
	named   map[named]bool // what it told of
	hash    string         // of its token

	letter *letter // under way; only run touches these
	tries  int     // that the gateway did not take
}

// named is a page that a bundle told of.
type named struct {
	incident incident.ID
	wave     int
}

// letter is one bundle as it was made.
type letter struct {
	message gateway.Message
	about   []store.About
	made    time.Time
}

// joins reports whether a page may share a message. Requests for cover ask for
// more than a look, and whoever joined an acknowledged incident answers for
// themselves.
func joins(p escalation.Page, i incident.Incident) bool {
	return p.Open() && !p.PassedOn && p.Stage != escalation.Joined && i.Status == incident.Triggered && !i.Cover.Asked()
}

// bundled puts the errand into the next bundle if there is a storm; where the
// last one told of its page, that was its message.
func (e *errand) bundled(i incident.Incident, p escalation.Page) (bool, error) {
	if e.single || !joins(p, i) {
		return false, nil
	}
	var open int
	err := e.Store.View(e.ctx, func(tx store.Tx) (err error) {
		open, err = tx.CountOpenPages(e.User, engine.Now().Add(-escalation.StormWithin))
		return err
	})
	if err != nil {
		return false, err
	}
	if e.named() {
		e.answer(incident.KindMethodAccepted, incident.ReasonBundled, toldBefore)
		return true, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if open <= escalation.StormAbove && e.busy[e.way()] <= escalation.StormAbove {
		return false, nil
	}
	b := e.bundles[e.way()]
	if b == nil {
		b = &bundle{Courier: e.Courier, way: e.way(), hub: e.hub, alive: e.alive}
		e.bundles[e.way()] = b
	}
	e.freed = make(chan struct{})
	b.waiting = append(b.waiting, e)
	if !b.runs {
		b.runs = true
		e.running.Go(b.run)
	}
	return true, nil
}

// toldBefore is the answer for a page that a bundle named before its own turn to
// be sent came.
const toldBefore = "the message before told of it"

// named reports whether the last bundle told of the errand's page.
func (e *errand) named() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := e.bundles[e.way()]
	return b != nil && b.told(e)
}

// told reports whether the last bundle named an errand's page a short while ago.
// The courier's mu is held.
func (b *bundle) told(e *errand) bool {
	return b.named[named{e.incident, e.Wave}] && time.Since(b.sent) < escalation.StormWithin
}

// run sends bundles until nobody waits for one.
func (b *bundle) run() {
	for wait := gather; b.sleep(wait); wait = b.turn() {
		b.mu.Lock()
		if b.waiting = slices.DeleteFunc(b.waiting, func(e *errand) bool { return e.ctx.Err() != nil }); len(b.waiting) == 0 {
			b.runs, b.letter, b.tries = false, nil, 0
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
	}
}

func (b *bundle) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-b.hub.Done():
		return false
	case <-timer.C:
		return b.hub.Err() == nil
	}
}

// turn sends one bundle, if it is time, and says when to look again. What is open
// is looked at after the place among the messages under way was had: somebody may
// take incidents meanwhile.
func (b *bundle) turn() time.Duration {
	b.settleTold()
	b.mu.Lock()
	n, rest := len(b.waiting), bundleEvery-time.Since(b.sent)
	b.mu.Unlock()
	switch {
	case n == 0:
		return 0
	case rest > 0:
		return rest
	}
	user, _ := b.Org().User(b.User)
	method, _ := user.Method(b.Method)
	leave, ok := b.enter(b.hub, method.Kind)
	if !ok {
		return 0
	}
	open, err := b.open()
	if err == nil && (b.letter == nil || time.Since(b.letter.made) > bundleEvery || !b.letter.holds(open)) {
		b.letter, err = b.compose(open)
	}
	if err != nil {
		leave()
		if b.hub.Err() == nil {
			b.Log.Error("a message about several incidents could not be made ready; it is tried again", "user", b.User, "method", b.Method, "err", err)
		}
		return waits[2]
	}
	if b.letter == nil {
		leave()
		return 0
	}
	return b.send(leave)
}

// open lists the user's open pages that may share a message.
func (b *bundle) open() ([]store.OpenPage, error) {
	var open []store.OpenPage
	err := b.Store.View(b.alive, func(tx store.Tx) (err error) {
		open, err = tx.OpenPages(b.User)
		return err
	})
	return slices.DeleteFunc(open, func(p store.OpenPage) bool { return !joins(p.Page, p.Incident) }), err
}

// holds reports whether everything that a letter tells of is still open.
func (l *letter) holds(open []store.OpenPage) bool {
	on := map[named]bool{}
	for _, p := range open {
		on[named{p.Incident.ID, p.Wave}] = true
	}
	return !slices.ContainsFunc(l.about, func(a store.About) bool { return !on[named{a.Incident, a.Wave}] })
}

// settleTold answers for what the last bundle told of.
func (b *bundle) settleTold() {
	b.mu.Lock()
	var known []*errand
	for _, e := range b.waiting {
		if b.told(e) {
			known = append(known, e)
		}
	}
	b.mu.Unlock()
	b.settle(known, incident.KindMethodAccepted, toldBefore)
}

// compose makes a bundle of all that is open for the user now. Members that it
// does not tell of go by themselves, or find that they are no longer needed.
func (b *bundle) compose(open []store.OpenPage) (*letter, error) {
	b.mu.Lock()
	members := slices.Clone(b.waiting)
	b.mu.Unlock()
	l := &letter{made: time.Now()}
	var all []incident.Incident
	on := map[named]bool{}
	for _, p := range open {
		l.about = append(l.about, store.About{Incident: p.Incident.ID, Wave: p.Wave, Opening: p.Incident.Opening})
		all = append(all, p.Incident)
		on[named{p.Incident.ID, p.Wave}] = true
	}
	var left []*errand
	var alone []*errand
	for _, e := range members {
		if on[named{e.incident, e.Wave}] && len(open) > 1 {
			left = append(left, e)
		} else {
			alone = append(alone, e)
		}
	}
	b.free(alone, true)
	if len(left) == 0 {
		return nil, nil
	}
	user, known := b.Org().User(b.User)
	method, ok := user.Method(b.Method)
	if !known || !ok {
		b.settle(left, incident.KindMethodFailed, "the contact method is no longer there")
		return nil, nil
	}
	m := gateway.AboutAll(b.Org(), all, user)
	m.ID, m.Thread, m.To = "storm."+rand.Text(), "storm."+string(b.User), method
	token, code, err := b.makeToken(b.alive, b.way, method, l.about...)
	if err != nil {
		return nil, err
	}
	l.message = b.answerable(m, token, code)
	return l, nil
}

// send gives the letter to the gateway, and its answer to all that it is about.
func (b *bundle) send(leave func()) time.Duration {
	l := b.letter
	ctx, cancel := context.WithTimeout(b.alive, eachTry)
	said, err := b.Gateways.Send(ctx, l.message)
	cancel()
	leave()
	on := map[named]bool{}
	for _, a := range l.about {
		on[named{a.Incident, a.Wave}] = true
	}
	b.mu.Lock()
	var members, weary []*errand
	for _, e := range b.waiting {
		if on[named{e.incident, e.Wave}] {
			members = append(members, e)
			if time.Since(e.began) > patience {
				weary = append(weary, e)
			}
		}
	}
	b.mu.Unlock()
	switch {
	case err == nil:
		b.over(on)
		b.settle(members, incident.KindMethodAccepted, fmt.Sprintf("%d incidents: %s", len(l.about), said))
	case gateway.IsPermanent(err):
		b.over(nil)
		b.settle(members, incident.KindMethodFailed, err.Error())
	default:
		b.settle(weary, incident.KindMethodFailed, err.Error())
		b.each(members, func(e *errand) { e.delayed(err) })
		b.tries++
		return waitAfter(b.tries-1, err)
	}
	return 0
}

// over notes that a bundle was answered.
func (b *bundle) over(on map[named]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if on != nil {
		b.named, b.hash = on, auth.Hash(b.letter.message.Token)
	}
	b.sent, b.letter, b.tries = time.Now(), nil, 0
}

// settle stores a gateway's answer for errands and lets them go.
func (b *bundle) settle(members []*errand, kind incident.Kind, said string) {
	b.each(members, func(e *errand) { e.answer(kind, incident.ReasonBundled, said) })
	b.free(members, false)
}

func (b *bundle) each(members []*errand, do func(*errand)) {
	var running sync.WaitGroup
	room := make(chan struct{}, abreast)
	for _, e := range members {
		room <- struct{}{}
		running.Go(func() {
			defer func() { <-room }()
			do(e)
		})
	}
	running.Wait()
}

// free takes errands out of the bundle: they look again at what there is to do.
func (b *bundle) free(members []*errand, single bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range members {
		if i := slices.Index(b.waiting, e); i >= 0 {
			b.waiting = slices.Delete(b.waiting, i, i+1)
			e.single = single
			close(e.freed)
		}
	}
}
