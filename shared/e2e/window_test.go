package e2e

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// seat is a user's agent with its windows, on a desktop.
type seat struct {
	*process
	desk    *desk
	hub     *hub
	user    string
	profile string
}

// seat enrols and starts a user's agent on the desktop.
func (d *desk) seat(h *hub, user string) *seat {
	d.t.Helper()
	s := &seat{desk: d, hub: h, user: user, profile: filepath.Join(d.dir, "profile-"+user)}
	s.run("--hub", h.url(), "--code", h.code(user))
	s.awaitConnected()
	return s
}

func (s *seat) run(args ...string) {
	s.desk.t.Helper()
	s.process = s.desk.start(program(s.desk.t, "agent"), append([]string{"--profile", s.profile}, args...)...)
	s.desk.t.Cleanup(s.desk.explain) // before the agent is ended
}

func (s *seat) awaitConnected() {
	s.desk.t.Helper()
	waitFor(s.desk.t, s.user+"'s agent is connected", (&agent{hub: s.hub, user: s.user}).connected)
}

// window finds one of the agent's windows that is up.
func (s *seat) window(title string) (window, bool) {
	w, ok := s.desk.find(s.cmd.Process.Pid, title)
	return w, ok && s.desk.viewable(w)
}

// What the alarm window's title says.
const (
	alarmTitle   = "Tocsin: A page for you"
	waitingTitle = "Tocsin: Waiting for the hub"
)

// alarm waits until the alarm is on the screen, not merely asked for.
func (s *seat) alarm() window {
	s.desk.t.Helper()
	var w window
	waitFor(s.desk.t, "the alarm of "+s.user+" is on the screen", func() bool {
		var ok bool
		w, ok = s.window(alarmTitle)
		return ok && s.desk.drawn(w)
	})
	return w
}

// awaitGone waits until a window is no longer up, and has not become another.
func (d *desk) awaitGone(w window) {
	d.t.Helper()
	waitFor(d.t, "the window is gone", func() bool { return !d.viewable(w) && !slices.Contains(d.stacked(), w) })
}

// acknowledge clicks the button that the screen shows.
func (s *seat) acknowledge(w window) {
	s.desk.t.Helper()
	s.desk.press(w, func() bool { return !s.desk.viewable(w) })
}

// inOrder demands that the timeline has these entries about a user, one after
// another.
func (h *hub) inOrder(number int, user string, kinds ...string) {
	h.t.Helper()
	var told []string
	rest, last := kinds, time.Time{}
	for _, e := range h.timeline(number) {
		if e.At.Before(last) {
			h.t.Errorf("%s stands after what came later", e.Kind)
		}
		last = e.At
		if e.User == user {
			told = append(told, e.Kind)
			if len(rest) > 0 && e.Kind == rest[0] {
				rest = rest[1:]
			}
		}
	}
	if len(rest) > 0 {
		h.t.Errorf("the timeline tells of %v by %s, not of %v in this order", told, user, kinds)
	}
}

func TestAnAlertOfARealAlertmanagerAlarmsOnTheScreenUntilARealClick(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	ada := d.seat(h, "ada")
	am := h.alertmanager(t)
	const summary = "Payments database db1 answers no queries"
	report := d.worker("Quarterly report")

	am.alert("DatabaseDown", summary, true)
	w := ada.alarm()
	d.photograph("1 alarm over a maximised window")
	t.Logf("the window was mapped %v after the hub had the event", d.mappedAt(w).Sub(h.timeline(1)[0].At).Round(time.Millisecond))
	h.awaitEntry(1, "received", "ada")
	h.awaitEntry(1, "ringing", "ada")
	h.awaitEntry(1, "shown", "ada")
	d.awaitSound()
	waitFor(t, "the notification service is told", func() bool { _, ok := d.notes.critical(summary); return ok })

	// Somebody goes on with their work: it must not bury the alarm.
	d.do("wmctrl", "-a", "Quarterly report")
	waitFor(t, "the other window has been brought forward", func() bool { return slices.Contains(d.numbers(d.root, "_NET_ACTIVE_WINDOW"), uint32(report)) })
	order := d.stacked()
	if slices.Index(order, w) < slices.Index(order, report) || !d.has(w, "_NET_WM_STATE_ABOVE") || !d.drawn(w) {
		t.Error("another window can cover the alarm")
	}
	if n := h.count(1, "touched", ""); n > 0 {
		t.Error("touched is claimed although nobody was at the window")
	}

	ada.acknowledge(w)
	h.awaitEntry(1, "acknowledged", "ada")
	d.awaitSilence()
	d.awaitGone(w)
	for _, heardOrSeen := range []string{"ringing", "shown"} {
		h.inOrder(1, "ada", "paged", "received", heardOrSeen, "touched", "acknowledged")
	}
	if i := h.incidents()[0]; i.Status != "acknowledged" || i.Holder != "ada" {
		t.Errorf("the incident is %s, held by %q", i.Status, i.Holder)
	}
	d.photograph("1 after the click")

	am.alert("DatabaseDown", summary, false)
	waitFor(t, "the incident is resolved", func() bool { return h.incidents()[0].Status == "resolved" })
	if _, up := ada.window("Tocsin: "); up {
		t.Error("a window about the incident is up although it is resolved")
	}
	h.verify(1)
}

func TestAnAlertThatIsOverTakesItsWindowAway(t *testing.T) {
	t.Parallel()
	h := story{}.hub(t)
	d := newDesk(t)
	ada := d.seat(h, "ada")
	am := h.alertmanager(t)
	am.alert("DatabaseDown", "The database is down", true)
	w := ada.alarm()
	d.awaitSound()
	am.alert("DatabaseDown", "The database is down", false)
	waitFor(t, "the incident is resolved", func() bool { return h.incidents()[0].Status == "resolved" })
	d.awaitGone(w)
	d.awaitSilence()
	if h.count(1, "acknowledged", "") > 0 {
		t.Error("somebody acknowledged, says the timeline")
	}
	h.verify(1)
}
