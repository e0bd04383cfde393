package incident

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"tocsin/hub/responder"
)

// Action is what an event asks for.
type Action string

// The actions of events.
const (
	Trigger     Action = "trigger"
	Acknowledge Action = "acknowledge"
	Resolve     Action = "resolve"
)

// Event is one message from a source.
type Event struct {
	Action      Action
	Integration IntegrationID
	Key         string // dedup key; see KeyOf for triggers without one
	Summary     string
	Source      string
	Severity    Severity
	Details     []Detail
	Links       []Link
	Group       string    // what the source itself groups by, such as Alertmanager's groupKey
	OccurredAt  time.Time // the source's own stamp; zero if it sent none
	// Test marks a page that this user sent to themselves.
	Test bool
}

// KeyOf gives a trigger without a dedup key the one of its fields, so that the
// same message again is the same alert while it is open.
func KeyOf(e Event) string {
	sum := sha256.Sum256([]byte(e.Summary + "\x00" + e.Source))
	return hex.EncodeToString(sum[:16])
}

// Effect says what an event did.
type Effect string

// The effects of events.
const (
	Opened       Effect = "opened"
	Reopened     Effect = "reopened"
	Joined       Effect = "joined"   // a further alert of an open incident, nobody paged anew
	Repeated     Effect = "repeated" // counted, nobody paged anew
	Raised       Effect = "raised"   // repeated, and the urgency rose to high
	AlertEnded   Effect = "alert_ended"
	Ended        Effect = "ended"
	Taken        Effect = "taken"
	NothingToDo  Effect = "nothing_to_do"
	NotPermitted Effect = "not_permitted"
	Bundled      Effect = "bundled" // joined what waits for the end of a maintenance
)

// Target is where a new incident belongs: what the shell looked up before it
// asked.
type Target struct {
	Service     Service
	Integration Integration
	Revision    uint64
	Times       Times // of the service now
	// Kept is the service's newest incident that waits for the calendar; see Bundle.
	// It is needed only during maintenance.
	Kept Incident

	// Others are the services of the prior incident and of Group, where these are
	// not Service: something was merged into an incident of another service.
	Others []Service
	// Home is the number of the newest incident that holds the alert, before any
	// merge; 0: none does.
	Home uint64
	// Group is the newest incident of GroupOf the event, or what it was merged
	// into; zero when there is none. It is needed only for a trigger whose alert
	// is not part of an open incident.
	Group Incident
}

// of gives the service that an incident belongs to.
func (t Target) of(i Incident) Service {
	for _, s := range t.Others {
		if s.ID == i.Service {
			return s
		}
	}
	return t.Service
}

// Ingest says what an event does. prior is the newest incident that holds an
// alert with the event's integration and key, or what that was merged into, or
// the zero Incident. The answer is the incident afterwards, prior or t.Group,
// with ID and Number left for the shell to fill when the effect is Opened.
//
// A trigger for an open alert grows its count; one during maintenance joins what
// waits for its end; one whose group has an open incident joins that; one within
// the service's reopen window of a resolved incident reopens it; any other opens
// a new one. A resolve or acknowledge for a key that is not open does nothing.
func Ingest(prior Incident, e Event, t Target, now time.Time) (Incident, Effect, []Entry) {
	at := prior.alert(e.Integration, e.Key)
	open := at >= 0 && prior.Open() && prior.Alerts[at].Open
	switch e.Action {
	case Trigger:
		return trigger(prior, at, open, e, t, now)
	case Resolve:
		if at < 0 || !prior.Alerts[at].Open {
			return prior, NothingToDo, nil
		}
		return endAlert(prior, at, t.of(prior).ReopenWindow, now)
	case Acknowledge:
		if !open {
			return prior, NothingToDo, nil
		}
		if t.Integration.ForbidAcknowledge {
			return prior, NotPermitted, nil
		}
		if prior.Status == Acknowledged {
			return prior, NothingToDo, nil
		}
		next, entry := take(prior, "", t.of(prior).Lease, now)
		entry.Reason = ReasonEvent
		return next, Taken, []Entry{entry}
	}
	return prior, NothingToDo, nil
}

func trigger(prior Incident, at int, open bool, e Event, t Target, now time.Time) (Incident, Effect, []Entry) {
	switch {
	case open:
		return repeat(prior, at, e, t, now)
	case at >= 0 && prior.Open():
		return again(prior, at, e, t, now)
	case prior.Open():
		return join(prior, e, t, now) // what the alert was part of was merged into it
	case t.Kept.Number > t.Home && t.Kept.Bundle(prior, t.Service.ID, t.Times) && t.Service.urgency(e, t.Times) != Suppressed:
		return bundle(t.Kept, e, t, now)
	case t.joins(now):
		return join(t.Group, e, t, now)
	case t.reopens(prior, now) && t.Group.Number > t.Home && t.reopens(t.Group, now):
		return reopen(t.Group, e, t, now) // of one group, one incident is open at a time
	case t.reopens(prior, now):
		return reopen(prior, e, t, now)
	}
	i := Incident{
		Service: t.Service.ID, Status: Triggered, Urgency: t.Service.urgency(e, t.Times),
		Severity: e.Severity, Summary: e.Summary, Source: e.Source, Details: e.Details, Links: e.Links,
		Policy: t.Service.Policy, Revision: t.Revision, Test: e.Test, Group: GroupOf(e, t.Service),
		Opening: 1, TriggeredAt: now, FirstAt: now,
		Alerts: []Alert{newAlert(e, now)},
	}
	i, held := quietly(i, e, t.Service, t.Service.Hold, now)
	return i, Opened, append([]Entry{{At: now, Kind: KindTriggered, Reason: triggerReason(e), Text: e.Summary}}, held...)
}

func triggerReason(e Event) Reason {
	if e.Test {
		return ReasonTestPage
	}
	return ReasonEvent
}

func newAlert(e Event, now time.Time) Alert {
	return Alert{Integration: e.Integration, Key: e.Key, Open: true, Count: 1, Severity: e.Severity, FirstAt: now, LastAt: now}
}

// repeat counts a trigger of an open alert. Only an urgency that rises changes
// more: because the severity did, or because no rule suppresses it any more.
func repeat(i Incident, at int, e Event, t Target, now time.Time) (Incident, Effect, []Entry) {
	i.Alerts = append([]Alert(nil), i.Alerts...)
	a := &i.Alerts[at]
	a.Count++
	a.LastAt, a.SilentAt = now, time.Time{}
	rose := e.Severity.worseThan(a.Severity)
	if rose {
		a.Severity = e.Severity
	}
	if !rose && !e.Severity.worseThan(i.Severity) && i.Urgency != Suppressed {
		return i, Repeated, nil
	}
	i, entries := worsen(i, e.Severity, t.Service.urgency(e, t.Times), now)
	if len(entries) > 0 {
		return i, Raised, entries
	}
	return i, Repeated, nil
}

// again opens an ended alert of an incident that is open still.
func again(i Incident, at int, e Event, t Target, now time.Time) (Incident, Effect, []Entry) {
	i, entries := refired(i, now)
	i.Alerts = append([]Alert(nil), i.Alerts...)
	i.Alerts[at].Open = true
	i.Alerts[at].EndedAt = time.Time{}
	next, effect, more := repeat(i, at, e, t, now)
	return next, effect, append(append([]Entry{{At: now, Kind: KindAlertAdded, Reason: ReasonEvent, Text: e.Summary}}, entries...), more...)
}

// reopens reports whether a trigger opens a resolved incident anew.
func (t Target) reopens(i Incident, now time.Time) bool {
	window := t.of(i).ReopenWindow
	return i.Status == Resolved && window > 0 && now.Before(i.ResolvedAt.Add(window))
}

func reopen(i Incident, e Event, t Target, now time.Time) (Incident, Effect, []Entry) {
	service, fresh := t.of(i), newAlert(e, now)
	i.Alerts = append([]Alert(nil), i.Alerts...)
	for n := range i.Alerts {
		// What a person resolved while it fired may be part of another incident by
		// now: only what fires again keeps this one open.
		if a := &i.Alerts[n]; a.Open {
			a.Open, a.EndedAt = false, now
		}
	}
	if at := i.alert(e.Integration, e.Key); at >= 0 {
		fresh.FirstAt, fresh.Count = i.Alerts[at].FirstAt, i.Alerts[at].Count+1
		i.Alerts[at] = fresh
	} else {
		i.Alerts = append(i.Alerts, fresh)
	}
	i.Status = Triggered
	i.Urgency = t.Service.urgency(e, t.Times)
	i.Severity, i.Summary, i.Source, i.Details, i.Links = e.Severity, e.Summary, e.Source, e.Details, e.Links
	i.Policy, i.Revision = service.Policy, t.Revision
	if service.ID == t.Service.ID {
		i.Group = GroupOf(e, t.Service)
	}
	i.Opening++
	i.TriggeredAt = now
	i.ResolvedAt, i.AcknowledgedAt = time.Time{}, time.Time{}
	i = i.cameBack(now)
	entries := []Entry{{At: now, Kind: KindReopened, Reason: ReasonEvent, Text: e.Summary}}
	if i.Flapping(now) {
		entries = append(entries, Entry{At: now, Kind: KindFlapping, Reason: ReasonReopenedOften, Text: shortly(service.ReopenWindow)})
	}
	i, held := quietly(i, e, t.Service, service.Hold, now)
	return i, Reopened, append(entries, held...)
}

// hold keeps an opening quiet for a while: many end by themselves.
func hold(i Incident, d time.Duration, now time.Time) (Incident, []Entry) {
	if d <= 0 {
		return i, nil
	}
	i.QuietUntil, i.QuietReason = now.Add(d), ReasonHold
	return i, []Entry{{At: now, Kind: KindHeld, Reason: ReasonHold, Text: d.String()}}
}

func endAlert(i Incident, at int, window time.Duration, now time.Time) (Incident, Effect, []Entry) {
	i.Alerts = append([]Alert(nil), i.Alerts...)
	i.Alerts[at].Open = false
	i.Alerts[at].EndedAt = now
	if i.Firing() > 0 || !i.Open() {
		return i, AlertEnded, []Entry{{At: now, Kind: KindAlertResolved, Reason: ReasonEvent}}
	}
	return settleAlerts(i, window, now)
}

func ended(i Incident, now time.Time) Incident {
	i.Status, i.ResolvedAt, i.ResolveDue = Resolved, now, time.Time{}
	i.QuietUntil, i.QuietReason = time.Time{}, ""
	return i
}

func take(i Incident, by responder.UserID, lease time.Duration, now time.Time) (Incident, Entry) {
	i.Status = Acknowledged
	i.Holder = by
	i.AcknowledgedAt = now
	return Leased(i, lease, now), Entry{At: now, Kind: KindAcknowledged, Reason: ReasonByUser, User: by}
}
