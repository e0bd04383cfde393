package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
)

// desk is a desktop of the test's own: a display with a window manager, a
// message bus with a notification service, a sound output, a home.
type desk struct {
	t   *testing.T
	dir string
	screen
	bus   string // address
	pulse string // address
	notes *notes
	room  *room
}

// seats bounds how many desktops there are at once: each draws without a
// graphics card.
var seats = make(chan struct{}, 2)

// need demands what make test installs.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Fatalf("%s is missing; make test-packages installs it: %v", p, err)
		}
	}
}

// newDesk starts a desktop with nothing on it.
func newDesk(t *testing.T) *desk {
	t.Helper()
	need(t, "Xvfb", "openbox", "dbus-daemon", "dunst", "pulseaudio", "parec", "pactl", "xdotool", "wmctrl", "xmessage")
	seats <- struct{}{}
	t.Cleanup(func() { <-seats })
	// Sockets have short names, and tests long ones.
	dir, err := os.MkdirTemp("", "tocsin-desk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &desk{t: t, dir: dir, pulse: "unix:" + filepath.Join(dir, "pulse")}
	for _, sub := range []string{"home", "run", "config"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	d.startBus()
	d.startDisplay()
	d.startSound()
	d.startNotifications()
	d.point(2, 2)
	return d
}

// explain leaves what a person needs who finds that a test has failed.
func (d *desk) explain() {
	if !d.t.Failed() {
		return
	}
	d.photograph(d.t.Name() + " failed")
	for _, w := range d.stacked() {
		out, _ := d.command("xprop", "-id", fmt.Sprint(w), "WM_STATE", "_NET_WM_STATE", "_NET_WM_DESKTOP").Output()
		d.t.Logf("window %#x %q at %v, viewable %v\n%s", w, d.title(w), d.area(w), d.viewable(w), out)
	}
}

// env is the environment of a program on this desktop, and of no other.
func (d *desk) env() []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasPrefix(name, "XDG_") && !strings.HasPrefix(name, "DBUS_") && !strings.HasPrefix(name, "PULSE_") {
			env = append(env, v)
		}
	}
	return append(env,
		"DISPLAY="+d.display, "WAYLAND_DISPLAY=", "XAUTHORITY=/dev/null",
		"DBUS_SESSION_BUS_ADDRESS="+d.bus, "DBUS_SYSTEM_BUS_ADDRESS=unix:path="+filepath.Join(d.dir, "no-system-bus"),
		"PULSE_SERVER="+d.pulse,
		"HOME="+filepath.Join(d.dir, "home"), "XDG_RUNTIME_DIR="+filepath.Join(d.dir, "run"),
		"XDG_CONFIG_HOME="+filepath.Join(d.dir, "config"),
		"XDG_STATE_HOME="+filepath.Join(d.dir, "state"), "XDG_CACHE_HOME="+filepath.Join(d.dir, "cache"), "XDG_DATA_HOME="+filepath.Join(d.dir, "data"),
		"LANG=C.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1", "NO_AT_BRIDGE=1", "TZ=Europe/London",
	)
}

// start runs a program on the desktop. It ends with the test, and with the
// test's process if that dies.
func (d *desk) start(name string, args ...string) *process {
	d.t.Helper()
	return start(d.t, name, d.command(name, args...))
}

func (d *desk) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = d.env()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// try runs a program on the desktop to its end.
func (d *desk) try(name string, args ...string) error {
	out, err := d.command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

func (d *desk) do(name string, args ...string) {
	d.t.Helper()
	if err := d.try(name, args...); err != nil {
		d.t.Fatal(err)
	}
}

// busConfig is a session bus that starts no services by itself.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

func (d *desk) startBus() {
	d.t.Helper()
	socket, config := filepath.Join(d.dir, "bus"), filepath.Join(d.dir, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, socket), 0o600); err != nil {
		d.t.Fatal(err)
	}
	d.bus = "unix:path=" + socket
	d.start("dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile")
	waitFor(d.t, "the message bus answers", func() bool {
		conn, err := dbus.Connect(d.bus)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
}

// onBus is a connection to the desktop's bus.
func (d *desk) onBus() *dbus.Conn {
	d.t.Helper()
	conn, err := dbus.Connect(d.bus)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { conn.Close() })
	return conn
}

func (d *desk) startDisplay() {
	d.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		d.t.Fatal(err)
	}
	defer r.Close()
	cmd := d.command("Xvfb", "-displayfd", "3", "-screen", "0", "1280x800x24", "-dpi", "96", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	start(d.t, "Xvfb", cmd)
	w.Close()
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		d.t.Fatalf("Xvfb names no display: %v", err)
	}
	d.screen.connect(d.t, ":"+strings.TrimSpace(number))
	d.start("openbox", "--sm-disable")
	waitFor(d.t, "the window manager runs", func() bool { return len(d.property(d.root, "_NET_SUPPORTING_WM_CHECK")) > 0 })
}

func (d *desk) startSound() {
	d.t.Helper()
	d.start("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes", "--realtime=no", "--high-priority=no",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+strings.TrimPrefix(d.pulse, "unix:"),
		"-L", "module-null-sink sink_name=room sink_properties=device.description=Room rate=44100")
	waitFor(d.t, "the sound server answers", func() bool { return d.try("pactl", "info") == nil })
	d.room = d.listen()
}

// mute turns the desktop's only output off, or on again.
func (d *desk) mute(off bool) {
	d.t.Helper()
	d.do("pactl", "set-sink-mute", "room", map[bool]string{true: "1", false: "0"}[off])
}

// worker is a person's ordinary window, as large as the screen and in front.
func (d *desk) worker(title string) window {
	d.t.Helper()
	d.start("xmessage", "-buttons", "", "-title", title, "-bg", "white", "Quarterly figures, not to be confused with an alarm.")
	var w window
	waitFor(d.t, "an ordinary window is up", func() bool {
		var ok bool
		w, ok = d.find(0, title)
		return ok && d.viewable(w)
	})
	d.do("wmctrl", "-r", title, "-b", "add,maximized_vert,maximized_horz")
	d.do("wmctrl", "-a", title)
	return w
}
