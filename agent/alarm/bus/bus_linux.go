// Package bus connects to the D-Bus message buses of a Linux desktop.
//
// Each call makes a connection of the caller's own, to be closed by it: the
// one that godbus shares within a process brings other packages' signals, and
// any of them can close it.
package bus

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

// ErrNone means that there is no such bus.
var ErrNone = errors.New("no message bus")

// Session connects to the user's bus. It never starts one: godbus, left alone,
// would run dbus-launch and leave a daemon behind.
func Session() (*dbus.Conn, error) {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address != "" && !strings.HasPrefix(address, "autolaunch:") {
		return dbus.Connect(address)
	}
	return existing(runtimeBus())
}

// Settle keeps libraries of this process that look for the user's bus from
// starting one: they find the one that is there, or none.
func Settle() error {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && !strings.HasPrefix(address, "autolaunch:") {
		return nil
	}
	path := "/nonexistent"
	if candidate := runtimeBus(); exists(candidate) {
		path = candidate
	}
	return os.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// runtimeBus is where a session's bus lies when nothing else is said.
func runtimeBus() string {
	runtime := os.Getenv("XDG_RUNTIME_DIR")
	if runtime == "" {
		runtime = filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	}
	return filepath.Join(runtime, "bus")
}

// System connects to the machine's bus.
func System() (*dbus.Conn, error) {
	if address := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"); address != "" {
		return dbus.Connect(address)
	}
	return existing("/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket")
}

func existing(sockets ...string) (*dbus.Conn, error) {
	for _, socket := range sockets {
		if _, err := os.Stat(socket); err == nil {
			return dbus.Connect("unix:path=" + dbus.EscapeBusAddressValue(socket))
		}
	}
	return nil, ErrNone
}
