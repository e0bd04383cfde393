package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait. Nothing is expected to take this long: it ends a
// test that has gone wrong on a slow machine.
const patience = 3 * time.Minute

// waitFor looks until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		if holds() {
			tick.Stop()
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			tick.Stop()
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// program is the path of one of our programs.
func program(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("TOCSIN_BIN")
	if dir == "" {
		dir = filepath.Join("..", "..", "bin")
	}
	path, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not built; make e2e builds it: %v", name, err)
	}
	return path
}

// process is a program that a test started, and that ends with the test.
type process struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	out  *logged
	done chan struct{}
}

func start(t *testing.T, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := launch(t, name, cmd)
	t.Cleanup(func() {
		p.signal(syscall.SIGCONT)
		p.signal(syscall.SIGKILL)
		<-p.done
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.out)
		}
	})
	return p
}

// launch is start for a process that the test itself ends.
func launch(t *testing.T, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: cmd, out: &logged{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is asked of ProcessState
		close(p.done)
	}()
	return p
}

func (p *process) signal(s syscall.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && p.cmd.ProcessState == nil && s != syscall.SIGKILL && s != syscall.SIGCONT {
		p.t.Errorf("signal %s: %v", p.name, err)
	}
}

// kill ends it at once, as a power cut would.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// hub is a hub process and its data.
type hub struct {
	*process
	t      *testing.T
	dir    string
	listen string
	key    string
	space  string // the network namespace that it runs in; empty: the test's own
}

const routingKey = "0123456789abcdef0123456789abcdef"

// story is a set-up: ada is first, bob second, kim the catch-all.
type story struct {
	firstTimeout string
}

func (s story) yaml() string {
	timeout := s.firstTimeout
	if timeout == "" {
		timeout = "5m"
	}
	return `organisation: Example Health
catch_all: [kim]
users:
  - {id: ada, name: Ada Adams, time_zone: Europe/London, role: admin}
  - {id: bob, name: Bob Brown, time_zone: America/New_York, role: responder}
  - {id: kim, name: Kim King, time_zone: America/New_York, role: manager}
teams:
  - {id: payments, name: Payments, managers: [kim], members: [ada, bob]}
schedules:
  - id: primary
    name: Primary
    team: payments
    time_zone: America/New_York
    layers:
      - name: weekly
        rotation: {kind: weekly, length: 1, start: "2026-11-02T09:00"}
        participants: [ada]
escalation_policies:
  - id: payments
    name: Payments
    team: payments
    repeat: 1
    levels:
      - {timeout: ` + timeout + `, targets: [{schedule: primary}]}
      - {timeout: 5m, targets: [{user: bob}]}
services:
  - id: payments-api
    name: Payments API
    team: payments
    escalation_policy: payments
    runbook: https://wiki.example.org/payments-api
    integrations:
      - {id: events, kind: events_v2, key_from: {env: TOCSIN_TEST_KEY}}
`
}

func (s story) hub(t *testing.T) *hub {
	t.Helper()
	return s.hubIn(t, "")
}

// hubIn runs a hub in a network namespace.
func (s story) hubIn(t *testing.T, space string) *hub {
	t.Helper()
	h := &hub{t: t, dir: t.TempDir(), listen: "127.0.0.1:0", key: routingKey, space: space}
	h.run()
	h.apply(s.yaml())
	return h
}

// hubOf runs a hub with a configuration of its own.
func hubOf(t *testing.T, yaml string) *hub {
	t.Helper()
	h := &hub{t: t, dir: t.TempDir(), listen: "127.0.0.1:0", key: routingKey}
	h.run()
	h.apply(yaml)
	return h
}

func (h *hub) apply(yaml string) {
	h.t.Helper()
	file := filepath.Join(h.dir, "tocsin.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.cli("apply", "-f", file)
}

// run starts the hub, the first time on any free port and then on the same.
func (h *hub) run() {
	h.t.Helper()
	h.process = start(h.t, "hub", within(h.space, program(h.t, "hub"), "serve", "--listen", h.listen, "--data", filepath.Join(h.dir, "hub")))
	waitFor(h.t, "the hub is ready", func() bool {
		if line := h.out.find("msg=\"the hub runs\""); line != "" {
			_, rest, _ := strings.Cut(line, "url=http://")
			h.listen, _, _ = strings.Cut(rest, " ")
		} else {
			return false
		}
		if h.space != "" {
			_, err := h.try("status")
			return err == nil
		}
		res, err := http.Get(h.url() + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

func (h *hub) url() string { return "http://" + h.listen }

// try runs a command of the hub's command line.
func (h *hub) try(args ...string) (string, error) {
	// What ought to end at once and does not must not hold the tests up.
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(h.t, "hub"), append(args, "--data", filepath.Join(h.dir, "hub"))...)
	cmd.Env = append(os.Environ(), "TOCSIN_TEST_KEY="+h.key)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, errs.String())
	}
	return out.String(), err
}

func (h *hub) cli(args ...string) string {
	h.t.Helper()
	out, err := h.try(args...)
	if err != nil {
		h.t.Fatalf("hub %s: %v", strings.Join(args, " "), err)
	}
	return out
}

func decodeLines[T any](t *testing.T, text string) []T {
	t.Helper()
	var out []T
	for line := range strings.Lines(text) {
		var v T
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out = append(out, v)
	}
	return out
}

type incidentLine struct {
	Number  uint64
	Status  string
	Summary string
	Holder  string
	Pages   []struct{ User, State string }
}

type entryLine struct {
	At                         time.Time
	Kind, Reason, User, Device string
	Level, Round, Wave         int
}

func (h *hub) incidents() []incidentLine {
	h.t.Helper()
	return decodeLines[incidentLine](h.t, h.cli("incidents", "--all", "--json"))
}

func (h *hub) timeline(number int) []entryLine {
	h.t.Helper()
	return decodeLines[entryLine](h.t, h.cli("timeline", fmt.Sprint(number), "--json"))
}

// count counts the entries of a kind about a user ("" for anybody).
func (h *hub) count(number int, kind, user string) int {
	h.t.Helper()
	n := 0
	for _, e := range h.timeline(number) {
		if e.Kind == kind && (user == "" || e.User == user) {
			n++
		}
	}
	return n
}

func (h *hub) awaitEntry(number int, kind, user string) {
	h.t.Helper()
	waitFor(h.t, fmt.Sprintf("the timeline of incident %d tells of %s by %s", number, kind, user), func() bool {
		return h.count(number, kind, user) > 0
	})
}

// send posts an event and demands that the hub has it on disk.
func (h *hub) send(action, key, summary string) {
	h.t.Helper()
	body := fmt.Sprintf(`{"routing_key":%q,"event_action":%q,"dedup_key":%q,"payload":{"summary":%q,"source":"db1","severity":"critical"}}`,
		h.key, action, key, summary)
	res, err := http.Post(h.url()+"/v2/enqueue", "application/json", strings.NewReader(body))
	if err != nil {
		h.t.Fatalf("send %s: %v", action, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		h.t.Fatalf("send %s: the hub answered %s", action, res.Status)
	}
}

// restart kills the hub and starts it again.
func (h *hub) restart() {
	h.t.Helper()
	h.kill()
	h.run()
}

// verify demands that no timeline was changed, and that no page was made twice.
func (h *hub) verify(number int) {
	h.t.Helper()
	h.cli("audit", "verify")
	seen := map[string]bool{}
	for _, e := range h.timeline(number) {
		if e.Kind != "paged" {
			continue
		}
		key := fmt.Sprint(e.Wave, e.User)
		if seen[key] {
			h.t.Errorf("incident %d: page %s was made twice", number, key)
		}
		seen[key] = true
	}
}
