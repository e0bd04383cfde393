package alarm

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// pulseServer starts a sound server of the test's own, whose output goes
// nowhere but can be listened to.
func pulseServer(t *testing.T) (address string, process *exec.Cmd) {
	t.Helper()
	need(t, "pulseaudio", "parec")
	dir := t.TempDir()
	socket := filepath.Join(dir, "native")
	process = spawn(t, []string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "XDG_CONFIG_HOME=" + dir, "DBUS_SESSION_BUS_ADDRESS=", "PULSE_SERVER="},
		"pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes", "--realtime=no", "--high-priority=no",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+socket,
		"-L", "module-null-sink sink_name=room sink_properties=device.description=Room rate=44100")
	eventually(t, "the sound server answers", func() bool {
		st, err := probe(socket)
		return err == nil && st.Output != ""
	})
	return socket, process
}

func control(t *testing.T, address string, req proto.RequestArgs) {
	t.Helper()
	p, err := dialPulse(address, func(any) {})
	if err != nil {
		t.Fatal(err)
	}
	defer p.conn.Close()
	if err := p.Request(req, nil); err != nil {
		t.Fatal(err)
	}
}

func runSound(t *testing.T, address string) (*Sound, recorder[SoundState]) {
	t.Helper()
	states := record[SoundState]()
	s := NewSound(states.put)
	s.server = address
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return s, states
}

// microphone stands in the room.
func microphone(t *testing.T, address string) func() []int16 {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("parec", "-s", "unix:"+address, "-d", "room.monitor", "--raw", "--format=s16le", "--rate=22050", "--channels=1", "--latency-msec=50")
	cmd.Stdout = w
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait(); r.Close() })
	return func() []int16 {
		t.Helper()
		b := make([]byte, 2*period) // one period of the alarm
		r.SetReadDeadline(time.Now().Add(15 * time.Second))
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatalf("listening: %v", err)
		}
		out := make([]int16, len(b)/2)
		for i := range out {
			out[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
		}
		return out
	}
}

func TestTheAlarmIsHeard(t *testing.T) {
	t.Parallel()
	address, _ := pulseServer(t)
	s, states := runSound(t, address)
	hear := microphone(t, address)

	s.Set(Rising)
	st := states.await(t, "it plays", func(st SoundState) bool { return st.Playing })
	if st.Output != "Room, volume 100 %" || st.Reason != "" {
		t.Errorf("got %+v", st)
	}
	eventually(t, "there is a signal with the alarm's pitches", func() bool {
		heard := hear()
		strikes := min(tonal(heard, lowest), tonal(heard, lowest*1.25), tonal(heard, lowest*1.5))
		between := max(tonal(heard, lowest*1.125), tonal(heard, lowest*1.375))
		t.Logf("level %.4f; at the three pitches %.3f or more, between them %.3f or less", rms(heard), strikes, between)
		return rms(heard) > 0.03 && strikes > 5*between
	})

	s.Set(Silent)
	states.await(t, "it says that it is silent", func(st SoundState) bool { return st == SoundState{} })
	eventually(t, "the room is quiet", func() bool { return rms(hear()) < 1e-4 })
}

func TestMutedIsNotRinging(t *testing.T) {
	t.Parallel()
	address, _ := pulseServer(t)
	s, states := runSound(t, address)
	mute := func(on bool) {
		control(t, address, &proto.SetSinkMute{SinkIndex: proto.Undefined, SinkName: "room", Mute: on})
	}
	mute(true)
	if st := s.Probe(t.Context()); st.Playing || st.Reason != reasonMuted {
		t.Errorf("probe of a muted output: %+v", st)
	}
	s.Set(Rising)
	st := states.await(t, "anything is said", func(SoundState) bool { return true })
	if st.Playing || st.Reason != reasonMuted {
		t.Fatalf("muted, it said %+v", st)
	}
	mute(false)
	states.await(t, "it plays once it is no longer muted", func(st SoundState) bool { return st.Playing })
	control(t, address, &proto.SetSinkVolume{SinkIndex: proto.Undefined, SinkName: "room", ChannelVolumes: proto.ChannelVolumes{0, 0}})
	states.await(t, "it notices the volume", func(st SoundState) bool { return !st.Playing && st.Reason == reasonVolume })
}

func TestSoundServerComesAndGoes(t *testing.T) {
	t.Parallel()
	none := filepath.Join(t.TempDir(), "native")
	s, states := runSound(t, none)
	s.Set(Rising)
	st := states.await(t, "it says why it is silent", func(st SoundState) bool { return st.Reason != "" })
	if st.Playing || !strings.Contains(st.Reason, "no sound server") {
		t.Errorf("got %+v", st)
	}
	if st := s.Probe(t.Context()); st.Playing || !strings.Contains(st.Reason, "no sound server") {
		t.Errorf("probe: %+v", st)
	}

	address, process := pulseServer(t)
	if err := os.Symlink(address, none); err != nil {
		t.Fatal(err)
	}
	states.await(t, "it plays when a server has come", func(st SoundState) bool { return st.Playing })
	process.Process.Kill()
	states.await(t, "it notices that the server died", func(st SoundState) bool { return !st.Playing && st.Reason != "" })
}

func TestStuckSoundServerIsNotRinging(t *testing.T) {
	t.Parallel()
	address, process := pulseServer(t)
	s, states := runSound(t, address)
	s.Set(Rising)
	states.await(t, "it plays", func(st SoundState) bool { return st.Playing })
	process.Process.Signal(syscall.SIGSTOP)
	states.await(t, "it notices", func(st SoundState) bool { return !st.Playing && strings.Contains(st.Reason, "not answer") })
	process.Process.Signal(syscall.SIGCONT)
	states.await(t, "it plays again", func(st SoundState) bool { return st.Playing })
}

func TestBriefAlarmEnds(t *testing.T) {
	t.Parallel()
	address, _ := pulseServer(t)
	s, states := runSound(t, address)
	s.Set(Brief)
	states.await(t, "it plays", func(st SoundState) bool { return st.Playing })
	states.await(t, "it is over, without complaint", func(st SoundState) bool { return st == SoundState{} })
}

func TestServerThatHangsUpDoesNotHarm(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "native")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	s, states := runSound(t, socket)
	s.Set(Rising)
	states.await(t, "it says why", func(st SoundState) bool { return st.Reason != "" })
}
