package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	"tocsin/shared/gen/tocsin/agent/v1/agentv1connect"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// device is an agent that keeps to the protocol, and does nothing beyond it
// unless the test says so.
type device struct {
	h          *running
	id, user   string
	credential string
	silent     bool // leaves beats unanswered
	stuck      chan struct{}
	probed     *agentv1.ProbeResult // what it answers probes; nil: nothing

	leave func()        // closes its stream
	whole chan struct{} // closed when its snapshot is there

	mu     sync.Mutex
	frames []*agentv1.WatchResponse // of the present stream
	pages  map[string]*agentv1.Page // as the protocol has it: the newest version of each
	listed map[string]bool          // in the snapshot that is under way; nil afterwards
	err    error                    // how the last stream ended
	ended  bool
}

// enrol makes a device of a user.
func (h *running) enrol(user string) *device {
	h.Helper()
	code, err := h.admin.CreateEnrolmentCode(h.Context(), connect.NewRequest(&hubv1.CreateEnrolmentCodeRequest{UserId: user}))
	if err != nil {
		h.Fatal(err)
	}
	d := &device{h: h, user: user, credential: newID(h) + newID(h), leave: func() {}, pages: map[string]*agentv1.Page{}}
	res, err := d.client().Enroll(h.Context(), connect.NewRequest(&agentv1.EnrollRequest{
		Code: code.Msg.Code, Credential: d.credential, DeviceName: user + "'s laptop", Os: "linux", Protocol: 1,
	}))
	if err != nil {
		h.Fatal(err)
	}
	d.id = res.Msg.DeviceId
	h.devices = append(h.devices, d)
	return d
}

func newID(h *running) string {
	id, err := uuid.NewV7()
	if err != nil {
		h.Fatal(err)
	}
	return id.String()
}

func (d *device) client() agentv1connect.AgentServiceClient {
	return agentv1connect.NewAgentServiceClient(d.h.public, "http://hub")
}

func request[T any](d *device, m *T) *connect.Request[T] {
	r := connect.NewRequest(m)
	r.Header().Set("Authorization", "Bearer "+d.credential)
	return r
}

// connect opens the device's stream, and returns when its snapshot is there.
func (d *device) connect() {
	d.h.Helper()
	d.open()
	d.h.settle()
	if d.ended {
		d.h.Fatalf("%s's stream ended: %v", d.user, d.err)
	}
}

func (d *device) open() {
	ctx, cancel := context.WithCancel(d.h.Context())
	d.mu.Lock()
	d.frames, d.ended, d.err, d.listed, d.whole = nil, false, nil, map[string]bool{}, make(chan struct{})
	d.mu.Unlock()
	done := make(chan struct{})
	d.leave = func() {
		cancel()
		if d.stuck != nil {
			close(d.stuck)
			d.stuck = nil
		}
		<-done
		d.leave = func() {}
	}
	stuck := d.stuck
	go func() {
		defer close(done)
		stream, err := d.client().Watch(ctx, request(d, &agentv1.WatchRequest{Protocol: 1}))
		if err == nil {
			for stream.Receive() {
				d.took(ctx, stream.Msg())
				if stuck != nil && stream.Msg().GetSnapshotEnd() != nil {
					<-stuck // from here on the device reads nothing
					break
				}
			}
			err = stream.Err()
			_ = stream.Close()
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.ended, d.err = true, err
	}()
}

// took does with a frame what the protocol asks of an agent.
func (d *device) took(ctx context.Context, f *agentv1.WatchResponse) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.frames = append(d.frames, f)
	switch {
	case f.GetPage() != nil:
		p := f.GetPage()
		key := keyOf(p.Key)
		if d.listed != nil {
			d.listed[key] = true
		}
		if known := d.pages[key]; known == nil || p.Version >= known.Version {
			d.pages[key] = p
		}
	case f.GetSnapshotEnd() != nil:
		for key := range d.pages {
			if !d.listed[key] {
				delete(d.pages, key)
			}
		}
		d.listed = nil
		close(d.whole)
	case f.GetProbe() != nil && d.probed != nil:
		result := &agentv1.ProbeResult{ProbeId: f.GetProbe().Id, Ready: d.probed.Ready, Problems: d.probed.Problems}
		go func() {
			_, _ = d.reportAll(ctx, &agentv1.DeviceReport{Id: newID(d.h), What: &agentv1.DeviceReport_ProbeResult{ProbeResult: result}})
		}()
	case f.GetBeat() != nil && !d.silent:
		go func() {
			_, _ = d.reportAll(ctx, &agentv1.DeviceReport{Id: newID(d.h), What: &agentv1.DeviceReport_LinkBeat{LinkBeat: &agentv1.LinkBeat{Ready: true}}})
		}()
	}
}

func keyOf(k *agentv1.PageKey) string { return fmt.Sprintf("%s/%d/%s", k.IncidentId, k.Wave, k.UserId) }

// open pages, oldest first.
func (d *device) alarms() []*agentv1.Page {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []*agentv1.Page
	for _, key := range slices.Sorted(maps.Keys(d.pages)) {
		if p := d.pages[key]; p.Outcome == "" {
			out = append(out, p)
		}
	}
	return out
}

// alarm is the only open page.
func (d *device) alarm() *agentv1.Page {
	d.h.Helper()
	pages := d.alarms()
	if len(pages) != 1 {
		d.h.Fatalf("%s has %d open pages, want one", d.user, len(pages))
	}
	return pages[0]
}

// pageFrames counts what was sent of pages in the present stream.
func (d *device) pageFrames() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, f := range d.frames {
		if f.GetPage() != nil {
			n++
		}
	}
	return n
}

// last is the newest frame that a getter finds.
func last[T any](d *device, get func(*agentv1.WatchResponse) *T) *T {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range slices.Backward(d.frames) {
		if m := get(f); m != nil {
			return m
		}
	}
	return nil
}

func (d *device) reportAll(ctx context.Context, reports ...*agentv1.DeviceReport) ([]*agentv1.Outcome, error) {
	res, err := d.client().Report(ctx, request(d, &agentv1.ReportRequest{Reports: reports}))
	if err != nil {
		return nil, err
	}
	return res.Msg.Outcomes, nil
}

// report sends one report and answers what came of it, in a word.
func (d *device) report(r *agentv1.DeviceReport) string {
	d.h.Helper()
	if r.Id == "" {
		r.Id = newID(d.h)
	}
	out, err := d.reportAll(d.h.Context(), r)
	if err != nil {
		d.h.Fatal(err)
	}
	return strings.TrimSpace(strings.ToLower(strings.TrimPrefix(out[0].Kind.String(), "OUTCOME_KIND_")) + " " + out[0].Message)
}

func receipt(p *agentv1.Page, kind agentv1.ReceiptKind) *agentv1.DeviceReport {
	return &agentv1.DeviceReport{What: &agentv1.DeviceReport_Receipt{Receipt: &agentv1.Receipt{Page: p.Key, Kind: kind}}}
}

func command(p *agentv1.Page, kind agentv1.CommandKind) *agentv1.DeviceReport {
	return &agentv1.DeviceReport{What: &agentv1.DeviceReport_Command{Command: &agentv1.Command{Page: p.Key, Kind: kind, Opening: p.Opening}}}
}

// Receipts and commands that tests send.
const (
	shown       = agentv1.ReceiptKind_RECEIPT_KIND_SHOWN
	cannot      = agentv1.ReceiptKind_RECEIPT_KIND_FAILED
	acknowledge = agentv1.CommandKind_COMMAND_KIND_ACKNOWLEDGE
	resolvePage = agentv1.CommandKind_COMMAND_KIND_RESOLVE
	passOn      = agentv1.CommandKind_COMMAND_KIND_PASS_ON
)
