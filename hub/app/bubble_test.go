package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/config"
	"tocsin/hub/store"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

const routingKey = "0123456789abcdef0123456789abcdef"

// setUp: the shop's policy pages ada, then bob, then the catch-all.
const setUp = `
organisation: Test
catch_all: [kim]
users:
  - {id: ada, name: Ada Adams, role: admin}
  - {id: bob, name: Bob Brown}
  - {id: kim, name: Kim King}
escalation_policies:
  - id: shop
    levels:
      - {timeout: 5m, targets: [{user: ada}]}
      - {timeout: 5m, targets: [{user: bob}]}
services:
  - id: shop
    name: The shop
    escalation_policy: shop
    integrations: [{id: events, kind: events_v2, key_from: {env: KEY}}]
`

// bothAtOnce pages ada and bob together.
var bothAtOnce = strings.Replace(setUp, "[{user: ada}]", "[{user: ada}, {user: bob}]", 1)

// network is a listener in memory, so that a hub runs in the time of a bubble.
type network struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newNetwork() *network { return &network{conns: make(chan net.Conn), done: make(chan struct{})} }

func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.conns:
		return c, nil
	case <-n.done:
		return nil, net.ErrClosed
	}
}

func (n *network) Close() error {
	n.once.Do(func() { close(n.done) })
	return nil
}

func (n *network) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7411} }

func (n *network) dial(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case n.conns <- there:
		return here, nil
	case <-n.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// running is a whole hub, its files and its callers in one bubble.
type running struct {
	*testing.T
	hub     *Hub
	folder  string
	public  *http.Client
	admin   hubv1connect.HubServiceClient
	local   *http.Client // to the command line's socket
	network *network
	stop    func()
	devices []*device
}

// inBubble runs a test on a hub with a set-up, in virtual time. The hub has run
// for a while when the test begins.
func inBubble(t *testing.T, yaml string, test func(h *running)) {
	t.Helper()
	t.Parallel()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := &running{T: t, folder: folder}
		h.start()
		h.apply(yaml)
		h.sleep(10 * time.Minute)
		defer func() {
			for _, d := range h.devices {
				d.leave()
			}
			h.stop()
			h.verify()
		}()
		test(h)
	})
}

// noNetwork is what gateways find in a bubble.
func noNetwork(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("there is no network here")
}

// start opens the hub; stop ends it as an operator does.
func (h *running) start() {
	h.Helper()
	public, local := newNetwork(), newNetwork()
	c := config.Config{Listen: "127.0.0.1:7411", Data: h.folder}
	hub, err := OpenOn(h.Context(), c, slog.New(slog.DiscardHandler), Listeners{Public: public, Local: local, Dial: noNetwork})
	if err != nil {
		h.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	client := func(n *network) *http.Client {
		return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return n.dial(ctx) }}}
	}
	h.hub, h.network, h.public = hub, public, client(public)
	socket := client(local)
	h.local = socket
	h.admin = hubv1connect.NewHubServiceClient(socket, "http://hub")
	h.stop = func() {
		h.Helper()
		cancel()
		if err := <-done; err != nil {
			h.Errorf("the hub ended: %v", err)
		}
		h.public.CloseIdleConnections()
		socket.CloseIdleConnections()
		h.stop = func() {}
	}
}

// verify opens the files once more: whatever a test did, the timelines hold.
func (h *running) verify() {
	h.Helper()
	h.start()
	res, err := h.admin.VerifyAudit(h.Context(), connect.NewRequest(&hubv1.VerifyAuditRequest{}))
	if err != nil || len(res.Msg.Problems) > 0 {
		h.Errorf("the timelines do not verify: %v %v", res, err)
	}
	h.stop()
}

func (h *running) apply(yaml string) {
	h.Helper()
	_, err := h.admin.Apply(h.Context(), connect.NewRequest(&hubv1.ApplyRequest{
		File: []byte(yaml), Name: "tocsin.yaml", RoutingKeys: map[string]string{"events": routingKey, "cron": beatKey},
	}))
	if err != nil {
		h.Fatal(err)
	}
}

// sleep lets time pass; settle lets everything finish that needs none.
func (h *running) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (h *running) settle() { synctest.Wait() }

// send posts an event and answers the status.
func (h *running) send(action, key, severity string) int {
	h.Helper()
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":%q,"dedup_key":%q,"payload":{"summary":%q,"source":"db1","severity":%q}}`,
		routingKey, action, key, key+" is full", severity)
	res, err := h.public.Post("http://hub/v2/enqueue", "application/json", strings.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode
}

func (h *running) trigger(key string) {
	h.Helper()
	if code := h.send("trigger", key, "critical"); code != http.StatusAccepted {
		h.Fatalf("trigger %s: %d", key, code)
	}
}

func (h *running) resolve(key string) {
	h.Helper()
	if code := h.send("resolve", key, "critical"); code != http.StatusAccepted {
		h.Fatalf("resolve %s: %d", key, code)
	}
}

// timeline gives an incident's lines.
func (h *running) timeline(number uint64) []*hubv1.Entry {
	h.Helper()
	res, err := h.admin.GetTimeline(h.Context(), connect.NewRequest(&hubv1.GetTimelineRequest{Number: number}))
	if err != nil {
		h.Fatal(err)
	}
	return res.Msg.Entries
}

// paged tells when each user was paged for an incident, since it triggered.
func (h *running) paged(number uint64) string {
	h.Helper()
	return h.lines(number, "paged")
}

// lines tells the entries of a kind, each with its user, its time since the
// trigger and its reason.
func (h *running) lines(number uint64, kind string) string {
	h.Helper()
	entries := h.timeline(number)
	var out []string
	for _, e := range entries {
		if e.Kind == kind {
			after := e.At.AsTime().Sub(entries[0].At.AsTime()).Round(10 * time.Millisecond)
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", e.UserId, after, e.Reason)))
		}
	}
	return strings.Join(out, ", ")
}

func (h *running) incident(number uint64) *hubv1.Incident {
	h.Helper()
	res, err := h.admin.ListIncidents(h.Context(), connect.NewRequest(&hubv1.ListIncidentsRequest{All: true}))
	if err != nil {
		h.Fatal(err)
	}
	for _, i := range res.Msg.Incidents {
		if i.Number == number {
			return i
		}
	}
	h.Fatalf("there is no incident %d", number)
	return nil
}

func (h *running) view(fn func(tx store.Tx) error) {
	h.Helper()
	if err := h.hub.store.View(h.Context(), fn); err != nil {
		h.Fatal(err)
	}
}

// is fails the test unless got is what was expected.
func (h *running) is(what string, got, want any) {
	h.Helper()
	if got != want {
		h.Errorf("%s: got %v, want %v", what, got, want)
	}
}
