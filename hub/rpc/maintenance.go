package rpc

import (
	"context"
	"slices"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/incident"
	"tocsin/hub/pager"
	"tocsin/hub/rota"
	"tocsin/hub/store"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// Maintenance answers the command line about maintenance windows.
type Maintenance struct{ Hub *Hub }

var _ hubv1connect.MaintenanceServiceHandler = (*Maintenance)(nil)

// AddMaintenance implements the command line's service.
func (m *Maintenance) AddMaintenance(ctx context.Context, req *connect.Request[hubv1.AddMaintenanceRequest]) (*connect.Response[hubv1.AddMaintenanceResponse], error) {
	h := m.Hub
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	asked := rota.MaintenanceRequest{
		Services: req.Msg.ServiceIds, For: time.Duration(req.Msg.ForMs) * time.Millisecond, Note: req.Msg.Note, By: string(by),
	}
	if req.Msg.Start != nil {
		asked.Start = req.Msg.Start.AsTime()
	}
	if req.Msg.Until != nil {
		asked.Until = req.Msg.Until.AsTime()
	}
	made, err := h.Rota.AddMaintenance(ctx, asked, engine.Now())
	if err != nil {
		return nil, err
	}
	h.Log.Info("a maintenance was entered", "id", made.ID, "services", made.Services, "until", made.End, "by", by)
	if err := h.configured(ctx); err != nil {
		return nil, err
	}
	out := &hubv1.AddMaintenanceResponse{Maintenance: maintenance(made)}
	out.OpenIncidents, err = h.openOf(ctx, made)
	return connect.NewResponse(out), err
}

// openOf lists the incidents that a maintenance does not keep quiet, as they
// were open before.
func (h *Hub) openOf(ctx context.Context, made rota.Maintenance) ([]uint64, error) {
	var open []uint64
	err := h.Store.View(ctx, func(tx store.Tx) error {
		records, err := tx.List(store.Filter{Limit: maxList})
		for _, r := range records {
			if i := r.Incident; slices.Contains(made.Services, i.Service) && i.Status == incident.Triggered && i.TriggeredAt.Before(made.Start) {
				open = append(open, i.Number)
			}
		}
		return err
	})
	slices.Sort(open)
	return open, err
}

func maintenance(m rota.Maintenance) *hubv1.Maintenance {
	out := &hubv1.Maintenance{
		Id: m.ID, Start: pager.Stamp(m.Start), End: pager.Stamp(m.End), Note: m.Note, MadeBy: m.By, MadeAt: pager.Stamp(m.Made), TimeZone: m.Zone.String(),
	}
	for _, s := range m.Services {
		out.ServiceIds = append(out.ServiceIds, string(s))
	}
	return out
}

// ListMaintenance implements the command line's service.
func (m *Maintenance) ListMaintenance(ctx context.Context, req *connect.Request[hubv1.ListMaintenanceRequest]) (*connect.Response[hubv1.ListMaintenanceResponse], error) {
	list, err := m.Hub.Rota.Maintenances(ctx, req.Msg.ServiceId, engine.Now())
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListMaintenanceResponse{}
	for _, w := range list {
		out.Maintenance = append(out.Maintenance, maintenance(w))
	}
	return connect.NewResponse(out), nil
}

// EndMaintenance implements the command line's service.
func (m *Maintenance) EndMaintenance(ctx context.Context, req *connect.Request[hubv1.EndMaintenanceRequest]) (*connect.Response[hubv1.EndMaintenanceResponse], error) {
	h := m.Hub
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	if err := h.Rota.EndMaintenance(ctx, req.Msg.Id, string(by), engine.Now()); err != nil {
		return nil, err
	}
	h.Log.Info("a maintenance was ended", "id", req.Msg.Id, "by", by)
	return connect.NewResponse(&hubv1.EndMaintenanceResponse{}), h.configured(ctx)
}
