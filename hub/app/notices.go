package app

import (
	"context"
	"log/slog"

	"tocsin/hub/notice"
)

// quietNotices only notes what people are to be told.
type quietNotices struct{ log *slog.Logger }

// Tell implements duty.Notices.
func (q quietNotices) Tell(_ context.Context, list ...notice.Notice) error {
	for _, n := range list {
		q.log.Info("a notice", "id", n.ID, "user", n.User, "title", n.Title, "text", n.Text)
	}
	return nil
}
