package tray

import (
	_ "embed"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"tocsin/agent/ui"
)

// The icons are shapes first and colours second: a bell, a bell that swings, a
// bell crossed out, a bell with a mark of exclamation.
var (
	//go:embed icons/calm.svg
	calm []byte
	//go:embed icons/ringing.svg
	ringing []byte
	//go:embed icons/offduty.svg
	offDuty []byte
	//go:embed icons/hublost.svg
	hubLost []byte

	icons = map[Face]fyne.Resource{
		Calm:    fyne.NewStaticResource("tocsin-calm.svg", calm),
		Ringing: fyne.NewStaticResource("tocsin-ringing.svg", ringing),
		OffDuty: fyne.NewStaticResource("tocsin-offduty.svg", offDuty),
		HubLost: fyne.NewStaticResource("tocsin-hublost.svg", hubLost),
	}
)

// Icon is the agent's own picture, also for its windows.
func Icon() fyne.Resource { return icons[Calm] }

// Tray is the icon and its menu.
type Tray struct {
	app  desktop.App
	send func(ui.Intent)
	now  func() time.Time

	mu    sync.Mutex
	model ui.Model
	ever  bool

	// What follows is touched on Fyne's goroutine only. The menu stays the same
	// object: once its tray has started, Fyne sets again the one that it was
	// given first.
	root  *fyne.Menu
	items []Item // what is set
	face  Face
	set   bool
}

// New makes the tray of an app; on Fyne's goroutine and before the app runs,
// or Fyne never starts it. Where nobody shows it yet it waits for somebody
// (see Available). The error says why there can be none.
func New(app fyne.App, send func(ui.Intent)) (*Tray, error) {
	d, ok := app.(desktop.App)
	if !ok {
		return nil, errors.New("this system has no tray")
	}
	if why := impossible(); why != "" {
		return nil, errors.New(why)
	}
	t := &Tray{app: d, send: send, now: time.Now, root: fyne.NewMenu("Tocsin")}
	t.draw()
	return t, nil
}

// Render brings icon and menu up to date; from any goroutine. An equal menu is
// not set again.
func (t *Tray) Render(m ui.Model) {
	t.mu.Lock()
	same := t.ever && reflect.DeepEqual(m, t.model)
	t.model, t.ever = m, true
	t.mu.Unlock()
	if !same {
		fyne.Do(t.draw)
	}
}

func (t *Tray) draw() {
	t.mu.Lock()
	m := t.model
	t.mu.Unlock()
	items, face := MenuFor(m, t.now()), FaceFor(m)
	if !t.set || face != t.face {
		t.app.SetSystemTrayIcon(icons[face])
	}
	if !t.set || !reflect.DeepEqual(items, t.items) {
		t.root.Items = t.menu(items)
		t.app.SetSystemTrayMenu(t.root)
	}
	t.items, t.face, t.set = items, face, true
}

// literal keeps a system from reading an access key into a label: service
// names have underscores, summaries ampersands.
func literal(system, label string) string {
	switch system {
	case "windows":
		return strings.ReplaceAll(label, "&", "&&")
	case "darwin":
		return label
	}
	return strings.ReplaceAll(label, "_", "__")
}

func (t *Tray) menu(items []Item) []*fyne.MenuItem {
	var out []*fyne.MenuItem
	for _, i := range items {
		if i.Separator {
			out = append(out, fyne.NewMenuItemSeparator())
			continue
		}
		item := fyne.NewMenuItem(literal(runtime.GOOS, i.Label), nil)
		switch {
		case len(i.Children) > 0:
			item.ChildMenu = fyne.NewMenu("", t.menu(i.Children)...)
		case i.Intent.Kind == 0:
			item.Disabled = true
		default:
			item.Action = func() { t.send(i.Intent) }
		}
		// Fyne would add a Quit of its own, which does not ask us.
		item.IsQuit = i.Intent.Kind == ui.Quit
		out = append(out, item)
	}
	return out
}
