package app

import (
	"context"
	"fmt"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/notice"
	"tocsin/hub/responder"
)

// siteNews is how long it is of use to hear of an outage.
const siteNews = time.Hour

// siteLost tells the admins, once, that most devices dropped at once.
func (h *Hub) siteLost(devices int) {
	h.engine.Hint()
	now := engine.Now()
	var list []notice.Notice
	for _, u := range h.directory.Current().Users {
		if u.Role != responder.Admin {
			continue
		}
		list = append(list, notice.Notice{
			ID: fmt.Sprintf("outage/%s/%s", now.Format(time.RFC3339), u.ID), User: u.ID, Made: now, Until: now.Add(siteNews), Via: notice.ViaEvery,
			Title: fmt.Sprintf("%d devices have dropped at once", devices),
			Text: fmt.Sprintf("At %s most of the connected devices lost the hub without saying goodbye: a site's network or power is probably gone. "+
				"Open pages go by the next contact methods at once, and no level is skipped for ten minutes.", now.In(u.Zone()).Format("15:04:05 MST")),
		})
	}
	if err := h.herald.Tell(context.Background(), list...); err != nil {
		h.log.Error("the admins could not be told that most devices dropped at once", "devices", devices, "err", err)
	}
}
