package rpc

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/rota"
	"tocsin/hub/store"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// Incidents answers the command line about incidents as a whole.
type Incidents struct{ Hub *Hub }

var _ hubv1connect.IncidentServiceHandler = (*Incidents)(nil)

// Merge implements the command line's service.
func (s *Incidents) Merge(ctx context.Context, req *connect.Request[hubv1.MergeRequest]) (*connect.Response[hubv1.MergeResponse], error) {
	h, m := s.Hub, req.Msg
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	from, err := h.byNumber(ctx, m.Number)
	if err != nil {
		return nil, err
	}
	into, err := h.byNumber(ctx, m.Into)
	if err != nil {
		return nil, err
	}
	_, target, why, err := h.Engine.Merge(ctx, from, into, incident.Command{By: by})
	if err != nil {
		return nil, err
	}
	if why != "" {
		return nil, unmerged(m, why)
	}
	return connect.NewResponse(&hubv1.MergeResponse{Incident: h.changed(target)}), nil
}

// unmerged says why an incident cannot become part of another.
func unmerged(m *hubv1.MergeRequest, why incident.Reason) error {
	switch why {
	case incident.ReasonItself:
		return fault.New(fault.Invalid, "incident %d cannot become part of itself; name another with --into", m.Number)
	case incident.ReasonTestPage:
		return fault.New(fault.Invalid, "a test page cannot be merged: acknowledge it, and it is over")
	case incident.ReasonCoverAsked:
		return fault.New(fault.Invalid, "a request for cover cannot be merged: it asks somebody a question of its own")
	case incident.ReasonMergedBefore:
		return fault.New(fault.Conflict, "incident %d became part of another before; hub timeline %d says of which", m.Number, m.Number)
	case incident.ReasonTargetOver:
		return fault.New(fault.Conflict, "incident %d is over, so nothing can go on there; hub incidents lists what is open", m.Into)
	}
	return fault.New(fault.Conflict, "incident %d is resolved: there is nothing of it that could go on in %d", m.Number, m.Into)
}

// SetPriority implements the command line's service.
func (s *Incidents) SetPriority(ctx context.Context, req *connect.Request[hubv1.SetPriorityRequest]) (*connect.Response[hubv1.SetPriorityResponse], error) {
	priority := strings.ToUpper(req.Msg.Priority)
	if priority != "" && !slices.Contains(incident.Priorities, priority) {
		return nil, fault.New(fault.Invalid, "the priority %q is none of %s", req.Msg.Priority, strings.Join(incident.Priorities, ", "))
	}
	i, err := s.Hub.ask(ctx, req.Header().Get(AsHeader), req.Msg.Number, onIncident(
		func(i incident.Incident, c incident.Command, lease time.Duration, now time.Time) (incident.Incident, incident.Answer, incident.Entry) {
			return incident.PrioritiseBy(i, c, priority, lease, now)
		}))
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.SetPriorityResponse{Incident: i}), nil
}

// RefreshPolicy implements the command line's service.
func (s *Incidents) RefreshPolicy(ctx context.Context, req *connect.Request[hubv1.RefreshPolicyRequest]) (*connect.Response[hubv1.RefreshPolicyResponse], error) {
	h, m := s.Hub, req.Msg
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	var only incident.ID
	if m.Number != 0 {
		if only, err = h.byNumber(ctx, m.Number); err != nil {
			return nil, err
		}
	}
	all, err := h.Engine.RefreshPolicy(ctx, escalation.PolicyID(m.PolicyId), only, incident.Command{By: by}, m.DryRun)
	if err != nil {
		return nil, err
	}
	out := &hubv1.RefreshPolicyResponse{Revision: h.Directory.Current().Revision}
	for _, r := range all {
		out.Incidents = append(out.Incidents, &hubv1.RefreshedIncident{Incident: h.changed(r.Change), FromRevision: r.From, AtOnce: r.AtOnce})
	}
	return connect.NewResponse(out), nil
}

// goesOn says where to find what was merged.
func (h *Hub) goesOn(ctx context.Context, number uint64, into incident.ID) error {
	var r store.Record
	err := h.Store.View(ctx, func(tx store.Tx) (err error) {
		r, err = tx.Load(into)
		return err
	})
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "incident %d became part of incident %d, and goes on there", number, r.Incident.Number)
}

// olderPolicies names the changed escalation policies that open incidents follow
// as they were.
func (h *Hub) olderPolicies(ctx context.Context, changes []rota.Change) []string {
	var warnings []string
	for _, c := range changes {
		if c.Kind != rota.KindPolicy || c.Verb != "changed" {
			continue
		}
		// What fails here fails again, with a sentence, at the command that is named.
		if older, err := h.Engine.RefreshPolicy(ctx, escalation.PolicyID(c.ID), "", incident.Command{}, true); err == nil && len(older) > 0 {
			warnings = append(warnings, fmt.Sprintf("open incidents that follow the escalation policy %s as it was: %d; hub policy refresh %s moves them", c.ID, len(older), c.ID))
		}
	}
	return warnings
}
