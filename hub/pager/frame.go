package pager

import (
	"hash/maphash"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

var seed = maphash.MakeSeed()

// News is one page as it is to be told to devices.
type News struct {
	telling
	key   string
	frame *agentv1.WatchResponse // nil if the page does not travel by devices
}

// News makes the frame of a page.
func (p *Pager) News(s escalation.State, page escalation.Page, org *organisation.Organisation) News {
	return p.news(s, page, org, nextOnce(s))
}

func (p *Pager) news(s escalation.State, page escalation.Page, org *organisation.Organisation, next func() whoIsNext) News {
	if !travelsByDevices(page) {
		return News{}
	}
	frame := pageFrame(s, page, org, next)
	version := frame.Version
	frame.Version = 0
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(frame)
	if err != nil {
		p.log.Error("a page cannot be told to its devices", "incident", s.Incident.Number, "err", err)
		return News{}
	}
	frame.Version = version
	return News{
		telling: telling{version, maphash.Bytes(seed, text)}, key: frame.Key.IncidentId + "/" + strconv.Itoa(page.Wave),
		frame: &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Page{Page: frame}},
	}
}

// whoIsNext is who is paged if nobody acknowledges, and when.
type whoIsNext struct {
	users []responder.UserID
	at    time.Time
}

// nextOnce plays an incident ahead at most once, and only if somebody asks.
func nextOnce(s escalation.State) func() whoIsNext {
	return sync.OnceValue(func() whoIsNext {
		users, at := escalation.Next(s)
		return whoIsNext{users, at}
	})
}

func travelsByDevices(p escalation.Page) bool {
	for _, u := range p.Uses {
		if u.Method == responder.Devices {
			return true
		}
	}
	return false
}

// pageFrame is a page as a device shows it.
func pageFrame(s escalation.State, p escalation.Page, org *organisation.Organisation, next func() whoIsNext) *agentv1.Page {
	i := s.Incident
	f := &agentv1.Page{
		Key:     &agentv1.PageKey{IncidentId: string(i.ID), Wave: uint32(p.Wave), UserId: string(p.User)},
		Version: i.Version, Opening: uint32(p.Opening), Number: i.Number,
		ServiceId: string(i.Service), ServiceName: "Test page", Summary: i.Summary, Severity: string(i.Severity),
		Urgency: urgencyOf(p), Source: i.Source, TriggeredAt: Stamp(i.TriggeredAt), PagedAt: Stamp(p.At),
		Level: uint32(p.Level), Round: uint32(p.Round), Reason: string(p.Reason), AlertCount: uint32(len(i.Alerts)),
		Outcome: string(p.Outcome), EndedAt: Stamp(p.Ended), PassedOn: p.PassedOn,
		IncidentStatus: string(i.Status), Test: i.Test, Priority: i.Priority,
	}
	if service, ok := org.Service(i.Service); ok {
		f.ServiceName, f.RunbookUrl = service.Name, service.Runbook
	}
	if i.Cover.Asked() {
		f.ServiceName, f.Cover = "Cover request", coverOf(i.Cover, org)
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
		f.Storm = s.World.InStorm(p.User)
		addCompany(f, s, p, org, next)
	}
	return f
}

// coverOf is what a page asks its user to take over.
func coverOf(c incident.Cover, org *organisation.Organisation) *agentv1.CoverRequest {
	out := &agentv1.CoverRequest{FromUserId: string(c.Of), FromName: org.UserName(c.Of), Start: Stamp(c.Start), End: Stamp(c.End)}
	for _, id := range c.Schedules {
		if s, ok := org.Schedule(schedule.ID(id)); ok {
			out.Schedules = append(out.Schedules, s.Name)
		}
	}
	return out
}

func urgencyOf(p escalation.Page) string {
	if p.Low {
		return string(incident.Low)
	}
	return string(incident.High)
}

// escalated reports whether a page went on from another: it was made later, for
// another level or round.
func escalated(from, to escalation.Page) bool {
	switch to.Stage {
	case escalation.Added, escalation.Joined, escalation.Successor:
		return false
	}
	return to.Wave > from.Wave && (to.Stage != from.Stage || to.Level != from.Level || to.Round != from.Round)
}

// addCompany says who else is paged, and who is next.
func addCompany(f *agentv1.Page, s escalation.State, p escalation.Page, org *organisation.Organisation, next func() whoIsNext) {
	for _, o := range s.Pages {
		if o.Open() && o.User != p.User {
			f.AlsoPaged = append(f.AlsoPaged, org.UserName(o.User))
			f.Escalated = f.Escalated || escalated(p, o)
		}
	}
	if s.Incident.Test || len(next().users) == 0 {
		return
	}
	f.NextAt = Stamp(next().at)
	var others []string
	for _, u := range next().users {
		if u != p.User {
			others = append(others, org.UserName(u))
		}
	}
	f.NextWho = strings.Join(others, ", ")
}

// Stamp is a time on the wire; nil for the zero time.
func Stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
