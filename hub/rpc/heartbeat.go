package rpc

import (
	"context"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"

	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
	"tocsin/hub/pager"
	"tocsin/hub/store"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// Heartbeats answers the command line about heartbeat integrations.
type Heartbeats struct{ Hub *Hub }

var _ hubv1connect.HeartbeatServiceHandler = (*Heartbeats)(nil)

// ListHeartbeats implements the command line's service.
func (h *Heartbeats) ListHeartbeats(ctx context.Context, _ *connect.Request[hubv1.ListHeartbeatsRequest]) (*connect.Response[hubv1.ListHeartbeatsResponse], error) {
	known := map[incident.IntegrationID]heartbeat.Beat{}
	err := h.Hub.Store.View(ctx, func(tx store.Tx) error {
		beats, err := tx.Heartbeats()
		for _, b := range beats {
			known[b.Integration] = b
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	guards := map[incident.IntegrationID][]string{}
	org := h.Hub.Directory.Current()
	for _, i := range org.Integrations {
		if i.AliveBy != "" {
			guards[i.AliveBy] = append(guards[i.AliveBy], string(i.ID))
		}
	}
	out := &hubv1.ListHeartbeatsResponse{}
	for _, i := range org.Integrations {
		if i.Kind != incident.KindHeartbeat {
			continue
		}
		b := known[i.ID]
		state := string(b.State)
		if b.State == heartbeat.Never {
			state = "never"
		}
		out.Heartbeats = append(out.Heartbeats, &hubv1.Heartbeat{
			IntegrationId: string(i.ID), ServiceId: string(i.Service), State: state, PingedAt: pager.Stamp(b.PingedAt),
			StartedAt: pager.Stamp(b.StartedAt), DueAt: pager.Stamp(b.DueAt), Interval: durationpb.New(i.Interval), Grace: durationpb.New(i.Grace),
			Guards: guards[i.ID],
		})
	}
	return connect.NewResponse(out), nil
}
