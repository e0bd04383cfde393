package desktop

import (
	"fmt"
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
	"tocsin/agent/ui"
)

// missedAfter is how long a link may be away before the screen calls the hub
// lost: a restart of the hub is no news.
const missedAfter = 10 * time.Second

// modelOf says what is on the screen.
func modelOf(s inbox.State, notice string, now time.Time) ui.Model {
	m := ui.Model{
		Hub:    hubOf(s.Link, now),
		Shift:  shiftOf(s, now),
		Notice: notice, UserName: s.UserName, HubName: s.HubName,
	}
	if s.OffDuty(now) {
		m.Duty = ui.Duty{Off: true, Until: s.Duty.Until}
	}
	for _, h := range s.Window() {
		m.Pages = append(m.Pages, pageOf(s, h))
	}
	return m
}

func hubOf(l inbox.Uplink, now time.Time) ui.Hub {
	out := ui.Hub{Since: l.Since, Sentence: l.Why}
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
		Key: name(p.Key), Number: p.Number,
		Service: p.Service, Summary: p.Summary, Severity: p.Severity, Source: p.Source,
		Since: p.TriggeredAt, PagedAt: p.PagedAt, NextWho: p.NextWho, NextAt: p.NextAt,
		AlsoPaged: p.AlsoPaged, Alerts: int(p.Alerts), State: stateOf(s, h), Note: h.Note,
		RunbookURL: p.Runbook, Test: p.Test,
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

// name is a page's key in the windows and notifications.
func name(k inbox.Key) string { return fmt.Sprintf("%s/%d/%s", k.Incident, k.Wave, k.User) }

// named finds the page that a window or notification means. It may be over.
func named(s inbox.State, key string) (inbox.Held, bool) {
	for _, h := range s.Pages {
		if name(h.Page.Key) == key {
			return h, true
		}
	}
	return inbox.Held{}, false
}

// notification announces a page.
func notification(p inbox.Page) alarm.Notification {
	title := fmt.Sprintf("%s: %s", p.Service, p.Severity)
	if p.Test {
		title = "Test page"
	}
	return alarm.Notification{
		Key: name(p.Key), Title: title, Body: p.Summary,
		Urgent: p.Loud(), Ack: true,
	}
}
