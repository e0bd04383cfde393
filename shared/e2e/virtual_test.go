package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"tocsin/hub/app"
	"tocsin/hub/config"
	"tocsin/hub/gateway"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	"tocsin/shared/gen/tocsin/agent/v1/agentv1connect"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// network is a listener in memory, so that a whole hub runs in virtual time.
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

func (n *network) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		here, there := net.Pipe()
		select {
		case n.conns <- there:
			return here, nil
		case <-n.done:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}}
}

// virtualHub is the real hub on networks in memory. Everything of it lives in
// the bubble of the test that made it.
type virtualHub struct {
	t       *testing.T
	public  *http.Client
	local   *http.Client
	mailbox *network
	admin   hubv1connect.HubServiceClient
	stop    context.CancelFunc
	done    chan error
	agents  sync.WaitGroup
	ctx     context.Context
}

func startVirtual(t *testing.T, yaml string) *virtualHub {
	t.Helper()
	return startVirtualOn(t, config.Config{Listen: "127.0.0.1:7411", Data: filepath.Join(t.TempDir(), "hub")}, nil, yaml)
}

// startVirtualOn starts a hub on a data folder, from which messages go by dial.
func startVirtualOn(t *testing.T, c config.Config, dial gateway.Dial, yaml string) *virtualHub {
	t.Helper()
	public, local, mail := newNetwork(), newNetwork(), newNetwork()
	ctx, stop := context.WithCancel(t.Context())
	hub, err := app.OpenOn(ctx, c, slog.New(slog.DiscardHandler), app.Listeners{Public: public, Local: local, Mail: mail, Dial: dial})
	if err != nil {
		t.Fatal(err)
	}
	v := &virtualHub{t: t, mailbox: mail, public: public.client(), local: local.client(), stop: stop, done: make(chan error, 1), ctx: ctx}
	v.admin = hubv1connect.NewHubServiceClient(v.local, "http://hub")
	go func() { v.done <- hub.Run(ctx) }()
	_, err = v.admin.Apply(ctx, connect.NewRequest(&hubv1.ApplyRequest{
		File: []byte(yaml), Name: "tocsin.yaml", RoutingKeys: map[string]string{"events": routingKey},
	}))
	if err != nil {
		t.Fatalf("apply: %v\n%s", err, yaml)
	}
	return v
}

func (v *virtualHub) close() {
	v.stop()
	v.agents.Wait()
	if err := <-v.done; err != nil {
		v.t.Errorf("the hub ended: %v", err)
	}
}

func (v *virtualHub) send(action, key, severity string) {
	v.t.Helper()
	v.event(action, key, severity, "What if")
}

func (v *virtualHub) event(action, key, severity, summary string) {
	v.t.Helper()
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":%q,"dedup_key":%q,"payload":{"summary":%q,"source":"db1","severity":%q}}`,
		routingKey, action, key, summary, severity)
	res, err := v.public.Post("http://hub/v2/enqueue", "application/json", strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		v.t.Fatalf("the hub answered %s: %s", res.Status, text)
	}
}

func (v *virtualHub) timeline(number uint64) []*hubv1.Entry {
	v.t.Helper()
	res, err := v.admin.GetTimeline(v.ctx, connect.NewRequest(&hubv1.GetTimelineRequest{Number: number}))
	if err != nil {
		v.t.Fatal(err)
	}
	return res.Msg.Entries
}

// person is somebody with one device that shows every page at once, and who
// acknowledges after a while, or never (negative).
type person struct {
	v      *virtualHub
	user   string
	after  time.Duration
	client agentv1connect.AgentServiceClient
}

// enrol makes a user's device; join connects it.
func (v *virtualHub) enrol(user string, after time.Duration) *person {
	v.t.Helper()
	code, err := v.admin.CreateEnrolmentCode(v.ctx, connect.NewRequest(&hubv1.CreateEnrolmentCodeRequest{UserId: user}))
	if err != nil {
		v.t.Fatal(err)
	}
	credential := strings.Repeat(user, 43)[:43]
	auth := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
			req.Header().Set("Authorization", "Bearer "+credential)
			return next(ctx, req)
		}
	})
	p := &person{v: v, user: user, after: after, client: agentv1connect.NewAgentServiceClient(v.public, "http://hub", connect.WithInterceptors(auth))}
	_, err = p.client.Enroll(v.ctx, connect.NewRequest(&agentv1.EnrollRequest{Code: code.Msg.Code, Credential: credential, DeviceName: user, Protocol: 1}))
	if err != nil {
		v.t.Fatal(err)
	}
	return p
}

func (p *person) join() {
	req := connect.NewRequest(&agentv1.WatchRequest{Protocol: 1})
	req.Header().Set("Authorization", "Bearer "+strings.Repeat(p.user, 43)[:43])
	p.v.agents.Go(func() {
		stream, err := p.client.Watch(p.v.ctx, req)
		if err != nil {
			p.v.t.Errorf("%s watches: %v", p.user, err)
			return
		}
		defer stream.Close()
		seen := map[string]bool{}
		for stream.Receive() {
			switch f := stream.Msg().Frame.(type) {
			case *agentv1.WatchResponse_Beat:
				p.report(&agentv1.DeviceReport{What: &agentv1.DeviceReport_LinkBeat{LinkBeat: &agentv1.LinkBeat{Ready: true}}})
			case *agentv1.WatchResponse_Page:
				if key := fmt.Sprint(f.Page.Key.IncidentId, f.Page.Key.Wave); f.Page.Outcome == "" && !seen[key] {
					seen[key] = true
					p.alarmed(f.Page)
				}
			}
		}
	})
}

func (p *person) alarmed(page *agentv1.Page) {
	if page.Urgency == "high" {
		p.report(&agentv1.DeviceReport{What: &agentv1.DeviceReport_Receipt{Receipt: &agentv1.Receipt{Page: page.Key, Kind: agentv1.ReceiptKind_RECEIPT_KIND_SHOWN}}})
	}
	if p.after < 0 {
		return
	}
	p.v.agents.Go(func() {
		select {
		case <-time.After(p.after):
			p.report(&agentv1.DeviceReport{What: &agentv1.DeviceReport_Command{Command: &agentv1.Command{
				Page: page.Key, Kind: agentv1.CommandKind_COMMAND_KIND_ACKNOWLEDGE, Opening: page.Opening,
			}}})
		case <-p.v.ctx.Done():
		}
	})
}

func (p *person) report(r *agentv1.DeviceReport) {
	id, err := uuid.NewV7()
	if err != nil {
		p.v.t.Error(err)
		return
	}
	r.Id = id.String()
	_, err = p.client.Report(p.v.ctx, connect.NewRequest(&agentv1.ReportRequest{Reports: []*agentv1.DeviceReport{r}}))
	if err != nil && p.v.ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		p.v.t.Errorf("%s reports: %v", p.user, err)
	}
}
