package alarm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// A sound server that has not answered in this time is taken for stuck.
const pulseTimeout = 2 * time.Second

var errNoServer = errors.New("no sound server")

// pulse is one connection to a PulseAudio server (or PipeWire, which speaks
// the same). It stands on the library's protocol layer: the stream type above
// it waits without end for a server that has stopped answering.
type pulse struct {
	*proto.Client
	conn net.Conn
}

// dialPulse connects to the first server that answers. An empty address means
// the one that the environment names.
func dialPulse(address string, received func(any)) (*pulse, error) {
	last := errNoServer
	for _, a := range pulseAddresses(address) {
		conn, err := net.DialTimeout(a.network, a.address, pulseTimeout)
		if err != nil {
			last = fmt.Errorf("%w (%v)", errNoServer, err)
			continue
		}
		p := &pulse{Client: &proto.Client{Callback: received}, conn: conn}
		p.SetTimeout(pulseTimeout)
		p.Open(impatient{conn})
		if err = p.hello(); err == nil {
			return p, nil
		}
		conn.Close()
		last = fmt.Errorf("the sound server refused: %w", err)
	}
	return nil, last
}

func (p *pulse) hello() error {
	var auth proto.AuthReply
	if err := p.Request(&proto.Auth{Version: p.Version(), Cookie: pulseCookie()}, &auth); err != nil {
		return err
	}
	p.SetVersion(auth.Version)
	return p.Request(&proto.SetClientName{Props: proto.PropList{
		"application.name":       proto.PropListString("Tocsin"),
		"application.process.id": proto.PropListString(strconv.Itoa(os.Getpid())),
	}}, &proto.SetClientNameReply{})
}

// impatient gives up on a server that no longer reads, instead of blocking
// whoever writes.
type impatient struct{ net.Conn }

func (c impatient) Write(b []byte) (int, error) {
	c.SetWriteDeadline(time.Now().Add(pulseTimeout))
	n, err := c.Conn.Write(b)
	if err != nil {
		c.Close()
	}
	return n, err
}

type networkAddress struct{ network, address string }

// pulseAddresses reads a server string as PulseAudio does; see its manual,
// "Server Strings".
func pulseAddresses(s string) []networkAddress {
	if s == "" {
		s = os.Getenv("PULSE_SERVER")
	}
	if s == "" {
		return pulseDefaults()
	}
	host, _ := os.Hostname()
	var out []networkAddress
	for _, one := range strings.Fields(s) {
		if local, rest, ok := strings.Cut(strings.TrimPrefix(one, "{"), "}"); ok && one[0] == '{' {
			if local != host {
				continue
			}
			one = rest
		}
		network, address, ok := strings.Cut(one, ":")
		switch {
		case strings.HasPrefix(one, "/"):
			out = append(out, networkAddress{"unix", one})
		case ok && network == "unix":
			out = append(out, networkAddress{"unix", address})
		case ok && (network == "tcp" || network == "tcp4" || network == "tcp6"):
			if _, _, err := net.SplitHostPort(address); err != nil {
				address = net.JoinHostPort(address, "4713")
			}
			out = append(out, networkAddress{network, address})
		}
	}
	return out
}

func pulseDefaults() []networkAddress {
	var out []networkAddress
	for _, dir := range []string{
		os.Getenv("PULSE_RUNTIME_PATH"),
		join(os.Getenv("XDG_RUNTIME_DIR"), "pulse"),
		join("/run/user", strconv.Itoa(os.Getuid()), "pulse"),
	} {
		if dir != "" {
			out = append(out, networkAddress{"unix", filepath.Join(dir, "native")})
		}
	}
	return out
}

// join is filepath.Join, but nothing without a root.
func join(root string, rest ...string) string {
	if root == "" {
		return ""
	}
	return filepath.Join(append([]string{root}, rest...)...)
}

func pulseCookie() []byte {
	home, _ := os.UserHomeDir()
	config := os.Getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = join(home, ".config")
	}
	for _, path := range []string{os.Getenv("PULSE_COOKIE"), join(config, "pulse", "cookie"), join(home, ".pulse-cookie")} {
		if b, err := os.ReadFile(path); err == nil && len(b) == 256 {
			return b
		}
	}
	// Where the server asks for none, any will do.
	return make([]byte, 256)
}

// stream plays the tone from a position on until it is closed.
type stream struct {
	*pulse
	tone     Tone
	position int64
	id       atomic.Uint32
	input    uint32

	wanted  atomic.Int64  // bytes that the server asked for
	hungry  chan struct{} // holds one token when wanted has grown
	stop    chan struct{}
	feeding sync.WaitGroup

	started  chan struct{} // closed when the server says that it plays
	lost     chan struct{} // closed when the server or its stream has gone
	start1   sync.Once
	lost1    sync.Once
	underrun atomic.Bool
}

// openStream connects and lets the tone play from position on.
func openStream(address string, t Tone, position int64) (*stream, error) {
	s := &stream{
		tone: t, position: position,
		hungry: make(chan struct{}, 1), stop: make(chan struct{}),
		started: make(chan struct{}), lost: make(chan struct{}),
	}
	s.id.Store(proto.Undefined)
	p, err := dialPulse(address, s.receive)
	if err != nil {
		return nil, err
	}
	s.pulse = p
	var reply proto.CreatePlaybackStreamReply
	err = p.Request(&proto.CreatePlaybackStream{
		SinkIndex:      proto.Undefined, // the default output, moved along when it changes
		SampleSpec:     proto.SampleSpec{Format: proto.FormatInt16LE, Channels: 1, Rate: rate},
		ChannelMap:     proto.ChannelMap{proto.ChannelMono},
		ChannelVolumes: proto.ChannelVolumes{uint32(proto.VolumeNorm)},
		// Half a second ahead: few wake-ups, and quiet soon when it should be.
		BufferMaxLength:       2 * rate,
		BufferTargetLength:    rate,
		BufferPrebufferLength: proto.Undefined,
		BufferMinimumRequest:  proto.Undefined,
		AdjustLatency:         true,
		Properties:            proto.PropList{"media.name": proto.PropListString("Alarm")},
	}, &reply)
	if err != nil {
		p.conn.Close()
		return nil, fmt.Errorf("the sound server refused: %w", err)
	}
	s.id.Store(reply.StreamIndex)
	s.input = reply.SinkInputIndex
	s.feeding.Add(1)
	go s.feed()
	s.want(int64(reply.Missing))
	return s, nil
}

// receive runs on the connection's goroutine, which must not wait for itself.
func (s *stream) receive(message any) {
	switch m := message.(type) {
	case *proto.Request:
		s.want(int64(m.Length))
	case *proto.Started:
		s.underrun.Store(false)
		s.start1.Do(func() { close(s.started) })
	case *proto.Underflow:
		s.underrun.Store(true)
	case *proto.PlaybackStreamKilled, *proto.ConnectionClosed:
		s.lost1.Do(func() { close(s.lost) })
	}
}

func (s *stream) want(n int64) {
	s.wanted.Add(n)
	select {
	case s.hungry <- struct{}{}:
	default:
	}
}

func (s *stream) feed() {
	defer s.feeding.Done()
	samples := make([]int16, 4096)
	bytes := make([]byte, 0, 2*len(samples))
	for {
		select {
		case <-s.stop:
			return
		case <-s.hungry:
		}
		for left := s.wanted.Swap(0) / 2; left > 0; {
			part := samples[:min(left, int64(len(samples)))]
			fill(part, s.position, s.tone)
			bytes = bytes[:0]
			for _, v := range part {
				bytes = binary.LittleEndian.AppendUint16(bytes, uint16(v))
			}
			if s.Send(s.id.Load(), bytes) != nil {
				return // the next check finds out
			}
			s.position += int64(len(part))
			left -= int64(len(part))
		}
	}
}

// close ends the sound at once: the server drops a stream with its connection.
func (s *stream) close() {
	close(s.stop)
	s.conn.Close()
	s.feeding.Wait()
}
