package answer

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"slices"

	"tocsin/hub/fault"
	"tocsin/hub/gateway"
	"tocsin/hub/incident"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var pageTemplate = template.Must(template.Must(template.New("page").Parse(pageText)).Parse(`{{define "style"}}` + pageStyle + `{{end}}`))

// policy lets the browser do what the page needs: its own style, its own form.
var policy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'", sumOf(pageStyle))

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// page is what the page shows.
type page struct {
	Title    string
	Severity incident.Severity // one of those that are known, or none
	What     string            // "critical incident 12"
	Heading  string
	Since    string
	Outcome  string // what came of it, or how it stands
	Tone     tone
	Summary  string
	Facts    []incident.Detail
	Items    []gateway.Item // of a message about several incidents
	Ask      bool           // show the button
	Button   string
	Cover    bool   // it is a request for cover, which can be declined, too
	As       string // whose answer it is
}

// tone is how an outcome looks.
type tone string

const (
	done tone = "done"
	late tone = "late"
	over tone = "over"
)

// look shows the page. It changes nothing.
func (h *Handler) look(w http.ResponseWriter, r *http.Request) {
	q, err := h.find(r.Context(), r.PathValue("token"))
	if err != nil {
		h.refuse(w, err)
		return
	}
	p := h.page(q)
	p.Outcome, p.Tone = q.stands(h.Org())
	p.Ask = p.Outcome == ""
	h.show(w, http.StatusOK, p)
}

// click acknowledges, or declines a request for cover. What came too late is no success to a program that clicks.
// Without the word of a button it is no click: some scanners POST what they find.
func (h *Handler) click(w http.ResponseWriter, r *http.Request) {
	q, err := h.find(r.Context(), r.PathValue("token"))
	if err != nil {
		h.refuse(w, err)
		return
	}
	p := h.page(q)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	var what verb
	switch said := r.PostFormValue("answer"); {
	case said == gateway.Click:
		what = acknowledge
	case said == "decline" && p.Cover:
		what = passOn
	default:
		p.Outcome, p.Tone = q.stands(h.Org())
		p.Ask = p.Outcome == ""
		h.show(w, http.StatusBadRequest, p)
		return
	}
	if p.Outcome, p.Tone, err = h.answer(r.Context(), q, what); err != nil {
		h.refuse(w, err)
		return
	}
	// A push program in a browser clicks from a page of its own, and may know what
	// came of it.
	w.Header().Set("Access-Control-Allow-Origin", "*")
	status := http.StatusOK
	if p.Tone == late {
		status = http.StatusConflict
	}
	h.show(w, status, p)
}

const sinceFormat = "since Mon 2 Jan 2006 15:04:05 MST"

func (h *Handler) page(q question) page {
	m := q.message
	p := page{Title: m.Title(), Heading: m.Service, Since: m.Since.Format(sinceFormat), As: h.Org().UserName(q.token.User), Button: m.Verb(), Cover: m.Cover != ""}
	if slices.Contains(incident.Severities, m.Severity) {
		p.Severity = m.Severity
	}
	p.What = fmt.Sprintf("%s incident %d", cmp.Or(string(p.Severity), "open"), m.Number)
	p.Summary, p.Facts = m.Summary, m.Details
	if m.Source != "" {
		p.Facts = append([]incident.Detail{{Name: "Source", Value: m.Source}}, p.Facts...)
	}
	if p.Cover {
		p.What, p.Heading, p.Summary = fmt.Sprintf("request %d", m.Number), m.Cover, "Whoever takes over is on call from then on. Whoever cannot declines, and somebody else is asked."
	}
	if n := len(q.parts); n > 1 {
		p.What, p.Heading, p.Items, p.Severity = "", m.Title(), m.Bundle, m.Bundle[0].Severity
		p.Since = "the first " + p.Since
		if left := q.open(); len(left) > 0 && len(left) < n {
			p.Heading = fmt.Sprintf("%d of these %d incidents still wait", len(left), n)
			p.Items = slices.DeleteFunc(slices.Clone(m.Bundle), func(i gateway.Item) bool {
				return !slices.ContainsFunc(left, func(p part) bool { return p.incident.Number == i.Number })
			})
			n = len(left)
		}
		p.Button = fmt.Sprintf("Acknowledge all %d", n)
	}
	return p
}

func (h *Handler) refuse(w http.ResponseWriter, err error) {
	if fault.KindOf(err) == fault.NotFound {
		h.show(w, http.StatusNotFound, page{Title: "Tocsin", Heading: "Unknown link", Tone: late, Outcome: "This link is not known, or too old. Nothing was done."})
		return
	}
	h.Log.Error("an answer to a message could not be taken", "err", err)
	h.show(w, http.StatusServiceUnavailable, page{Title: "Tocsin", Heading: "Not just now", Tone: late, Outcome: "The hub could not do this just now. Please try again."})
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
	header.Set("Content-Security-Policy", policy)
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // who went away needs no page
}
