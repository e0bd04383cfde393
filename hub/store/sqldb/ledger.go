package sqldb

import (
	"context"
	"errors"
	"strconv"

	"tocsin/hub/store"
)

// ledger counts the incidents and the timeline entries ever stored. It is
// sealed with the key at every commit that adds to it, so that what is missing
// shows, and what was put back to an earlier state as well.
type ledger struct{ incidents, entries int }

// broken is the seal of a ledger that was found changed. It is kept: what is
// written later must not hide it.
const broken = "broken"

func (d *DB) sealLedger(l ledger) string {
	return d.seal("ledger", strconv.Itoa(l.incidents), strconv.Itoa(l.entries))
}

// openLedger reads the ledger, and makes that of a new database. One that was
// tampered with does not keep the hub from paging; Verify tells of it.
func (d *DB) openLedger(ctx context.Context) error {
	t := &tx{ctx: ctx, db: d, stmt: d.prepared}
	var mac string
	var last, used int
	if err := t.one("last_number", nil, &last); err != nil {
		return err
	}
	err := t.one("ledger_get", nil, &d.ledger.incidents, &d.ledger.entries, &mac)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if err := t.one("ever_used", nil, &used); err != nil {
			return err
		}
		d.broken = used > 0
		if !d.broken {
			return t.putLedger()
		}
	case err != nil:
		return err
	default:
		d.broken = mac != d.sealLedger(d.ledger) || last > d.ledger.incidents
	}
	d.ledger.incidents = max(d.ledger.incidents, last)
	return nil
}

func (t *tx) putLedger() error {
	mac := broken
	if !t.db.broken {
		mac = t.db.sealLedger(t.db.ledger)
	}
	return t.exec("ledger_put", t.db.ledger.incidents, t.db.ledger.entries, mac)
}

func (t *tx) verifyLedger(found store.Audit, problem func(string, ...any)) error {
	var l ledger
	var mac string
	var orphans int
	err := t.one("ledger_get", nil, &l.incidents, &l.entries, &mac)
	switch {
	case errors.Is(err, store.ErrNotFound):
		problem("the ledger of incidents is missing")
	case err != nil:
		return err
	case mac != t.db.sealLedger(l):
		problem("the ledger of incidents was changed")
	case l.incidents != found.Incidents:
		problem("the ledger counts %d incidents, %d are there", l.incidents, found.Incidents)
	case l.entries != found.Entries:
		problem("the ledger counts %d entries, %d are there: a timeline was put back to what it was before", l.entries, found.Entries)
	}
	if err := t.one("timeline_orphans", nil, &orphans); err != nil {
		return err
	}
	if orphans > 0 {
		problem("%d timelines have lost their incident", orphans)
	}
	return nil
}
