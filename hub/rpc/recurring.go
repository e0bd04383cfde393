package rpc

import (
	"context"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/pager"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// actor is who acts: the user named, else the first admin.
func (c *Covers) actor(as string) (responder.UserID, error) {
	org := c.Org()
	if as != "" {
		if _, known := org.User(responder.UserID(as)); !known {
			return "", fault.New(fault.NotFound, "--as: there is no user %q", as)
		}
		return responder.UserID(as), nil
	}
	admin, _ := org.FirstAdmin()
	return admin.ID, nil
}

// AddRecurringAbsence implements the command line's service.
func (c *Covers) AddRecurringAbsence(ctx context.Context, req *connect.Request[hubv1.AddRecurringAbsenceRequest]) (*connect.Response[hubv1.AddRecurringAbsenceResponse], error) {
	by, err := c.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	m := req.Msg.Absence
	window, err := rota.ParseRecurring(m.GetDays(), m.GetFrom(), m.GetTo(), m.GetStart(), m.GetUntil())
	if err != nil {
		return nil, err
	}
	made, err := c.Duty.AddRecurring(ctx, rota.RecurringRequest{User: m.GetUserId(), Window: window, DryRun: req.Msg.DryRun, By: string(by)})
	if err != nil {
		return nil, err
	}
	if req.Msg.DryRun {
		made.ID = ""
	}
	return connect.NewResponse(&hubv1.AddRecurringAbsenceResponse{Absence: recurring(made)}), nil
}

func recurring(r rota.Recurring) *hubv1.RecurringAbsence {
	out := &hubv1.RecurringAbsence{
		Id: r.ID, UserId: string(r.User), From: string(r.Window.From), To: string(r.Window.To), Start: string(r.Window.Start), Until: string(r.Window.Until),
		TimeZone: r.Zone.String(), Text: r.Window.String(), NextStart: pager.Stamp(r.Next.Start), NextEnd: pager.Stamp(r.Next.End),
	}
	for _, d := range r.Window.Days {
		out.Days = append(out.Days, string(d))
	}
	for _, m := range r.Moves {
		if m.Is == "" {
			out.Warnings = append(out.Warnings, m.String())
		} else {
			out.Consequences = append(out.Consequences, m.String())
		}
	}
	return out
}

// ListRecurringAbsences implements the command line's service.
func (c *Covers) ListRecurringAbsences(ctx context.Context, req *connect.Request[hubv1.ListRecurringAbsencesRequest]) (*connect.Response[hubv1.ListRecurringAbsencesResponse], error) {
	list, err := c.Duty.Rota.RecurringAbsences(ctx, req.Msg.UserId, engine.Now())
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListRecurringAbsencesResponse{}
	for _, r := range list {
		out.Absences = append(out.Absences, recurring(r))
	}
	return connect.NewResponse(out), nil
}

// RemoveRecurringAbsence implements the command line's service.
func (c *Covers) RemoveRecurringAbsence(ctx context.Context, req *connect.Request[hubv1.RemoveRecurringAbsenceRequest]) (*connect.Response[hubv1.RemoveRecurringAbsenceResponse], error) {
	by, err := c.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	if err := c.Duty.RemoveRecurring(ctx, req.Msg.Id, by); err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.RemoveRecurringAbsenceResponse{}), nil
}
