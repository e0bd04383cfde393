package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tocsin/hub/config"
)

// shared is a log that several write.
type shared struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func TestAHubThatIsStoppedAsSoonAsItRunsComplainsOfNothing(t *testing.T) {
	var log shared
	c := config.Config{Listen: "127.0.0.1:7411", Data: filepath.Join(t.TempDir(), "hub")}
	for range 20 { // which of its parts see it before their first work is chance
		l := Listeners{Public: newNetwork(), Local: newNetwork(), Dial: noNetwork}
		hub, err := OpenOn(t.Context(), c, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})), l)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := hub.Run(ctx); err != nil {
			t.Errorf("the hub ended: %v", err)
		}
	}
	if said := log.text.String(); said != "" {
		t.Errorf("the hub said:\n%s", said)
	}
}
