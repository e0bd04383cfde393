package rpc

import (
	"context"
	"sync"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/muster"
	"tocsin/hub/organisation"
	"tocsin/hub/pager"
	"tocsin/hub/readiness"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// Checks answers the command line about whether people can be reached.
type Checks struct {
	Org    func() *organisation.Organisation
	Muster *muster.Muster
}

var _ hubv1connect.ReadinessServiceHandler = (*Checks)(nil)

// CheckNow implements the command line's service.
func (c *Checks) CheckNow(ctx context.Context, req *connect.Request[hubv1.CheckNowRequest]) (*connect.Response[hubv1.CheckNowResponse], error) {
	org := c.Org()
	comers := c.Muster.Comers(engine.Now(), readiness.Ahead)
	if req.Msg.UserId != "" {
		user, err := userOf(org, req.Msg.UserId)
		if err != nil {
			return nil, err
		}
		only := muster.Comer{User: user.ID}
		for _, o := range comers {
			if o.User == user.ID {
				only = o
			}
		}
		comers = []muster.Comer{only}
	}
	out := &hubv1.CheckNowResponse{Users: make([]*hubv1.Checked, len(comers))}
	errs := make([]error, len(comers))
	var running sync.WaitGroup
	for i, o := range comers {
		running.Go(func() { out.Users[i], errs[i] = c.check(ctx, org, o) })
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return connect.NewResponse(out), nil
}

func (c *Checks) check(ctx context.Context, org *organisation.Organisation, o muster.Comer) (*hubv1.Checked, error) {
	v, err := c.Muster.Look(ctx, o.User)
	if err != nil {
		return nil, err
	}
	user, _ := org.User(o.User)
	row := &hubv1.Checked{
		UserId: string(o.User), Name: user.Name, Devices: v.Devices, Wakes: v.Wakes, Reachable: string(v.Reach), Good: v.Good, TimeZone: user.TimeZone,
	}
	if a, off := org.AbsenceAt(o.User, engine.Now()); off {
		row.OffUntil = pager.Stamp(a.End)
	}
	for _, s := range o.Shifts {
		zone := "UTC"
		if sched, ok := org.Schedule(s.Schedule); ok {
			zone = sched.Zone.String()
		}
		row.Shifts = append(row.Shifts, &hubv1.CheckedShift{
			ScheduleId: string(s.Schedule), ScheduleName: s.Name, Start: pager.Stamp(s.Start), End: pager.Stamp(s.End), TimeZone: zone,
		})
	}
	return row, nil
}
