package link

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"connectrpc.com/connect"

	"tocsin/agent/inbox"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

const (
	callWait  = 10 * time.Second
	batchSize = 100
	// lastWait is what the reports get when the agent ends; what is not told
	// by then is told after the next start.
	lastWait = 500 * time.Millisecond
)

// sender tells the hub what waits in the outbox: in order, one call at a time,
// again until answered. The outbox itself is the inbox's; the sender only looks
// at it.
type sender struct {
	to      *addresses
	machine Machine
	post    func(inbox.Message)
	wake    chan struct{} // of one

	mu       sync.Mutex
	outbox   []inbox.Report
	answered map[string]bool // by the hub, but still in the outbox
	beat     *agentv1.DeviceReport
	// single: one report a call, since the hub called a batch invalid and does
	// not say which of it.
	single bool
}

func newSender(to *addresses, machine Machine, post func(inbox.Message)) *sender {
	return &sender{to: to, machine: machine, post: post, wake: make(chan struct{}, 1), answered: map[string]bool{}}
}

// queue replaces the outbox. Nothing in it may change afterwards.
func (s *sender) queue(outbox []inbox.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outbox = outbox
	for id := range s.answered {
		if !slices.ContainsFunc(outbox, func(r inbox.Report) bool { return r.ID == id }) {
			delete(s.answered, id)
		}
	}
}

// answerBeat replaces an answer that is still unsent: the newest counts.
func (s *sender) answerBeat(ready bool) {
	s.mu.Lock()
	s.beat = &agentv1.DeviceReport{
		Id:   newID(),
		What: &agentv1.DeviceReport_LinkBeat{LinkBeat: &agentv1.LinkBeat{Ready: ready}},
	}
	s.mu.Unlock()
	s.nudge()
}

// nudge ends a wait.
func (s *sender) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *sender) run(ctx context.Context) {
	var waits pace
	for ctx.Err() == nil {
		batch := s.take(time.Now())
		if len(batch) == 0 {
			select {
			case <-ctx.Done():
			case <-s.wake:
			}
			continue
		}
		err := s.send(ctx, batch)
		switch {
		case err == nil:
			waits.reset()
		case errors.Is(final(err), ErrSignedOut):
			s.post(inbox.SignedOut{Reason: Sentence(final(err))})
			return
		default:
			sleep(ctx, waits.next()+retryAfter(err), s.wake)
		}
	}
	s.lastTry()
}

func (s *sender) lastTry() {
	ctx, cancel := context.WithTimeout(context.Background(), lastWait)
	defer cancel()
	for {
		batch := s.take(time.Now())
		if len(batch) == 0 || s.send(ctx, batch) != nil {
			return
		}
	}
}

// take answers the next batch: a beat's answer first, which is worth something
// only now.
func (s *sender) take(now time.Time) (batch []*agentv1.DeviceReport) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.beat != nil {
		batch, s.beat = append(batch, s.beat), nil
	}
	limit := batchSize
	if s.single {
		limit = 1
	}
	for _, r := range s.outbox {
		if len(batch) >= limit {
			break
		}
		if !s.answered[r.ID] {
			batch = append(batch, deviceReport(r, now, s.machine))
		}
	}
	return batch
}

var errUnanswered = errors.New("the hub left reports unanswered")

// send makes one call and posts the answers.
func (s *sender) send(ctx context.Context, batch []*agentv1.DeviceReport) error {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	response, err := s.to.client().Report(ctx, connect.NewRequest(&agentv1.ReportRequest{Reports: batch}))
	if answer := fromHub(err); answer != nil && answer.Code() == connect.CodeInvalidArgument {
		return s.invalid(batch, answer)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.single = false
	s.mu.Unlock()
	return s.settle(batch, response.Msg.GetOutcomes())
}

// settle takes the answers. A report without one is sent again, later.
func (s *sender) settle(batch []*agentv1.DeviceReport, outcomes []*agentv1.Outcome) error {
	open := map[string]bool{}
	for _, r := range batch {
		if r.GetLinkBeat() == nil {
			open[r.GetId()] = true
		}
	}
	for _, o := range outcomes {
		if !open[o.GetReportId()] || o.GetKind() == agentv1.OutcomeKind_OUTCOME_KIND_UNSPECIFIED {
			continue
		}
		delete(open, o.GetReportId())
		s.mu.Lock()
		s.answered[o.GetReportId()] = true
		s.mu.Unlock()
		s.post(answered(o))
	}
	if len(open) > 0 {
		return errUnanswered
	}
	return nil
}

// invalid finds out which report of a batch a hub cannot take, so that the
// others do not wait behind it forever.
func (s *sender) invalid(batch []*agentv1.DeviceReport, answer *connect.Error) error {
	s.mu.Lock()
	s.single = true
	s.mu.Unlock()
	if len(batch) > 1 {
		return nil // at once again, one by one
	}
	return s.settle(batch, []*agentv1.Outcome{{
		ReportId: batch[0].GetId(),
		Kind:     agentv1.OutcomeKind_OUTCOME_KIND_REFUSED,
		Message:  answer.Message(),
	}})
}
