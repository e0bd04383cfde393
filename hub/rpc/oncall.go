package rpc

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/pager"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// Bounds of one call.
const (
	maxInstants = 10_000
	maxSpan     = 10 * 366 * 24 * time.Hour
)

// OnCall implements the command line's service.
func (h *Hub) OnCall(ctx context.Context, req *connect.Request[hubv1.OnCallRequest]) (*connect.Response[hubv1.OnCallResponse], error) {
	now := engine.Now()
	earliest := now
	for _, at := range req.Msg.At {
		if t := at.AsTime(); t.Before(earliest) {
			earliest = t
		}
	}
	history, err := h.Directory.History(ctx, earliest)
	if err != nil {
		return nil, err
	}
	res, err := Roster{History: history, Now: now, Reachable: h.reachable(ctx)}.OnCall(req.Msg)
	return connected(res, err)
}

// reachable asks for each user once.
func (h *Hub) reachable(ctx context.Context) func(responder.UserID) string {
	known := map[responder.UserID]string{}
	return func(u responder.UserID) string {
		if _, asked := known[u]; !asked {
			reach, err := h.Reach(ctx, u)
			if err != nil {
				h.Log.Error("it could not be looked up whether a user can be reached", "user", u, "err", err)
			}
			known[u] = string(reach)
		}
		return known[u]
	}
}

// ListShifts implements the command line's service.
func (h *Hub) ListShifts(ctx context.Context, req *connect.Request[hubv1.ListShiftsRequest]) (*connect.Response[hubv1.ListShiftsResponse], error) {
	history, err := h.Directory.History(ctx, req.Msg.From.AsTime())
	if err != nil {
		return nil, err
	}
	res, err := Roster{History: history, Now: engine.Now()}.ListShifts(req.Msg)
	return connected(res, err)
}

// connected wraps an answer.
func connected[T any](res *T, err error) (*connect.Response[T], error) {
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(res), nil
}

// Roster says who is on call, for a hub and for a command line without one.
type Roster struct {
	organisation.History
	Now       time.Time
	Reachable func(responder.UserID) string // now; nil: nobody knows
}

// OnCall answers for each instant in the order given, and for each of them the
// schedules, or the levels of a service's policy. fault.NotFound for an id that
// no organisation of the history has.
func (r Roster) OnCall(m *hubv1.OnCallRequest) (*hubv1.OnCallResponse, error) {
	if len(m.At) > maxInstants {
		return nil, fault.New(fault.Invalid, "at most %d instants at a time", maxInstants)
	}
	if err := r.known(m.ScheduleId, ""); err != nil {
		return nil, err
	}
	instants := []time.Time{r.Now}
	if len(m.At) > 0 {
		instants = nil
		for _, at := range m.At {
			instants = append(instants, at.AsTime())
		}
	}
	out := &hubv1.OnCallResponse{}
	for _, at := range instants {
		if m.ServiceId != "" {
			levels, err := r.levels(incident.ServiceID(m.ServiceId), schedule.ID(m.ScheduleId), at)
			if err != nil {
				return nil, err
			}
			out.OnCall = append(out.OnCall, levels...)
			continue
		}
		for _, s := range r.schedules(schedule.ID(m.ScheduleId)) {
			out.OnCall = append(out.OnCall, r.bySchedule(s, at))
		}
	}
	return out, nil
}

// known refuses ids that stand nowhere.
func (r Roster) known(s, u string) error {
	if s != "" && !r.Known(schedule.ID(s)) {
		return fault.New(fault.NotFound, "--schedule: there is no schedule %q%s", s, among(r.schedules(""), func(s *schedule.Schedule) string { return string(s.ID) }))
	}
	org := r.last()
	if _, ok := org.User(responder.UserID(u)); u != "" && !ok {
		return fault.New(fault.NotFound, "--user: there is no user %q%s", u, among(org.Users, func(u responder.User) string { return string(u.ID) }))
	}
	return nil
}

// among names what there is instead, if that is not too much.
func among[T any](list []T, id func(T) string) string {
	const most = 10
	if len(list) == 0 || len(list) > most {
		return ""
	}
	var ids []string
	for _, v := range list {
		ids = append(ids, id(v))
	}
	return "; there is " + strings.Join(ids, ", ")
}

func (r Roster) last() *organisation.Organisation { return r.History[len(r.History)-1].Org }

// schedules lists those that stand in any era, each as it stood last; with an id
// only that one.
func (r Roster) schedules(only schedule.ID) []*schedule.Schedule {
	var list []*schedule.Schedule
	for i := len(r.History) - 1; i >= 0; i-- {
		for _, s := range r.History[i].Org.Schedules {
			same := func(o *schedule.Schedule) bool { return o.ID == s.ID }
			if (only == "" || only == s.ID) && !slices.ContainsFunc(list, same) {
				list = append(list, s)
			}
		}
	}
	return list
}

// bySchedule answers for one schedule; s says what to call it.
func (r Roster) bySchedule(s *schedule.Schedule, at time.Time) *hubv1.OnCall {
	user, until := r.History.OnCall(s.ID, at)
	o := &hubv1.OnCall{ScheduleId: string(s.ID), ScheduleName: s.Name, TimeZone: s.Zone.String(), Until: pager.Stamp(until)}
	if user != "" {
		o.UserIds = []string{string(user)}
	}
	if _, then := r.At(at).Schedule(s.ID); !then {
		o.Note = "the schedule does not exist any more"
		if user, _ := r.last().Schedule(s.ID); user != nil {
			o.Note = "the schedule did not exist yet"
		}
	}
	return r.complete(o, at)
}

// complete adds what holds for every answer.
func (r Roster) complete(o *hubv1.OnCall, at time.Time) *hubv1.OnCall {
	o.At = pager.Stamp(at)
	org := r.At(at)
	if org.Revision == 0 && len(org.Schedules) == 0 {
		o.Note = "nothing was configured yet"
	}
	for _, u := range o.UserIds {
		if r.Reachable != nil {
			o.Reachable = r.Reachable(responder.UserID(u))
		}
		zone, err := time.LoadLocation(o.TimeZone)
		if err != nil {
			zone = time.UTC
		}
		if a, off := org.AbsenceAt(responder.UserID(u), at); off {
			o.Note = fmt.Sprintf("%s is off duty until %s and is not paged", u, wallClock(a.End.In(zone)))
		}
	}
	return o
}

// levels answers for each target of a service's policy.
func (r Roster) levels(id incident.ServiceID, only schedule.ID, at time.Time) ([]*hubv1.OnCall, error) {
	org := r.At(at)
	service, ok := org.Service(id)
	if !ok {
		if _, now := r.last().Service(id); now {
			return []*hubv1.OnCall{r.complete(&hubv1.OnCall{TimeZone: "UTC", Note: "the service did not exist yet"}, at)}, nil
		}
		return nil, fault.New(fault.NotFound, "--service: there is no service %q%s", id, among(org.Services, func(s incident.Service) string { return string(s.ID) }))
	}
	policy, _ := org.Policy(escalation.PolicyID(service.Policy))
	var list []*hubv1.OnCall
	for n, level := range policy.Levels {
		for _, t := range level.Targets {
			if only != "" && t.Schedule != string(only) {
				continue
			}
			o := r.byTarget(org, t, at)
			o.Level = uint32(n + 1)
			list = append(list, o)
		}
	}
	return list, nil
}

func (r Roster) byTarget(org *organisation.Organisation, t escalation.Target, at time.Time) *hubv1.OnCall {
	o := &hubv1.OnCall{TimeZone: "UTC"}
	switch {
	case t.User != "":
		o.Target, o.UserIds = "user "+string(t.User), []string{string(t.User)}
		if u, _ := org.User(t.User); u.TimeZone != "" {
			o.TimeZone = u.TimeZone
		}
	case t.Team != "":
		o.Target = "team " + string(t.Team)
		team, _ := org.Team(t.Team)
		for _, u := range team.Members {
			o.UserIds = append(o.UserIds, string(u))
		}
	default:
		if s, ok := org.Schedule(schedule.ID(t.Schedule)); ok {
			return r.bySchedule(s, at)
		}
		o.ScheduleId = t.Schedule
	}
	return r.complete(o, at)
}

// ListShifts lists the shifts of a span by schedule. Of one user and no schedule
// named, only the schedules in which there are some.
func (r Roster) ListShifts(m *hubv1.ListShiftsRequest) (*hubv1.ListShiftsResponse, error) {
	from, to := m.From.AsTime(), m.To.AsTime()
	switch {
	case !from.Before(to):
		return nil, fault.New(fault.Invalid, "--to: %s is not after --from %s", to.Format(time.RFC3339), from.Format(time.RFC3339))
	case to.Sub(from) > maxSpan:
		return nil, fault.New(fault.Invalid, "--to: at most ten years after --from")
	}
	if err := r.known(m.ScheduleId, m.UserId); err != nil {
		return nil, err
	}
	out := &hubv1.ListShiftsResponse{}
	for _, s := range r.schedules(schedule.ID(m.ScheduleId)) {
		shifts := r.shifts(s.ID, responder.UserID(m.UserId), from, to, int(m.Next))
		if len(shifts) > 0 || m.UserId == "" || m.ScheduleId != "" {
			out.Schedules = append(out.Schedules, &hubv1.ScheduleShifts{
				ScheduleId: string(s.ID), ScheduleName: s.Name, TimeZone: s.Zone.String(), Shifts: shifts,
				Since: pager.Stamp(r.Since(s.ID, from)),
			})
		}
	}
	return out, nil
}

func (r Roster) shifts(id schedule.ID, user responder.UserID, from, to time.Time, next int) []*hubv1.Shift {
	var list []*hubv1.Shift
	for _, f := range r.Shifts(id, from, to) {
		if user != "" && f.User != user {
			continue
		}
		if next > 0 {
			f = r.whole(id, f, from, to)
		}
		list = append(list, &hubv1.Shift{
			Start: pager.Stamp(f.Start), End: pager.Stamp(f.End), UserId: string(f.User),
			Layer: f.Source.Layer, Override: f.Source.Override,
		})
		if next > 0 && len(list) == next {
			break
		}
	}
	return list
}

// whole gives a shift that was cut to a span its own start, and no end if none
// is in sight.
func (r Roster) whole(id schedule.ID, f schedule.Shift, from, to time.Time) schedule.Shift {
	if s, ok := r.At(from).Schedule(id); ok && f.Start.Equal(from) {
		f.Start = s.OnCall(from).Start
	}
	if f.End.Equal(to) {
		f.End = time.Time{}
	}
	return f
}
