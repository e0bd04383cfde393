package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// zoneAt is a time zone in which it is now about that hour.
func zoneAt(hour int) string {
	east := ((hour-time.Now().UTC().Hour())%24 + 24) % 24 // hours to add
	if east > 12 {
		return fmt.Sprintf("Etc/GMT+%d", 24-east) // west of Greenwich, by POSIX's sign
	}
	return fmt.Sprintf("Etc/GMT-%d", east)
}

// takeOver lets ada ask bob to cover, and bob accept. At bob's night the request
// is a quiet window, by day it rings.
func takeOver(t *testing.T, bobsHour int, title string) (h *hub, d *desk) {
	t.Helper()
	h = hubOf(t, strings.Replace(story{}.yaml(), "name: Bob Brown, time_zone: America/New_York", "name: Bob Brown, time_zone: "+zoneAt(bobsHour), 1))
	d = newDesk(t)
	panel := d.panel()
	ada := d.seat(h, "ada")
	bob := d.seat(h, "bob")

	panel.choose("1 hour")
	var w window
	waitFor(t, "ada is asked who should take over", func() bool {
		var up bool
		w, up = ada.window("Tocsin: off duty")
		return up && d.drawn(w)
	})
	d.photograph(t.Name() + " 1 who should take over")
	var request window
	d.press(w, func() bool {
		var up bool
		request, up = bob.window(title)
		return up
	})
	waitFor(t, "bob's request is on the screen", func() bool { return d.drawn(request) })
	if title == requestTitle {
		d.awaitSound()
	} else {
		d.awaitSilence()
	}
	d.photograph(t.Name() + " 2 bob is asked")
	// Both lines must come: the menu is built line by line, and may be read in between.
	waitFor(t, "ada's menu says whom she waits for", func() bool { return panel.says("Waiting for Bob Brown to take over") })
	waitFor(t, "ada's menu says that she is on call before anybody has taken over", func() bool { return panel.says("On call until") })
	bob.acknowledge(request)
	waitFor(t, "ada's menu says that she is off duty", func() bool { return panel.says("Off duty until") })
	d.awaitSilence()
	d.photograph(t.Name() + " 3 ada is off duty")
	return h, d
}

const requestTitle = "Tocsin: A request for you"

func TestAColleagueIsAskedAndTakesOverBeforeOneLeaves(t *testing.T) {
	t.Parallel()
	h, _ := takeOver(t, 13, requestTitle)
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(2, "shown", "bob")
	mustAtMost(t, "ada was paged off duty", h.count(2, "paged", "ada"), 0)
}

func TestAColleagueIsAskedQuietlyAtNight(t *testing.T) {
	t.Parallel()
	takeOver(t, 2, "Tocsin: a request for you")
}
