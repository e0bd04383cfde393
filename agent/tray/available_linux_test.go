package tray

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"tocsin/agent/alarm/bus"
)

func privateBus(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
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
}

func TestTrayIsThereOnlyIfSomebodyShowsIt(t *testing.T) {
	expect := func(want bool, why string) {
		t.Helper()
		if got, said := Available(); got != want || !strings.Contains(said, why) {
			t.Errorf("got %v %q, want %v because %q", got, said, want, why)
		}
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	expect(false, "no session bus")
	if impossible() == "" {
		t.Error("without a bus there can be no tray")
	}

	privateBus(t)
	expect(false, "no org.kde.StatusNotifierWatcher")
	if why := impossible(); why != "" {
		t.Errorf("a panel may still come, but %s", why)
	}

	conn, err := bus.Session()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	props, err := prop.Export(conn, "/StatusNotifierWatcher", prop.Map{watcher: {
		"IsStatusNotifierHostRegistered": {Value: false, Writable: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(watcher, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	expect(false, "no panel")
	props.SetMust(watcher, "IsStatusNotifierHostRegistered", true)
	expect(true, "")
}
