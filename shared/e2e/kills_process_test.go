package e2e

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/config"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// killsEnv says how often the hub is killed; without it a few times only.
const killsEnv = "TOCSIN_KILLS"

func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv(killsEnv)
	if text == "" {
		return 8
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s is no number of kills", killsEnv, text)
	}
	return n
}

// TestAHubKilledAgainAndAgainUnderLoadLosesDoublesAndSilencesNothing: sources, people
// and an agent go on meanwhile, and what they were answered is held against what is
// there in the end. make kills does it a thousand times.
func TestAHubKilledAgainAndAgainUnderLoadLosesDoublesAndSilencesNothing(t *testing.T) {
	t.Parallel()
	c := newCampaign(t)
	c.begin()
	waitFor(t, "the hub is ready", c.ready)
	c.setUp()
	c.load()
	for n := range kills(t) {
		c.live(n)
		c.end()
		if n%4 == 1 {
			c.cutOff()
		}
		c.begin()
	}
	waitFor(t, "the hub is ready", c.ready)
	close(c.over)
	c.users.Wait()
	c.check()
}

func TestAHubKilledWhileItMakesItsDataStartsAgain(t *testing.T) {
	t.Parallel()
	for left := kills(t); left > 0; {
		c := newCampaign(t)
		c.begin()
		for served := false; !served && left > 0; left-- {
			c.during(rand.N(100 * time.Millisecond))
			served = c.serves()
			c.end()
			c.begin()
		}
		waitFor(t, "the hub is ready", c.ready)
		c.edit()
		c.send(&keyed{service: "calm", key: "k"}, "trigger")
		c.checkHub()
		c.end()
	}
}

// campaign is a hub that is killed again and again, what uses it meanwhile, and the
// account of that which is kept outside the hub.
type campaign struct {
	t                     *testing.T
	data, listen, profile string
	gateway               *httptest.Server
	admin                 hubv1connect.HubServiceClient
	web                   *http.Client
	hub                   *process
	ended                 []time.Time // the hub's lives
	unready, stopping     int         // lives that ended before it served, and while it stopped by itself
	hurry                 chan struct{}
	over                  chan struct{} // closed when the load is to end
	users                 sync.WaitGroup

	mu       sync.Mutex
	agent    *process
	keyboard io.Writer   // of the agent
	screens  []*logged   // what each of its lives printed
	started  []time.Time // the hub's lives
	keys     []*keyed
	left     map[string][]*keyed // by service: triggered, and not resolved so far
	pushes   []push
	links    []string
	taken    map[uint64]int // incident → acknowledgements that the hub confirmed
	revision uint64         // of the configuration, as answered
}

func newCampaign(t *testing.T) *campaign {
	t.Helper()
	dir := t.TempDir()
	c := &campaign{
		t: t, data: filepath.Join(dir, "hub"), profile: filepath.Join(dir, "ada"), listen: quietPort(t), web: &http.Client{Timeout: patience},
		hurry: make(chan struct{}), over: make(chan struct{}), left: map[string][]*keyed{}, taken: map[uint64]int{},
	}
	c.gateway = httptest.NewServer(http.HandlerFunc(c.take))
	t.Cleanup(c.gateway.Close)
	socket, err := config.Socket(c.data)
	if err != nil {
		t.Fatal(err)
	}
	var d net.Dialer
	local := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return d.DialContext(ctx, "unix", socket) }}
	c.admin = hubv1connect.NewHubServiceClient(&http.Client{Transport: local, Timeout: patience}, "http://hub")
	if err := os.MkdirAll(c.data, 0o700); err != nil {
		t.Fatal(err)
	}
	c.write("gateways.yaml", fmt.Sprintf("ntfy: [{server: %q, token_from: {file: token}}]", c.gateway.URL))
	t.Cleanup(func() {
		for _, p := range []*process{c.hub, c.agent} {
			if p != nil {
				p.kill()
			}
		}
		c.users.Wait()
		if t.Failed() {
			t.Logf("the hub said in its last life:\n%s", c.hub.out)
		}
	})
	return c
}

func (c *campaign) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.data, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// quietPort is a free address whose port the system gives to nobody who connects:
// one that does so again and again while the hub is away would end up connected to
// itself, and the hub would find its port taken.
func quietPort(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.N(12000)))
		if err != nil {
			continue
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}

// begin starts the hub and does not wait for it. It shows the gateway which of its
// lives this is.
func (c *campaign) begin() {
	c.t.Helper()
	c.mu.Lock()
	c.write("token", fmt.Sprintf("life-%d", len(c.started)))
	c.started = append(c.started, time.Now())
	c.mu.Unlock()
	c.hub = launch(c.t, "hub", within("", program(c.t, "hub"), "serve", "--listen", c.listen, "--data", c.data))
}

func (c *campaign) serves() bool { return c.hub.out.find("the hub runs") != "" }

func (c *campaign) ready() bool {
	res, err := c.web.Get("http://" + c.listen + "/readyz")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// live lets the hub run for a random time, and sometimes tells it to stop: the kill
// that follows then comes while it does. A third of the lives are so short that many
// end before the hub is up.
func (c *campaign) live(n int) {
	c.t.Helper()
	window := []time.Duration{150 * time.Millisecond, 1200 * time.Millisecond, 1200 * time.Millisecond}[n%3]
	if n%12 == 7 {
		window = 6 * time.Second
	}
	c.during(rand.N(window))
	if n%5 == 2 {
		c.switchAgent()
		c.during(rand.N(window))
	}
	if rand.N(3) > 0 {
		c.rush()
	}
	if rand.N(4) > 0 {
		return
	}
	if _, err := c.admin.Drain(c.t.Context(), connect.NewRequest(&hubv1.DrainRequest{ForMs: 60_000})); err != nil {
		return // it is not up yet
	}
	c.hub.signal(syscall.SIGTERM)
	select {
	case <-c.hub.done:
	case <-time.After(rand.N(300 * time.Millisecond)):
		c.stopping++
	}
}

// during lets time pass: when the kill comes is chance.
func (c *campaign) during(d time.Duration) {
	c.t.Helper()
	select {
	case <-time.After(d):
	case <-c.hub.done:
		c.t.Fatalf("the hub ended by itself:\n%s", c.hub.out)
	}
}

// rush has the senders go as fast as they can, so that the kill finds commits under
// way.
func (c *campaign) rush() {
	for end := time.After(rand.N(50 * time.Millisecond)); ; {
		select {
		case c.hurry <- struct{}{}:
		case <-end:
			return
		}
	}
}

func (c *campaign) end() {
	c.t.Helper()
	c.hub.kill()
	c.ended = append(c.ended, time.Now())
	if !c.serves() {
		c.unready++
	}
	if said := c.hub.out.String(); strings.Contains(said, "level=ERROR") || strings.Contains(said, "panic") {
		c.t.Errorf("the hub said:\n%s", said)
	}
}

// setUp configures the hub and enrols ada's agent.
func (c *campaign) setUp() {
	c.t.Helper()
	c.edit()
	code, err := c.admin.CreateEnrolmentCode(c.t.Context(), connect.NewRequest(&hubv1.CreateEnrolmentCodeRequest{UserId: "ada"}))
	if err != nil {
		c.t.Fatal(err)
	}
	c.switchAgent("--hub", "http://"+c.listen, "--code", code.Msg.Code)
	waitFor(c.t, "the agent is connected", func() bool { return c.agent.out.find("Connected to ") != "" })
}

// switchAgent kills the agent and starts it again.
func (c *campaign) switchAgent(args ...string) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.agent != nil {
		c.agent.kill()
	}
	cmd := within("", program(c.t, "agent"), append([]string{"--headless", "--profile", c.profile}, args...)...)
	in, err := cmd.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	c.agent, c.keyboard = launch(c.t, "agent", cmd), in
	c.screens = append(c.screens, c.agent.out)
}

// cutOff has somebody acknowledge while the hub is away, at an agent that is killed
// soon after.
func (c *campaign) cutOff() {
	c.t.Helper()
	for range 3 {
		c.typeOne()
	}
	<-time.After(rand.N(200 * time.Millisecond))
	c.switchAgent()
}
