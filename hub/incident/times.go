package incident

import "time"

// Times is what stands in the calendar for a service at one instant: the
// maintenance that is under way, and the support hours. The zero value is a
// service for which nothing does.
type Times struct {
	// Maintenance is when the maintenance ends that is under way; zero: none is.
	// Windows that overlap or meet are one maintenance.
	Maintenance time.Time
	Began       time.Time // the start of that maintenance
	Note        string    // what is done then
	// Support is when the support hours begin next; zero within them, and for a
	// service without any.
	Support time.Time
}

// Planned gives until when an opening that begins to page at this instant waits
// for the calendar, and why; zero for not at all. Of two reasons the one that
// lasts longer counts. A person's own page and a test wait for neither.
//
// Maintenance keeps only what triggered within it, or what waits already: an
// incident that was open when it began goes on as before. Support hours are for
// low urgency.
func (t Times) Planned(i Incident) (until time.Time, why Reason) {
	if i.Test || len(i.Alerts) == 0 {
		return time.Time{}, ""
	}
	waits := i.Held() && i.QuietReason != ReasonHold
	if !t.Maintenance.IsZero() && (waits || !i.TriggeredAt.Before(t.Began)) {
		until, why = t.Maintenance, ReasonMaintenance
	}
	if i.Urgency == Low && t.Support.After(until) {
		until, why = t.Support, ReasonSupportHours
	}
	return until, why
}

// Keep makes an opening wait until a time of day, for the calendar. It replaces
// whatever quiet there was.
func Keep(i Incident, until time.Time, why Reason) Incident {
	i.Status = Triggered
	i.QuietUntil, i.QuietReason = until, why
	return i
}

// Bundle reports whether a trigger joins an incident instead of opening another:
// the incident came within the maintenance that is under way for its service, and
// nobody was paged for it yet, so that everything that is still open pages at
// once. prior is the newest incident of the trigger's own alert: one that is newer
// than the bundle keeps the alert, since the newest incident of a key is the one
// that its events find.
func (i Incident) Bundle(prior Incident, service ServiceID, t Times) bool {
	waits := i.QuietReason == ReasonMaintenance || i.QuietReason == ReasonSupportHours && !i.TriggeredAt.Before(t.Began)
	return !t.Maintenance.IsZero() && waits && i.Number > prior.Number && len(i.Alerts) < maxBundle && i.Service == service && i.Held()
}

// maxBundle bounds what one incident carries; a further one takes what is more.
const maxBundle = 1000

// bundle adds an alert to an incident that waits for the end of a maintenance.
// The worst of its alerts speaks for all.
func bundle(i Incident, e Event, t Target, now time.Time) (Incident, Effect, []Entry) {
	i, more := refired(i, now)
	i.Alerts = append(append([]Alert(nil), i.Alerts...), newAlert(e, now))
	told := append([]Entry{{At: now, Kind: KindAlertAdded, Reason: ReasonMaintenance, Text: e.Summary}}, more...)
	if e.Severity.worseThan(i.Severity) {
		i.Severity, i.Summary, i.Source, i.Details, i.Links = e.Severity, e.Summary, e.Source, e.Details, e.Links
	}
	if u := t.Service.urgency(e, t.Times); u.above(i.Urgency) {
		i.Urgency = u
		told = append(told, Entry{At: now, Kind: KindUrgencyRaised, Reason: ReasonSeverityRose, Text: string(e.Severity)})
	}
	return i, Bundled, told
}
