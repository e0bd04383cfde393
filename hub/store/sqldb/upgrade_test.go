package sqldb_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"tocsin/hub/incident"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
)

var auditKey = bytes.Repeat([]byte{7}, 32)

// writtenBy is a database as the version wrote it whose last migration this is,
// with an incident that waits and the token of a message about it.
func writtenBy(t *testing.T, version int64) file {
	t.Helper()
	f := file(filepath.Join(t.TempDir(), "old.db"))
	db, err := sql.Open("sqlite3", "file:"+string(f))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`INSERT INTO incidents (id, number, version, service_id, status, urgency, severity, summary, source, details, links, test, policy_id,
		   revision, opening, triggered_at, first_at, holder, quiet_until, quiet_reason, course, wake_at, entries, last_at, head, head_mac)
		 VALUES ('i1', 1, 3, 'shop', 'triggered', 'high', 'critical', 'down', '', '', '', 0, 'p', 1, 1, 1000, 1000, '', NULL, '',
		   '{"stage":"level","opening":1,"pass":1,"round":1,"level":1,"due":"2026-11-02T06:05:00Z"}', 5000, 0, 0, '', '')`,
		`INSERT INTO alerts VALUES ('m', 'k', 1, 'i1', 1, 1, 'critical', 1000, 1000, NULL)`,
		`INSERT INTO pages VALUES ('i1', 1, 'ada', 1, 'level', 1, 1, 1, 'triggered', 0, 1000, NULL, 0, 0, NULL, '', '')`,
		`INSERT INTO deliveries VALUES ('i1', 1, 'ada', 0, 'devices', 1000, NULL, 0, '')`,
		`INSERT INTO answer_tokens VALUES ('h1', 'i1', 1, 'ada', 'phone', 1, 1000, NULL)`,
		`INSERT INTO answer_tokens VALUES ('h2', 'i1', 1, 'ada', 'mail', 1, 1000, 2000)`,
	} {
		if _, err := db.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return f
}

func TestWhatAnOlderVersionWroteIsDueAndAnswerable(t *testing.T) {
	db := writtenBy(t, 4).Open(t, auditKey).(*sqldb.DB)
	defer db.Close()
	err := db.View(context.Background(), func(tx store.Tx) error {
		r, err := tx.Load("i1")
		if err != nil {
			return err
		}
		i := r.Incident
		if i.Cover.Asked() || i.Reopenings != nil || i.MergedInto != "" || !i.ResolveDue.IsZero() || !i.Alerts[0].SilentAt.IsZero() || len(r.Pages) != 1 || len(r.Pages[0].Uses) != 1 {
			t.Errorf("%+v", r)
		}
		if due, err := tx.Due(r.WakeAt, 9); err != nil || len(due) != 1 {
			t.Errorf("due: %v, %v", due, err)
		}
		if covers, err := tx.Covers(i.FirstAt); err != nil || len(covers) != 0 {
			t.Errorf("covers: %v, %v", covers, err)
		}
		if g, err := tx.ByAlert("m", "k"); err != nil || g.ID != "i1" {
			t.Errorf("by its alert: %v, %v", g.ID, err)
		}
		for hash, used := range map[string]bool{"h1": false, "h2": true} {
			k, err := tx.Token(hash)
			if err != nil || len(k.About) != 1 || k.About[0].Incident != incident.ID("i1") || k.About[0].Used.IsZero() == used {
				t.Errorf("token %s: %+v, %v", hash, k, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// Migrations are numbered where they are written and come together later: one of
// a lower number, or one that had another number, must not keep a hub from starting.
func TestAMigrationOfALowerNumberThatComesLaterIsCarriedOut(t *testing.T) {
	for what, text := range map[string]string{
		"came later":         `DELETE FROM goose_db_version WHERE version_id = 11; DROP INDEX incidents_held; DROP INDEX pages_open_at`,
		"had another number": `UPDATE goose_db_version SET version_id = 19 WHERE version_id = 12`,
	} {
		t.Run(what, func(t *testing.T) {
			f := file("").Fresh(t).(file)
			if err := f.Open(t, auditKey).(*sqldb.DB).Close(); err != nil {
				t.Fatal(err)
			}
			f.Tamper(t, text)
			for range 2 {
				db, err := sqldb.Open(context.Background(), string(f), auditKey)
				if err != nil {
					t.Fatal(err)
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
