// Package sqldb keeps the hub's data in SQLite. It is the only place with SQL;
// rows never leave it. The queries stand in queries/*.sql.
//
// One connection writes, others read beside it (WAL). Writes that come together
// share one commit, and each is on disk (synchronous=FULL) before its caller
// goes on.
package sqldb

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"iter"
	"maps"
	"net/url"
	"strconv"
	"sync"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
	"github.com/pressly/goose/v3"

	"tocsin/hub/store"
)

// DB is a store.Store in one SQLite file.
type DB struct {
	readers *sql.DB
	writer  *sql.DB
	conn    *sql.Conn // the writer's only connection
	sealers sync.Pool // of *sealer

	// Each query by its name, prepared for the writer and for the readers.
	writing map[string]*sql.Stmt
	reading map[string]*sql.Stmt
	// timeline inserts so many rows at once. The writer's own.
	timeline map[int]*sql.Stmt

	jobs    chan *job
	closing chan struct{}
	done    chan struct{}
	close   sync.Once
	closed  func() error

	// The writer's own.
	ledger ledger
	broken bool // the ledger was tampered with
}

var _ store.Store = (*DB)(nil)

// Open opens or makes the database file and brings its tables up to date. The
// key seals the timelines; keep it outside the database. Close stops it.
func Open(ctx context.Context, file string, key []byte) (*DB, error) {
	if len(key) < 32 {
		return nil, fmt.Errorf("open %s: the audit key has %d bytes, 32 are needed", file, len(key))
	}
	d := &DB{
		writing: map[string]*sql.Stmt{}, reading: map[string]*sql.Stmt{}, timeline: map[int]*sql.Stmt{},
		jobs: make(chan *job, 4*maxBatch), closing: make(chan struct{}), done: make(chan struct{}),
	}
	d.sealers.New = func() any { return &sealer{hash: hmac.New(sha256.New, key)} }
	d.closed = sync.OnceValue(d.closeAll)
	if err := d.open(ctx, file); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", file, err), d.closed())
	}
	go d.write()
	return d, nil
}

func dsn(file, extra string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath()}).String() +
		"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=10000&_foreign_keys=on&_cache_size=-32000" + extra
}

func (d *DB) open(ctx context.Context, file string) (err error) {
	if d.writer, err = sql.Open("sqlite3", dsn(file, "&_txlock=immediate")); err != nil {
		return err
	}
	d.writer.SetMaxOpenConns(1)
	if err := migrate(ctx, d.writer); err != nil {
		return err
	}
	if d.conn, err = d.writer.Conn(ctx); err != nil {
		return err
	}
	if d.readers, err = sql.Open("sqlite3", dsn(file, "&mode=ro&_query_only=on")); err != nil {
		return err
	}
	d.readers.SetMaxOpenConns(readers)
	d.readers.SetMaxIdleConns(readers)
	queries, err := sqliteQueries()
	if err != nil {
		return err
	}
	for name, text := range queries {
		if d.writing[name], err = d.conn.PrepareContext(ctx, text); err != nil {
			return fmt.Errorf("prepare the query %s: %w", name, err)
		}
		if d.reading[name], err = d.readers.PrepareContext(ctx, text); err != nil {
			return fmt.Errorf("prepare the query %s for reading: %w", name, err)
		}
	}
	return d.openLedger(ctx)
}

// readers is how many may read at once.
const readers = 4

// prepared finds a query of the writer.
func (d *DB) prepared(name string) (*sql.Stmt, error) {
	s, ok := d.writing[name]
	if !ok {
		return nil, fmt.Errorf("there is no query %s", name)
	}
	return s, nil
}

func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrationFiles, "migrations/sqlite")
	if err != nil {
		return err
	}
	// Migrations that were numbered side by side stand for themselves: one that
	// comes after a higher number is carried out, as a hub must start.
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithLogger(goose.NopLogger()), goose.WithAllowOutofOrder(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the tables up to date: %w", err)
	}
	return nil
}

// View implements store.Store.
func (d *DB) View(ctx context.Context, fn func(store.Tx) error) error {
	sqlTx, err := d.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer func() { _ = sqlTx.Rollback() }() // nothing was written
	return fn(&tx{ctx: ctx, db: d, stmt: func(name string) (*sql.Stmt, error) {
		s, ok := d.reading[name]
		if !ok {
			return nil, fmt.Errorf("there is no query %s", name)
		}
		return sqlTx.StmtContext(ctx, s), nil
	}})
}

// Close finishes the writes under way and closes the database. Later calls
// answer an error; closing again is harmless.
func (d *DB) Close() error {
	d.close.Do(func() { close(d.closing) })
	<-d.done
	return d.closed()
}

func (d *DB) closeAll() error {
	var errs []error
	for _, stmts := range []iter.Seq[*sql.Stmt]{maps.Values(d.writing), maps.Values(d.reading), maps.Values(d.timeline)} {
		for s := range stmts {
			if s != nil { // one that could not be prepared
				errs = append(errs, s.Close())
			}
		}
	}
	if d.conn != nil {
		errs = append(errs, d.conn.Close())
	}
	for _, db := range []*sql.DB{d.readers, d.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// sealer makes keyed hashes. It is used again and again, as one is made for
// each line of each timeline.
type sealer struct {
	hash hash.Hash
	text []byte
	sum  [sha256.Size]byte
}

// seal makes a keyed hash over parts, each preceded by its length so that no
// two lists of parts look alike.
func (d *DB) seal(parts ...string) string {
	s := d.sealers.Get().(*sealer)
	defer d.sealers.Put(s)
	s.text = s.text[:0]
	for _, p := range parts {
		s.text = append(strconv.AppendInt(s.text, int64(len(p)), 10), ':')
		s.text = append(s.text, p...)
	}
	s.hash.Reset()
	s.hash.Write(s.text)
	return hex.EncodeToString(s.hash.Sum(s.sum[:0]))
}
