package app

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/heartbeat"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

const beatKey = "fedcba9876543210fedcba9876543210"

// withBeat: the shop has a heartbeat that pings every five minutes.
var withBeat = strings.Replace(setUp, "[{id: events, kind: events_v2, key_from: {env: KEY}}]",
	"[{id: events, kind: events_v2, key_from: {env: KEY}}, {id: cron, kind: heartbeat, interval: 5m, grace: 1m, key_from: {env: BEAT}}]", 1)

// ping pings the heartbeat; what follows its key is the rest.
func (h *running) ping(rest, body string) {
	h.Helper()
	res, err := h.public.Post("http://hub/ping/"+beatKey+rest, "text/plain", strings.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK || string(text) != "OK" {
		h.Fatalf("ping: %d %s", res.StatusCode, text)
	}
	h.settle()
}

// pingFor pings every five minutes for a time.
func (h *running) pingFor(d time.Duration) {
	h.Helper()
	for range d / (5 * time.Minute) {
		h.ping("", "")
		h.sleep(5 * time.Minute)
	}
}

func (h *running) heartbeat() *hubv1.Heartbeat {
	h.Helper()
	res, err := hubv1connect.NewHeartbeatServiceClient(h.local, "http://hub").ListHeartbeats(h.Context(), connect.NewRequest(&hubv1.ListHeartbeatsRequest{}))
	if err != nil || len(res.Msg.Heartbeats) != 1 {
		h.Fatal(res, err)
	}
	return res.Msg.Heartbeats[0]
}

func (h *running) count() int {
	h.Helper()
	res, err := h.admin.ListIncidents(h.Context(), connect.NewRequest(&hubv1.ListIncidentsRequest{All: true}))
	if err != nil {
		h.Fatal(err)
	}
	return len(res.Msg.Incidents)
}

func TestNoPingWithinIntervalPlusGraceTriggersAndTheNextPingResolves(t *testing.T) {
	inBubble(t, withBeat, func(h *running) {
		h.sleep(time.Hour)
		h.is("never pinged", h.heartbeat().State, "never")
		h.is("the wait has not begun", h.count(), 0)
		h.pingFor(time.Hour) // the last one five minutes ago
		h.sleep(time.Minute - time.Millisecond)
		h.is("within the grace", h.count(), 0)
		h.sleep(time.Millisecond)
		h.is("after it", h.incident(1).Summary, "cron is silent: no ping for 6m0s")
		h.is("who is paged", h.first(1), "ada 0s triggered")
		h.is("its state", h.heartbeat().State, "missing")
		h.ping("", "")
		h.is("after a ping", h.incident(1).Status, "resolved")
		h.is("its state", h.heartbeat().State, "up")
	})
}

func TestAFailureAndAnExitStatusTriggerAtOnceWithWhatTheJobSaid(t *testing.T) {
	inBubble(t, withBeat, func(h *running) {
		h.ping("/3", "no space left")
		h.is("the incident", h.incident(1).Summary, "cron reports a failure")
		h.ping("/0", "")
		h.is("after exit status 0", h.incident(1).Status, "resolved")
		h.ping("/fail", "")
		h.is("it comes back", h.incident(1).Status, "triggered")
	})
}

func TestTheTimeInWhichNoHubRanCountsForNoHeartbeat(t *testing.T) {
	inBubble(t, withBeat, func(h *running) {
		h.pingFor(30 * time.Minute)
		h.restart(time.Hour)
		h.sleep(6*time.Minute - time.Second)
		h.is("a full wait after the start", h.count(), 0)
		h.sleep(2 * time.Second)
		h.is("then it is missing", h.count(), 1)
		h.restart(time.Minute)
		h.sleep(time.Hour)
		h.is("only once", h.count(), 1)
		h.ping("", "")
		h.is("and resolves", h.incident(1).Status, "resolved")
	})
}

func TestAHeartbeatThatTheFileTakesAwayIsMissedNoMore(t *testing.T) {
	inBubble(t, withBeat, func(h *running) {
		h.ping("", "")
		h.apply("owns: all\n" + setUp)
		h.sleep(time.Hour)
		h.is("incidents", h.count(), 0)
	})
}

func TestAShorterIntervalHoldsFromTheEditOn(t *testing.T) {
	inBubble(t, withBeat, func(h *running) {
		h.ping("", "")
		h.apply(strings.Replace(withBeat, "interval: 5m", "interval: 1m", 1))
		h.sleep(2*time.Minute - time.Second)
		h.is("before", h.count(), 0)
		h.sleep(2 * time.Second)
		h.is("after", h.count(), 1)
	})
}

func TestAStepOfTheClockMovesTheWaitOfAHeartbeat(t *testing.T) {
	inBubble(t, withBeat, func(h *running) {
		h.ping("", "")
		h.sleep(2 * time.Minute)
		h.stop()
		// As if the hub had run an hour ahead of this clock.
		h.rewrite(func(tx store.Tx) error {
			alive, err := tx.LastAlive()
			if err != nil {
				return err
			}
			b, err := tx.Heartbeat("cron")
			if err != nil {
				return err
			}
			return errors.Join(tx.PutHeartbeat(heartbeat.Shift(b, time.Hour)), tx.SetAlive(alive.Add(time.Hour)))
		})
		h.start()
		h.settle()
		due := time.Until(h.heartbeat().DueAt.AsTime())
		h.is("four minutes are left, to a few seconds", due > 3*time.Minute+50*time.Second && due < 4*time.Minute+10*time.Second, true)
	})
}

// rewrite changes the database while no hub runs.
func (h *running) rewrite(fn func(store.Tx) error) {
	h.Helper()
	db, err := sqldb.Open(h.Context(), h.hub.folder.database(), h.hub.folder.auditKey)
	if err == nil {
		err = errors.Join(db.Update(h.Context(), fn), db.Close())
	}
	if err != nil {
		h.Fatal(err)
	}
}

func TestPingsThatComeTogetherTriggerAndResolveOnce(t *testing.T) {
	inBubble(t, withBeat, func(h *running) {
		together := func(rest string) {
			var pinging sync.WaitGroup
			for range 20 {
				pinging.Go(func() {
					res, err := h.public.Get("http://hub/ping/" + beatKey + rest)
					if err != nil {
						t.Error(err)
						return
					}
					_ = res.Body.Close()
					if res.StatusCode != http.StatusOK {
						t.Errorf("%d", res.StatusCode)
					}
				})
			}
			pinging.Wait()
			h.settle()
		}
		together("/fail")
		h.is("incidents", h.count(), 1)
		h.is("counted", h.incident(1).Alerts[0].Count, uint64(20))
		together("")
		h.is("status", h.incident(1).Status, "resolved")
		h.is("resolved once", h.lines(1, "resolved"), "0s alerts_ended")
	})
}
