package inbox

import (
	"cmp"
	"time"
)

// Key names a page: the hub's demand on one user to look at one incident.
type Key struct {
	Incident string
	Wave     uint32
	User     string
}

// Page is what the hub said about a page. Its slices are shared between states
// and never changed in place.
type Page struct {
	Key     Key
	Version uint64 // rises with every change of the incident
	Opening uint32 // which trigger or reopening it is about
	Number  uint64 // the incident's number, the one that people say

	ServiceID, Service string
	Summary            string
	Severity           string // critical, error, warning, info
	Urgency            string // high or low
	Source             string
	TriggeredAt        time.Time
	PagedAt            time.Time
	Level, Round       uint32
	Reason             string
	Alerts             uint32
	Runbook            string
	Details            []Detail
	Links              []Link

	Outcome        string // empty while the page is open
	EndedAt        time.Time
	EndedBy        string
	PassedOn       bool // passed on, but it is the last page that is alive
	NextWho        string
	NextAt         time.Time
	AlsoPaged      []string
	Escalated      bool // another level was paged since
	IncidentStatus string
	Test           bool
	Priority       string // what people say of how much it matters, for example "P1"
	Storm          bool   // came while more than ten others of this user were open
	// Cover is set when the page asks for no incident, but for this user to take
	// somebody's shifts over: acknowledging accepts, passing on declines.
	Cover *CoverRequest
}

// CoverRequest asks for somebody's shifts in [Start, End).
type CoverRequest struct {
	FromID, From string
	Start, End   time.Time
	Schedules    []string // their names
}

// Detail is one named fact that the source sent along.
type Detail struct{ Name, Value string }

// Link is a place to read on.
type Link struct{ Href, Text string }

// Outcomes of a page that the agent must know; the others are only shown.
const (
	OutcomeAcknowledged = "acknowledged"
	OutcomeTaken        = "taken"
	// outcomeOver is the agent's own word for a page that it holds and a
	// snapshot lacks: it ended, and the hub no longer says how.
	outcomeOver = "over"
)

// Open says that the hub has not ended the page.
func (p Page) Open() bool { return p.Outcome == "" }

// Loud says that the page is one to wake a person for.
func (p Page) Loud() bool { return p.Urgency != "low" || p.Test }

// severityRank orders severities; one that this version does not know counts
// as the worst, like one that is missing.
func severityRank(severity string) int {
	switch severity {
	case "info":
		return 0
	case "warning":
		return 1
	case "error":
		return 2
	}
	return 3
}

// moreUrgent orders pages for the eye: the most severe first, then the newest.
func moreUrgent(a, b Held) int {
	return cmp.Or(
		-cmp.Compare(severityRank(a.Page.Severity), severityRank(b.Page.Severity)),
		-a.Page.PagedAt.Compare(b.Page.PagedAt),
		-cmp.Compare(a.Page.Number, b.Page.Number),
		-cmp.Compare(a.Page.Key.Wave, b.Page.Key.Wave),
		cmp.Compare(a.Page.Key.Incident, b.Page.Key.Incident),
	)
}
