package link

import (
	"context"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/agent/inbox"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// Preview is what going off duty would change.
type Preview struct {
	Covers   []Cover
	Warnings []string
	// OnCallNow: leaving needs somebody who takes over: one of Colleagues, the
	// likeliest first, or, with Leave.Cannot, Next.
	OnCallNow        bool
	Colleagues, Next []Colleague
}

// Colleague is somebody who can be asked to take over.
type Colleague struct {
	ID, Name  string
	Reachable inbox.Reachable
}

// Leave says how the user goes off duty.
type Leave struct {
	Until time.Time // zero: back on duty now
	// CoverBy is the id of a colleague to be asked for cover: the user goes off
	// duty when they accept.
	CoverBy string
	// Cannot: off duty at once, and the hub asks who is next. It is also what
	// becomes of somebody on call who names nobody.
	Cannot bool
}

// DutyAnswer is what the hub made of it.
type DutyAnswer struct {
	Duty inbox.Duty
	// Said is what was done about cover, one sentence each.
	Said []string
}

// Taken is a shift that the user has taken over.
type Taken struct {
	Until     time.Time
	InsteadOf string // empty: of nobody
}

// Cover is one stretch in which somebody else is paged instead; nobody named:
// only the catch-all.
type Cover struct {
	Service    string
	Start, End time.Time
	Instead    []string
}

// PreviewDuty asks who is paged instead. Errors are for Sentence.
func (s *Session) PreviewDuty(ctx context.Context, until time.Time) (Preview, error) {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	answer, err := s.to.client().PreviewDuty(ctx, connect.NewRequest(&agentv1.PreviewDutyRequest{Until: timestamppb.New(until)}))
	if err != nil {
		return Preview{}, err
	}
	p := Preview{
		Warnings: answer.Msg.GetWarnings(), OnCallNow: answer.Msg.GetOnCallNow(),
		Colleagues: colleagues(answer.Msg.GetColleagues()), Next: colleagues(answer.Msg.GetNext()),
	}
	for _, c := range answer.Msg.GetCovers() {
		p.Covers = append(p.Covers, Cover{
			Service: c.GetServiceName(), Start: instant(c.GetStart()), End: instant(c.GetEnd()), Instead: c.GetInstead(),
		})
	}
	return p, nil
}

func colleagues(all []*agentv1.Colleague) (out []Colleague) {
	for _, c := range all {
		out = append(out, Colleague{ID: c.GetUserId(), Name: c.GetName(), Reachable: reachables[c.GetReachable()]})
	}
	return out
}

// SetDuty takes the user off duty or back on. The inbox hears of it before the
// call returns. Errors are for Sentence.
func (s *Session) SetDuty(ctx context.Context, l Leave) (DutyAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	request := &agentv1.SetDutyRequest{}
	if !l.Until.IsZero() {
		request.OffUntil, request.CoverBy, request.Cannot = timestamppb.New(l.Until), l.CoverBy, l.Cannot
	}
	answer, err := s.to.client().SetDuty(ctx, connect.NewRequest(request))
	if err != nil {
		return DutyAnswer{}, err
	}
	d := duty(answer.Msg.GetDuty())
	s.Post(inbox.DutyCame{Duty: d})
	return DutyAnswer{Duty: d, Said: answer.Msg.GetSaid()}, nil
}

// TakeShift puts the user on call in a schedule from now on, until the present
// shift would end if until is zero. Errors are for Sentence.
func (s *Session) TakeShift(ctx context.Context, scheduleID string, until time.Time) (Taken, error) {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	request := &agentv1.TakeShiftRequest{ScheduleId: scheduleID}
	if !until.IsZero() {
		request.Until = timestamppb.New(until)
	}
	answer, err := s.to.client().TakeShift(ctx, connect.NewRequest(request))
	if err != nil {
		return Taken{}, err
	}
	return Taken{Until: instant(answer.Msg.GetUntil()), InsteadOf: answer.Msg.GetInsteadOf()}, nil
}

// SendTestPage pages the user through the whole real path and answers the
// incident's number. Errors are for Sentence.
func (s *Session) SendTestPage(ctx context.Context) (number uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	answer, err := s.to.client().SendTestPage(ctx, connect.NewRequest(&agentv1.SendTestPageRequest{}))
	if err != nil {
		return 0, err
	}
	return answer.Msg.GetNumber(), nil
}
