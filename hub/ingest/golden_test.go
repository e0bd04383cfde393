package ingest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tocsin/hub/auth"
	"tocsin/hub/incident"
	"tocsin/hub/ingest"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	eventsKey = "0123456789abcdef0123456789abcdef"
	otherKey  = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

// keys are those of two integrations.
type keys struct{}

func (keys) RoutingKey(hash string, _ time.Time) (incident.Integration, bool) {
	switch hash {
	case auth.Hash(eventsKey):
		return incident.Integration{ID: "shop-events", Service: "shop", Kind: ingest.EventsV2}, true
	case auth.Hash(otherKey):
		return incident.Integration{ID: "shop-prometheus", Service: "shop", Kind: "alertmanager"}, true
	}
	return incident.Integration{}, false
}

// recorder is an engine that only notes what it was given.
type recorder struct {
	taken []incident.Event
	err   error
}

func (r *recorder) Take(_ context.Context, e incident.Event) (incident.Effect, error) {
	r.taken = append(r.taken, e)
	return incident.Opened, r.err
}

// serve serves the endpoints over an engine.
func serve(engine ingest.Engine) http.Handler {
	mux := http.NewServeMux()
	(&ingest.Handler{Engine: engine, Keys: keys{}, Log: slog.New(slog.DiscardHandler)}).Register(mux)
	return mux
}

func post(h http.Handler, body []byte, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/v2/enqueue", bytes.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestEveryFormOfEventIsAnsweredAsItsSenderKnows holds each body in
// testdata/eventsv2 to the answer and the event beside it.
func TestEveryFormOfEventIsAnsweredAsItsSenderKnows(t *testing.T) {
	files, err := filepath.Glob("testdata/eventsv2/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var engine recorder
			answer := post(serve(&engine), body)
			if bad := strings.HasPrefix(name, "bad-"); bad != (answer.Code == http.StatusBadRequest) || !bad && answer.Code != http.StatusAccepted {
				t.Errorf("status %d", answer.Code)
			}
			if answer.Code != http.StatusAccepted && len(engine.taken) > 0 {
				t.Errorf("refused, and yet taken in: %+v", engine.taken)
			}
			golden(t, strings.TrimSuffix(file, ".json")+".golden", told(answer, engine.taken))
		})
	}
}

// told is an answer and what came of it, for people to read.
func told(w *httptest.ResponseRecorder, events []incident.Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s\n%s", w.Code, w.Header().Get("Content-Type"), w.Body)
	for _, e := range events {
		b.WriteString("\n")
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		if err := encoder.Encode(e); err != nil {
			fmt.Fprintln(&b, err)
		}
	}
	return b.String()
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (make it with: go test ./hub/ingest -update)", err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
