package alarm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"tocsin/agent/alarm/bus"
)

const (
	notifyName = "org.freedesktop.Notifications"
	notifyPath = "/org/freedesktop/Notifications"
	notifyCall = notifyName + "."

	actionOpen  = "default"
	actionAck   = "ack"
	actionSheet = "sheet"

	urgencyLow, urgencyNormal, urgencyCritical = byte(0), byte(1), byte(2)
	expiryDefault, expiryNever                 = int32(-1), int32(0)
)

// notifyWait is how long the service has to answer: what waits behind it raises
// the window.
const notifyWait = 2 * time.Second

// Notifier shows notifications. Make it with NewNotifier, and run it.
type Notifier struct {
	acted   func(string, Action)
	signals chan *dbus.Signal
	list    string // the file of what is up
	left    []byte // what it held at the start

	mu    sync.Mutex
	conn  *dbus.Conn
	bus   string   // its id; names are unique within one bus
	owner string   // the service's own name on the bus
	able  []string // what it can do
	shown map[string]shown
}

// shown is a notification that is up. A service that has been started anew
// counts its ids anew, so an id without its owner could be somebody else's.
type shown struct {
	owner  string
	id     uint32
	urgent bool
}

// NewNotifier makes a Notifier that lists what is up in a file; acted is called
// from Run's goroutine and must not block.
func NewNotifier(list string, acted func(key string, a Action)) *Notifier {
	left, _ := os.ReadFile(list) // without it there is nothing to close
	return &Notifier{acted: acted, signals: make(chan *dbus.Signal, 16), list: list, left: left, shown: map[string]shown{}}
}

// Run closes what an agent that was killed has left, and passes on what people
// do with notifications until ctx is done; then it closes those still up.
func (n *Notifier) Run(ctx context.Context) error {
	defer n.closeAll()
	n.sweep(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case sig := <-n.signals:
			if key, a := n.understand(sig); a != 0 {
				n.acted(key, a)
			}
		}
	}
}

// Show brings a notification up. An error means that nothing was shown.
func (n *Notifier) Show(ctx context.Context, x Notification) error {
	ctx, cancel := context.WithTimeout(ctx, notifyWait)
	defer cancel()
	x = x.tidy()
	n.mu.Lock()
	defer n.mu.Unlock()
	conn, err := n.connect()
	if err != nil {
		return err
	}
	err = n.send(ctx, conn, x)
	if noSuchService(err) {
		// The last resort may still find another way (KDE's dialogs).
		if other := beep(x); other != nil {
			return fmt.Errorf("no notification service: %w", other)
		}
		return nil
	}
	return err
}

// meet finds out who serves the notifications now, starting the service if the
// bus can.
func (n *Notifier) meet(ctx context.Context, conn *dbus.Conn) error {
	var owner string
	whose := func() error {
		return conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, notifyName).Store(&owner)
	}
	if whose() == nil && owner == n.owner {
		return nil
	}
	var able []string
	if err := conn.Object(notifyName, notifyPath).CallWithContext(ctx, notifyCall+"GetCapabilities", 0).Store(&able); err != nil {
		return err
	}
	if err := whose(); err != nil {
		return err
	}
	n.owner, n.able = owner, able
	return nil
}

func (n *Notifier) send(ctx context.Context, conn *dbus.Conn, x Notification) error {
	if err := n.meet(ctx, conn); err != nil {
		return err
	}
	if slices.Contains(n.able, "body-markup") {
		x.Body = markup.Replace(x.Body)
	}
	actions := []string{}
	if slices.Contains(n.able, "actions") {
		actions = append(actions, actionOpen, "Show")
		if x.Ack {
			actions = append(actions, actionAck, "Acknowledge")
		}
		if x.Sheet {
			actions = append(actions, actionSheet, "Call sheet")
		}
	}
	urgency, expiry := urgencyNormal, expiryDefault
	if x.Quiet {
		urgency = urgencyLow
	}
	if x.Urgent {
		urgency, expiry = urgencyCritical, expiryNever
	}
	hints := map[string]dbus.Variant{
		"urgency":        dbus.MakeVariant(urgency),
		"resident":       dbus.MakeVariant(x.Urgent),
		"suppress-sound": dbus.MakeVariant(true), // the alarm has its own
	}
	now := shown{owner: n.owner, urgent: x.Urgent}
	var replaces uint32
	if old := n.shown[x.Key]; old.owner == n.owner {
		replaces = old.id
	}
	err := conn.Object(n.owner, notifyPath).CallWithContext(ctx, notifyCall+"Notify", 0,
		"Tocsin", replaces, "dialog-warning", x.Title, x.Body, actions, hints, expiry).Store(&now.id)
	if err == nil {
		n.shown[x.Key] = now
		n.note()
	}
	return err
}

// Close takes a notification away; an unknown key is no error.
func (n *Notifier) Close(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, notifyWait)
	defer cancel()
	n.mu.Lock()
	defer n.mu.Unlock()
	x, ok := n.shown[key]
	if !ok || n.conn == nil {
		return nil
	}
	delete(n.shown, key)
	defer n.note()
	return closeShown(ctx, n.conn, x)
}

func closeShown(ctx context.Context, conn *dbus.Conn, x shown) error {
	err := conn.Object(x.owner, notifyPath).CallWithContext(ctx, notifyCall+"CloseNotification", dbus.FlagNoAutoStart, x.id).Err
	var said dbus.Error
	if errors.As(err, &said) {
		return nil // it was gone already
	}
	return err
}

func (n *Notifier) closeAll() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	n.mu.Lock()
	keys := make([]string, 0, len(n.shown))
	for key := range n.shown {
		keys = append(keys, key)
	}
	n.mu.Unlock()
	for _, key := range keys {
		n.Close(ctx, key)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conn != nil {
		n.conn.Close()
		n.conn = nil
	}
}

// connect returns the connection, or makes another if it has gone.
func (n *Notifier) connect() (*dbus.Conn, error) {
	if n.conn != nil && n.conn.Connected() {
		return n.conn, nil
	}
	conn, err := bus.Session()
	if err != nil {
		return nil, err
	}
	var id string
	if err := conn.BusObject().Call("org.freedesktop.DBus.GetId", 0).Store(&id); err != nil {
		conn.Close()
		return nil, err
	}
	if err := conn.AddMatchSignal(dbus.WithMatchSender(notifyName), dbus.WithMatchInterface(notifyName)); err != nil {
		conn.Close()
		return nil, err
	}
	// godbus closes the channel with the connection; ours outlives it.
	in := make(chan *dbus.Signal, 16)
	conn.Signal(in)
	go func() {
		for sig := range in {
			select {
			case n.signals <- sig:
			default: // nobody runs; a click is lost, a goroutine is not
			}
		}
	}()
	n.conn, n.bus, n.owner = conn, id, ""
	clear(n.shown)
	return conn, nil
}

// understand reads a signal: zero means that it is not for us.
func (n *Notifier) understand(sig *dbus.Signal) (key string, a Action) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(sig.Body) < 1 {
		return "", 0
	}
	id, _ := sig.Body[0].(uint32)
	for k, x := range n.shown {
		if x.owner == sig.Sender && x.id == id {
			key = k
		}
	}
	if key == "" {
		return "", 0
	}
	switch sig.Name {
	case notifyCall + "NotificationClosed":
		delete(n.shown, key)
		n.note()
	case notifyCall + "ActionInvoked":
		switch name, _ := sig.Body[len(sig.Body)-1].(string); name {
		case actionOpen:
			return key, Opened
		case actionAck:
			return key, Acknowledged
		case actionSheet:
			return key, SheetWanted
		}
	}
	return "", 0
}

func noSuchService(err error) bool {
	var said dbus.Error
	return errors.As(err, &said) && (said.Name == "org.freedesktop.DBus.Error.ServiceUnknown" ||
		said.Name == "org.freedesktop.DBus.Error.NameHasNoOwner")
}
