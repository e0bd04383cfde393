package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"tocsin/hub/store"
)

func answerTokens(_ *testing.T, f *fixture) {
	r := f.create(plain(1))
	token := store.Token{Hash: "h1", Incident: r.Incident.ID, Wave: 2, User: "ada", Method: "mail", Opening: 3, Made: noon}
	older := token
	older.Hash, older.Made = "h0", noon.Add(-time.Hour)
	f.update(func(tx store.Tx) error { return errors.Join(tx.AddToken(token), tx.AddToken(older)) })
	get := func(hash string) (store.Token, error) {
		var k store.Token
		err := f.View(context.Background(), func(tx store.Tx) (err error) {
			k, err = tx.Token(hash)
			return err
		})
		return k, err
	}
	if got, err := get("h1"); err != nil || got != token {
		f.Errorf("got %+v, %v", got, err)
	}
	use := func() error {
		return f.Update(context.Background(), func(tx store.Tx) error { return tx.UseToken("h1", noon.Add(time.Minute)) })
	}
	if err := use(); err != nil {
		f.Error(err)
	}
	if err := use(); !errors.Is(err, store.ErrTaken) {
		f.Errorf("a token was used twice: %v", err)
	}
	token.Used = noon.Add(time.Minute)
	if got, err := get("h1"); err != nil || got != token {
		f.Errorf("got %+v, %v", got, err)
	}
	f.update(func(tx store.Tx) error { return tx.ForgetTokens(noon) })
	if _, err := get("h0"); !errors.Is(err, store.ErrNotFound) {
		f.Errorf("an old token is still there: %v", err)
	}
	if _, err := get("h1"); err != nil {
		f.Error(err)
	}
}
