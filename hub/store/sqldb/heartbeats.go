package sqldb

import (
	"database/sql"
	"time"

	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
)

func (t *tx) Heartbeat(i incident.IntegrationID) (heartbeat.Beat, error) {
	var b heartbeat.Beat
	return b, t.one("heartbeat_get", []any{string(i)}, beatColumns(&b)...)
}

func (t *tx) Heartbeats() ([]heartbeat.Beat, error) {
	var list []heartbeat.Beat
	err := t.each("heartbeat_list", nil, func(row *sql.Rows) error {
		var b heartbeat.Beat
		if err := row.Scan(beatColumns(&b)...); err != nil {
			return err
		}
		list = append(list, b)
		return nil
	})
	return list, err
}

func beatColumns(b *heartbeat.Beat) []any {
	return []any{&b.Integration, &b.State, stamp{&b.PingedAt}, stamp{&b.StartedAt}, stamp{&b.DueAt}, stamp{&b.Since}}
}

func (t *tx) PutHeartbeat(b heartbeat.Beat) error {
	return t.exec("heartbeat_put", string(b.Integration), string(b.State), ms(b.PingedAt), ms(b.StartedAt), ms(b.DueAt), ms(b.Since))
}

func (t *tx) ForgetHeartbeat(i incident.IntegrationID) error {
	return t.exec("heartbeat_forget", string(i))
}

func (t *tx) DueHeartbeats(now time.Time, limit int) ([]incident.IntegrationID, error) {
	return list[incident.IntegrationID](t, "heartbeat_due", ms(now), limit)
}

func (t *tx) NextHeartbeat() (time.Time, error) {
	var at time.Time
	return at, t.one("heartbeat_next", nil, stamp{&at})
}
