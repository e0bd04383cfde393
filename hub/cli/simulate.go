package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/hub/fault"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/rpc"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type simulateCmd struct {
	Service  string   `help:"The service that breaks." placeholder:"ID"`
	At       string   `help:"When (RFC 3339) instead of now; the past is played with the set-up of then." placeholder:"TIME"`
	Severity string   `help:"critical, error, warning or info." default:"critical" placeholder:"SEVERITY"`
	Answers  []string `sep:"none" help:"What a user does: USER=5m (acknowledges that long after being paged), USER=never or USER=offline; may be given many times. Others are alarmed and never acknowledge." placeholder:"USER=…"`
	Replay   string   `help:"Play the incidents of a time against --file: --replay FROM TO (RFC 3339, or dates)." placeholder:"FROM"`
	File     string   `help:"A proposed configuration file instead of what the hub has; needs no running hub except for --replay." placeholder:"FILE"`
	JSON     bool     `help:"Print JSON, one object a line."`
	To       string   `arg:"" optional:"" help:"The end of --replay." placeholder:"TO"`
}

// Help says more than one line can.
func (simulateCmd) Help() string {
	return `Plays an incident through by the very code that pages: who would be paged at which second, why,
who is passed over and why, and where it ends. Nobody is paged, nothing is changed.

Examples:
  hub simulate --service payments-api
  hub simulate --service payments-api --at 2026-12-24T23:00:00Z --answers ada=offline --answers bob=2m
  hub simulate --service payments-api --file tocsin.yaml
  hub simulate --replay 2026-10-01 2026-11-01 --file proposed.yaml`
}

// Run plays it.
func (c *simulateCmd) Run(ctx context.Context, g *globals, s Streams) error {
	var file []byte
	if c.File != "" {
		var err error
		if file, err = readFile("--file", c.File, s.In); err != nil {
			return err
		}
	}
	if c.Replay != "" {
		return c.replay(ctx, g, s, file)
	}
	if c.To != "" {
		return fault.New(fault.Invalid, "%q: only --replay takes a second time", c.To)
	}
	req, at, err := c.request(file)
	if err != nil {
		return err
	}
	res, err := c.play(ctx, g, req, at)
	if err != nil {
		return err
	}
	if c.JSON {
		return simulateJSON(s.Out, res)
	}
	return printStory(s.Out, res, c.Service, at)
}

func (c *simulateCmd) request(file []byte) (*hubv1.SimulateRequest, time.Time, error) {
	if c.Service == "" {
		return nil, time.Time{}, fault.New(fault.Invalid, "--service: name the service that breaks")
	}
	at := time.Now()
	if c.At != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, c.At); err != nil {
			return nil, at, fault.New(fault.Invalid, "--at: %q is not an RFC 3339 time, for example 2026-12-24T18:00:00Z", c.At)
		}
	}
	req := &hubv1.SimulateRequest{ServiceId: c.Service, At: timestamppb.New(at), File: file, Name: filepath.Base(c.File), Severity: c.Severity}
	for _, text := range c.Answers {
		a, err := parseAnswer(text)
		if err != nil {
			return nil, at, err
		}
		req.Answers = append(req.Answers, a)
	}
	return req, at, nil
}

func parseAnswer(text string) (*hubv1.Answer, error) {
	user, what, ok := strings.Cut(text, "=")
	a := &hubv1.Answer{UserId: user, Never: what == "never", Offline: what == "offline"}
	if a.Never || a.Offline {
		return a, nil
	}
	after, err := time.ParseDuration(what)
	if !ok || user == "" || err != nil || after < 0 {
		return nil, fault.New(fault.Invalid, "--answers: %q is not USER=5m, USER=never or USER=offline", text)
	}
	a.AfterMs = after.Milliseconds()
	return a, nil
}

// play asks the hub, or this process if a file is all that is needed and no hub
// runs.
func (c *simulateCmd) play(ctx context.Context, g *globals, req *hubv1.SimulateRequest, at time.Time) (*hubv1.SimulateResponse, error) {
	if c.File != "" {
		org, err := rota.Propose(req.Name, req.File)
		if err != nil {
			return nil, err
		}
		return rpc.Rehearse(org, req, at, 0, nil)
	}
	return ask(ctx, g, hubv1connect.HubServiceClient.Simulate, req)
}

func simulateJSON(w io.Writer, res *hubv1.SimulateResponse) error {
	for _, e := range res.Entries {
		if err := printJSON(w, entryJSON{rfc3339(e.At), e.Kind, e.Reason, e.UserId, e.DeviceId, e.Level, e.Round, e.Wave, e.MethodId, e.Text}); err != nil {
			return err
		}
	}
	return printJSON(w, map[string]string{"ending": res.Ending, "text": res.Text})
}

// printStory tells it in the zone of the service's people, with the time since
// the trigger.
func printStory(w io.Writer, res *hubv1.SimulateResponse, service string, at time.Time) error {
	zone, err := time.LoadLocation(res.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	fmt.Fprintf(w, "If %s broke at %s:\n\n", paint(w, colourBold, service), at.In(zone).Format("Mon 2006-01-02 15:04:05 MST"))
	colours := map[string]string{"paged": colourAmber, "page_failed": colourRed, "catch_all": colourRed, "acknowledged": colourGreen, "level_entered": colourBold}
	day := at.In(zone).YearDay()
	for _, e := range res.Entries {
		if e.MethodId == string(responder.Devices) {
			continue // that is how everybody is alarmed
		}
		local := e.At.AsTime().In(zone)
		format := "15:04:05"
		if local.YearDay() != day {
			format, day = "Mon 15:04:05", local.YearDay()
		}
		fmt.Fprintf(w, "  %12s  %-10s %s\n", local.Format(format), "+"+span(local.Sub(at)), paint(w, colours[e.Kind], e.Text))
	}
	_, err = fmt.Fprintf(w, "\n%s\n(Assumed: every device is connected but for --answers USER=offline, and gateways take what they are given.)\n", res.Text)
	return err
}

func (c *simulateCmd) replay(ctx context.Context, g *globals, s Streams, file []byte) error {
	if file == nil {
		return fault.New(fault.Invalid, "--file: name the proposed configuration to replay against")
	}
	var span [2]time.Time
	for n, text := range []string{c.Replay, c.To} {
		at, err := parseTime("--replay", text)
		if err != nil {
			return err
		}
		span[n] = at
	}
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.Replay, &hubv1.ReplayRequest{
		From: timestamppb.New(span[0]), To: timestamppb.New(span[1]), File: file, Name: filepath.Base(c.File),
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.Out, replayJSON(res))
	}
	return printReplay(s.Out, res)
}

func replayJSON(res *hubv1.ReplayResponse) map[string]any {
	users := []map[string]any{}
	for _, u := range res.Users {
		users = append(users, map[string]any{"user": u.UserId, "interruptions_now": u.InterruptionsNow, "interruptions_proposed": u.InterruptionsProposed,
			"sleep_now": u.SleepNow, "sleep_proposed": u.SleepProposed})
	}
	reach := func(r *hubv1.ReplayReach) map[string]any {
		return map[string]any{"median_ms": r.MedianMs, "p90_ms": r.P90Ms, "never": r.Never}
	}
	return map[string]any{"incidents": res.Incidents, "left_out": res.LeftOut, "users": users,
		"reached_now": reach(res.Now), "reached_proposed": reach(res.Proposed)}
}

func printReplay(w io.Writer, res *hubv1.ReplayResponse) error {
	if res.Incidents == 0 {
		fmt.Fprintln(w, "No incident triggered in that time, so there is nothing to replay.")
		return nil
	}
	fmt.Fprintf(w, "%d incidents, played against the set-up as it is and as proposed", res.Incidents)
	if res.LeftOut > 0 {
		fmt.Fprintf(w, " (%d of services that the proposed one does not have)", res.LeftOut)
	}
	fmt.Fprint(w, ".\nPeople answer as late as they did then; everybody can be reached.\n\n")
	var rows [][]string
	for _, u := range res.Users {
		rows = append(rows, []string{u.UserId, change(u.InterruptionsNow, u.InterruptionsProposed), change(u.SleepNow, u.SleepProposed)})
	}
	if err := printTable(w, []string{"USER", "INTERRUPTIONS", "OF THESE ASLEEP (22 to 8)"}, rows); err != nil {
		return err
	}
	ms := func(n int64) string { return (time.Duration(n) * time.Millisecond).String() }
	fmt.Fprintf(w, "\nUntil somebody is reached: median %s → %s, 90th percentile %s → %s, nobody %s.\n",
		ms(res.Now.MedianMs), ms(res.Proposed.MedianMs), ms(res.Now.P90Ms), ms(res.Proposed.P90Ms), change(res.Now.Never, res.Proposed.Never))
	return nil
}

func change(before, after uint32) string {
	if before == after {
		return fmt.Sprintf("%d, no change", before)
	}
	return fmt.Sprintf("%d → %d (%+d)", before, after, int64(after)-int64(before))
}
