package sqldb

import (
	"database/sql"
	"errors"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

func (t *tx) AddToken(k store.Token) error {
	if err := t.exec("token_insert", k.Hash, string(k.User), string(k.Method), k.Code, ms(k.Made)); err != nil {
		return err
	}
	for place, a := range k.About {
		if err := t.exec("token_about_insert", k.Hash, place, string(a.Incident), a.Wave, a.Opening); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) Token(hash string) (store.Token, error) {
	var k store.Token
	err := t.one("token_get", []any{hash}, &k.Hash, &k.User, &k.Method, &k.Code, stamp{&k.Made})
	if err != nil {
		return store.Token{}, err
	}
	return k, t.each("token_about", []any{hash}, func(row *sql.Rows) error {
		var a store.About
		if err := row.Scan(&a.Incident, &a.Wave, &a.Opening, stamp{&a.Used}, &a.For); err != nil {
			return err
		}
		k.About = append(k.About, a)
		return nil
	})
}

func (t *tx) UseToken(hash string, id incident.ID, what string, at time.Time) error {
	n, err := t.affect("token_use", hash, string(id), ms(at), what)
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}

func (t *tx) TokensOf(u responder.UserID, since time.Time, limit int) ([]store.Token, error) {
	hashes, err := list[string](t, "tokens_of", string(u), ms(since), limit)
	if err != nil {
		return nil, err
	}
	tokens := make([]store.Token, 0, len(hashes))
	for _, hash := range hashes {
		k, err := t.Token(hash)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, k)
	}
	return tokens, nil
}

func (t *tx) LastCode(u responder.UserID, since time.Time) (int, error) {
	var code int
	err := t.one("token_last_code", []any{string(u), ms(since)}, &code)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return code, err
}

func (t *tx) ForgetTokens(before time.Time) error {
	for _, query := range []string{"token_forget_about", "token_forget_calls", "token_forget", "reply_forget"} {
		if err := t.exec(query, ms(before)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) Reply(id string) (store.Reply, error) {
	r := store.Reply{ID: id}
	return r, t.one("reply_get", []any{id}, &r.Hash, &r.Verb)
}

func (t *tx) AddReply(r store.Reply, at time.Time) error {
	return t.exec("reply_insert", r.ID, r.Hash, r.Verb, ms(at))
}

func (t *tx) Call(hash string) (store.Call, error) {
	var c store.Call
	return c, t.one("call_get", []any{hash}, &c.Hash, &c.Tries, &c.Status, stamp{&c.Answered}, stamp{&c.Again})
}

func (t *tx) PutCall(c store.Call) error {
	return t.exec("call_put", c.Hash, c.Tries, c.Status, ms(c.Answered), ms(c.Again))
}

func (t *tx) CallsAgain() ([]store.Call, error) {
	hashes, err := list[string](t, "calls_again")
	if err != nil {
		return nil, err
	}
	calls := make([]store.Call, 0, len(hashes))
	for _, hash := range hashes {
		c, err := t.Call(hash)
		if err != nil {
			return nil, err
		}
		calls = append(calls, c)
	}
	return calls, nil
}
