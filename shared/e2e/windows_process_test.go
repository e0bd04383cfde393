package e2e

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

const beatKey = "fedcba9876543210fedcba9876543210"

// withBeat is the story with a heartbeat that pings every three seconds.
func withBeat(t *testing.T) *hub {
	t.Helper()
	t.Setenv("TOCSIN_TEST_BEAT", beatKey)
	return hubOf(t, story{}.yaml()+"      - {id: cron, kind: heartbeat, interval: 3s, grace: 1s, key_from: {env: TOCSIN_TEST_BEAT}}\n")
}

// ping pings as jobs do: with curl where there is one.
func (h *hub) ping(rest string) {
	h.t.Helper()
	address := h.url() + "/ping/" + beatKey + rest
	if curl, err := exec.LookPath("curl"); err == nil {
		if out, err := exec.CommandContext(h.t.Context(), curl, "-fsS", "--retry", "3", address).CombinedOutput(); err != nil || string(out) != "OK" {
			h.t.Fatalf("curl %s: %v: %s", address, err, out)
		}
		return
	}
	res, err := http.Get(address)
	if err != nil || res.StatusCode != http.StatusOK {
		h.t.Fatalf("ping: %v %v", res, err)
	}
	_ = res.Body.Close()
}

func TestAMaintenanceOutlivesAKilledHubAndPagesOneBundleAtItsEnd(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	// Long enough that a hub that is slow to start is back before it ends.
	h.cli("maintenance", "add", "payments-api", "--for", "40s", "--note", "database upgrade")
	window := h.maintenance()
	h.send("trigger", "disk", "disk is full")
	h.restart()
	h.send("trigger", "network", "network is down")
	h.send("trigger", "swap", "swap is full")
	h.send("resolve", "swap", "")
	h.restart()
	h.awaitEntry(1, "paged", "ada")
	if all := h.incidents(); len(all) != 1 {
		t.Errorf("one bundle: %+v", all)
	}
	h.pagedAfter(1, window.End)
	if out := h.cli("timeline", "1"); !strings.Contains(out, "Maintenance (database upgrade): nobody is paged before it ends") {
		t.Error(out)
	}
	h.verify(1)
}

func TestAHeartbeatThatStopsIsMissedOnceThoughTheHubIsKilledInBetween(t *testing.T) {
	h := withBeat(t)
	if out := h.cli("status"); !strings.Contains(out, "Heartbeat cron is waiting for its first ping") {
		t.Error(out)
	}
	h.ping("")
	h.restart()
	waitFor(t, "the ping is missed", func() bool { return len(h.incidents()) == 1 })
	h.awaitEntry(1, "paged", "ada")
	h.restart()
	if out := h.cli("heartbeats"); !strings.Contains(out, "missing") {
		t.Error(out)
	}
	h.ping("/0")
	h.awaitEntry(1, "resolved", "")
	h.ping("/fail")
	waitFor(t, "it comes back", func() bool { return h.incidents()[0].Status == "triggered" })
	if n := len(h.incidents()); n != 1 {
		t.Errorf("%d incidents", n)
	}
	h.verify(1)
}
