package rota

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// Offboarded is what taking a user out came to, or would.
type Offboarded struct {
	User  responder.UserID
	Name  string
	Known bool // the configuration named the user; false when this is a repeat
	Stood []Stood
	Moves []Move   // of shifts, in the next 90 days; where nobody is on call first
	Holes []string // that would be left: of a dry run only
	// What was taken away, or would be.
	Devices  []responder.Device
	Absences []responder.Absence
}

// Offboard takes a user out of everything that the configuration says, ends the
// user's absences, and takes devices, enrolment codes and the calendar link away:
// all in one transaction. Repeated, it does what is left to do.
//
// fault.Invalid if it would leave a hole, with a line for each; fault.NotFound for
// somebody of whom nothing is known.
func (s *Service) Offboard(ctx context.Context, r OffboardRequest, now time.Time) (Offboarded, error) {
	result := Offboarded{User: responder.UserID(r.User)}
	if r.User == "" {
		return result, invalid("USER: name who leaves")
	}
	was, err := s.standing(ctx, now)
	if err != nil {
		return result, err
	}
	plan := func(d Documents) ([]store.Object, error) {
		result.Known = d.ids()[KindUser][r.User]
		if !result.Known {
			return nil, nil
		}
		if err := d.replacements(r); err != nil {
			return nil, err
		}
		l := d.leave(r, was.Absences, now)
		result.Stood, result.Moves, result.Holes = l.stood, nil, l.holes
		if len(l.holes) == 0 { // else it is no configuration that could be looked at
			if result.Moves, err = movesOfDocuments(was, l.after, now); err != nil {
				return nil, err
			}
			slices.SortStableFunc(result.Moves, func(a, b Move) int { return cmp.Compare(filled(a), filled(b)) })
			result.Holes = r.gaps(result.Moves, was.Absences)
		}
		if r.DryRun {
			return nil, nil
		}
		return changedObjects(d.objects(), l.after.objects()), holesErr(r.User, result.Holes)
	}
	also := func(tx store.Tx) error { return result.takeAway(tx, now, false) }
	if err := s.editAlso(ctx, edition{r.By, "offboarded " + r.User, now, r.DryRun}, plan, also); err != nil {
		return result, err
	}
	if r.DryRun {
		if err := s.store.View(ctx, func(tx store.Tx) error { return result.takeAway(tx, now, true) }); err != nil {
			return result, err
		}
	}
	result.Name = r.User
	for _, u := range was.Users {
		if u.ID == result.User && u.Name != "" {
			result.Name = u.Name
		}
	}
	return result, nil
}

// filled is 0 for a move that leaves nobody on call.
func filled(m Move) int {
	if m.Is == "" {
		return 0
	}
	return 1
}

// replacements refuses who cannot take over.
func (d Documents) replacements(r OffboardRequest) error {
	if r.ReplaceWith == r.User {
		return invalid("--replace-with: %s cannot take over from themselves", r.User)
	}
	if err := d.hasUser("--replace-with", r.ReplaceWith); err != nil {
		return err
	}
	for place, u := range r.In {
		switch {
		case u == "":
			return invalid("--in %s: name who takes over there, for example --in schedule/web=bob", place)
		case u == r.User:
			return invalid("--in %s: %s cannot take over from themselves", place, u)
		}
		if err := d.hasUser("--in "+place, u); err != nil {
			return err
		}
	}
	return nil
}

// takeAway ends what the user has beside the configuration, and lists it.
func (o *Offboarded) takeAway(tx store.Tx, now time.Time, dryRun bool) error {
	o.Devices, o.Absences = nil, nil
	devices, err := tx.Devices()
	if err != nil {
		return err
	}
	for _, d := range devices {
		if d.User != o.User || !d.Revoked.IsZero() {
			continue
		}
		o.Devices = append(o.Devices, d)
		if !dryRun {
			if err := tx.RevokeDevice(d.ID, now); err != nil {
				return fmt.Errorf("revoke the device %s: %w", d.ID, err)
			}
		}
	}
	absences, err := tx.Absences(now)
	if err != nil {
		return err
	}
	for _, a := range absences {
		if a.User != o.User {
			continue
		}
		o.Absences = append(o.Absences, a)
		if !dryRun {
			if err := tx.EndAbsence(a.ID, now); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
	}
	if dryRun {
		return nil
	}
	if err := tx.EndCodes(o.User, now); err != nil {
		return err
	}
	return tx.EndCalendarLink(store.Calendar{User: o.User})
}

// movesOfDocuments tells whose shifts move when documents take the place of what
// stands.
func movesOfDocuments(was organisation.Set, d Documents, now time.Time) ([]Move, error) {
	set, err := Build(d)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "the configuration without the user cannot be built")
	}
	set.Absences = slices.Clone(was.Absences)
	planAbsences(set.Schedules, set.Absences)
	return Moved(organisation.New(was), organisation.New(set), now, now.Add(outlook)), nil
}
