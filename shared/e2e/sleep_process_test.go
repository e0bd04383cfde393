package e2e

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// logins is the machine's login service, which says that it is about to sleep
// and waits for whoever asked it to.
type logins struct {
	t      *testing.T
	conn   *dbus.Conn
	delays chan *os.File // the service's ends of what was given out
}

func (l *logins) Inhibit(what, _, _, mode string) (dbus.UnixFD, *dbus.Error) {
	ours, theirs, err := os.Pipe()
	if err != nil || !strings.Contains(what, "sleep") || mode != "delay" {
		return 0, dbus.MakeFailedError(os.ErrInvalid)
	}
	// The reply sends a copy; once ours is closed, the pipe ends with theirs.
	time.AfterFunc(time.Second, func() { theirs.Close() })
	l.delays <- ours
	return dbus.UnixFD(theirs.Fd()), nil
}

func (l *logins) says(begins bool) {
	l.t.Helper()
	if err := l.conn.Emit("/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForSleep", begins); err != nil {
		l.t.Fatal(err)
	}
}

// newLogins runs a bus for the machine; agents that start afterwards use it.
func newLogins(t *testing.T) *logins {
	t.Helper()
	need(t, "dbus-daemon")
	dir, err := os.MkdirTemp("", "tocsin-bus") // sockets have short names
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	address := "unix:path=" + dir + "/bus"
	start(t, "dbus-daemon", exec.Command("dbus-daemon", "--session", "--nofork", "--address="+address))
	l := &logins{t: t, delays: make(chan *os.File, 10)}
	waitFor(t, "the message bus answers", func() bool {
		conn, err := dbus.Connect(address)
		l.conn = conn
		return err == nil
	})
	t.Cleanup(func() { l.conn.Close() })
	if err := l.conn.Export(l, "/org/freedesktop/login1", "org.freedesktop.login1.Manager"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.conn.RequestName("org.freedesktop.login1", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	return l
}

// TestALaptopThatIsPutToSleepSaysSoFirst: the hub knows that nobody can be alarmed
// there, and the laptop that wakes shows what came meanwhile.
func TestALaptopThatIsPutToSleepSaysSoFirst(t *testing.T) {
	l := newLogins(t)
	h := story{}.hub(t)
	ada := h.agent("ada")
	h.agent("bob")
	delay := <-l.delays
	l.says(true)
	// The machine waits until the agent lets it go, and by then the hub knows.
	if _, err := delay.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("waiting for the agent: %v", err)
	}
	waitFor(t, "ada's device is away", func() bool { return !ada.connected() })
	ada.signal(syscall.SIGSTOP)
	h.send("trigger", "k", "The database is down")
	h.awaitEntry(1, "shown", "bob")
	ada.signal(syscall.SIGCONT)
	l.says(false)
	h.awaitEntry(1, "shown", "ada")
	h.verify(1)
}
