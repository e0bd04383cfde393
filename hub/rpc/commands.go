package rpc

import (
	"context"
	"errors"
	"strings"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// transition is what a person asks of an incident.
type transition func(s escalation.State, c incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry)

// onIncident is a transition that looks at the incident alone.
func onIncident(do func(incident.Incident, incident.Command, time.Duration, time.Time) (incident.Incident, incident.Answer, incident.Entry)) transition {
	return func(s escalation.State, c incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry) {
		var answer incident.Answer
		var e incident.Entry
		s.Incident, answer, e = do(s.Incident, c, lease, now)
		return s, answer, []incident.Entry{e}
	}
}

// command carries out what a person asked for by an incident's number.
func (h *Hub) command(ctx context.Context, number uint64, by responder.UserID, do transition) (engine.Change, incident.Answer, error) {
	id, err := h.byNumber(ctx, number)
	if err != nil {
		return engine.Change{}, "", err
	}
	var answer incident.Answer
	c, err := h.Engine.Do(ctx, id, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		var entries []incident.Entry
		s, answer, entries = do(s, incident.Command{By: by, Made: now}, h.Directory.Current().LeaseOf(s.Incident), now)
		return s, entries, nil
	})
	return c, answer, err
}

func (h *Hub) byNumber(ctx context.Context, number uint64) (incident.ID, error) {
	var id incident.ID
	err := h.Store.View(ctx, func(tx store.Tx) (err error) {
		id, err = tx.ByNumber(number)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return "", noIncident(number)
	}
	return id, err
}

// ask carries out a command of the caller that is an error unless it applies.
func (h *Hub) ask(ctx context.Context, as string, number uint64, do transition) (*hubv1.Incident, error) {
	by, err := h.actor(as)
	if err != nil {
		return nil, err
	}
	c, answer, err := h.command(ctx, number, by, do)
	if err != nil {
		return nil, err
	}
	if into := c.State.Incident.MergedInto; into != "" && answer == incident.Already {
		return nil, h.goesOn(ctx, number, into)
	}
	if answer != incident.Applied {
		return nil, notDone(c, answer)
	}
	return h.changed(c), nil
}

func (h *Hub) changed(c engine.Change) *hubv1.Incident {
	return h.incident(c.State.Incident, c.State.Pages, c.WakeAt)
}

// refusals say why a command was refused.
var refusals = map[incident.Reason]string{
	incident.ReasonTestPage:     "it is a test page: acknowledge it",
	incident.ReasonCover:        "it asks for cover, which cannot be put off: accept it, or pass it on",
	incident.ReasonSuppressed:   "a rule of its service suppresses it; to have somebody look at it: hub reassign",
	escalation.ReasonLowUrgency: "it is of low urgency, which is told once and never escalates",
	escalation.ReasonExhausted:  "its policy stops here: there is no further level; reassign it instead",
	escalation.ReasonOtherAsk:   "another command is under way; try again",
	incident.ReasonNoSuchTime:   "a time from now on is needed, at most 7 days ahead",
}

// notDone tells why a command changed nothing; the last entry names the reason.
func notDone(c engine.Change, a incident.Answer) error {
	i := c.State.Incident
	var why incident.Reason
	for _, e := range c.Entries {
		if e.Kind == incident.KindRefused || e.Kind == incident.KindAlready {
			why = e.Reason
		}
	}
	switch {
	case a == incident.Refused && refusals[why] != "":
		return fault.New(fault.Invalid, "incident %d: %s", i.Number, refusals[why])
	case i.Status == incident.Resolved:
		return fault.New(fault.Conflict, "incident %d is resolved", i.Number)
	case why == escalation.ReasonNotHeld:
		return fault.New(fault.Conflict, "incident %d: nobody has it, so nobody can hand it over or keep it", i.Number)
	case why == escalation.ReasonHandOver:
		return fault.New(fault.Conflict, "incident %d is being handed over already", i.Number)
	}
	return fault.New(fault.Conflict, "incident %d: there was nothing to do", i.Number)
}

// maxText bounds what a person may write.
const maxText = 4096

// textOf takes what a person wrote.
func textOf(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxText {
		return "", fault.New(fault.Invalid, "the text must have from 1 to %d bytes", maxText)
	}
	return text, nil
}

// OpenIncident implements the command line's service.
func (h *Hub) OpenIncident(ctx context.Context, req *connect.Request[hubv1.OpenIncidentRequest]) (*connect.Response[hubv1.OpenIncidentResponse], error) {
	by, err := h.actor(req.Header().Get(AsHeader))
	if err != nil {
		return nil, err
	}
	text, err := textOf(req.Msg.Text)
	if err != nil {
		return nil, err
	}
	urgency := incident.Urgency(req.Msg.Urgency)
	switch urgency {
	case "":
		urgency = incident.High
	case incident.High, incident.Low:
	default:
		return nil, fault.New(fault.Invalid, "the urgency %q is neither high nor low", urgency)
	}
	c, err := h.Engine.Open(ctx, incident.ServiceID(req.Msg.ServiceId), incident.Command{By: by}, text, urgency)
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.OpenIncidentResponse{Incident: h.changed(c)}), nil
}

// AddNote implements the command line's service.
func (h *Hub) AddNote(ctx context.Context, req *connect.Request[hubv1.AddNoteRequest]) (*connect.Response[hubv1.AddNoteResponse], error) {
	text, err := textOf(req.Msg.Text)
	if err != nil {
		return nil, err
	}
	i, err := h.ask(ctx, req.Header().Get(AsHeader), req.Msg.Number,
		func(s escalation.State, c incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry) {
			var e incident.Entry
			s.Incident, e = incident.NoteBy(s.Incident, c, text, lease, now)
			return s, incident.Applied, []incident.Entry{e}
		})
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.AddNoteResponse{Incident: i}), nil
}

// Snooze implements the command line's service.
func (h *Hub) Snooze(ctx context.Context, req *connect.Request[hubv1.SnoozeRequest]) (*connect.Response[hubv1.SnoozeResponse], error) {
	m := req.Msg
	if (m.Until == nil) == (m.ForMs == 0) {
		return nil, fault.New(fault.Invalid, "name either until when to snooze or for how long")
	}
	length := min(max(m.ForMs, -1), int64(2*incident.MaxSnooze/time.Millisecond))
	i, err := h.ask(ctx, req.Header().Get(AsHeader), m.Number,
		func(s escalation.State, c incident.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, []incident.Entry) {
			until := now.Add(time.Duration(length) * time.Millisecond)
			if m.Until != nil {
				until = m.Until.AsTime().Truncate(time.Millisecond)
			}
			var answer incident.Answer
			var entries []incident.Entry
			s.Incident, answer, entries = incident.SnoozeBy(s.Incident, c, until, m.Until != nil, lease, now)
			return s, answer, entries
		})
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&hubv1.SnoozeResponse{Incident: i}), nil
}
