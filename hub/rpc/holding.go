package rpc

import (
	"context"
	"sync"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/pager"
	"tocsin/hub/responder"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// holdingPause is how long a user's list rests after it was told: five hundred
// acknowledgements in a second are one list, not five hundred.
const holdingPause = 100 * time.Millisecond

// Holding tells devices what their user has acknowledged. It is safe for
// concurrent use.
type Holding struct {
	Agents *Agents

	mu      sync.Mutex
	holders map[incident.ID]responder.UserID // as they were told last
	changed map[responder.UserID]bool
	hint    chan struct{}
}

// NewHolding makes it. It starts nothing.
func NewHolding(a *Agents) *Holding {
	return &Holding{
		Agents: a, holders: map[incident.ID]responder.UserID{}, changed: map[responder.UserID]bool{}, hint: make(chan struct{}, 1),
	}
}

// Tell takes note of a commit. It does not block.
func (h *Holding) Tell(c engine.Change) {
	i := c.State.Incident
	h.mu.Lock()
	defer h.mu.Unlock()
	was, held := h.holders[i.ID]
	switch {
	case i.Status == incident.Acknowledged && i.Holder != "":
		h.holders[i.ID] = i.Holder
		h.changed[i.Holder] = true
	case i.Holder != "" && len(c.Entries) > 0:
		h.changed[i.Holder] = true
		fallthrough
	default:
		delete(h.holders, i.ID)
	}
	if held && was != i.Holder {
		h.changed[was] = true
	}
	select {
	case h.hint <- struct{}{}:
	default:
	}
}

// Run tells until ctx ends.
func (h *Holding) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.hint:
		}
		for u := range h.take() {
			if !h.Agents.Pager.Watching(u) {
				continue // the next snapshot says it
			}
			frame, err := h.Agents.holdingFrame(ctx, u)
			if err != nil {
				if ctx.Err() == nil {
					h.Agents.Log.Error("a user's devices could not be told what they have acknowledged; the next change tells", "user", u, "err", err)
				}
				continue
			}
			h.Agents.Pager.ToUser(u, frame)
		}
		pause := time.NewTimer(holdingPause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil
		case <-pause.C:
		}
	}
}

func (h *Holding) take() map[responder.UserID]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	users := h.changed
	h.changed = map[responder.UserID]bool{}
	return users
}

// holdingFrame is the whole list of what a user has acknowledged.
func (a *Agents) holdingFrame(ctx context.Context, u responder.UserID) (*agentv1.WatchResponse, error) {
	held, err := a.Engine.HeldBy(ctx, u)
	if err != nil {
		return nil, err
	}
	frame := &agentv1.Holding{}
	for _, c := range held {
		frame.Incidents = append(frame.Incidents, heldFrame(c, u))
	}
	return &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Holding{Holding: frame}}, nil
}

func heldFrame(c engine.Change, u responder.UserID) *agentv1.Held {
	i, tenure := c.State.Incident, c.State.Course.Tenure
	f := &agentv1.Held{
		Key: &agentv1.PageKey{IncidentId: string(i.ID), UserId: string(u)}, Number: i.Number, Opening: uint32(i.Opening),
		ServiceName: string(i.Service), Summary: i.Summary, Severity: string(i.Severity), Urgency: string(i.Urgency),
		AcknowledgedAt: pager.Stamp(i.AcknowledgedAt), QuietUntil: pager.Stamp(i.QuietUntil), Snoozed: i.Snoozed(),
	}
	for _, p := range c.State.Pages {
		if p.User == u {
			f.Key.Wave = max(f.Key.Wave, uint32(p.Wave))
		}
	}
	if service, ok := c.Org.Service(i.Service); ok {
		f.ServiceName, f.RunbookUrl, f.RemindSeconds = service.Name, service.Runbook, uint32(service.OpenReminder/time.Second)
	}
	if !i.QuietUntil.IsZero() && !i.Snoozed() {
		f.AskAt = pager.Stamp(i.QuietUntil.Add(-askBefore(c.Org.LeaseOf(i))))
	}
	if at := tenure.HandOverAt(); !at.IsZero() && tenure.Holder == u {
		f.HandOverAt = pager.Stamp(at)
		for _, s := range escalation.Successors(c.State) {
			f.Successors = append(f.Successors, c.Org.UserName(s))
		}
	}
	return f
}

// askBefore is how long before the end of a lease its holder is asked whether
// they are still on it: time enough to answer, and to come back to the desk.
func askBefore(lease time.Duration) time.Duration { return min(5*time.Minute, lease/3) }
