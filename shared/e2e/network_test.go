package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
)

// relayEnv makes the test's own program a relay: "listen target".
const relayEnv = "TOCSIN_TEST_RELAY"

func TestMain(m *testing.M) {
	if ways := os.Getenv(relayEnv); ways != "" {
		listen, target, _ := strings.Cut(ways, " ")
		fmt.Fprintln(os.Stderr, relay(listen, target))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// relay passes connections on. Agents speak without encryption to their own
// machine only, so that is where the way over a cable begins and ends.
func relay(listen, target string) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Println("relays")
	for {
		in, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer in.Close()
			out, err := net.Dial("tcp", target)
			if err != nil {
				return
			}
			defer out.Close()
			go func() {
				_, _ = io.Copy(out, in) // a cut connection is what this is for
				out.Close()
			}()
			_, _ = io.Copy(in, out)
		}()
	}
}

// within is a command in a network namespace.
func within(space, name string, args ...string) *exec.Cmd {
	if space == "" {
		return exec.Command(name, args...)
	}
	return exec.Command("ip", append([]string{"netns", "exec", space, name}, args...)...)
}

var sites atomic.Int32

// site is an office that a cable joins to the hub's machine: two network
// namespaces.
type site struct {
	t           *testing.T
	hub, office string
	cable       string // the office's end
}

func newSite(t *testing.T) *site {
	t.Helper()
	n := sites.Add(1)
	s := &site{t: t, hub: fmt.Sprintf("tocsin-h%d-%d", os.Getpid(), n), office: fmt.Sprintf("tocsin-o%d-%d", os.Getpid(), n), cable: "office"}
	if out, err := exec.Command("ip", "netns", "add", s.hub).CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody make network namespaces: %v: %s", errors.Unwrap(err), out)
	}
	t.Cleanup(func() { s.ip("netns", "del", s.hub) })
	s.ip("netns", "add", s.office)
	t.Cleanup(func() { s.ip("netns", "del", s.office) })
	s.ip("-n", s.hub, "link", "add", "hub", "type", "veth", "peer", "name", s.cable, "netns", s.office)
	for space, end := range map[string]string{s.hub: "hub", s.office: s.cable} {
		address := map[string]string{s.hub: "192.0.2.1/24", s.office: "192.0.2.2/24"}[space]
		s.ip("-n", space, "addr", "add", address, "dev", end)
		s.ip("-n", space, "link", "set", end, "up")
		s.ip("-n", space, "link", "set", "lo", "up")
	}
	return s
}

func (s *site) ip(args ...string) {
	s.t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		s.t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// join lets the office reach a hub that listens on its own machine.
func (s *site) join(h *hub) {
	s.t.Helper()
	_, port, err := net.SplitHostPort(h.listen)
	if err != nil {
		s.t.Fatal(err)
	}
	outside := "192.0.2.1:" + port
	s.relay(s.hub, outside, h.listen)
	s.relay(s.office, h.listen, outside)
}

func (s *site) relay(space, listen, target string) {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := within(space, self)
	cmd.Env = append(os.Environ(), relayEnv+"="+listen+" "+target)
	p := start(s.t, "relay in "+space, cmd)
	waitFor(s.t, "the relay works", func() bool { return p.out.find("relays") != "" })
}

// cut unplugs the office, and mend plugs it in again. Nobody is told: packets are
// lost.
func (s *site) cut()  { s.ip("-n", s.office, "link", "set", s.cable, "down") }
func (s *site) mend() { s.ip("-n", s.office, "link", "set", s.cable, "up") }
