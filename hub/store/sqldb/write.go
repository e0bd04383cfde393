package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"tocsin/hub/store"
)

// maxBatch bounds how many writes share one commit.
const maxBatch = 256

var errClosed = errors.New("the database is closed")

type job struct {
	ctx  context.Context
	fn   func(store.Tx) error
	err  error
	done chan struct{}
}

// Update implements store.Store.
func (d *DB) Update(ctx context.Context, fn func(store.Tx) error) error {
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case d.jobs <- j:
	case <-d.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-j.done:
		return j.err
	case <-d.done:
		// The writer may have finished this one as its last.
		select {
		case <-j.done:
			return j.err
		default:
			return errClosed
		}
	}
}

// write is the only goroutine that writes. While one commit waits for the disk
// the next batch gathers.
func (d *DB) write() {
	defer close(d.done)
	batch := make([]*job, 0, maxBatch)
	for {
		select {
		case j := <-d.jobs:
			batch = append(batch[:0], j)
		case <-d.closing:
			return
		}
	gather:
		for len(batch) < maxBatch {
			select {
			case j := <-d.jobs:
				batch = append(batch, j)
			default:
				break gather
			}
		}
		d.commit(batch)
	}
}

// commit writes a batch in one transaction. If one of its jobs fails, none of
// its writes may stay, and the others are innocent: then each gets a
// transaction of its own.
func (d *DB) commit(batch []*job) {
	if len(batch) > 1 && d.transact(batch) == nil {
		finish(batch, nil)
		return
	}
	for _, j := range batch {
		one := []*job{j}
		finish(one, d.transact(one))
	}
}

func finish(batch []*job, err error) {
	for _, j := range batch {
		j.err = err
		close(j.done)
	}
}

func (d *DB) transact(batch []*job) error {
	// A caller that gives up must not stop a commit that others wait for.
	ctx := context.Background()
	if _, err := d.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	before := d.ledger
	err := d.runAll(ctx, batch, before)
	if err == nil {
		if _, err = d.conn.ExecContext(ctx, "COMMIT"); err == nil {
			return nil
		}
		err = fmt.Errorf("commit: %w", err)
	}
	d.ledger = before
	if _, rollback := d.conn.ExecContext(ctx, "ROLLBACK"); rollback != nil {
		return errors.Join(err, fmt.Errorf("roll back: %w", rollback))
	}
	return err
}

func (d *DB) runAll(ctx context.Context, batch []*job, before int) error {
	t := &tx{ctx: ctx, db: d, writes: true, stmt: func(name string) (*sql.Stmt, error) {
		s, ok := d.stmts[name]
		if !ok {
			return nil, fmt.Errorf("there is no query %s", name)
		}
		return s, nil
	}}
	for _, j := range batch {
		if err := run(j, t); err != nil {
			return err
		}
	}
	if d.ledger == before {
		return nil
	}
	return t.exec("ledger_put", d.ledger, d.seal("ledger", strconv.Itoa(d.ledger)))
}

func run(j *job, t *tx) (err error) {
	if j.ctx.Err() != nil {
		return j.ctx.Err()
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a write panicked: %v", p)
		}
	}()
	return j.fn(t)
}
