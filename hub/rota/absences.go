package rota

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"tocsin/hub/fault"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
	"tocsin/hub/store"
)

// plannedAhead is how long before its start an absence must be entered for the
// schedules to reckon with it.
const plannedAhead = 24 * time.Hour

// Planned reports whether the schedules reckon with an absence. Any other only
// keeps its user from being paged.
func Planned(a responder.Absence) bool { return a.Start.Sub(a.Made) >= plannedAhead }

// planAbsences gives each schedule the planned absences of those who take part.
func planAbsences(schedules []*schedule.Schedule, absences []responder.Absence) {
	by := map[responder.UserID][]responder.Absence{}
	for _, a := range absences {
		if Planned(a) {
			by[a.User] = append(by[a.User], a)
		}
	}
	if len(by) == 0 {
		return
	}
	for _, s := range schedules {
		for _, u := range participants(s) {
			s.Absences = append(s.Absences, by[u]...)
		}
	}
}

// participants lists the users who take part in a schedule's rotations, each
// once.
func participants(s *schedule.Schedule) []responder.UserID {
	var users []responder.UserID
	for _, l := range s.Layers {
		for _, u := range l.Participants {
			if u != "" && !slices.Contains(users, u) {
				users = append(users, u)
			}
		}
	}
	return users
}

// AbsenceRequest asks for an absence. From and To are instants, or readings of
// the clocks in the user's time zone.
type AbsenceRequest struct {
	User     string
	From, To string
	DryRun   bool
}

// Absence is one that runs or is to come. Its times are in the user's zone.
type Absence struct {
	responder.Absence
	// Planned: it was entered a day ahead, so others take the shifts. If not, the
	// shifts stay, and the user is only not paged.
	Planned bool
	Moves   []Move // what it does to the schedules
}

// AddAbsence enters a user's absence and tells what it does to the schedules. It
// is refused if it would begin in the past, which stays as it was.
func (s *Service) AddAbsence(ctx context.Context, r AbsenceRequest, now time.Time) (Absence, error) {
	set, err := s.standing(ctx, now)
	if err != nil {
		return Absence{}, err
	}
	user, err := userOf(set, r.User)
	if err != nil {
		return Absence{}, err
	}
	start, end, err := stretchOf(r.From, r.To, user.Zone(), now)
	if err != nil {
		return Absence{}, err
	}
	if start.Before(now) {
		return Absence{}, invalid("--from: %s is over already; an absence that begins now is made with off duty, in the agent's tray menu", r.From)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Absence{}, fmt.Errorf("make an absence's id: %w", err)
	}
	a := responder.Absence{ID: id.String(), User: user.ID, Start: start.UTC(), End: end.UTC(), Made: now}
	if !r.DryRun {
		if err := s.store.Update(ctx, func(tx store.Tx) error { return tx.AddAbsence(a) }); err != nil {
			return Absence{}, fmt.Errorf("store an absence of %s: %w", user.ID, err)
		}
	}
	return absenceOf(set, user, a, now), nil
}

// Absences lists those of a user, or of all, that are not over, and what each
// does by itself to the schedules.
func (s *Service) Absences(ctx context.Context, only string, now time.Time) ([]Absence, error) {
	set, err := s.standing(ctx, now)
	if err != nil {
		return nil, err
	}
	if only != "" {
		if _, err := userOf(set, only); err != nil {
			return nil, err
		}
	}
	var list []Absence
	for _, a := range set.Absences {
		user, err := userOf(set, string(a.User))
		if err != nil || only != "" && only != string(a.User) {
			continue
		}
		list = append(list, absenceOf(set, user, a, now))
	}
	return list, nil
}

// EndAbsence calls an absence off, or ends it now if it runs. What it has done
// already stays done. fault.NotFound if there is none that goes on.
func (s *Service) EndAbsence(ctx context.Context, id string, now time.Time) error {
	err := s.store.Update(ctx, func(tx store.Tx) error { return tx.EndAbsence(id, now) })
	if errors.Is(err, store.ErrNotFound) {
		return fault.New(fault.NotFound, "there is no absence %q that runs or is to come; hub absence list shows them", id)
	}
	return err
}

// standing is the set-up as it stands, with the absences that are not over.
func (s *Service) standing(ctx context.Context, now time.Time) (set organisation.Set, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		latest, err := tx.LatestRevision()
		if err != nil {
			return err
		}
		set, err = Load(tx, latest.Number, now)
		return err
	})
	return set, err
}

func userOf(set organisation.Set, id string) (responder.User, error) {
	for _, u := range set.Users {
		if string(u.ID) == id {
			return u, nil
		}
	}
	known := func(yield func(string) bool) {
		for _, u := range set.Users {
			if !yield(string(u.ID)) {
				return
			}
		}
	}
	return responder.User{}, fault.New(fault.NotFound, "there is no user %q%s", id, didYouMean(id, known))
}

// absenceOf reckons what an absence does from now on: the schedules with it
// against those without.
func absenceOf(set organisation.Set, user responder.User, a responder.Absence, now time.Time) Absence {
	zone := user.Zone()
	out := Absence{Absence: a, Planned: Planned(a)}
	out.Start, out.End = a.Start.In(zone), a.End.In(zone)
	if !out.Planned {
		return out
	}
	for _, s := range set.Schedules {
		if slices.Contains(participants(s), a.User) {
			out.Moves = append(out.Moves, movesBy(s, a, now)...)
		}
	}
	return out
}

// absences are those that are not over.
func (s *Service) absences(ctx context.Context, now time.Time) (list []responder.Absence, err error) {
	err = s.store.View(ctx, func(tx store.Tx) error {
		list, err = tx.Absences(now)
		return err
	})
	return list, err
}

// away tells of the planned absences of the outlook that move shifts, and what
// becomes of these.
func (p Plan) away(now time.Time) []string {
	var list []string
	for _, doc := range p.Documents.Schedules {
		s := p.Documents.built(doc, p.absences)
		if s == nil {
			continue // told elsewhere
		}
		for _, r := range s.Recurring {
			list = append(list, awayAgain(s, r, now)...)
		}
		for _, a := range s.Absences {
			if a.Start.Before(now.Add(outlook)) {
				list = append(list, awayFrom(s, a, now)...)
			}
		}
	}
	return list
}

func awayFrom(s *schedule.Schedule, a responder.Absence, now time.Time) []string {
	what := shares(movesBy(s, a, now))
	if what == "" {
		return nil
	}
	return []string{fmt.Sprintf("schedule %s: %s is away from %s to %s; %s of it", s.ID, a.User, stamp(a.Start.In(s.Zone)), stamp(a.End.In(s.Zone)), what)}
}

// awayAgain tells what a recurring absence does within the outlook.
func awayAgain(s *schedule.Schedule, r schedule.Recurring, now time.Time) []string {
	without := *s
	without.Recurring = slices.DeleteFunc(slices.Clone(s.Recurring), func(o schedule.Recurring) bool { return o.ID == r.ID })
	what := shares(movesBetween(&without, s, now, now.Add(outlook)))
	if what == "" {
		return nil
	}
	return []string{fmt.Sprintf("schedule %s: %s is away again and again; in the next 90 days %s of it", s.ID, r.User, what)}
}

// shares says how much of some shifts others take, and how much nobody does.
func shares(moves []Move) string {
	var taken, silent time.Duration
	for _, m := range moves {
		if m.Is == "" {
			silent += m.End.Sub(m.Start)
		} else {
			taken += m.End.Sub(m.Start)
		}
	}
	if taken+silent == 0 {
		return ""
	}
	what := "others take " + lasting(taken)
	if silent > 0 && taken > 0 {
		what += ", and nobody is on call for " + lasting(silent)
	} else if silent > 0 {
		what = "nobody is on call for " + lasting(silent)
	}
	return what
}

// movesBy reckons what one absence does from now on: a schedule with it against
// the same without.
func movesBy(s *schedule.Schedule, a responder.Absence, now time.Time) []Move {
	from := a.Start
	if from.Before(now) {
		from = now
	}
	without, with := *s, *s
	without.Absences = slices.DeleteFunc(slices.Clone(s.Absences), func(o responder.Absence) bool { return o.ID == a.ID })
	with.Absences = append(slices.Clip(without.Absences), a)
	return movesBetween(&without, &with, from, a.End)
}
