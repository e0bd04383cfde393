package rota

import (
	"context"
	"fmt"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
	"tocsin/hub/store"
)

// ShiftRef names a shift: the one that begins or runs at Start, that of User,
// or User's next one that is not over.
type ShiftRef struct {
	User  string
	Start string // an instant, or a reading of the schedule's clocks
}

// SwapRequest asks that two users exchange two shifts.
type SwapRequest struct {
	Schedule      string
	First, Second ShiftRef
	By            string
	DryRun        bool
}

// Swap is an exchange: each shift as it was, and the overrides that exchange
// them. Of a shift that runs, what is left of it is exchanged.
type Swap struct {
	Before    [2]schedule.Shift
	Overrides [2]MadeOverride
}

// Swap exchanges two shifts in one revision: both, or none. Refused for a shift
// that is over, or is not that of the user named.
func (s *Service) Swap(ctx context.Context, r SwapRequest, now time.Time) (Swap, error) {
	set, err := s.standing(ctx, now)
	if err != nil {
		return Swap{}, err
	}
	var out Swap
	err = s.edit(ctx, edition{r.By, "swap of two shifts of " + r.Schedule, now, r.DryRun}, func(d Documents) ([]store.Object, error) {
		doc, err := d.scheduleDoc(r.Schedule)
		if err != nil {
			return nil, err
		}
		sch, ok := organisation.New(set).Schedule(schedule.ID(doc.ID))
		if !ok {
			return nil, fault.New(fault.Unavailable, "others changed the configuration at the same time; try again")
		}
		for i, ref := range []ShiftRef{r.First, r.Second} {
			if err := d.hasUser("the shift "+ref.String(), ref.User); err != nil {
				return nil, err
			}
			if out.Before[i], err = find(sch, ref, now); err != nil {
				return nil, err
			}
		}
		if out.Before[0].User == out.Before[1].User {
			return nil, invalid("both shifts are %s's: %s and %s", out.Before[0].User, spanOf(out.Before[0]), spanOf(out.Before[1]))
		}
		for i, f := range out.Before {
			if err := isThere(set.Absences, out.Before[1-i].User, f); err != nil {
				return nil, err
			}
		}
		var changed []store.Object
		for i, f := range out.Before {
			made := OverrideDoc{
				ID: d.freshOverrideID(), Schedule: doc.ID, Start: instant(f.Start), End: instant(f.End),
				User: ID(out.Before[1-i].User), Replaces: ID(f.User), By: ID(r.By), Made: instant(now),
			}
			d.Overrides = append(d.Overrides[:len(d.Overrides):len(d.Overrides)], made)
			out.Overrides[i] = made.made(doc.zone())
			changed = append(changed, store.Object{Kind: KindOverride, ID: string(made.ID), Body: body(made)})
		}
		return changed, nil
	})
	return out, err
}

// isThere refuses a shift for somebody who is away during it.
func isThere(absences []responder.Absence, u responder.UserID, f schedule.Shift) error {
	for _, a := range absences {
		if a.User == u && a.Start.Before(f.End) && f.Start.Before(a.End) {
			return invalid("%s is away from %s to %s and cannot take the shift %s", u,
				stamp(a.Start.In(f.Start.Location())), stamp(a.End.In(f.Start.Location())), spanOf(f))
		}
	}
	return nil
}

func (r ShiftRef) String() string {
	switch {
	case r.Start == "":
		return r.User
	case r.User == "":
		return r.Start
	}
	return r.User + "@" + r.Start
}

func spanOf(f schedule.Shift) string {
	return fmt.Sprintf("from %s to %s", stamp(f.Start), stamp(f.End))
}

// find gives the shift that is meant, from now on.
func find(s *schedule.Schedule, r ShiftRef, now time.Time) (schedule.Shift, error) {
	if r.User == "" && r.Start == "" {
		return schedule.Shift{}, invalid("name a shift by when it begins, or by whose it is")
	}
	if r.Start == "" {
		return next(s, responder.UserID(r.User), now)
	}
	at, err := moment("the shift "+r.String(), r.Start, s.Zone)
	if err != nil {
		return schedule.Shift{}, err
	}
	if at.Before(now) {
		if user, _ := s.At(at); !s.Until(at).After(now) && !s.Until(at).IsZero() {
			return schedule.Shift{}, invalid("the shift of %s at %s is over; the past stays as it was", orNobody(user), stamp(at.In(s.Zone)))
		}
	}
	f := schedule.Shift{Start: begin(s, at), End: s.Until(at)}
	f.User, f.Source = s.At(at)
	switch {
	case f.User == "":
		return f, invalid("%s: nobody is on call at %s", s.Name, stamp(at.In(s.Zone)))
	case r.User != "" && string(f.User) != r.User:
		return f, invalid("the shift at %s is not %s's: %s is on call then", stamp(at.In(s.Zone)), r.User, f.User)
	case f.End.IsZero():
		return f, invalid("%s is on call by %s without an end in sight; make an override instead: hub override add", f.User, s.Name)
	}
	if f.Start.Before(now) {
		f.Start = now.In(s.Zone)
	}
	return f, nil
}

func orNobody(u responder.UserID) string {
	if u == "" {
		return "nobody"
	}
	return string(u)
}

// begin is when the shift around an instant began, over changes of who decided.
func begin(s *schedule.Schedule, at time.Time) time.Time {
	const most = 100
	user, _ := s.At(at)
	for range most {
		start := s.OnCall(at).Start
		if start.IsZero() {
			return at
		}
		before := start.Add(-1)
		if other, _ := s.At(before); other != user {
			return start
		}
		at = before
	}
	return at
}

// next is the user's shift that is not over.
func next(s *schedule.Schedule, u responder.UserID, now time.Time) (schedule.Shift, error) {
	for _, f := range schedule.Join(s.Shifts(now, now.Add(outlook))) {
		if f.User != u {
			continue
		}
		if f.End = s.Until(f.Start); f.End.IsZero() {
			return f, invalid("%s is on call by %s without an end in sight; make an override instead: hub override add", u, s.Name)
		}
		return f, nil
	}
	return schedule.Shift{}, invalid("%s has no shift in %s in the next 90 days", u, s.Name)
}
