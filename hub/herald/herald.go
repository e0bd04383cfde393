package herald

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/gateway"
	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// The herald's times.
const (
	// lookEvery is how long it takes at most until what was stored is told, if
	// nobody said that there is something.
	lookEvery = 30 * time.Second
	// keep is how long notices are known.
	keep = 30 * 24 * time.Hour
	// atOnce bounds how many messages of one kind are sent at a time. It is less
	// than what pages have, which go by the same servers.
	atOnce = 2
	// eachTry is how long one try may take.
	eachTry = 20 * time.Second
	// patience is how long a notice is tried by a method in all.
	patience = 12 * time.Hour
	// lastWords is how long messages under way may take when the hub stops.
	lastWords = 3 * time.Second
)

// waits between the tries of one message grow.
var waits = []time.Duration{2 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute}

// Gateways send messages.
type Gateways interface {
	Kinds() []string
	Send(ctx context.Context, m gateway.Message) (string, error)
}

// Devices show notices.
type Devices interface {
	// Notify tells a user's devices that are there, and does not block.
	Notify(notice.Notice)
}

// Parts are what a herald works with.
type Parts struct {
	Store    store.Store
	Gateways Gateways
	Devices  Devices
	Org      func() *organisation.Organisation
	Log      *slog.Logger
}

// Herald tells. It is safe for concurrent use.
type Herald struct {
	Parts
	rooms map[string]chan struct{} // places for messages under way, by kind
	hint  chan struct{}

	mu      sync.Mutex
	errands map[place]bool // under way

	shown map[key]bool // told to the devices that were there; Run's own
}

// key names a notice, place one of its ways.
type (
	key struct {
		user responder.UserID
		id   string
	}
	place struct {
		key
		method responder.MethodID
	}
)

// New makes a herald. It starts nothing.
func New(p Parts) *Herald {
	h := &Herald{Parts: p, rooms: map[string]chan struct{}{}, hint: make(chan struct{}, 1), errands: map[place]bool{}, shown: map[key]bool{}}
	for _, kind := range p.Gateways.Kinds() {
		h.rooms[kind] = make(chan struct{}, atOnce)
	}
	return h
}

// Tell stores notices and has them told. When it returns nil they are on disk. A
// notice of an ID that its user was told before does nothing; so does one for a
// user who is not there.
func (h *Herald) Tell(ctx context.Context, list ...notice.Notice) error {
	if len(list) == 0 {
		return nil
	}
	err := h.Store.Update(ctx, func(tx store.Tx) error { return h.Write(tx, engine.Now(), list...) })
	if err != nil {
		return fmt.Errorf("store what people are to be told: %w", err)
	}
	h.Announce()
	return nil
}

// Write is Tell inside a transaction of the caller, who calls Announce after its
// commit; otherwise it takes half a minute until they are told.
func (h *Herald) Write(tx store.Tx, now time.Time, list ...notice.Notice) error {
	org := h.Org()
	for _, n := range list {
		user, known := org.User(n.User)
		if !known {
			h.Log.Warn("somebody who is not there was to be told something", "user", n.User, "notice", n.ID)
			continue
		}
		if n.ID == "" || len(n.ID) > notice.MaxID {
			return fmt.Errorf("the notice %q for %s needs an id of at most %d bytes", n.Title, n.User, notice.MaxID)
		}
		if _, err := tx.AddNotice(n.Complete(now), n.Via.Methods(user, len(org.DevicesOf(n.User)) > 0, org.Carries)); err != nil {
			return fmt.Errorf("store the notice %s: %w", n.ID, err)
		}
	}
	return nil
}

// Announce has told what was stored. It does not block.
func (h *Herald) Announce() {
	select {
	case h.hint <- struct{}{}:
	default:
	}
}

// Run tells until ctx ends; what is under way then may still finish.
func (h *Herald) Run(ctx context.Context) error {
	alive, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	var running sync.WaitGroup
	daily, look := time.NewTimer(0), time.NewTimer(0)
	defer daily.Stop()
	defer look.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-daily.C:
			h.forget(ctx)
			daily.Reset(24 * time.Hour)
		case <-look.C:
			h.look(ctx, alive, &running)
			look.Reset(lookEvery)
		case <-h.hint:
			h.look(ctx, alive, &running)
		}
	}
	stop := time.AfterFunc(lastWords, kill)
	defer stop.Stop()
	running.Wait()
	return nil
}

// look tells the devices what is new, and begins what is not under way.
func (h *Herald) look(ctx, alive context.Context, running *sync.WaitGroup) {
	// Noted before the sends are read: an errand that ends meanwhile has stored an
	// answer that the reading may lack, and would be run twice.
	under := h.underWay()
	var unseen []notice.Notice
	var unsent []notice.Told
	err := h.Store.View(ctx, func(tx store.Tx) (err error) {
		if unseen, err = tx.Unseen("", engine.Now()); err != nil {
			return err
		}
		unsent, err = tx.Unsent()
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			h.Log.Error("the notices could not be read; it is tried again", "err", err)
		}
		return
	}
	shown := make(map[key]bool, len(unseen))
	for _, n := range unseen {
		k := key{n.User, n.ID}
		if shown[k] = true; !h.shown[k] {
			h.Devices.Notify(n)
		}
	}
	h.shown = shown
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range unsent {
		for _, s := range n.Sends {
			p := place{key{n.User, n.ID}, s.Method}
			if !s.Answered.IsZero() || under[p] {
				continue
			}
			h.errands[p] = true
			e := &errand{Herald: h, notice: n.Notice, method: s.Method, hub: ctx, ctx: alive}
			running.Go(e.run)
		}
	}
}

func (h *Herald) underWay() map[place]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.errands)
}

func (h *Herald) forget(ctx context.Context) {
	err := h.Store.Update(ctx, func(tx store.Tx) error { return tx.ForgetNotices(engine.Now().Add(-keep)) })
	if err != nil && ctx.Err() == nil {
		h.Log.Warn("old notices could not be forgotten; it is tried again tomorrow", "err", err)
	}
}
