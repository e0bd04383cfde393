package e2e

import (
	"fmt"
	"image"
	"syscall"
	"testing"
	"time"
)

func TestAWindowThatIsClosedComesBackAndAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	ada := d.seat(h, "ada")
	h.send("trigger", "k", "The database is down")
	w := ada.alarm()
	h.awaitEntry(1, "shown", "ada")

	d.do("wmctrl", "-i", "-c", fmt.Sprintf("0x%x", w))
	d.awaitGone(w)
	closed := time.Now()
	h.awaitEntry(1, "hidden", "ada")
	d.awaitSound()
	if i := h.incidents()[0]; i.Status != "triggered" {
		t.Errorf("closing the window made the incident %s", i.Status)
	}

	w = ada.alarm()
	t.Logf("it came back after %v", time.Since(closed).Round(time.Second))
	waitFor(t, "it is told that the window is shown again", func() bool { return h.count(1, "shown", "ada") == 2 })
	ada.acknowledge(w)
	h.awaitEntry(1, "acknowledged", "ada")
	h.inOrder(1, "ada", "shown", "hidden", "shown", "touched", "acknowledged")
	h.verify(1)
}

func TestAWindowThatIsMinimisedComesBackOnTheWorkspaceThatIsInView(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	d.do("wmctrl", "-n", "2")
	ada := d.seat(h, "ada")
	h.send("trigger", "k", "The database is down")
	w := ada.alarm()
	d.do("xdotool", "windowminimize", fmt.Sprint(w))
	waitFor(t, "it is minimised", func() bool { return !d.viewable(w) })
	d.do("wmctrl", "-s", "1")
	w = ada.alarm()
	if at := d.numbers(w, "_NET_WM_DESKTOP"); len(at) != 1 || at[0] != 1 && at[0] != 0xffffffff {
		t.Errorf("the window is on workspace %v", at)
	}
	ada.acknowledge(w)
	h.awaitEntry(1, "acknowledged", "ada")
	h.verify(1)
}

func TestWithTheOutputMutedRingingIsClaimedOnlyOnceItIsTrue(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	d.mute(true)
	ada := d.seat(h, "ada")
	h.send("trigger", "k", "The database is down")
	ada.alarm()
	h.awaitEntry(1, "shown", "ada")
	d.awaitSilence()
	unmuted := time.Now()
	mustAtMost(t, "ringing is claimed", h.count(1, "ringing", "ada"), 0)
	d.mute(false)
	d.awaitSound()
	h.awaitEntry(1, "ringing", "ada")
	for _, e := range h.timeline(1) {
		if e.Kind == "ringing" && e.At.Before(unmuted) {
			t.Errorf("ringing is claimed for a time when the output was muted")
		}
	}
	h.verify(1)
}

func TestOnALockedScreenItRingsAndIsShownOnlyOnceUnlocked(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	lock := d.screenLock()
	lock.on.Store(true)
	ada := d.seat(h, "ada")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "ringing", "ada")
	ada.alarm() // behind the lock
	d.awaitSound()
	for _, claim := range []string{"shown", "touched"} {
		mustAtMost(t, claim+" is claimed", h.count(1, claim, "ada"), 0)
	}
	lock.on.Store(false)
	h.awaitEntry(1, "touched", "ada") // somebody has come
	h.inOrder(1, "ada", "received", "ringing", "shown", "touched")
	h.verify(1)
}

func TestMutedAndLockedThePageFailsAndTheNextLevelIsAlarmedAtOnce(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	d.screenLock().on.Store(true)
	d.mute(true)
	d.seat(h, "ada")
	h.agent("bob")
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "page_failed", "ada")
	h.awaitEntry(1, "shown", "bob")
	for _, claim := range []string{"shown", "ringing", "touched"} {
		mustAtMost(t, claim+" is claimed", h.count(1, claim, "ada"), 0)
	}
	for _, e := range h.timeline(1) {
		if e.Kind == "level_entered" && e.Level == 2 && e.Reason == "timeout" {
			t.Error("level 2 was entered after the whole timeout")
		}
	}
	h.verify(1)
}

func TestATerminatedAgentEndsSoonAndWell(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	ada := d.seat(h, "ada")
	for n := range 3 { // at rest, while it alarms, and while it alarms again
		if n > 0 {
			h.send("trigger", fmt.Sprint(n), "The database is down")
			waitFor(t, "the alarm is up", func() bool { _, up := ada.window("Tocsin: "); return up })
		}
		d.photograph(fmt.Sprintf("5 before the end %d", n))
		asked := time.Now()
		ada.signal(syscall.SIGTERM)
		waitFor(t, "the agent has ended", func() bool {
			select {
			case <-ada.done:
				return true
			default:
				return false
			}
		})
		t.Logf("ended after %v", time.Since(asked).Round(time.Millisecond))
		if code := ada.cmd.ProcessState.ExitCode(); code != 0 || time.Since(asked) > 10*time.Second {
			t.Errorf("exit code %d after %v:\n%s", code, time.Since(asked), ada.out)
		}
		ada.run()
		ada.awaitConnected()
	}
}

func TestAnAgentKilledWhileItRingsIsBackOnTheScreenBeforeItHasItsHub(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	ada := d.seat(h, "ada")
	h.agent("bob")
	h.send("trigger", "k", "The database is down")
	ada.alarm()
	d.awaitSound()
	h.awaitEntry(1, "ringing", "ada")
	h.kill()
	ada.kill()
	d.awaitSilence()

	started := time.Now()
	ada.run()
	w := ada.alarm()
	t.Logf("the alarm is on the screen %v after the start", time.Since(started).Round(time.Millisecond))
	d.awaitSound()
	d.photograph("5 restarted without a hub")
	d.press(w, func() bool { _, told := ada.window(waitingTitle); return told })
	waitFor(t, "it is seen that the hub does not know", func() bool { return d.painted(w) })
	d.awaitSilence()
	d.photograph("5 acknowledged without a hub")

	h.run()
	h.awaitEntry(1, "acknowledged", "ada")
	d.awaitGone(w)
	for _, once := range []string{"paged", "received", "acknowledged"} {
		mustAtMost(t, once+" by ada", h.count(1, once, "ada"), 1)
	}
	mustAtMost(t, "bob was paged", h.count(1, "paged", "bob"), 0)
	h.verify(1)
}

func TestAFilmInFullScreenDoesNotHideTheAlarmForLong(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	ada := d.seat(h, "ada")
	film := d.worker("A film")
	d.do("wmctrl", "-r", "A film", "-b", "add,fullscreen")
	waitFor(t, "the film fills the screen", func() bool { return d.area(film) == image.Rect(0, 0, 1280, 800) })
	h.send("trigger", "k", "The database is down")
	w := ada.alarm()
	d.photograph("3 over a film in full screen")

	// Somebody goes on watching.
	d.do("wmctrl", "-a", "A film")
	waitFor(t, "the film hides the alarm", func() bool { return !d.drawn(w) })
	w = ada.alarm()
	ada.acknowledge(w)
	h.awaitEntry(1, "acknowledged", "ada")
}

func TestSeveralPagesShareOneWindowTheMostSevereFirst(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	ada := d.seat(h, "ada")
	h.send("trigger", "first", "The database is down")
	h.awaitEntry(1, "shown", "ada")
	h.send("trigger", "second", "The payment provider answers with errors to every third request, and the queue of unsent invoices grows")
	h.awaitEntry(2, "shown", "ada")
	var w window
	waitFor(t, "both pages are in one window", func() bool {
		var ok bool
		w, ok = ada.window("Tocsin: 2 incidents are open for you")
		return ok && d.drawn(w)
	})
	d.photograph("6 two pages")
	d.press(w, func() bool { _, one := ada.window(alarmTitle); return one })
	h.awaitEntry(2, "acknowledged", "ada")
	waitFor(t, "the other page is left", func() bool { return d.drawn(w) })
	d.photograph("6 one page left")
	ada.acknowledge(w)
	h.awaitEntry(1, "acknowledged", "ada")
	d.awaitSilence()
}
