package sqldb

import (
	"time"

	"tocsin/hub/store"
)

func (t *tx) AddToken(k store.Token) error {
	return t.exec("token_insert", k.Hash, string(k.Incident), k.Wave, string(k.User), string(k.Method), k.Opening, ms(k.Made))
}

func (t *tx) Token(hash string) (store.Token, error) {
	var k store.Token
	return k, t.one("token_get", []any{hash}, &k.Hash, &k.Incident, &k.Wave, &k.User, &k.Method, &k.Opening, stamp{&k.Made}, stamp{&k.Used})
}

func (t *tx) UseToken(hash string, at time.Time) error {
	n, err := t.affect("token_use", hash, ms(at))
	if err == nil && n == 0 {
		return store.ErrTaken
	}
	return err
}

func (t *tx) ForgetTokens(before time.Time) error { return t.exec("token_forget", ms(before)) }
