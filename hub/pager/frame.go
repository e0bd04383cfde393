package pager

import (
	"hash/maphash"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

var seed = maphash.MakeSeed()

// Page sends one page as it is now.
func (s *Stream) Page(state escalation.State, p escalation.Page, org *organisation.Organisation) {
	if f := s.Frame(state, p, org); f != nil {
		s.Send(f)
	}
}

// Frame is one page as it is now, or nil if it does not travel by devices or the
// device was told the very same before.
func (s *Stream) Frame(state escalation.State, p escalation.Page, org *organisation.Organisation) *agentv1.WatchResponse {
	if !travelsByDevices(p) {
		return nil
	}
	frame := PageFrame(state, p, org)
	version := frame.Version
	frame.Version = 0
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(frame)
	if err != nil {
		s.pager.log.Error("a page cannot be told to its device", "incident", state.Incident.Number, "err", err)
		return nil
	}
	frame.Version = version
	key := frame.Key.IncidentId + "/" + strconv.Itoa(p.Wave)
	hash := maphash.Bytes(seed, text)
	s.pager.mu.Lock()
	defer s.pager.mu.Unlock()
	if s.sent[key] == hash {
		return nil
	}
	s.sent[key] = hash
	return &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Page{Page: frame}}
}

func travelsByDevices(p escalation.Page) bool {
	for _, u := range p.Uses {
		if u.Method == responder.Devices {
			return true
		}
	}
	return false
}

// PageFrame is a page as a device shows it.
func PageFrame(s escalation.State, p escalation.Page, org *organisation.Organisation) *agentv1.Page {
	i := s.Incident
	f := &agentv1.Page{
		Key:     &agentv1.PageKey{IncidentId: string(i.ID), Wave: uint32(p.Wave), UserId: string(p.User)},
		Version: i.Version, Opening: uint32(p.Opening), Number: i.Number,
		ServiceId: string(i.Service), ServiceName: "Test page", Summary: i.Summary, Severity: string(i.Severity),
		Urgency: urgencyOf(p), Source: i.Source, TriggeredAt: Stamp(i.TriggeredAt), PagedAt: Stamp(p.At),
		Level: uint32(p.Level), Round: uint32(p.Round), Reason: string(p.Reason), AlertCount: uint32(len(i.Alerts)),
		Outcome: string(p.Outcome), EndedAt: Stamp(p.Ended), PassedOn: p.PassedOn,
		IncidentStatus: string(i.Status), Test: i.Test,
	}
	if service, ok := org.Service(i.Service); ok {
		f.ServiceName, f.RunbookUrl = service.Name, service.Runbook
	}
	if p.EndedBy != "" {
		f.EndedBy = org.UserName(p.EndedBy)
	}
	for _, d := range i.Details {
		f.Details = append(f.Details, &agentv1.Detail{Name: d.Name, Value: d.Value})
	}
	for _, l := range i.Links {
		f.Links = append(f.Links, &agentv1.Link{Href: l.Href, Text: l.Text})
	}
	if p.Open() {
		addCompany(f, s, p, org)
	}
	return f
}

func urgencyOf(p escalation.Page) string {
	if p.Low {
		return string(incident.Low)
	}
	return string(incident.High)
}

// addCompany says who else is paged, and who is next.
func addCompany(f *agentv1.Page, s escalation.State, p escalation.Page, org *organisation.Organisation) {
	for _, o := range s.Pages {
		if o.Open() && o.User != p.User {
			f.AlsoPaged = append(f.AlsoPaged, org.UserName(o.User))
		}
	}
	users, at := escalation.Next(s)
	if at.IsZero() || s.Incident.Test {
		return
	}
	f.NextAt = Stamp(at)
	for n, u := range users {
		if n > 0 {
			f.NextWho += ", "
		}
		f.NextWho += org.UserName(u)
	}
}

// Stamp is a time on the wire; nil for the zero time.
func Stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
