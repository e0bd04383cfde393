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
	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/store"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// Teller tells people what asks for no acknowledgement.
type Teller interface {
	Tell(ctx context.Context, list ...notice.Notice) error
}

// Users answers the command line about people.
type Users struct {
	Hub     *Hub
	Notices Teller
}

var _ hubv1connect.UserServiceHandler = (*Users)(nil)

// Offboard implements the command line's service. First nobody can be paged by the
// user's name any more, then what is open moves on: a hub that dies in between
// leaves a user who has only to be offboarded once more.
func (u *Users) Offboard(ctx context.Context, req *connect.Request[hubv1.OffboardRequest]) (*connect.Response[hubv1.OffboardResponse], error) {
	m, h := req.Msg, u.Hub
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	if string(by) == m.UserId { // whoever leaves does not sign for it
		if by, err = u.otherAdmin(by); err != nil {
			return nil, err
		}
	}
	done, err := h.Rota.Offboard(ctx, rota.OffboardRequest{
		User: m.UserId, ReplaceWith: m.ReplaceWith, In: m.In, DryRun: m.DryRun, LeaveGaps: m.LeaveGaps, By: string(by),
	}, engine.Now())
	if err != nil {
		return nil, err
	}
	if !m.DryRun {
		if err := u.felt(ctx, done, by); err != nil {
			return nil, err
		}
	}
	incidents, err := u.moveOn(ctx, done.User, by, m.DryRun)
	if err != nil {
		return nil, err
	}
	if !done.Known && len(done.Devices)+len(done.Absences)+len(incidents) == 0 {
		return nil, fault.New(fault.NotFound, "there is no user %q, and nothing left of one", m.UserId)
	}
	if !m.DryRun {
		h.Log.Info("a user was offboarded", "user", done.User, "by", by, "places", len(done.Stood), "devices", len(done.Devices), "incidents", len(incidents))
	}
	return connect.NewResponse(offboarded(done, incidents)), nil
}

// otherAdmin acts for an admin who leaves.
func (u *Users) otherAdmin(leaves responder.UserID) (responder.UserID, error) {
	for _, o := range u.Hub.Directory.Current().Users {
		if o.Role == responder.Admin && o.ID != leaves {
			return o.ID, nil
		}
	}
	return "", fault.New(fault.Invalid, "%s is the only admin; give somebody else the role admin first, in the file that hub apply takes", leaves)
}

// felt makes it felt by devices and open incidents, and tells who takes over. Whose
// shifts move is told by the keeper of duty, so schedules are left to it.
func (u *Users) felt(ctx context.Context, done rota.Offboarded, by responder.UserID) error {
	h := u.Hub
	h.Devices.Forget()
	for _, d := range done.Devices {
		h.Pager.Revoke(d.ID)
	}
	if err := h.Duty.Reload(ctx, by); err != nil {
		return err
	}
	places := map[responder.UserID][]string{}
	for _, s := range done.Stood {
		if s.By != "" && !strings.HasPrefix(s.Place, "schedule/") {
			places[s.By] = append(places[s.By], s.Place+" ("+s.What+")")
		}
	}
	var list []notice.Notice
	revision := h.Directory.Current().Revision
	for heir, stood := range places {
		list = append(list, notice.Notice{
			ID: fmt.Sprintf("offboarded/%s/%d/%s", done.User, revision, heir), User: heir, Via: notice.ViaQuiet,
			Title: "You take over from " + done.Name, Text: "In " + strings.Join(stood, ", ") + ".",
		})
	}
	return u.Notices.Tell(ctx, list...)
}

// moveOn lets go of what the user holds, which pages by its policy again, and ends
// the user's open pages as passed on. It tells of each incident in a sentence.
func (u *Users) moveOn(ctx context.Context, leaves, by responder.UserID, dryRun bool) ([]string, error) {
	h := u.Hub
	var open []incident.ID
	err := h.Store.View(ctx, func(tx store.Tx) (err error) {
		open, err = tx.OpenIDs()
		return err
	})
	if err != nil {
		return nil, err
	}
	if !dryRun {
		if _, err := h.Engine.WithdrawCover(ctx, leaves, func(store.Tx) error { return nil }); err != nil {
			return nil, err
		}
	}
	var said []string
	for _, id := range open {
		var sentence string
		work := func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
			sentence = ""
			next, entries, text := released(s, h.Directory.Current(), leaves, by, now)
			if sentence = text; dryRun {
				return s, nil, nil
			}
			return next, entries, nil
		}
		if _, err := h.Engine.Do(ctx, id, work); err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, fmt.Errorf("move incident %s on: %w", id, err)
		}
		if sentence != "" {
			said = append(said, sentence)
		}
	}
	return said, nil
}

// released is an incident without a user: what they hold is given back to its
// policy, and what pages them is passed on.
func released(s escalation.State, org *organisation.Organisation, leaves, by responder.UserID, now time.Time) (escalation.State, []incident.Entry, string) {
	i := s.Incident
	if i.Status == incident.Acknowledged && i.Holder == leaves && !i.Cover.Asked() {
		policy, revision := s.Policy, i.Revision
		if p, ok := org.Policy(escalation.PolicyID(i.Policy)); ok {
			policy, revision = p, org.Revision
		}
		next, answer, e := escalation.ReassignToPolicy(s, incident.Command{By: by, Opening: i.Opening, Made: now}, policy, revision, org.LeaseOf(i), now)
		if answer != incident.Applied {
			return s, nil, fmt.Sprintf("incident %d is held and cannot be given back: %s", i.Number, e.Reason)
		}
		return next, []incident.Entry{e}, fmt.Sprintf("incident %d was held, and pages by its policy again", i.Number)
	}
	page, paged := s.OpenPageOf(leaves)
	if !paged {
		return s, nil, ""
	}
	if page.PassedOn {
		return s, nil, fmt.Sprintf("incident %d: the page was passed on, and stays open until somebody else is alarmed", i.Number)
	}
	next, answer, e := escalation.PassOn(s, incident.Command{By: leaves, Opening: i.Opening, Made: now}, 0, now)
	if answer != incident.Applied {
		return s, nil, fmt.Sprintf("incident %d: the page stays open, as there is nobody behind it", i.Number)
	}
	if e.Reason == incident.ReasonByUser {
		e.Reason = incident.ReasonOffboarded
	}
	return next, []incident.Entry{e}, fmt.Sprintf("incident %d: the page was passed on", i.Number)
}

func offboarded(done rota.Offboarded, incidents []string) *hubv1.OffboardResponse {
	out := &hubv1.OffboardResponse{UserName: done.Name, Known: done.Known, Incidents: incidents, Holes: done.Holes}
	for _, s := range done.Stood {
		out.Stood = append(out.Stood, &hubv1.Stood{Place: s.Place, What: s.What, Then: s.Then})
	}
	for _, m := range done.Moves {
		out.Moves = append(out.Moves, m.String())
	}
	for _, d := range done.Devices {
		out.Devices = append(out.Devices, d.Name)
	}
	slices.Sort(out.Devices)
	for _, a := range done.Absences {
		out.Absences = append(out.Absences, fmt.Sprintf("from %s to %s", wallClock(a.Start), wallClock(a.End)))
	}
	return out
}
