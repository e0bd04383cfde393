package rota

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
)

var today = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func newService(t testing.TB) (*Service, store.Store) {
	t.Helper()
	db, err := sqldb.Open(t.Context(), filepath.Join(t.TempDir(), "hub.db"), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(db), db
}

func apply(t testing.TB, s *Service, file string) Result {
	t.Helper()
	r, err := s.Apply(context.Background(), Request{File: []byte(file), By: "ada"}, today)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustRefuse(t *testing.T, s *Service, r Request, want string) {
	t.Helper()
	_, err := s.Apply(context.Background(), r, today)
	if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Sentence(err), want) {
		t.Errorf("got %v, want it refused with %q", err, want)
	}
}

func load(t testing.TB, db store.Store, revision uint64) organisation.Set {
	t.Helper()
	var set organisation.Set
	err := db.View(context.Background(), func(tx store.Tx) (err error) {
		set, err = Load(tx, revision, time.Time{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestApplyTheExample(t *testing.T) {
	s, db := newService(t)
	example := string(readFile(t, "../../shared/docs/tocsin.example.yaml"))
	first := apply(t, s, example)
	if first.Revision != 1 || len(first.RoutingKeys) != 7 || len(first.Changes) == 0 {
		t.Errorf("got revision %d, %d keys, %d changes", first.Revision, len(first.RoutingKeys), len(first.Changes))
	}
	for _, k := range first.RoutingKeys {
		if !isKey(k.Key) || k.Service != "payments-api" {
			t.Errorf("got key %+v", k)
		}
	}
	if again := apply(t, s, example); again.Revision != 1 || len(again.RoutingKeys) > 0 || len(again.Changes) > 0 {
		t.Errorf("the same file again: %+v", again)
	}
	exported, err := s.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(exported, []byte("# The configuration of the hub of Example Health: revision 1, in force since 2026-11-20T12:00:00Z.\n")) {
		t.Errorf("got header %.200s", exported)
	}
	if again := apply(t, s, string(exported)); again.Revision != 1 || len(again.RoutingKeys) > 0 || len(again.Changes) > 0 {
		t.Errorf("the export: %+v", again)
	}
	other, _ := newService(t)
	apply(t, other, string(exported))
	if twin, err := other.Export(t.Context()); err != nil || !bytes.Equal(twin, exported) {
		t.Errorf("applied to a fresh hub the export becomes\n%s", twin)
	}

	set := load(t, db, 1)
	org := organisation.New(set)
	policy, _ := org.Policy("payments")
	rosters := org.Rosters(policy, time.Date(2026, 12, 25, 12, 0, 0, 0, time.UTC))
	var users []responder.UserID
	for _, r := range rosters {
		users = append(users, r.Users...)
	}
	if want := []responder.UserID{"bob", "eve", "kim"}; !reflect.DeepEqual(users, want) {
		t.Errorf("at Christmas %v are on call, want %v", users, want)
	}
	if admin, _ := org.FirstAdmin(); admin.ID != "ada" || set.Revision != 1 {
		t.Errorf("got admin %q, revision %d", admin.ID, set.Revision)
	}
}

func TestARevisionKeepsThePast(t *testing.T) {
	s, db := newService(t)
	small := string(readFile(t, "testdata/small.yaml"))
	apply(t, s, small)
	r := apply(t, s, strings.Replace(small, "timeout: 5m", "timeout: 10m", 1))
	if got := r.Changes[0].String(); len(r.Changes) != 1 || got != "escalation policy web: levels[0].timeout: 5m → 10m" {
		t.Errorf("got %v", r.Changes)
	}
	for revision, want := range map[uint64]time.Duration{1: 5 * time.Minute, 2: 10 * time.Minute} {
		if got := load(t, db, revision).Policies[0].Levels[0].Timeout; got != want {
			t.Errorf("revision %d: got %s, want %s", revision, got, want)
		}
	}
	if set := load(t, db, 0); len(set.Users) > 0 {
		t.Errorf("before anything was applied there are %v", set.Users)
	}
}

func TestABadFileChangesNothing(t *testing.T) {
	s, db := newService(t)
	small := string(readFile(t, "testdata/small.yaml"))
	mustRefuse(t, s, Request{Name: "x.yaml", File: []byte(strings.Replace(small, "escalation_policy: web", "escalation_policy: wbe", 1))},
		`x.yaml:30:24: services[0].escalation_policy: there is no escalation policy "wbe"; did you mean "web"?`)
	if set := load(t, db, 0); len(set.Users) > 0 {
		t.Error("something was applied")
	}
	if r := apply(t, s, small); r.Revision != 1 {
		t.Errorf("got revision %d, want 1", r.Revision)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	s, _ := newService(t)
	small := readFile(t, "testdata/small.yaml")
	r, err := s.Apply(t.Context(), Request{File: small, DryRun: true}, today)
	if err != nil || len(r.Changes) == 0 || len(r.RoutingKeys) > 0 || r.Revision != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
	if r := apply(t, s, string(small)); r.Revision != 1 || len(r.RoutingKeys) != 3 {
		t.Errorf("got revision %d and %d keys", r.Revision, len(r.RoutingKeys))
	}
}

func TestOwnsNamedLeavesTheRestAlone(t *testing.T) {
	s, db := newService(t)
	apply(t, s, string(readFile(t, "testdata/small.yaml")))
	r := apply(t, s, "users: [{id: bob, role: manager}, {id: cyd}]\nservices: [{id: shop, escalation_policy: web, urgency: high}]")
	want := []string{
		"user bob:\n  time_zone: Europe/Berlin → UTC\n  role: responder → manager",
		"user cyd: added",
		"service shop: urgency: by_severity → high",
	}
	if got := sentences(r.Changes); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	set := load(t, db, r.Revision)
	if len(set.Users) != 3 || len(set.Integrations) != 3 || set.CatchAll[0] != "ada" || set.Name != "Example Health" {
		t.Errorf("got %+v", set)
	}
}

func TestOwnsAllRemovesTheRest(t *testing.T) {
	s, db := newService(t)
	small := string(readFile(t, "testdata/small.yaml"))
	apply(t, s, small)
	less := strings.Replace(small, "      - {id: shop-alive, kind: heartbeat, interval: 5m}\n", "", 1)
	less = strings.Replace(less, ", resolve_after_quiet: 15m, alive_by: shop-alive", "", 1)
	less, _, _ = strings.Cut(less, "maintenance_windows:")
	r := apply(t, s, "owns: all\n"+less)
	got := sentences(r.Changes)
	want := []string{
		"integration shop-logs:\n  resolve_after_quiet: 15m → 0s\n  alive_by: shop-alive → (none)",
		"integration shop-alive: removed",
	}
	if len(got) != 3 || !reflect.DeepEqual(got[:2], want) || !strings.HasPrefix(got[2], "maintenance window w-") {
		t.Errorf("got %q", got)
	}
	if set := load(t, db, r.Revision); len(set.Integrations) != 2 || len(set.Users) != 2 {
		t.Errorf("got %+v", set)
	}
	mustRefuse(t, s, Request{File: []byte("owns: all\nservices: [{id: shop, escalation_policy: web}]")}, `there is no escalation policy "web"`)
}

func sentences(changes []Change) (list []string) {
	for _, c := range changes {
		list = append(list, c.String())
	}
	return list
}

// Two that apply at once both get what they asked for, one after the other.
func TestAppliesAtOnce(t *testing.T) {
	s, db := newService(t)
	apply(t, s, string(readFile(t, "testdata/small.yaml")))
	var wg sync.WaitGroup
	for _, id := range []string{"x", "y", "z"} {
		wg.Go(func() {
			if _, err := s.Apply(context.Background(), Request{File: []byte("users: [{id: " + id + "}]")}, today); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if set := load(t, db, 4); len(set.Users) != 5 {
		t.Errorf("got %d users, want 5", len(set.Users))
	}
}

// failing is a store whose commits fail.
type failing struct{ store.Store }

func (f failing) Update(ctx context.Context, fn func(store.Tx) error) error {
	return f.Store.Update(ctx, func(tx store.Tx) error {
		return errors.Join(fn(tx), errors.New("the disk is full"))
	})
}

func TestNoKeysAreShownThatWereNotKept(t *testing.T) {
	_, db := newService(t)
	r, err := New(failing{db}).Apply(t.Context(), Request{File: readFile(t, "testdata/small.yaml")}, today)
	if err == nil || len(r.RoutingKeys) > 0 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestPlannedAbsencesStandInSchedules(t *testing.T) {
	s, db := newService(t)
	apply(t, s, string(readFile(t, "testdata/small.yaml")))
	err := db.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(
			tx.AddAbsence(responder.Absence{ID: "planned", User: "ada", Start: today.Add(25 * time.Hour), End: today.Add(90 * time.Hour), Made: today}),
			tx.AddAbsence(responder.Absence{ID: "sudden", User: "bob", Start: today, End: today.Add(time.Hour), Made: today}))
	})
	if err != nil {
		t.Fatal(err)
	}
	set := load(t, db, 1)
	if got := set.Schedules[0].Absences; len(set.Absences) != 2 || len(got) != 1 || got[0].ID != "planned" {
		t.Errorf("got %v and in the schedule %v", set.Absences, got)
	}
}
