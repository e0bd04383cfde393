package gateway

import (
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
)

// About begins a message to a user about an incident, with what its service lets
// out.
func About(org *organisation.Organisation, i incident.Incident, user responder.User) Message {
	zone, err := time.LoadLocation(user.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	m := Message{
		Thread: string(i.ID), Name: user.Name, Number: i.Number, Severity: i.Severity, Urgency: i.Urgency, Since: i.TriggeredAt.In(zone),
	}
	service, known := org.Service(i.Service)
	switch {
	case i.Test:
		m.Service = "Test page"
	case i.Cover.Asked():
		m.Service = "Cover request"
		m.Cover = org.UserName(i.Cover.Of) + " asks you to take over until " + i.Cover.End.In(zone).Format("Mon 2 Jan 15:04 MST")
	case known:
		m.Service = service.Name
	default:
		m.Service = string(i.Service)
	}
	if service.FullText {
		m.Summary, m.Source, m.Details = i.Summary, i.Source, i.Details
	}
	return m
}
