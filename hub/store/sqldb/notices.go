package sqldb

import (
	"database/sql"
	"time"

	"tocsin/hub/notice"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

func (t *tx) AddNotice(n notice.Notice, methods []responder.MethodID) (bool, error) {
	added, err := t.affect("notice_insert", string(n.User), n.ID, n.Title, n.Text, ms(n.Made), ms(n.Until), string(n.Via))
	if err != nil || added == 0 {
		return false, err
	}
	for place, m := range methods {
		if err := t.exec("notice_send_insert", string(n.User), n.ID, place, string(m)); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (t *tx) Notices(u responder.UserID, limit int) ([]notice.Told, error) {
	return t.withSends("notice_list", string(u), limit)
}

func (t *tx) Unseen(u responder.UserID, now time.Time) ([]notice.Notice, error) {
	told, err := t.notices("notice_unseen", ms(now), string(u))
	list := make([]notice.Notice, len(told))
	for i, n := range told {
		list[i] = n.Notice
	}
	return list, err
}

func (t *tx) Unsent() ([]notice.Told, error) { return t.withSends("notice_unsent") }

func (t *tx) notices(query string, args ...any) ([]notice.Told, error) {
	var list []notice.Told
	err := t.each(query, args, func(row *sql.Rows) error {
		var n notice.Told
		if err := row.Scan(&n.User, &n.ID, &n.Title, &n.Text, stamp{&n.Made}, stamp{&n.Until}, &n.Via, stamp{&n.Seen}); err != nil {
			return err
		}
		list = append(list, n)
		return nil
	})
	return list, err
}

func (t *tx) withSends(query string, args ...any) ([]notice.Told, error) {
	list, err := t.notices(query, args...)
	for i := range list {
		n := &list[i]
		if err != nil {
			break
		}
		err = t.each("notice_sends", []any{string(n.User), n.ID}, func(row *sql.Rows) error {
			var s notice.Send
			if err := row.Scan(&s.Method, stamp{&s.Answered}, &s.Accepted, &s.Said); err != nil {
				return err
			}
			n.Sends = append(n.Sends, s)
			return nil
		})
	}
	return list, err
}

func (t *tx) SeeNotice(u responder.UserID, id string, at time.Time) error {
	return t.found("notice_see", string(u), id, ms(at))
}

func (t *tx) NoteSend(u responder.UserID, id string, m responder.MethodID, said string) error {
	return t.exec("notice_send_note", string(u), id, string(m), said)
}

func (t *tx) AnswerSend(u responder.UserID, id string, s notice.Send) error {
	return t.exec("notice_send_answer", string(u), id, string(s.Method), ms(s.Answered), flag(s.Accepted), s.Said)
}

func (t *tx) ForgetNotices(before time.Time) error { return t.exec("notice_forget", ms(before)) }

// found is exec for what must be there.
func (t *tx) found(name string, args ...any) error {
	n, err := t.affect(name, args...)
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}
