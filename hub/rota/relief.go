package rota

import (
	"context"
	"crypto/sha256"
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

// Relief is somebody's shifts that another has taken over.
type Relief struct {
	ID    string // what makes it the same when it is entered again
	Of    responder.UserID
	By    responder.UserID
	Start time.Time
	End   time.Time
}

// Relieve enters a relief: in each schedule in which the user is on call in the
// stretch, an override of the user's part, all in one revision. Entered again it
// changes nothing, and tells the same. fault.NotFound if one of the two has left.
func (s *Service) Relieve(ctx context.Context, r Relief, now time.Time) ([]Move, error) {
	set, err := s.standing(ctx, now)
	if err != nil {
		return nil, err
	}
	stands := organisation.New(set).Stands(r.Of, r.Start, r.End)
	var moves []Move
	err = s.edit(ctx, edition{string(r.By), fmt.Sprintf("%s takes over from %s", r.By, r.Of), now, false}, func(d Documents) ([]store.Object, error) {
		var changed []store.Object
		moves = nil
		for _, u := range []responder.UserID{r.Of, r.By} {
			if !d.ids()[KindUser][string(u)] {
				return nil, fault.New(fault.NotFound, "%s is no longer in the configuration", u)
			}
		}
		for _, doc := range d.Schedules {
			o := OverrideDoc{
				ID: reliefID(r.ID, doc.ID), Schedule: doc.ID, Start: instant(r.Start), End: instant(r.End),
				User: ID(r.By), Replaces: ID(r.Of), By: ID(r.By), Made: instant(now),
			}
			there := slices.ContainsFunc(d.Overrides, func(e OverrideDoc) bool { return e.ID == o.ID })
			if !there && !slices.ContainsFunc(stands, func(s organisation.Stand) bool { return string(s.Schedule.ID) == string(doc.ID) }) {
				continue
			}
			more, err := d.movesOf(doc, []OverrideDoc{o}, set.Absences, r.Start)
			if err != nil {
				return nil, err
			}
			moves = append(moves, more...)
			if !there {
				changed = append(changed, store.Object{Kind: KindOverride, ID: string(o.ID), Body: body(o)})
			}
		}
		return changed, nil
	})
	return moves, err
}

// reliefID is the id of the override that a relief is in a schedule.
func reliefID(relief string, schedule ID) ID {
	sum := sha256.Sum256([]byte(relief + "\x00" + string(schedule)))
	return ID("c-" + hex.EncodeToString(sum[:5]))
}

// TakeRequest asks that a user is on call in a schedule from now on.
type TakeRequest struct {
	Schedule string
	User     string
	Until    time.Time // zero: until the present shift would end
	By       string
	DryRun   bool
}

// Taken is a shift that somebody took.
type Taken struct {
	MadeOverride
	Was   responder.UserID // who was on call; "" for nobody
	Moves []Move
}

// longestTake bounds what is taken without a plan.
const longestTake = 31 * 24 * time.Hour

// TakeShift puts a user on call from now on. fault.Conflict for who is on call
// already.
func (s *Service) TakeShift(ctx context.Context, r TakeRequest, now time.Time) (Taken, error) {
	set, err := s.standing(ctx, now)
	if err != nil {
		return Taken{}, err
	}
	var out Taken
	err = s.edit(ctx, edition{r.By, r.User + " takes the shift of " + r.Schedule, now, r.DryRun}, func(d Documents) ([]store.Object, error) {
		doc, err := d.scheduleDoc(r.Schedule)
		if err != nil {
			return nil, err
		}
		if err := d.hasUser("--as", r.User); err != nil {
			return nil, err
		}
		until, was, err := takeUntil(set, schedule.ID(doc.ID), r, now)
		if err != nil {
			return nil, err
		}
		made := OverrideDoc{
			ID: d.freshOverrideID(), Schedule: doc.ID, Start: instant(now), End: instant(until),
			User: ID(r.User), By: ID(r.By), Made: instant(now),
		}
		out = Taken{MadeOverride: made.made(doc.zone()), Was: was}
		if out.Moves, err = d.movesOf(doc, []OverrideDoc{made}, set.Absences, now); err != nil {
			return nil, err
		}
		return []store.Object{{Kind: KindOverride, ID: string(made.ID), Body: body(made)}}, nil
	})
	return out, err
}

// takeUntil says until when a shift is taken, and from whom.
func takeUntil(set organisation.Set, id schedule.ID, r TakeRequest, now time.Time) (time.Time, responder.UserID, error) {
	s, ok := organisation.New(set).Schedule(id)
	if !ok {
		return time.Time{}, "", fault.New(fault.NotFound, "there is no schedule %q", id)
	}
	was, _ := s.At(now)
	end := s.Until(now)
	until := r.Until
	if until.IsZero() {
		until = end
	}
	switch {
	case string(was) == r.User && (end.IsZero() || !until.After(end)):
		return until, was, fault.New(fault.Conflict, "%s is on call by %s already%s", r.User, s.Name, untilWords(end))
	case until.IsZero():
		return until, was, invalid("--until: the present shift of %s has no end in sight; say until when", s.Name)
	case !until.After(now):
		return until, was, invalid("--until: %s is over already", stamp(until.In(s.Zone)))
	case until.Sub(now) > longestTake && !r.Until.IsZero():
		return until, was, invalid("--until: more than 31 days from now; make an override instead: hub override add")
	}
	return until, was, nil
}

func untilWords(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", until " + stamp(t)
}
