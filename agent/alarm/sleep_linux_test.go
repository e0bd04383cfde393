package alarm

import (
	"context"
	"os"
	"testing"

	"github.com/godbus/dbus/v5"

	"tocsin/agent/alarm/bus"
)

// login stands in for the login service. It waits, as that does, for whoever
// holds an inhibitor.
type login struct {
	t    *testing.T
	conn *dbus.Conn
	held recorder[*os.File] // our ends of the inhibitors
	mine *os.File           // a copy of the other end
}

func newLogin(t *testing.T) *login {
	t.Helper()
	conn, err := bus.System()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	l := &login{t: t, conn: conn, held: record[*os.File]()}
	if err := conn.Export(l, loginPath, loginManager); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(loginName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return l
}

// Inhibit hands out a pipe; its reader sees when the other end is closed.
func (l *login) Inhibit(what, who, why, mode string) (dbus.UnixFD, *dbus.Error) {
	if what != "sleep:shutdown" || who == "" || why == "" || mode != "delay" {
		return 0, dbus.MakeFailedError(os.ErrInvalid)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	l.t.Cleanup(func() { r.Close(); w.Close() })
	l.mine = w
	l.held.put(r)
	return dbus.UnixFD(w.Fd()), nil
}

func (l *login) emit(what string, begins bool) {
	l.t.Helper()
	if err := l.conn.Emit(loginPath, loginManager+"."+what, begins); err != nil {
		l.t.Fatal(err)
	}
}

func TestTheMachineWaitsUntilTheHubWasTold(t *testing.T) {
	privateBus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	l := newLogin(t)
	heard, told := record[Sleep](), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		WatchSleep(ctx, func(s Sleep) {
			heard.put(s)
			if s != Awake {
				<-told
			}
		})
	}()
	wanted := func() *os.File {
		return l.held.await(t, "the machine is asked to wait", func(*os.File) bool { return true })
	}
	inhibitor := wanted()
	released := make(chan struct{})
	go func() {
		_, _ = inhibitor.Read(make([]byte, 1)) // ends when the last copy is closed
		close(released)
	}()

	l.emit("PrepareForSleep", true)
	heard.await(t, "the sleep is told", func(s Sleep) bool { return s == Suspending })
	l.mine.Close() // by now the other side has its own
	select {
	case <-released:
		t.Error("the machine sleeps before the hub was told")
	default:
	}
	told <- struct{}{}
	eventually(t, "the machine may sleep", func() bool {
		select {
		case <-released:
			return true
		default:
			return false
		}
	})

	l.emit("PrepareForSleep", false)
	heard.await(t, "waking is told", func(s Sleep) bool { return s == Awake })
	wanted()

	l.emit("PrepareForShutdown", true)
	heard.await(t, "the end is told", func(s Sleep) bool { return s == ShuttingDown })
	told <- struct{}{}
	cancel()
	<-ended
}

func TestWithoutALoginServiceNothingIsTold(t *testing.T) {
	noBuses(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		WatchSleep(ctx, func(s Sleep) { t.Errorf("told %s", s) })
	}()
	cancel()
	<-ended
}
