package rpc

import (
	"context"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/duty"
	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/pager"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/schedule"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// Covers answers the command line about who is on duty and who takes over.
type Covers struct {
	Duty *duty.Keeper
	Org  func() *organisation.Organisation
}

var _ hubv1connect.CoverServiceHandler = (*Covers)(nil)

// GoOffDuty implements the command line's service.
func (c *Covers) GoOffDuty(ctx context.Context, req *connect.Request[hubv1.GoOffDutyRequest]) (*connect.Response[hubv1.GoOffDutyResponse], error) {
	m := req.Msg
	user, err := userOf(c.Org(), m.UserId)
	if err != nil {
		return nil, err
	}
	if m.CoverBy != "" && m.Cannot {
		return nil, fault.New(fault.Invalid, "--cover-by asks a colleague, --cannot the next level; use one of them")
	}
	said, err := c.Duty.Off(ctx, duty.Off{
		User: user.ID, Until: m.Until.AsTime().UTC().Truncate(time.Millisecond), CoverBy: responder.UserID(m.CoverBy), Cannot: m.Cannot,
	})
	if err != nil {
		return nil, err
	}
	out := &hubv1.GoOffDutyResponse{Said: said}
	if a, off := c.Org().AbsenceAt(user.ID, engine.Now()); off {
		out.OffDuty, out.Until = true, pager.Stamp(a.End)
	}
	return connect.NewResponse(out), nil
}

// GoOnDuty implements the command line's service.
func (c *Covers) GoOnDuty(ctx context.Context, req *connect.Request[hubv1.GoOnDutyRequest]) (*connect.Response[hubv1.GoOnDutyResponse], error) {
	user, err := userOf(c.Org(), req.Msg.UserId)
	if err != nil {
		return nil, err
	}
	said, err := c.Duty.On(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	out := &hubv1.GoOnDutyResponse{Said: said}
	if a, off := c.Org().AbsenceAt(user.ID, engine.Now()); off {
		out.OffUntil = pager.Stamp(a.End)
	}
	return connect.NewResponse(out), nil
}

// ListCovers implements the command line's service.
func (c *Covers) ListCovers(ctx context.Context, _ *connect.Request[hubv1.ListCoversRequest]) (*connect.Response[hubv1.ListCoversResponse], error) {
	open, err := c.Duty.Requests(ctx)
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListCoversResponse{}
	for _, r := range open {
		i := r.Incident
		line := &hubv1.CoverAsked{
			Number: i.Number, OfUserId: string(i.Cover.Of), Start: pager.Stamp(i.Cover.Start), End: pager.Stamp(i.Cover.End),
			ScheduleIds: i.Cover.Schedules, ToUserId: string(i.Cover.To), Until: pager.Stamp(i.Cover.Until), Urgency: string(i.Urgency),
		}
		for _, p := range r.Pages {
			if p.Open() {
				line.Asked = append(line.Asked, string(p.User))
			}
		}
		out.Covers = append(out.Covers, line)
	}
	return connect.NewResponse(out), nil
}

// TakeShift implements the command line's service.
func (c *Covers) TakeShift(ctx context.Context, req *connect.Request[hubv1.TakeShiftRequest]) (*connect.Response[hubv1.TakeShiftResponse], error) {
	m, as := req.Msg, req.Header().Get(AsHeader)
	if as == "" {
		return nil, fault.New(fault.Invalid, "--as: say who takes the shift")
	}
	r := rota.TakeRequest{Schedule: m.ScheduleId, User: as, By: as, DryRun: m.DryRun}
	if m.Until != nil {
		r.Until = m.Until.AsTime().UTC().Truncate(time.Millisecond)
	}
	taken, err := c.Duty.Take(ctx, r)
	if err != nil {
		return nil, err
	}
	if m.DryRun {
		taken.ID = ""
	}
	return connect.NewResponse(&hubv1.TakeShiftResponse{
		OverrideId: taken.ID, UserId: as, Until: pager.Stamp(taken.End), InsteadOf: string(taken.Was), TimeZone: c.zone(m.ScheduleId),
	}), nil
}

func (c *Covers) zone(id string) string {
	if s, ok := c.Org().Schedule(schedule.ID(id)); ok && s.Zone != nil {
		return s.Zone.String()
	}
	return "UTC"
}

// SwapShifts implements the command line's service.
func (c *Covers) SwapShifts(ctx context.Context, req *connect.Request[hubv1.SwapShiftsRequest]) (*connect.Response[hubv1.SwapShiftsResponse], error) {
	m := req.Msg
	by, err := c.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	swap, err := c.Duty.Swap(ctx, rota.SwapRequest{
		Schedule: m.ScheduleId, First: shiftRef(m.First), Second: shiftRef(m.Second), By: string(by), DryRun: m.DryRun,
	})
	if err != nil {
		return nil, err
	}
	out := &hubv1.SwapShiftsResponse{TimeZone: c.zone(m.ScheduleId)}
	for i, f := range swap.Before {
		if m.DryRun {
			swap.Overrides[i].ID = ""
		}
		out.Shifts = append(out.Shifts, &hubv1.SwappedShift{
			Start: pager.Stamp(f.Start), End: pager.Stamp(f.End), BeforeUserId: string(f.User),
			AfterUserId: string(swap.Overrides[i].User), OverrideId: swap.Overrides[i].ID,
		})
	}
	return connect.NewResponse(out), nil
}

func shiftRef(r *hubv1.ShiftRef) rota.ShiftRef {
	return rota.ShiftRef{User: r.GetUserId(), Start: r.GetStart()}
}

// notAsked says why somebody cannot accept a request for cover.
func notAsked(i incident.Incident) error {
	return fault.New(fault.Invalid, "incident %d asks for cover, and only who was asked can accept it; whoever wants the shift otherwise takes it: hub shift take SCHEDULE --as USER", i.Number)
}
