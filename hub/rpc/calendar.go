package rpc

import (
	"context"
	"fmt"
	"strings"

	"connectrpc.com/connect"

	"tocsin/hub/auth"
	"tocsin/hub/calendar"
	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/schedule"
	"tocsin/hub/store"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// CreateCalendarLink implements the command line's service.
func (h *Hub) CreateCalendarLink(ctx context.Context, req *connect.Request[hubv1.CreateCalendarLinkRequest]) (*connect.Response[hubv1.CreateCalendarLinkResponse], error) {
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	m := req.Msg
	if (m.ScheduleId == "") == (m.UserId == "") {
		return nil, fault.New(fault.Invalid, "name either a schedule (--schedule) or a user (--user)")
	}
	known := Roster{History: organisation.Always(h.Directory.Current())}
	if err := known.known(m.ScheduleId, m.UserId); err != nil {
		return nil, err
	}
	secret := calendar.NewSecret()
	of := store.Calendar{Schedule: schedule.ID(m.ScheduleId), User: responder.UserID(m.UserId)}
	err = h.Store.Update(ctx, func(tx store.Tx) error { return tx.SetCalendarLink(auth.Hash(secret), of, engine.Now()) })
	if err != nil {
		return nil, fmt.Errorf("store a calendar's link: %w", err)
	}
	h.Log.Info("a calendar link was made; the one before it ended", "schedule", m.ScheduleId, "user", m.UserId, "by", by)
	return connect.NewResponse(&hubv1.CreateCalendarLinkResponse{Url: h.LinkURL() + calendar.Path(secret)}), nil
}

// ImportOverrides implements the command line's service.
func (h *Hub) ImportOverrides(ctx context.Context, req *connect.Request[hubv1.ImportOverridesRequest]) (*connect.Response[hubv1.ImportOverridesResponse], error) {
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	m, org := req.Msg, h.Directory.Current()
	if err := (Roster{History: organisation.Always(org)}).known(m.ScheduleId, ""); err != nil {
		return nil, err
	}
	s, _ := org.Schedule(schedule.ID(m.ScheduleId))
	if s == nil {
		return nil, fault.New(fault.Invalid, "--schedule: name the schedule that the events are for")
	}
	wishes, problems := calendar.Read(m.Calendar, s.Zone, org.Users)
	if len(problems) > 0 {
		return nil, fault.New(fault.Invalid, "%s", listed(problems))
	}
	imported, err := h.Rota.ImportOverrides(ctx, importRequest(m, wishes, by), engine.Now())
	if err != nil {
		return nil, err
	}
	out := &hubv1.ImportOverridesResponse{}
	changed := 0
	for _, i := range imported {
		out.Overrides = append(out.Overrides, &hubv1.ImportedOverride{Override: h.override(i.MadeOverride), Verb: i.Verb})
		if i.Verb != "unchanged" && i.Verb != "over" {
			changed++
		}
	}
	if changed > 0 && !m.DryRun {
		h.Log.Info("overrides were imported", "schedule", m.ScheduleId, "changed", changed, "by", by)
		if err := h.configured(ctx, by); err != nil {
			return nil, err
		}
	}
	return connect.NewResponse(out), nil
}

func importRequest(m *hubv1.ImportOverridesRequest, wishes []calendar.Wish, by responder.UserID) rota.ImportRequest {
	r := rota.ImportRequest{Schedule: m.ScheduleId, DryRun: m.DryRun, By: string(by)}
	for _, w := range wishes {
		r.Events = append(r.Events, rota.CalendarEvent(w))
	}
	return r
}

// listed is what is wrong with a file, a line each.
func listed(problems []calendar.Problem) string {
	const most = 20
	var lines []string
	for i, p := range problems {
		if i == most {
			lines = append(lines, fmt.Sprintf("… and %d more", len(problems)-most))
			break
		}
		lines = append(lines, p.String())
	}
	return "nothing was imported:\n" + strings.Join(lines, "\n")
}
