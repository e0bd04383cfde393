package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/config"
	"tocsin/hub/engine"
	"tocsin/hub/incident"
	"tocsin/hub/store"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	"tocsin/shared/gen/tocsin/agent/v1/agentv1connect"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// realHub is a hub on loopback, with real time and a real disk.
func realHub(b *testing.B) *Hub {
	b.Helper()
	hub, err := Open(b.Context(), config.Config{Listen: "127.0.0.1:0", Data: b.TempDir()}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	_, err = hub.admin.Apply(b.Context(), connect.NewRequest(&hubv1.ApplyRequest{
		File: []byte(setUp), Name: "tocsin.yaml", RoutingKeys: map[string]string{"events": routingKey},
	}))
	if err != nil {
		b.Fatal(err)
	}
	return hub
}

// realDevice enrols a device of a user and keeps it connected. Each page that it
// is told of is given to took.
func realDevice(b *testing.B, hub *Hub, user string, took func(*agentv1.Page)) {
	b.Helper()
	code, err := hub.admin.CreateEnrolmentCode(b.Context(), connect.NewRequest(&hubv1.CreateEnrolmentCodeRequest{UserId: user}))
	if err != nil {
		b.Fatal(err)
	}
	credential := strings.Repeat("c", 43)
	client := agentv1connect.NewAgentServiceClient(&http.Client{Transport: &http.Transport{}}, hub.URL())
	_, err = client.Enroll(b.Context(), connect.NewRequest(&agentv1.EnrollRequest{Code: code.Msg.Code, Credential: credential, Protocol: 1}))
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	whole := make(chan struct{})
	var once sync.Once
	watching.Go(func() {
		for ctx.Err() == nil { // a device that is too slow comes back
			req := connect.NewRequest(&agentv1.WatchRequest{Protocol: 1})
			req.Header().Set("Authorization", "Bearer "+credential)
			stream, err := client.Watch(ctx, req)
			if err != nil {
				continue
			}
			for stream.Receive() {
				if stream.Msg().GetSnapshotEnd() != nil {
					once.Do(func() { close(whole) })
				}
				if p := stream.Msg().GetPage(); p != nil {
					took(p)
				}
			}
			_ = stream.Close()
		}
	})
	b.Cleanup(func() {
		stop()
		watching.Wait()
	})
	<-whole
}

// bare is the limit: a server like the hub's that reads the body and answers.
func bare(b *testing.B, hub *Hub) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := hub.server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	done := make(chan error, 1)
	go func() { done <- serve(server, l) }()
	b.Cleanup(func() {
		if err := shutdown(server); err != nil {
			b.Error(err)
		}
		<-done
	})
	return "http://" + l.Addr().String()
}

const connections = 64

// load posts events over many connections at once and answers how many were
// accepted in a second.
func load(b *testing.B, client *http.Client, url string, events int, key func(n int64) string) float64 {
	b.Helper()
	var next atomic.Int64
	var senders sync.WaitGroup
	begun := time.Now()
	for range connections {
		senders.Go(func() {
			for n := next.Add(1); n <= int64(events); n = next.Add(1) {
				body := fmt.Appendf(nil, `{"routing_key":%q,"event_action":"trigger","dedup_key":%q,"payload":{"summary":"Disk is full on db-1","source":"db-1.example.org","severity":"critical","custom_details":{"free":"3 %%","mount":"/var"}}}`, routingKey, key(n))
				res, err := client.Post(url+"/v2/enqueue", "application/json", bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode != http.StatusAccepted {
					b.Errorf("answered %s", res.Status)
				}
			}
		})
	}
	senders.Wait()
	return float64(events) / time.Since(begun).Seconds()
}

// BenchmarkAccept measures events durably accepted in a second, each run beside
// the bare limit; the figures are medians.
func BenchmarkAccept(b *testing.B) {
	for _, device := range []bool{false, true} {
		for _, repeats := range []bool{false, true} {
			b.Run(fmt.Sprintf("repeats=%t/device=%t", repeats, device), func(b *testing.B) { accept(b, repeats, device) })
		}
	}
}

func accept(b *testing.B, repeats, device bool) {
	hub := realHub(b)
	if device {
		realDevice(b, hub, "ada", func(*agentv1.Page) {})
	}
	limit := bare(b, hub)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var round atomic.Int64
	key := func(n int64) string { return fmt.Sprintf("disk/%d/%d", round.Load(), n) }
	if repeats {
		key = func(n int64) string { return fmt.Sprintf("disk/%d", n%100) }
		load(b, client, hub.URL(), 100, key)
	}
	const events = 2000
	load(b, client, limit, events, key) // the connections are there before anything is measured
	load(b, client, hub.URL(), connections, key)
	var ours, bares, ratios, costs, bareCosts []float64
	for b.Loop() {
		round.Add(1)
		before := processorTime(b)
		free := load(b, client, limit, events, key)
		between := processorTime(b)
		full := load(b, client, hub.URL(), events, key)
		ours, bares, ratios = append(ours, full), append(bares, free), append(ratios, full/free)
		costs = append(costs, (processorTime(b)-between).Seconds()/events*1e6)
		bareCosts = append(bareCosts, (between-before).Seconds()/events*1e6)
	}
	b.ReportMetric(median(ours), "events/s")
	b.ReportMetric(median(bares), "bare/s")
	b.ReportMetric(median(ratios), "ratio")
	// Senders included; these stay about the same on a machine that others use.
	b.ReportMetric(median(costs), "cpu-µs")
	b.ReportMetric(median(bareCosts), "bare-cpu-µs")
	b.ReportMetric(0, "ns/op")
}

// processorTime is what this process has used so far.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkToGlass measures from POST sent to frame received, durable first,
// beside one commit and one bare push measured in the same run.
func BenchmarkToGlass(b *testing.B) {
	hub := realHub(b)
	arrived := make(chan string, 1)
	realDevice(b, hub, "ada", func(p *agentv1.Page) {
		if p.Outcome == "" && p.Version == 1 {
			arrived <- p.Summary
		}
	})
	push := barePush(b)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	var glass, commits, pushes []float64
	n := 0
	for b.Loop() {
		n++
		glass = append(glass, toGlass(b, client, hub.URL(), fmt.Sprint("disk ", n), arrived))
		commits = append(commits, timed(func() { commit(b, hub, n) }))
		pushes = append(pushes, timed(push))
	}
	b.ReportMetric(median(glass), "p50-ms")
	b.ReportMetric(quantile(glass, 0.95), "p95-ms")
	b.ReportMetric(median(commits), "commit-ms")
	b.ReportMetric(median(pushes), "push-ms")
	b.ReportMetric(median(glass)/(median(commits)+median(pushes)), "ratio")
	b.ReportMetric(0, "ns/op")
}

func toGlass(b *testing.B, client *http.Client, url, key string, arrived chan string) float64 {
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":"trigger","dedup_key":%q,"payload":{"summary":%q,"source":"s","severity":"critical"}}`, routingKey, key, key)
	return timed(func() {
		res, err := client.Post(url+"/v2/enqueue", "application/json", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		for got := ""; got != key; got = <-arrived {
		}
	})
}

// commit stores one incident, as the smallest that a durable event costs.
func commit(b *testing.B, hub *Hub, n int) {
	now := engine.Now()
	r := store.Record{Incident: incident.Incident{ID: incident.ID(fmt.Sprint("bare-", n)), Status: incident.Resolved, TriggeredAt: now, FirstAt: now}}
	err := hub.store.Update(b.Context(), func(tx store.Tx) error {
		_, err := tx.Create(r, []incident.Entry{{At: now, Kind: incident.KindTriggered}})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// pusher is a service that only pushes frames.
type pusher struct {
	agentv1connect.UnimplementedAgentServiceHandler
	frames chan *agentv1.WatchResponse
}

func (p *pusher) Watch(ctx context.Context, _ *connect.Request[agentv1.WatchRequest], out *connect.ServerStream[agentv1.WatchResponse]) error {
	for {
		select {
		case f := <-p.frames:
			if err := out.Send(f); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// barePush answers a function that pushes one frame over a stream like the
// hub's and waits until it has arrived.
func barePush(b *testing.B) func() {
	b.Helper()
	p := &pusher{frames: make(chan *agentv1.WatchResponse)}
	mux := http.NewServeMux()
	mux.Handle(agentv1connect.NewAgentServiceHandler(p))
	server := httptest.NewServer(mux)
	ctx, stop := context.WithCancel(context.Background())
	page := &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Page{Page: &agentv1.Page{Summary: "Disk is full"}}}
	client := agentv1connect.NewAgentServiceClient(server.Client(), server.URL)
	arrived := make(chan bool)
	var watching sync.WaitGroup
	watching.Go(func() {
		stream, err := client.Watch(ctx, connect.NewRequest(&agentv1.WatchRequest{}))
		if err != nil {
			b.Error(err)
			return
		}
		for stream.Receive() {
			arrived <- true
		}
	})
	b.Cleanup(func() {
		stop()
		watching.Wait()
		server.Close()
	})
	push := func() {
		p.frames <- page
		<-arrived
	}
	push()
	return push
}

// timed is how long something takes, in milliseconds.
func timed(do func()) float64 {
	begun := time.Now()
	do()
	return float64(time.Since(begun).Microseconds()) / 1000
}

func median(v []float64) float64 { return quantile(v, 0.5) }

func quantile(v []float64, q float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[min(int(q*float64(len(v))), len(v)-1)]
}
