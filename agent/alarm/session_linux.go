package alarm

import (
	"context"
	"os"

	"github.com/godbus/dbus/v5"

	"tocsin/agent/alarm/bus"
)

// lock is what is known of the session's lock.
type lock uint8

const (
	lockUnknown lock = iota
	unlocked
	locked
)

// session asks the desktop's services whether the screen is locked. It keeps
// its connections.
type session struct {
	system, user *dbus.Conn
}

// locked asks everybody who may know; one who says "locked" is believed.
func (s *session) locked(ctx context.Context) lock {
	answer := lockUnknown
	if s.system = kept(s.system, bus.System); s.system != nil {
		var hint bool
		if property(ctx, s.system, "org.freedesktop.login1", loginSession(ctx, s.system), "org.freedesktop.login1.Session", "LockedHint", &hint) {
			if hint {
				return locked
			}
			answer = unlocked
		}
	}
	if s.user = kept(s.user, bus.Session); s.user != nil {
		for _, saver := range []struct {
			name string
			path dbus.ObjectPath
		}{
			{"org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"},
			{"org.freedesktop.ScreenSaver", "/ScreenSaver"},
			{"org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"},
		} {
			var active bool
			err := s.user.Object(saver.name, saver.path).CallWithContext(ctx, saver.name+".GetActive", dbus.FlagNoAutoStart).Store(&active)
			if err != nil {
				continue
			}
			if active {
				return locked
			}
			answer = unlocked
		}
	}
	return answer
}

// loginSession is this process's login session. A program that the user's
// service manager started has none of its own; then it is the user's display.
func loginSession(ctx context.Context, conn *dbus.Conn) dbus.ObjectPath {
	if id := os.Getenv("XDG_SESSION_ID"); id != "" {
		var path dbus.ObjectPath
		call := conn.Object("org.freedesktop.login1", "/org/freedesktop/login1").
			CallWithContext(ctx, "org.freedesktop.login1.Manager.GetSession", dbus.FlagNoAutoStart, id)
		if call.Store(&path) == nil {
			return path
		}
	}
	return "/org/freedesktop/login1/session/auto"
}

func property(ctx context.Context, conn *dbus.Conn, name string, path dbus.ObjectPath, iface, property string, out any) bool {
	var v dbus.Variant
	err := conn.Object(name, path).
		CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, iface, property).Store(&v)
	return err == nil && v.Store(out) == nil
}

// kept returns the connection, or a new one if it has gone; nil if there is no
// such bus.
func kept(c *dbus.Conn, dial func() (*dbus.Conn, error)) *dbus.Conn {
	if c != nil && c.Connected() {
		return c
	}
	c, err := dial()
	if err != nil {
		return nil
	}
	return c
}

func (s *session) close() {
	for _, c := range []*dbus.Conn{s.system, s.user} {
		if c != nil {
			c.Close()
		}
	}
	s.system, s.user = nil, nil
}
