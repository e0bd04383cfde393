package rpc

import (
	"context"
	"slices"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/duty"
	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/organisation"
	"tocsin/hub/pager"
	"tocsin/hub/readiness"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/schedule"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// PreviewDuty implements the protocol.
func (a *Agents) PreviewDuty(ctx context.Context, req *connect.Request[agentv1.PreviewDutyRequest]) (*connect.Response[agentv1.PreviewDutyResponse], error) {
	device, err := a.Devices.ByCredential(ctx, bearer(req.Header().Get("Authorization")))
	if err != nil {
		return nil, err
	}
	now := engine.Now()
	until := req.Msg.Until.AsTime()
	if err := duty.CheckUntil(until, now); err != nil {
		return nil, err
	}
	return connect.NewResponse(previewOff(a.Directory.Current(), device.User, now, until, a.Pager.Reachable)), nil
}

// previewOff says what changes while a user is off duty, and who may take over.
func previewOff(org *organisation.Organisation, u responder.UserID, now, until time.Time, reachable func(responder.UserID) string) *agentv1.PreviewDutyResponse {
	out := pager.PreviewOff(org, u, now, until)
	stands := org.Stands(u, now, until)
	out.OnCallNow = len(stands) > 0 && !organisation.FirstShift(stands).After(now)
	for _, p := range org.ByName(u) {
		out.Warnings = append(out.Warnings, "The escalation policy "+p.Name+" names you yourself, not a schedule: nobody can be put in for you there; the others of the level, or the next one, are paged.")
	}
	if len(stands) == 0 {
		return out
	}
	colleague := func(id responder.UserID) *agentv1.Colleague {
		return &agentv1.Colleague{UserId: string(id), Name: org.UserName(id), Reachable: reaches[readiness.Reach(reachable(id))]}
	}
	for _, id := range org.Colleagues(u, stands, now, reachable) {
		out.Colleagues = append(out.Colleagues, colleague(id))
	}
	for _, id := range org.NextLevel(org.CoverLevels(u, stands), u, now) {
		out.Next = append(out.Next, colleague(id))
	}
	if len(out.Next) == 0 {
		out.Warnings = append(out.Warnings, "There is nobody behind you who could be asked to take over; only the catch-all would be.")
	}
	return out
}

// SetDuty implements the protocol. Leaving is never refused.
func (a *Agents) SetDuty(ctx context.Context, req *connect.Request[agentv1.SetDutyRequest]) (*connect.Response[agentv1.SetDutyResponse], error) {
	device, err := a.Devices.ByCredential(ctx, bearer(req.Header().Get("Authorization")))
	if err != nil {
		return nil, err
	}
	m := req.Msg
	var said []string
	if m.OffUntil == nil {
		said, err = a.Duty.On(ctx, device.User)
	} else {
		said, err = a.Duty.Off(ctx, duty.Off{
			User: device.User, Device: device.ID, Until: m.OffUntil.AsTime().UTC().Truncate(time.Millisecond),
			CoverBy: responder.UserID(m.CoverBy), Cannot: m.Cannot,
		})
	}
	if err != nil {
		return nil, err
	}
	a.Log.Info("duty changed", "user", device.User, "off", m.OffUntil != nil, "said", said)
	return connect.NewResponse(&agentv1.SetDutyResponse{
		Duty: pager.DutyOf(a.Directory.Current(), device.User, engine.Now(), a.waiting(ctx)(device.User)), Said: said,
	}), nil
}

// waiting looks up which colleagues have not answered yet.
func (a *Agents) waiting(ctx context.Context) func(responder.UserID) pager.Waiting {
	org := a.Directory.Current()
	open, err := a.Duty.Waiting(ctx)
	if err != nil {
		a.Log.Error("the open requests for cover could not be read", "err", err)
	}
	return func(u responder.UserID) pager.Waiting {
		w, ok := open[u]
		if !ok {
			return pager.Waiting{}
		}
		return pager.Waiting{For: org.UserName(w.To), Until: w.Until}
	}
}

// mayTake refuses who has nothing to do with a schedule: incidents of its team would
// go to their device. An admin puts anybody on call, with an override.
func mayTake(org *organisation.Organisation, u responder.UserID, id schedule.ID) error {
	s, known := org.Schedule(id)
	if !known {
		return nil // which is said where it is taken
	}
	for _, l := range s.Layers {
		if slices.Contains(l.Participants, u) {
			return nil
		}
	}
	teams := readiness.TeamsOf(org, id)
	for _, t := range teams {
		if team, _ := org.Team(t); slices.Contains(team.Members, u) || slices.Contains(team.Managers, u) {
			return nil
		}
	}
	if user, _ := org.User(u); user.Role == responder.Admin || len(teams) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "schedule_id: you are in no team of %s and not in its rotations; ask an admin to put you on call there: hub override add", s.Name)
}

// TakeShift implements the protocol.
func (a *Agents) TakeShift(ctx context.Context, req *connect.Request[agentv1.TakeShiftRequest]) (*connect.Response[agentv1.TakeShiftResponse], error) {
	device, err := a.Devices.ByCredential(ctx, bearer(req.Header().Get("Authorization")))
	if err != nil {
		return nil, err
	}
	if err := mayTake(a.Directory.Current(), device.User, schedule.ID(req.Msg.ScheduleId)); err != nil {
		return nil, err
	}
	r := rota.TakeRequest{Schedule: req.Msg.ScheduleId, User: string(device.User), By: string(device.User)}
	if req.Msg.Until != nil {
		r.Until = req.Msg.Until.AsTime().UTC().Truncate(time.Millisecond)
	}
	taken, err := a.Duty.Take(ctx, r)
	if err != nil {
		return nil, err
	}
	out := &agentv1.TakeShiftResponse{Until: pager.Stamp(taken.End)}
	if taken.Was != "" {
		out.InsteadOf = a.Directory.Current().UserName(taken.Was)
	}
	return connect.NewResponse(out), nil
}

// RefreshDuty tells every device its user's duty and shifts, because they may
// have changed.
func (a *Agents) RefreshDuty() {
	// One after the other, so that the last to be told is the last that holds.
	a.refresh.Lock()
	defer a.refresh.Unlock()
	org, now, waiting := a.Directory.Current(), engine.Now(), a.waiting(context.Background())
	a.Pager.ToUsers(func(u responder.UserID) []*agentv1.WatchResponse {
		return []*agentv1.WatchResponse{pager.DutyFrame(org, u, now, waiting(u)), a.rosterFrame(context.Background(), org, u, now)}
	})
	a.OnCallChanged() // and the call sheets
}

// SendTestPage implements the protocol.
func (a *Agents) SendTestPage(ctx context.Context, req *connect.Request[agentv1.SendTestPageRequest]) (*connect.Response[agentv1.SendTestPageResponse], error) {
	device, err := a.Devices.ByCredential(ctx, bearer(req.Header().Get("Authorization")))
	if err != nil {
		return nil, err
	}
	change, err := a.Engine.TestPage(ctx, device.User, "This is a test. Acknowledge it, and nothing more happens.")
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&agentv1.SendTestPageResponse{Number: change.State.Incident.Number}), nil
}
