package desktop

import (
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
	"tocsin/agent/ui"
)

// missedAfter is how long a link may be away before the screen calls the hub
// lost: a restart of the hub is no news.
const missedAfter = 10 * time.Second

// modelOf says what is on the screen.
func modelOf(s inbox.State, extra extras, now time.Time) ui.Model {
	m := ui.Model{
		Hub:     hubOf(s.Link, now),
		Shift:   shiftOf(s, now),
		Holding: holdingOf(s, now), OnCall: onCallOf(s, now),
		CallSheet: extra.sheet,
		Notice:    extra.notice, UserName: s.UserName, HubName: s.HubName,
	}
	if _, onCall := s.OnCall(now); onCall && !s.OffDuty(now) && s.Link.Status != inbox.LinkUp && m.Hub.State != ui.Connecting {
		m.Hub.Sentence = inbox.LostText(s.Link) + " " + s.Link.Why
	}
	if s.OffDuty(now) {
		m.Duty = ui.Duty{Off: true, Until: s.Duty.Until}
	}
	m.Duty.WaitingFor, m.Duty.WaitingUntil = s.Duty.WaitingFor, s.Duty.WaitingUntil
	for _, h := range s.Window() {
		m.Pages = append(m.Pages, pageOf(s, h))
	}
	for _, h := range s.Listed(inbox.Low, inbox.Unconfirmed, inbox.PassedOn) {
		if !h.Page.Loud() {
			m.Low = append(m.Low, pageOf(s, h))
		}
	}
	for _, n := range s.Recent() {
		m.Notices = append(m.Notices, ui.Notice{ID: n.ID, Title: n.Title, Text: n.Text, At: n.At})
	}
	return m
}

// extras are on the screen without being part of the inbox's state.
type extras struct {
	notice string
	sheet  ui.CallSheet
}

func hubOf(l inbox.Uplink, now time.Time) ui.Hub {
	out := ui.Hub{Since: l.Since, Sentence: l.Why, BackAt: l.BackAt}
	out.Overdue = !l.BackAt.IsZero() && !now.Before(l.BackAt)
	switch {
	case l.Status == inbox.LinkUp:
		out.State = ui.Connected
	case l.Status == inbox.LinkOver:
		out.State = ui.SignedOut
	case l.NoNetwork:
		out.State = ui.NoNetwork
	case now.Sub(l.Since) < missedAfter:
		out.State = ui.Connecting
	default:
		out.State = ui.Lost
	}
	return out
}

func shiftOf(s inbox.State, now time.Time) ui.Shift {
	if shift, ok := s.OnCall(now); ok {
		return ui.Shift{OnCall: true, Until: shift.End, Schedule: shift.Schedule}
	}
	if shift, ok := s.NextShift(now); ok {
		return ui.Shift{Next: shift.Start, Schedule: shift.Schedule}
	}
	return ui.Shift{}
}

func pageOf(s inbox.State, h inbox.Held) ui.Page {
	p := h.Page
	out := ui.Page{
		Key: name(p.Key), Opening: p.Opening, Number: p.Number, Priority: p.Priority,
		Service: p.Service, Summary: p.Summary, Severity: p.Severity, Source: p.Source,
		Since: p.TriggeredAt, PagedAt: p.PagedAt, NextWho: p.NextWho, NextAt: p.NextAt,
		AlsoPaged: p.AlsoPaged, Alerts: int(p.Alerts), State: stateOf(s, h), Note: h.Note,
		RunbookURL: p.Runbook, Test: p.Test,
	}
	if c := p.Cover; c != nil {
		out.Cover = &ui.CoverRequest{From: c.From, Start: c.Start, End: c.End, Schedules: c.Schedules}
	}
	for _, d := range p.Details {
		out.Details = append(out.Details, ui.Detail(d))
	}
	for _, l := range p.Links {
		out.Links = append(out.Links, ui.Link(l))
	}
	return out
}

func stateOf(s inbox.State, h inbox.Held) ui.PageState {
	switch s.Standing(h) {
	case inbox.Rings:
		return ui.Ringing
	case inbox.Escalated:
		return ui.Escalated
	case inbox.PassedOn:
		return ui.PassedOn
	case inbox.Unconfirmed:
		switch waiting, _ := s.Waiting(h.Page.Key); waiting.Command {
		case inbox.Resolve:
			return ui.ResolveUnconfirmed
		case inbox.PassOn:
			return ui.PassOnUnconfirmed
		}
		return ui.AckUnconfirmed
	}
	return ui.Quiet
}

// toneOf is what should be heard.
func toneOf(s inbox.Sound) alarm.Tone {
	switch s {
	case inbox.PageTone, inbox.LostTone:
		return alarm.Rising
	case inbox.BriefTone:
		return alarm.Brief
	}
	return alarm.Silent
}
