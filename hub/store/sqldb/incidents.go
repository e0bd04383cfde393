package sqldb

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// head is the end of an incident's timeline.
type head struct {
	entries int
	at      time.Time
	hash    string
}

func (t *tx) Load(id incident.ID) (store.Record, error) {
	r, _, err := t.load(id)
	return r, err
}

func (t *tx) load(id incident.ID) (store.Record, head, error) {
	var r store.Record
	var h head
	err := t.one("incident_load", []any{string(id)}, incidentColumns(&r, &h)...)
	if err != nil {
		return store.Record{}, head{}, fmt.Errorf("load incident %s: %w", id, err)
	}
	if r.Incident.Alerts, err = t.alerts(id); err != nil {
		return store.Record{}, head{}, err
	}
	r.Pages, err = t.pages(id, "pages_now", string(id), r.Course.Pass)
	return r, h, err
}

// incidentColumns are where the columns of incident_load, incident_by_alert and
// incident_by_group go, in their order.
func incidentColumns(r *store.Record, h *head) []any {
	i := &r.Incident
	return []any{
		&i.ID, &i.Number, &i.Version, &i.Service, &i.Status, &i.Urgency, &i.Severity, &i.Summary, &i.Source,
		document{&i.Details}, document{&i.Links}, &i.Test, &i.Policy, &i.Revision, &i.Opening,
		stamp{&i.TriggeredAt}, stamp{&i.FirstAt}, &i.Holder, stamp{&i.AcknowledgedAt}, stamp{&i.QuietUntil},
		&i.QuietReason, stamp{&i.ResolvedAt}, document{&r.Course}, stamp{&r.WakeAt}, &h.entries, stamp{&h.at}, &h.hash,
		&i.Turn, &i.MergedInto, &i.Priority, &i.Group, document{&i.Reopenings}, stamp{&i.ResolveDue}, document{&i.Cover},
	}
}

func (t *tx) alerts(id incident.ID) ([]incident.Alert, error) {
	var alerts []incident.Alert
	err := t.each("alerts_of", []any{string(id)}, func(row *sql.Rows) error {
		var a incident.Alert
		if err := row.Scan(&a.Integration, &a.Key, &a.Open, &a.Count, &a.Severity, stamp{&a.FirstAt}, stamp{&a.LastAt}, stamp{&a.EndedAt}, stamp{&a.SilentAt}); err != nil {
			return err
		}
		alerts = append(alerts, a)
		return nil
	})
	return alerts, err
}

func (t *tx) pages(id incident.ID, query string, args ...any) ([]escalation.Page, error) {
	var pages []escalation.Page
	err := t.each(query, args, func(row *sql.Rows) error {
		var p escalation.Page
		if err := row.Scan(&p.Wave, &p.User, &p.Opening, &p.Stage, &p.Pass, &p.Level, &p.Round, &p.Reason, &p.Low,
			stamp{&p.At}, stamp{&p.Failed}, &p.PassedOn, &p.HandedOff, stamp{&p.Ended}, &p.Outcome, &p.EndedBy); err != nil {
			return err
		}
		pages = append(pages, p)
		return nil
	})
	if err != nil || len(pages) == 0 {
		return nil, err
	}
	return pages, t.deliveries(id, pages)
}

func (t *tx) deliveries(id incident.ID, pages []escalation.Page) error {
	return t.each("deliveries_of", []any{string(id), pages[0].Wave}, func(row *sql.Rows) error {
		var k escalation.Key
		var u escalation.Use
		if err := row.Scan(&k.Wave, &k.User, &u.Method, stamp{&u.At}, stamp{&u.Answered}, &u.Accepted, document{&u.Proofs}); err != nil {
			return err
		}
		if i := slices.IndexFunc(pages, func(p escalation.Page) bool { return p.Key == k }); i >= 0 {
			pages[i].Uses = append(pages[i].Uses, u)
		}
		return nil
	})
}

func (t *tx) AllPages(id incident.ID) ([]escalation.Page, error) {
	return t.pages(id, "pages_all", string(id))
}

func (t *tx) ByNumber(n uint64) (incident.ID, error) {
	var id incident.ID
	return id, t.one("incident_by_number", []any{int64(n)}, &id)
}

func (t *tx) NextTurn(policy string) (int, error) {
	var last int
	err := t.one("incident_last_turn", []any{policy}, &last)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	return last + 1, err
}

func (t *tx) ByAlert(i incident.IntegrationID, key string) (incident.Incident, error) {
	return t.newest("incident_by_alert", string(i), key)
}

func (t *tx) ByGroup(key string) (incident.Incident, error) {
	return t.newest("incident_by_group", key)
}

func (t *tx) newest(query string, args ...any) (incident.Incident, error) {
	var r store.Record
	var h head
	err := t.one(query, args, incidentColumns(&r, &h)...)
	if err != nil {
		return incident.Incident{}, err
	}
	r.Incident.Alerts, err = t.alerts(r.Incident.ID)
	return r.Incident, err
}

func (t *tx) Kept(s incident.ServiceID) (incident.Incident, error) {
	var id incident.ID
	if err := t.one("incident_kept", []any{string(s)}, &id); err != nil {
		return incident.Incident{}, err
	}
	r, err := t.Load(id)
	return r.Incident, err
}

func (t *tx) Create(r store.Record, entries []incident.Entry) (store.Record, error) {
	t.db.ledger.incidents++
	r.Incident.Number, r.Incident.Version = uint64(t.db.ledger.incidents), 1
	h, err := t.extend(r.Incident.ID, head{}, entries)
	if err != nil {
		return store.Record{}, err
	}
	if err := t.exec("incident_insert", t.columns(r, h)...); err != nil {
		return store.Record{}, fmt.Errorf("store incident %d: %w", r.Incident.Number, err)
	}
	return r, t.putParts(store.Record{Incident: incident.Incident{ID: r.Incident.ID}}, r)
}

func (t *tx) Save(before, after store.Record, entries []incident.Entry) (store.Record, error) {
	id := before.Incident.ID
	version, h, err := t.head(id)
	switch {
	case err != nil:
		return store.Record{}, fmt.Errorf("save incident %s: %w", id, err)
	case version != before.Incident.Version:
		return store.Record{}, fmt.Errorf("save incident %d: %w", before.Incident.Number, store.ErrStale)
	}
	after.Incident.ID, after.Incident.Number = id, before.Incident.Number
	after.Incident.Version = before.Incident.Version + 1
	if h, err = t.extend(id, h, entries); err != nil {
		return store.Record{}, err
	}
	n, err := t.affect("incident_update", append(t.columns(after, h), int64(before.Incident.Version))...)
	if err != nil {
		return store.Record{}, fmt.Errorf("save incident %d: %w", after.Incident.Number, err)
	}
	if n == 0 {
		return store.Record{}, fmt.Errorf("save incident %d: %w", after.Incident.Number, store.ErrStale)
	}
	return after, t.putParts(before, after)
}

// columns are the values of incident_insert and incident_update, in their order.
func (t *tx) columns(r store.Record, h head) []any {
	i := r.Incident
	return []any{string(i.ID), int64(i.Number), int64(i.Version), string(i.Service), string(i.Status),
		string(i.Urgency), string(i.Severity), i.Summary, i.Source, jsonText(i.Details), jsonText(i.Links), flag(i.Test),
		i.Policy, int64(i.Revision), i.Opening, ms(i.TriggeredAt), ms(i.FirstAt), string(i.Holder),
		ms(i.AcknowledgedAt), ms(i.QuietUntil), string(i.QuietReason), ms(i.ResolvedAt), jsonText(r.Course), ms(r.WakeAt),
		h.entries, ms(h.at), h.hash, t.headMAC(i.ID, i.Number, h), i.Turn,
		string(i.MergedInto), i.Priority, i.Group, jsonText(i.Reopenings), ms(i.ResolveDue), jsonText(i.Cover)}
}

// putParts stores what differs in alerts, pages and deliveries.
func (t *tx) putParts(before, after store.Record) error {
	i := after.Incident
	for n, a := range i.Alerts {
		switch {
		case n >= len(before.Incident.Alerts):
			if err := t.exec("alert_insert", append([]any{int64(i.Number)}, alertColumns(i.ID, a)...)...); err != nil {
				return fmt.Errorf("store an alert of incident %d: %w", i.Number, err)
			}
		case before.Incident.Alerts[n] != a:
			if err := t.Touch(i.ID, a); err != nil {
				return err
			}
		}
	}
	for _, p := range after.Pages {
		old, known := find(before.Pages, p.Key)
		if known && reflect.DeepEqual(old, p) {
			continue
		}
		if err := t.putPage(i.ID, old, p, known); err != nil {
			return err
		}
	}
	return nil
}

func find(pages []escalation.Page, k escalation.Key) (escalation.Page, bool) {
	for _, p := range pages {
		if p.Key == k {
			return p, true
		}
	}
	return escalation.Page{}, false
}

func (t *tx) putPage(id incident.ID, old, p escalation.Page, known bool) error {
	query := "page_insert"
	if known {
		query = "page_update"
	}
	err := t.exec(query, string(id), p.Wave, string(p.User), p.Opening, string(p.Stage), p.Pass, p.Level, p.Round,
		string(p.Reason), flag(p.Low), ms(p.At), ms(p.Failed), flag(p.PassedOn), flag(p.HandedOff), ms(p.Ended),
		string(p.Outcome), string(p.EndedBy))
	if err != nil {
		return fmt.Errorf("store page %d of %s: %w", p.Wave, p.User, err)
	}
	for n, u := range p.Uses {
		if n < len(old.Uses) && reflect.DeepEqual(old.Uses[n], u) {
			continue
		}
		query := "delivery_update"
		if n >= len(old.Uses) {
			query = "delivery_insert"
		}
		if err := t.exec(query, string(id), p.Wave, string(p.User), n, string(u.Method), ms(u.At), ms(u.Answered),
			flag(u.Accepted), jsonText(u.Proofs)); err != nil {
			return fmt.Errorf("store delivery of page %d of %s: %w", p.Wave, p.User, err)
		}
	}
	return nil
}

func (t *tx) Touch(id incident.ID, a incident.Alert) error {
	n, err := t.affect("alert_update", alertColumns(id, a)...)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store an alert of incident %s: %w", id, err)
	}
	return nil
}

// alertColumns are the values of alert_update, and but for the number of
// alert_insert, in their order.
func alertColumns(id incident.ID, a incident.Alert) []any {
	return []any{string(id), string(a.Integration), a.Key, flag(a.Open), a.Count, string(a.Severity),
		ms(a.FirstAt), ms(a.LastAt), ms(a.EndedAt), ms(a.SilentAt)}
}

func (t *tx) Due(now time.Time, limit int) ([]incident.ID, error) {
	return list[incident.ID](t, "incident_due", ms(now), limit)
}

func (t *tx) NextWake() (time.Time, error) {
	var at time.Time
	return at, t.one("incident_next_wake", nil, stamp{&at})
}

func (t *tx) WakeOpen(at time.Time) error { return t.exec("incident_wake_open", ms(at)) }

func (t *tx) OpenIDs() ([]incident.ID, error) { return list[incident.ID](t, "incident_open") }

func (t *tx) Covers(since time.Time) ([]incident.ID, error) {
	return list[incident.ID](t, "incident_covers", ms(since))
}

func (t *tx) PagedOpen(u responder.UserID) ([]incident.ID, error) {
	return list[incident.ID](t, "pages_open_of", string(u))
}

func (t *tx) OpenPages(u responder.UserID) ([]store.OpenPage, error) {
	var open []store.OpenPage
	err := t.each("pages_open_with_incident", []any{string(u)}, func(row *sql.Rows) error {
		var p escalation.Page
		var i incident.Incident
		if err := row.Scan(&p.Wave, &p.User, &p.Opening, &p.Stage, &p.Pass, &p.Level, &p.Round, &p.Reason, &p.Low,
			stamp{&p.At}, stamp{&p.Failed}, &p.PassedOn, &p.HandedOff,
			&i.ID, &i.Number, &i.Service, &i.Status, &i.Urgency, &i.Severity, &i.Summary, &i.Source, &i.Test, &i.Opening,
			stamp{&i.TriggeredAt}, stamp{&i.FirstAt}, &i.MergedInto, &i.Priority, document{&i.Cover}); err != nil {
			return err
		}
		open = append(open, store.OpenPage{Page: p, Incident: i})
		return nil
	})
	return open, err
}

func (t *tx) CountOpenPages(u responder.UserID, since time.Time) (int, error) {
	var n int
	return n, t.one("pages_count_open", []any{string(u), ms(since)}, &n)
}

func (t *tx) Crowd(u responder.UserID, since time.Time, limit int) (open int, oldest time.Time, err error) {
	err = t.one("pages_crowd", []any{string(u), ms(since), limit}, &open, stamp{&oldest})
	return open, oldest, err
}

func (t *tx) HeldBy(u responder.UserID) ([]incident.ID, error) {
	return list[incident.ID](t, "incident_held_by", string(u))
}

func (t *tx) PagedSince(u responder.UserID, since time.Time) ([]incident.ID, error) {
	return list[incident.ID](t, "pages_ended_of", string(u), ms(since))
}

func (t *tx) List(f store.Filter) ([]store.Record, error) {
	ids, err := list[incident.ID](t, "incident_list", flag(f.Resolved), int64(f.Before), f.Limit)
	if err != nil {
		return nil, err
	}
	records := make([]store.Record, 0, len(ids))
	for _, id := range ids {
		r, err := t.Load(id)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

func (t *tx) CountOpen() (int, error) {
	var n int
	return n, t.one("incident_count_open", nil, &n)
}
