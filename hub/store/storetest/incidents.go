package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

func numbers(_ *testing.T, f *fixture) {
	for n := 1; n <= 3; n++ {
		r := f.create(plain(n))
		is(f, "number", r.Incident.Number, uint64(n))
		is(f, "version", r.Incident.Version, 1)
		is(f, "by number", read(f, func(tx store.Tx) (incident.ID, error) { return tx.ByNumber(uint64(n)) }), r.Incident.ID)
	}
}

func turns(_ *testing.T, f *fixture) {
	next := func(policy string) int {
		return read(f, func(tx store.Tx) (int, error) { return tx.NextTurn(policy) })
	}
	is(f, "of a policy without incidents", next("shop"), 0)
	for n := 1; n <= 3; n++ {
		r := plain(n)
		r.Incident.Policy, r.Incident.Turn = "shop", next("shop")
		f.create(r)
	}
	is(f, "after three", next("shop"), 3)
	is(f, "of another policy", next("web"), 0)
}

// parameterOrder holds statements whose parameters do not stand in the order of
// their numbers: a driver that binds by first appearance mixes them up.
func parameterOrder(_ *testing.T, f *fixture) {
	before := f.create(plain(1))
	after := before
	after.Incident.Service, after.Incident.Source, after.Incident.Holder = "other", "source", "holder"
	after.Incident.Opening, after.Incident.Revision = 7, 9
	f.save(before, after)
	got := f.load(before.Incident.ID).Incident
	got.Version = after.Incident.Version
	if !reflect.DeepEqual(got, after.Incident) {
		f.Errorf("got %+v, want %+v", got, after.Incident)
	}
	f.update(func(tx store.Tx) error {
		return tx.AddAbsence(responder.Absence{ID: "a", User: "ada", Start: noon, End: noon.Add(time.Hour), Made: noon})
	})
	f.update(func(tx store.Tx) error { return tx.EndAbsences("ada", noon.Add(time.Minute)) })
	left := read(f, func(tx store.Tx) ([]responder.Absence, error) { return tx.Absences(noon) })
	is(f, "the absence's end", left[0].End, noon.Add(time.Minute))
}

func milliseconds(_ *testing.T, f *fixture) {
	r := plain(1)
	exact := noon.Add(123 * time.Millisecond)
	r.Incident.TriggeredAt, r.WakeAt = exact.Add(999*time.Microsecond), exact.In(time.FixedZone("elsewhere", 3600))
	id := f.create(r).Incident.ID
	got := f.load(id)
	is(f, "a time with microseconds", got.Incident.TriggeredAt, exact)
	is(f, "a time of another zone", got.WakeAt, exact)
	is(f, "no time at all", got.Incident.ResolvedAt, time.Time{})
	is(f, "due just before", len(read(f, due(exact.Add(-time.Millisecond)))), 0)
	is(f, "due at the instant", len(read(f, due(exact))), 1)
}

func due(at time.Time) func(store.Tx) ([]incident.ID, error) {
	return func(tx store.Tx) ([]incident.ID, error) { return tx.Due(at, 100) }
}

func roundTrip(t *testing.T, f *fixture) {
	drawn(t, func(t *rapid.T, id incident.ID) {
		want := records(id).Draw(t, "record")
		want = f.create(want)
		if got := f.load(id); !reflect.DeepEqual(got, shown(want)) {
			t.Fatalf("got %+v\nwant %+v", got, shown(want))
		}
		all := read(f, func(tx store.Tx) ([]escalation.Page, error) { return tx.AllPages(id) })
		if !reflect.DeepEqual(all, want.Pages) {
			t.Fatalf("got all pages %+v\nwant %+v", all, want.Pages)
		}
	})
}

func saveRoundTrip(t *testing.T, f *fixture) {
	drawn(t, func(t *rapid.T, id incident.ID) {
		f.create(records(id).Draw(t, "before"))
		before := f.load(id)
		after := grown(t, before, records(id).Draw(t, "after"))
		version := before.Incident.Version
		saved := f.save(before, after, entry(noon, "changed"))
		if saved.Incident.Version != version+1 {
			t.Fatalf("version %d became %d", version, saved.Incident.Version)
		}
		if got := f.load(id); !reflect.DeepEqual(got, shown(saved)) {
			t.Fatalf("got %+v\nwant %+v", got, shown(saved))
		}
	})
}

// grown is a record as the core changes it: alerts and pages are added and
// changed, never taken away, and so are the methods of a page.
func grown(t *rapid.T, before, after store.Record) store.Record {
	after.Incident.Number, after.Incident.Version = before.Incident.Number, before.Incident.Version
	after.Course.Pass = max(before.Course.Pass, after.Course.Pass)
	alerts := slices.Clone(before.Incident.Alerts)
	for n, a := range after.Incident.Alerts {
		if n == len(alerts) {
			a.FirstAt = after.Incident.Alerts[n].FirstAt.AddDate(200, 0, 0)
			alerts = append(alerts, a)
			continue
		}
		alerts[n].Open, alerts[n].Count, alerts[n].LastAt = a.Open, a.Count, a.LastAt
	}
	after.Incident.Alerts = alerts
	const wave = 10
	var pages []escalation.Page
	for _, p := range before.Pages {
		next := somePage(t, p.Key)
		next.Uses = append(slices.Clone(p.Uses), slices.DeleteFunc(next.Uses, func(u escalation.Use) bool {
			return slices.ContainsFunc(p.Uses, func(o escalation.Use) bool { return o.Method == u.Method })
		})...)
		pages = append(pages, next)
	}
	for _, p := range after.Pages {
		p.Wave += wave
		pages = append(pages, p)
	}
	after.Pages = pages
	return after
}

func savesDifferences(_ *testing.T, f *fixture) {
	r := plain(1)
	r.Pages = append(r.Pages, r.Pages[0])
	r.Pages[1].Key = escalation.Key{Wave: 1, User: "bob"}
	r.Incident.Alerts = append(r.Incident.Alerts, r.Incident.Alerts[0])
	r.Incident.Alerts[1].Key = "other"
	before := f.create(r)
	after := before
	after.Pages = slices.Clone(before.Pages)
	after.Pages[1].Failed = noon
	after.Incident.Alerts = slices.Clone(before.Incident.Alerts)
	after.Incident.Alerts[1].Count = 2
	// Where a row stays untouched, so does what stands in it.
	f.tamper("UPDATE pages SET round = 77 WHERE user_id = 'ada'")
	f.tamper("UPDATE deliveries SET accepted = 1 WHERE user_id = 'bob'")
	f.tamper("UPDATE alerts SET count = 77 WHERE dedup_key <> 'other'")
	f.save(before, after)
	got := f.load(before.Incident.ID)
	is(f, "the page that did not change", got.Pages[0].Round, 77)
	is(f, "the page that changed", got.Pages[1].Failed, noon)
	is(f, "its delivery that did not", got.Pages[1].Uses[0].Accepted, true)
	is(f, "the alert that did not change", got.Incident.Alerts[0].Count, 77)
	is(f, "the alert that changed", got.Incident.Alerts[1].Count, 2)
}

func stale(_ *testing.T, f *fixture) {
	first := f.create(plain(1))
	after := first
	after.Incident.Summary = "saved"
	f.save(first, after, entry(noon, "saved"))
	err := f.Update(context.Background(), func(tx store.Tx) error {
		lost := first
		lost.Incident.Summary = "lost"
		_, err := tx.Save(first, lost, []incident.Entry{entry(noon, "lost")})
		if !errors.Is(err, store.ErrStale) {
			f.Errorf("got %v, want ErrStale", err)
		}
		// Whoever goes on all the same leaves no trace of the attempt.
		return nil
	})
	f.must(err)
	is(f, "summary", f.load(first.Incident.ID).Incident.Summary, "saved")
	audit := f.audit()
	is(f, fmt.Sprint(audit.Problems), len(audit.Problems), 0)
	is(f, "entries", audit.Entries, 2)
	fresh := f.load(first.Incident.ID)
	is(f, "the version after a fresh load", f.save(fresh, fresh).Incident.Version, 3)
}

func touches(_ *testing.T, f *fixture) {
	want := f.create(plain(1))
	a := want.Incident.Alerts[0]
	a.Count, a.LastAt = 5, noon.Add(time.Hour)
	f.update(func(tx store.Tx) error { return tx.Touch(want.Incident.ID, a) })
	want.Incident.Alerts = []incident.Alert{a}
	if got := f.load(want.Incident.ID); !reflect.DeepEqual(got, want) {
		f.Errorf("got %+v, want %+v", got, want)
	}
}

func newestByAlert(_ *testing.T, f *fixture) {
	for n, id := range []incident.ID{"m", "z", "a"} { // ids follow a clock that was set back
		r := plain(n)
		r.Incident.ID, r.Incident.Alerts[0].Key = id, "disk"
		r.Incident.Alerts[0].FirstAt = noon.Add(-time.Duration(n) * time.Hour)
		f.create(r)
		got := read(f, func(tx store.Tx) (incident.Incident, error) { return tx.ByAlert("shop-events", "disk") })
		is(f, "the newest", got.ID, id)
		if want := f.load(id).Incident; !reflect.DeepEqual(got, want) {
			f.Errorf("by its alert: %+v, loaded: %+v", got, want)
		}
	}
	err := f.View(context.Background(), func(tx store.Tx) error { _, err := tx.ByAlert("other", "disk"); return err })
	if !errors.Is(err, store.ErrNotFound) {
		f.Errorf("an alert of another integration: %v", err)
	}
}

func newestByGroup(_ *testing.T, f *fixture) {
	byGroup := func(key string) (incident.Incident, error) {
		var i incident.Incident
		err := f.View(context.Background(), func(tx store.Tx) (err error) {
			i, err = tx.ByGroup(key)
			return err
		})
		return i, err
	}
	for n, group := range []string{"disk", "disk", "", "disk", "net"} {
		r := plain(n)
		r.Incident.Group = group
		if n == 3 {
			r.Incident.Status = incident.Resolved
		}
		f.create(r)
	}
	got, err := byGroup("disk")
	f.must(err)
	if want := f.load("incident-0003").Incident; !reflect.DeepEqual(got, want) {
		f.Errorf("by its group: %+v, loaded: %+v", got, want)
	}
	for _, group := range []string{"other", ""} {
		if _, err := byGroup(group); !errors.Is(err, store.ErrNotFound) {
			f.Errorf("of the group %q: %v", group, err)
		}
	}
}

func pagesOfThePass(_ *testing.T, f *fixture) {
	r := plain(1)
	open := r.Pages[0]
	ended := open
	ended.User, ended.Ended, ended.Outcome = "bob", noon, escalation.OutcomeSuperseded
	now := ended
	now.User, now.Pass = "eve", 2
	r.Pages, r.Course.Pass = []escalation.Page{open, ended, now}, 2
	id := f.create(r).Incident.ID
	var users []responder.UserID
	for _, p := range f.load(id).Pages {
		users = append(users, p.User)
	}
	if !slices.Equal(users, []responder.UserID{"ada", "eve"}) {
		f.Errorf("loaded the pages of %v", users)
	}
	is(f, "all pages", len(read(f, func(tx store.Tx) ([]escalation.Page, error) { return tx.AllPages(id) })), 3)
}

func dueOrder(_ *testing.T, f *fixture) {
	for n, after := range []time.Duration{3, 1, 2, 9} {
		r := plain(n)
		r.WakeAt = noon.Add(after * time.Second)
		f.create(r)
	}
	asleep := plain(5)
	asleep.WakeAt = time.Time{}
	f.create(asleep)
	got := read(f, due(noon.Add(3*time.Second)))
	if !slices.Equal(got, []incident.ID{"incident-0001", "incident-0002", "incident-0000"}) {
		f.Errorf("due: %v", got)
	}
	first := read(f, func(tx store.Tx) ([]incident.ID, error) { return tx.Due(noon.Add(time.Hour), 2) })
	if !slices.Equal(first, []incident.ID{"incident-0001", "incident-0002"}) {
		f.Errorf("the two longest due: %v", first)
	}
	is(f, "the next wake", read(f, store.Tx.NextWake), noon.Add(time.Second))
}

func openOnes(_ *testing.T, f *fixture) {
	over := plain(1)
	over.Incident.Status, over.WakeAt = incident.Resolved, time.Time{}
	f.create(over)
	for n := 2; n < 5; n++ {
		f.create(plain(n))
	}
	f.update(func(tx store.Tx) error { return tx.WakeOpen(noon) })
	is(f, "how many are due", len(read(f, due(noon))), 3)
	is(f, "how many are open", read(f, store.Tx.CountOpen), 3)
	if got := read(f, store.Tx.OpenIDs); !slices.Equal(got, []incident.ID{"incident-0002", "incident-0003", "incident-0004"}) {
		f.Errorf("open: %v", got)
	}
}

func requestsForCover(_ *testing.T, f *fixture) {
	f.create(plain(1))
	for n := 2; n < 5; n++ {
		r := plain(n)
		r.Incident.Cover = incident.Cover{Of: "ada", End: noon}
		if n > 2 {
			r.Incident.Status, r.Incident.ResolvedAt = incident.Resolved, noon.Add(time.Duration(n)*time.Hour)
		}
		f.create(r)
	}
	for since, want := range map[time.Duration]int{3 * time.Hour: 3, 3*time.Hour + 1: 3, 4 * time.Hour: 2, 5 * time.Hour: 1} {
		got := read(f, func(tx store.Tx) ([]incident.ID, error) { return tx.Covers(noon.Add(since)) })
		is(f, "requests since "+since.String(), len(got), want)
		is(f, "the oldest", got[0], incident.ID("incident-0002"))
	}
}

func pagedUsers(_ *testing.T, f *fixture) {
	for n, ended := range []time.Time{{}, noon, noon.Add(time.Minute), {}} {
		r := plain(n)
		r.Pages[0].Ended = ended
		f.create(r)
	}
	open := read(f, func(tx store.Tx) ([]incident.ID, error) { return tx.PagedOpen("ada") })
	if !slices.Equal(open, []incident.ID{"incident-0000", "incident-0003"}) {
		f.Errorf("open: %v", open)
	}
	pages := read(f, func(tx store.Tx) ([]store.OpenPage, error) { return tx.OpenPages("ada") })
	is(f, "open pages", len(pages), 2)
	for n, p := range pages {
		want := plain(n * 3)
		if p.Incident.ID != want.Incident.ID || p.Incident.Number == 0 || p.Incident.Service != want.Incident.Service || p.Key != want.Pages[0].Key ||
			p.Page.Opening != want.Pages[0].Opening || !p.At.Equal(want.Pages[0].At) || !p.Open() {
			f.Errorf("open page %d: %+v", n, p)
		}
	}
	for since, want := range map[time.Time]int{plain(0).Pages[0].At: 2, plain(3).Pages[0].At.Add(time.Millisecond): 0} {
		is(f, "open pages made since then", read(f, func(tx store.Tx) (int, error) { return tx.CountOpenPages("ada", since) }), want)
	}
	for limit, want := range map[int]int{1: 1, 2: 2, 3: 2} {
		open, oldest := 0, time.Time{}
		f.view(func(tx store.Tx) (err error) {
			open, oldest, err = tx.Crowd("ada", plain(0).Pages[0].At, limit)
			return err
		})
		is(f, "crowd", open, want)
		is(f, "the oldest", oldest, plain(0).Pages[0].At)
	}
	f.view(func(tx store.Tx) error {
		open, oldest, err := tx.Crowd("nobody", plain(0).Pages[0].At, 3)
		is(f, "nobody's crowd", open, 0)
		is(f, "nobody's oldest", oldest, time.Time{})
		return err
	})
	for at, want := range map[time.Duration]int{0: 2, time.Second: 1, time.Minute: 1, time.Hour: 0} {
		since := read(f, func(tx store.Tx) ([]incident.ID, error) { return tx.PagedSince("ada", noon.Add(at)) })
		is(f, fmt.Sprint("ended since noon + ", at), len(since), want)
	}
	is(f, "another user's", len(read(f, func(tx store.Tx) ([]incident.ID, error) { return tx.PagedOpen("bob") })), 0)
}

func lists(_ *testing.T, f *fixture) {
	for n := 1; n <= 5; n++ {
		r := plain(n)
		if n == 3 {
			r.Incident.Status = incident.Resolved
		}
		f.create(r)
	}
	for _, c := range []struct {
		filter store.Filter
		want   []uint64
	}{
		{store.Filter{Limit: 10}, []uint64{5, 4, 2, 1}},
		{store.Filter{Limit: 10, Resolved: true}, []uint64{5, 4, 3, 2, 1}},
		{store.Filter{Limit: 2}, []uint64{5, 4}},
		{store.Filter{Limit: 2, Before: 4}, []uint64{2, 1}},
	} {
		var got []uint64
		for _, r := range read(f, func(tx store.Tx) ([]store.Record, error) { return tx.List(c.filter) }) {
			got = append(got, r.Incident.Number)
		}
		if !slices.Equal(got, c.want) {
			f.Errorf("%+v: got %v, want %v", c.filter, got, c.want)
		}
	}
}

func triggered(_ *testing.T, f *fixture) {
	for n := range 4 {
		r := plain(n)
		r.Incident.TriggeredAt = noon.Add(time.Hour) // of a later opening
		f.create(r)
	}
	var got []incident.ID
	span := func(tx store.Tx) ([]incident.Incident, error) {
		return tx.Triggered(noon.Add(time.Second), noon.Add(3*time.Second))
	}
	for _, i := range read(f, span) {
		got = append(got, i.ID)
	}
	if !slices.Equal(got, []incident.ID{"incident-0001", "incident-0002"}) {
		f.Errorf("triggered in [1 s, 3 s): %v", got)
	}
}
