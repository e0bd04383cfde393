// Package answer takes what people answer without a device: a click on the page
// that a message's link leads to, a key pressed on the telephone.
//
// Whoever has the link's secret acts as the user whom the message was for, on
// the opening that it was about, once. Looking never answers: mail programs
// follow links by themselves.
package answer

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"tocsin/hub/auth"
	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/gateway"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/store"
)

// Handler serves the pages and the calls.
type Handler struct {
	Store  store.Store
	Engine *engine.Engine
	Org    func() *organisation.Organisation
	URL    func() string
	Log    *slog.Logger
}

// Register adds the addresses that messages carry.
func (h *Handler) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /a/{token}", h.look)
	mux.HandleFunc("POST /a/{token}", h.click)
	mux.HandleFunc("POST /call/{token}", h.call)
	mux.HandleFunc("POST /call/{token}/key", h.key)
}

// question is what a token is about, as it stands now.
type question struct {
	token    store.Token
	incident incident.Incident
	message  gateway.Message
}

// find looks a token up. fault.NotFound for one that is not known, or whose user
// is not any more.
func (h *Handler) find(ctx context.Context, token string) (question, error) {
	var q question
	err := h.Store.View(ctx, func(tx store.Tx) (err error) {
		if q.token, err = tx.Token(auth.Hash(token)); err != nil {
			return err
		}
		r, err := tx.Load(q.token.Incident)
		q.incident = r.Incident
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return q, fault.New(fault.NotFound, "this link is not known, or too old")
	}
	if err != nil {
		return q, err
	}
	user, known := h.Org().User(q.token.User)
	if !known {
		return q, fault.New(fault.NotFound, "the user of this link is no longer there")
	}
	q.message = gateway.About(h.Org(), q.incident, user)
	return q, nil
}

// verb is what somebody answers.
type verb int

const (
	acknowledge verb = iota
	passOn
)

// answer carries out what a token's user says, once, and gives the sentence that
// tells what came of it.
func (h *Handler) answer(ctx context.Context, q question, what verb) (string, error) {
	var result incident.Answer
	var entry incident.Entry
	once := engine.Once{
		Done: func(tx store.Tx) (bool, error) {
			t, err := tx.Token(q.token.Hash)
			return !t.Used.IsZero(), err
		},
		Note: func(tx store.Tx, now time.Time) error { return tx.UseToken(q.token.Hash, now) },
	}
	org := h.Org()
	c, err := h.Engine.DoOnce(ctx, q.token.Incident, once, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		order := incident.Command{By: q.token.User, Method: q.token.Method, Opening: q.token.Opening, Made: now}
		lease := org.LeaseOf(s.Incident)
		if what == passOn {
			s, result, entry = escalation.PassOn(s, order, lease, now)
		} else {
			var entries []incident.Entry
			s, result, entries = escalation.AcknowledgeBy(s, order, lease, now)
			entry = entries[0]
			return s, entries, nil
		}
		return s, []incident.Entry{entry}, nil
	})
	if err != nil {
		return "", err
	}
	if result == "" { // it was used before
		return usedBefore(q.incident, org), nil
	}
	if c.State.Incident.Cover.Asked() {
		return coverSentence(what, result, c.State.Incident, org), nil
	}
	if entry.Kind == incident.KindJoined {
		return "It is known that you come to help. " + standing(c.State.Incident, org), nil
	}
	return sentence(what, result, entry.Reason, c.State.Incident, org), nil
}

// usedBefore tells how the incident stands to somebody who answered already.
func usedBefore(i incident.Incident, org *organisation.Organisation) string {
	return "This was answered before. " + standing(i, org)
}

// standing tells who has an incident.
func standing(i incident.Incident, org *organisation.Organisation) string {
	switch {
	case i.Cover.Asked() && i.Holder != "":
		return org.UserName(i.Holder) + " takes over."
	case i.Cover.Asked() && i.Status == incident.Resolved:
		return "The request is over."
	case i.Cover.Asked():
		return "Nobody has accepted yet."
	case i.Status == incident.Resolved:
		return "It is resolved."
	case i.Status == incident.Acknowledged && i.Holder != "":
		return org.UserName(i.Holder) + " has it."
	case i.Status == incident.Acknowledged:
		return "It is acknowledged."
	}
	return "Nobody has it yet."
}

// coverSentence tells what came of an answer to a request for cover.
func coverSentence(what verb, a incident.Answer, i incident.Incident, org *organisation.Organisation) string {
	switch {
	case a == incident.Applied && what == passOn && i.Cover.To != "":
		return "Declined. " + org.UserName(i.Cover.Of) + " is told."
	case a == incident.Applied && what == passOn:
		return "Declined. The next person is asked."
	case a == incident.Applied:
		return "Accepted. You take over from " + org.UserName(i.Cover.Of) + "."
	case a == incident.Refused:
		return "This cannot be declined: there is nobody behind you."
	}
	return "Nothing to do: " + standing(i, org)
}

// sentence tells what came of an answer.
func sentence(what verb, a incident.Answer, why incident.Reason, i incident.Incident, org *organisation.Organisation) string {
	switch {
	case a == incident.Applied && what == passOn:
		return "Passed on. The next person is asked."
	case a == incident.Applied && i.Test:
		return "The test is done."
	case a == incident.Applied:
		return "Acknowledged. You have it."
	case a == incident.TooLate:
		return "Too late: the incident was triggered again since. " + standing(i, org)
	case a == incident.Refused:
		return "This cannot be passed on: there is nobody behind you."
	case what == passOn && why == escalation.ReasonPassedOn:
		return "You have passed it on already."
	case i.Status == incident.Triggered:
		return "There is nothing to pass on any more."
	}
	return "Nothing to do: " + standing(i, org)
}
