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
	kind, of := kindOf(c)
	return t.exec("calendar_link_put", kind, of, hash, ms(made))
}

func kindOf(c store.Calendar) (kind, of string) {
	if c.User != "" {
		return ofUser, string(c.User)
	}
	return ofSchedule, string(c.Schedule)
}

func (t *tx) EndCalendarLink(c store.Calendar) error {
	kind, of := kindOf(c)
	return t.exec("calendar_link_end", kind, of)
}

func (t *tx) EndCodes(u responder.UserID, at time.Time) error {
	return t.exec("code_end", string(u), ms(at))
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
