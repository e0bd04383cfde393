package incident

import (
	"slices"
	"time"

	"tocsin/hub/responder"
)

// ID identifies an incident (a UUIDv7). People say its number.
type ID string

// ServiceID names a service in the configuration.
type ServiceID string

// IntegrationID names an integration in the configuration.
type IntegrationID string

// Status is where an incident stands.
type Status string

// The states of an incident.
const (
	Triggered    Status = "triggered"
	Acknowledged Status = "acknowledged"
	Resolved     Status = "resolved"
)

// Urgency says how an incident reaches people: high alarms until somebody
// acknowledges, low is a quiet notification that never escalates, and of what is
// suppressed nobody is told.
type Urgency string

// The urgencies.
const (
	High       Urgency = "high"
	Low        Urgency = "low"
	Suppressed Urgency = "suppressed"
)

// above reports whether an urgency is higher than another.
func (u Urgency) above(o Urgency) bool {
	return u == High && o != High || u == Low && o == Suppressed
}

// Severity is what a source says of an event.
type Severity string

// The severities of the PagerDuty Events API v2, from worst to mildest.
const (
	Critical Severity = "critical"
	Error    Severity = "error"
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// Severities lists every severity, worst first.
var Severities = []Severity{Critical, Error, Warning, Info}

func (s Severity) worseThan(o Severity) bool { return s.rank() < o.rank() }

// rank orders severities, worst first; none at all counts as an error.
func (s Severity) rank() int {
	if i := slices.Index(Severities, s); i >= 0 {
		return i
	}
	return slices.Index(Severities, Error)
}

// Incident is what people are paged for. The zero value is no incident.
// Version rises by one with every saved change; it is the shell's.
type Incident struct {
	ID      ID
	Number  uint64
	Version uint64

	Service  ServiceID
	Status   Status
	Urgency  Urgency
	Severity Severity
	Summary  string
	Source   string
	Details  []Detail
	Links    []Link
	// Test marks a page that somebody sent to themselves.
	Test bool

	// Policy and Revision name the escalation policy as it stood when the
	// incident triggered; a later edit does not change it.
	Policy   string
	Revision uint64

	// Turn counts the incidents of a policy: a round-robin level begins with
	// the target whose turn it is.
	Turn int

	Opening     int       // 1 for the trigger, one more for each reopening
	TriggeredAt time.Time // of this opening
	FirstAt     time.Time // of the first one

	Holder         responder.UserID // who acknowledged; kept after the lease ends and after the resolve
	AcknowledgedAt time.Time
	QuietUntil     time.Time // zero: no end
	QuietReason    Reason    // ReasonLease, ReasonSnooze, ReasonSnoozeFixed; while triggered ReasonHold, ReasonMaintenance, ReasonSupportHours
	ResolvedAt     time.Time

	// MergedInto is the incident that this one became part of.
	MergedInto ID
	// Priority is what people say of how much it matters: P1 to P5, or nothing.
	Priority string
	// Group is what later events must have in common to join, see GroupOf; empty:
	// none do.
	Group string
	// Reopenings are the last ones, oldest first; see Flapping.
	Reopenings []time.Time
	// ResolveDue is when a resolve that is held back takes effect; zero: none is.
	ResolveDue time.Time
	// Cover is set on a request to take over somebody's shifts.
	Cover Cover

	Alerts []Alert
}

// Alert is what the events with one (integration, dedup key) add up to.
type Alert struct {
	Integration IntegrationID
	Key         string
	Open        bool
	Count       int
	Severity    Severity
	FirstAt     time.Time
	LastAt      time.Time
	EndedAt     time.Time
	// SilentAt is since when its source is known to be silent; see Silent.
	SilentAt time.Time
}

// Detail is one named fact of an event, as plain text.
type Detail struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Link is an address that a source sent along.
type Link struct {
	Href string `json:"href"`
	Text string `json:"text,omitempty"`
}

// Open reports whether the incident is not resolved.
func (i Incident) Open() bool { return i.Status == Triggered || i.Status == Acknowledged }

// Firing counts the alerts that their sources have not resolved.
func (i Incident) Firing() int {
	n := 0
	for _, a := range i.Alerts {
		if a.Open {
			n++
		}
	}
	return n
}

func (i Incident) alert(integration IntegrationID, key string) int {
	return slices.IndexFunc(i.Alerts, func(a Alert) bool {
		return a.Integration == integration && a.Key == key
	})
}

// Service is something that can break.
type Service struct {
	ID      ServiceID
	Name    string
	Team    responder.TeamID
	Policy  string // id of its escalation policy
	Runbook string
	Urgency UrgencyRule
	// Suppress are the rules by which triggers are kept and nobody is told.
	Suppress []Suppression
	Lease    time.Duration // acknowledgement timeout; 0: an acknowledgement never ends
	// OpenReminder is how often whoever has an incident is reminded quietly; 0: never.
	OpenReminder time.Duration
	ReopenWindow time.Duration
	Grouping     Grouping
	Hold         time.Duration // how long an opening waits before it pages: a resolve meanwhile pages nobody
	// FullText: contact methods may carry what the source said, not only service,
	// severity and number.
	FullText bool
}

// UrgencyRule is how a service turns severities into urgency.
type UrgencyRule string

// The urgency rules of a service.
const (
	AlwaysHigh UrgencyRule = "high"
	AlwaysLow  UrgencyRule = "low"
	BySeverity UrgencyRule = "by_severity"
	// BySupportHours is high within the service's support hours and low outside,
	// whatever the severity.
	BySupportHours UrgencyRule = "support_hours"
)

// Of gives the urgency of a severity at an instant of which the calendar says t.
// Critical, error and no severity at all are high under BySeverity.
func (r UrgencyRule) Of(s Severity, t Times) Urgency {
	switch {
	case r == AlwaysHigh:
		return High
	case r == BySupportHours && t.Support.IsZero():
		return High
	case r == BySupportHours:
		return Low
	case r == AlwaysLow:
		return Low
	case s == Warning || s == Info:
		return Low
	}
	return High
}

// Defaults of a service.
const (
	DefaultLease        = 30 * time.Minute
	DefaultReopenWindow = 15 * time.Minute
	DefaultOpenReminder = 15 * time.Minute
)

// Integration is one way in to a service.
type Integration struct {
	ID      IntegrationID
	Service ServiceID
	Kind    string // events_v2, alertmanager, …
	// ForbidAcknowledge refuses acknowledge events from this source.
	ForbidAcknowledge bool
	// Interval and Grace say how often a heartbeat pings, and how late it may.
	Interval, Grace time.Duration
	// ResolveAfterQuiet: an alert that is not repeated for so long resolves, while
	// the heartbeat AliveBy shows that the source is alive; 0: only when told.
	ResolveAfterQuiet time.Duration
	AliveBy           IntegrationID
}

// KindHeartbeat is the kind of integrations that ping.
const KindHeartbeat = "heartbeat"
