package e2e

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	delays chan delay
}

// delay is a pipe: the machine waits as long as somebody has the other end.
type delay struct{ ours, theirs *os.File }

// heldBy says whether a process has its copy of the other end.
func (d delay) heldBy(t *testing.T, p *process) bool {
	t.Helper()
	info, err := d.ours.Stat()
	if err != nil {
		t.Fatal(err)
	}
	pipe := fmt.Sprintf("pipe:[%d]", info.Sys().(*syscall.Stat_t).Ino)
	files := fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid)
	entries, _ := os.ReadDir(files)
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		link, err := os.Readlink(filepath.Join(files, e.Name()))
		return err == nil && link == pipe
	})
}

func (l *logins) Inhibit(what, _, _, mode string) (dbus.UnixFD, *dbus.Error) {
	ours, theirs, err := os.Pipe()
	if err != nil || !strings.Contains(what, "sleep") || mode != "delay" {
		return 0, dbus.MakeFailedError(os.ErrInvalid)
	}
	l.delays <- delay{ours, theirs}
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
	l := &logins{t: t, delays: make(chan delay, 10)}
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
	h := story{}.hub(t)
	h.agent("bob") // whose machine is another, and does not sleep
	l := newLogins(t)
	ada := h.agent("ada")
	var lock delay
	select {
	case lock = <-l.delays:
	case <-time.After(patience):
		t.Fatal("ada's agent does not ask her machine to wait")
	}
	// Closed sooner, there would be nothing to send a copy of.
	waitFor(t, "ada's agent has what her machine waits for", func() bool { return lock.heldBy(t, ada.process) })
	lock.theirs.Close()
	l.says(true)
	// The machine waits until the agent lets it go, and by then the hub knows.
	if err := lock.ours.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := lock.ours.Read(make([]byte, 1)); err != io.EOF {
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
