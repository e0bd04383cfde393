package ingest

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
)

// The endpoint of heartbeats, in the form of Healthchecks (its documentation of
// the "pinging API"): a sender that knows that knows this.
//
//	/ping/KEY           it is well
//	/ping/KEY/start     a job begins
//	/ping/KEY/fail      it went wrong
//	/ping/KEY/0, /1, …  a job has ended with this exit status
//	/ping/KEY/log       nothing changes
//
// HEAD, GET or POST; what a POST carries is shown in the incident of a failure.

// maxPingBody is how much of a body is kept, as Healthchecks has it.
const maxPingBody = 10_000

// Pinger commits pings.
type Pinger interface {
	Ping(ctx context.Context, i incident.IntegrationID, k heartbeat.Kind, details []incident.Detail) error
}

// ping is what an address says.
type ping struct {
	key  string
	kind heartbeat.Kind
	exit string // the exit status, if it says one
}

// parsePing reads what follows /ping/. Not ok: there is no such address.
func parsePing(path string) (p ping, ok bool) {
	key, what, more := strings.Cut(strings.TrimSuffix(path, "/"), "/")
	p.key, p.kind = pingKeyOf(key), heartbeat.OK
	if p.key == "" {
		return ping{}, false
	}
	if !more {
		return p, true
	}
	switch what {
	case "start", "fail", "log":
		p.kind = heartbeat.Kind(what)
		return p, true
	}
	status, err := strconv.ParseUint(what, 10, 8)
	if err != nil {
		return ping{}, false
	}
	if status > 0 {
		p.kind = heartbeat.Fail
	}
	p.exit = strconv.FormatUint(status, 10)
	return p, true
}

// pingKeyOf is the routing key, which may be written as a UUID.
func pingKeyOf(text string) string {
	if len(text) == keyLength+4 {
		text = strings.ReplaceAll(text, "-", "")
	}
	if len(text) != keyLength || strings.Trim(text, "0123456789abcdefABCDEF") != "" {
		return ""
	}
	return strings.ToLower(text)
}

func (h *Handler) ping(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "no-store")
	switch r.Method {
	case http.MethodHead, http.MethodGet, http.MethodPost:
	case http.MethodOptions:
		w.Header().Set("Access-Control-Allow-Methods", "HEAD, GET, POST")
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		w.Header().Set("Allow", "HEAD, GET, POST")
		http.Error(w, "HEAD, GET or POST", http.StatusMethodNotAllowed)
		return
	}
	p, ok := parsePing(r.PathValue("rest"))
	if !ok {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	integration, ok := h.integration(p.key)
	if !ok || integration.Kind != incident.KindHeartbeat {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	said, err := pingBody(w, r)
	if err != nil {
		http.Error(w, "the body could not be read", http.StatusBadRequest)
		return
	}
	switch err := h.Pinger.Ping(r.Context(), integration.ID, p.kind, p.details(said)); {
	case err == nil:
	case fault.KindOf(err) == fault.Denied:
		http.Error(w, "not found", http.StatusNotFound)
		return
	default:
		h.Log.Error("a ping could not be stored; its sender is asked to try again", "err", err)
		http.Error(w, "the ping could not be stored; send it again", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Ping-Body-Limit", strconv.Itoa(maxPingBody))
	_, _ = io.WriteString(w, "OK")
}

// pingBody reads the beginning of a body; the rest does not matter.
func pingBody(w http.ResponseWriter, r *http.Request) (string, error) {
	if r.Method != http.MethodPost {
		return "", nil
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(readTime))
	b, err := io.ReadAll(io.LimitReader(r.Body, maxPingBody))
	return string(b), err
}

// details are what an incident shows of a ping.
func (p ping) details(said string) []incident.Detail {
	var list []incident.Detail
	if p.exit != "" {
		list = append(list, incident.Detail{Name: "exit status", Value: p.exit})
	}
	if said = strings.TrimSpace(plain(said, maxDetailValue, true)); said != "" {
		list = append(list, incident.Detail{Name: "output", Value: said})
	}
	return list
}
