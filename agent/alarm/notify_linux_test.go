package alarm

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"

	"tocsin/agent/alarm/bus"
)

// privateBus starts a session bus of the test's own and makes it the
// environment's.
func privateBus(t *testing.T) *exec.Cmd {
	t.Helper()
	need(t, "dbus-daemon")
	cmd := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	return cmd
}

// notification is what the service was asked to show.
type notification struct {
	App           string
	Replaces      uint32
	Summary, Body string
	Actions       []string
	Hints         map[string]dbus.Variant
	Expiry        int32
}

// service is a notification service of the test's own.
type service struct {
	conn   *dbus.Conn
	last   uint32
	can    []string
	shown  recorder[notification]
	closed recorder[uint32]
}

func (s *service) GetCapabilities() ([]string, *dbus.Error) { return s.can, nil }

func (s *service) Notify(app string, replaces uint32, icon, summary, body string, actions []string, hints map[string]dbus.Variant, expiry int32) (uint32, *dbus.Error) {
	s.shown.put(notification{app, replaces, summary, body, actions, hints, expiry})
	if replaces != 0 {
		return replaces, nil
	}
	s.last++
	return s.last, nil
}

func (s *service) CloseNotification(id uint32) *dbus.Error {
	s.closed.put(id)
	return nil
}

func (s *service) emit(t *testing.T, signal string, args ...any) {
	t.Helper()
	if err := s.conn.Emit(notifyPath, notifyCall+signal, args...); err != nil {
		t.Fatal(err)
	}
}

func notificationService(t *testing.T, can ...string) *service {
	t.Helper()
	conn, err := bus.Session()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &service{conn: conn, can: can, shown: record[notification](), closed: record[uint32]()}
	if err := conn.Export(s, notifyPath, notifyName); err != nil {
		t.Fatal(err)
	}
	if reply, err := conn.RequestName(notifyName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	return s
}

type act struct {
	key string
	a   Action
}

func runNotifier(t *testing.T) (n *Notifier, acts recorder[act], stop func()) {
	t.Helper()
	return runNotifierWith(t, filepath.Join(t.TempDir(), "notifications"))
}

func runNotifierWith(t *testing.T, list string) (n *Notifier, acts recorder[act], stop func()) {
	t.Helper()
	acts = record[act]()
	n = NewNotifier(list, func(key string, a Action) { acts.put(act{key, a}) })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); n.Run(ctx) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return n, acts, stop
}

func show(t *testing.T, n *Notifier, x Notification) {
	t.Helper()
	if err := n.Show(t.Context(), x); err != nil {
		t.Fatal(err)
	}
}

func anyOf[T any](T) bool { return true }

func TestUrgentNotificationStaysAndCanBeAcknowledged(t *testing.T) {
	privateBus(t)
	s := notificationService(t, "actions", "body", "body-markup")
	n, acts, stop := runNotifier(t)

	show(t, n, Notification{Key: "p1", Title: "Checkout \x1b<b>", Body: "5 < 6 & \u202eno <i>markup</i>", Urgent: true, Ack: true})
	got := s.shown.await(t, "it is shown", anyOf)
	if got.Expiry != 0 || got.Hints["urgency"].Value() != byte(2) || got.Hints["resident"].Value() != true {
		t.Errorf("it would go by itself: %+v", got)
	}
	if want := "5 &lt; 6 &amp; ·no &lt;i&gt;markup&lt;/i&gt;"; got.Body != want {
		t.Errorf("body %q, want %q", got.Body, want)
	}
	if want := "Checkout ^[<b>"; got.Summary != want {
		t.Errorf("title %q, want %q (titles have no markup)", got.Summary, want)
	}
	if want := "default Show ack Acknowledge"; strings.Join(got.Actions, " ") != want {
		t.Errorf("actions %v", got.Actions)
	}

	s.emit(t, "ActionInvoked", uint32(77), "ack") // somebody else's
	s.emit(t, "ActionInvoked", uint32(1), "default")
	if got := acts.await(t, "the click arrives", anyOf); got != (act{"p1", Opened}) {
		t.Errorf("got %+v", got)
	}
	s.emit(t, "ActionInvoked", uint32(1), "ack")
	if got := acts.await(t, "the button arrives", anyOf); got != (act{"p1", Acknowledged}) {
		t.Errorf("got %+v", got)
	}

	show(t, n, Notification{Key: "p1", Title: "Checkout", Urgent: true})
	if got := s.shown.await(t, "it is shown again", anyOf); got.Replaces != 1 {
		t.Errorf("it replaces %d, want 1", got.Replaces)
	}
	show(t, n, Notification{Key: "p2", Title: "Payments"})
	if got := s.shown.await(t, "another is shown", anyOf); got.Replaces != 0 || got.Expiry != -1 || got.Hints["urgency"].Value() != byte(1) {
		t.Errorf("an ordinary one: %+v", got)
	}
	if err := n.Close(t.Context(), "p1"); err != nil {
		t.Fatal(err)
	}
	if got := s.closed.await(t, "it is closed", anyOf); got != 1 {
		t.Errorf("closed %d", got)
	}
	stop()
	if got := s.closed.await(t, "the end closes what is up", anyOf); got != 2 {
		t.Errorf("closed %d", got)
	}
}

func TestServiceWithoutActionsOrMarkup(t *testing.T) {
	privateBus(t)
	s := notificationService(t, "body")
	n, _, _ := runNotifier(t)
	show(t, n, Notification{Key: "p", Title: "t", Body: "5 < 6", Ack: true})
	got := s.shown.await(t, "it is shown", anyOf)
	if got.Body != "5 < 6" || len(got.Actions) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestNewServiceDoesNotInheritIds(t *testing.T) {
	privateBus(t)
	s := notificationService(t, "actions")
	n, acts, _ := runNotifier(t)
	show(t, n, Notification{Key: "p1", Title: "t"})
	s.conn.Close()
	s = notificationService(t, "actions")
	s.emit(t, "ActionInvoked", uint32(1), "ack") // another program's notification 1
	show(t, n, Notification{Key: "p2", Title: "t"})
	s.emit(t, "ActionInvoked", uint32(1), "ack")
	if got := acts.await(t, "the button arrives", anyOf); got != (act{"p2", Acknowledged}) {
		t.Errorf("acted on %+v", got)
	}
}

func TestWhatAKilledAgentLeftIsClosed(t *testing.T) {
	privateBus(t)
	s := notificationService(t)
	list := filepath.Join(t.TempDir(), "notifications")
	killed := NewNotifier(list, nil) // it never runs to its end
	show(t, killed, Notification{Key: "low", Title: "goes by itself"})
	show(t, killed, Notification{Key: "p1", Title: "stays", Urgent: true})
	_, _, stop := runNotifierWith(t, list)
	if got := s.closed.await(t, "it is closed", anyOf); got != 2 {
		t.Errorf("closed %d, want 2", got)
	}
	stop()
	if _, err := os.Stat(list); err == nil {
		t.Error("the list stays")
	}

	show(t, killed, Notification{Key: "p2", Title: "stays", Urgent: true})
	privateBus(t)
	s = notificationService(t)
	n, _, stop := runNotifierWith(t, list)
	show(t, n, Notification{Key: "p3", Title: "of this agent", Urgent: true})
	stop()
	if got := s.closed.await(t, "the end closes what is up", anyOf); got != 1 {
		t.Errorf("closed %d on a bus that it was not left on", got)
	}
}

func TestBusGoneAndBack(t *testing.T) {
	daemon := privateBus(t)
	notificationService(t)
	n, _, _ := runNotifier(t)
	show(t, n, Notification{Key: "p", Title: "t"})
	daemon.Process.Kill()
	eventually(t, "it says that nothing is shown", func() bool {
		return n.Show(t.Context(), Notification{Key: "p", Title: "t"}) != nil
	})
	privateBus(t)
	s := notificationService(t)
	show(t, n, Notification{Key: "p", Title: "t"})
	s.shown.await(t, "it is shown on the new bus", anyOf)
}

func TestNoBusIsAnErrorAndStartsNone(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	launcher := filepath.Join(t.TempDir(), "dbus-launch")
	ran := launcher + ".ran"
	if err := os.WriteFile(launcher, []byte("#!/bin/sh\n: > "+ran+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Dir(launcher)+":"+os.Getenv("PATH"))
	n, _, _ := runNotifier(t)
	if err := n.Show(t.Context(), Notification{Key: "p", Title: "t"}); !errors.Is(err, bus.ErrNone) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("it started a bus")
	}
}

func TestNoServiceIsAnError(t *testing.T) {
	privateBus(t)
	t.Setenv("PATH", t.TempDir()) // neither notify-send nor kdialog
	n, _, _ := runNotifier(t)
	if err := n.Show(t.Context(), Notification{Key: "p", Title: "t"}); err == nil {
		t.Error("nothing can have been shown, yet there is no error")
	}
}
