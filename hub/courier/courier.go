package courier

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/gateway"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// The courier's times.
const (
	// eachTry is how long one try may take, so that an answer comes before the
	// method counts as used.
	eachTry = 9 * time.Second
	// patience is how long a message is tried in all.
	patience = 15 * time.Minute
	// atOnce bounds how many messages of one kind are sent at a time: a mail
	// server that hangs must not hold up the telephone.
	atOnce = 8
	// lastWords is how long messages under way may take when the hub stops.
	lastWords = 3 * time.Second
	// keepTokens is how long the secret of a link is known.
	keepTokens = 30 * 24 * time.Hour
)

// waits grow: three tries before the next method is used, then ever fewer.
var waits = []time.Duration{time.Second, 3 * time.Second, 8 * time.Second, 20 * time.Second, time.Minute, 2 * time.Minute}

// waitAfter is how long to wait after a try: longer each time, and as long as the
// gateway asks, up to the longest.
func waitAfter(try int, err error) time.Duration {
	longest := waits[len(waits)-1]
	return max(waits[min(try, len(waits)-1)], min(gateway.After(err), longest))
}

// Gateways send messages.
type Gateways interface {
	Kinds() []string
	Send(ctx context.Context, m gateway.Message) (string, error)
}

// Engine changes incidents.
type Engine interface {
	Do(ctx context.Context, id incident.ID, work engine.Work) (engine.Change, error)
}

// Parts are what a courier works with.
type Parts struct {
	Store    store.Store
	Engine   Engine
	Gateways Gateways
	Org      func() *organisation.Organisation
	// URL is where people's browsers and phone gateways reach this hub.
	URL func() string
	Log *slog.Logger
}

// Courier sends. It is safe for concurrent use.
type Courier struct {
	Parts
	rooms map[string]chan struct{} // places for messages under way, by kind
	hint  chan struct{}
	// recalls: a call is to be made again
	recalls chan struct{}

	mu      sync.Mutex
	dirty   map[incident.ID]bool // to be looked at
	errands map[incident.ID]map[place]*errand
	busy    map[way]int // errands by where they go
	bundles map[way]*bundle
	calling map[way]bool // who is called again just now
}

// place names one use of a method within an incident.
type place struct {
	escalation.Key
	Method responder.MethodID
}

// way is one method of one user.
type way struct {
	User   responder.UserID
	Method responder.MethodID
}

func (p place) way() way { return way{p.User, p.Method} }

// New makes a courier. It starts nothing.
func New(p Parts) *Courier {
	c := &Courier{
		Parts: p, rooms: map[string]chan struct{}{}, hint: make(chan struct{}, 1),
		dirty: map[incident.ID]bool{}, errands: map[incident.ID]map[place]*errand{},
		busy: map[way]int{}, bundles: map[way]*bundle{}, calling: map[way]bool{}, recalls: make(chan struct{}, 1),
	}
	for _, kind := range p.Gateways.Kinds() {
		c.rooms[kind] = make(chan struct{}, atOnce)
	}
	return c
}

// Tell takes note of a commit. It does not block.
func (c *Courier) Tell(change engine.Change) {
	id := change.State.Incident.ID
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.errands[id]) > 0 || len(due(change.State.Pages)) > 0 {
		c.lookAt(id)
	}
}

// lookAt makes Run look at an incident. c.mu is held.
func (c *Courier) lookAt(id incident.ID) {
	c.dirty[id] = true
	select {
	case c.hint <- struct{}{}:
	default:
	}
}

// due lists the uses of contact methods that no gateway has answered. What a
// person passed on is sent no further.
func due(pages []escalation.Page) []place {
	var list []place
	for _, p := range pages {
		if !p.Open() || p.PassedOn {
			continue
		}
		for _, u := range p.Uses {
			if u.Method != responder.Devices && u.Answered.IsZero() {
				list = append(list, place{p.Key, u.Method})
			}
		}
	}
	return list
}

// Run sends until ctx ends; what is under way then may still finish. What was
// under way when the hub stopped before is sent again.
func (c *Courier) Run(ctx context.Context) error {
	alive, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	var running sync.WaitGroup
	daily := time.NewTimer(0)
	defer daily.Stop()
	again := time.NewTimer(0)
	defer again.Stop()
	recalled := func() {
		if wait := c.callAgain(ctx, alive, &running); wait > 0 {
			again.Reset(wait)
		}
	}
	c.wakeAll(ctx)
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-daily.C:
			c.forget(ctx)
			daily.Reset(24 * time.Hour)
		case <-again.C:
			recalled()
		case <-c.recalls:
			recalled()
		case <-c.hint:
			for _, id := range c.toLookAt() {
				c.reconcile(ctx, alive, id, &running)
			}
		}
	}
	stop := time.AfterFunc(lastWords, kill)
	defer stop.Stop()
	running.Wait()
	return nil
}

func (c *Courier) toLookAt() []incident.ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ids []incident.ID
	for id := range c.dirty {
		ids = append(ids, id)
	}
	clear(c.dirty)
	return ids
}

// wakeAll looks at every open incident.
func (c *Courier) wakeAll(ctx context.Context) {
	err := c.Store.View(ctx, func(tx store.Tx) error {
		ids, err := tx.OpenIDs()
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, id := range ids {
			c.lookAt(id)
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		c.Log.Error("the open incidents could not be read; their messages wait for the next change", "err", err)
	}
}

func (c *Courier) forget(ctx context.Context) {
	err := c.Store.Update(ctx, func(tx store.Tx) error { return tx.ForgetTokens(engine.Now().Add(-keepTokens)) })
	if err != nil && ctx.Err() == nil {
		c.Log.Warn("old links could not be forgotten; it is tried again tomorrow", "err", err)
	}
}

// reconcile starts the errands that an incident asks for and ends the others.
func (c *Courier) reconcile(ctx, alive context.Context, id incident.ID, running *sync.WaitGroup) {
	var pages []escalation.Page
	err := c.Store.View(ctx, func(tx store.Tx) error {
		r, err := tx.Load(id)
		pages = r.Pages
		return err
	})
	if err != nil {
		c.again(ctx, id, err)
		return
	}
	wanted := map[place]bool{}
	for _, p := range due(pages) {
		wanted[p] = true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for p, e := range c.errands[id] {
		if !wanted[p] {
			e.cancel()
			c.done(e)
		}
	}
	for p := range wanted {
		if c.errands[id][p] != nil {
			continue
		}
		e := &errand{Courier: c, incident: id, place: p, hub: ctx, alive: alive, running: running}
		e.ctx, e.cancel = context.WithCancel(alive)
		if c.errands[id] == nil {
			c.errands[id] = map[place]*errand{}
		}
		c.errands[id][p] = e
		c.busy[p.way()]++
		running.Go(e.run)
	}
}

// again looks at an incident a second later.
func (c *Courier) again(ctx context.Context, id incident.ID, err error) {
	if ctx.Err() != nil {
		return
	}
	c.Log.Error("an incident could not be read; its messages are looked at again", "incident", id, "err", err)
	time.AfterFunc(time.Second, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.lookAt(id)
	})
}

// done forgets an errand. c.mu is held.
func (c *Courier) done(e *errand) {
	if c.errands[e.incident][e.place] == e {
		delete(c.errands[e.incident], e.place)
		if w := e.way(); c.busy[w] > 1 {
			c.busy[w]--
		} else {
			delete(c.busy, w)
		}
	}
	if len(c.errands[e.incident]) == 0 {
		delete(c.errands, e.incident)
	}
}
