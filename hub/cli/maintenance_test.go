package cli

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

func TestTimesAreOfThisMachinesClockOrInstants(t *testing.T) {
	now := time.Date(2026, 11, 2, 21, 0, 0, 0, time.Local)
	for text, want := range map[string]time.Time{
		"22:00":                now.Add(time.Hour),
		"20:00":                time.Date(2026, 11, 3, 20, 0, 0, 0, time.Local),
		"2026-12-01T22:00":     time.Date(2026, 12, 1, 22, 0, 0, 0, time.Local),
		"2026-12-01T22:00:00Z": time.Date(2026, 12, 1, 22, 0, 0, 0, time.UTC),
	} {
		if got, err := localTime("--start", text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "25:00", "tomorrow", "2026-12-01", "2026-02-30T10:00"} {
		if _, err := localTime("--start", text, now); err == nil || !strings.HasPrefix(err.Error(), "--start: ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestWhoHasAnIncidentSaysWhyItIsQuiet(t *testing.T) {
	until := timestamppb.New(time.Date(2026, 11, 2, 22, 0, 0, 0, time.UTC))
	for reason, want := range map[string]string{"maintenance": "maintenance, quiet until ", "support_hours": "waits for support hours, quiet until ", "hold": "held, quiet until "} {
		i := &hubv1.Incident{Status: "triggered", QuietUntil: until, QuietReason: reason}
		if got := whoHas(i); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", reason, got)
		}
	}
}

func TestAnIncidentWhoseSourceIsSilentSaysSo(t *testing.T) {
	i := &hubv1.Incident{SilentSources: []string{"logs"}}
	if got := silent(i); got != "[source silent: logs] " {
		t.Error(got)
	}
	i.ResolvedAt = timestamppb.Now()
	if got := silent(i); got != "" {
		t.Error(got)
	}
}

func TestTheStatusNamesHeartbeatsThatAreNotWell(t *testing.T) {
	got := strings.Join(heartbeatCautions([]*hubv1.Heartbeat{
		{IntegrationId: "a", State: "never"}, {IntegrationId: "b", State: "up"}, {IntegrationId: "c", State: "missing"}, {IntegrationId: "d", State: "failing"},
	}), "\n")
	want := "Heartbeat c is missing, its last ping is overdue.\nHeartbeat d is failing.\n" +
		"Heartbeat a is waiting for its first ping; until then nobody notices that none comes."
	if got != want {
		t.Error(got)
	}
}
