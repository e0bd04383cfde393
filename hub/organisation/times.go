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

// indexWindows lists the maintenances of each service in the order of time: of
// windows that overlap or meet it makes one, with the note of the first that has
// one.
func indexWindows(windows []Window) map[incident.ServiceID][]Window {
	by := map[incident.ServiceID][]Window{}
	ordered := slices.Clone(windows)
	slices.SortStableFunc(ordered, func(a, b Window) int { return a.Start.Compare(b.Start) })
	for _, w := range ordered {
		if !w.Start.Before(w.End) {
			continue
		}
		for _, s := range w.Services {
			list := by[s]
			if n := len(list) - 1; n >= 0 && !w.Start.After(list[n].End) {
				if w.End.After(list[n].End) {
					list[n].End = w.End
				}
				list[n].Note = cmp.Or(list[n].Note, w.Note)
				continue
			}
			by[s] = append(list, w)
		}
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

// maintenance finds the one that is under way.
func (o *Organisation) maintenance(id incident.ServiceID, now time.Time) incident.Times {
	list := o.windows[id]
	n, _ := slices.BinarySearchFunc(list, now, func(w Window, t time.Time) int {
		if w.End.After(t) {
			return 1
		}
		return -1
	})
	if n == len(list) || list[n].Start.After(now) {
		return incident.Times{}
	}
	return incident.Times{Maintenance: list[n].End, Began: list[n].Start, Note: list[n].Note}
}
