package link

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/agent/inbox"
	"tocsin/agent/settings"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	"tocsin/shared/gen/tocsin/agent/v1/agentv1connect"
)

// fakeHub answers as a hub would. What a test sets, it sets before the session
// runs or after synctest.Wait.
type fakeHub struct {
	agentv1connect.UnimplementedAgentServiceHandler
	mu      sync.Mutex
	refuse  error           // of the next streams
	pages   []*agentv1.Page // of the snapshot
	frames  chan *agentv1.WatchResponse
	watched []time.Time             // when streams were opened
	bearer  string                  // of the last one
	reports []*agentv1.DeviceReport // all that came, in order
	answer  func(*agentv1.DeviceReport) *agentv1.Outcome
	broken  error // of the next reports
	leaves  []*agentv1.SetDutyRequest
	dropped []time.Time // when streams were ended from the other side
}

func newFakeHub() *fakeHub {
	return &fakeHub{
		frames: make(chan *agentv1.WatchResponse, 100),
		answer: func(r *agentv1.DeviceReport) *agentv1.Outcome {
			return &agentv1.Outcome{ReportId: r.GetId(), Kind: agentv1.OutcomeKind_OUTCOME_KIND_APPLIED}
		},
	}
}

func (h *fakeHub) Watch(ctx context.Context, r *connect.Request[agentv1.WatchRequest], out *connect.ServerStream[agentv1.WatchResponse]) error {
	h.mu.Lock()
	h.watched = append(h.watched, time.Now())
	h.bearer = r.Header().Get("Authorization")
	refuse, pages := h.refuse, h.pages
	h.mu.Unlock()
	if refuse != nil {
		return refuse
	}
	first := []*agentv1.WatchResponse{{Frame: &agentv1.WatchResponse_Welcome{Welcome: &agentv1.Welcome{Protocol: 1, HubName: "Example Health", UserName: "Ada"}}}}
	for _, p := range pages {
		first = append(first, frame(p))
	}
	first = append(first, &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_SnapshotEnd{SnapshotEnd: &agentv1.SnapshotEnd{}}})
	for _, f := range first {
		if err := out.Send(f); err != nil {
			return err
		}
	}
	for {
		select {
		case <-ctx.Done():
			h.set(func() { h.dropped = append(h.dropped, time.Now()) })
			return ctx.Err()
		case f, ok := <-h.frames:
			if !ok {
				return nil
			}
			if err := out.Send(f); err != nil {
				return err
			}
		}
	}
}

func (h *fakeHub) Report(_ context.Context, r *connect.Request[agentv1.ReportRequest]) (*connect.Response[agentv1.ReportResponse], error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reports = append(h.reports, r.Msg.GetReports()...)
	if h.broken != nil {
		return nil, h.broken
	}
	answer := &agentv1.ReportResponse{}
	for _, report := range r.Msg.GetReports() {
		if o := h.answer(report); o != nil {
			answer.Outcomes = append(answer.Outcomes, o)
		}
	}
	return connect.NewResponse(answer), nil
}

func (h *fakeHub) SetDuty(_ context.Context, r *connect.Request[agentv1.SetDutyRequest]) (*connect.Response[agentv1.SetDutyResponse], error) {
	until := r.Msg.GetOffUntil()
	h.set(func() { h.leaves = append(h.leaves, r.Msg) })
	if r.Msg.GetCoverBy() != "" {
		return connect.NewResponse(&agentv1.SetDutyResponse{
			Duty: &agentv1.Duty{WaitingFor: "Bob", WaitingUntil: until}, Said: []string{"Bob is asked."},
		}), nil
	}
	return connect.NewResponse(&agentv1.SetDutyResponse{Duty: &agentv1.Duty{OffDuty: until != nil, Until: until}}), nil
}

func (h *fakeHub) PreviewDuty(_ context.Context, r *connect.Request[agentv1.PreviewDutyRequest]) (*connect.Response[agentv1.PreviewDutyResponse], error) {
	return connect.NewResponse(&agentv1.PreviewDutyResponse{
		Covers:   []*agentv1.Cover{{ServiceName: "Payments", End: r.Msg.GetUntil(), Instead: []string{"Bob"}}},
		Warnings: []string{"Nobody covers Search."}, OnCallNow: true,
		Colleagues: []*agentv1.Colleague{{UserId: "bob", Name: "Bob", Reachable: agentv1.Reachable_REACHABLE_YES}},
		Next:       []*agentv1.Colleague{{UserId: "eve", Name: "Eve", Reachable: agentv1.Reachable_REACHABLE_NO}},
	}), nil
}

func (h *fakeHub) TakeShift(_ context.Context, r *connect.Request[agentv1.TakeShiftRequest]) (*connect.Response[agentv1.TakeShiftResponse], error) {
	if r.Msg.GetScheduleId() != "primary" {
		return nil, connect.NewError(connect.CodeNotFound, errors.New("schedule_id: there is no such schedule"))
	}
	return connect.NewResponse(&agentv1.TakeShiftResponse{Until: timestamppb.New(paged.Add(time.Hour)), InsteadOf: "Bob"}), nil
}

func (h *fakeHub) SendTestPage(context.Context, *connect.Request[agentv1.SendTestPageRequest]) (*connect.Response[agentv1.SendTestPageResponse], error) {
	return connect.NewResponse(&agentv1.SendTestPageResponse{Number: 7}), nil
}

func frame(p *agentv1.Page) *agentv1.WatchResponse {
	return &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Page{Page: p}}
}

// commands answers the reports of commands that came, repeats included.
func (h *fakeHub) commands() (all []*agentv1.DeviceReport) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(h.reports), func(r *agentv1.DeviceReport) bool { return r.GetCommand() == nil })
}

func (h *fakeHub) receipts(kind agentv1.ReceiptKind) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.reports {
		if r.GetReceipt().GetKind() == kind {
			n++
		}
	}
	return n
}

func (h *fakeHub) streams() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.watched)
}

func (h *fakeHub) came() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.bearer
}

func (h *fakeHub) all() []*agentv1.DeviceReport {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.reports)
}

func (h *fakeHub) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

// pipes is a network in memory. Addresses that nobody serves refuse.
type pipes struct {
	mu     sync.Mutex
	served map[string]chan net.Conn
	dialed []dial
	conns  []net.Conn
}

type dial struct {
	address string
	at      time.Time
}

var errRefused = errors.New("connection refused")

func (p *pipes) dial(_ context.Context, _, address string) (net.Conn, error) {
	p.mu.Lock()
	p.dialed = append(p.dialed, dial{address, time.Now()})
	accept := p.served[address]
	p.mu.Unlock()
	if accept == nil {
		return nil, errRefused
	}
	here, there := net.Pipe()
	p.mu.Lock()
	p.conns = append(p.conns, here, there)
	p.mu.Unlock()
	accept <- there
	return here, nil
}

func (p *pipes) dials() []dial {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.dialed)
}

// serve makes a hub answer at an address; the answer takes it away again.
func (p *pipes) serve(address string, h *fakeHub) (cut func()) {
	mux := http.NewServeMux()
	mux.Handle(agentv1connect.NewAgentServiceHandler(h))
	return p.serveHTTP(address, mux)
}

func (p *pipes) serveHTTP(address string, h http.Handler) (cut func()) {
	accept := make(chan net.Conn, 10)
	server := &http.Server{Handler: h}
	p.mu.Lock()
	p.served[address] = accept
	p.mu.Unlock()
	listener := &pipeListener{accept: accept, closed: make(chan struct{})}
	go server.Serve(listener)
	return func() {
		p.mu.Lock()
		delete(p.served, address)
		for _, c := range p.conns {
			c.Close()
		}
		p.conns = nil
		p.mu.Unlock()
		server.Close()
	}
}

type pipeListener struct {
	accept chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accept:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error { l.once.Do(func() { close(l.closed) }); return nil }

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// eyes is a Front that remembers.
type eyes struct {
	mu      sync.Mutex
	state   inbox.State
	effects []inbox.Effect
	shows   int
}

func (e *eyes) Show(s inbox.State, effects []inbox.Effect) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state = s
	e.effects = append(e.effects, effects...)
	e.shows++
}

func (e *eyes) now() inbox.State {
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state
}

func seen[E inbox.Effect](e *eyes) (all []E) {
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, x := range e.effects {
		if x, ok := x.(E); ok {
			all = append(all, x)
		}
	}
	return all
}

// world is a hub, a network and an agent's folder, inside one bubble.
type world struct {
	t       *testing.T
	hub     *fakeHub
	net     *pipes
	cut     func()
	profile settings.Profile
	machine Machine
	others  []string
	eyes    *eyes
	session *Session
	stop    func()
}

const hubAddress = "127.0.0.1:7"

// inWorld runs a test in a bubble whose hub is up and whose agent is not.
func inWorld(t *testing.T, test func(*world)) {
	profile, err := settings.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		booted := time.Now()
		w := &world{t: t, hub: newFakeHub(), net: &pipes{served: map[string]chan net.Conn{}}, profile: profile, stop: func() {}}
		w.machine = Machine{
			Boot: "boot-1", Uptime: func() time.Duration { return time.Since(booted) }, NoNetwork: func() bool { return false },
		}
		w.cut = w.net.serve(hubAddress, w.hub)
		test(w)
		w.stop()
		w.cut()
	})
}

// start runs an agent until stop, with new eyes.
func (w *world) start() {
	w.t.Helper()
	transport := &http.Transport{DialContext: w.net.dial}
	session, err := NewSession(Config{
		Profile:    w.profile,
		Enrolment:  settings.Enrolment{Hub: "http://" + hubAddress, Addresses: w.others, DeviceID: "d1", HubName: "Example Health"},
		Credential: "secret", Version: "test", Machine: w.machine, Transport: transport,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.session, w.eyes = session, &eyes{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func(e *eyes) { done <- session.Run(ctx, e) }(w.eyes)
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
		transport.CloseIdleConnections()
		w.stop = func() {}
	}
	synctest.Wait()
}

var paged = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when bubbles begin

func openPage() *agentv1.Page {
	return &agentv1.Page{
		Key:     &agentv1.PageKey{IncidentId: "i1", Wave: 1, UserId: "ada"},
		Version: 3, Opening: 2, Number: 12, ServiceName: "Payments", Summary: "5xx above 5 %",
		Severity: "critical", Urgency: "high", PagedAt: timestamppb.New(paged), TriggeredAt: timestamppb.New(paged),
	}
}

var payments = inbox.Key{Incident: "i1", Wave: 1, User: "ada"}

func (w *world) acknowledge() {
	w.session.Post(inbox.Asked{Command: inbox.Acknowledge, Key: payments, Opening: 2})
	synctest.Wait()
}

func (w *world) standing() inbox.Standing {
	s := w.eyes.now()
	h, ok := s.Held(payments)
	if !ok {
		return "unknown"
	}
	return s.Standing(h)
}
