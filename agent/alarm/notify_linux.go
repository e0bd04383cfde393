package alarm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"tocsin/agent/alarm/bus"
)

const (
	notifyName  = "org.freedesktop.Notifications"
	notifyPath  = "/org/freedesktop/Notifications"
	notifyCall  = notifyName + "."
	ownerSignal = "org.freedesktop.DBus.NameOwnerChanged"

	actionOpen = "default"
	actionAck  = "ack"

	urgencyNormal, urgencyCritical = byte(1), byte(2)
	expiryDefault, expiryNever     = int32(-1), int32(0)
)

// Notifier shows notifications. Make it with NewNotifier, and run it.
type Notifier struct {
	acted   func(string, Action)
	signals chan *dbus.Signal

	mu    sync.Mutex
	conn  *dbus.Conn
	shown map[string]uint32 // key → the service's id
	able  []string          // what the service can do
}

// NewNotifier makes a Notifier; acted is called from Run's goroutine and must
// not block.
func NewNotifier(acted func(key string, a Action)) *Notifier {
	return &Notifier{acted: acted, signals: make(chan *dbus.Signal, 16), shown: map[string]uint32{}}
}

// Run passes on what people do with notifications until ctx is done; then it
// closes those still up.
func (n *Notifier) Run(ctx context.Context) error {
	defer n.closeAll()
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

func (n *Notifier) send(ctx context.Context, conn *dbus.Conn, x Notification) error {
	service := conn.Object(notifyName, notifyPath)
	if n.able == nil {
		if err := service.CallWithContext(ctx, notifyCall+"GetCapabilities", 0).Store(&n.able); err != nil {
			return err
		}
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
	}
	urgency, expiry := urgencyNormal, expiryDefault
	if x.Urgent {
		urgency, expiry = urgencyCritical, expiryNever
	}
	hints := map[string]dbus.Variant{
		"urgency":        dbus.MakeVariant(urgency),
		"resident":       dbus.MakeVariant(x.Urgent),
		"suppress-sound": dbus.MakeVariant(true), // the alarm has its own
	}
	var id uint32
	err := service.CallWithContext(ctx, notifyCall+"Notify", 0,
		"Tocsin", n.shown[x.Key], "dialog-warning", x.Title, x.Body, actions, hints, expiry).Store(&id)
	if err == nil {
		n.shown[x.Key] = id
	}
	return err
}

// Close takes a notification away; an unknown key is no error.
func (n *Notifier) Close(ctx context.Context, key string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	id, ok := n.shown[key]
	if !ok || n.conn == nil {
		return nil
	}
	delete(n.shown, key)
	err := n.conn.Object(notifyName, notifyPath).CallWithContext(ctx, notifyCall+"CloseNotification", dbus.FlagNoAutoStart, id).Err
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
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(notifyName), dbus.WithMatchInterface(notifyName)},
		{dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, notifyName)},
	} {
		if err := conn.AddMatchSignal(match...); err != nil {
			conn.Close()
			return nil, err
		}
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
	n.conn, n.able = conn, nil
	clear(n.shown)
	return conn, nil
}

// understand reads a signal: zero means that it is not for us.
func (n *Notifier) understand(sig *dbus.Signal) (key string, a Action) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if sig.Name == ownerSignal {
		// Another service counts its ids anew: the old ones would name
		// somebody else's notifications.
		clear(n.shown)
		n.able = nil
		return "", 0
	}
	if len(sig.Body) < 1 {
		return "", 0
	}
	id, _ := sig.Body[0].(uint32)
	for k, shown := range n.shown {
		if shown == id {
			key = k
		}
	}
	if key == "" {
		return "", 0
	}
	switch sig.Name {
	case notifyCall + "NotificationClosed":
		delete(n.shown, key)
	case notifyCall + "ActionInvoked":
		switch name, _ := sig.Body[len(sig.Body)-1].(string); name {
		case actionOpen:
			return key, Opened
		case actionAck:
			return key, Acknowledged
		}
	}
	return "", 0
}

func noSuchService(err error) bool {
	var said dbus.Error
	return errors.As(err, &said) && (said.Name == "org.freedesktop.DBus.Error.ServiceUnknown" ||
		said.Name == "org.freedesktop.DBus.Error.NameHasNoOwner")
}
