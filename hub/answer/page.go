package answer

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"

	"tocsin/hub/fault"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is what the page shows.
type page struct {
	Title   string
	Lines   []string
	Outcome string // what came of it, or how it stands
	Ask     bool   // show the button
	Button  string
	Cover   bool   // it is a request for cover, which can be declined, too
	As      string // whose answer it is
}

// look shows the page. It changes nothing.
func (h *Handler) look(w http.ResponseWriter, r *http.Request) {
	q, err := h.find(r.Context(), r.PathValue("token"))
	if err != nil {
		h.refuse(w, err)
		return
	}
	p := h.page(q)
	p.Outcome = q.stands(h.Org())
	p.Ask = p.Outcome == ""
	h.show(w, http.StatusOK, p)
}

// click acknowledges, or declines a request for cover.
func (h *Handler) click(w http.ResponseWriter, r *http.Request) {
	q, err := h.find(r.Context(), r.PathValue("token"))
	if err != nil {
		h.refuse(w, err)
		return
	}
	p := h.page(q)
	what := acknowledge
	if r.Body = http.MaxBytesReader(w, r.Body, maxForm); r.PostFormValue("answer") == "decline" && p.Cover {
		what = passOn
	}
	if p.Outcome, err = h.answer(r.Context(), q, what); err != nil {
		h.refuse(w, err)
		return
	}
	h.show(w, http.StatusOK, p)
}

func (h *Handler) page(q question) page {
	p := page{Title: q.message.Title(), Lines: q.message.Lines(), Button: q.message.Verb(), Cover: q.message.Cover != "", As: h.Org().UserName(q.token.User)}
	if n := len(q.parts); n > 1 {
		p.Button = fmt.Sprintf("Acknowledge all %d", n)
	}
	return p
}

func (h *Handler) refuse(w http.ResponseWriter, err error) {
	if fault.KindOf(err) == fault.NotFound {
		h.show(w, http.StatusNotFound, page{Title: "Tocsin", Outcome: "This link is not known, or too old."})
		return
	}
	h.Log.Error("an answer to a message could not be taken", "err", err)
	h.show(w, http.StatusServiceUnavailable, page{Title: "Tocsin", Outcome: "The hub could not do this just now. Please try again."})
}

// show writes the page. It runs no scripts, is kept nowhere, and tells nobody
// its address.
func (h *Handler) show(w http.ResponseWriter, status int, p page) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		h.Log.Error("the page of a link could not be written", "err", err)
		http.Error(w, "the page could not be written", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // who went away needs no page
}
