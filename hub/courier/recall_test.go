package courier

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/gateway"
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
