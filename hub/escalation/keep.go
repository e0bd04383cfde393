package escalation

import (
	"time"

	"tocsin/hub/incident"
)

// Why what waited for the calendar begins to page, and what a decision about it
// waits for.
const (
	ReasonMaintenanceOver incident.Reason = "maintenance_over"
	ReasonSupportHours    incident.Reason = "support_hours_begin"
	WaitMaintenance       incident.Reason = "maintenance"
	WaitSupportHours      incident.Reason = "support_hours"
)

// Keep makes an opening wait for the calendar: the end of a maintenance, or the
// beginning of support hours. What is open then pages.
type Keep struct {
	At     time.Time
	Until  time.Time
	Reason incident.Reason // incident.ReasonMaintenance or incident.ReasonSupportHours
	Note   string          // of the maintenance
}

func (a Keep) apply(s State) State {
	s.Incident = incident.Keep(s.Incident, a.Until, a.Reason)
	return s
}

// Entry tells until when nobody is paged.
func (a Keep) Entry() incident.Entry {
	text := a.Until.UTC().Format(time.RFC3339)
	if a.Note != "" && a.Reason == incident.ReasonMaintenance {
		text += " " + a.Note
	}
	return incident.Entry{At: a.At, Kind: incident.KindHeld, Reason: a.Reason, Text: text}
}

// keep makes what would begin to page now wait for the calendar, if it must.
func (d *decision) keep() bool { return d.keepBeyond(d.now) }

// keepBeyond makes an opening wait for the calendar, if that lasts beyond a time.
func (d *decision) keepBeyond(t time.Time) bool {
	until, why := d.World.Times.Planned(d.Incident)
	if until.IsZero() || !until.After(t) || !until.After(d.now) {
		return false
	}
	d.do(Keep{At: d.now, Until: until, Reason: why, Note: d.World.Times.Note})
	return true
}

// planned: an incident waits for the calendar, which may have been edited since:
// a window that was moved moves the wait, one that was taken away ends it.
func (d *decision) planned() {
	until, why := d.World.Times.Planned(d.Incident)
	switch {
	case until.IsZero() || !until.After(d.now):
		d.do(EndQuiet{At: d.now, Reason: overOf[d.Incident.QuietReason]})
	case !until.Equal(d.Incident.QuietUntil) || why != d.Incident.QuietReason:
		d.do(Keep{At: d.now, Until: until, Reason: why, Note: d.World.Times.Note})
	default:
		d.tendAll()
		d.waitFor(d.Incident.QuietUntil, waitOf[why])
	}
}

// overOf is why an opening that waited begins to page.
var overOf = map[incident.Reason]incident.Reason{
	incident.ReasonHold:         ReasonHoldOver,
	incident.ReasonMaintenance:  ReasonMaintenanceOver,
	incident.ReasonSupportHours: ReasonSupportHours,
}

// waitOf is what a decision about an opening that waits for the calendar waits for.
var waitOf = map[incident.Reason]incident.Reason{
	incident.ReasonMaintenance:  WaitMaintenance,
	incident.ReasonSupportHours: WaitSupportHours,
}
