package storetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

func outcomes(_ *testing.T, f *fixture) {
	ask := func(d responder.DeviceID, id string) (store.Outcome, error) {
		var o store.Outcome
		err := f.View(context.Background(), func(tx store.Tx) (err error) {
			o, err = tx.Outcome(d, id)
			return err
		})
		return o, err
	}
	first := store.Outcome{Answer: incident.Applied, Message: "first"}
	f.update(func(tx store.Tx) error { return tx.SaveOutcome("laptop", "r1", first, noon) })
	f.update(func(tx store.Tx) error {
		return tx.SaveOutcome("laptop", "r1", store.Outcome{Answer: incident.Refused}, noon.Add(time.Hour))
	})
	if got, err := ask("laptop", "r1"); err != nil || got != first {
		f.Errorf("got %v, %v; want the first outcome", got, err)
	}
	if _, err := ask("phone", "r1"); !errors.Is(err, store.ErrNotFound) {
		f.Errorf("another device's report of that id: %v", err)
	}
	f.update(func(tx store.Tx) error { return tx.ForgetOutcomes(noon) })
	if _, err := ask("laptop", "r1"); err != nil {
		f.Errorf("forgotten too early: %v", err)
	}
	f.update(func(tx store.Tx) error { return tx.ForgetOutcomes(noon.Add(time.Millisecond)) })
	if _, err := ask("laptop", "r1"); !errors.Is(err, store.ErrNotFound) {
		f.Errorf("not forgotten: %v", err)
	}
}

func revisions(_ *testing.T, f *fixture) {
	add := func(at time.Time, objects ...store.Object) store.Revision {
		r := store.Revision{At: at, By: "ada", Note: "note"}
		f.update(func(tx store.Tx) (err error) {
			r, err = tx.AddRevision(r, objects)
			return err
		})
		return r
	}
	object := func(id, body string) store.Object { return store.Object{Kind: "user", ID: id, Body: []byte(body)} }
	r1 := add(noon, object("ada", "1"), object("bob", "1"))
	r2 := add(noon.Add(time.Hour), object("bob", "2"), object("eve", "2"), object("ada", ""))
	r3 := add(noon.Add(time.Hour), object("ada", "3"))
	is(f, "numbers", r3.Number-r1.Number, 2)
	for _, c := range []struct {
		revision uint64
		want     []store.Object
	}{
		{0, nil},
		{r1.Number, []store.Object{object("ada", "1"), object("bob", "1")}},
		{r2.Number, []store.Object{object("bob", "2"), object("eve", "2")}},
		{r3.Number, []store.Object{object("ada", "3"), object("bob", "2"), object("eve", "2")}},
		{99, []store.Object{object("ada", "3"), object("bob", "2"), object("eve", "2")}},
	} {
		got := read(f, func(tx store.Tx) ([]store.Object, error) { return tx.Objects(c.revision) })
		if !slices.EqualFunc(got, c.want, func(a, b store.Object) bool {
			return a.Kind == b.Kind && a.ID == b.ID && bytes.Equal(a.Body, b.Body)
		}) {
			f.Errorf("revision %d: got %s, want %s", c.revision, got, c.want)
		}
	}
	for at, want := range map[time.Time]store.Revision{
		noon.Add(-time.Millisecond): {}, noon: r1, noon.Add(time.Hour - time.Millisecond): r1, noon.Add(time.Hour): r3,
	} {
		is(f, "the revision at "+at.String(), read(f, func(tx store.Tx) (store.Revision, error) { return tx.RevisionAt(at) }), want)
	}
	is(f, "the newest", read(f, store.Tx.LatestRevision), r3)
}

func absences(_ *testing.T, f *fixture) {
	for _, a := range []responder.Absence{
		{ID: "now", User: "ada", Start: noon.Add(-time.Hour), End: noon.Add(time.Hour), Made: noon.Add(-time.Hour)},
		{ID: "later", User: "ada", Start: noon.Add(time.Hour), End: noon.Add(2 * time.Hour), Made: noon},
		{ID: "bob's", User: "bob", Start: noon.Add(-time.Minute), End: noon.Add(time.Hour), Made: noon},
	} {
		f.update(func(tx store.Tx) error { return errors.Join(tx.AddAbsence(a), tx.AddAbsence(a)) })
	}
	f.update(func(tx store.Tx) error { return tx.EndAbsences("ada", noon) })
	var ids []string
	for _, a := range read(f, func(tx store.Tx) ([]responder.Absence, error) { return tx.Absences(noon) }) {
		ids = append(ids, a.ID)
	}
	if !slices.Equal(ids, []string{"bob's", "later"}) {
		f.Errorf("absences after noon: %v", ids)
	}
}

func oneAbsence(_ *testing.T, f *fixture) {
	for _, a := range []responder.Absence{
		{ID: "running", User: "ada", Start: noon.Add(-time.Hour), End: noon.Add(time.Hour), Made: noon.Add(-48 * time.Hour)},
		{ID: "planned", User: "ada", Start: noon.Add(time.Hour), End: noon.Add(2 * time.Hour), Made: noon.Add(-48 * time.Hour)},
		{ID: "other", User: "ada", Start: noon.Add(-time.Hour), End: noon.Add(time.Hour), Made: noon.Add(-48 * time.Hour)},
	} {
		f.update(func(tx store.Tx) error { return tx.AddAbsence(a) })
	}
	end := func(id string, at time.Time) error {
		return f.Update(context.Background(), func(tx store.Tx) error { return tx.EndAbsence(id, at) })
	}
	f.must(end("running", noon))
	f.must(end("planned", noon))
	for id, at := range map[string]time.Time{"running": noon, "planned": noon.Add(90 * time.Minute), "other": noon.Add(time.Hour), "unknown": noon} {
		if err := end(id, at); !errors.Is(err, store.ErrNotFound) {
			f.Errorf("%s, ended when it was over: %v", id, err)
		}
	}
	got := read(f, func(tx store.Tx) ([]responder.Absence, error) { return tx.Absences(time.Unix(0, 0)) })
	for _, a := range got {
		want := map[string]time.Time{"running": noon, "planned": noon.Add(time.Hour), "other": noon.Add(time.Hour)}[a.ID]
		is(f, a.ID+" ends", a.End, want)
	}
	// One that never began is no absence: it holds at no instant.
	is(f, "absences", len(got), 2)
}

func calendarLinks(_ *testing.T, f *fixture) {
	primary, ada := store.Calendar{Schedule: "primary"}, store.Calendar{User: "ada"}
	set := func(hash string, c store.Calendar) {
		f.update(func(tx store.Tx) error { return tx.SetCalendarLink(hash, c, noon) })
	}
	set("h1", primary)
	set("h2", ada)
	set("h3", store.Calendar{Schedule: "ada"})
	set("h4", primary)
	find := func(hash string) (c store.Calendar, err error) {
		f.view(func(tx store.Tx) error {
			c, err = tx.CalendarByLink(hash)
			return nil
		})
		return c, err
	}
	for hash, want := range map[string]store.Calendar{"h2": ada, "h3": {Schedule: "ada"}, "h4": primary} {
		if got, err := find(hash); err != nil || got != want {
			f.Errorf("%s is %v, %v; want %v", hash, got, err, want)
		}
	}
	for _, hash := range []string{"h1", "", "unknown"} {
		if _, err := find(hash); !errors.Is(err, store.ErrNotFound) {
			f.Errorf("%q, which does not count: %v", hash, err)
		}
	}
}

// enrol tries a code with a credential at a time.
func (f *fixture) enrol(code, credential string, id responder.DeviceID, at time.Time) (responder.Device, error) {
	var d responder.Device
	err := f.Update(context.Background(), func(tx store.Tx) (err error) {
		d, err = tx.Enrol(code, credential, responder.Device{ID: id, Name: "laptop", OS: "linux"}, at)
		return err
	})
	return d, err
}

func enrolment(_ *testing.T, f *fixture) {
	expires := noon.Add(15 * time.Minute)
	for _, code := range []string{"code", "late", "more"} {
		f.update(func(tx store.Tx) error { return tx.AddCode(code, "ada", expires) })
	}
	if _, err := f.enrol("unknown", "secret", "d0", noon); !errors.Is(err, store.ErrNotFound) {
		f.Errorf("an unknown code: %v", err)
	}
	if _, err := f.enrol("late", "secret", "d0", expires); !errors.Is(err, store.ErrNotFound) {
		f.Errorf("a code whose time is over: %v", err)
	}
	want := responder.Device{ID: "d1", User: "ada", Name: "laptop", OS: "linux", Enrolled: noon}
	d, err := f.enrol("code", "secret", "d1", noon)
	f.must(err)
	is(f, "the device", d, want)
	d, err = f.enrol("code", "secret", "d2", expires.Add(time.Hour))
	f.must(err)
	is(f, "the device when the answer was lost and the call is repeated", d, want)
	if _, err := f.enrol("code", "other", "d3", noon); !errors.Is(err, store.ErrTaken) {
		f.Errorf("a used code with another credential: %v", err)
	}
	if _, err := f.enrol("more", "secret", "d4", noon); !errors.Is(err, store.ErrTaken) {
		f.Errorf("a credential that is another device's: %v", err)
	}
	_, err = f.enrol("more", "fresh", "d5", expires.Add(-time.Millisecond))
	f.must(err)
	is(f, "devices", len(read(f, store.Tx.Devices)), 2)
	found := read(f, func(tx store.Tx) (responder.Device, error) { return tx.DeviceByCredential("secret") })
	is(f, "the device by its credential", found, want)
}

func revocation(_ *testing.T, f *fixture) {
	f.update(func(tx store.Tx) error { return tx.AddCode("code", "ada", noon.Add(time.Minute)) })
	_, err := f.enrol("code", "secret", "d1", noon)
	f.must(err)
	f.update(func(tx store.Tx) error { return tx.RevokeDevice("d1", noon.Add(time.Second)) })
	again := f.Update(context.Background(), func(tx store.Tx) error { return tx.RevokeDevice("d1", noon.Add(time.Hour)) })
	if !errors.Is(again, store.ErrNotFound) {
		f.Errorf("revoked twice: %v", again)
	}
	d := read(f, func(tx store.Tx) (responder.Device, error) { return tx.DeviceByCredential("secret") })
	is(f, "revoked", d.Revoked, noon.Add(time.Second))
}

func routingKeys(_ *testing.T, f *fixture) {
	add := func(hash string, i incident.IntegrationID, at time.Time) error {
		return f.Update(context.Background(), func(tx store.Tx) error { return tx.AddRoutingKey(hash, i, at, at.Add(24*time.Hour)) })
	}
	count := func(at time.Time) int {
		return len(read(f, func(tx store.Tx) ([]store.RoutingKey, error) { return tx.RoutingKeys(at) }))
	}
	has := func(i incident.IntegrationID) bool {
		return read(f, func(tx store.Tx) (bool, error) { return tx.HasRoutingKey(i, noon) })
	}
	is(f, "a key before there is one", has("events"), false)
	f.must(add("k1", "events", noon))
	f.must(add("k1", "events", noon.Add(time.Second)))
	is(f, "a key", has("events"), true)
	is(f, "another integration's key", has("other"), false)
	f.must(add("k2", "events", noon.Add(time.Hour)))
	is(f, "keys while the old one goes on", count(noon.Add(25*time.Hour-time.Millisecond)), 2)
	is(f, "keys afterwards", count(noon.Add(25*time.Hour)), 1)
	for _, at := range []time.Time{noon.Add(2 * time.Hour), noon.Add(48 * time.Hour)} {
		for _, i := range []incident.IntegrationID{"events", "other"} {
			if err := add("k1", i, at); !errors.Is(err, store.ErrTaken) {
				f.Errorf("a key that was replaced, taken for %s at %v: %v", i, at, err)
			}
		}
		if err := add("k2", "other", at); !errors.Is(err, store.ErrTaken) {
			f.Errorf("a key of another integration: %v", err)
		}
	}
}

func told(_ *testing.T, f *fixture) {
	is(f, "told at first", read(f, store.Tx.Told), store.Told{})
	for _, want := range []store.Told{{Revision: 3, At: noon}, {Revision: 4, At: noon.Add(time.Millisecond)}} {
		f.update(func(tx store.Tx) error { return tx.SetTold(want) })
		is(f, "told", read(f, store.Tx.Told), want)
	}
}

func clocks(_ *testing.T, f *fixture) {
	is(f, "alive at first", read(f, store.Tx.LastAlive), time.Time{})
	is(f, "grace at first", read(f, store.Tx.LastGrace), time.Time{})
	f.update(func(tx store.Tx) error { return errors.Join(tx.SetAlive(noon), tx.SetGrace(noon.Add(time.Second))) })
	f.update(func(tx store.Tx) error { return tx.SetAlive(noon.Add(time.Minute)) })
	is(f, "alive", read(f, store.Tx.LastAlive), noon.Add(time.Minute))
	is(f, "grace", read(f, store.Tx.LastGrace), noon.Add(time.Second))
}

func takenAway(_ *testing.T, f *fixture) {
	ada, primary := store.Calendar{User: "ada"}, store.Calendar{Schedule: "ada"}
	f.update(func(tx store.Tx) error {
		return errors.Join(tx.SetCalendarLink("h1", ada, noon), tx.SetCalendarLink("h2", primary, noon),
			tx.AddCode("code", "ada", noon.Add(time.Hour)), tx.AddCode("bobs", "bob", noon.Add(time.Hour)))
	})
	f.update(func(tx store.Tx) error {
		return errors.Join(tx.EndCalendarLink(ada), tx.EndCalendarLink(ada), tx.EndCodes("ada", noon))
	})
	f.view(func(tx store.Tx) error {
		if _, err := tx.CalendarByLink("h1"); !errors.Is(err, store.ErrNotFound) {
			f.Errorf("the link still leads somewhere: %v", err)
		}
		_, err := tx.CalendarByLink("h2")
		return err
	})
	if _, err := f.enrol("code", "secret", "d0", noon); !errors.Is(err, store.ErrNotFound) {
		f.Errorf("a code that was taken away: %v", err)
	}
	if _, err := f.enrol("bobs", "secret", "d0", noon); err != nil {
		f.Errorf("another user's code: %v", err)
	}
}
