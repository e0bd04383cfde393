package app

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"tocsin/hub/config"
	"tocsin/hub/engine"
	"tocsin/hub/rota"
	"tocsin/hub/store"
)

// quietHub is a hub that is set up and not run: what is posted to it is all
// that happens.
func quietHub(t testing.TB) *Hub {
	hub, err := OpenOn(context.Background(), config.Config{Listen: config.DefaultListen, Data: t.TempDir()},
		slog.New(slog.DiscardHandler), Listeners{Public: newNetwork(), Local: newNetwork()})
	if err != nil {
		t.Fatal(err)
	}
	request := rota.Request{File: []byte(setUp), RoutingKeys: map[string]string{"events": routingKey}}
	if _, err := rota.New(hub.store).Apply(context.Background(), request, engine.Now()); err != nil {
		t.Fatal(err)
	}
	if err := hub.directory.Reload(context.Background(), engine.Now()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := hub.close(); err != nil {
			t.Error(err)
		}
	})
	return hub
}

// known is what the hub knows of the newest incidents, as text.
func known(t testing.TB, hub *Hub) string {
	t.Helper()
	text := ""
	err := hub.store.View(context.Background(), func(tx store.Tx) error {
		list, err := tx.List(store.Filter{Resolved: true, Limit: 20})
		if err != nil {
			return err
		}
		for _, r := range list {
			entries, err := tx.Timeline(r.Incident.ID)
			if err != nil {
				return err
			}
			text += fmt.Sprintf("%+v %d\n", r, len(entries))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// FuzzWhatIsRefusedLeavesNothing: whatever bytes come in, an answer other than
// 2xx leaves the store as it was, and no answer asks to try again what will
// never be taken.
func FuzzWhatIsRefusedLeavesNothing(f *testing.F) {
	files, err := filepath.Glob("../ingest/testdata/eventsv2/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "")
		f.Add(body, "Bearer "+routingKey)
	}
	hub := quietHub(f)
	f.Fuzz(func(t *testing.T, body []byte, authorization string) {
		before := known(t, hub)
		r := httptest.NewRequest(http.MethodPost, "/v2/enqueue", bytes.NewReader(body))
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		hub.publicRoutes().ServeHTTP(w, r)
		switch after := known(t, hub); {
		case w.Code == http.StatusAccepted:
		case w.Code < 400 || w.Code >= 500:
			t.Errorf("status %d: %s", w.Code, w.Body)
		case before != after:
			t.Errorf("refused with %d, and yet the store changed from\n%s\nto\n%s", w.Code, before, after)
		}
	})
}
