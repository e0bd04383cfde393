package incident

import (
	"slices"
	"time"
)

// QuietAlert ends the n-th alert because it was not repeated for long enough
// while its source was alive. The incident ends with its last alert, as when a
// source says that it is over; window
// is the reopen window of its service.
func QuietAlert(i Incident, n int, window time.Duration, now time.Time) (Incident, []Entry) {
	source := string(i.Alerts[n].Integration)
	i, _, entries := endAlert(i, n, window, now)
	for k := range entries {
		if entries[k].Kind == KindAlertResolved || entries[k].Kind == KindResolved {
			entries[k].Reason, entries[k].Text = ReasonQuiet, source
		}
	}
	return i, entries
}

// SilentAlert notes that the source of the n-th alert is silent, so that its
// quiet proves nothing; a zero time, that it is back.
func SilentAlert(i Incident, n int, at time.Time) Incident {
	i.Alerts = append([]Alert(nil), i.Alerts...)
	i.Alerts[n].SilentAt = at
	return i
}

// Silent lists the integrations whose silence keeps the incident from resolving
// by quiet, each once.
func (i Incident) Silent() []IntegrationID {
	var list []IntegrationID
	for _, a := range i.Alerts {
		if a.Open && !a.SilentAt.IsZero() && !slices.Contains(list, a.Integration) {
			list = append(list, a.Integration)
		}
	}
	return list
}
