package courier

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
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

// soon is how far ahead a call that is due joins another one to the same number.
const soon = 5 * time.Second

// recallWait is how long after a call that no gateway took the next is tried.
const recallWait = 30 * time.Second

// CallAgain makes Run look at the calls that nobody answered. It does not block.
func (c *Courier) CallAgain() {
	select {
	case c.recalls <- struct{}{}:
	default:
	}
}

// recall is one call to be made again, in place of those that nobody answered.
type recall struct {
	*Courier
	way
	hub, alive context.Context
	calls      []store.Call
	tokens     []store.Token
}

// callAgain starts the calls that are due and says when to look again; zero: not
// by the clock.
func (c *Courier) callAgain(ctx, alive context.Context, running *sync.WaitGroup) time.Duration {
	due := map[way]*recall{}
	var next time.Time
	now := engine.Now()
	// Noted before the calls are read: one that ends meanwhile is not due any more,
	// whatever the reading says.
	c.mu.Lock()
	calling := maps.Clone(c.calling)
	c.mu.Unlock()
	err := c.Store.View(ctx, func(tx store.Tx) error {
		clear(due)
		next = time.Time{}
		calls, err := tx.CallsAgain()
		if err != nil {
			return err
		}
		for _, call := range calls { // the earliest first
			if call.Again.After(now.Add(longestRecall)) {
				call.Again = now // the clock was set back since
			}
			t, err := tx.Token(call.Hash)
			if err != nil {
				return err
			}
			w := way{t.User, t.Method}
			r := due[w]
			switch {
			case r == nil && call.Again.After(now):
				if next.IsZero() {
					next = call.Again
				}
				continue
			case call.Again.After(now.Add(soon)):
				continue
			case r == nil:
				r = &recall{Courier: c, way: w, hub: ctx, alive: alive}
				due[w] = r
			}
			r.calls, r.tokens = append(r.calls, call), append(r.tokens, t)
		}
		return nil
	})
	if err != nil {
		if ctx.Err() == nil {
			c.Log.Error("the calls that nobody answered could not be read; they are looked at again", "err", err)
		}
		return time.Second
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for w, r := range due {
		if !calling[w] {
			c.calling[w] = true
			running.Go(r.run)
		}
	}
	if next.IsZero() {
		return 0
	}
	return max(next.Sub(now), time.Millisecond)
}

func (r *recall) run() {
	wait, err := r.make()
	if err != nil && r.hub.Err() == nil {
		r.Log.Error("a call could not be made again; it is tried later", "user", r.User, "method", r.Method, "err", err)
	}
	if wait > 0 {
		(&bundle{hub: r.hub}).sleep(wait)
	}
	r.mu.Lock()
	delete(r.calling, r.way)
	r.mu.Unlock()
	r.CallAgain()
}

// make makes the call, for all that is still open of what was called about. A
// wait is how long to leave it before looking again.
func (r *recall) make() (time.Duration, error) {
	user, _ := r.Org().User(r.User)
	method, known := user.Method(r.Method)
	leave, ok := r.enter(r.hub, method.Kind)
	if !ok {
		return 0, nil
	}
	defer leave()
	all, about, err := r.open()
	if err != nil {
		return waits[1], err
	}
	if len(about) == 0 || !known {
		return 0, r.over(nil)
	}
	if wait, err := r.rests(about[0].Incident); wait != 0 || err != nil {
		return max(wait, waits[0]), err
	}
	var m gateway.Message
	if len(all) == 1 {
		m = gateway.About(r.Org(), all[0], user)
	} else {
		m = gateway.AboutAll(r.Org(), all, user)
	}
	token, code, err := r.makeToken(r.alive, r.way, method, about...)
	if err != nil {
		return waits[1], err
	}
	call := store.Call{Hash: auth.Hash(token)}
	for _, c := range r.calls {
		call.Tries = max(call.Tries, c.Tries+1)
	}
	m.ID, m.To, m.Try = "call."+rand.Text(), method, call.Tries
	if err := r.Store.Update(r.alive, func(tx store.Tx) error { return tx.PutCall(call) }); err != nil {
		return waits[1], err
	}
	ctx, cancel := context.WithTimeout(r.alive, eachTry)
	said, err := r.Gateways.Send(ctx, r.answerable(m, token, code))
	cancel()
	if r.alive.Err() != nil {
		return 0, nil // the hub that starts next makes it
	}
	if err != nil && r.placed(call.Hash) {
		err, said = nil, "its gateway tells of it"
	}
	if err != nil {
		return r.refused(call, about, err)
	}
	r.tell(about, incident.KindMethodAccepted, "", said)
	return 0, r.over(nil)
}

// placed reports whether the gateway has told how a call goes, whatever became of its
// answer.
func (r *recall) placed(hash string) bool {
	var call store.Call
	err := r.Store.View(r.alive, func(tx store.Tx) (err error) {
		call, err = tx.Call(hash)
		return err
	})
	return err == nil && call.Status != ""
}

// refused waits for the next time, if there is one.
func (r *recall) refused(call store.Call, about []store.About, why error) (time.Duration, error) {
	kind, reason := incident.KindMethodFailed, incident.ReasonPermanent
	if !gateway.IsPermanent(why) {
		reason = incident.ReasonGaveUp
	}
	if call.Tries < maxRecalls {
		kind, reason = incident.KindMethodDelayed, incident.ReasonPassing
		call.Status, call.Again = "failed", engine.Now().Add(recallWait<<call.Tries)
	}
	r.tell(about, kind, reason, why.Error())
	return 0, r.over(&call)
}

// maxRecalls bounds how often a call is made again, longestRecall how long it waits
// for that.
const (
	maxRecalls    = 4
	longestRecall = recallWait << (maxRecalls - 1)
)

// open lists what is still open of what was called about. What a bundle told of
// meanwhile is that one's, but for a bundle's own call.
func (r *recall) open() (all []incident.Incident, about []store.About, err error) {
	seen := map[named]bool{}
	r.mu.Lock()
	if b := r.bundles[r.way]; b != nil && !slices.ContainsFunc(r.tokens, func(t store.Token) bool { return t.Hash == b.hash }) {
		if slices.ContainsFunc(r.tokens, func(t store.Token) bool { return b.sent.After(t.Made) }) {
			maps.Copy(seen, b.named)
		}
	}
	r.mu.Unlock()
	err = r.Store.View(r.hub, func(tx store.Tx) error {
		open, err := tx.OpenPages(r.User)
		if err != nil {
			return err
		}
		for _, p := range open {
			key := named{p.Incident.ID, p.Wave}
			asked := slices.ContainsFunc(r.tokens, func(t store.Token) bool {
				return slices.ContainsFunc(t.About, func(a store.About) bool {
					return a.Incident == p.Incident.ID && a.Wave == p.Wave && a.Opening == p.Incident.Opening
				})
			})
			if !asked || seen[key] || p.PassedOn || p.Stage != escalation.Joined && p.Incident.Status != incident.Triggered {
				continue
			}
			seen[key] = true
			all = append(all, p.Incident)
			about = append(about, store.About{Incident: p.Incident.ID, Wave: p.Wave, Opening: p.Incident.Opening})
		}
		return nil
	})
	return all, about, err
}

// rests says how long calls have to wait right after a start.
func (r *recall) rests(id incident.ID) (time.Duration, error) {
	c, err := r.Engine.Do(r.alive, id, func(s escalation.State, _ time.Time) (escalation.State, []incident.Entry, error) {
		return s, nil, nil
	})
	if err != nil {
		return 0, err
	}
	return max(c.State.World.GraceUntil.Sub(engine.Now()), 0), nil
}

// tell writes into the timelines what a gateway said.
func (r *recall) tell(about []store.About, kind incident.Kind, why incident.Reason, said string) {
	b := &bundle{Courier: r.Courier, way: r.way}
	var members []*errand
	for _, a := range about {
		members = append(members, &errand{
			Courier: r.Courier, incident: a.Incident, again: true, place: place{escalation.Key{Wave: a.Wave, User: r.User}, r.Method}, hub: r.hub, ctx: r.alive,
		})
	}
	b.each(members, func(e *errand) { e.answer(kind, why, said) })
}

// over notes that the calls are made again no more; another takes their place.
func (r *recall) over(next *store.Call) error {
	return r.Store.Update(context.WithoutCancel(r.hub), func(tx store.Tx) error {
		var errs []error
		for _, call := range r.calls {
			call.Again = time.Time{}
			errs = append(errs, tx.PutCall(call))
		}
		if next != nil {
			errs = append(errs, tx.PutCall(*next))
		}
		return errors.Join(errs...)
	})
}
