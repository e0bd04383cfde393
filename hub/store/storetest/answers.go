package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"tocsin/hub/store"
)

func answerTokens(_ *testing.T, f *fixture) {
	one, two := f.create(plain(1)).Incident.ID, f.create(plain(2)).Incident.ID
	token := store.Token{Hash: "h1", User: "ada", Method: "text", Code: 12, Made: noon, About: []store.About{
		{Incident: two, Wave: 2, Opening: 3}, {Incident: one, Wave: 1, Opening: 1},
	}}
	older := store.Token{Hash: "h0", User: "ada", Method: "mail", Made: noon.Add(-time.Hour), About: []store.About{{Incident: one, Wave: 1, Opening: 1}}}
	f.update(func(tx store.Tx) error {
		return errors.Join(tx.AddToken(token), tx.AddToken(older), tx.PutCall(store.Call{Hash: "h0"}))
	})
	get := func(hash string) (store.Token, error) {
		var k store.Token
		err := f.View(context.Background(), func(tx store.Tx) (err error) {
			k, err = tx.Token(hash)
			return err
		})
		return k, err
	}
	check := func() {
		if got, err := get("h1"); err != nil || !reflect.DeepEqual(got, token) {
			f.Errorf("got %+v, %v", got, err)
		}
	}
	check()
	f.update(func(tx store.Tx) error { return tx.UseToken("h1", one, "resolve", noon.Add(time.Minute)) })
	token.About[1].Used, token.About[1].For = noon.Add(time.Minute), "resolve"
	check()
	err := f.Update(context.Background(), func(tx store.Tx) error { return tx.UseToken("h0", two, "resolve", noon) })
	if !errors.Is(err, store.ErrNotFound) {
		f.Errorf("a token was used for an incident that it is not about: %v", err)
	}
	for since, want := range map[time.Duration]int{-time.Hour: 2, 0: 1, time.Millisecond: 0} {
		is(f, "tokens", len(read(f, func(tx store.Tx) ([]store.Token, error) { return tx.TokensOf("ada", noon.Add(since), 9) })), want)
	}
	is(f, "the newest token", read(f, func(tx store.Tx) ([]store.Token, error) { return tx.TokensOf("ada", noon.Add(-time.Hour), 1) })[0].Hash, "h1")
	for since, want := range map[time.Duration]int{-time.Hour: 12, time.Millisecond: 0} {
		is(f, "the last code", read(f, func(tx store.Tx) (int, error) { return tx.LastCode("ada", noon.Add(since)) }), want)
	}
	is(f, "another user's code", read(f, func(tx store.Tx) (int, error) { return tx.LastCode("bob", noon.Add(-time.Hour)) }), 0)
	f.update(func(tx store.Tx) error { return tx.ForgetTokens(noon) })
	if _, err := get("h0"); !errors.Is(err, store.ErrNotFound) {
		f.Errorf("an old token is still there: %v", err)
	}
	err = f.View(context.Background(), func(tx store.Tx) error { _, err := tx.Call("h0"); return err })
	if !errors.Is(err, store.ErrNotFound) {
		f.Errorf("an old call is still there: %v", err)
	}
	check()
}

func repliesAndCalls(_ *testing.T, f *fixture) {
	f.create(plain(1))
	reply := store.Reply{ID: "SM1", Hash: "h1", Verb: "acknowledge"}
	f.update(func(tx store.Tx) error { return tx.AddReply(reply, noon) })
	is(f, "the reply", read(f, func(tx store.Tx) (store.Reply, error) { return tx.Reply("SM1") }), reply)
	if f.Update(context.Background(), func(tx store.Tx) error { return tx.AddReply(reply, noon) }) == nil {
		f.Error("one message came in twice")
	}
	err := f.View(context.Background(), func(tx store.Tx) error { _, err := tx.Reply("SM2"); return err })
	if !errors.Is(err, store.ErrNotFound) {
		f.Errorf("%v", err)
	}
	late := store.Call{Hash: "h1", Tries: 1, Status: "busy", Again: noon.Add(time.Minute)}
	soon := store.Call{Hash: "h2", Status: "no-answer", Again: noon}
	done := store.Call{Hash: "h3", Status: "completed", Answered: noon}
	f.update(func(tx store.Tx) error { return errors.Join(tx.PutCall(late), tx.PutCall(soon), tx.PutCall(done)) })
	again := func() []store.Call { return read(f, store.Tx.CallsAgain) }
	if got := again(); !reflect.DeepEqual(got, []store.Call{soon, late}) {
		f.Errorf("%+v", got)
	}
	soon.Again = time.Time{}
	f.update(func(tx store.Tx) error { return tx.PutCall(soon) })
	if got := again(); !reflect.DeepEqual(got, []store.Call{late}) {
		f.Errorf("%+v", got)
	}
	is(f, "a call", read(f, func(tx store.Tx) (store.Call, error) { return tx.Call("h3") }), done)
	f.update(func(tx store.Tx) error { return tx.ForgetTokens(noon.Add(time.Hour)) })
	err = f.View(context.Background(), func(tx store.Tx) error { _, err := tx.Reply("SM1"); return err })
	if !errors.Is(err, store.ErrNotFound) {
		f.Errorf("an old reply is still there: %v", err)
	}
}
