package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/hub/fault"
	"tocsin/hub/schedule"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type maintainCmd struct {
	Add  maintenanceAddCmd  `cmd:"" help:"Keep services quiet for a time: what triggers then pages at its end, if it is still open."`
	List maintenanceListCmd `cmd:"" help:"List windows that are not over."`
	End  maintenanceEndCmd  `cmd:"" help:"End one now, or call it off."`
}

// Help says more than one line can.
func (maintainCmd) Help() string {
	return `What triggers during a maintenance window of its service is kept, and nobody is paged. A resolve
works as always. What is still open when the window ends is paged, all of it at once. Incidents
that were open before the window go on as they were.

Examples:
  hub maintenance add payments-api --for 1h --note "database upgrade"
  hub maintenance list
  hub maintenance end m-1a2b3c4d`
}

type maintenanceAddCmd struct {
	Services []string      `arg:"" name:"service" help:"The services."`
	For      time.Duration `help:"It lasts so long." xor:"end" placeholder:"DURATION"`
	Until    string        `help:"It ends then." xor:"end" placeholder:"TIME"`
	Start    string        `help:"It begins then, instead of now." placeholder:"TIME"`
	Note     string        `help:"What is done; the timeline shows it." placeholder:"TEXT"`
	JSON     bool          `help:"Print JSON."`
}

// Help says more than one line can.
func (maintenanceAddCmd) Help() string {
	return `Times are 22:00 (the next one), 2026-12-01T22:00 (both on this machine's clock) or instants
(2026-12-01T22:00:00Z). The window stays, whatever file is applied; windows that are planned long
ahead may stand in the file as well (maintenance_windows).

Examples:
  hub maintenance add payments-api --for 1h --note "database upgrade"
  hub maintenance add payments-api payments-web --start 22:00 --for 90m
  hub maintenance add payments-api --start 2026-12-01T22:00 --until 2026-12-02T01:00`
}

// Run adds one.
func (c *maintenanceAddCmd) Run(ctx context.Context, g *globals, s Streams) error {
	req := &hubv1.AddMaintenanceRequest{ServiceIds: c.Services, ForMs: c.For.Milliseconds(), Note: c.Note}
	now := time.Now()
	if c.For == 0 && c.Until == "" {
		return fault.New(fault.Invalid, "--for, --until: say when the maintenance ends, for example --for 1h")
	}
	if c.Start != "" {
		start, err := localTime("--start", c.Start, now)
		if err != nil {
			return err
		}
		req.Start, now = timestamppb.New(start), start
	}
	if c.Until != "" {
		until, err := localTime("--until", c.Until, now)
		if err != nil {
			return err
		}
		req.Until = timestamppb.New(until)
	}
	res, err := askOf(ctx, g, hubv1connect.NewMaintenanceServiceClient, hubv1connect.MaintenanceServiceClient.AddMaintenance, req)
	if err != nil {
		return err
	}
	m := res.Maintenance
	if c.JSON {
		line := maintenanceLine(m)
		line["open_incidents"] = append([]uint64{}, res.OpenIncidents...)
		return printJSON(s.Out, line)
	}
	when := "from " + stamp(m.Start) + " until"
	if !m.Start.AsTime().After(time.Now()) {
		when = "from now until"
	}
	fmt.Fprintf(s.Out, "%s: nobody is paged for what triggers %s %s.\nWhat is open then pages at once.\n", strings.Join(m.ServiceIds, ", "), when, stamp(m.End))
	for _, n := range res.OpenIncidents {
		fmt.Fprintf(s.Out, "Incident %d is open already and goes on; to quiet it: hub snooze %[1]d --until …\n", n)
	}
	fmt.Fprintf(s.Out, "This is maintenance %s; end it sooner with: hub maintenance end %[1]s\n", m.Id)
	return nil
}

// localTime reads a time of day, the next one after now, a reading of this
// machine's clock, or an instant.
func localTime(flag, text string, now time.Time) (time.Time, error) {
	if reading, err := schedule.ParseCivil(text); err == nil {
		return reading.In(time.Local), nil
	}
	at, err := untilTime(text, now)
	if err != nil {
		return at, fault.New(fault.Invalid, "%s: %q is no time like 22:00, 2026-12-01T22:00 or 2026-12-01T22:00:00Z", flag, text)
	}
	return at, nil
}

func maintenanceLine(m *hubv1.Maintenance) map[string]any {
	return map[string]any{
		"id": m.Id, "services": m.ServiceIds, "start": rfc3339(m.Start), "end": rfc3339(m.End), "note": m.Note,
		"made_by": m.MadeBy, "made_at": rfc3339(m.MadeAt),
	}
}

type maintenanceListCmd struct {
	Service string `help:"Only of this service." placeholder:"ID"`
	JSON    bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (maintenanceListCmd) Help() string {
	return `Those of the configuration file too.

Examples:
  hub maintenance list
  hub maintenance list --service payments-api --json`
}

// Run lists them.
func (c *maintenanceListCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := askOf(ctx, g, hubv1connect.NewMaintenanceServiceClient, hubv1connect.MaintenanceServiceClient.ListMaintenance,
		&hubv1.ListMaintenanceRequest{ServiceId: c.Service})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, m := range res.Maintenance {
		if c.JSON {
			if err := printJSON(s.Out, maintenanceLine(m)); err != nil {
				return err
			}
			continue
		}
		by, state := "the file", "planned"
		if m.MadeAt != nil {
			by = m.MadeBy
		}
		if !m.Start.AsTime().After(time.Now()) {
			state = paint(s.Out, colourAmber, "runs")
		}
		zone := zoneOf(m.TimeZone)
		if m.MadeAt != nil {
			zone = time.Local
		}
		rows = append(rows, []string{m.Id, state, people(m.Start, zone), people(m.End, zone), strings.Join(m.ServiceIds, ", "), by, m.Note})
	}
	switch {
	case c.JSON:
		return nil
	case len(rows) == 0:
		fmt.Fprintln(s.Out, "No maintenance runs or is planned. To enter one: hub maintenance add SERVICE --for 1h")
		return nil
	}
	return printTable(s.Out, []string{"ID", paint(s.Out, colourBold, "STATE"), "FROM", "UNTIL", "SERVICES", "MADE BY", "NOTE"}, rows)
}

type maintenanceEndCmd struct {
	ID string `arg:"" help:"The window's id; hub maintenance list shows them."`
}

// Help says more than one line can.
func (maintenanceEndCmd) Help() string {
	return "What triggered during it and is still open pages now. Windows of the configuration file are changed there.\n\nExample:\n  hub maintenance end m-1a2b3c4d"
}

// Run ends one.
func (c *maintenanceEndCmd) Run(ctx context.Context, g *globals, s Streams) error {
	_, err := askOf(ctx, g, hubv1connect.NewMaintenanceServiceClient, hubv1connect.MaintenanceServiceClient.EndMaintenance, &hubv1.EndMaintenanceRequest{Id: c.ID})
	if err != nil {
		return err
	}
	fmt.Fprintln(s.Out, "The maintenance is over; what triggered during it and is still open pages now.")
	return nil
}
