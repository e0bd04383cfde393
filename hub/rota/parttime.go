package rota

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
	"tocsin/hub/store"
)

// RecurringRequest asks for a recurring absence.
type RecurringRequest struct {
	User   string
	Window RecurringAbsence
	DryRun bool
	By     string
}

// Recurring is an absence that comes again.
type Recurring struct {
	ID     string // "" of the file's, which are changed there
	User   responder.UserID
	Window RecurringAbsence
	Zone   *time.Location
	By     string
	Next   schedule.Span // the next or present one; zero if none is to come
	Moves  []Move        // what it does to the schedules in the next four weeks
}

// recurringOutlook is how far ahead the consequences of a recurring absence are
// told: it goes on like that.
const recurringOutlook = 4 * 7 * 24 * time.Hour

// AddRecurring enters a recurring absence from now on, and tells what it does.
func (s *Service) AddRecurring(ctx context.Context, r RecurringRequest, now time.Time) (Recurring, error) {
	absences, err := s.absences(ctx, now)
	if err != nil {
		return Recurring{}, err
	}
	var out Recurring
	err = s.edit(ctx, edition{r.By, "recurring absence of " + r.User, now, r.DryRun}, func(d Documents) ([]store.Object, error) {
		if err := d.hasUser("USER", r.User); err != nil {
			return nil, err
		}
		if r.Window.Start == "" {
			r.Window.Start = instant(now) // the past stays as it was
		}
		if field, text := r.Window.problem(); text != "" {
			return nil, invalid("%s: %s", field, text)
		}
		doc := AbsenceDoc{ID: d.freshAbsenceID(), User: ID(r.User), RecurringAbsence: r.Window, By: ID(r.By), Made: instant(now)}
		before := d
		d.Absences = append(slices.Clip(d.Absences), doc)
		if _, err := d.recurring(); err != nil {
			return nil, invalid("%s", err)
		}
		out = d.recurringOf(before, string(doc.ID), doc.User, doc.RecurringAbsence, string(doc.By), absences, now)
		if out.Next.Start.IsZero() {
			return nil, invalid("--until: it would be over before it begins")
		}
		return []store.Object{{Kind: KindAbsence, ID: string(doc.ID), Body: body(doc)}}, nil
	})
	return out, err
}

// freshAbsenceID makes one that is short enough to be typed.
func (d Documents) freshAbsenceID() ID {
	for {
		var random [4]byte
		_, _ = rand.Read(random[:]) // never fails, says its documentation
		id := ID("a-" + hex.EncodeToString(random[:]))
		if !slices.ContainsFunc(d.Absences, func(a AbsenceDoc) bool { return a.ID == id }) {
			return id
		}
	}
}

// recurringOf says what an absence does, against the documents without it.
func (d Documents) recurringOf(without Documents, id string, u ID, r RecurringAbsence, by string, absences []responder.Absence, now time.Time) Recurring {
	out := Recurring{ID: id, User: responder.UserID(u), Window: r, By: by, Zone: time.UTC}
	for _, user := range d.Users {
		if user.ID != u {
			continue
		}
		if built, err := r.build(id, user); err == nil {
			out.Zone, out.Next = built.Zone, nextOf(built, now)
			if !built.Start.After(now) {
				out.Window.Start = "" // nothing to tell any more
			}
		}
	}
	for _, doc := range d.Schedules {
		before, after := without.built(doc, absences), d.built(doc, absences)
		if before == nil || after == nil || !slices.Contains(participants(after), out.User) {
			continue
		}
		out.Moves = append(out.Moves, movesBetween(before, after, now, now.Add(recurringOutlook))...)
	}
	return out
}

// nextOf is the occurrence around or after an instant.
func nextOf(r schedule.Recurring, now time.Time) schedule.Span {
	at := now
	for range 3 { // before its start, outside its window, within
		away, since, until := r.At(at)
		if away {
			return schedule.Span{Start: since.In(r.Zone), End: until.In(r.Zone)}
		}
		if until.IsZero() {
			break
		}
		at = until
	}
	return schedule.Span{}
}

// RecurringAbsences lists those of a user, or of all: the file's and people's.
func (s *Service) RecurringAbsences(ctx context.Context, only string, now time.Time) ([]Recurring, error) {
	_, d, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.hasUser("--user", only); err != nil {
		return nil, err
	}
	absences, err := s.absences(ctx, now)
	if err != nil {
		return nil, err
	}
	var list []Recurring
	for i, u := range d.Users {
		if only != "" && only != string(u.ID) {
			continue
		}
		for n, r := range u.Absences {
			without := d
			without.Users = slices.Clone(d.Users)
			without.Users[i].Absences = slices.Delete(slices.Clone(u.Absences), n, n+1)
			list = append(list, d.recurringOf(without, "", u.ID, r, "", absences, now))
		}
		for n, a := range d.Absences {
			if a.User != u.ID {
				continue
			}
			without := d
			without.Absences = slices.Delete(slices.Clone(d.Absences), n, n+1)
			list = append(list, d.recurringOf(without, string(a.ID), a.User, a.RecurringAbsence, string(a.By), absences, now))
		}
	}
	return slices.DeleteFunc(list, func(r Recurring) bool { return r.Next.Start.IsZero() }), nil
}

// RemoveRecurring ends a recurring absence that a person entered; what it has
// done already stays done. fault.NotFound if there is none.
func (s *Service) RemoveRecurring(ctx context.Context, id, by string, now time.Time) error {
	return s.edit(ctx, edition{by, "recurring absence " + id + " removed", now, false}, func(d Documents) ([]store.Object, error) {
		if slices.ContainsFunc(d.Absences, func(a AbsenceDoc) bool { return string(a.ID) == id }) {
			return []store.Object{{Kind: KindAbsence, ID: id}}, nil
		}
		return nil, fault.New(fault.NotFound, "there is no recurring absence %q beside the file; hub absence list shows them", id)
	})
}

// Present notes that a user is there now, until the recurring absences that hold
// would end. It reports whether any did.
func (s *Service) Present(ctx context.Context, u responder.UserID, now time.Time) (bool, error) {
	set, err := s.standing(ctx, now)
	if err != nil {
		return false, err
	}
	set.Absences = nil
	a, away := organisation.New(set).AbsenceAt(u, now)
	if !away {
		return false, nil
	}
	err = s.edit(ctx, edition{string(u), string(u) + " is there", now, false}, func(d Documents) ([]store.Object, error) {
		p := PresenceDoc{ID: ID(fmt.Sprintf("p-%s-%d", u, now.Unix())), User: ID(u), Start: instant(now), End: instant(a.End)}
		return []store.Object{{Kind: KindPresence, ID: string(p.ID), Body: body(p)}}, nil
	})
	return true, err
}
