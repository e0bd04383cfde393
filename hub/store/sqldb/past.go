package sqldb

import (
	"database/sql"
	"time"

	"tocsin/hub/incident"
)

func (t *tx) Triggered(from, to time.Time) ([]incident.Incident, error) {
	var out []incident.Incident
	err := t.each("incident_triggered", []any{from.UnixMilli(), to.UnixMilli()}, func(row *sql.Rows) error {
		var i incident.Incident
		if err := row.Scan(&i.ID, &i.Number, &i.Service, &i.Severity, &i.Test, stamp{&i.FirstAt}, stamp{&i.AcknowledgedAt}); err != nil {
			return err
		}
		out = append(out, i)
		return nil
	})
	return out, err
}
