package link

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/agent/inbox"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// message translates a frame; nil for one that this version does not know.
func message(f *agentv1.WatchResponse) inbox.Message {
	switch {
	case f.GetWelcome() != nil:
		w := f.GetWelcome()
		return inbox.Connected{HubName: w.GetHubName(), UserName: w.GetUserName()}
	case f.GetPage() != nil:
		return inbox.PageCame{Page: page(f.GetPage())}
	case f.GetSnapshotEnd() != nil:
		return inbox.SnapshotEnded{}
	case f.GetBeat() != nil:
		return inbox.BeatCame{}
	case f.GetDuty() != nil:
		return inbox.DutyCame{Duty: duty(f.GetDuty())}
	case f.GetRoster() != nil:
		return inbox.RosterCame{Roster: roster(f.GetRoster())}
	case f.GetDrain() != nil:
		return inbox.DrainCame{BackAt: instant(f.GetDrain().GetBackAt())}
	case f.GetHolding() != nil:
		return holding(f.GetHolding())
	case f.GetNotice() != nil:
		n := f.GetNotice()
		return inbox.NoticeCame{Notice: inbox.Notice{ID: n.GetId(), Title: n.GetTitle(), Text: n.GetText(), At: instant(n.GetAt())}}
	case f.GetProbe() != nil:
		return inbox.ProbeCame{ID: f.GetProbe().GetId()}
	case f.GetCallSheet() != nil:
		return inbox.CallSheetCame{MadeAt: instant(f.GetCallSheet().GetMadeAt()), Text: f.GetCallSheet().GetText()}
	}
	return nil
}

func page(p *agentv1.Page) inbox.Page {
	out := inbox.Page{
		Key: key(p.GetKey()), Version: p.GetVersion(), Opening: p.GetOpening(), Number: p.GetNumber(),
		ServiceID: p.GetServiceId(), Service: p.GetServiceName(), Summary: p.GetSummary(),
		Severity: p.GetSeverity(), Urgency: p.GetUrgency(), Source: p.GetSource(),
		TriggeredAt: instant(p.GetTriggeredAt()), PagedAt: instant(p.GetPagedAt()),
		Level: p.GetLevel(), Round: p.GetRound(), Reason: p.GetReason(),
		Alerts: p.GetAlertCount(), Runbook: p.GetRunbookUrl(),
		Outcome: p.GetOutcome(), EndedAt: instant(p.GetEndedAt()), EndedBy: p.GetEndedBy(),
		PassedOn: p.GetPassedOn(), NextWho: p.GetNextWho(), NextAt: instant(p.GetNextAt()),
		AlsoPaged: p.GetAlsoPaged(), Escalated: p.GetEscalated(), IncidentStatus: p.GetIncidentStatus(), Test: p.GetTest(),
		Priority: p.GetPriority(), Storm: p.GetStorm(), Cover: cover(p.GetCover()),
	}
	for _, d := range p.GetDetails() {
		out.Details = append(out.Details, inbox.Detail{Name: d.GetName(), Value: d.GetValue()})
	}
	for _, l := range p.GetLinks() {
		out.Links = append(out.Links, inbox.Link{Href: l.GetHref(), Text: l.GetText()})
	}
	return out
}

func key(k *agentv1.PageKey) inbox.Key {
	return inbox.Key{Incident: k.GetIncidentId(), Wave: k.GetWave(), User: k.GetUserId()}
}

func duty(d *agentv1.Duty) inbox.Duty {
	return inbox.Duty{
		Off: d.GetOffDuty(), Until: instant(d.GetUntil()),
		WaitingFor: d.GetWaitingFor(), WaitingUntil: instant(d.GetWaitingUntil()),
	}
}

func roster(r *agentv1.Roster) inbox.Roster {
	out := inbox.Roster{Until: instant(r.GetUntil())}
	for _, s := range r.GetShifts() {
		out.Shifts = append(out.Shifts, inbox.Shift{
			ScheduleID: s.GetScheduleId(), Schedule: s.GetScheduleName(),
			Start: instant(s.GetStart()), End: instant(s.GetEnd()),
		})
	}
	for _, o := range r.GetOnCall() {
		out.Now = append(out.Now, inbox.OnCallNow{
			ScheduleID: o.GetScheduleId(), Schedule: o.GetScheduleName(), UserID: o.GetUserId(), User: o.GetUserName(),
			Until: instant(o.GetUntil()), Reachable: reachables[o.GetReachable()],
		})
	}
	return out
}

var reachables = map[agentv1.Reachable]inbox.Reachable{
	agentv1.Reachable_REACHABLE_YES:       inbox.ReachableYes,
	agentv1.Reachable_REACHABLE_NO:        inbox.ReachableNo,
	agentv1.Reachable_REACHABLE_UNCHECKED: inbox.ReachableUnchecked,
}

func cover(c *agentv1.CoverRequest) *inbox.CoverRequest {
	if c == nil {
		return nil
	}
	return &inbox.CoverRequest{
		FromID: c.GetFromUserId(), From: c.GetFromName(),
		Start: instant(c.GetStart()), End: instant(c.GetEnd()), Schedules: c.GetSchedules(),
	}
}

func holding(h *agentv1.Holding) inbox.HoldingCame {
	var out inbox.HoldingCame
	for _, i := range h.GetIncidents() {
		out.Incidents = append(out.Incidents, inbox.Incident{
			Key: key(i.GetKey()), Number: i.GetNumber(), Opening: i.GetOpening(),
			Service: i.GetServiceName(), Summary: i.GetSummary(), Severity: i.GetSeverity(), Urgency: i.GetUrgency(),
			Runbook: i.GetRunbookUrl(), AcknowledgedAt: instant(i.GetAcknowledgedAt()), QuietUntil: instant(i.GetQuietUntil()),
			Snoozed: i.GetSnoozed(), AskAt: instant(i.GetAskAt()), RemindEvery: time.Duration(i.GetRemindSeconds()) * time.Second,
			HandOverAt: instant(i.GetHandOverAt()), Successors: i.GetSuccessors(),
		})
	}
	return out
}

// instant is the zero time for none, and for one that cannot be.
func instant(t *timestamppb.Timestamp) time.Time {
	if t == nil || t.CheckValid() != nil || t.AsTime().Equal(time.Unix(0, 0)) {
		return time.Time{}
	}
	return t.AsTime()
}

var receiptKinds = map[inbox.ReceiptKind]agentv1.ReceiptKind{
	inbox.Received: agentv1.ReceiptKind_RECEIPT_KIND_RECEIVED,
	inbox.Ringing:  agentv1.ReceiptKind_RECEIPT_KIND_RINGING,
	inbox.Shown:    agentv1.ReceiptKind_RECEIPT_KIND_SHOWN,
	inbox.Touched:  agentv1.ReceiptKind_RECEIPT_KIND_TOUCHED,
	inbox.Hidden:   agentv1.ReceiptKind_RECEIPT_KIND_HIDDEN,
	inbox.Failed:   agentv1.ReceiptKind_RECEIPT_KIND_FAILED,
}

var commandKinds = map[inbox.Command]agentv1.CommandKind{
	inbox.Acknowledge: agentv1.CommandKind_COMMAND_KIND_ACKNOWLEDGE,
	inbox.Resolve:     agentv1.CommandKind_COMMAND_KIND_RESOLVE,
	inbox.PassOn:      agentv1.CommandKind_COMMAND_KIND_PASS_ON,
	inbox.Snooze:      agentv1.CommandKind_COMMAND_KIND_SNOOZE,
	inbox.HandOver:    agentv1.CommandKind_COMMAND_KIND_HAND_OVER,
	inbox.Keep:        agentv1.CommandKind_COMMAND_KIND_KEEP,
}

// deviceReport translates a report with the age that it has now.
func deviceReport(r inbox.Report, now time.Time, m Machine) *agentv1.DeviceReport {
	age, uncertain := m.age(r, now)
	out := &agentv1.DeviceReport{Id: r.ID, AgeMs: age.Milliseconds(), TimeUncertain: uncertain}
	page := &agentv1.PageKey{IncidentId: r.Page.Incident, Wave: r.Page.Wave, UserId: r.Page.User}
	switch {
	case r.Notice != "":
		out.What = &agentv1.DeviceReport_NoticeSeen{NoticeSeen: &agentv1.NoticeSeen{NoticeId: r.Notice}}
		return out
	case r.Command != "":
		command := &agentv1.Command{Page: page, Kind: commandKinds[r.Command], Opening: r.Opening}
		if !r.Until.IsZero() {
			command.Until = timestamppb.New(r.Until)
		}
		out.What = &agentv1.DeviceReport_Command{Command: command}
		return out
	}
	out.What = &agentv1.DeviceReport_Receipt{Receipt: &agentv1.Receipt{
		Page: page, Kind: receiptKinds[r.Receipt], Detail: r.Detail,
	}}
	return out
}

// answers: any other word of the hub counts as refused.
var answers = map[agentv1.OutcomeKind]inbox.Answer{
	agentv1.OutcomeKind_OUTCOME_KIND_APPLIED:  inbox.Applied,
	agentv1.OutcomeKind_OUTCOME_KIND_ALREADY:  inbox.Already,
	agentv1.OutcomeKind_OUTCOME_KIND_TOO_LATE: inbox.TooLate,
}

func answered(o *agentv1.Outcome) inbox.Answered {
	answer, known := answers[o.GetKind()]
	if !known {
		answer = inbox.Refused
	}
	return inbox.Answered{ReportID: o.GetReportId(), Answer: answer, Text: o.GetMessage()}
}
