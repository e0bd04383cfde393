package sqldb

import (
	"fmt"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
	"tocsin/hub/store"
)

// The kinds of calendar as they are stored.
const (
	ofSchedule = "schedule"
	ofUser     = "user"
)

func (t *tx) SetCalendarLink(hash string, c store.Calendar, made time.Time) error {
	kind, of := ofSchedule, string(c.Schedule)
	if c.User != "" {
		kind, of = ofUser, string(c.User)
	}
	return t.exec("calendar_link_put", kind, of, hash, ms(made))
}

func (t *tx) CalendarByLink(hash string) (store.Calendar, error) {
	var kind, of string
	if err := t.one("calendar_link_get", []any{hash}, &kind, &of); err != nil {
		return store.Calendar{}, err
	}
	switch kind {
	case ofSchedule:
		return store.Calendar{Schedule: schedule.ID(of)}, nil
	case ofUser:
		return store.Calendar{User: responder.UserID(of)}, nil
	}
	return store.Calendar{}, fmt.Errorf("a calendar of an unknown kind %q", kind)
}
