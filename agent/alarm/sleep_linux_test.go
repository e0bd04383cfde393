package alarm

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/godbus/dbus/v5"

	"tocsin/agent/alarm/bus"
)

// logins is the login service: it gives out locks and says what comes.
type logins struct {
	conn *dbus.Conn
	held recorder[handedOut]
}

// handedOut is a lock: the service keeps both ends of a pipe and sends a copy of
// one.
type handedOut struct{ ours, theirs *os.File }

// inUse says whether whoever asked for the lock still has it.
func (l handedOut) inUse() bool {
	pipe, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", l.ours.Fd()))
	if err != nil {
		return false
	}
	files, _ := os.ReadDir("/proc/self/fd")
	n := 0
	for _, f := range files {
		if link, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && link == pipe {
			n++
		}
	}
	return n > 2
}

func (l logins) Inhibit(what, _, _, mode string) (dbus.UnixFD, *dbus.Error) {
	if what != "sleep:shutdown" || mode != "delay" {
		return 0, dbus.MakeFailedError(os.ErrInvalid)
	}
	ours, theirs, err := os.Pipe()
	if err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	l.held.put(handedOut{ours, theirs})
	return dbus.UnixFD(theirs.Fd()), nil
}

func (l logins) says(t *testing.T, signal string, begins bool) {
	t.Helper()
	if err := l.conn.Emit(loginPath, loginManager+"."+signal, begins); err != nil {
		t.Fatal(err)
	}
}

func newLogins(t *testing.T) logins {
	t.Helper()
	noBuses(t)
	privateBus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	conn, err := bus.System()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	l := logins{conn: conn, held: record[handedOut]()}
	if err := conn.Export(l, loginPath, loginManager); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(loginName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTheMachineWaitsForWhatIsToBeToldBeforeItSleeps(t *testing.T) {
	l := newLogins(t)
	heard, goOn := record[Sleep](), make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		WatchSleep(ctx, func(s Sleep) {
			heard.put(s)
			if s != Awake {
				<-goOn
			}
		})
	}()
	for _, c := range []struct {
		signal string
		want   Sleep
	}{{"PrepareForSleep", Suspending}, {"PrepareForShutdown", ShuttingDown}} {
		lock := l.held.await(t, "a lock is given before "+c.signal, func(handedOut) bool { return true })
		eventually(t, "the lock is taken", lock.inUse)
		l.says(t, c.signal, true)
		heard.await(t, "it is told", func(s Sleep) bool { return s == c.want })
		if !lock.inUse() {
			t.Error("the machine does not wait until the hub knows")
		}
		goOn <- struct{}{}
		eventually(t, "the machine may go", func() bool { return !lock.inUse() })
		l.says(t, c.signal, false)
		heard.await(t, "it is awake", func(s Sleep) bool { return s == Awake })
	}
	l.held.await(t, "a lock is given for the next time", func(handedOut) bool { return true })
	stop()
	<-ended
}

func TestWithNoLoginServiceNobodyWaits(t *testing.T) {
	noBuses(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		WatchSleep(ctx, func(s Sleep) { t.Errorf("heard %q", s) })
	}()
	stop()
	<-ended
}
