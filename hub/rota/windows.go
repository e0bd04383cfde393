package rota

import (
	"fmt"
	"slices"

	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/schedule"
)

// buildTimes makes what stands in the calendar: support hours and maintenance.
func (d Documents) buildTimes(set *organisation.Set) error {
	for _, s := range d.Services {
		if s.SupportHours.From == "" {
			continue
		}
		hours, err := s.SupportHours.build()
		if err != nil {
			return fmt.Errorf("support hours of service %q: %w", s.ID, err)
		}
		if set.SupportHours == nil {
			set.SupportHours = map[incident.ServiceID]schedule.Hours{}
		}
		set.SupportHours[incident.ServiceID(s.ID)] = hours
	}
	for _, w := range slices.Concat(d.Windows, d.madeWindows()) {
		start, end, err := w.stretch()
		if err != nil {
			return fmt.Errorf("maintenance window %q: %w", w.ID, err)
		}
		set.Windows = append(set.Windows, organisation.Window{
			ID: string(w.ID), Services: ids[incident.ServiceID](w.Services), Start: start, End: end, Note: string(w.Note),
		})
	}
	return nil
}

func (h SupportHours) build() (schedule.Hours, error) {
	zone, err := zoneOf(string(h.TimeZone))
	if err != nil {
		return schedule.Hours{}, err
	}
	window, err := Restriction{Days: h.Days, From: h.From, To: h.To}.build()
	if err != nil {
		return schedule.Hours{}, err
	}
	return schedule.Hours{Zone: zone, Restrictions: []schedule.Restriction{window}}, nil
}
