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
	p := Preview{Warnings: answer.Msg.GetWarnings()}
	for _, c := range answer.Msg.GetCovers() {
		p.Covers = append(p.Covers, Cover{
			Service: c.GetServiceName(), Start: instant(c.GetStart()), End: instant(c.GetEnd()), Instead: c.GetInstead(),
		})
	}
	return p, nil
}

// SetDuty takes the user off duty until then, or back on duty with a zero time.
// The inbox hears of it before the call returns. Errors are for Sentence.
func (s *Session) SetDuty(ctx context.Context, until time.Time) (inbox.Duty, error) {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	request := &agentv1.SetDutyRequest{}
	if !until.IsZero() {
		request.OffUntil = timestamppb.New(until)
	}
	answer, err := s.to.client().SetDuty(ctx, connect.NewRequest(request))
	if err != nil {
		return inbox.Duty{}, err
	}
	d := duty(answer.Msg.GetDuty())
	s.Post(inbox.DutyCame{Duty: d})
	return d, nil
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
