package rpc

import (
	"context"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// single is a transition that tells of itself in one entry.
func single(do func(escalation.State, incident.Command, time.Duration, time.Time) (escalation.State, incident.Answer, incident.Entry)) transition {
	return func(s escalation.State, c incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry) {
		s, answer, e := do(s, c, lease, now)
		return s, answer, []incident.Entry{e}
	}
}

// Escalate implements the command line's service.
func (h *Hub) Escalate(ctx context.Context, req *connect.Request[hubv1.EscalateRequest]) (*connect.Response[hubv1.EscalateResponse], error) {
	i, err := h.ask(ctx, req.Header().Get(AsHeader), req.Msg.Number, single(escalation.EscalateBy))
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.EscalateResponse{Incident: i}), nil
}

// HandOver implements the command line's service.
func (h *Hub) HandOver(ctx context.Context, req *connect.Request[hubv1.HandOverRequest]) (*connect.Response[hubv1.HandOverResponse], error) {
	i, err := h.ask(ctx, req.Header().Get(AsHeader), req.Msg.Number, single(escalation.HandOverBy))
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.HandOverResponse{Incident: i}), nil
}

// Keep implements the command line's service.
func (h *Hub) Keep(ctx context.Context, req *connect.Request[hubv1.KeepRequest]) (*connect.Response[hubv1.KeepResponse], error) {
	until := req.Msg.Until.AsTime().Truncate(time.Millisecond)
	i, err := h.ask(ctx, req.Header().Get(AsHeader), req.Msg.Number,
		single(func(s escalation.State, c incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, incident.Entry) {
			return escalation.KeepBy(s, c, until, lease, now)
		}))
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.KeepResponse{Incident: i}), nil
}

// Reassign implements the command line's service.
func (h *Hub) Reassign(ctx context.Context, req *connect.Request[hubv1.ReassignRequest]) (*connect.Response[hubv1.ReassignResponse], error) {
	m, org := req.Msg, h.Directory.Current()
	var do transition
	switch {
	case (m.UserId == "") == (m.PolicyId == ""):
		return nil, fault.New(fault.Invalid, "name either a user or an escalation policy to reassign to")
	case m.UserId != "":
		if err := known(org, m.UserId); err != nil {
			return nil, err
		}
		do = single(func(s escalation.State, c incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, incident.Entry) {
			return escalation.ReassignTo(s, c, responder.UserID(m.UserId), lease, now)
		})
	default:
		policy, ok := org.Policy(escalation.PolicyID(m.PolicyId))
		if !ok {
			return nil, fault.New(fault.NotFound, "there is no escalation policy %q", m.PolicyId)
		}
		do = single(func(s escalation.State, c incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, incident.Entry) {
			return escalation.ReassignToPolicy(s, c, policy, org.Revision, lease, now)
		})
	}
	i, err := h.ask(ctx, req.Header().Get(AsHeader), m.Number, do)
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.ReassignResponse{Incident: i}), nil
}

// AddResponders implements the command line's service.
func (h *Hub) AddResponders(ctx context.Context, req *connect.Request[hubv1.AddRespondersRequest]) (*connect.Response[hubv1.AddRespondersResponse], error) {
	if len(req.Msg.UserIds) == 0 {
		return nil, fault.New(fault.Invalid, "name at least one user to add")
	}
	var users []responder.UserID
	for _, u := range req.Msg.UserIds {
		if err := known(h.Directory.Current(), u); err != nil {
			return nil, err
		}
		users = append(users, responder.UserID(u))
	}
	i, err := h.ask(ctx, req.Header().Get(AsHeader), req.Msg.Number,
		single(func(s escalation.State, c incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, incident.Entry) {
			return escalation.AddBy(s, c, users, lease, now)
		}))
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.AddRespondersResponse{Incident: i}), nil
}

func known(org *organisation.Organisation, user string) error {
	if _, ok := org.User(responder.UserID(user)); !ok {
		return fault.New(fault.NotFound, "there is no user %q", user)
	}
	return nil
}
