package tray

import (
	"reflect"
	"testing"

	"fyne.io/fyne/v2"

	"tocsin/agent/ui"
)

// panel stands in for the desktop's.
type panel struct {
	icons []fyne.Resource
	menus []*fyne.Menu
}

func (p *panel) SetSystemTrayMenu(m *fyne.Menu)    { p.menus = append(p.menus, m) }
func (p *panel) SetSystemTrayIcon(r fyne.Resource) { p.icons = append(p.icons, r) }
func (p *panel) SetSystemTrayWindow(fyne.Window)   {}

func TestOnlyWhatChangedIsSet(t *testing.T) {
	p := &panel{}
	var got []ui.Intent
	tr := &Tray{app: p, send: func(i ui.Intent) { got = append(got, i) }, now: nowFunc, root: fyne.NewMenu("Tocsin")}
	tr.draw()
	tr.draw()
	if len(p.menus) != 1 || len(p.icons) != 1 {
		t.Fatalf("%d menus and %d icons set, want one each", len(p.menus), len(p.icons))
	}
	tr.model = ui.Model{Hub: ui.Hub{State: ui.Connected}, Pages: []ui.Page{{Key: "a", Number: 7}}}
	tr.draw()
	if len(p.menus) != 2 || len(p.icons) != 2 || p.icons[1] != icons[Ringing] {
		t.Fatalf("a page: %d menus and %d icons set", len(p.menus), len(p.icons))
	}
	if p.menus[0] != p.menus[1] {
		t.Error("another menu: Fyne sets the first again once its tray has started")
	}
	items := p.menus[1].Items
	items[4].Action()
	quit := items[len(items)-1]
	quit.Action()
	if len(got) != 2 || !reflect.DeepEqual(got[0], ui.On(ui.Acknowledge, ui.Ref{Key: "a"})) || got[1].Kind != ui.Quit {
		t.Errorf("sent %v", got)
	}
	if !items[0].Disabled || !quit.IsQuit {
		t.Error("lines that only say something must not be clickable, and Fyne must not add a Quit of its own")
	}
}

func TestEveryFaceHasAnIcon(t *testing.T) {
	for f := Calm; f <= HubLost; f++ {
		if icons[f] == nil || len(icons[f].Content()) == 0 {
			t.Errorf("face %d has none", f)
		}
	}
}

func TestLabelsHaveNoAccessKeys(t *testing.T) {
	for system, want := range map[string]string{"linux": "a__b & c", "windows": "a_b && c", "darwin": "a_b & c"} {
		if got := literal(system, "a_b & c"); got != want {
			t.Errorf("%s: got %q, want %q", system, got, want)
		}
	}
}
