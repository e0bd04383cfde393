package rota

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/store"
)

// Maintenance windows that people make are objects of their own, as overrides
// are: no file names them, so no file removes them.

// MaintenanceRequest asks for a maintenance window. Exactly one of Until and For
// says when it ends.
type MaintenanceRequest struct {
	Services []string
	Start    time.Time // zero: now
	Until    time.Time
	For      time.Duration
	Note     string
	By       string
}

// Maintenance is a window that stands and is not over.
type Maintenance struct {
	organisation.Window
	Zone *time.Location
	By   string    // who made it; "" if it stands in the file
	Made time.Time // zero if it stands in the file
}

// AddMaintenance makes a window. fault.NotFound for a service that is not there,
// fault.Invalid for a stretch that is none or is over.
func (s *Service) AddMaintenance(ctx context.Context, r MaintenanceRequest, now time.Time) (Maintenance, error) {
	var made Maintenance
	start, end, err := r.stretch(now)
	if err != nil {
		return made, err
	}
	note := strings.TrimSpace(r.Note)
	if note != "" && !isLine(note) {
		return made, invalid("--note: expected %s", "a line of text, at most 200 characters")
	}
	err = s.edit(ctx, edition{r.By, "maintenance of " + strings.Join(r.Services, ", "), now, false}, func(d Documents) ([]store.Object, error) {
		services, err := d.servicesOf(r.Services)
		if err != nil {
			return nil, err
		}
		doc := MaintenanceDoc{
			ID: d.freshMaintenanceID(), Services: services, Start: instant(start), End: instant(end),
			Note: Name(note), By: ID(r.By), Made: instant(now),
		}
		made = doc.made()
		return []store.Object{{Kind: KindMaintenance, ID: string(doc.ID), Body: body(doc)}}, nil
	})
	return made, err
}

func (r MaintenanceRequest) stretch(now time.Time) (start, end time.Time, err error) {
	if start = r.Start; start.IsZero() {
		start = now
	}
	if end = r.Until; end.IsZero() {
		end = start.Add(r.For)
	}
	switch {
	case r.Until.IsZero() == (r.For == 0):
		return start, end, invalid("--for, --until: say by exactly one of them when the maintenance ends")
	case r.For < 0:
		return start, end, invalid("--for: %s is no length of time to come", r.For)
	}
	// Stored to the second: it begins no later, and ends no sooner, than asked.
	start = start.Truncate(time.Second)
	if rest := end.Sub(end.Truncate(time.Second)); rest > 0 {
		end = end.Add(time.Second - rest)
	}
	switch {
	case !start.Before(end):
		err = invalid("--until: %s is not after the start, %s", stamp(end), stamp(start))
	case !end.After(now):
		err = invalid("--until: the maintenance would be over already, at %s", stamp(end))
	case end.Sub(start) > maxMaintenance:
		err = invalid("--for, --until: longer than %s; a service that is out of use for so long belongs out of the file", Duration(maxMaintenance))
	}
	return start, end, err
}

// maxMaintenance keeps a typing mistake from silencing a service for years.
const maxMaintenance = 30 * 24 * time.Hour

// Maintenances lists the windows of a service, or of all, that are not over, the
// file's and people's, in the order of their starts. fault.NotFound for a service
// that is not there.
func (s *Service) Maintenances(ctx context.Context, only string, now time.Time) ([]Maintenance, error) {
	_, d, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	if only != "" {
		if _, err := d.servicesOf([]string{only}); err != nil {
			return nil, err
		}
	}
	var list []Maintenance
	for _, w := range d.Windows {
		start, end, err := w.stretch()
		if err != nil {
			return nil, err
		}
		zone, err := zoneOf(string(w.TimeZone))
		if err != nil {
			return nil, err
		}
		list = append(list, Maintenance{Zone: zone, Window: organisation.Window{
			ID: string(w.ID), Services: ids[incident.ServiceID](w.Services), Start: start, End: end, Note: string(w.Note),
		}})
	}
	for _, m := range d.Maintenance {
		list = append(list, m.made())
	}
	list = slices.DeleteFunc(list, func(m Maintenance) bool {
		return !m.End.After(now) || only != "" && !slices.Contains(m.Services, incident.ServiceID(only))
	})
	slices.SortStableFunc(list, func(a, b Maintenance) int { return a.Start.Compare(b.Start) })
	return list, nil
}

// EndMaintenance ends a window that a person made now, or calls it off if it has
// not begun. fault.NotFound if there is none that goes on, fault.Conflict for one
// that stands in the file.
func (s *Service) EndMaintenance(ctx context.Context, id, by string, now time.Time) error {
	return s.edit(ctx, edition{by, "maintenance " + id + " ended", now, false}, func(d Documents) ([]store.Object, error) {
		for _, m := range d.Maintenance {
			if string(m.ID) != id {
				continue
			}
			made := m.made()
			switch {
			case !made.End.After(now):
				return nil, fault.New(fault.NotFound, "the maintenance %q is over since %s", id, stamp(made.End))
			case !made.Start.Before(now.Truncate(time.Second)):
				return []store.Object{{Kind: KindMaintenance, ID: id}}, nil
			}
			m.End = instant(now.Truncate(time.Second))
			return []store.Object{{Kind: KindMaintenance, ID: id, Body: body(m)}}, nil
		}
		if slices.ContainsFunc(d.Windows, func(w WindowDoc) bool { return string(w.ID) == id }) {
			return nil, fault.New(fault.Conflict, "the maintenance %q stands in the file; change it there, and apply the file", id)
		}
		return nil, fault.New(fault.NotFound, "there is no maintenance %q; hub maintenance list shows them", id)
	})
}

func (d Documents) servicesOf(names []string) ([]ID, error) {
	if len(names) == 0 {
		return nil, invalid("SERVICE: name at least one")
	}
	known := d.ids()[KindService]
	var list []ID
	for _, id := range names {
		if !known[id] {
			return nil, fault.New(fault.NotFound, "there is no service %q%s", id, didYouMean(id, maps.Keys(known)))
		}
		if !slices.Contains(list, ID(id)) {
			list = append(list, ID(id))
		}
	}
	return list, nil
}

// freshMaintenanceID makes one that is short enough to be typed.
func (d Documents) freshMaintenanceID() ID {
	known := d.ids()
	for {
		var random [4]byte
		_, _ = rand.Read(random[:]) // never fails, says its documentation
		if id := "m-" + hex.EncodeToString(random[:]); !known[KindMaintenance][id] && !known[KindWindow][id] {
			return ID(id)
		}
	}
}

// made reads what is stored.
func (m MaintenanceDoc) made() Maintenance {
	at := func(m Moment) time.Time {
		t, err := m.in(time.UTC)
		if err != nil {
			return time.Time{} // written by instant
		}
		return t
	}
	return Maintenance{
		Window: organisation.Window{
			ID: string(m.ID), Services: ids[incident.ServiceID](m.Services), Start: at(m.Start), End: at(m.End), Note: string(m.Note),
		},
		Zone: time.UTC, By: string(m.By), Made: at(m.Made),
	}
}

// madeWindows are the windows that people made, in the file's form.
func (d Documents) madeWindows() []WindowDoc {
	var list []WindowDoc
	for _, m := range d.Maintenance {
		list = append(list, WindowDoc{ID: m.ID, Services: m.Services, Start: m.Start, End: m.End, TimeZone: "UTC", Note: m.Note})
	}
	return list
}

// maintenanceComments writes people's windows below an exported file, as the
// commands that would make them again.
func (d Documents) maintenanceComments() string {
	if len(d.Maintenance) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n# Maintenance windows that people made beside this file. No file removes them; to make them again on another hub:\n")
	for _, m := range d.Maintenance {
		fmt.Fprintf(&b, "#   hub maintenance add %s --start %s --until %s", strings.Join(ids[string](m.Services), " "), m.Start, m.End)
		if m.Note != "" {
			fmt.Fprintf(&b, " --note %q", m.Note)
		}
		b.WriteString("\n")
	}
	return b.String()
}
