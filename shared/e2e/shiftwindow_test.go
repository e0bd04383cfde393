package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheCallSheetIsOnTheScreenWithNoHub(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	panel := d.panel()
	ada := d.seat(h, "ada")
	waitFor(t, "the call sheet has come", func() bool {
		_, err := os.Stat(filepath.Join(ada.profile, "callsheet.txt"))
		return err == nil
	})
	h.kill()
	ada.kill()
	ada.run() // whoever starts a laptop in that hour
	panel.choose("Call sheet")
	var w window
	waitFor(t, "the call sheet is on the screen", func() bool {
		var up bool
		w, up = ada.window("Tocsin: call sheet")
		return up && d.painted(w)
	})
	d.photograph(t.Name())
}

func TestTheEndOfAShiftIsAskedOnTheScreenAndHandedOver(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	ada := d.seat(h, "ada")
	h.agent("bob")
	h.send("trigger", "k", "The database is down")
	ada.acknowledge(ada.alarm())
	h.awaitEntry(1, "acknowledged", "ada")
	h.handsOff()

	var w window
	waitFor(t, "ada is asked at the end of her shift", func() bool {
		var up bool
		w, up = ada.window("Tocsin: your shift is over")
		return up && d.drawn(w)
	})
	d.photograph(t.Name())
	d.awaitSilence()
	d.press(w, func() bool { return !d.viewable(w) })
	h.awaitEntry(1, "paged", "bob")
	h.awaitEntry(1, "shown", "bob")
	h.verify(1)
}
