package rpc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// Report implements the protocol. Reports are taken one after the other, each
// in a commit of its own; what was answered before is answered again.
func (a *Agents) Report(ctx context.Context, req *connect.Request[agentv1.ReportRequest]) (*connect.Response[agentv1.ReportResponse], error) {
	device, err := a.Devices.ByCredential(ctx, bearer(req.Header().Get("Authorization")))
	if err != nil {
		return nil, err
	}
	if n := len(req.Msg.Reports); n > maxReports {
		return nil, fault.New(fault.Invalid, "reports: %d are too many for one call, send at most %d", n, maxReports)
	}
	out := &agentv1.ReportResponse{}
	var failed error
	for n, r := range req.Msg.Reports {
		if r.Id == "" || len(r.Id) > 64 {
			return nil, fault.New(fault.Invalid, "reports[%d].id: a report needs an id of at most 64 characters", n)
		}
		o, err := a.report(ctx, device, r)
		switch {
		case err != nil && ctx.Err() != nil:
			return nil, ctx.Err() // the device went away, and sends them all again
		case err != nil:
			// It stays unanswered, so the device sends it again; those behind it may be
			// about incidents that are well.
			a.Log.Error("a report could not be taken in", "report", r.Id, "device", device.ID, "err", err)
			failed = fmt.Errorf("take in report %s of device %s: %w", r.Id, device.ID, err)
			continue
		}
		out.Outcomes = append(out.Outcomes, &agentv1.Outcome{ReportId: r.Id, Kind: outcomeKinds[o.Answer], Message: o.Message})
	}
	if failed != nil && len(out.Outcomes) == 0 {
		return nil, failed
	}
	return connect.NewResponse(out), nil
}

var outcomeKinds = map[incident.Answer]agentv1.OutcomeKind{
	incident.Applied: agentv1.OutcomeKind_OUTCOME_KIND_APPLIED,
	incident.Already: agentv1.OutcomeKind_OUTCOME_KIND_ALREADY,
	incident.TooLate: agentv1.OutcomeKind_OUTCOME_KIND_TOO_LATE,
	incident.Refused: agentv1.OutcomeKind_OUTCOME_KIND_REFUSED,
}

func refused(format string, args ...any) store.Outcome {
	return store.Outcome{Answer: incident.Refused, Message: fmt.Sprintf(format, args...)}
}

func (a *Agents) report(ctx context.Context, d responder.Device, r *agentv1.DeviceReport) (store.Outcome, error) {
	switch what := r.What.(type) {
	case *agentv1.DeviceReport_LinkBeat:
		a.Pager.Answered(d.ID, what.LinkBeat.Ready, time.Now())
		return store.Outcome{Answer: incident.Applied}, nil
	case *agentv1.DeviceReport_Goodbye:
		a.Pager.Goodbye(d.ID)
		return store.Outcome{Answer: incident.Applied}, nil
	case *agentv1.DeviceReport_Receipt:
		return a.about(ctx, d, r, what.Receipt.Page, a.receipt(d, r, what.Receipt))
	case *agentv1.DeviceReport_Command:
		return a.about(ctx, d, r, what.Command.Page, a.command(d, r, what.Command))
	case *agentv1.DeviceReport_ProbeResult:
		a.probed(d, what.ProbeResult)
		return store.Outcome{Answer: incident.Applied}, nil
	case *agentv1.DeviceReport_NoticeSeen:
		return a.noticeSeen(ctx, d, what.NoticeSeen)
	}
	return refused("the hub does not know this kind of report; update the hub"), nil
}

// judged is work on the incident of a page that also answers the device.
type judged func(s escalation.State, p escalation.Page, org *organisation.Organisation, now time.Time) (escalation.State, []incident.Entry, store.Outcome)

// errNoPage: the page is not among those that the incident was loaded with.
var errNoPage = errors.New("the hub does not know this page")

// about carries out a report on the page that it names, once. Only who was
// paged for an incident can say something of it.
func (a *Agents) about(ctx context.Context, d responder.Device, r *agentv1.DeviceReport, key *agentv1.PageKey, do judged) (store.Outcome, error) {
	if key == nil || responder.UserID(key.UserId) != d.User {
		return refused("a device reports only about the pages of its own user"), nil
	}
	id := incident.ID(key.IncidentId)
	outcome, err := a.aboutOneOf(ctx, d, r, key, nil, do)
	if errors.Is(err, errNoPage) {
		var past []escalation.Page
		if past, err = a.allPages(ctx, id); err == nil {
			outcome, err = a.aboutOneOf(ctx, d, r, key, past, do)
		}
	}
	switch {
	case errors.Is(err, errNoPage):
		return refused("the hub does not know this page"), nil
	case fault.KindOf(err) == fault.NotFound:
		return refused("the hub does not know this incident"), nil
	}
	return outcome, err
}

// aboutOneOf looks for the page among those that count now, then in the past
// ones.
func (a *Agents) aboutOneOf(ctx context.Context, d responder.Device, r *agentv1.DeviceReport, key *agentv1.PageKey, past []escalation.Page, do judged) (store.Outcome, error) {
	var outcome store.Outcome
	once := engine.Once{
		Done: func(tx store.Tx) (bool, error) {
			known, err := tx.Outcome(d.ID, r.Id)
			if errors.Is(err, store.ErrNotFound) {
				return false, nil
			}
			outcome = known
			return err == nil, err
		},
		Note: func(tx store.Tx, now time.Time) error { return tx.SaveOutcome(d.ID, r.Id, outcome, now) },
	}
	k := escalation.Key{Wave: int(key.Wave), User: d.User}
	_, err := a.Engine.DoOnce(ctx, incident.ID(key.IncidentId), once, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		page, known := s.Page(k)
		if !known && k.Wave == 0 && s.Incident.Holder == d.User {
			page, known = escalation.Page{Key: k, At: s.Incident.AcknowledgedAt}, true
		}
		if !known {
			i := slices.IndexFunc(past, func(p escalation.Page) bool { return p.Key == k })
			if i < 0 {
				return s, nil, errNoPage
			}
			page = past[i]
		}
		var entries []incident.Entry
		s, entries, outcome = do(s, page, a.Directory.Current(), now)
		return s, entries, nil
	})
	return outcome, err
}

func (a *Agents) allPages(ctx context.Context, id incident.ID) ([]escalation.Page, error) {
	var pages []escalation.Page
	err := a.Store.View(ctx, func(tx store.Tx) (err error) {
		pages, err = tx.AllPages(id)
		return err
	})
	return pages, err
}

var receiptKinds = map[agentv1.ReceiptKind]incident.Kind{
	agentv1.ReceiptKind_RECEIPT_KIND_RECEIVED: incident.KindReceived,
	agentv1.ReceiptKind_RECEIPT_KIND_RINGING:  incident.KindRinging,
	agentv1.ReceiptKind_RECEIPT_KIND_SHOWN:    incident.KindShown,
	agentv1.ReceiptKind_RECEIPT_KIND_TOUCHED:  incident.KindTouched,
	agentv1.ReceiptKind_RECEIPT_KIND_HIDDEN:   incident.KindHidden,
	agentv1.ReceiptKind_RECEIPT_KIND_FAILED:   incident.KindDeviceFailed,
}

// receipt notes what a device says of a page.
func (a *Agents) receipt(d responder.Device, r *agentv1.DeviceReport, m *agentv1.Receipt) judged {
	return func(s escalation.State, page escalation.Page, _ *organisation.Organisation, now time.Time) (escalation.State, []incident.Entry, store.Outcome) {
		kind, ok := receiptKinds[m.Kind]
		if !ok {
			return s, nil, refused("the hub does not know this kind of receipt; update the hub")
		}
		made := madeAt(r, page.At, now)
		e := incident.Entry{At: made, Kind: kind, User: d.User, Device: d.ID, Wave: page.Wave, Level: page.Level, Round: page.Round, Text: cut(m.Detail, 200)}
		if r.TimeUncertain {
			e.Reason = incident.ReasonTimeUncertain
		}
		if page.Open() {
			switch kind {
			case incident.KindRinging, incident.KindShown:
				s = escalation.Observe(s, page.Key, d.ID, true, made)
			case incident.KindDeviceFailed:
				s = escalation.Observe(s, page.Key, d.ID, false, made)
			}
		}
		return s, []incident.Entry{e}, store.Outcome{Answer: incident.Applied}
	}
}

// madeAt says when a report was made: its age reckoned back, never before the
// page and never in the future.
func madeAt(r *agentv1.DeviceReport, page, now time.Time) time.Time {
	age := min(max(time.Duration(r.AgeMs)*time.Millisecond, 0), 30*24*time.Hour)
	made := now.Add(-age)
	if made.Before(page) {
		return page
	}
	return made
}

// command carries out what the person asked for on the device.
func (a *Agents) command(d responder.Device, r *agentv1.DeviceReport, m *agentv1.Command) judged {
	return func(s escalation.State, page escalation.Page, org *organisation.Organisation, now time.Time) (escalation.State, []incident.Entry, store.Outcome) {
		if m.Opening == 0 {
			return s, nil, refused("the report does not say which opening of the incident the person saw")
		}
		c := incident.Command{By: d.User, Device: d.ID, Opening: int(m.Opening), Made: madeAt(r, page.At, now), Uncertain: r.TimeUncertain}
		s, answer, why, entries := obey(s, c, m, org.LeaseOf(s.Incident), now)
		if len(entries) == 0 {
			return s, nil, refused("the hub does not know this command; update the hub")
		}
		return s, c.Dated(entries, now), store.Outcome{Answer: answer, Message: sentenceOf(answer, why, s.Incident, org)}
	}
}

// obey also answers why the answer is as it is. A command that the hub does not
// know leads to no entry.
func obey(s escalation.State, c incident.Command, m *agentv1.Command, lease time.Duration, now time.Time) (escalation.State, incident.Answer, incident.Reason, []incident.Entry) {
	var answer incident.Answer
	var e incident.Entry
	until := m.Until.AsTime().Truncate(time.Millisecond)
	switch m.Kind {
	case agentv1.CommandKind_COMMAND_KIND_ACKNOWLEDGE:
		s, answer, entries := escalation.AcknowledgeBy(s, c, lease, now)
		return s, answer, entries[0].Reason, entries
	case agentv1.CommandKind_COMMAND_KIND_SNOOZE:
		i, answer, entries := incident.SnoozeBy(s.Incident, c, until, true, lease, now)
		s.Incident = i
		return s, answer, entries[len(entries)-1].Reason, entries
	case agentv1.CommandKind_COMMAND_KIND_RESOLVE:
		s.Incident, answer, e = incident.ResolveBy(s.Incident, c, lease, now)
	case agentv1.CommandKind_COMMAND_KIND_PASS_ON:
		s, answer, e = escalation.PassOn(s, c, lease, now)
	case agentv1.CommandKind_COMMAND_KIND_HAND_OVER:
		s, answer, e = escalation.HandOverBy(s, c, lease, now)
	case agentv1.CommandKind_COMMAND_KIND_KEEP:
		s, answer, e = escalation.KeepBy(s, c, until, lease, now)
	default:
		return s, "", "", nil
	}
	return s, answer, e.Reason, []incident.Entry{e}
}

// coverSentence tells the person what became of an answer to a request for cover.
func coverSentence(a incident.Answer, i incident.Incident, org *organisation.Organisation) string {
	switch {
	case a == incident.Applied && i.Status == incident.Acknowledged:
		return "You take over from " + org.UserName(i.Cover.Of) + "."
	case a == incident.Applied && i.Status == incident.Triggered:
		return "You declined."
	case a == incident.Applied:
		return "The request is closed."
	case a == incident.Already && i.Status == incident.Triggered:
		return "You declined already."
	case a == incident.Already && i.Holder != "":
		return org.UserName(i.Holder) + " has taken over already."
	case a == incident.Already:
		return "The request is over."
	case a == incident.TooLate:
		return "Too late: this was done too long ago."
	}
	return "There is nobody behind you who could be asked."
}

// sentenceOf tells the person what became of a command.
func sentenceOf(a incident.Answer, r incident.Reason, i incident.Incident, org *organisation.Organisation) string {
	if i.Cover.Asked() {
		return coverSentence(a, i, org)
	}
	switch {
	case a == incident.TooLate && r == incident.ReasonNewOpening:
		return "Too late: the incident was triggered again since."
	case a == incident.TooLate:
		return "Too late: this was done longer ago than an acknowledgement holds."
	case a == incident.Refused && refusals[r] != "":
		return "Incident " + strconv.FormatUint(i.Number, 10) + ": " + refusals[r] + "."
	case a == incident.Already && i.MergedInto != "":
		return "It became part of another incident, and goes on there."
	case a == incident.Already && i.Status == incident.Resolved:
		return "Already resolved."
	case a == incident.Already && r == escalation.ReasonHandOver:
		return "It is being handed over already."
	case a == incident.Already && i.Holder != "":
		return "Already taken by " + org.UserName(i.Holder) + "."
	case a == incident.Already:
		return "There was nothing left to do."
	case a == incident.Refused:
		return "A page of the catch-all cannot be passed on: there is nobody behind it."
	case r == incident.ReasonStillFiring:
		return "Resolved. Its source has not said that it is over."
	}
	return ""
}
