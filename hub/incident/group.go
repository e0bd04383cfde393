package incident

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// GroupBy is what makes new alerts of a service one incident.
type GroupBy string

// The ways to group.
const (
	GroupNone   GroupBy = ""              // each dedup key, but for the groups that a source makes itself
	GroupOpen   GroupBy = "open_incident" // all of the service, while an incident is open
	GroupFields GroupBy = "fields"        // those whose named fields are equal
)

// Grouping says which alerts of a service become one incident.
type Grouping struct {
	By     GroupBy
	Fields []string // for GroupFields
	// Within is for GroupFields: how long after the last trigger of any of its
	// alerts an incident takes in further ones. Each trigger begins it anew.
	Within time.Duration
}

// GroupOf gives what a trigger must have in common with others to be one
// incident with them; empty: it stands alone. An event that lacks one of the
// named fields goes by its source's own group, if it has one. What a rule
// suppresses stands alone too: it must not keep open what pages people.
func GroupOf(e Event, s Service) string {
	if _, hit := s.suppression(e); hit || e.Action != Trigger || e.Test {
		return ""
	}
	switch s.Grouping.By {
	case GroupOpen:
		return groupKey("open", string(s.ID))
	case GroupFields:
		parts := []string{"fields", string(s.ID)}
		for _, name := range s.Grouping.Fields {
			value := e.field(name)
			if value == "" {
				return sourceGroup(e)
			}
			parts = append(parts, name, value)
		}
		return groupKey(parts...)
	}
	return sourceGroup(e)
}

func sourceGroup(e Event) string {
	if e.Group == "" {
		return ""
	}
	return groupKey("source", string(e.Integration), e.Group)
}

// groupKey is as long as a key may be, however long the fields are.
func groupKey(parts ...string) string {
	hash := sha256.New()
	for _, p := range parts {
		hash.Write([]byte(p))
		hash.Write([]byte{0})
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// field gives a fact of an event by the name that people write in a service's
// grouping: one of the event's own, or a detail, also as custom_details.NAME.
func (e Event) field(name string) string {
	switch name {
	case "source":
		return e.Source
	case "summary":
		return e.Summary
	case "severity":
		return string(e.Severity)
	}
	name = strings.TrimPrefix(name, "custom_details.")
	for _, d := range e.Details {
		if d.Name == name {
			return d.Value
		}
	}
	return ""
}

// joins reports whether a trigger becomes part of the open incident of its
// group. Never of one that is older than the alert's newest: by that one the
// alert is found, and its end must reach the incident that it is part of.
func (t Target) joins(now time.Time) bool {
	g := t.Group
	if !g.Open() || g.Number < t.Home || len(g.Alerts) >= maxBundle {
		return false
	}
	by := t.Service.Grouping
	return by.By != GroupFields || now.Sub(g.lastTrigger()) <= by.Within
}

func (i Incident) lastTrigger() time.Time {
	last := i.TriggeredAt
	for _, a := range i.Alerts {
		if a.LastAt.After(last) {
			last = a.LastAt
		}
	}
	return last
}

// join makes a trigger part of an open incident as a further alert.
func join(i Incident, e Event, t Target, now time.Time) (Incident, Effect, []Entry) {
	entries := []Entry{{At: now, Kind: KindAlertAdded, Reason: ReasonEvent, Text: e.Summary}}
	i, more := refired(i, now)
	i.Alerts = append(i.Alerts[:len(i.Alerts):len(i.Alerts)], newAlert(e, now))
	i, raised := worsen(i, e.Severity, t.Service.urgency(e, t.Times), now)
	effect := Joined
	if len(raised) > 0 {
		effect = Raised
	}
	return i, effect, append(append(entries, more...), raised...)
}

// worsen takes on a severity, and an urgency that rises: people who got a quiet
// notification must now be alarmed, also of what somebody took while it was one,
// and those who were told nothing are told. The entry tells of the latter.
func worsen(i Incident, s Severity, u Urgency, now time.Time) (Incident, []Entry) {
	if s.worseThan(i.Severity) {
		i.Severity = s
	}
	if !u.above(i.Urgency) {
		return i, nil
	}
	why := ReasonSeverityRose
	if i.Urgency == Suppressed {
		why = ReasonSuppressed
	}
	i.Urgency = u
	switch {
	case u != High:
	case i.Status == Acknowledged:
		i.QuietUntil, i.QuietReason = now, ReasonSeverityRose
	case i.Held() && i.QuietReason == ReasonSupportHours:
		i = QuietEnded(i) // they are for low urgency
	}
	return i, []Entry{{At: now, Kind: KindUrgencyRaised, Reason: why, Text: string(s)}}
}
