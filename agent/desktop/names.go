package desktop

import (
	"fmt"
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
	"tocsin/agent/ui"
)

// name is a page's key in the windows and notifications.
func name(k inbox.Key) string { return fmt.Sprintf("%s/%d/%s", k.Incident, k.Wave, k.User) }

// shownAs finds what stood on the screen under these names, whatever has become of
// it. It keeps the openings that stood there.
func shownAs(s inbox.State, refs []ui.Ref) []inbox.Seen {
	keys := make(map[string]inbox.Key, len(s.Pages)+len(s.Holding))
	for _, h := range s.Mine() {
		keys[name(h.Key)] = h.Key
	}
	for _, h := range s.Pages {
		keys[name(h.Page.Key)] = h.Page.Key
	}
	var out []inbox.Seen
	for _, ref := range refs {
		if k, ok := keys[ref.Key]; ok {
			out = append(out, inbox.Seen{Key: k, Opening: ref.Opening})
		}
	}
	return out
}

// named finds the page that a notification means. It may be over.
func named(s inbox.State, key string) (inbox.Held, bool) {
	for _, h := range s.Pages {
		if name(h.Page.Key) == key {
			return h, true
		}
	}
	return inbox.Held{}, false
}

// notification announces a page. A request is answered in the window: taking
// over somebody's shift is more than a click in passing.
func notification(p inbox.Page, now time.Time) alarm.Notification {
	n := alarm.Notification{Key: name(p.Key), Title: p.Service, Body: p.Summary, Urgent: p.Loud(), Ack: true}
	if p.Severity != "" {
		n.Title += ": " + p.Severity
	}
	switch {
	case p.Cover != nil:
		n.Title, n.Body, n.Ack = "Can you take over?", inbox.CoverText(*p.Cover, now, time.Local), false
	case p.Test:
		n.Title = "Test page"
	}
	return n
}

func numbered(p inbox.Page, text string) string { return fmt.Sprintf("#%d: %s", p.Number, text) }
