package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tocsin/hub/store"
)

// tx is a store.Tx.
type tx struct {
	ctx  context.Context
	db   *DB
	stmt func(name string) (*sql.Stmt, error)
}

var _ store.Tx = (*tx)(nil)

func (t *tx) exec(name string, args ...any) error {
	_, err := t.affect(name, args...)
	return err
}

// affect says how many rows a statement changed.
func (t *tx) affect(name string, args ...any) (int64, error) {
	s, err := t.stmt(name)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return res.RowsAffected()
}

// one scans a single row; store.ErrNotFound if there is none.
func (t *tx) one(name string, args []any, into ...any) error {
	s, err := t.stmt(name)
	if err != nil {
		return err
	}
	err = s.QueryRowContext(t.ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// each calls scan for every row.
func (t *tx) each(name string, args []any, scan func(row *sql.Rows) error) error {
	s, err := t.stmt(name)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(t.ctx, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// list gathers one column of text.
func list[T ~string](t *tx, name string, args ...any) ([]T, error) {
	var out []T
	err := t.each(name, args, func(row *sql.Rows) error {
		var s string
		if err := row.Scan(&s); err != nil {
			return err
		}
		out = append(out, T(s))
		return nil
	})
	return out, err
}

// stamp is a time as it is stored: UTC milliseconds, NULL for the zero time.
type stamp struct{ t *time.Time }

func (s stamp) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*s.t = time.Time{}
	case int64:
		*s.t = time.UnixMilli(v).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", v)
	}
	return nil
}

func ms(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// document is a value that is stored as JSON text.
type document struct{ v any }

func (d document) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("a document is stored as %T", v)
	}
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), d.v)
}

// jsonText never fails: what is stored are plain values of the core.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("a %T cannot be written as JSON: %v", v, err))
	}
	if string(b) == "null" {
		return ""
	}
	return string(b)
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
