package calendar

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tocsin/hub/auth"
	"tocsin/hub/organisation"
	"tocsin/hub/store"
)

// Histories knows the organisation over time.
type Histories interface {
	History(ctx context.Context, from time.Time) (organisation.History, error)
}

// Handler serves calendars at secret addresses.
type Handler struct {
	Store     store.Store
	Histories Histories
	Now       func() time.Time
	Log       *slog.Logger
}

const folder = "/calendar/"

// Path is the path of a secret.
func Path(secret string) string { return folder + secret + ".ics" }

// NewSecret makes one: 160 random bits.
func NewSecret() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	return hex.EncodeToString(b[:])
}

// Register serves GET /calendar/<secret>.ics.
func (h *Handler) Register(mux *http.ServeMux) { mux.HandleFunc("GET "+folder+"{file}", h.serve) }

// serve looks a secret up by its hash, whatever it looks like: how long that
// takes tells nothing about how close a guess came.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request) {
	secret, _ := strings.CutSuffix(r.PathValue("file"), ".ics")
	c, err := h.calendar(r.Context(), secret)
	switch {
	case errors.Is(err, store.ErrNotFound):
		http.Error(w, "There is no calendar at this address (any more). A new link is made with: hub calendar link", http.StatusNotFound)
		return
	case err != nil:
		h.Log.Error("a calendar could not be written", "err", err)
		http.Error(w, "The calendar cannot be written now; try again later.", http.StatusServiceUnavailable)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/calendar; charset=utf-8")
	header.Set("Content-Disposition", `inline; filename="on-call.ics"`)
	header.Set("Cache-Control", "private, max-age=300")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(Write(c, h.Now())) // a reader who went away
}

// calendar finds what a secret leads to. store.ErrNotFound if that is nothing,
// or nothing that is still there.
func (h *Handler) calendar(ctx context.Context, secret string) (Calendar, error) {
	var link store.Calendar
	err := h.Store.View(ctx, func(tx store.Tx) (err error) {
		link, err = tx.CalendarByLink(auth.Hash(secret))
		return err
	})
	if err != nil {
		return Calendar{}, err
	}
	now := h.Now()
	from, _ := Span(now)
	history, err := h.Histories.History(ctx, from)
	if err != nil {
		return Calendar{}, err
	}
	c, ok := OfSchedule(history, link.Schedule, now)
	if link.User != "" {
		c, ok = OfUser(history, link.User, now)
	}
	if !ok {
		return Calendar{}, store.ErrNotFound
	}
	return c, nil
}
