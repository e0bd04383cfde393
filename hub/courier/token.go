package courier

import (
	"context"
	"crypto/rand"
	"time"

	"tocsin/hub/auth"
	"tocsin/hub/engine"
	"tocsin/hub/gateway"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// The codes by which text messages are answered: short, and none again within
// the time in which somebody may still answer an older message.
const (
	firstCode = 10 // the numbers below are answers: 1 acknowledges
	lastCode  = 9999
	codeTime  = 24 * time.Hour
)

// makeToken makes the secret by which a message is answered. Only its hash is
// stored, so a hub that starts again makes another.
func (c *Courier) makeToken(ctx context.Context, w way, to responder.ContactMethod, about ...store.About) (token string, code int, err error) {
	token = rand.Text()
	err = c.Store.Update(ctx, func(tx store.Tx) error {
		now := engine.Now()
		if to.Kind == responder.KindSMS {
			last, err := tx.LastCode(w.User, now.Add(-codeTime))
			if err != nil {
				return err
			}
			if code = last + 1; code < firstCode || code > lastCode {
				code = firstCode
			}
		}
		return tx.AddToken(store.Token{Hash: auth.Hash(token), User: w.User, Method: w.Method, Code: code, Made: now, About: about})
	})
	return token, code, err
}

// answerable adds to a message how it is answered.
func (c *Courier) answerable(m gateway.Message, token string, code int) gateway.Message {
	m.Link, m.Call, m.Token, m.Code = c.URL()+"/a/"+token, c.URL()+"/call/"+token, token, code
	return m
}
