package herald

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/gateway"
	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// errand is one notice on its way by one method.
type errand struct {
	*Herald
	notice notice.Notice
	method responder.MethodID
	hub    context.Context // ends when the hub begins to stop
	ctx    context.Context // ends a little later
	told   bool            // what the gateway said of the first failure is stored
}

func (e *errand) run() {
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.errands, place{key{e.notice.User, e.notice.ID}, e.method})
	}()
	for n := 0; ; n++ {
		if e.try() || !e.sleep(waits[min(n, len(waits)-1)]) {
			return
		}
	}
}

// sleep waits; false when the hub stops meanwhile.
func (e *errand) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-e.hub.Done():
		return false
	case <-timer.C:
		return e.hub.Err() == nil
	}
}

// try sends once; true when there is nothing left to do.
func (e *errand) try() bool {
	m, ok := Message(e.Org(), e.notice, e.method)
	if !ok {
		return e.answer(false, "the user or the contact method is no longer there")
	}
	leave, ok := e.enter(m.To.Kind)
	if !ok {
		return true
	}
	defer leave()
	if !engine.Now().Before(e.notice.Until) {
		return e.answer(false, "it was of no more use before it could be sent")
	}
	ctx, cancel := context.WithTimeout(e.ctx, eachTry)
	defer cancel()
	said, err := e.Gateways.Send(ctx, m)
	switch {
	case err == nil:
		return e.answer(true, said)
	case e.ctx.Err() != nil: // the hub stops; sent again by the next one
		return true
	case gateway.IsPermanent(err):
		return e.answer(false, err.Error())
	case engine.Now().Sub(e.notice.Made) > patience:
		return e.answer(false, "given up: "+err.Error())
	}
	e.note(err.Error())
	return false
}

// enter takes a place among the messages of the kind; leave gives it back.
func (e *errand) enter(kind string) (leave func(), ok bool) {
	room := e.rooms[kind]
	if room == nil { // of a kind that has no gateway, which is soon said
		return func() {}, true
	}
	select {
	case room <- struct{}{}:
		return func() { <-room }, true
	case <-e.hub.Done():
		return nil, false
	}
}

// storeWait is between the tries of storing an answer: without it the message
// would be sent again.
const storeWait = time.Second

// answer stores what came of it, and answers true.
func (e *errand) answer(accepted bool, said string) bool {
	ctx := context.WithoutCancel(e.ctx)
	for {
		err := e.Store.Update(ctx, func(tx store.Tx) error {
			return tx.AnswerSend(e.notice.User, e.notice.ID, notice.Send{Method: e.method, Answered: engine.Now(), Accepted: accepted, Said: said})
		})
		if err == nil {
			return true
		}
		e.Log.Error("what a gateway said of a notice could not be stored; it is tried again", "user", e.notice.User, "method", e.method, "err", err)
		if !e.sleep(storeWait) {
			return true
		}
	}
}

// note keeps the first passing failure, so that people see why it takes longer.
func (e *errand) note(said string) {
	if e.told {
		return
	}
	err := e.Store.Update(e.ctx, func(tx store.Tx) error { return tx.NoteSend(e.notice.User, e.notice.ID, e.method, said) })
	if e.told = err == nil; !e.told {
		e.Log.Warn("what a gateway said of a notice could not be stored", "user", e.notice.User, "method", e.method, "err", err)
	}
}

// Message says what a notice says by a method; false when the user or the method
// is no longer there.
func Message(org *organisation.Organisation, n notice.Notice, id responder.MethodID) (gateway.Message, bool) {
	user, known := org.User(n.User)
	method, ok := user.Method(id)
	if !known || !ok {
		return gateway.Message{}, false
	}
	sum := sha256.Sum256([]byte(n.ID))
	return gateway.Message{
		ID: "notice." + hex.EncodeToString(sum[:16]) + "." + string(n.User) + "." + string(id),
		To: method, Name: user.Name, Since: n.Made, Notice: &gateway.Notice{Title: n.Title, Text: n.Text},
	}, true
}
