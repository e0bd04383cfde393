// Package rpc answers the calls of agents and of the command line. Handlers
// translate between the wire and the engine's words; what they decide is
// nothing. Faults become Connect codes in codes.go, and nowhere else.
package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"tocsin/hub/auth"
	"tocsin/hub/duty"
	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/pager"
	"tocsin/hub/readiness"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/store"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	"tocsin/shared/gen/tocsin/agent/v1/agentv1connect"
)

// Protocol is the version of the agents' protocol that this hub speaks. It
// serves the one before it as well, once there is one.
const Protocol = 1

// maxReports bounds one Report call.
const maxReports = 200

// Agents answers agents.
type Agents struct {
	Store     store.Store
	Engine    *engine.Engine
	Pager     *pager.Pager
	Directory *rota.Directory
	Duty      *duty.Keeper
	Devices   *auth.Devices
	HubName   func() string
	Version   string
	// Address is where agents reach the hub.
	Address func() string
	// Reach says how a user can be reached by what is known.
	Reach func(context.Context, responder.UserID) (readiness.Reach, error)
	Log   *slog.Logger

	refresh sync.Mutex
	boards  boards
	sheets  sheets
}

var _ agentv1connect.AgentServiceHandler = (*Agents)(nil)

func bearer(header string) string {
	scheme, credential, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(credential)
}

// Enroll implements the protocol.
func (a *Agents) Enroll(ctx context.Context, req *connect.Request[agentv1.EnrollRequest]) (*connect.Response[agentv1.EnrollResponse], error) {
	m := req.Msg
	if err := checkProtocol(m.Protocol); err != nil {
		return nil, err
	}
	if len(m.Credential) < 43 {
		return nil, fault.New(fault.Invalid, "credential: 256 random bits are needed, in base64url")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make a device's id: %w", err)
	}
	device := responder.Device{ID: responder.DeviceID(id.String()), Name: cut(m.DeviceName, 100), OS: cut(m.Os, 100)}
	err = a.Store.Update(ctx, func(tx store.Tx) (err error) {
		device, err = tx.Enrol(auth.Hash(auth.CleanCode(m.Code)), auth.Hash(m.Credential), device, engine.Now())
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, fault.New(fault.Invalid, "code: the hub does not know this enrolment code, or its 15 minutes are over; ask for a new one with: hub enroll USER")
	case errors.Is(err, store.ErrTaken):
		return nil, fault.New(fault.Conflict, "code: this enrolment code was used already; ask for a new one with: hub enroll USER")
	case err != nil:
		return nil, err
	}
	if err := a.Directory.Reload(ctx, engine.Now()); err != nil {
		return nil, err
	}
	a.Log.Info("a device was enrolled", "user", device.User, "device", device.Name)
	return connect.NewResponse(&agentv1.EnrollResponse{
		DeviceId: string(device.ID), UserId: string(device.User), UserName: a.Directory.Current().UserName(device.User),
		HubName: a.HubName(), HubAddresses: []string{a.Address()},
	}), nil
}

func checkProtocol(theirs uint32) error {
	if theirs != Protocol {
		return fault.New(fault.Protocol, "this hub speaks protocol %d and the agent protocol %d; install the agent that belongs to this hub", Protocol, theirs)
	}
	return nil
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// keepEnded is how long a snapshot shows pages that have ended.
const keepEnded = 24 * time.Hour

// Watch implements the protocol.
func (a *Agents) Watch(ctx context.Context, req *connect.Request[agentv1.WatchRequest], out *connect.ServerStream[agentv1.WatchResponse]) error {
	device, err := a.Devices.ByCredential(ctx, bearer(req.Header().Get("Authorization")))
	if err != nil {
		return err
	}
	if err := checkProtocol(req.Msg.Protocol); err != nil {
		return err
	}
	// Proxies would gather what must arrive at once.
	out.ResponseHeader().Set("X-Accel-Buffering", "no")
	out.ResponseHeader().Set("Cache-Control", "no-store")
	// Registered before the snapshot is read, so that no change falls between.
	stream := a.Pager.Open(device, engine.Now())
	defer stream.Close()
	// Asked again, as the device may have been revoked just before the stream
	// was there to be closed.
	if _, err := a.Devices.ByCredential(ctx, bearer(req.Header().Get("Authorization"))); err != nil {
		return err
	}
	defer limitWrites(ctx, stream)()
	if err := a.snapshot(ctx, stream, out); err != nil {
		return err
	}
	return a.follow(ctx, stream, out)
}

func (a *Agents) snapshot(ctx context.Context, stream *pager.Stream, out *connect.ServerStream[agentv1.WatchResponse]) error {
	user, now := stream.Device.User, engine.Now()
	org := a.Directory.Current()
	welcome := &agentv1.Welcome{
		Protocol: Protocol, HubName: a.HubName(), HubVersion: a.Version, UserId: string(user),
		UserName: org.UserName(user), DeviceId: string(stream.Device.ID), Now: pager.Stamp(now),
	}
	frames := []*agentv1.WatchResponse{{Frame: &agentv1.WatchResponse_Welcome{Welcome: welcome}}}
	incidents, err := a.Engine.PagesOf(ctx, user, now.Add(-keepEnded))
	if err != nil {
		return err
	}
	var pages []pager.News
	for _, c := range incidents {
		for _, p := range c.State.Pages {
			if p.User == user && (p.Open() || now.Sub(p.Ended) < keepEnded) {
				pages = append(pages, a.Pager.News(c.State, p, c.Org))
			}
		}
	}
	frames = append(frames, stream.Snapshot(pages)...)
	told, err := a.notices(ctx, user, now)
	if err != nil {
		return err
	}
	frames = append(frames, told...)
	holding, err := a.holdingFrame(ctx, user)
	if err != nil {
		return err
	}
	frames = append(frames, holding, pager.DutyFrame(org, user, now, a.waiting(ctx)(user)), a.rosterFrame(ctx, org, user, now),
		&agentv1.WatchResponse{Frame: &agentv1.WatchResponse_SnapshotEnd{SnapshotEnd: &agentv1.SnapshotEnd{}}}, beat(),
		a.sheetFrame(stream.Device, now))
	if drain := a.Pager.Drained(now); drain != nil {
		frames = append(frames, drain)
	}
	for _, f := range frames {
		if err := send(ctx, out, f); err != nil {
			return err
		}
	}
	return nil
}

func beat() *agentv1.WatchResponse {
	return &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Beat{Beat: &agentv1.Beat{Now: pager.Stamp(engine.Now())}}}
}

func (a *Agents) follow(ctx context.Context, stream *pager.Stream, out *connect.ServerStream[agentv1.WatchResponse]) error {
	beats := time.NewTicker(pager.BeatEvery)
	defer beats.Stop()
	silence := time.NewTimer(stream.SilentIn())
	defer silence.Stop()
	for {
		var frame *agentv1.WatchResponse
		select {
		case <-ctx.Done():
			return nil
		case frame = <-stream.Frames:
		case <-beats.C:
			frame = beat()
		case <-silence.C:
			left := stream.SilentIn()
			if left <= 0 {
				return fault.New(fault.Unavailable, "the device answered no beat for %s", pager.AnswerWithin)
			}
			silence.Reset(left)
			continue
		case <-stream.Done:
			return a.lastWords(stream, out)
		}
		if err := send(ctx, out, frame); err != nil {
			return err
		}
	}
}

// lastWords sends what was queued before the stream was ended, in the time that
// limitWrites leaves.
func (a *Agents) lastWords(stream *pager.Stream, out *connect.ServerStream[agentv1.WatchResponse]) error {
	for {
		select {
		case frame := <-stream.Frames:
			if err := out.Send(frame); err != nil {
				return err
			}
		default:
			return fault.New(fault.Unavailable, "%s", stream.Reason())
		}
	}
}
