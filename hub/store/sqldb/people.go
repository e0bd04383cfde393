package sqldb

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

func (t *tx) Outcome(d responder.DeviceID, report string) (store.Outcome, error) {
	var o store.Outcome
	return o, t.one("report_get", []any{string(d), report}, &o.Answer, &o.Message)
}

func (t *tx) SaveOutcome(d responder.DeviceID, report string, o store.Outcome, at time.Time) error {
	return t.exec("report_put", string(d), report, string(o.Answer), o.Message, ms(at))
}

func (t *tx) ForgetOutcomes(before time.Time) error { return t.exec("report_forget", ms(before)) }

func (t *tx) LatestRevision() (store.Revision, error) { return t.revision("revision_latest") }

func (t *tx) RevisionAt(at time.Time) (store.Revision, error) {
	return t.revision("revision_at", ms(at))
}

func (t *tx) Told() (store.Told, error) {
	var told store.Told
	err := t.one("told_get", nil, &told.Revision, stamp{&told.At})
	if errors.Is(err, store.ErrNotFound) {
		return store.Told{}, nil
	}
	return told, err
}

func (t *tx) SetTold(told store.Told) error {
	return t.exec("told_put", int64(told.Revision), ms(told.At))
}

func (t *tx) revision(query string, args ...any) (store.Revision, error) {
	var r store.Revision
	err := t.one(query, args, &r.Number, stamp{&r.At}, &r.By, &r.Note)
	if errors.Is(err, store.ErrNotFound) {
		return store.Revision{}, nil
	}
	return r, err
}

func (t *tx) Objects(revision uint64) ([]store.Object, error) {
	var objects []store.Object
	err := t.each("object_list", []any{int64(revision)}, func(row *sql.Rows) error {
		var o store.Object
		if err := row.Scan(&o.Kind, &o.ID, &o.Body); err != nil {
			return err
		}
		objects = append(objects, o)
		return nil
	})
	return objects, err
}

func (t *tx) AddRevision(r store.Revision, objects []store.Object) (store.Revision, error) {
	last, err := t.LatestRevision()
	if err != nil {
		return r, err
	}
	r.Number = last.Number + 1
	if err := t.exec("revision_insert", int64(r.Number), ms(r.At), r.By, r.Note); err != nil {
		return r, err
	}
	for _, o := range objects {
		place, err := t.place(o)
		if err != nil {
			return r, err
		}
		var body any
		if len(o.Body) > 0 {
			body = string(o.Body)
		}
		if err := t.exec("object_insert", o.Kind, o.ID, int64(r.Number), place, body); err != nil {
			return r, fmt.Errorf("store %s %s: %w", o.Kind, o.ID, err)
		}
	}
	return r, nil
}

// place keeps an object where it stands in the order of the file.
func (t *tx) place(o store.Object) (int, error) {
	var place int
	err := t.one("object_place", []any{o.Kind, o.ID}, &place)
	if errors.Is(err, store.ErrNotFound) {
		err = t.one("object_next_place", nil, &place)
	}
	return place, err
}

func (t *tx) Absences(since time.Time) ([]responder.Absence, error) {
	var out []responder.Absence
	err := t.each("absence_list", []any{ms(since)}, func(row *sql.Rows) error {
		var a responder.Absence
		if err := row.Scan(&a.ID, &a.User, stamp{&a.Start}, stamp{&a.End}, stamp{&a.Made}); err != nil {
			return err
		}
		out = append(out, a)
		return nil
	})
	return out, err
}

func (t *tx) AddAbsence(a responder.Absence) error {
	return t.exec("absence_insert", a.ID, string(a.User), ms(a.Start), ms(a.End), ms(a.Made))
}

func (t *tx) EndAbsences(u responder.UserID, at time.Time) error {
	return t.exec("absence_end", string(u), ms(at))
}

func (t *tx) EndAbsence(id string, at time.Time) error {
	n, err := t.affect("absence_end_one", id, ms(at))
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}

func (t *tx) Devices() ([]responder.Device, error) {
	var out []responder.Device
	err := t.each("device_list", nil, func(row *sql.Rows) error {
		var d responder.Device
		if err := row.Scan(deviceColumns(&d)...); err != nil {
			return err
		}
		out = append(out, d)
		return nil
	})
	return out, err
}

func deviceColumns(d *responder.Device) []any {
	return []any{&d.ID, &d.User, &d.Name, &d.OS, stamp{&d.Enrolled}, stamp{&d.Revoked}}
}

func (t *tx) RevokeDevice(d responder.DeviceID, at time.Time) error {
	n, err := t.affect("device_revoke", string(d), ms(at))
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}

func (t *tx) DeviceByCredential(hash string) (responder.Device, error) {
	var d responder.Device
	return d, t.one("device_by_credential", []any{hash}, deviceColumns(&d)...)
}

func (t *tx) AddCode(hash string, u responder.UserID, expires time.Time) error {
	return t.exec("code_insert", hash, string(u), ms(expires))
}

func (t *tx) Enrol(codeHash, credentialHash string, d responder.Device, now time.Time) (responder.Device, error) {
	var expires time.Time
	var used sql.NullString
	if err := t.one("code_get", []any{codeHash}, &d.User, stamp{&expires}, &used); err != nil {
		return d, err
	}
	known, err := t.DeviceByCredential(credentialHash)
	switch {
	case err == nil && used.Valid && string(known.ID) == used.String:
		return known, nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return d, err
	case used.Valid || err == nil:
		return d, store.ErrTaken
	case !now.Before(expires):
		return d, store.ErrNotFound
	}
	d.Enrolled, d.Revoked = now, time.Time{}
	if err := t.exec("device_insert", string(d.ID), string(d.User), d.Name, d.OS, ms(now), credentialHash); err != nil {
		return d, fmt.Errorf("store the device: %w", err)
	}
	return d, t.exec("code_use", codeHash, string(d.ID))
}

func (t *tx) AddRoutingKey(hash string, i incident.IntegrationID, made, oldUntil time.Time) error {
	var owner incident.IntegrationID
	var until time.Time
	err := t.one("routing_key_get", []any{hash}, &owner, stamp{&until})
	switch {
	case err == nil && owner == i && until.IsZero():
		return nil
	case err == nil:
		return store.ErrTaken
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	if err := t.exec("routing_key_end", string(i), ms(oldUntil), hash); err != nil {
		return err
	}
	return t.exec("routing_key_insert", hash, string(i), ms(made))
}

func (t *tx) RoutingKeys(now time.Time) ([]store.RoutingKey, error) {
	var out []store.RoutingKey
	err := t.each("routing_key_list", []any{ms(now)}, func(row *sql.Rows) error {
		var k store.RoutingKey
		if err := row.Scan(&k.Hash, &k.Integration, stamp{&k.Until}); err != nil {
			return err
		}
		out = append(out, k)
		return nil
	})
	return out, err
}

func (t *tx) HasRoutingKey(i incident.IntegrationID, now time.Time) (bool, error) {
	var n int
	err := t.one("routing_key_any", []any{string(i), ms(now)}, &n)
	return n > 0, err
}

func (t *tx) LastAlive() (time.Time, error) { return t.clock("alive") }
func (t *tx) SetAlive(at time.Time) error   { return t.exec("clock_put", "alive", ms(at)) }
func (t *tx) LastGrace() (time.Time, error) { return t.clock("grace") }
func (t *tx) SetGrace(at time.Time) error   { return t.exec("clock_put", "grace", ms(at)) }
func (t *tx) clock(name string) (time.Time, error) {
	var at time.Time
	err := t.one("clock_get", []any{name}, stamp{&at})
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, nil
	}
	return at, err
}
