package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"text/template"
	"time"

	"tocsin/hub/app"
	"tocsin/hub/config"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type quickstartCmd struct {
	Listen   string `help:"Where agents and sources connect." default:"${listen}" placeholder:"ADDR"`
	Agent    string `help:"The agent program; by default the one beside this program." placeholder:"FILE"`
	Profile  string `help:"The agent's folder; by default one beside the hub's data." placeholder:"DIR"`
	Headless bool   `help:"Alarm in this terminal even where there is a display."`
}

// Help says more than one line can.
func (quickstartCmd) Help() string {
	return `Runs a hub on this machine with a small real set-up (you as admin, on call, one service), and
this machine's agent. Ctrl-C stops both; the next start goes on where this one was.

Example:
  hub quickstart --data .run/hub`
}

// quickstart is one run of it.
type quickstart struct {
	*quickstartCmd
	g    *globals
	s    Streams
	hub  *app.Hub
	user string
}

// Run runs hub and agent until the context ends.
func (c *quickstartCmd) Run(ctx context.Context, g *globals, s Streams) error {
	if err := os.MkdirAll(g.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	logFile, err := os.OpenFile(filepath.Join(g.Data, "hub.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the hub's log: %w", err)
	}
	defer logFile.Close()
	log := slog.New(slog.NewTextHandler(logFile, nil))
	hub, err := app.Open(ctx, config.Config{Listen: c.Listen, Data: g.Data}, log)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	q := &quickstart{quickstartCmd: c, g: g, s: s, hub: hub, user: userID()}
	err = q.run(ctx)
	stop()
	return errors.Join(err, <-done)
}

func (q *quickstart) run(ctx context.Context) error {
	if err := q.setUp(ctx); err != nil {
		return fmt.Errorf("set the hub up: %w", err)
	}
	code, err := ask(ctx, q.g, hubv1connect.HubServiceClient.CreateEnrolmentCode, &hubv1.CreateEnrolmentCodeRequest{UserId: q.user})
	if err != nil {
		return err
	}
	if err := q.printNext(); err != nil {
		return err
	}
	agent := q.agent(ctx, code.Code)
	if err := agent.Start(); err != nil {
		return fmt.Errorf("start the agent: %w", err)
	}
	err = agent.Wait()
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the agent ended: %w", err)
	}
	fmt.Fprintln(q.s.Out, "The agent was quit, so nothing alarms you here. The hub goes on; Ctrl-C stops it.")
	<-ctx.Done()
	return nil
}

func (q *quickstart) keyFile() string { return filepath.Join(q.g.Data, "events.key") }

// setUp makes the first configuration, unless there is one.
func (q *quickstart) setUp(ctx context.Context) error {
	status, err := ask(ctx, q.g, hubv1connect.HubServiceClient.GetStatus, &hubv1.GetStatusRequest{})
	if err != nil {
		return err
	}
	if status.Revision > 0 {
		return nil
	}
	file := filepath.Join(q.g.Data, "tocsin.yaml")
	text, err := q.firstConfig()
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("write the first configuration: %w", err)
	}
	res, err := ask(ctx, q.g, hubv1connect.HubServiceClient.Apply, &hubv1.ApplyRequest{File: text, Name: file})
	if err != nil {
		return err
	}
	for _, k := range res.RoutingKeys {
		if err := os.WriteFile(q.keyFile(), []byte(k.Key+"\n"), 0o600); err != nil {
			return fmt.Errorf("keep the routing key: %w", err)
		}
	}
	return nil
}

var firstConfig = template.Must(template.New("tocsin.yaml").Parse(`# The first set-up. Change it, then: hub apply -f tocsin.yaml --data {{.Data}}
organisation: My team
catch_all: [{{.User}}]

users:
  - id: {{.User}}
    name: {{.Name}}
    time_zone: {{.Zone}}
    role: admin

teams:
  - {id: my-team, name: My team, managers: [{{.User}}], members: [{{.User}}]}

schedules:
  - id: primary
    name: Primary
    team: my-team
    time_zone: {{.Zone}}
    layers:
      - name: everybody
        rotation: {kind: weekly, length: 1, start: "{{.Start}}"}
        participants: [{{.User}}]

escalation_policies:
  - id: first-policy
    name: First policy
    team: my-team
    levels:
      - {timeout: 5m, targets: [{schedule: primary}]}

services:
  - id: my-service
    name: My service
    team: my-team
    escalation_policy: first-policy
    integrations:
      - {id: events, kind: events_v2}
`))

func (q *quickstart) firstConfig() ([]byte, error) {
	name := q.user
	if u, err := user.Current(); err == nil && u.Name != "" {
		name, _, _ = strings.Cut(u.Name, ",")
	}
	monday := time.Now()
	for monday.Weekday() != time.Monday {
		monday = monday.AddDate(0, 0, -1)
	}
	var b bytes.Buffer
	err := firstConfig.Execute(&b, map[string]string{
		"User": q.user, "Name": fmt.Sprintf("%q", name), "Zone": zone(), "Start": monday.Format("2006-01-02") + "T09:00", "Data": q.g.Data,
	})
	if err != nil {
		return nil, fmt.Errorf("write the first configuration: %w", err)
	}
	return b.Bytes(), nil
}

var notInID = regexp.MustCompile(`[^a-z0-9-]+`)

// userID makes an id of the operating system's name for this user.
func userID() string {
	u, err := user.Current()
	if err != nil {
		return "me"
	}
	id := strings.Trim(notInID.ReplaceAllString(strings.ToLower(u.Username), "-"), "-0123456789")
	if id == "" || len(id) > 63 {
		return "me"
	}
	return id
}

// zone is this machine's time zone by its name; UTC where it has none.
func zone() string {
	if name := time.Local.String(); name != "Local" && name != "" {
		return name
	}
	if link, err := os.Readlink("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(link, "zoneinfo/"); ok {
			if _, err := time.LoadLocation(name); err == nil {
				return name
			}
		}
	}
	return "UTC"
}

// agent is the program that alarms, as a child that ends with this one.
func (q *quickstart) agent(ctx context.Context, code string) *exec.Cmd {
	program, profile := q.Agent, q.Profile
	if program == "" {
		program = "agent"
		if self, err := os.Executable(); err == nil {
			program = filepath.Join(filepath.Dir(self), "agent")
		}
	}
	if profile == "" {
		profile = filepath.Join(filepath.Dir(filepath.Clean(q.g.Data)), "agent")
	}
	args := []string{"--hub", q.hub.URL(), "--code", code, "--profile", profile}
	if q.Headless || (os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "") {
		args = append(args, "--headless")
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = q.s.In, q.s.Out, q.s.Err
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 4 * time.Second
	return cmd
}

// printNext says how to be alarmed.
func (q *quickstart) printNext() error {
	key, err := os.ReadFile(q.keyFile())
	if err != nil {
		return fmt.Errorf("read the routing key of the first start: %w", err)
	}
	fmt.Fprintf(q.s.Out, `
Tocsin runs at %[1]s. You are %[3]q, admin and on call.

Alarm yourself:

  curl -sS %[1]s/v2/enqueue -d '{"routing_key": "%[2]s", "event_action": "trigger", "dedup_key": "first", "payload": {"summary": "My first alarm", "source": "this machine", "severity": "critical"}}'

Let Alertmanager alarm you (in alertmanager.yml):

  receivers:
    - name: tocsin
      pagerduty_configs:
        - routing_key: %[2]s
          url: %[1]s/v2/enqueue

Then look: %[5]s incidents --data %[4]s   (set-up: %[4]s/tocsin.yaml, log: %[4]s/hub.log)
Ctrl-C stops hub and agent.

`, q.hub.URL(), strings.TrimSpace(string(key)), q.user, q.g.Data, os.Args[0])
	return nil
}
