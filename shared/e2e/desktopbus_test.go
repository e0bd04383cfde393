package e2e

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// room is what can be heard at the desktop's output.
type room struct {
	mu      sync.Mutex
	samples []int16 // the latest
}

const (
	roomRate = 22050
	// earshot covers more than a period of the alarm, pauses included.
	earshot = roomRate * 5 / 2
)

// listen puts a microphone before the output.
func (d *desk) listen() *room {
	d.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := d.command("parec", "-d", "room.monitor", "--raw", "--format=s16le", fmt.Sprint("--rate=", roomRate), "--channels=1", "--latency-msec=50")
	p := &process{t: d.t, name: "parec", cmd: cmd, out: &logged{}, done: make(chan struct{})}
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	w.Close()
	go func() { _ = cmd.Wait(); close(p.done) }()
	d.t.Cleanup(func() { p.kill(); r.Close() })
	m := &room{}
	go m.hear(r)
	return m
}

func (m *room) hear(r io.Reader) {
	b := make([]byte, 2*(roomRate/20))
	for {
		if _, err := io.ReadFull(r, b); err != nil {
			return
		}
		m.mu.Lock()
		for i := 0; i < len(b); i += 2 {
			m.samples = append(m.samples, int16(binary.LittleEndian.Uint16(b[i:])))
		}
		m.samples = m.samples[max(0, len(m.samples)-earshot):]
		m.mu.Unlock()
	}
}

// level is the mean of what was heard lately, of full scale, and whether that
// is long enough to call it silence.
func (m *room) level() (mean float64, long bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := 0.0
	for _, v := range m.samples {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum/float64(max(len(m.samples), 1))) / math.MaxInt16, len(m.samples) == earshot
}

// forget lets only count what is heard from now on.
func (m *room) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.samples = nil
}

func (d *desk) awaitSound() {
	d.t.Helper()
	d.room.forget()
	waitFor(d.t, "the alarm is heard", func() bool { mean, _ := d.room.level(); return mean > 0.01 })
}

// awaitSilence waits for more than a period of the alarm in which nothing was
// heard.
func (d *desk) awaitSilence() {
	d.t.Helper()
	d.room.forget()
	waitFor(d.t, "nothing is heard", func() bool { mean, long := d.room.level(); return long && mean == 0 })
}

// note is a notification as the desktop got it.
type note struct {
	Title, Body string
	Urgency     byte
	Actions     []string
}

// notes are the notifications that went over the bus to a real service.
type notes struct {
	mu  sync.Mutex
	all []note
}

func (d *desk) startNotifications() {
	d.t.Helper()
	d.start("dunst")
	conn := d.onBus()
	waitFor(d.t, "the notification service runs", func() bool {
		var owned bool
		err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.Notifications").Store(&owned)
		return err == nil && owned
	})
	rule := []string{"type='method_call',interface='org.freedesktop.Notifications',member='Notify'"}
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, rule, uint32(0)).Err; err != nil {
		d.t.Fatal(err)
	}
	d.notes = &notes{}
	calls := make(chan *dbus.Message, 16)
	conn.Eavesdrop(calls)
	go d.notes.take(calls)
}

func (n *notes) take(calls <-chan *dbus.Message) {
	for m := range calls {
		if len(m.Body) < 7 {
			continue
		}
		title, _ := m.Body[3].(string)
		body, _ := m.Body[4].(string)
		actions, _ := m.Body[5].([]string)
		hints, _ := m.Body[6].(map[string]dbus.Variant)
		urgency, _ := hints["urgency"].Value().(byte)
		n.mu.Lock()
		n.all = append(n.all, note{Title: title, Body: body, Urgency: urgency, Actions: actions})
		n.mu.Unlock()
	}
}

// critical finds a notification of the highest urgency with a text.
func (n *notes) critical(text string) (note, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, x := range n.all {
		if x.Urgency == 2 && strings.Contains(x.Title+"\n"+x.Body, text) {
			return x, true
		}
	}
	return note{}, false
}

// count answers how many there were so far.
func (n *notes) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.all)
}

// lock is the desktop's screen lock.
type lock struct{ on atomic.Bool }

// GetActive is how programs ask whether the screen is locked.
func (l *lock) GetActive() (bool, *dbus.Error) { return l.on.Load(), nil }

func (d *desk) screenLock() *lock {
	d.t.Helper()
	l := &lock{}
	d.serve("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", l)
	return l
}

// serve puts an object on the bus under a name.
func (d *desk) serve(name string, path dbus.ObjectPath, object any) *dbus.Conn {
	d.t.Helper()
	conn := d.onBus()
	if err := conn.Export(object, path, name); err != nil {
		d.t.Fatal(err)
	}
	if got, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || got != dbus.RequestNameReplyPrimaryOwner {
		d.t.Fatalf("own %s: %v, %v", name, got, err)
	}
	return conn
}

// panel is a desktop's tray.
type panel struct {
	t     *testing.T
	conn  *dbus.Conn
	mu    sync.Mutex
	items []string
}

const watcherName = "org.kde.StatusNotifierWatcher"

// RegisterStatusNotifierItem is how a program puts its icon into the tray.
func (p *panel) RegisterStatusNotifierItem(_ string, from dbus.Sender) *dbus.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.items = append(p.items, string(from))
	return nil
}

func (d *desk) panel() *panel {
	d.t.Helper()
	p := &panel{t: d.t}
	p.conn = d.onBus()
	if err := p.conn.Export(p, "/StatusNotifierWatcher", watcherName); err != nil {
		d.t.Fatal(err)
	}
	_, err := prop.Export(p.conn, "/StatusNotifierWatcher", prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": {Value: true, Emit: prop.EmitFalse},
	}})
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := p.conn.RequestName(watcherName, dbus.NameFlagDoNotQueue); err != nil {
		d.t.Fatal(err)
	}
	return p
}

// item is the icon of the first program that still runs.
func (p *panel) item() (dbus.BusObject, bool) {
	p.mu.Lock()
	items := slices.Clone(p.items)
	p.mu.Unlock()
	for _, name := range items {
		var runs bool
		if p.conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&runs) == nil && runs {
			return p.conn.Object(name, "/StatusNotifierItem"), true
		}
	}
	return nil, false
}

// line is one line of a tray's menu.
type line struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

func (l line) label() string {
	s, _ := l.Props["label"].Value().(string)
	return s
}

// menu opens the menu and reads it.
func (p *panel) menu() (object dbus.BusObject, lines []line) {
	item, ok := p.item()
	if !ok {
		return nil, nil
	}
	v, err := item.GetProperty("org.kde.StatusNotifierItem.Menu")
	if err != nil {
		return nil, nil
	}
	path, _ := v.Value().(dbus.ObjectPath)
	object = p.conn.Object(item.Destination(), path)
	var revision uint32
	var root line
	if err := object.Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		return nil, nil
	}
	return object, below(root)
}

// below are all lines under one, in order.
func below(l line) []line {
	var out []line
	for _, v := range l.Children {
		var child line
		if dbus.Store([]any{v.Value()}, &child) == nil {
			out = append(append(out, child), below(child)...)
		}
	}
	return out
}

func (p *panel) says(text string) bool {
	_, lines := p.menu()
	for _, l := range lines {
		if strings.Contains(l.label(), text) {
			return true
		}
	}
	return false
}

// choose clicks the first line whose label begins so, in a menu that stands
// still: one that is being built anew loses clicks without a word.
func (p *panel) choose(label string) {
	p.t.Helper()
	var seen string
	var since time.Time
	waitFor(p.t, "the menu offers "+label, func() bool {
		object, lines := p.menu()
		var all strings.Builder
		for _, l := range lines {
			fmt.Fprintln(&all, l.ID, l.label())
		}
		if all.String() != seen {
			seen, since = all.String(), time.Now()
		}
		if time.Since(since) < still {
			return false
		}
		for _, l := range lines {
			if !strings.HasPrefix(l.label(), label) {
				continue
			}
			return object.Call("com.canonical.dbusmenu.Event", 0, l.ID, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err == nil
		}
		return false
	})
}
