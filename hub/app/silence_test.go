package app

import (
	"strings"
	"testing"
	"time"
)

// withLogs: the shop's events resolve after a quarter of an hour without a
// repetition, while its heartbeat comes.
var withLogs = strings.Replace(withBeat, "kind: events_v2,", "kind: events_v2, resolve_after_quiet: 15m, alive_by: cron,", 1)

func TestAnAlertThatIsNotRepeatedResolvesWhileTheHeartbeatComes(t *testing.T) {
	inBubble(t, withLogs, func(h *running) {
		h.pingFor(10 * time.Minute)
		h.trigger("disk")
		h.pingFor(10 * time.Minute)
		h.trigger("disk") // a repetition
		h.pingFor(10 * time.Minute)
		h.is("ten minutes after the repetition", h.incident(1).Status, "triggered")
		h.pingFor(5 * time.Minute)
		h.sleep(time.Second)
		h.is("after a quarter of an hour", h.incident(1).Status, "resolved")
		h.is("why", h.lines(1, "resolved"), "25m0s resolve_after_quiet")
	})
}

func TestWhereTheHeartbeatStopsTheIncidentSaysSourceSilentUntilItIsBack(t *testing.T) {
	inBubble(t, withLogs, func(h *running) {
		h.pingFor(10 * time.Minute)
		h.trigger("disk")
		h.ping("", "")
		h.sleep(time.Hour)
		h.is("it stays", h.incident(1).Status, "triggered")
		h.is("it says so", strings.Join(h.incident(1).SilentSources, ","), "events")
		h.is("once", h.lines(1, "source_silent"), "15m0s resolve_after_quiet")
		h.pingFor(10 * time.Minute)
		h.is("back", h.lines(1, "source_back"), "1h0m0s resolve_after_quiet")
		h.is("no longer silent", len(h.incident(1).SilentSources), 0)
		h.pingFor(5 * time.Minute)
		h.sleep(time.Second)
		h.is("quiet once more", h.lines(1, "resolved"), "1h15m0s resolve_after_quiet")
	})
}

func TestQuietCountsAnewAfterAnHourWithoutAHub(t *testing.T) {
	inBubble(t, withLogs, func(h *running) {
		h.pingFor(10 * time.Minute)
		h.trigger("disk")
		h.ping("", "")
		h.restart(time.Hour)
		h.pingFor(10 * time.Minute)
		h.is("ten minutes after the start", h.incident(1).Status, "triggered")
		h.pingFor(5 * time.Minute)
		h.sleep(time.Second)
		h.is("a quarter of an hour after it", h.incident(1).Status, "resolved")
	})
}

func TestARepetitionOfASilentSourceCountsFromThere(t *testing.T) {
	inBubble(t, withLogs, func(h *running) {
		h.trigger("disk") // the heartbeat never came
		h.sleep(20 * time.Minute)
		h.is("silent", len(h.incident(1).SilentSources), 1)
		h.trigger("disk")
		h.settle()
		h.is("it speaks", len(h.incident(1).SilentSources), 0)
		h.sleep(15 * time.Minute)
		h.is("silent again", h.lines(1, "source_silent"), "15m0s resolve_after_quiet, 35m0s resolve_after_quiet")
	})
}
