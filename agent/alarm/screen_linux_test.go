package alarm

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/jezek/xgb/dpms"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"tocsin/agent/alarm/bus"
)

// desktop is an X server and window manager of the test's own.
type desktop struct {
	*xserver // a client that makes windows
	t        *testing.T
	display  string
	server   *exec.Cmd
}

func newDesktop(t *testing.T) *desktop {
	t.Helper()
	need(t, "Xvfb", "openbox")
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("XAUTHORITY", "/dev/null")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset")
	server.ExtraFiles = []*os.File{w}
	server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait(); r.Close() })
	w.Close()
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	d := &desktop{t: t, display: ":" + strings.TrimSpace(number), server: server}
	if d.xserver, err = dialX(d.display); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	home := t.TempDir()
	spawn(t, []string{"DISPLAY=" + d.display, "HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_CACHE_HOME=" + home}, "openbox", "--sm-disable")
	eventually(t, "the window manager runs", func() bool {
		_, ok := d.first(d.root, "_NET_CURRENT_DESKTOP")
		return ok
	})
	return d
}

// window makes a mapped one; unmanaged ones are left alone by the window
// manager.
func (d *desktop) window(x, y int16, w, h uint16, unmanaged bool) xproto.Window {
	d.t.Helper()
	id, err := xproto.NewWindowId(d.Conn)
	if err != nil {
		d.t.Fatal(err)
	}
	var own uint32
	if unmanaged {
		own = 1
	}
	err = xproto.CreateWindowChecked(d.Conn, 24, id, d.root, x, y, w, h, 0, xproto.WindowClassInputOutput, 0, xproto.CwOverrideRedirect, []uint32{own}).Check()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := xproto.MapWindowChecked(d.Conn, id).Check(); err != nil {
		d.t.Fatal(err)
	}
	eventually(d.t, "the window is mapped", func() bool {
		a, err := xproto.GetWindowAttributes(d.Conn, id).Reply()
		_, managed := d.first(id, "_NET_WM_DESKTOP")
		if err == nil && a.MapState == xproto.MapStateUnmapped {
			xproto.MapWindow(d.Conn, id) // a starting window manager may drop a request
		}
		return err == nil && a.MapState == xproto.MapStateViewable && managed != unmanaged
	})
	return id
}

func (d *desktop) screen() *Screen {
	s := &Screen{display: d.display}
	d.t.Cleanup(s.Close)
	return s
}

func x11(id xproto.Window) Window { return Window{System: "x11", ID: uintptr(id)} }

func sees(t *testing.T, s *Screen, w xproto.Window, want Verdict, detail string) {
	t.Helper()
	var got Sight
	defer func() {
		if t.Failed() {
			t.Logf("last sight: %+v", got)
		}
	}()
	eventually(t, "the window is "+want.String()+" because "+detail, func() bool {
		got = s.Check(context.Background(), x11(w))
		return got.Verdict == want && strings.Contains(got.Detail, detail)
	})
}

// noBuses makes the machine's own services unreachable.
func noBuses(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
}

func TestWindowIsSeenOrNot(t *testing.T) {
	noBuses(t)
	d := newDesktop(t)
	s := d.screen()
	win := d.window(100, 100, 300, 200, false)
	sees(t, s, win, Visible, "100 % uncovered, lock state unknown")

	film := d.window(0, 0, 800, 600, true)
	sees(t, s, win, NotVisible, "covered")
	xproto.DestroyWindow(d.Conn, film)
	sees(t, s, win, Visible, "100 %")

	at, err := xproto.TranslateCoordinates(d.Conn, win, d.root, 0, 0).Reply()
	if err != nil {
		t.Fatal(err)
	}
	strip := d.window(0, at.DstY-1000, 800, 1000+50, true)
	sees(t, s, win, Visible, "75 % uncovered")
	xproto.ConfigureWindow(d.Conn, strip, xproto.ConfigWindowHeight, []uint32{1000 + 150})
	sees(t, s, win, NotVisible, "only 25 % of it uncovered")
	if err := shape.RectanglesChecked(d.Conn, shape.SoSet, shape.SkInput, xproto.ClipOrderingUnsorted, strip, 0, 0, nil).Check(); err != nil {
		t.Fatal(err)
	}
	sees(t, s, win, Visible, "100 %")

	off := d.window(-500, -500, 300, 200, true)
	sees(t, s, off, NotVisible, "off the screen")
	xproto.UnmapWindow(d.Conn, off)
	sees(t, s, off, NotVisible, "not mapped")
	xproto.DestroyWindow(d.Conn, off)
	sees(t, s, off, NotVisible, "gone")
}

func TestRaiseBringsTheWindowBack(t *testing.T) {
	noBuses(t)
	d := newDesktop(t)
	s := d.screen()
	win := d.window(100, 100, 300, 200, false)
	raise := func() {
		t.Helper()
		if err := s.Raise(x11(win)); err != nil {
			t.Fatal(err)
		}
		sees(t, s, win, Visible, "100 %")
	}

	other := d.window(0, 0, 700, 500, false)
	xproto.SetInputFocus(d.Conn, xproto.InputFocusNone, other, xproto.TimeCurrentTime)
	sees(t, s, win, NotVisible, "covered")
	raise()
	if f, err := xproto.GetInputFocus(d.Conn).Reply(); err != nil || f.Focus == win {
		t.Errorf("raising took the keyboard's focus (%v)", err)
	}

	d.tell(d.root, "_NET_CURRENT_DESKTOP", 1, 0)
	sees(t, s, win, NotVisible, "another workspace")
	raise()
	if now, _ := d.first(d.root, "_NET_CURRENT_DESKTOP"); now != 1 {
		t.Error("raising changed the workspace")
	}

	name := "WM_CHANGE_STATE"
	atom, err := xproto.InternAtom(d.Conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		t.Fatal(err)
	}
	d.atoms[name] = atom.Atom
	d.tell(win, name, iconicState)
	eventually(t, "it is an icon", func() bool {
		state, _ := d.first(win, "WM_STATE")
		return state == iconicState
	})
	sees(t, s, win, NotVisible, "minimised")
	raise()

	d.tell(win, name, iconicState)
	sees(t, s, win, NotVisible, "minimised")
	d.tell(d.root, "_NET_CURRENT_DESKTOP", 0, 0)
	eventually(t, "the other workspace is in view", func() bool {
		current, _ := d.first(d.root, "_NET_CURRENT_DESKTOP")
		return current == 0
	})
	raise()
}

func TestDarkScreenShowsNothing(t *testing.T) {
	noBuses(t)
	d := newDesktop(t)
	s := d.screen()
	win := d.window(100, 100, 300, 200, false)
	if d.saver {
		xproto.ForceScreenSaver(d.Conn, xproto.ScreenSaverActive)
		sees(t, s, win, NotVisible, "screen saver on")
		xproto.ForceScreenSaver(d.Conn, xproto.ScreenSaverReset)
		sees(t, s, win, Visible, "100 %")
	}
	if d.dpms {
		dpms.Enable(d.Conn)
		dpms.ForceLevel(d.Conn, dpms.DPMSModeOff)
		sees(t, s, win, NotVisible, "screen asleep")
		dpms.ForceLevel(d.Conn, dpms.DPMSModeOn)
		sees(t, s, win, Visible, "100 %")
	}
}

func TestStuckOrDeadDisplayProvesNothing(t *testing.T) {
	noBuses(t)
	d := newDesktop(t)
	s := d.screen()
	win := d.window(100, 100, 300, 200, false)
	sees(t, s, win, Visible, "100 %")
	d.server.Process.Signal(syscall.SIGSTOP)
	sees(t, s, win, Unprovable, "does not answer")
	d.server.Process.Signal(syscall.SIGCONT)
	sees(t, s, win, Visible, "100 %")
	d.server.Process.Kill()
	sees(t, s, win, Unprovable, "cannot be asked")
}

func TestOtherSystemsAreNotClaimed(t *testing.T) {
	noBuses(t)
	s := &Screen{}
	for _, w := range []Window{{"wayland", 1}, {"windows", 1}, {"macos", 1}} {
		if got := s.Check(t.Context(), w); got.Verdict != Unprovable || got.Detail == "" {
			t.Errorf("%v: %+v", w, got)
		}
		if err := s.Raise(w); err != nil {
			t.Errorf("%v: %v", w, err)
		}
	}
	if got := s.Check(t.Context(), Window{}); got.Verdict != NotVisible {
		t.Errorf("no window: %+v", got)
	}
}

// saver is a screen saver's service, or a login session.
type saver struct{ active atomic.Bool }

func (s *saver) GetActive() (bool, *dbus.Error) { return s.active.Load(), nil }

func (s *saver) Get(iface, name string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant(s.active.Load()), nil
}

func serve(t *testing.T, dial func() (*dbus.Conn, error), name string, path dbus.ObjectPath, iface string, v any) {
	t.Helper()
	conn, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.Export(v, path, iface); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
}

func TestLockedSessionShowsNothing(t *testing.T) {
	noBuses(t)
	d := newDesktop(t)
	win := d.window(100, 100, 300, 200, false)

	t.Run("screen saver", func(t *testing.T) {
		privateBus(t)
		v := &saver{}
		v.active.Store(true)
		serve(t, bus.Session, "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", v)
		s := d.screen()
		if got := s.Check(t.Context(), x11(win)); got.Verdict != NotVisible || !got.Locked {
			t.Errorf("locked: %+v", got)
		}
		v.active.Store(false)
		if got := s.Check(t.Context(), x11(win)); got.Verdict != Visible || got.Locked || strings.Contains(got.Detail, "unknown") {
			t.Errorf("unlocked: %+v", got)
		}
	})
	t.Run("login session", func(t *testing.T) {
		privateBus(t)
		t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
		t.Setenv("XDG_SESSION_ID", "")
		v := &saver{}
		v.active.Store(true)
		serve(t, bus.System, "org.freedesktop.login1", "/org/freedesktop/login1/session/auto", "org.freedesktop.DBus.Properties", v)
		s := d.screen()
		if got := s.Check(t.Context(), x11(win)); got.Verdict != NotVisible || !got.Locked {
			t.Errorf("locked: %+v", got)
		}
		v.active.Store(false)
		if got := s.Check(t.Context(), x11(win)); got.Verdict != Visible || got.Locked {
			t.Errorf("unlocked: %+v", got)
		}
	})
}
