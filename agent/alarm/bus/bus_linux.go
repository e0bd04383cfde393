package alarm

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

var errNoSessionBus = errors.New("no session bus")

// dialSessionBus opens a connection of our own. It never starts a bus:
// godbus, left alone, would run dbus-launch and leave a daemon behind.
func dialSessionBus() (*dbus.Conn, error) {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" || strings.HasPrefix(address, "autolaunch:") {
		address = ""
		for _, dir := range []string{os.Getenv("XDG_RUNTIME_DIR"), join("/run/user", strconv.Itoa(os.Getuid()))} {
			socket := filepath.Join(dir, "bus")
			if _, err := os.Stat(socket); dir != "" && err == nil {
				address = "unix:path=" + dbus.EscapeBusAddressValue(socket)
				break
			}
		}
	}
	if address == "" {
		return nil, errNoSessionBus
	}
	return dbus.Connect(address)
}
