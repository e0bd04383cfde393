package gateway

import (
	"cmp"
	"slices"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
)

// About begins a message to a user about an incident, with what its service lets
// out.
func About(org *organisation.Organisation, i incident.Incident, user responder.User) Message {
	m := Message{
		Thread: string(i.ID), Name: user.Name, Number: i.Number, Severity: i.Severity, Urgency: i.Urgency, Priority: i.Priority, Since: i.TriggeredAt.In(user.Zone()),
	}
	if i.Cover.Asked() {
		m.Cover = org.UserName(i.Cover.Of) + " asks you to take over until " + i.Cover.End.In(user.Zone()).Format("Mon 2 Jan 15:04 MST")
	}
	var full bool
	if m.Service, full = serviceOf(org, i); full {
		m.Summary, m.Source, m.Details = i.Summary, i.Source, i.Details
	}
	return m
}

// AboutAll begins a message to a user about several incidents, the worst first.
func AboutAll(org *organisation.Organisation, all []incident.Incident, user responder.User) Message {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b incident.Incident) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Number, b.Number))
	})
	m := About(org, all[0], user)
	m = Message{Name: user.Name, Urgency: incident.Low, Since: m.Since}
	for _, i := range all {
		item := Item{Number: i.Number, Severity: i.Severity}
		var full bool
		if item.Service, full = serviceOf(org, i); full {
			item.Summary = i.Summary
		}
		m.Bundle = append(m.Bundle, item)
		if i.Urgency == incident.High {
			m.Urgency = incident.High
		}
		if at := i.TriggeredAt.In(m.Since.Location()); at.Before(m.Since) {
			m.Since = at
		}
	}
	return m
}

// rank orders what a message names first.
func rank(i incident.Incident) int {
	n := slices.Index(incident.Severities, i.Severity)
	if n < 0 { // none counts as an error
		n = slices.Index(incident.Severities, incident.Error)
	}
	if i.Urgency != incident.High {
		n += len(incident.Severities)
	}
	return n
}

// serviceOf is what people call an incident's service, and whether it lets out
// what its source said.
func serviceOf(org *organisation.Organisation, i incident.Incident) (name string, full bool) {
	service, known := org.Service(i.Service)
	switch {
	case i.Test:
		return "Test page", service.FullText
	case i.Cover.Asked():
		return "Cover request", false
	case known:
		return service.Name, service.FullText
	}
	return string(i.Service), false
}
