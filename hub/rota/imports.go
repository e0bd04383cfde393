package rota

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// CalendarEvent is an event of a calendar that asks for an override.
type CalendarEvent struct {
	UID       string // what makes a later import of it the same
	Start     time.Time
	End       time.Time
	User      responder.UserID
	Replaces  responder.UserID
	Cancelled bool
}

// ImportRequest asks for the overrides of a calendar.
type ImportRequest struct {
	Schedule string
	Events   []CalendarEvent
	DryRun   bool
	By       string
}

// Imported is what came of an event.
type Imported struct {
	MadeOverride
	Verb string // added, changed, removed, unchanged, or over: it has ended, and the past stays
}

// ImportOverrides makes overrides of events, all or none: events that were
// imported before change theirs, cancelled ones remove it, and the same calendar
// again changes nothing. Users must be known.
func (s *Service) ImportOverrides(ctx context.Context, r ImportRequest, now time.Time) ([]Imported, error) {
	var list []Imported
	err := s.edit(ctx, edition{r.By, "overrides of " + r.Schedule + " from a calendar", now, r.DryRun}, func(d Documents) ([]store.Object, error) {
		doc, err := d.scheduleDoc(r.Schedule)
		if err != nil {
			return nil, err
		}
		known := map[ID]OverrideDoc{}
		for _, o := range d.Overrides {
			known[o.ID] = o
		}
		list = nil
		var changed []store.Object
		for _, e := range r.Events {
			if err := cmp.Or(d.hasUser("event "+e.UID, string(e.User)), d.hasUser("event "+e.UID, string(e.Replaces))); err != nil {
				return nil, err
			}
			o := OverrideDoc{
				ID: importedID(doc.ID, e.UID), Schedule: doc.ID, Start: instant(e.Start), End: instant(e.End),
				User: ID(e.User), Replaces: ID(e.Replaces), By: ID(r.By), Made: instant(now),
			}
			verb := verbOf(e, o, known, now)
			if verb == "" {
				continue
			}
			list = append(list, Imported{o.made(doc.zone()), verb})
			switch verb {
			case "added", "changed":
				known[o.ID] = o
				changed = append(changed, store.Object{Kind: KindOverride, ID: string(o.ID), Body: body(o)})
			case "removed":
				delete(known, o.ID)
				changed = append(changed, store.Object{Kind: KindOverride, ID: string(o.ID)})
			}
		}
		return newest(changed), nil
	})
	return list, err
}

// verbOf says what an event comes to; nothing if it was never there.
func verbOf(e CalendarEvent, o OverrideDoc, known map[ID]OverrideDoc, now time.Time) string {
	before, there := known[o.ID]
	switch {
	case e.Cancelled && there:
		return "removed"
	case e.Cancelled:
		return ""
	case there && o.same(before):
		return "unchanged"
	case there:
		return "changed"
	case !e.End.After(now):
		return "over"
	}
	return "added"
}

// newest leaves the last of several changes of one object.
func newest(list []store.Object) []store.Object {
	var out []store.Object
	for i, o := range list {
		again := func(b store.Object) bool { return b.ID == o.ID }
		if !slices.ContainsFunc(list[i+1:], again) {
			out = append(out, o)
		}
	}
	return out
}

// importedID is the id of the override that an event becomes.
func importedID(schedule ID, uid string) ID {
	sum := sha256.Sum256([]byte(string(schedule) + "\x00" + uid))
	return ID("i-" + hex.EncodeToString(sum[:5]))
}
