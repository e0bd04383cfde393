package e2e

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// logged is what a process says.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// find gives the first line that holds a text.
func (l *logged) find(text string) string {
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, text) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// agent is a headless agent and its profile.
type agent struct {
	*process
	hub     *hub
	user    string
	profile string
	space   string // the network namespace that it runs in; empty: the test's own
	in      io.WriteCloser
}

func (h *hub) code(user string) string {
	h.t.Helper()
	var c struct{ Code string }
	if err := json.Unmarshal([]byte(h.cli("enroll", user, "--json")), &c); err != nil {
		h.t.Fatal(err)
	}
	return c.Code
}

// agent enrols and starts a user's agent, and waits until it is connected.
func (h *hub) agent(user string) *agent {
	h.t.Helper()
	return h.agentIn(user, h.space)
}

// agentIn is agent in a network namespace.
func (h *hub) agentIn(user, space string) *agent {
	h.t.Helper()
	a := &agent{hub: h, user: user, profile: filepath.Join(h.t.TempDir(), user), space: space}
	a.run("--hub", h.url(), "--code", h.code(user))
	a.awaitConnected()
	return a
}

func (a *agent) run(args ...string) {
	t := a.hub.t
	t.Helper()
	cmd := within(a.space, program(t, "agent"), append([]string{"--headless", "--profile", a.profile}, args...)...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	a.in = in
	a.process = start(t, "agent of "+a.user, cmd)
}

func (a *agent) awaitConnected() {
	a.hub.t.Helper()
	waitFor(a.hub.t, a.user+"'s agent is connected", a.connected)
}

func (a *agent) connected() bool {
	for _, d := range decodeLines[struct{ State string }](a.hub.t, a.hub.cli("devices", a.user, "--json")) {
		if d.State == "connected" {
			return true
		}
	}
	return false
}

// say types a line.
func (a *agent) say(line string) {
	a.hub.t.Helper()
	if _, err := io.WriteString(a.in, line+"\n"); err != nil {
		a.hub.t.Fatalf("type %q: %v", line, err)
	}
}

func (a *agent) awaitOutput(text string) {
	a.hub.t.Helper()
	waitFor(a.hub.t, a.user+"'s agent says "+text, func() bool { return strings.Contains(a.out.String(), text) })
}

func mustAtMost(t *testing.T, what string, n, most int) {
	t.Helper()
	if n > most {
		t.Errorf("%s: %d times, %d at most", what, n, most)
	}
}
