package ingest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tocsin/hub/auth"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
)

// Bounds of what a sender may send.
const (
	maxBody  = 1 << 20
	readTime = 10 * time.Second
)

// Engine commits events.
type Engine interface {
	Take(ctx context.Context, e incident.Event) (incident.Effect, error)
}

// Keys finds the integration that a routing key belongs to, by its hash.
type Keys interface {
	RoutingKey(hash string, now time.Time) (incident.Integration, bool)
}

// Handler serves the event endpoints.
type Handler struct {
	Engine Engine
	Pinger Pinger
	Keys   Keys
	Log    *slog.Logger
}

// Register adds the endpoints to a mux.
func (h *Handler) Register(mux *http.ServeMux) {
	mux.HandleFunc("POST /v2/enqueue", h.enqueueV2)
	mux.HandleFunc("/ping/{rest...}", h.ping)
}

var errTooLarge = errors.New("the body is larger than 1 MiB")

// body reads a request's body, bounded in size and time.
func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	// Where the server cannot set a deadline, its own limits hold.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTime))
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, errTooLarge
	}
	return b, err
}

// headerKey is the routing key of an Authorization header, whatever its scheme.
func headerKey(r *http.Request) string {
	fields := strings.Fields(r.Header.Get("Authorization"))
	if len(fields) == 0 {
		return ""
	}
	_, token, ok := strings.Cut(fields[len(fields)-1], "token=")
	if ok {
		return strings.Trim(token, `"`)
	}
	return fields[len(fields)-1]
}

// integration finds whose key it is.
func (h *Handler) integration(key string) (incident.Integration, bool) {
	return h.Keys.RoutingKey(auth.Hash(key), time.Now())
}

// status says how to answer an event that could not be stored: what is the
// sender's fault is not tried again.
func (h *Handler) status(err error) (int, string) {
	switch fault.KindOf(err) {
	case fault.Denied, fault.Invalid, fault.NotFound:
		return http.StatusBadRequest, fault.Sentence(err)
	}
	h.Log.Error("an event could not be stored; its sender is asked to try again", "err", err)
	return http.StatusServiceUnavailable, "the event could not be stored; send it again"
}
