package sqldb

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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

func (t *tx) head(id incident.ID) (head, error) {
	var h head
	return h, t.one("timeline_head", []any{string(id)}, &h.entries, stamp{&h.at}, &h.hash)
}

// extend writes entries behind a head and answers the new one. No stamp is
// earlier than the one before it, whatever the clock did.
func (t *tx) extend(id incident.ID, h head, entries []incident.Entry) (head, error) {
	if len(entries) == 0 {
		return h, nil
	}
	args := make([]any, 0, 8*len(entries))
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
	if _, err := t.db.conn.ExecContext(t.ctx, timelineInsert(len(entries)), args...); err != nil {
		return h, fmt.Errorf("write the timeline of %s: %w", id, err)
	}
	return h, nil
}

// timelineInsert is one statement for several rows: each statement costs more
// than its rows.
func timelineInsert(rows int) string {
	return "INSERT INTO timeline (incident_id, seq, at, kind, payload, salt, payload_hash, hash) VALUES (?,?,?,?,?,?,?,?)" +
		strings.Repeat(",(?,?,?,?,?,?,?,?)", rows-1)
}

func newSalt() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	return hex.EncodeToString(b[:])
}

func hashPayload(salt, body string) string {
	sum := sha256.Sum256([]byte(salt + body))
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
		for ; next < s.number; next++ {
			problem("incident %d is missing", next)
		}
		next = s.number + 1
		rows, err := t.rows(s.id)
		if err != nil {
			return a, err
		}
		a.Incidents++
		a.Entries += len(rows)
		if s.mac != t.headMAC(s.id, s.number, s.h) {
			problem("incident %d: the end of its timeline was changed", s.number)
		}
		if p := t.verifyChain(rows, s.h); p != "" {
			problem("incident %d: %s", s.number, p)
		}
	}
	return a, t.verifyLedger(len(all), problem)
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

func (t *tx) verifyLedger(found int, problem func(string, ...any)) error {
	var count, orphans int
	var mac string
	err := t.one("ledger_get", nil, &count, &mac)
	switch {
	case errors.Is(err, store.ErrNotFound) && found == 0:
	case errors.Is(err, store.ErrNotFound):
		problem("the ledger of incidents is missing")
	case err != nil:
		return err
	case mac != t.db.seal("ledger", strconv.Itoa(count)):
		problem("the ledger of incidents was changed")
	case count > found:
		problem("%d incidents are missing: the ledger counts %d, %d are there", count-found, count, found)
	}
	if err := t.one("timeline_orphans", nil, &orphans); err != nil {
		return err
	}
	if orphans > 0 {
		problem("%d timelines have lost their incident", orphans)
	}
	return nil
}
