package rota

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
	"tocsin/hub/store"
)

// Overrides that people make are objects of their own: no file names them, so no
// file removes them. Each change of them is a revision, so the past stays.

// OverrideRequest asks for an override. From and To are instants, or readings of
// the schedule's clocks.
type OverrideRequest struct {
	Schedule string
	From, To string
	User     string
	Replaces string // only where this user would be on call; "" is whoever it is
	DryRun   bool
	By       string
}

// Override is one that stands. Its times are in the schedule's zone.
type MadeOverride struct {
	Schedule string
	schedule.Override
	By   string    // who made it; "" if it stands in the file
	Made time.Time // zero if it stands in the file
}

// AddOverride puts a user on call for a stretch, above everything else, and
// tells whose shifts move. fault.NotFound for a schedule or user that is not
// there, fault.Invalid for a stretch that is none or is over.
func (s *Service) AddOverride(ctx context.Context, r OverrideRequest, now time.Time) (MadeOverride, []Move, error) {
	var made OverrideDoc
	var moves []Move
	absences, err := s.absences(ctx, now)
	if err != nil {
		return MadeOverride{}, nil, err
	}
	err = s.edit(ctx, edition{r.By, "override of " + r.Schedule, now, r.DryRun}, func(d Documents) ([]store.Object, error) {
		doc, err := d.scheduleDoc(r.Schedule)
		if err != nil {
			return nil, err
		}
		if err := cmp.Or(d.hasUser("--user", r.User), d.hasUser("--replaces", r.Replaces)); err != nil {
			return nil, err
		}
		start, end, err := stretchOf(r.From, r.To, doc.zone(), now)
		if err != nil {
			return nil, err
		}
		made = OverrideDoc{
			ID: d.freshOverrideID(), Schedule: doc.ID, Start: instant(start), End: instant(end),
			User: ID(r.User), Replaces: ID(r.Replaces), By: ID(r.By), Made: instant(now),
		}
		moves, err = d.movesOf(doc, []OverrideDoc{made}, absences, now)
		return []store.Object{{Kind: KindOverride, ID: string(made.ID), Body: body(made)}}, err
	})
	if err != nil {
		return MadeOverride{}, nil, err
	}
	return made.made(nil), moves, nil
}

// Overrides lists those of a schedule, or of all, that are not over: the file's
// and people's, each schedule's in the order in which they apply.
func (s *Service) Overrides(ctx context.Context, only string, now time.Time) ([]MadeOverride, error) {
	_, d, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	if only != "" {
		if _, err := d.scheduleDoc(only); err != nil {
			return nil, err
		}
	}
	people := map[ID]OverrideDoc{}
	for _, o := range d.Overrides {
		people[o.ID] = o
	}
	applying := d.overrides()
	var list []MadeOverride
	for _, doc := range d.Schedules {
		built, err := doc.build(applying[doc.ID]...)
		if only != "" && only != string(doc.ID) || err != nil {
			continue
		}
		for i, o := range built.Overrides {
			m := MadeOverride{Schedule: string(doc.ID), Override: o}
			if i >= len(doc.Overrides) {
				m = people[ID(o.ID)].made(built.Zone)
			}
			m.Start, m.End = m.Start.In(built.Zone), m.End.In(built.Zone)
			if m.End.After(now) {
				list = append(list, m)
			}
		}
	}
	return list, nil
}

// RemoveOverride takes back one that a person made; what it has done already
// stays done. fault.NotFound if there is none, fault.Conflict for one that
// stands in the file.
func (s *Service) RemoveOverride(ctx context.Context, id, by string, now time.Time) error {
	return s.edit(ctx, edition{by, "override " + id + " removed", now, false}, func(d Documents) ([]store.Object, error) {
		if slices.ContainsFunc(d.Overrides, func(o OverrideDoc) bool { return string(o.ID) == id }) {
			return []store.Object{{Kind: KindOverride, ID: id}}, nil
		}
		for _, doc := range d.Schedules {
			if slices.ContainsFunc(doc.Overrides, func(o Override) bool { return string(o.ID) == id }) {
				return nil, fault.New(fault.Conflict, "the override %q of schedule %s stands in the file; remove it there, and apply the file", id, doc.ID)
			}
		}
		return nil, fault.New(fault.NotFound, "there is no override %q; hub override list shows them", id)
	})
}

// overrides lists those that people made, by schedule. One of a user who is gone
// does not count, so that it leaves no hole.
func (d Documents) overrides() map[ID][]Override {
	if len(d.Overrides) == 0 {
		return nil
	}
	known := map[ID]bool{}
	for _, u := range d.Users {
		known[u.ID] = true
	}
	list := map[ID][]Override{}
	for _, o := range d.Overrides {
		if known[o.User] {
			list[o.Schedule] = append(list[o.Schedule], Override{o.ID, o.Start, o.End, o.User, o.Replaces})
		}
	}
	return list
}

// lostOverrides names what people made that counts no more, as its schedule or
// its user is gone. It counts again when they are back.
func (v view) lostOverrides() []string {
	known := v.ids()
	var list []string
	for _, o := range v.Overrides {
		if end, err := o.End.in(time.UTC); err != nil || !end.After(v.now) {
			continue
		}
		switch {
		case !known[KindSchedule][string(o.Schedule)]:
			list = append(list, fmt.Sprintf("override %s counts no more: there is no schedule %s", o.ID, o.Schedule))
		case !known[KindUser][string(o.User)]:
			list = append(list, fmt.Sprintf("override %s of schedule %s counts no more: there is no user %s", o.ID, o.Schedule, o.User))
		}
	}
	return list
}

// edition is one change beside the file.
type edition struct {
	by, note string
	now      time.Time
	dryRun   bool
}

// edit stores what plan makes of the documents, as one revision: of the newest
// documents, whoever else changes them at the same time.
func (s *Service) edit(ctx context.Context, e edition, plan func(Documents) ([]store.Object, error)) error {
	return s.editAlso(ctx, e, plan, nil)
}

// editAlso is edit with what else belongs into the same transaction, which is done
// even if no document changes.
func (s *Service) editAlso(ctx context.Context, e edition, plan func(Documents) ([]store.Object, error), also func(store.Tx) error) error {
	for range attempts {
		base, d, err := s.current(ctx)
		if err != nil {
			return err
		}
		changed, err := plan(d)
		if err != nil || (len(changed) == 0 && also == nil) || e.dryRun {
			return err
		}
		err = s.store.Update(ctx, func(tx store.Tx) error {
			latest, err := tx.LatestRevision()
			if err != nil {
				return err
			}
			if latest.Number != base.Number {
				return errMoved
			}
			if also != nil {
				if err := also(tx); err != nil || len(changed) == 0 {
					return err
				}
			}
			at := e.now
			if at.Before(latest.At) { // a clock that was set back; revisions follow each other
				at = latest.At
			}
			_, err = tx.AddRevision(store.Revision{At: at, By: e.by, Note: e.note}, changed)
			return err
		})
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return fault.New(fault.Unavailable, "others changed the configuration at the same time; try again")
}

func invalid(format string, args ...any) error { return fault.New(fault.Invalid, format, args...) }

func (d Documents) scheduleDoc(id string) (ScheduleDoc, error) {
	for _, s := range d.Schedules {
		if string(s.ID) == id {
			return s, nil
		}
	}
	return ScheduleDoc{}, fault.New(fault.NotFound, "--schedule: there is no schedule %q%s", id, didYouMean(id, maps.Keys(d.ids()[KindSchedule])))
}

// hasUser refuses who is not there; nobody is fine.
func (d Documents) hasUser(flag, id string) error {
	if users := d.ids()[KindUser]; id != "" && !users[id] {
		return fault.New(fault.NotFound, "%s: there is no user %q%s", flag, id, didYouMean(id, maps.Keys(users)))
	}
	return nil
}

// freshOverrideID makes one that is short enough to be typed.
func (d Documents) freshOverrideID() ID {
	known := d.ids()[KindOverride]
	for {
		var random [4]byte
		_, _ = rand.Read(random[:]) // never fails, says its documentation
		if id := "o-" + hex.EncodeToString(random[:]); !known[id] {
			return ID(id)
		}
	}
}

// movesOf tells what more overrides would change in a schedule from now on. One
// that is there already counts as if it were not.
func (d Documents) movesOf(doc ScheduleDoc, more []OverrideDoc, absences []responder.Absence, now time.Time) ([]Move, error) {
	d.Overrides = slices.DeleteFunc(slices.Clone(d.Overrides), func(o OverrideDoc) bool {
		return slices.ContainsFunc(more, func(m OverrideDoc) bool { return m.ID == o.ID })
	})
	before := d.built(doc, absences)
	d.Overrides = append(slices.Clip(d.Overrides), more...)
	after := d.built(doc, absences)
	if before == nil || after == nil {
		return nil, fmt.Errorf("the schedule %q cannot be built", doc.ID) // checked when it was applied
	}
	from, to := time.Time{}, now
	for _, o := range more {
		made := o.made(nil)
		if from.IsZero() || made.Start.Before(from) {
			from = made.Start
		}
		if made.End.After(to) {
			to = made.End
		}
	}
	if from.Before(now) {
		from = now
	}
	return movesBetween(before, after, from, to), nil
}

func (s ScheduleDoc) zone() *time.Location {
	zone, err := zoneOf(string(s.TimeZone))
	if err != nil {
		return time.UTC // checked when it was applied
	}
	return zone
}

// instant writes an instant as a Moment.
func instant(t time.Time) Moment { return Moment(t.UTC().Format(time.RFC3339)) }

// made reads what is stored; with a zone, times are in it.
func (o OverrideDoc) made(zone *time.Location) MadeOverride {
	if zone == nil {
		zone = time.UTC
	}
	at := func(m Moment) time.Time {
		t, err := m.in(time.UTC)
		if err != nil {
			return time.Time{} // written by instant
		}
		return t.In(zone)
	}
	return MadeOverride{
		Schedule: string(o.Schedule), By: string(o.By), Made: at(o.Made),
		Override: schedule.Override{
			ID: string(o.ID), Start: at(o.Start), End: at(o.End), User: responder.UserID(o.User), Replaces: responder.UserID(o.Replaces),
		},
	}
}

// same reports whether two overrides do the same, whoever made them.
func (o OverrideDoc) same(b OverrideDoc) bool {
	o.By, o.Made = b.By, b.Made
	return o == b
}

// overrideComments writes people's overrides below an exported file, as the
// commands that would make them again: the hub keeps them whatever file is
// applied, so they are not part of one.
func (d Documents) overrideComments() string {
	if len(d.Overrides) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n# Overrides that people made beside this file. No file removes them; to make them again on another hub:\n")
	for _, o := range d.Overrides {
		fmt.Fprintf(&b, "#   hub override add --schedule %s --from %s --to %s --user %s", o.Schedule, o.Start, o.End, o.User)
		if o.Replaces != "" {
			fmt.Fprintf(&b, " --replaces %s", o.Replaces)
		}
		b.WriteString("\n")
	}
	return b.String()
}
