package rota

import (
	"strings"
	"testing"
	"time"

	"tocsin/hub/fault"
)

func TestMaintenanceThatAPersonMadeStandsBesideTheFilesAndIsExportedAsACommand(t *testing.T) {
	s, db := newService(t)
	small := string(readFile(t, "testdata/small.yaml"))
	apply(t, s, small)
	now := time.Date(2026, 12, 1, 12, 0, 0, 250e6, time.UTC)
	add := func(r MaintenanceRequest) Maintenance {
		t.Helper()
		m, err := s.AddMaintenance(t.Context(), r, now)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	runs := add(MaintenanceRequest{Services: []string{"shop", "shop"}, For: time.Hour, Note: `"big" upgrade`, By: "ada"})
	if len(runs.Services) != 1 || runs.Start.After(now) || runs.End.Before(now.Add(time.Hour)) || runs.By != "ada" {
		t.Errorf("%+v", runs)
	}
	later := add(MaintenanceRequest{Services: []string{"shop"}, Start: now.Add(24 * time.Hour), Until: now.Add(25 * time.Hour)})
	apply(t, s, "owns: all\n"+small) // removes neither
	list, err := s.Maintenances(t.Context(), "shop", now)
	if err != nil || len(list) != 3 || list[0].ID != runs.ID || !list[1].Made.IsZero() || list[2].ID != later.ID {
		t.Errorf("%+v, %v", list, err)
	}
	latest, _ := s.Maintenances(t.Context(), "", now.Add(24*time.Hour))
	if len(latest) != 1 || latest[0].ID != later.ID {
		t.Errorf("what is over is listed: %+v", latest)
	}
	file, err := s.Export(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := `#   hub maintenance add shop --start 2026-12-01T12:00:00Z --until 2026-12-01T13:00:01Z --note "\"big\" upgrade"`; !strings.Contains(string(file), want) {
		t.Errorf("%s\nlacks %s", file, want)
	}
	if r := apply(t, s, string(file)); len(r.Changes) != 0 {
		t.Errorf("%v", r.Changes)
	}
	if set := load(t, db, apply(t, s, small).Revision); len(set.Windows) != 3 {
		t.Errorf("%+v", set.Windows)
	}
}

func TestAMaintenanceIsEndedOrCalledOffAndThoseOfTheFileAreNot(t *testing.T) {
	s, db := newService(t)
	apply(t, s, string(readFile(t, "testdata/small.yaml")))
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	runs, err := s.AddMaintenance(t.Context(), MaintenanceRequest{Services: []string{"shop"}, For: time.Hour}, now)
	if err != nil {
		t.Fatal(err)
	}
	later, err := s.AddMaintenance(t.Context(), MaintenanceRequest{Services: []string{"shop"}, Start: now.Add(24 * time.Hour), For: time.Hour}, now)
	if err != nil {
		t.Fatal(err)
	}
	end := now.Add(10 * time.Minute)
	for _, id := range []string{runs.ID, later.ID} {
		if err := s.EndMaintenance(t.Context(), id, "ada", end); err != nil {
			t.Error(err)
		}
		if err := s.EndMaintenance(t.Context(), id, "ada", end); fault.KindOf(err) != fault.NotFound {
			t.Errorf("ended twice: %v", err)
		}
	}
	list, err := s.Maintenances(t.Context(), "", end)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := s.EndMaintenance(t.Context(), list[0].ID, "ada", end); fault.KindOf(err) != fault.Conflict {
		t.Errorf("one of the file: %v", err)
	}
	base, _, err := s.current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range load(t, db, base.Number).Windows {
		if w.ID == runs.ID && (!w.Start.Equal(now) || !w.End.Equal(end)) {
			t.Errorf("what it did stays: %+v", w)
		}
	}
}
