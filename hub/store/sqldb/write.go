package sqldb

import (
	"context"
	"errors"
	"fmt"

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

// commit writes a batch in one transaction and answers every caller. If one of
// its jobs fails, none of its writes may stay, and the others are innocent: the
// batch is run again with each job on its own footing.
func (d *DB) commit(batch []*job) {
	batch = withoutCancelled(batch)
	if len(batch) == 0 {
		return
	}
	err := d.transact(func(t *tx) error { return t.runAll(batch) })
	if err != nil && len(batch) > 1 {
		err = d.transact(func(t *tx) error { return t.runApart(batch) })
	}
	for _, j := range batch {
		if err != nil {
			j.err = err
		}
		close(j.done)
	}
}

// withoutCancelled answers those who gave up while they waited.
func withoutCancelled(batch []*job) []*job {
	kept := batch[:0]
	for _, j := range batch {
		if j.err = j.ctx.Err(); j.err != nil {
			close(j.done)
			continue
		}
		kept = append(kept, j)
	}
	return kept
}

// transact commits what run writes, or nothing of it.
func (d *DB) transact(run func(*tx) error) error {
	// A caller that gives up must not stop a commit that others wait for.
	ctx := context.Background()
	if _, err := d.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	before := d.ledger
	t := &tx{ctx: ctx, db: d, stmt: d.prepared}
	err := run(t)
	if err == nil && d.ledger != before {
		err = t.putLedger()
	}
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

func (t *tx) runAll(batch []*job) error {
	for _, j := range batch {
		if err := t.run(j); err != nil {
			return err
		}
	}
	return nil
}

// runApart takes back what a failing job wrote and goes on with the next. The
// error that it answers is one that leaves nothing to be committed.
func (t *tx) runApart(batch []*job) error {
	for _, j := range batch {
		before := t.db.ledger
		if _, err := t.db.conn.ExecContext(t.ctx, "SAVEPOINT job"); err != nil {
			return fmt.Errorf("set a savepoint: %w", err)
		}
		if j.err = t.run(j); j.err != nil {
			t.db.ledger = before
			if _, err := t.db.conn.ExecContext(t.ctx, "ROLLBACK TO job"); err != nil {
				return errors.Join(j.err, fmt.Errorf("roll back to a savepoint: %w", err))
			}
		}
		if _, err := t.db.conn.ExecContext(t.ctx, "RELEASE job"); err != nil {
			return fmt.Errorf("release a savepoint: %w", err)
		}
	}
	return nil
}

func (t *tx) run(j *job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a write panicked: %v", p)
		}
	}()
	return j.fn(t)
}
