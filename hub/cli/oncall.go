package cli

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/hub/fault"
	"tocsin/hub/organisation"
	"tocsin/hub/rota"
	"tocsin/hub/rpc"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type oncallCmd struct {
	Schedule string   `help:"Only this schedule." placeholder:"ID"`
	Service  string   `help:"Who is on call for this service, level by level of its policy." placeholder:"ID"`
	User     string   `help:"The shifts of this user." placeholder:"ID"`
	At       []string `sep:"none" help:"At this instant (RFC 3339) instead of now; may be given many times; - reads instants from standard input, one a line." placeholder:"TIME"`
	Next     bool     `help:"The shift that runs and the next ones, of each schedule."`
	From     string   `help:"List the shifts from this time on (RFC 3339)." placeholder:"TIME"`
	To       string   `help:"… until this time; without it, for four weeks." placeholder:"TIME"`
	Picture  bool     `help:"Draw the days from --from to --to, otherwise the next four weeks."`
	File     string   `help:"Read this configuration file instead of asking a hub; none needs to run." placeholder:"FILE"`
	JSON     bool     `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (oncallCmd) Help() string {
	return `The past is answered as it was true then, whatever was edited since; the future as it is
configured now. Times are shown in the schedule's time zone.

--json prints {"schedule", "at", "on_call": [user ids], "until"} for instants, where "until" is
when that changes, "" if it does not within a year; with --service also "service", "level", and
"target" where a level names no schedule. For spans it prints {"schedule", "shifts": [{"start",
"end", "user", "layer" or "override"}]}.

Examples:
  hub oncall
  hub oncall --schedule payments-primary --at 2026-12-24T18:00:00Z
  hub oncall --service payments-api
  hub oncall --user ada --next
  hub oncall --schedule payments-primary --from 2026-12-01T00:00:00Z --to 2027-01-01T00:00:00Z
  hub oncall --schedule payments-primary --picture
  hub oncall --file tocsin.yaml --schedule payments-primary --at - --json < instants.txt`
}

// Run shows who is on call.
func (c *oncallCmd) Run(ctx context.Context, g *globals, s Streams) error {
	if err := c.check(); err != nil {
		return err
	}
	now := time.Now().Truncate(time.Millisecond)
	duty, err := c.duty(g, s.In, now)
	if err != nil {
		return err
	}
	if c.Picture || c.Next || c.User != "" || c.From != "" || c.To != "" {
		return c.shifts(ctx, duty, s.Out, now)
	}
	return c.instants(ctx, duty, s)
}

// check refuses flags that do not go together.
func (c *oncallCmd) check() error {
	span := c.From != "" || c.To != ""
	for _, f := range []struct {
		wrong bool
		text  string
	}{
		{len(c.At) > 0 && (span || c.Next || c.Picture || c.User != ""), "--at: asks about instants; it does not go with --from, --to, --next, --picture and --user, which ask about shifts"},
		{c.Service != "" && (span || c.Next || c.Picture || c.User != ""), "--service: goes with --at only; name a schedule or a user to see shifts"},
		{c.Next && (span || c.Picture), "--next: does not go with --from, --to and --picture"},
		{c.Picture && c.JSON, "--picture: is for people; --from and --to with --json give the shifts"},
		{c.Picture && c.User != "", "--picture: draws schedules, not users; name a --schedule"},
	} {
		if f.wrong {
			return fault.New(fault.Invalid, "%s", f.text)
		}
	}
	return nil
}

// duty is who answers: a running hub, or a file alone.
type duty struct {
	onCall func(context.Context, *hubv1.OnCallRequest) (*hubv1.OnCallResponse, error)
	shifts func(context.Context, *hubv1.ListShiftsRequest) (*hubv1.ListShiftsResponse, error)
}

func (c *oncallCmd) duty(g *globals, in io.Reader, now time.Time) (duty, error) {
	if c.File == "" {
		return duty{
			func(ctx context.Context, m *hubv1.OnCallRequest) (*hubv1.OnCallResponse, error) {
				return ask(ctx, g, hubv1connect.HubServiceClient.OnCall, m)
			},
			func(ctx context.Context, m *hubv1.ListShiftsRequest) (*hubv1.ListShiftsResponse, error) {
				return ask(ctx, g, hubv1connect.HubServiceClient.ListShifts, m)
			},
		}, nil
	}
	file, err := readFile("--file", c.File, in)
	if err != nil {
		return duty{}, err
	}
	org, err := rota.Propose(filepath.Base(c.File), file)
	if err != nil {
		return duty{}, err
	}
	r := rpc.Roster{History: organisation.Always(org), Now: now}
	return duty{
		func(_ context.Context, m *hubv1.OnCallRequest) (*hubv1.OnCallResponse, error) { return r.OnCall(m) },
		func(_ context.Context, m *hubv1.ListShiftsRequest) (*hubv1.ListShiftsResponse, error) {
			return r.ListShifts(m)
		},
	}, nil
}

// chunk is how many instants are asked about at a time: for a schedule, and for
// all of them.
const (
	chunk    = 2000
	chunkAll = 100
)

// instants answers for each --at in the order given, else for now.
func (c *oncallCmd) instants(ctx context.Context, d duty, s Streams) error {
	asked, err := c.times(s.In)
	if err != nil {
		return err
	}
	size := chunk
	if c.Schedule == "" {
		size = chunkAll
	}
	var all []*hubv1.OnCall
	now := len(c.At) == 0
	if !now && len(asked) == 0 { // standard input was empty
		return nil
	}
	for ; now || len(asked) > 0; now = false {
		n := min(size, len(asked))
		res, err := d.onCall(ctx, &hubv1.OnCallRequest{ScheduleId: c.Schedule, ServiceId: c.Service, At: asked[:n]})
		if err != nil {
			return err
		}
		asked = asked[n:]
		if !c.JSON {
			all = append(all, res.OnCall...)
			continue
		}
		if err := c.printJSON(s.Out, res.OnCall); err != nil {
			return err
		}
	}
	if c.JSON {
		return nil
	}
	return c.print(s.Out, all)
}

// times reads the instants of --at.
func (c *oncallCmd) times(in io.Reader) ([]*timestamppb.Timestamp, error) {
	var list []*timestamppb.Timestamp
	for _, text := range c.At {
		if text != "-" {
			at, err := parseTime("--at", text)
			if err != nil {
				return nil, err
			}
			list = append(list, timestamppb.New(at))
			continue
		}
		lines := bufio.NewScanner(in)
		for n := 1; lines.Scan(); n++ {
			text := strings.TrimSpace(lines.Text())
			if text == "" {
				continue
			}
			at, err := parseTime(fmt.Sprintf("--at -: line %d", n), text)
			if err != nil {
				return nil, err
			}
			list = append(list, timestamppb.New(at))
		}
		if err := lines.Err(); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "--at -: standard input cannot be read")
		}
	}
	return list, nil
}

// parseTime reads an instant; the error names the flag.
func parseTime(flag, text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "%s: %q is neither an RFC 3339 time, for example 2026-12-24T18:00:00Z, nor a date (midnight, UTC)", flag, text)
}

// zoned is a time in a zone, for scripts; "" for none.
func zoned(t *timestamppb.Timestamp, zone *time.Location) string {
	if t == nil {
		return ""
	}
	return t.AsTime().In(zone).Format(time.RFC3339Nano)
}

func (c *oncallCmd) printJSON(w io.Writer, list []*hubv1.OnCall) error {
	for _, o := range list {
		zone := zoneOf(o.TimeZone)
		line := struct {
			Service  string   `json:"service,omitempty"`
			Level    uint32   `json:"level,omitempty"`
			Target   string   `json:"target,omitempty"`
			Schedule string   `json:"schedule"`
			At       string   `json:"at"`
			OnCall   []string `json:"on_call"`
			Until    string   `json:"until"`
		}{c.Service, o.Level, o.Target, o.ScheduleId, zoned(o.At, zone), append([]string{}, o.UserIds...), zoned(o.Until, zone)}
		if err := printJSON(w, line); err != nil {
			return err
		}
	}
	return nil
}

func (c *oncallCmd) print(w io.Writer, list []*hubv1.OnCall) error {
	if len(list) == 0 && c.Service == "" {
		fmt.Fprintln(w, "There are no schedules yet. Write a tocsin.yaml and apply it with: hub apply -f tocsin.yaml")
		return nil
	}
	some := func(has func(*hubv1.OnCall) bool) bool { return slices.ContainsFunc(list, has) }
	columns := []struct {
		head  string
		shown bool
		cell  func(*hubv1.OnCall) string
	}{
		{"LEVEL", c.Service != "", func(o *hubv1.OnCall) string { return strings.TrimPrefix(fmt.Sprint(o.Level), "0") }},
		{"SCHEDULE", true, func(o *hubv1.OnCall) string { return cmp.Or(o.ScheduleId, o.Target) }},
		{"AT", true, func(o *hubv1.OnCall) string { return people(o.At, zoneOf(o.TimeZone)) }},
		{"ON CALL", true, func(o *hubv1.OnCall) string {
			return cmp.Or(strings.Join(o.UserIds, ", "), paint(w, colourRed, "nobody"))
		}},
		{"UNTIL", true, until},
		{"REACHABLE NOW", some(func(o *hubv1.OnCall) bool { return o.Reachable != "" }), (*hubv1.OnCall).GetReachable},
		{"NOTE", some(func(o *hubv1.OnCall) bool { return o.Note != "" }), (*hubv1.OnCall).GetNote},
	}
	var head []string
	rows := make([][]string, len(list))
	for _, col := range columns {
		if !col.shown {
			continue
		}
		head = append(head, col.head)
		for i, o := range list {
			rows[i] = append(rows[i], cmp.Or(col.cell(o), "–"))
		}
	}
	return printTable(w, head, rows)
}

func until(o *hubv1.OnCall) string {
	switch {
	case o.Until != nil:
		return people(o.Until, zoneOf(o.TimeZone))
	case o.Target != "":
		return "always"
	}
	return "no change within a year"
}

// people is a time as people read it.
func people(t *timestamppb.Timestamp, zone *time.Location) string {
	if t == nil {
		return "–"
	}
	at := t.AsTime().In(zone)
	if at.Second() != 0 || at.Nanosecond() != 0 {
		return at.Format("Mon 2006-01-02 15:04:05 MST")
	}
	return at.Format("Mon 2006-01-02 15:04 MST")
}

// zoneOf finds a zone that the hub named.
func zoneOf(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
