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
	lastWait = 800 * time.Millisecond
	// goodbyeWait is what a goodbye gets, as a machine waits for it to sleep.
	goodbyeWait = time.Second
	// passingFor is how long a probe's answer is worth sending.
	passingFor = 20 * time.Second
)

// sender tells the hub what waits in the outbox: in order, one call at a time,
// again until answered. The outbox itself is the inbox's; the sender only looks
// at it.
type sender struct {
	to      *addresses
	machine Machine
	post    func(inbox.Message)
	linked  func() bool   // there is a stream
	wake    chan struct{} // of one

	mu       sync.Mutex
	outbox   []inbox.Report
	answered map[string]bool // by the hub, but still in the outbox
	beat     *agentv1.DeviceReport
	passing  []passing
	// single: one report a call, since the hub called a batch invalid and does
	// not say which of it.
	single bool
}

// passing is a report that no journal keeps: it is worth something only soon.
type passing struct {
	report *agentv1.DeviceReport
	until  time.Time
}

func newSender(to *addresses, machine Machine, post func(inbox.Message), linked func() bool) *sender {
	return &sender{to: to, machine: machine, post: post, linked: linked, wake: make(chan struct{}, 1), answered: map[string]bool{}}
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

// answerProbe answers a probe soon, or not at all.
func (s *sender) answerProbe(a inbox.AnswerProbe) {
	report := &agentv1.DeviceReport{Id: newID(), What: &agentv1.DeviceReport_ProbeResult{
		ProbeResult: &agentv1.ProbeResult{ProbeId: a.Probe, Ready: a.Ready, Problems: a.Problems},
	}}
	s.mu.Lock()
	s.passing = append(s.passing, passing{report, time.Now().Add(passingFor)})
	s.mu.Unlock()
	s.nudge()
}

func goodbye(reason string) *agentv1.DeviceReport {
	return &agentv1.DeviceReport{Id: newID(), What: &agentv1.DeviceReport_Goodbye{Goodbye: &agentv1.Goodbye{Reason: reason}}}
}

// sayGoodbye tells the hub, beside what waits, that the device goes on purpose.
func (s *sender) sayGoodbye(ctx context.Context, reason string) error {
	ctx, cancel := context.WithTimeout(ctx, goodbyeWait)
	defer cancel()
	_, err := s.to.client().Report(ctx, connect.NewRequest(&agentv1.ReportRequest{Reports: []*agentv1.DeviceReport{goodbye(reason)}}))
	return err
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
		batch, _ := s.take(time.Now())
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

// lastTry tells what waits, and then that the device goes: the other way round
// the hub would page others for what was acknowledged a moment ago.
func (s *sender) lastTry() {
	ctx, cancel := context.WithTimeout(context.Background(), lastWait)
	defer cancel()
	for {
		batch, more := s.take(time.Now())
		if !more && s.linked() {
			batch = append(batch, goodbye("quit"))
		}
		if len(batch) == 0 || s.send(ctx, batch) != nil || !more {
			return
		}
	}
}

// take answers the next batch, and whether it is full: a beat's answer first,
// which is worth something only now.
func (s *sender) take(now time.Time) (batch []*agentv1.DeviceReport, full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := batchSize
	if s.single {
		limit = 1
	}
	if s.beat != nil {
		batch, s.beat = append(batch, s.beat), nil
	}
	for _, p := range s.passing {
		if now.Before(p.until) && len(batch) < limit {
			batch = append(batch, p.report)
		}
	}
	for _, r := range s.outbox {
		if len(batch) >= limit {
			break
		}
		if !s.answered[r.ID] {
			batch = append(batch, deviceReport(r, now, s.machine))
		}
	}
	return batch, len(batch) >= limit
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
	s.sent(batch)
	return s.settle(batch, response.Msg.GetOutcomes())
}

// settle takes the answers. A report without one is sent again, later.
func (s *sender) settle(batch []*agentv1.DeviceReport, outcomes []*agentv1.Outcome) error {
	open := map[string]bool{}
	for _, r := range batch {
		if waits(r) {
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

// waits says that a report is in the outbox until the hub has answered it.
func waits(r *agentv1.DeviceReport) bool {
	return r.GetLinkBeat() == nil && r.GetProbeResult() == nil && r.GetGoodbye() == nil
}

// sent lets the passing ones go.
func (s *sender) sent(batch []*agentv1.DeviceReport) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passing = slices.DeleteFunc(s.passing, func(p passing) bool {
		return slices.Contains(batch, p.report) || !time.Now().Before(p.until)
	})
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
	s.sent(batch)
	return s.settle(batch, []*agentv1.Outcome{{
		ReportId: batch[0].GetId(),
		Kind:     agentv1.OutcomeKind_OUTCOME_KIND_REFUSED,
		Message:  answer.Message(),
	}})
}
