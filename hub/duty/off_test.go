package duty

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
)

func TestAnHourOffDoesNotShortenAHoliday(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	db, err := sqldb.Open(t.Context(), filepath.Join(t.TempDir(), "hub.db"), make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	absences := []responder.Absence{
		{ID: "holiday", User: "ada", Start: now.Add(-time.Hour), End: now.Add(100 * time.Hour), Made: now.Add(-50 * time.Hour)},
		{ID: "tray", User: "ada", Start: now.Add(-time.Hour), End: now.Add(time.Hour), Made: now.Add(-time.Hour)},
		{ID: "bob's", User: "bob", Start: now.Add(-time.Hour), End: now.Add(time.Hour), Made: now.Add(-time.Hour)},
	}
	err = db.Update(t.Context(), func(tx store.Tx) (err error) {
		for _, a := range absences {
			err = errors.Join(err, tx.AddAbsence(a))
		}
		return errors.Join(err, endUnplanned(tx, "ada", now))
	})
	if err != nil {
		t.Fatal(err)
	}
	var left []responder.Absence
	if err := db.View(t.Context(), func(tx store.Tx) (err error) { left, err = tx.Absences(now); return err }); err != nil {
		t.Fatal(err)
	}
	if len(left) != 2 || left[0].ID != "bob's" || left[1].ID != "holiday" {
		t.Errorf("%+v", left)
	}
}
