package alarm

import (
	"context"
	"os"
	"time"

	"github.com/godbus/dbus/v5"

	"tocsin/agent/alarm/bus"
)

const (
	loginName    = "org.freedesktop.login1"
	loginPath    = "/org/freedesktop/login1"
	loginManager = loginName + ".Manager"
	// sleepRetry is how often the login service is sought where there is none
	// yet, or none any more.
	sleepRetry = time.Minute
)

// WatchSleep tells when the machine is about to suspend or shut down, and when
// it is awake again, until ctx is done. It asks the login service to wait for
// what heard does, which must take no longer than a few seconds.
func WatchSleep(ctx context.Context, heard func(Sleep)) {
	for ctx.Err() == nil {
		if conn, err := bus.System(); err == nil {
			w := sleepWatch{conn: conn, heard: heard}
			w.run(ctx)
			w.letGo()
			conn.Close()
		}
		select {
		case <-ctx.Done():
		case <-time.After(sleepRetry):
		}
	}
}

type sleepWatch struct {
	conn  *dbus.Conn
	heard func(Sleep)
	hold  *os.File // while it is open, the machine waits; nil: it does not
}

func (w *sleepWatch) run(ctx context.Context) {
	err := w.conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(loginName), dbus.WithMatchInterface(loginManager))
	if err != nil {
		return
	}
	signals := make(chan *dbus.Signal, 16)
	w.conn.Signal(signals)
	w.delay(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case sig, open := <-signals:
			if !open {
				return
			}
			w.take(ctx, sig)
		}
	}
}

func (w *sleepWatch) take(ctx context.Context, sig *dbus.Signal) {
	if len(sig.Body) != 1 {
		return
	}
	begins, _ := sig.Body[0].(bool)
	what := map[string]Sleep{loginManager + ".PrepareForSleep": Suspending, loginManager + ".PrepareForShutdown": ShuttingDown}[sig.Name]
	switch {
	case what == "":
	case begins:
		w.heard(what)
		w.letGo()
	default:
		w.heard(Awake)
		w.delay(ctx)
	}
}

// delay asks the login service to wait for us. Without it the hub may not hear
// of the sleep in time, which is no worse than a pulled plug.
func (w *sleepWatch) delay(ctx context.Context) {
	if w.hold != nil {
		return
	}
	var fd dbus.UnixFD
	err := w.conn.Object(loginName, loginPath).CallWithContext(ctx, loginManager+".Inhibit", dbus.FlagNoAutoStart,
		"sleep:shutdown", "Tocsin", "Tells the hub that this machine goes", "delay").Store(&fd)
	if err == nil {
		w.hold = os.NewFile(uintptr(fd), "inhibitor")
	}
}

func (w *sleepWatch) letGo() {
	if w.hold != nil {
		w.hold.Close()
		w.hold = nil
	}
}
