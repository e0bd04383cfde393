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
	"io/fs"
	"net/url"
	"sync"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
	"github.com/pressly/goose/v3"

	"tocsin/hub/store"
)

// DB is a store.Store in one SQLite file.
type DB struct {
	key     []byte
	readers *sql.DB
	writer  *sql.DB
	conn    *sql.Conn // the writer's only connection
	queries map[string]string
	stmts   map[string]*sql.Stmt // prepared on conn
	reading map[string]*sql.Stmt // prepared on readers

	jobs    chan *job
	closing chan struct{}
	done    chan struct{}
	close   sync.Once
	ledger  int // incidents ever stored, as sealed in the ledger
}

var _ store.Store = (*DB)(nil)

// Open opens or makes the database file and brings its tables up to date. The
// key seals the timelines; keep it outside the database. Close stops it.
func Open(ctx context.Context, file string, key []byte) (*DB, error) {
	if len(key) < 32 {
		return nil, fmt.Errorf("open %s: the audit key has %d bytes, 32 are needed", file, len(key))
	}
	d := &DB{key: key, jobs: make(chan *job, 4*maxBatch), closing: make(chan struct{}), done: make(chan struct{})}
	if err := d.open(ctx, file); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", file, err), d.closeAll())
	}
	go d.write()
	return d, nil
}

func dsn(file, extra string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath()}).String() +
		"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=10000&_foreign_keys=on&_cache_size=-32000" + extra
}

func (d *DB) open(ctx context.Context, file string) (err error) {
	if d.queries, err = sqliteQueries(); err != nil {
		return err
	}
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
	d.readers.SetMaxOpenConns(4)
	d.readers.SetMaxIdleConns(4)
	d.stmts, d.reading = map[string]*sql.Stmt{}, map[string]*sql.Stmt{}
	for name, text := range d.queries {
		if d.stmts[name], err = d.conn.PrepareContext(ctx, text); err != nil {
			return fmt.Errorf("prepare the query %s: %w", name, err)
		}
	}
	return d.loadLedger(ctx)
}

func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrationFiles, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("bring the tables up to date: %w", err)
	}
	return nil
}

func (d *DB) loadLedger(ctx context.Context) error {
	var mac string
	err := d.stmts["ledger_get"].QueryRowContext(ctx).Scan(&d.ledger, &mac)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
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
		text, ok := d.queries[name]
		if !ok {
			return nil, fmt.Errorf("there is no query %s", name)
		}
		return sqlTx.PrepareContext(ctx, text)
	}})
}

// Close finishes the writes under way and closes the database. Later calls
// answer an error.
func (d *DB) Close() error {
	d.close.Do(func() { close(d.closing) })
	<-d.done
	return d.closeAll()
}

func (d *DB) closeAll() error {
	var errs []error
	for _, s := range d.stmts {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if d.conn != nil {
		errs = append(errs, d.conn.Close())
	}
	if d.readers != nil {
		errs = append(errs, d.readers.Close())
	}
	if d.writer != nil {
		errs = append(errs, d.writer.Close())
	}
	return errors.Join(errs...)
}

// seal makes a keyed hash over parts, each preceded by its length so that no
// two lists of parts look alike.
func (d *DB) seal(parts ...string) string {
	h := hmac.New(sha256.New, d.key)
	var buf []byte
	for _, p := range parts {
		buf = fmt.Appendf(buf[:0], "%d:", len(p))
		h.Write(buf)
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil))
}
