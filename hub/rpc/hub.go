package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/auth"
	"tocsin/hub/duty"
	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/pager"
	"tocsin/hub/readiness"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/store"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// Hub answers the command line.
type Hub struct {
	Store     store.Store
	Engine    *engine.Engine
	Pager     *pager.Pager
	Directory *rota.Directory
	Devices   *auth.Devices
	Rota      *rota.Service
	Duty      *duty.Keeper
	// Reach says how a user can be reached by what is known.
	Reach   func(context.Context, responder.UserID) (readiness.Reach, error)
	Version string
	Started time.Time
	URL     func() string // where agents and sources reach the hub
	LinkURL func() string // where links lead that people open elsewhere
	Log     *slog.Logger
}

var _ hubv1connect.HubServiceHandler = (*Hub)(nil)

// AsHeader names the user as whom a caller on the socket acts.
const AsHeader = "Tocsin-As"

// actor is who acts: the user named, else the first admin.
func (h *Hub) actor(as string) (responder.UserID, error) {
	org := h.Directory.Current()
	if as != "" {
		if _, ok := org.User(responder.UserID(as)); !ok {
			return "", fault.New(fault.NotFound, "--as: there is no user %q", as)
		}
		return responder.UserID(as), nil
	}
	admin, ok := org.FirstAdmin()
	if !ok {
		return "", fault.New(fault.Invalid, "no user has the role admin; name who acts with --as USER")
	}
	return admin.ID, nil
}

// Apply implements the command line's service.
func (h *Hub) Apply(ctx context.Context, req *connect.Request[hubv1.ApplyRequest]) (*connect.Response[hubv1.ApplyResponse], error) {
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil && req.Header().Get(AsHeader) != "" {
		return nil, err
	}
	m := req.Msg
	result, err := h.Rota.Apply(ctx, rota.Request{File: m.File, Name: m.Name, DryRun: m.DryRun, RoutingKeys: m.RoutingKeys, By: string(by)}, engine.Now())
	if err != nil {
		return nil, err
	}
	if !m.DryRun && len(result.Changes)+len(result.RoutingKeys) > 0 {
		if err := h.configured(ctx, by); err != nil {
			return nil, err
		}
		h.Log.Info("the configuration changed", "revision", result.Revision, "by", by, "changes", len(result.Changes))
	}
	out := &hubv1.ApplyResponse{Warnings: result.Warnings, Revision: result.Revision}
	for _, c := range result.Changes {
		out.Changes = append(out.Changes, &hubv1.Change{Verb: c.Verb, Kind: c.Kind, Id: c.ID, Fields: c.Fields})
	}
	if !m.DryRun {
		out.Warnings = append(out.Warnings, h.olderPolicies(ctx, result.Changes)...)
	}
	for _, k := range result.RoutingKeys {
		out.RoutingKeys = append(out.RoutingKeys, h.key(k))
	}
	return connect.NewResponse(out), nil
}

func (h *Hub) key(k rota.RoutingKey) *hubv1.RoutingKey {
	out := &hubv1.RoutingKey{IntegrationId: k.Integration, ServiceId: k.Service, Kind: k.Kind, Key: k.Key}
	if k.Kind == string(rota.KindEventsV2) {
		out.Url = h.URL() + "/v2/enqueue"
	}
	if k.Kind == string(rota.KindHeartbeat) {
		out.Url = h.URL() + "/ping/" + k.Key
	}
	return out
}

// configured makes what somebody changed felt: by open incidents, on devices, and
// by those whose shifts moved.
func (h *Hub) configured(ctx context.Context, by ...responder.UserID) error {
	return h.Duty.Reload(ctx, by...)
}

// Export implements the command line's service.
func (h *Hub) Export(ctx context.Context, _ *connect.Request[hubv1.ExportRequest]) (*connect.Response[hubv1.ExportResponse], error) {
	file, err := h.Rota.Export(ctx)
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.ExportResponse{File: file}), nil
}

// RotateRoutingKey implements the command line's service.
func (h *Hub) RotateRoutingKey(ctx context.Context, req *connect.Request[hubv1.RotateRoutingKeyRequest]) (*connect.Response[hubv1.RotateRoutingKeyResponse], error) {
	k, err := h.Rota.RotateKey(ctx, req.Msg.IntegrationId, engine.Now())
	if err != nil {
		return nil, err
	}
	if err := h.Directory.Reload(ctx, engine.Now()); err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.RotateRoutingKeyResponse{RoutingKey: h.key(k)}), nil
}

// codeLife is how long an enrolment code works.
const codeLife = 15 * time.Minute

// CreateEnrolmentCode implements the command line's service.
func (h *Hub) CreateEnrolmentCode(ctx context.Context, req *connect.Request[hubv1.CreateEnrolmentCodeRequest]) (*connect.Response[hubv1.CreateEnrolmentCodeResponse], error) {
	user := responder.UserID(req.Msg.UserId)
	if _, ok := h.Directory.Current().User(user); !ok {
		return nil, fault.New(fault.NotFound, "there is no user %q; users stand in the file that hub apply takes", user)
	}
	code, expires := auth.NewCode(), engine.Now().Add(codeLife)
	err := h.Store.Update(ctx, func(tx store.Tx) error {
		return tx.AddCode(auth.Hash(auth.CleanCode(code)), user, expires)
	})
	if err != nil {
		return nil, fmt.Errorf("store an enrolment code: %w", err)
	}
	return connect.NewResponse(&hubv1.CreateEnrolmentCodeResponse{Code: code, ExpiresAt: pager.Stamp(expires), HubUrl: h.URL()}), nil
}

// ListDevices implements the command line's service.
func (h *Hub) ListDevices(ctx context.Context, req *connect.Request[hubv1.ListDevicesRequest]) (*connect.Response[hubv1.ListDevicesResponse], error) {
	var devices []responder.Device
	err := h.Store.View(ctx, func(tx store.Tx) (err error) {
		devices, err = tx.Devices()
		return err
	})
	if err != nil {
		return nil, err
	}
	if u := responder.UserID(req.Msg.UserId); u != "" {
		if _, ok := h.Directory.Current().User(u); !ok {
			return nil, fault.New(fault.NotFound, "there is no user %q", u)
		}
	}
	out := &hubv1.ListDevicesResponse{}
	for _, d := range devices {
		if req.Msg.UserId == "" || req.Msg.UserId == string(d.User) {
			out.Devices = append(out.Devices, &hubv1.Device{
				Id: string(d.ID), UserId: string(d.User), Name: d.Name, Os: d.OS, EnrolledAt: pager.Stamp(d.Enrolled),
				RevokedAt: pager.Stamp(d.Revoked), Connected: h.Pager.Connected(d.ID),
			})
		}
	}
	return connect.NewResponse(out), nil
}

// RevokeDevice implements the command line's service.
func (h *Hub) RevokeDevice(ctx context.Context, req *connect.Request[hubv1.RevokeDeviceRequest]) (*connect.Response[hubv1.RevokeDeviceResponse], error) {
	id := responder.DeviceID(req.Msg.DeviceId)
	err := h.Store.Update(ctx, func(tx store.Tx) error { return tx.RevokeDevice(id, engine.Now()) })
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.New(fault.NotFound, "there is no device %q that could be revoked; hub devices lists them", id)
	}
	if err != nil {
		return nil, err
	}
	h.Devices.Forget()
	h.Pager.Revoke(id)
	return connect.NewResponse(&hubv1.RevokeDeviceResponse{}), h.configured(ctx)
}

// maxList bounds a list of incidents.
const maxList = 1000

// ListIncidents implements the command line's service.
func (h *Hub) ListIncidents(ctx context.Context, req *connect.Request[hubv1.ListIncidentsRequest]) (*connect.Response[hubv1.ListIncidentsResponse], error) {
	limit := int(req.Msg.Limit)
	if limit == 0 || limit > maxList {
		limit = maxList
	}
	out := &hubv1.ListIncidentsResponse{}
	err := h.Store.View(ctx, func(tx store.Tx) error {
		records, err := tx.List(store.Filter{Resolved: req.Msg.All, Before: req.Msg.Before, Limit: limit})
		if err != nil {
			return err
		}
		for _, r := range records {
			line := h.incident(r.Incident, r.Pages, r.WakeAt)
			if into := r.Incident.MergedInto; into != "" {
				whole, err := tx.Load(into)
				if err != nil {
					return err
				}
				line.MergedInto = whole.Incident.Number
			}
			out.Incidents = append(out.Incidents, line)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(out), nil
}

func (h *Hub) incident(i incident.Incident, pages []escalation.Page, wake time.Time) *hubv1.Incident {
	out := &hubv1.Incident{
		Id: string(i.ID), Number: i.Number, ServiceId: string(i.Service), Status: string(i.Status),
		Urgency: string(i.Urgency), Severity: string(i.Severity), Summary: i.Summary, Holder: string(i.Holder),
		TriggeredAt: pager.Stamp(i.TriggeredAt), ResolvedAt: pager.Stamp(i.ResolvedAt),
		QuietUntil: pager.Stamp(i.QuietUntil), QuietReason: string(i.QuietReason), NextAt: pager.Stamp(wake),
		Priority: i.Priority, Flapping: i.Open() && i.Flapping(engine.Now()), ResolveDue: pager.Stamp(i.ResolveDue), CoverOf: string(i.Cover.Of),
	}
	for _, s := range i.Silent() {
		out.SilentSources = append(out.SilentSources, string(s))
	}
	for _, a := range i.Alerts {
		status := "resolved"
		if a.Open {
			status = "triggered"
		}
		out.Alerts = append(out.Alerts, &hubv1.Alert{IntegrationId: string(a.Integration), DedupKey: a.Key, Status: status, Count: uint64(a.Count)})
	}
	for _, p := range pages {
		if p.Open() {
			out.Pages = append(out.Pages, &hubv1.OpenPage{UserId: string(p.User), Wave: uint32(p.Wave), Level: uint32(p.Level),
				Round: uint32(p.Round), State: h.pageState(p), Reason: string(p.Reason)})
		}
	}
	return out
}

// pageState is what the stored page alone shows of its condition.
func (h *Hub) pageState(p escalation.Page) string {
	if !p.Failed.IsZero() {
		return string(escalation.FailedNow)
	}
	user, _ := h.Directory.Current().User(p.User)
	for _, u := range p.Uses {
		if m, ok := user.Method(u.Method); ok && m.Wakes && u.Accepted {
			return string(escalation.Alive)
		}
		if slices.ContainsFunc(u.Proofs, func(pr escalation.Proof) bool { return pr.Alive.After(pr.Failed) }) {
			return string(escalation.Alive)
		}
	}
	return string(escalation.Waiting)
}

// GetTimeline implements the command line's service.
func (h *Hub) GetTimeline(ctx context.Context, req *connect.Request[hubv1.GetTimelineRequest]) (*connect.Response[hubv1.GetTimelineResponse], error) {
	var entries []incident.Entry
	var devices []responder.Device
	err := h.Store.View(ctx, func(tx store.Tx) error {
		id, err := tx.ByNumber(req.Msg.Number)
		if err != nil {
			return err
		}
		if devices, err = tx.Devices(); err != nil {
			return err
		}
		entries, err = tx.Timeline(id)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, noIncident(req.Msg.Number)
	}
	if err != nil {
		return nil, err
	}
	names, err := h.namesIn(ctx, entries, devices)
	if err != nil {
		return nil, err
	}
	out := &hubv1.GetTimelineResponse{}
	for _, e := range entries {
		out.Entries = append(out.Entries, entryLine(e, names))
	}
	return connect.NewResponse(out), nil
}

func noIncident(n uint64) error {
	return fault.New(fault.NotFound, "there is no incident %d; hub incidents --all lists them", n)
}

// Acknowledge implements the command line's service.
func (h *Hub) Acknowledge(ctx context.Context, req *connect.Request[hubv1.AcknowledgeRequest]) (*connect.Response[hubv1.AcknowledgeResponse], error) {
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	c, answer, err := h.command(ctx, req.Msg.Number, by, escalation.AcknowledgeBy)
	if err != nil {
		return nil, err
	}
	if answer == incident.Refused {
		return nil, notAsked(c.State.Incident)
	}
	if into := c.State.Incident.MergedInto; into != "" {
		return nil, h.goesOn(ctx, req.Msg.Number, into)
	}
	out := &hubv1.AcknowledgeResponse{Incident: h.incident(c.State.Incident, c.State.Pages, c.WakeAt)}
	if answer == incident.Already && c.State.Incident.Holder != by {
		out.Already = sentenceOf(answer, "", c.State.Incident, c.Org)
	}
	return connect.NewResponse(out), nil
}

// Resolve implements the command line's service.
func (h *Hub) Resolve(ctx context.Context, req *connect.Request[hubv1.ResolveRequest]) (*connect.Response[hubv1.ResolveResponse], error) {
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	c, _, err := h.command(ctx, req.Msg.Number, by, onIncident(incident.ResolveBy))
	if err != nil {
		return nil, err
	}
	if into := c.State.Incident.MergedInto; into != "" {
		return nil, h.goesOn(ctx, req.Msg.Number, into)
	}
	return connect.NewResponse(&hubv1.ResolveResponse{
		Incident: h.incident(c.State.Incident, c.State.Pages, c.WakeAt), StillFiring: c.State.Incident.Firing() > 0,
	}), nil
}

// VerifyAudit implements the command line's service.
func (h *Hub) VerifyAudit(ctx context.Context, _ *connect.Request[hubv1.VerifyAuditRequest]) (*connect.Response[hubv1.VerifyAuditResponse], error) {
	var audit store.Audit
	err := h.Store.View(ctx, func(tx store.Tx) (err error) {
		audit, err = tx.Verify()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("verify the timelines: %w", err)
	}
	return connect.NewResponse(&hubv1.VerifyAuditResponse{Incidents: uint64(audit.Incidents), Entries: uint64(audit.Entries), Erased: uint64(audit.Erased), Problems: audit.Problems}), nil
}

// GetStatus implements the command line's service.
func (h *Hub) GetStatus(ctx context.Context, _ *connect.Request[hubv1.GetStatusRequest]) (*connect.Response[hubv1.GetStatusResponse], error) {
	var open int
	err := h.Store.View(ctx, func(tx store.Tx) (err error) {
		open, err = tx.CountOpen()
		return err
	})
	if err != nil {
		return nil, err
	}
	org := h.Directory.Current()
	_, admin := org.FirstAdmin()
	return connect.NewResponse(&hubv1.GetStatusResponse{
		Version: h.Version, StartedAt: pager.Stamp(h.Started), OpenIncidents: uint64(open), ConnectedDevices: uint32(h.Pager.Count()),
		ListenUrl: h.URL(), HasAdmin: admin, Revision: org.Revision, DrainedUntil: pager.Stamp(h.Pager.DrainedUntil(engine.Now())),
	}), nil
}
