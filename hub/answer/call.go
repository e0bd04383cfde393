package answer

import (
	"fmt"
	"io"
	"net/http"
	"net/url"

	"tocsin/hub/fault"
	"tocsin/hub/gateway"
	"tocsin/hub/responder"
)

// maxForm bounds what a phone gateway sends along.
const maxForm = 64 << 10

// call tells the phone gateway what to say to whoever picked up.
func (h *Handler) call(w http.ResponseWriter, r *http.Request) {
	q, err := h.find(r.Context(), r.PathValue("token"))
	if err != nil {
		h.hangUp(w, err)
		return
	}
	if h.kindOf(q) == responder.KindPhone {
		if err := h.taken(r.Context(), q); err != nil {
			h.Log.Error("that a call was put through could not be stored", "err", err)
		}
	}
	if why, _ := q.stands(h.Org()); why != "" {
		say(w, gateway.Say(q.message.Spoken()+" "+why))
		return
	}
	ask := " Press 1 to acknowledge. Press 2 if you cannot take it."
	if q.message.Cover != "" {
		ask = " Press 1 to take over. Press 2 if you cannot."
	}
	if n := len(q.parts); n > 1 {
		ask = fmt.Sprintf(" Press 1 to acknowledge all %d. Press 2 if you cannot take them.", n)
	}
	say(w, gateway.Ask(q.message.Spoken()+ask,
		h.URL()+"/call/"+url.PathEscape(r.PathValue("token"))+"/key", "No key was pressed. Nobody has it yet. Goodbye."))
}

// key takes the key that was pressed.
func (h *Handler) key(w http.ResponseWriter, r *http.Request) {
	q, err := h.find(r.Context(), r.PathValue("token"))
	if err != nil {
		h.hangUp(w, err)
		return
	}
	form, ok := formOf(w, r)
	if !ok {
		return
	}
	what := acknowledge
	switch form.Get("Digits") {
	case "1":
	case "2":
		what = passOn
	default: // another key: ask again
		h.call(w, r)
		return
	}
	text, _, err := h.answer(r.Context(), q, what)
	if err != nil {
		h.hangUp(w, err)
		return
	}
	say(w, gateway.Say(text+" Goodbye."))
}

// formOf reads what a phone gateway sent; what is no form is refused.
func formOf(w http.ResponseWriter, r *http.Request) (url.Values, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		http.Error(w, "the form is too long", http.StatusRequestEntityTooLarge)
		return nil, false
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, "the form is not one", http.StatusBadRequest)
		return nil, false
	}
	return form, true
}

func (h *Handler) hangUp(w http.ResponseWriter, err error) {
	if fault.KindOf(err) == fault.NotFound {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	h.Log.Error("a call could not be answered", "err", err)
	say(w, gateway.Say("The hub could not do this just now. Please use your laptop."))
}

func say(w http.ResponseWriter, twiml string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, twiml) // who hung up hears nothing
}
