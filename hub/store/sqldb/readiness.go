package sqldb

import (
	"database/sql"
	"errors"
	"time"

	"tocsin/hub/readiness"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

func (t *tx) AddCheck(k readiness.Key, reach readiness.Reach, at time.Time) (bool, error) {
	n, err := t.affect("shift_check_insert", string(k.Schedule), string(k.User), ms(k.Start), string(k.Moment), ms(at), string(reach))
	return n > 0, err
}

func (t *tx) Checks(since time.Time) (map[readiness.Key]bool, error) {
	done := map[readiness.Key]bool{}
	err := t.each("shift_check_list", []any{ms(since)}, func(row *sql.Rows) error {
		var k readiness.Key
		if err := row.Scan(&k.Schedule, &k.User, stamp{&k.Start}, &k.Moment); err != nil {
			return err
		}
		done[k] = true
		return nil
	})
	return done, err
}

func (t *tx) ForgetChecks(before time.Time) error { return t.exec("shift_check_forget", ms(before)) }

func (t *tx) NoteMethodTest(u responder.UserID, m responder.MethodID, accepted bool, at time.Time) error {
	return t.exec("method_test_put", string(u), string(m), ms(at), flag(accepted))
}

func (t *tx) MethodWorked(u responder.UserID, m responder.MethodID) (worked, used bool, err error) {
	err = t.one("method_last", []any{string(u), string(m)}, &worked)
	if errors.Is(err, store.ErrNotFound) {
		return false, false, nil
	}
	return worked, err == nil, err
}
