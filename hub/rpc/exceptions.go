package rpc

import (
	"context"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/organisation"
	"tocsin/hub/pager"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/schedule"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// Exceptions from what the configuration file says: overrides and absences.

// AddOverride implements the command line's service.
func (h *Hub) AddOverride(ctx context.Context, req *connect.Request[hubv1.AddOverrideRequest]) (*connect.Response[hubv1.AddOverrideResponse], error) {
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	m := req.Msg
	made, moves, err := h.Rota.AddOverride(ctx, rota.OverrideRequest{
		Schedule: m.ScheduleId, From: m.From, To: m.To, User: m.UserId, Replaces: m.Replaces, DryRun: m.DryRun, By: string(by),
	}, engine.Now())
	if err != nil {
		return nil, err
	}
	if !m.DryRun {
		h.Log.Info("an override was made", "id", made.ID, "schedule", made.Schedule, "user", made.User, "by", by)
		if err := h.configured(ctx, by); err != nil {
			return nil, err
		}
	}
	out := &hubv1.AddOverrideResponse{Override: h.override(made)}
	for _, m := range moves {
		out.Consequences = append(out.Consequences, m.String())
	}
	if a, off := h.Directory.Current().AbsenceAt(made.User, made.Start); off {
		out.Consequences = append(out.Consequences, fmt.Sprintf("Beware: %s is away from %s to %s, and is not paged then",
			made.User, wallClock(a.Start.In(made.Start.Location())), wallClock(a.End.In(made.Start.Location()))))
	}
	return connect.NewResponse(out), nil
}

// override is one on the wire; times are shown in its schedule's zone.
func (h *Hub) override(m rota.MadeOverride) *hubv1.Override {
	zone := "UTC"
	if s, ok := h.Directory.Current().Schedule(schedule.ID(m.Schedule)); ok {
		zone = s.Zone.String()
	}
	return &hubv1.Override{
		Id: m.ID, ScheduleId: m.Schedule, Start: pager.Stamp(m.Start), End: pager.Stamp(m.End), UserId: string(m.User),
		Replaces: string(m.Replaces), MadeBy: m.By, MadeAt: pager.Stamp(m.Made), TimeZone: zone,
	}
}

// ListOverrides implements the command line's service.
func (h *Hub) ListOverrides(ctx context.Context, req *connect.Request[hubv1.ListOverridesRequest]) (*connect.Response[hubv1.ListOverridesResponse], error) {
	list, err := h.Rota.Overrides(ctx, req.Msg.ScheduleId, engine.Now())
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListOverridesResponse{}
	for _, o := range list {
		out.Overrides = append(out.Overrides, h.override(o))
	}
	return connect.NewResponse(out), nil
}

// RemoveOverride implements the command line's service.
func (h *Hub) RemoveOverride(ctx context.Context, req *connect.Request[hubv1.RemoveOverrideRequest]) (*connect.Response[hubv1.RemoveOverrideResponse], error) {
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	if err := h.Rota.RemoveOverride(ctx, req.Msg.Id, string(by), engine.Now()); err != nil {
		return nil, err
	}
	h.Log.Info("an override was removed", "id", req.Msg.Id, "by", by)
	return connect.NewResponse(&hubv1.RemoveOverrideResponse{}), h.configured(ctx, by)
}

// AddAbsence implements the command line's service.
func (h *Hub) AddAbsence(ctx context.Context, req *connect.Request[hubv1.AddAbsenceRequest]) (*connect.Response[hubv1.AddAbsenceResponse], error) {
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	m := req.Msg
	a, err := h.Rota.AddAbsence(ctx, rota.AbsenceRequest{User: m.UserId, From: m.From, To: m.To, DryRun: m.DryRun}, engine.Now())
	if err != nil {
		return nil, err
	}
	org := withAbsence(h.Directory.Current(), a)
	if !m.DryRun {
		h.Log.Info("an absence was entered", "id", a.ID, "user", a.User, "planned", a.Planned, "by", by)
		if err := h.configured(ctx, by); err != nil {
			return nil, err
		}
		org = h.Directory.Current()
	}
	return connect.NewResponse(&hubv1.AddAbsenceResponse{Absence: absence(org, a)}), nil
}

// withAbsence is an organisation in which an absence stands. The schedules that
// reckon with it already tell so by its moves.
func withAbsence(o *organisation.Organisation, a rota.Absence) *organisation.Organisation {
	set := o.Set
	set.Absences = append(append([]responder.Absence{}, o.Absences...), a.Absence)
	if a.Planned {
		set.Schedules = nil
		for _, s := range o.Schedules {
			with := *s
			with.Absences = append(append([]responder.Absence{}, s.Absences...), a.Absence)
			set.Schedules = append(set.Schedules, &with)
		}
	}
	return organisation.New(set)
}

// absence is one on the wire, with what it does.
func absence(org *organisation.Organisation, a rota.Absence) *hubv1.Absence {
	out := &hubv1.Absence{
		Id: a.ID, UserId: string(a.User), Start: pager.Stamp(a.Start), End: pager.Stamp(a.End), Planned: a.Planned, TimeZone: a.Start.Location().String(),
	}
	for _, m := range a.Moves {
		if m.Is == "" {
			out.Warnings = append(out.Warnings, m.String())
			continue
		}
		out.Consequences = append(out.Consequences, m.String())
	}
	for _, s := range org.Schedules {
		for _, f := range schedule.Join(s.Shifts(a.Start, a.End)) {
			if f.User == a.User && f.End.Sub(f.Start) >= time.Minute {
				out.Warnings = append(out.Warnings, fmt.Sprintf("%s: %s stays on call from %s to %s, but is not paged; the next level is",
					s.Name, a.User, wallClock(f.Start), wallClock(f.End)))
			}
		}
	}
	byName(org, a.User, out)
	return out
}

// byName tells of the levels on which the user stands by name.
func byName(org *organisation.Organisation, u responder.UserID, out *hubv1.Absence) {
	for _, p := range org.Policies {
		for i, l := range p.Levels {
			named := slices.ContainsFunc(l.Targets, func(t escalation.Target) bool { return t.User == u })
			switch {
			case named && len(l.Targets) == 1:
				out.Warnings = append(out.Warnings, fmt.Sprintf("escalation policy %s: nobody is paged on level %d, where %s stands alone", p.Name, i+1, u))
			case named:
				out.Consequences = append(out.Consequences, fmt.Sprintf("escalation policy %s: %s is left out on level %d", p.Name, u, i+1))
			}
		}
	}
}

// wallClock shows an instant in its zone.
func wallClock(t time.Time) string { return t.Format("Mon 2006-01-02 15:04 MST") }

// ListAbsences implements the command line's service.
func (h *Hub) ListAbsences(ctx context.Context, req *connect.Request[hubv1.ListAbsencesRequest]) (*connect.Response[hubv1.ListAbsencesResponse], error) {
	list, err := h.Rota.Absences(ctx, req.Msg.UserId, engine.Now())
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListAbsencesResponse{}
	for _, a := range list {
		out.Absences = append(out.Absences, absence(h.Directory.Current(), a))
	}
	return connect.NewResponse(out), nil
}

// EndAbsence implements the command line's service.
func (h *Hub) EndAbsence(ctx context.Context, req *connect.Request[hubv1.EndAbsenceRequest]) (*connect.Response[hubv1.EndAbsenceResponse], error) {
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	if err := h.Rota.EndAbsence(ctx, req.Msg.Id, engine.Now()); err != nil {
		return nil, err
	}
	h.Log.Info("an absence was ended", "id", req.Msg.Id, "by", by)
	return connect.NewResponse(&hubv1.EndAbsenceResponse{}), h.configured(ctx, by)
}
