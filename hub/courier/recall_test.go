package courier

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/gateway"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// waiting is a store with one call that waits to be made again, about nothing.
type waiting struct {
	store.Store
	store.Tx
	call *store.Call
}

func (w waiting) View(_ context.Context, do func(store.Tx) error) error { return do(w) }

func (w waiting) Update(_ context.Context, do func(store.Tx) error) error { return do(w) }

func (w waiting) CallsAgain() ([]store.Call, error) { return []store.Call{*w.call}, nil }

func (w waiting) Token(hash string) (store.Token, error) {
	return store.Token{Hash: hash, User: "ada", Method: "phone"}, nil
}

func (w waiting) OpenPages(responder.UserID) ([]store.OpenPage, error) { return nil, nil }

func (w waiting) PutCall(c store.Call) error {
	*w.call = c
	return nil
}

type noGateways struct{}

func (noGateways) Kinds() []string { return nil }

func (noGateways) Send(context.Context, gateway.Message) (string, error) { return "", nil }

func TestACallIsMadeAgainSoonAlthoughTheClockWasSetBack(t *testing.T) {
	for what, c := range map[string]struct {
		ahead time.Duration
		made  bool
	}{"waits": {3 * time.Minute, false}, "the clock was set back since": {time.Hour, true}} {
		w := waiting{call: &store.Call{Hash: "h", Again: engine.Now().Add(c.ahead)}}
		k := New(Parts{Store: w, Gateways: noGateways{}, Org: func() *organisation.Organisation { return organisation.New(organisation.Set{}) }, Log: slog.New(slog.DiscardHandler)})
		var running sync.WaitGroup
		k.callAgain(t.Context(), t.Context(), &running)
		running.Wait()
		if made := w.call.Again.IsZero(); made != c.made {
			t.Errorf("%s: looked after %t", what, made)
		}
	}
}

// dueCall is a store with one call that is due, about one open page. read is called
// after the calls were read.
type dueCall struct {
	waiting
	mu   *sync.Mutex
	read func()
}

func (d dueCall) View(_ context.Context, do func(store.Tx) error) error   { return do(d) }
func (d dueCall) Update(_ context.Context, do func(store.Tx) error) error { return do(d) }

func (d dueCall) CallsAgain() ([]store.Call, error) {
	d.mu.Lock()
	var list []store.Call
	if !d.call.Again.IsZero() {
		list = append(list, *d.call)
	}
	d.mu.Unlock()
	d.read()
	return list, nil
}

func (d dueCall) Token(hash string) (store.Token, error) {
	return store.Token{Hash: hash, User: "ada", Method: "phone", About: []store.About{{Incident: "i", Wave: 1, Opening: 1}}}, nil
}

func (d dueCall) AddToken(store.Token) error { return nil }

func (d dueCall) OpenPages(responder.UserID) ([]store.OpenPage, error) {
	return []store.OpenPage{{
		Incident: incident.Incident{ID: "i", Opening: 1, Status: incident.Triggered, Service: "s"},
		Page:     escalation.Page{Key: escalation.Key{Wave: 1, User: "ada"}},
	}}, nil
}

func (d dueCall) PutCall(c store.Call) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c.Hash == d.call.Hash {
		*d.call = c
	}
	return nil
}

type still struct{}

func (still) Do(context.Context, incident.ID, engine.Work) (engine.Change, error) {
	return engine.Change{}, nil
}

// slow is a telephone whose calls take until they are let through.
type slow struct {
	calls   atomic.Int32
	through chan struct{}
}

func (*slow) Kinds() []string { return []string{responder.KindPhone} }

func (g *slow) Send(context.Context, gateway.Message) (string, error) {
	g.calls.Add(1)
	<-g.through
	return "", nil
}

func TestACallIsMadeAgainOnceThoughItEndsWhileTheCallsAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &slow{through: make(chan struct{})}
		d := &dueCall{waiting{call: &store.Call{Hash: "h", Status: "busy", Again: engine.Now()}}, &sync.Mutex{}, func() {}}
		org := organisation.New(organisation.Set{
			Users:    []responder.User{{ID: "ada", ContactMethods: []responder.ContactMethod{{ID: "phone", Kind: responder.KindPhone, Wakes: true}}}},
			Services: []incident.Service{{ID: "s"}},
		})
		k := New(Parts{
			Store: d, Engine: still{}, Gateways: g, Org: func() *organisation.Organisation { return org },
			URL: func() string { return "" }, Log: slog.New(slog.DiscardHandler),
		})
		var running sync.WaitGroup
		k.callAgain(t.Context(), t.Context(), &running)
		synctest.Wait() // it rings
		d.read = func() {
			d.read = func() {}
			close(g.through) // somebody takes it
			running.Wait()
		}
		k.callAgain(t.Context(), t.Context(), &running)
		running.Wait()
		if n := g.calls.Load(); n != 1 {
			t.Errorf("called %d times", n)
		}
	})
}
