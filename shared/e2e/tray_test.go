package e2e

import (
	"image"
	"testing"
)

func TestThePageIsAcknowledgedFromTheTray(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	panel := d.panel()
	ada := d.seat(h, "ada")
	for _, line := range []string{"No open pages", "Connected to Example Health", "On call until", "Quit"} {
		waitFor(t, "the menu says "+line, func() bool { return panel.says(line) })
	}
	if _, up := ada.window("Tocsin"); up {
		t.Error("a window is up although there is a tray and nothing to say")
	}
	h.send("trigger", "k", "The database is down")
	w := ada.alarm()
	waitFor(t, "the menu tells of the page", func() bool { return panel.says("A page for you") })
	panel.choose("Acknowledge #1 Payments API: The database is down")
	h.awaitEntry(1, "acknowledged", "ada")
	d.awaitGone(w)
	waitFor(t, "the menu is calm again", func() bool { return panel.says("No open pages") })
	mustAtMost(t, "touched is claimed", h.count(1, "touched", "ada"), 0)
	h.verify(1)
}

func TestGoingOffDutyFromTheTrayPassesTheOpenPageOn(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	panel := d.panel()
	ada := d.seat(h, "ada")
	h.agent("bob")
	h.send("trigger", "k", "The database is down")
	alarm := ada.alarm()
	h.awaitEntry(1, "shown", "ada")

	panel.choose("30 minutes")
	var w window
	waitFor(t, "it is shown who is paged instead", func() bool {
		var up bool
		w, up = ada.window("Tocsin: off duty")
		return up && d.drawn(w)
	})
	d.photograph("4 off duty asks first")
	mustAtMost(t, "the page was passed on unasked", h.count(1, "passed_on", "ada"), 0)
	// "I can't" stands below the bright button, which would ask first.
	d.pressAt(w, func(b image.Rectangle) image.Point { return image.Pt(b.Min.X+80, b.Max.Y+32) }, func() bool { return panel.says("Off duty until") })

	h.awaitEntry(1, "shown", "bob")
	d.awaitGone(alarm)
	d.awaitSilence()
	for _, e := range h.timeline(1) {
		if e.Kind == "level_entered" && e.Level == 2 && e.Reason == "timeout" {
			t.Error("level 2 was entered after the whole timeout")
		}
	}
	waitFor(t, "the menu says that ada is off duty", func() bool { return panel.says("Off duty until") })
	h.send("trigger", "another", "The other database is down")
	h.awaitEntry(3, "shown", "bob") // 2 asks bob to take over
	mustAtMost(t, "ada was paged off duty", h.count(3, "paged", "ada"), 0)

	panel.choose("Back on duty")
	waitFor(t, "the menu says that ada is on call", func() bool { return panel.says("On call until") })
	h.verify(1)
}
