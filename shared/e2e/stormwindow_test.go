package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAStormIsAcknowledgedWithOneClickAndNothingThatCameLater(t *testing.T) {
	t.Parallel()
	const storm = 40
	h := story{}.hub(t)
	d := newDesk(t)
	ada := d.seat(h, "ada")
	for n := range storm {
		h.send("trigger", fmt.Sprint(n), fmt.Sprintf("Database %d is down", n))
	}
	var w window
	waitFor(t, "the whole storm is in one window", func() bool {
		var ok bool
		w, ok = ada.window(fmt.Sprintf("Tocsin: %d incidents are open for you", storm))
		return ok && d.drawn(w)
	})
	d.awaitSound()
	d.photograph("7 a storm")
	if n := d.notes.count(); n > storm/2 {
		t.Errorf("%d notifications for one storm", n)
	}

	// What has just come counts as unread.
	shown := time.Now()
	waitFor(t, "a person has had time to read", func() bool { return time.Since(shown) > time.Second })

	// The finger goes down, another page comes, the finger goes up.
	b, ok := d.button(w)
	if !ok {
		t.Fatal("no button for all")
	}
	at := b.Min.Add(b.Size().Div(2))
	d.point(at.X-30, at.Y)
	d.point(at.X, at.Y)
	d.do("xdotool", "mousedown", "1")
	h.send("trigger", "late", "The last database is down")
	waitFor(t, "the late one is in the window", func() bool {
		_, told := ada.window(fmt.Sprintf("Tocsin: %d incidents are open for you", storm+1))
		return told && d.drawn(w)
	})
	d.photograph("7 a page comes under the finger")
	d.do("xdotool", "mouseup", "1")
	waitFor(t, "all but the late one are acknowledged", func() bool {
		taken := 0
		for _, i := range h.incidents() {
			if i.Status == "acknowledged" && i.Holder == "ada" {
				taken++
			}
		}
		return taken == storm
	})
	for _, i := range h.incidents() {
		if late := strings.HasPrefix(i.Summary, "The last"); late != (i.Status == "triggered") {
			t.Errorf("%s is %s", i.Summary, i.Status)
		}
	}
	late := ada.alarm()
	waitFor(t, "the late one is drawn alone", func() bool { return d.drawn(late) })
	d.photograph("7 the late one is left")
	ada.acknowledge(late)
	d.awaitSilence()
	h.verify(1)
	h.verify(storm + 1)
}

func TestFiguresOfAStorm(t *testing.T) {
	figures(t)
	const storm = 500
	h := story{}.hub(t)
	d := newDesk(t)
	ada := d.seat(h, "ada")
	before := ada.ticks()
	began := time.Now()
	for n := range storm {
		h.send("trigger", fmt.Sprint(n), fmt.Sprintf("Database %d is down", n))
	}
	accepted := time.Now()
	var w window
	waitFor(t, "the whole storm is in one window", func() bool {
		var ok bool
		w, ok = ada.window(fmt.Sprintf("Tocsin: %d incidents are open for you", storm))
		return ok && d.drawn(w)
	})
	t.Logf("%d events accepted in %v; the last one drawn %v later; the agent's processor time %d ms", storm,
		accepted.Sub(began).Round(time.Millisecond), time.Since(accepted).Round(time.Millisecond), 10*(ada.ticks()-before))
	t.Logf("with the storm on the screen, alarming: %v", atRest(ada.process)[0])
	clicked := time.Now()
	d.press(w, func() bool { return !d.drawn(w) })
	d.awaitGone(w)
	t.Logf("acknowledged with one click, gone %v later", time.Since(clicked).Round(time.Millisecond))
	t.Logf("afterwards: %v", atRest(ada.process)[0])
}

func TestStillOnItIsAskedQuietlyAndAClickKeepsIt(t *testing.T) {
	t.Parallel()
	h := hubOf(t, strings.Replace(story{}.yaml(), "    runbook:", "    acknowledgement_timeout: 45s\n    runbook:", 1))
	d := newDesk(t)
	ada := d.seat(h, "ada")
	h.send("trigger", "k", "The database is down")
	ada.acknowledge(ada.alarm())
	h.awaitEntry(1, "acknowledged", "ada")
	d.awaitSilence()

	const question = "Tocsin: still on it?"
	var w window
	waitFor(t, "it is asked whether somebody is still on it", func() bool {
		var ok bool
		w, ok = ada.window(question)
		return ok && d.drawn(w)
	})
	d.photograph("8 still on it")
	d.awaitSilence()
	d.press(w, func() bool { return !d.viewable(w) })
	h.awaitEntry(1, "renewed", "ada")
	waitFor(t, "the next question comes", func() bool { _, up := ada.window(question); return up })
	mustAtMost(t, "paged by the end of the lease", h.count(1, "paged", "ada"), 1)
	if i := h.incidents()[0]; i.Status != "acknowledged" || i.Holder != "ada" {
		t.Errorf("the incident is %s, held by %q", i.Status, i.Holder)
	}
	h.verify(1)
}
