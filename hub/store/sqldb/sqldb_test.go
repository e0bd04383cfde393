package sqldb_test

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"

	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
	"tocsin/hub/store/storetest"
)

// file is a database file.
type file string

func (file) Fresh(t testing.TB) storetest.Home {
	return file(filepath.Join(t.TempDir(), "a hub's & 100%?#.db"))
}

func (f file) Open(t testing.TB, auditKey []byte) store.Store {
	t.Helper()
	db, err := sqldb.Open(context.Background(), string(f), auditKey)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func (f file) Tamper(t testing.TB, text string) {
	t.Helper()
	db, err := sql.Open("sqlite3", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: string(f)}).EscapedPath()}).String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = db.Exec(text); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSQLiteKeepsTheContract(t *testing.T) { storetest.Run(t, file("")) }

func BenchmarkSQLite(b *testing.B) { storetest.Benchmark(b, file("")) }
