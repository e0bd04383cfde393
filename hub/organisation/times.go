package organisation

import (
	"cmp"
	"slices"
	"time"

	"tocsin/hub/incident"
)

// Window is a maintenance of some services in [Start, End).
type Window struct {
	ID       string
	Services []incident.ServiceID
	Start    time.Time
	End      time.Time
	Note     string
}

// indexWindows lists the windows of each service in the order of their starts.
func indexWindows(windows []Window) map[incident.ServiceID][]Window {
	by := map[incident.ServiceID][]Window{}
	for _, w := range windows {
		for _, s := range w.Services {
			by[s] = append(by[s], w)
		}
	}
	for _, list := range by {
		slices.SortStableFunc(list, func(a, b Window) int {
			return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End))
		})
	}
	return by
}

// Times gives what stands in the calendar for a service at an instant.
func (o *Organisation) Times(id incident.ServiceID, now time.Time) incident.Times {
	t := o.maintenance(id, now)
	if hours, ok := o.SupportHours[id]; ok {
		if open, until := hours.At(now); !open {
			t.Support = until.UTC()
		}
	}
	return t
}

// maintenance joins the windows that cover an instant without a gap.
func (o *Organisation) maintenance(id incident.ServiceID, now time.Time) incident.Times {
	var t incident.Times
	for _, w := range o.windows[id] {
		if w.Start.After(t.Maintenance) { // the first, or after a gap
			if t.Maintenance.After(now) {
				break
			}
			t = incident.Times{Maintenance: w.Start, Began: w.Start}
		}
		if w.End.After(t.Maintenance) {
			t.Maintenance = w.End
		}
		if t.Note == "" {
			t.Note = w.Note
		}
	}
	if t.Began.After(now) || !t.Maintenance.After(now) {
		return incident.Times{}
	}
	return t
}
