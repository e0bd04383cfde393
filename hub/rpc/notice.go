package rpc

import (
	"context"
	"errors"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/incident"
	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/pager"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// maxNotices bounds what one snapshot carries of them; the oldest come first, and
// the next snapshot has the others once those were shown.
const maxNotices = 50

// notices are the frames of what no device of a user has shown.
func (a *Agents) notices(ctx context.Context, u responder.UserID, now time.Time) ([]*agentv1.WatchResponse, error) {
	var unseen []notice.Notice
	err := a.Store.View(ctx, func(tx store.Tx) (err error) {
		unseen, err = tx.Unseen(u, now)
		return err
	})
	var frames []*agentv1.WatchResponse
	for _, n := range unseen[:min(len(unseen), maxNotices)] {
		frames = append(frames, pager.NoticeFrame(n))
	}
	return frames, err
}

// noticeSeen notes that a device has shown a notice. One that is not known was
// forgotten meanwhile.
func (a *Agents) noticeSeen(ctx context.Context, d responder.Device, m *agentv1.NoticeSeen) (store.Outcome, error) {
	err := a.Store.Update(ctx, func(tx store.Tx) error { return tx.SeeNotice(d.User, m.NoticeId, engine.Now()) })
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Outcome{}, err
	}
	return store.Outcome{Answer: incident.Applied}, nil
}

// probed hands a device's answer to who asked.
func (a *Agents) probed(d responder.Device, m *agentv1.ProbeResult) {
	var problems []string
	for _, p := range m.Problems[:min(len(m.Problems), maxProblems)] {
		problems = append(problems, cut(p, 200))
	}
	a.Pager.ProbeAnswered(d.ID, m.ProbeId, m.Ready, problems)
}

// maxProblems bounds what a device may find wrong with itself.
const maxProblems = 10

// Notices answers the command line about notices.
type Notices struct {
	Store store.Store
	Org   func() *organisation.Organisation
}

var _ hubv1connect.NoticeServiceHandler = (*Notices)(nil)

// ListNotices implements the command line's service.
func (n *Notices) ListNotices(ctx context.Context, req *connect.Request[hubv1.ListNoticesRequest]) (*connect.Response[hubv1.ListNoticesResponse], error) {
	user, err := userOf(n.Org(), req.Msg.UserId)
	if err != nil {
		return nil, err
	}
	limit := 50
	if req.Msg.Limit > 0 {
		limit = int(min(req.Msg.Limit, 1000))
	}
	var told []notice.Told
	err = n.Store.View(ctx, func(tx store.Tx) (err error) {
		told, err = tx.Notices(user.ID, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &hubv1.ListNoticesResponse{TimeZone: user.TimeZone}
	for _, t := range told {
		line := &hubv1.ToldNotice{
			Id: t.ID, Title: t.Title, Text: t.Text, MadeAt: pager.Stamp(t.Made), Until: pager.Stamp(t.Until), SeenAt: pager.Stamp(t.Seen),
		}
		for _, s := range t.Sends {
			line.Sends = append(line.Sends, &hubv1.NoticeSend{MethodId: string(s.Method), AnsweredAt: pager.Stamp(s.Answered), Accepted: s.Accepted, Said: s.Said})
		}
		out.Notices = append(out.Notices, line)
	}
	return connect.NewResponse(out), nil
}
