package sqldb

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// payload is what of an entry may be erased: its hash stays, so the chain holds.
type payload struct {
	Reason incident.Reason    `json:"reason,omitempty"`
	User   responder.UserID   `json:"user,omitempty"`
	Device responder.DeviceID `json:"device,omitempty"`
	Method responder.MethodID `json:"method,omitempty"`
	Level  int                `json:"level,omitempty"`
	Round  int                `json:"round,omitempty"`
	Wave   int                `json:"wave,omitempty"`
	Text   string             `json:"text,omitempty"`
}

// head gives the version of an incident and the end of its timeline.
func (t *tx) head(id incident.ID) (version uint64, h head, err error) {
	return version, h, t.one("timeline_head", []any{string(id)}, &version, &h.entries, stamp{&h.at}, &h.hash)
}

// extend writes entries behind a head and answers the new one. No stamp is
// earlier than the one before it, whatever the clock did.
func (t *tx) extend(id incident.ID, h head, entries []incident.Entry) (head, error) {
	if len(entries) == 0 {
		return h, nil
	}
	args := make([]any, 0, timelineColumns*len(entries))
	for _, e := range entries {
		if e.At.Before(h.at) {
			e.At = h.at
		}
		body := jsonText(payload{e.Reason, e.User, e.Device, e.Method, e.Level, e.Round, e.Wave, e.Text})
		salt := newSalt()
		bodyHash := hashPayload(salt, body)
		h = head{entries: h.entries + 1, at: e.At, hash: t.link(h.hash, e.At, e.Kind, bodyHash)}
		args = append(args, string(id), h.entries, ms(e.At), string(e.Kind), body, salt, bodyHash, h.hash)
	}
	t.db.ledger.entries += len(entries)
	for rows := range slices.Chunk(args, maxRows*timelineColumns) {
		if err := t.insertTimeline(rows); err != nil {
			return h, fmt.Errorf("write the timeline of %s: %w", id, err)
		}
	}
	return h, nil
}

const (
	timelineColumns = 8
	maxRows         = 64 // in one statement; databases bound its parameters
)

// insertTimeline writes several rows with one statement: each statement costs
// more than its rows.
func (t *tx) insertTimeline(args []any) error {
	rows := len(args) / timelineColumns
	s := t.db.timeline[rows]
	if s == nil {
		var err error
		if s, err = t.db.conn.PrepareContext(t.ctx, timelineInsert(rows)); err != nil {
			return err
		}
		t.db.timeline[rows] = s
	}
	_, err := s.ExecContext(t.ctx, args...)
	return err
}

func timelineInsert(rows int) string {
	return "INSERT INTO timeline (incident_id, seq, at, kind, payload, salt, payload_hash, hash) VALUES (?,?,?,?,?,?,?,?)" +
		strings.Repeat(",(?,?,?,?,?,?,?,?)", rows-1)
}

func newSalt() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	return hex.EncodeToString(b[:])
}

// hashPayload covers where the salt ends, so that nothing can move from one to
// the other.
func hashPayload(salt, body string) string {
	var room [512]byte
	text := append(strconv.AppendInt(room[:0], int64(len(salt)), 10), ':')
	sum := sha256.Sum256(append(append(text, salt...), body...))
	return hex.EncodeToString(sum[:])
}

func (t *tx) link(previous string, at time.Time, k incident.Kind, bodyHash string) string {
	return t.db.seal("entry", previous, strconv.FormatInt(at.UnixMilli(), 10), string(k), bodyHash)
}

func (t *tx) headMAC(id incident.ID, number uint64, h head) string {
	return t.db.seal("head", string(id), strconv.FormatUint(number, 10), strconv.Itoa(h.entries), h.hash)
}

// row is one stored entry.
type row struct {
	seq            int
	at             time.Time
	kind           incident.Kind
	body, salt     sql.NullString
	bodyHash, hash string
}

func (t *tx) rows(id incident.ID) ([]row, error) {
	var rows []row
	err := t.each("timeline_of", []any{string(id)}, func(r *sql.Rows) error {
		var e row
		if err := r.Scan(&e.seq, stamp{&e.at}, &e.kind, &e.body, &e.salt, &e.bodyHash, &e.hash); err != nil {
			return err
		}
		rows = append(rows, e)
		return nil
	})
	return rows, err
}

func (t *tx) Timeline(id incident.ID) ([]incident.Entry, error) {
	rows, err := t.rows(id)
	if err != nil {
		return nil, err
	}
	entries := make([]incident.Entry, 0, len(rows))
	for _, r := range rows {
		p := payload{Text: "(erased)"}
		if r.body.Valid {
			p = payload{}
			if err := json.Unmarshal([]byte(r.body.String), &p); err != nil {
				return nil, fmt.Errorf("timeline of %s, entry %d: %w", id, r.seq, err)
			}
		}
		entries = append(entries, incident.Entry{At: r.at, Kind: r.kind, Reason: p.Reason, User: p.User,
			Device: p.Device, Method: p.Method, Level: p.Level, Round: p.Round, Wave: p.Wave, Text: p.Text})
	}
	return entries, nil
}

func (t *tx) Verify() (store.Audit, error) {
	var a store.Audit
	problem := func(format string, args ...any) { a.Problems = append(a.Problems, fmt.Sprintf(format, args...)) }
	type sealed struct {
		id     incident.ID
		number uint64
		h      head
		mac    string
	}
	var all []sealed
	err := t.each("timeline_heads", nil, func(r *sql.Rows) error {
		var s sealed
		if err := r.Scan(&s.id, &s.number, &s.h.entries, &s.h.hash, &s.mac); err != nil {
			return err
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		return a, err
	}
	var next uint64 = 1
	for _, s := range all {
		switch missing := int64(s.number) - int64(next); {
		case missing == 1:
			problem("incident %d is missing", next)
		case missing > 1:
			problem("incidents %d to %d are missing", next, s.number-1)
		}
		next = s.number + 1
		rows, err := t.rows(s.id)
		if err != nil {
			return a, err
		}
		a.Incidents++
		a.Entries += len(rows)
		for _, r := range rows {
			if !r.body.Valid {
				a.Erased++
			}
		}
		if s.mac != t.headMAC(s.id, s.number, s.h) {
			problem("incident %d: the end of its timeline was changed", s.number)
		}
		if p := t.verifyChain(rows, s.h); p != "" {
			problem("incident %d: %s", s.number, p)
		}
	}
	return a, t.verifyLedger(a, problem)
}

func (t *tx) verifyChain(rows []row, h head) string {
	previous := ""
	for n, r := range rows {
		switch {
		case r.seq != n+1:
			return fmt.Sprintf("entry %d is missing", n+1)
		case r.body.Valid && hashPayload(r.salt.String, r.body.String) != r.bodyHash:
			return fmt.Sprintf("entry %d (%s): its content was changed", r.seq, r.kind)
		case t.link(previous, r.at, r.kind, r.bodyHash) != r.hash:
			return fmt.Sprintf("entry %d (%s) was changed", r.seq, r.kind)
		}
		previous = r.hash
	}
	if len(rows) != h.entries || previous != h.hash {
		return fmt.Sprintf("entries after the %dth are missing", len(rows))
	}
	return ""
}
