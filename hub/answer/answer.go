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
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
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
	// Signed reports whether a phone gateway signed a form that it sent to an
	// address.
	Signed func(address string, form url.Values, signature string) bool
	// CallAgain is told when a call is to be made once more.
	CallAgain func()
	Log       *slog.Logger

	hints hints
}

// Register adds the addresses that messages carry.
func (h *Handler) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /a/{token}", h.look)
	mux.HandleFunc("POST /a/{token}", h.click)
	mux.HandleFunc("POST /call/{token}", h.call)
	mux.HandleFunc("POST /call/{token}/key", h.key)
	mux.HandleFunc("POST /call/{token}/status", h.status)
	mux.HandleFunc("POST /sms", h.text)
}

// question is what a token is about, as it stands now.
type question struct {
	token   store.Token
	parts   []part
	message gateway.Message
}

// part is one incident of a question.
type part struct {
	store.About
	incident incident.Incident
}

// asks reports whether the incident still waits for the answer that its message
// asked for.
func (p part) asks() bool {
	return p.Used.IsZero() && p.Opening == p.incident.Opening && p.incident.Status == incident.Triggered
}

// open lists what still waits.
func (q question) open() []part {
	var list []part
	for _, p := range q.parts {
		if p.asks() {
			list = append(list, p)
		}
	}
	return list
}

// find looks a token up. fault.NotFound for one that is not known, or whose user
// is not any more.
func (h *Handler) find(ctx context.Context, token string) (question, error) {
	return h.findHash(ctx, auth.Hash(token))
}

func (h *Handler) findHash(ctx context.Context, hash string) (question, error) {
	var q question
	err := h.Store.View(ctx, func(tx store.Tx) error {
		t, err := tx.Token(hash)
		if err != nil {
			return err
		}
		q, err = look(tx, t)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return q, fault.New(fault.NotFound, "this link is not known, or too old")
	}
	if err != nil {
		return q, err
	}
	return h.word(q)
}

// look puts the incidents of a token beside it.
func look(tx store.Tx, t store.Token) (question, error) {
	q := question{token: t}
	for _, a := range t.About {
		r, err := tx.Load(a.Incident)
		if err != nil {
			return q, err
		}
		q.parts = append(q.parts, part{a, r.Incident})
	}
	return q, nil
}

// word says what a question is about, as its message did.
func (h *Handler) word(q question) (question, error) {
	user, known := h.Org().User(q.token.User)
	if !known || len(q.parts) == 0 {
		return q, fault.New(fault.NotFound, "the user of this link is no longer there")
	}
	if len(q.parts) == 1 {
		q.message = gateway.About(h.Org(), q.parts[0].incident, user)
		return q, nil
	}
	var all []incident.Incident
	for _, p := range q.parts {
		all = append(all, p.incident)
	}
	q.message = gateway.AboutAll(h.Org(), all, user)
	return q, nil
}

// verb is what somebody answers; the words are stored.
type verb string

const (
	acknowledge verb = "acknowledge"
	resolve     verb = "resolve"
	passOn      verb = "pass_on"
)

// outcome is what came of an answer for one incident.
type outcome struct {
	opening  int             // that the message was about
	answer   incident.Answer // empty: it was answered before
	entry    incident.Entry
	incident incident.Incident
}

// answer carries out what a token's user says, once for each incident that the
// message named, and gives the sentence that tells what came of it.
func (h *Handler) answer(ctx context.Context, q question, what verb) (string, tone, error) {
	if len(q.parts) == 1 {
		o, err := h.answerFor(ctx, q, q.parts[0], what)
		if err != nil {
			return "", "", err
		}
		return o.sentence(what, h.Org()), o.tone(), nil
	}
	outcomes := make([]outcome, len(q.parts))
	err := q.each(func(n int, p part) (err error) {
		outcomes[n], err = h.answerFor(ctx, q, p, what)
		return err
	})
	if err != nil {
		return "", "", err // what was answered is noted; the rest is, when it is asked again
	}
	text, tone := sumUp(what, outcomes)
	return text, tone, nil
}

// abreast is how many incidents of one message are answered at a time, so that
// they share commits.
const abreast = 16

// settled reports whether an answer was given before. Who acknowledged may still
// resolve, and who passed on may think better of it.
func settled(a store.About, what verb) bool {
	switch {
	case a.Used.IsZero():
		return false
	case what == resolve:
		return a.For == string(resolve)
	case what == acknowledge:
		return a.For != string(passOn)
	}
	return true
}

func (h *Handler) answerFor(ctx context.Context, q question, p part, what verb) (outcome, error) {
	o := outcome{opening: p.Opening, incident: p.incident}
	once := engine.Once{
		Done: func(tx store.Tx) (bool, error) {
			t, err := tx.Token(q.token.Hash)
			i := slices.IndexFunc(t.About, func(a store.About) bool { return a.Incident == p.Incident })
			return i >= 0 && settled(t.About[i], what), err
		},
		Note: func(tx store.Tx, now time.Time) error {
			if o.answer == incident.Refused { // nothing was done, so another answer may follow
				return nil
			}
			return tx.UseToken(q.token.Hash, p.Incident, string(what), now)
		},
	}
	org := h.Org()
	c, err := h.Engine.DoOnce(ctx, p.Incident, once, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		order := incident.Command{By: q.token.User, Method: q.token.Method, Opening: p.Opening, Made: now}
		lease := org.LeaseOf(s.Incident)
		switch what {
		case passOn:
			s, o.answer, o.entry = escalation.PassOn(s, order, lease, now)
		case resolve:
			if s.Incident.Cover.Asked() { // it is accepted or declined
				o.answer = incident.Refused
				return s, nil, nil
			}
			s.Incident, o.answer, o.entry = incident.ResolveBy(s.Incident, order, lease, now)
		default:
			var entries []incident.Entry
			s, o.answer, entries = escalation.AcknowledgeBy(s, order, lease, now)
			o.entry = entries[0]
			return s, entries, nil
		}
		return s, []incident.Entry{o.entry}, nil
	})
	if err == nil && o.answer != "" {
		o.incident = c.State.Incident
	}
	return o, err
}

// sentence tells what came of an answer to a message about one incident.
func (o outcome) sentence(what verb, org *organisation.Organisation) string {
	switch {
	case o.answer == "":
		return usedBefore(o.incident, o.opening, org)
	case o.entry.Kind == incident.KindJoined:
		return "It is known that you come to help. " + standing(o.incident, org)
	}
	if o.incident.Cover.Asked() {
		return coverSentence(what, o.answer, o.incident, org)
	}
	return sentence(what, o.answer, o.entry.Reason, o.incident, org)
}

func (o outcome) tone() tone {
	switch o.answer {
	case incident.Applied:
		return done
	case incident.TooLate, incident.Refused:
		return late
	}
	return over
}

// sumUp tells what came of an answer to a message about several incidents.
func sumUp(what verb, outcomes []outcome) (string, tone) {
	applied, missed, before, refused := 0, 0, 0, 0
	for _, o := range outcomes {
		switch o.answer {
		case incident.Applied:
			applied++
		case incident.TooLate:
			missed++
		case incident.Refused:
			refused++
		default:
			before++
		}
	}
	words := map[verb]string{acknowledge: "acknowledged", resolve: "resolved", passOn: "passed on, the next person is asked"}
	text := fmt.Sprintf("%d of %d incidents %s.", applied, len(outcomes), words[what])
	if applied > 0 && what == acknowledge {
		text = fmt.Sprintf("%d of %d incidents acknowledged, you have them.", applied, len(outcomes))
	}
	if before > 0 {
		text += fmt.Sprintf(" %d were answered before, or somebody has them.", before)
	}
	if missed > 0 {
		text += fmt.Sprintf(" %d were triggered again since: too late for these.", missed)
	}
	if refused > 0 {
		text += fmt.Sprintf(" %d cannot be passed on: there is nobody behind you.", refused)
	}
	switch {
	case missed+refused > 0:
		return text, late
	case applied > 0:
		return text, done
	}
	return text, over
}

// usedBefore tells how the incident stands to somebody who answered already.
func usedBefore(i incident.Incident, opening int, org *organisation.Organisation) string {
	if opening != i.Opening {
		return "This was answered before, and the incident was triggered again since. " + standing(i, org)
	}
	return "This was answered before. " + standing(i, org)
}

// stands tells how it is with what a token asks about: the reason why it asks no
// more, or nothing.
func (q question) stands(org *organisation.Organisation) (string, tone) {
	if len(q.open()) > 0 {
		return "", ""
	}
	if len(q.parts) > 1 {
		return "All of these were answered, or are over.", over
	}
	p := q.parts[0]
	switch {
	case !p.Used.IsZero():
		return usedBefore(p.incident, p.Opening, org), over
	case p.Opening != p.incident.Opening:
		return sentence(acknowledge, incident.TooLate, "", p.incident, org), late
	}
	return standing(p.incident, org), over
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
	case i.MergedInto != "":
		return "It became part of another incident, and goes on there."
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
	case a == incident.Refused && what == resolve:
		return "Nothing was done: answer yes to take over, or no if you cannot."
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
	case a == incident.Applied && what == resolve && why == incident.ReasonStillFiring:
		return "Resolved. Its source has not said that it is over."
	case a == incident.Applied && what == resolve:
		return "Resolved."
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
	case what == passOn && i.Status == incident.Triggered:
		return "There is nothing to pass on any more."
	}
	return "Nothing to do: " + standing(i, org)
}
