package ingest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tocsin/hub/auth"
	"tocsin/hub/fault"
	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
)

const pingKey = "0123456789abcdef0123456789abcdef"

func TestPingAddressesAreThoseOfHealthchecks(t *testing.T) {
	for path, want := range map[string]ping{
		pingKey:            {pingKey, heartbeat.OK, ""},
		pingKey + "/":      {pingKey, heartbeat.OK, ""},
		pingKey + "/start": {pingKey, heartbeat.Start, ""},
		pingKey + "/fail":  {pingKey, heartbeat.Fail, ""},
		pingKey + "/log":   {pingKey, heartbeat.Log, ""},
		pingKey + "/0":     {pingKey, heartbeat.OK, "0"},
		pingKey + "/137":   {pingKey, heartbeat.Fail, "137"},
		pingKey + "/007":   {pingKey, heartbeat.Fail, "7"},
		"01234567-89ab-cdef-0123-456789ABCDEF/fail": {pingKey, heartbeat.Fail, ""},
	} {
		if got, ok := parsePing(path); !ok || got != want {
			t.Errorf("%s: %+v", path, got)
		}
	}
	for _, path := range []string{
		"", "/", "short", pingKey + "/256", pingKey + "/-1", pingKey + "/ok", pingKey + "/start/1", pingKey + "//", pingKey + "x",
		strings.Repeat("g", 32), "/" + pingKey, pingKey + "/1e2", pingKey + "/+1",
	} {
		if got, ok := parsePing(path); ok {
			t.Errorf("%s is taken for %+v", path, got)
		}
	}
}

// FuzzParsePing: whatever the address, what is read of it keeps within its
// bounds, and reads the same when written again.
func FuzzParsePing(f *testing.F) {
	for _, path := range []string{pingKey, pingKey + "/start", pingKey + "/137", "01234567-89ab-cdef-0123-456789abcdef/fail", "/", "x/y/z", pingKey + "/٣"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		p, ok := parsePing(path)
		if !ok {
			if p != (ping{}) {
				t.Errorf("%q is refused, and says %+v", path, p)
			}
			return
		}
		if len(p.key) != keyLength || strings.Trim(p.key, "0123456789abcdef") != "" {
			t.Errorf("the key %q", p.key)
		}
		again := p.key + "/" + string(p.kind)
		switch {
		case p.exit != "":
			again = p.key + "/" + p.exit
		case p.kind == heartbeat.OK:
			again = p.key
		}
		if q, ok := parsePing(again); !ok || q != p {
			t.Errorf("%q is read as %+v, and %q as %+v", path, p, again, q)
		}
	})
}

// pinged keeps what a handler commits.
type pinged struct {
	kind    heartbeat.Kind
	details []incident.Detail
	err     error
}

func (p *pinged) Ping(_ context.Context, _ incident.IntegrationID, k heartbeat.Kind, d []incident.Detail) error {
	p.kind, p.details = k, d
	return p.err
}

type pingKeys struct{}

func (pingKeys) RoutingKey(hash string, _ time.Time) (incident.Integration, bool) {
	switch hash {
	case auth.Hash(pingKey):
		return incident.Integration{ID: "cron", Kind: incident.KindHeartbeat}, true
	case auth.Hash(strings.Repeat("e", 32)):
		return incident.Integration{ID: "events", Kind: EventsV2}, true
	}
	return incident.Integration{}, false
}

func TestPingsAreAnsweredAsTheirSendersExpect(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		err                error
		code               int
		answer             string
		kind               heartbeat.Kind
		details            []incident.Detail
	}{
		{"GET", pingKey, "", nil, 200, "OK", heartbeat.OK, nil},
		{"HEAD", pingKey, "", nil, 200, "", heartbeat.OK, nil},
		{"POST", pingKey + "/3", "tar: no space\x00", nil, 200, "OK", heartbeat.Fail, []incident.Detail{{Name: "exit status", Value: "3"}, {Name: "output", Value: "tar: no space␀"}}},
		{"GET", pingKey + "/start?rid=1", "", nil, 200, "OK", heartbeat.Start, nil},
		{"POST", pingKey, strings.Repeat("x", 100_000), nil, 200, "OK", heartbeat.OK, []incident.Detail{{Name: "output", Value: strings.Repeat("x", maxDetailValue-1) + "…"}}},
		{"OPTIONS", pingKey, "", nil, 204, "", "", nil},
		{"DELETE", pingKey, "", nil, 405, "HEAD, GET or POST\n", "", nil},
		{"GET", strings.Repeat("0", 32), "", nil, 404, "not found\n", "", nil},
		{"GET", strings.Repeat("e", 32), "", nil, 404, "not found\n", "", nil},
		{"GET", "nothing", "", nil, 404, "not found\n", "", nil},
		{"GET", pingKey, "", fault.New(fault.Denied, "gone"), 404, "not found\n", heartbeat.OK, nil},
		{"GET", pingKey, "", io.ErrUnexpectedEOF, 503, "the ping could not be stored; send it again\n", heartbeat.OK, nil},
	} {
		got := &pinged{err: c.err}
		mux := http.NewServeMux()
		h := &Handler{Pinger: got, Keys: pingKeys{}, Log: slog.New(slog.DiscardHandler)}
		h.Register(mux)
		w := httptest.NewRecorder()
		r := httptest.NewRequest(c.method, "/ping/"+c.path, strings.NewReader(c.body))
		mux.ServeHTTP(w, r)
		body := w.Body.String()
		if c.method == "HEAD" {
			body = "" // net/http's server leaves it out
		}
		if w.Code != c.code || body != c.answer || got.kind != c.kind || len(got.details) != len(c.details) {
			t.Errorf("%s %s: %d %q %s %v", c.method, c.path, w.Code, body, got.kind, got.details)
			continue
		}
		for i := range c.details {
			if got.details[i] != c.details[i] {
				t.Errorf("%s %s: %v", c.method, c.path, got.details[i])
			}
		}
	}
}

func TestTheKeyOfAHeartbeatSentAsAnEventIsToldWhereItBelongs(t *testing.T) {
	mux := http.NewServeMux()
	h := &Handler{Keys: pingKeys{}, Log: slog.New(slog.DiscardHandler)}
	h.Register(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("POST", "/v2/enqueue", strings.NewReader(`{"routing_key":"`+pingKey+`","event_action":"resolve","dedup_key":"k"}`)))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "its address is /ping/<key>") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
