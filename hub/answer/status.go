package answer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// callWaits are how long after a call that nobody answered the next one is made;
// they are as many as there are further calls. The incident's levels go on
// meanwhile.
var callWaits = []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute}

// stages are what a phone gateway says of a call, in their order; what is over
// is the last word.
var stages = []string{"queued", "initiated", "ringing", "in-progress"}

// texts are the same of a text message.
var texts = map[string]string{"delivered": delivered, "undelivered": undelivered, "failed": undelivered}

const delivered, undelivered = "delivered", "undelivered"

func stageOf(status string) int {
	if n := slices.Index(stages, status); n >= 0 {
		return n + 1
	}
	if _, known := reasons[status]; known {
		return len(stages) + 1
	}
	return 0
}

// reasons are what is told of a call.
var reasons = map[string]incident.Reason{
	"ringing": incident.ReasonCallRings, "in-progress": incident.ReasonCallAnswered, "completed": incident.ReasonCallNoKey,
	delivered: incident.ReasonTextDelivered, undelivered: incident.ReasonTextLost,
	"busy": incident.ReasonCallBusy, "no-answer": incident.ReasonCallNoAnswer, "failed": incident.ReasonCallFailed, "canceled": incident.ReasonCallFailed,
}

// status takes what the phone gateway tells of a call. Tellings may come twice
// and in any order.
func (h *Handler) status(w http.ResponseWriter, r *http.Request) {
	form, ok := formOf(w, r)
	if !ok {
		return
	}
	q, err := h.find(r.Context(), r.PathValue("token"))
	if err == nil && h.tells(q, form) {
		err = h.taken(r.Context(), q)
	}
	if err == nil {
		err = h.callWent(r.Context(), q, h.wordOf(q, form))
	}
	switch {
	case fault.KindOf(err) == fault.NotFound:
		w.WriteHeader(http.StatusNotFound)
	case err != nil:
		h.Log.Error("how a call went could not be stored", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// kindOf is the kind of contact method that a question went by.
func (h *Handler) kindOf(q question) string {
	user, _ := h.Org().User(q.token.User)
	method, _ := user.Method(q.token.Method)
	return method.Kind
}

// tells reports whether a form is of a gateway that has the call or the text.
func (h *Handler) tells(q question, form url.Values) bool {
	switch h.kindOf(q) {
	case responder.KindPhone:
		return form.Get("CallStatus") != ""
	case responder.KindSMS:
		return form.Get("MessageStatus") != ""
	}
	return false
}

// taken notes that a gateway has a message, if its answer has not said so: it came too
// late, or the connection broke. Sent again, it would ring a second time.
func (h *Handler) taken(ctx context.Context, q question) error {
	return q.each(func(_ int, p part) error {
		_, err := h.Engine.Do(ctx, p.Incident, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
			key := escalation.Key{Wave: p.Wave, User: q.token.User}
			page, ok := s.Page(key)
			if !ok || !slices.ContainsFunc(page.Uses, func(u escalation.Use) bool { return u.Method == q.token.Method && u.Answered.IsZero() }) {
				return s, nil, nil
			}
			e := incident.Entry{At: now, Kind: incident.KindMethodAccepted, User: q.token.User, Method: q.token.Method, Wave: p.Wave, Level: page.Level, Round: page.Round, Text: "its gateway tells of it"}
			return escalation.Answer(s, key, q.token.Method, true, now), []incident.Entry{e}, nil
		})
		return err
	})
}

// each does something for every incident of a question, some at a time.
func (q question) each(do func(n int, p part) error) error {
	errs := make([]error, len(q.parts))
	var doing sync.WaitGroup
	room := make(chan struct{}, abreast)
	for n, p := range q.parts {
		room <- struct{}{}
		doing.Go(func() {
			defer func() { <-room }()
			errs[n] = do(n, p)
		})
	}
	doing.Wait()
	return errors.Join(errs...)
}

// wordOf is what the gateway says of a call or a text; nothing of what was sent in
// another way.
func (h *Handler) wordOf(q question, form url.Values) string {
	switch h.kindOf(q) {
	case responder.KindPhone:
		return form.Get("CallStatus")
	case responder.KindSMS:
		return texts[form.Get("MessageStatus")]
	}
	return ""
}

// errOld: a later word is known.
var errOld = errors.New("a later word of the call is known")

// callWent notes how a call stands, and when the next one is due.
func (h *Handler) callWent(ctx context.Context, q question, status string) error {
	if stageOf(status) == 0 {
		return nil
	}
	var call store.Call
	err := h.Store.Update(ctx, func(tx store.Tx) error {
		old, err := tx.Call(q.token.Hash)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if stageOf(status) <= stageOf(old.Status) {
			return errOld
		}
		call = after(old, q.token.Hash, status, engine.Now())
		return tx.PutCall(call)
	})
	if errors.Is(err, errOld) {
		return nil
	}
	if err != nil {
		return err
	}
	if !call.Again.IsZero() && h.CallAgain != nil {
		h.CallAgain()
	}
	return h.tellCall(ctx, q, call)
}

// after is a call with what is new of it.
func after(old store.Call, hash, status string, now time.Time) store.Call {
	call := store.Call{Hash: hash, Tries: old.Tries, Status: status, Answered: old.Answered}
	switch status {
	case "in-progress":
		call.Answered = now
	case "busy", "no-answer", "failed", "canceled", undelivered:
		if call.Answered.IsZero() && call.Tries < len(callWaits) {
			call.Again = now.Add(callWaits[call.Tries])
		}
	case "completed": // also of a call whose being answered was not told
		if call.Answered.IsZero() {
			call.Answered = now
		}
	}
	return call
}

// tellCall writes how a call stands into the timelines of its incidents.
func (h *Handler) tellCall(ctx context.Context, q question, call store.Call) error {
	reason, ok := reasons[call.Status]
	if !ok || call.Status == "ringing" && len(q.parts) > 1 {
		return nil
	}
	text := ""
	switch {
	case !call.Again.IsZero():
		text = fmt.Sprintf("again in %s", call.Again.Sub(engine.Now()).Round(time.Second))
	case slices.Contains([]string{"busy", "no-answer", "failed", "canceled", undelivered}, call.Status) && call.Answered.IsZero():
		text = "that was the last one"
	}
	return q.each(func(_ int, p part) error {
		if call.Status == "completed" && !p.Used.IsZero() {
			return nil // a key was pressed, which is told
		}
		_, err := h.Engine.Do(ctx, p.Incident, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
			e := incident.Entry{At: now, Kind: incident.KindCall, Reason: reason, User: q.token.User, Method: q.token.Method, Wave: p.Wave, Text: text}
			if page, ok := s.Page(escalation.Key{Wave: p.Wave, User: q.token.User}); ok {
				e.Level, e.Round = page.Level, page.Round
				if !page.Open() && text != "" {
					e.Text = "" // nobody calls for what is over
				}
			}
			return s, []incident.Entry{e}, nil
		})
		return err
	})
}
