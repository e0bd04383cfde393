package tray

import (
	"github.com/godbus/dbus/v5"

	"tocsin/agent/alarm/bus"
)

const watcher = "org.kde.StatusNotifierWatcher"

// Available says whether somebody would show the icon now; if not, why. A
// desktop without a tray needs the status window instead. It may come later: a
// panel often starts after the programs of the session.
func Available() (ok bool, why string) {
	conn, err := bus.Session()
	if err != nil {
		return false, "no session bus"
	}
	defer conn.Close()
	var owned bool
	if err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&owned); err != nil {
		return false, "the session bus does not answer"
	}
	if !owned {
		return false, "this desktop has no tray (no " + watcher + ")"
	}
	// A watcher may run with no panel to show what it collects.
	var shown dbus.Variant
	err = conn.Object(watcher, "/StatusNotifierWatcher").
		Call("org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, watcher, "IsStatusNotifierHostRegistered").Store(&shown)
	if host, isBool := shown.Value().(bool); err == nil && isBool && !host {
		return false, "this desktop's tray is shown by no panel"
	}
	return true, ""
}

// impossible says why there can never be a tray in this session: Fyne would
// start a message bus that nobody else uses.
func impossible() string {
	conn, err := bus.Session()
	if err != nil {
		return "no session bus"
	}
	conn.Close()
	return ""
}
