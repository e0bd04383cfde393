package incident

import (
	"strconv"
	"time"
)

// What people do with an incident as a whole, in its timeline.
const (
	KindMerged          Kind = "merged"
	KindTookIn          Kind = "took_in"
	KindPriority        Kind = "priority"
	KindPolicyRefreshed Kind = "policy_refreshed"
)

// Why an incident cannot become part of another, beside ReasonTestPage and
// ReasonNotOpen; and ReasonMerged for what follows from a merge.
const (
	ReasonMerged       Reason = "merged"
	ReasonItself       Reason = "itself"
	ReasonCoverAsked   Reason = "cover_request"
	ReasonMergedBefore Reason = "merged_before"
	ReasonTargetOver   Reason = "target_not_open"
)

// Merge is one incident that became part of another.
type Merge struct {
	From, Into               Incident
	FromEntries, IntoEntries []Entry
}

// MergeBy makes from part of into: its open alerts go on there, and so do all
// later events of its alerts. Neither is changed if it answers a reason why it
// cannot be. What somebody took as a quiet notification is quiet no longer if
// what joins it is urgent.
func MergeBy(from, into Incident, c Command, lease time.Duration, now time.Time) (Merge, Reason) {
	if why := unmergeable(from, into); why != "" {
		return Merge{From: from, Into: into}, why
	}
	joined := c.entry(KindTookIn, ReasonByUser, now)
	joined.Text = strconv.FormatUint(from.Number, 10) + " " + from.Summary
	entries := []Entry{joined}
	into.Alerts = append([]Alert(nil), into.Alerts...)
	from.Alerts = append([]Alert(nil), from.Alerts...)
	for n, a := range from.Alerts {
		if !a.Open {
			continue
		}
		into.ResolveDue = time.Time{}
		into = into.take(a)
		from.Alerts[n].Open, from.Alerts[n].EndedAt = false, now
	}
	into, raised := worsen(into, from.Severity, from.Urgency, now)
	entries = append(entries, raised...)
	if from.Priority != "" && (into.Priority == "" || from.Priority < into.Priority) {
		into.Priority = from.Priority
		entries = append(entries, Entry{At: now, Kind: KindPriority, Reason: ReasonMerged, Text: into.Priority})
	}
	into = Renewed(into, c, lease, now)
	gone := c.entry(KindMerged, ReasonByUser, now)
	gone.Text = strconv.FormatUint(into.Number, 10)
	from = ended(from, now)
	from.MergedInto = into.ID
	return Merge{From: from, Into: into, FromEntries: []Entry{gone}, IntoEntries: entries}, ""
}

func unmergeable(from, into Incident) Reason {
	switch {
	case from.ID == into.ID:
		return ReasonItself
	case from.Test || into.Test:
		return ReasonTestPage
	case from.Cover.Asked() || into.Cover.Asked():
		return ReasonCoverAsked
	case from.MergedInto != "":
		return ReasonMergedBefore
	case !from.Open():
		return ReasonNotOpen
	case !into.Open():
		return ReasonTargetOver
	}
	return ""
}

// take makes an alert of another incident one of this, opening it again where it
// had one that ended.
func (i Incident) take(a Alert) Incident {
	at := i.alert(a.Integration, a.Key)
	if at < 0 {
		i.Alerts = append(i.Alerts, a)
		return i
	}
	mine := &i.Alerts[at]
	if a.Severity.worseThan(mine.Severity) {
		mine.Severity = a.Severity
	}
	if a.LastAt.After(mine.LastAt) {
		mine.LastAt = a.LastAt
	}
	mine.Count += a.Count
	mine.Open, mine.EndedAt = true, time.Time{}
	return i
}

// Priorities are what people may say of how much an incident matters, the most
// important first.
var Priorities = []string{"P1", "P2", "P3", "P4", "P5"}

// PrioritiseBy says how much an incident matters, open or not: one of
// Priorities, or empty for nothing. Refused for a test page.
func PrioritiseBy(i Incident, c Command, priority string, lease time.Duration, now time.Time) (Incident, Answer, Entry) {
	if i.Test {
		return i, Refused, c.entry(KindRefused, ReasonTestPage, now)
	}
	e := c.entry(KindPriority, ReasonByUser, now)
	e.Text = priority
	i.Priority = priority
	return Renewed(i, c, lease, now), Applied, e
}
