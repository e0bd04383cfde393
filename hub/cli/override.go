package cli

import (
	"context"
	"fmt"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type overrideCmd struct {
	Add    overrideAddCmd    `cmd:"" help:"Put a user on call for a stretch, above everything else."`
	List   overrideListCmd   `cmd:"" help:"List overrides that are not over."`
	Remove overrideRemoveCmd `cmd:"" help:"Take one back."`
}

// timesHelp says what times may look like.
const timesHelp = `Times are instants (2026-12-24T18:00:00Z) or what the clocks show in the %s's
time zone (2026-12-24T18:00, 2026-12-24).`

type overrideAddCmd struct {
	Schedule string `required:"" help:"The schedule." placeholder:"ID"`
	From     string `required:"" help:"When it begins." placeholder:"TIME"`
	To       string `required:"" help:"When it ends; that instant is not part of it." placeholder:"TIME"`
	User     string `required:"" help:"Who is on call then." placeholder:"ID"`
	Replaces string `help:"Only where this user would be on call." placeholder:"ID"`
	DryRun   bool   `help:"Show whose shifts would move, and change nothing."`
	JSON     bool   `help:"Print JSON."`
}

// Help says more than one line can.
func (overrideAddCmd) Help() string {
	return fmt.Sprintf(timesHelp, "schedule") + `

It applies after the overrides of the configuration file and after those made before, and no file
that is applied later removes it. The past stays as it was.

Examples:
  hub override add --schedule payments-primary --from 2026-12-24T18:00 --to 2026-12-26T09:00 --user bob
  hub override add --schedule payments-primary --from 2026-12-31 --to 2027-01-02 --user eve --replaces ada --dry-run`
}

// Run adds one.
func (c *overrideAddCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.AddOverride, &hubv1.AddOverrideRequest{
		ScheduleId: c.Schedule, From: c.From, To: c.To, UserId: c.User, Replaces: c.Replaces, DryRun: c.DryRun,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		line := overrideLine(res.Override)
		line["consequences"] = append([]string{}, res.Consequences...)
		return printJSON(s.Out, line)
	}
	for _, text := range res.Consequences {
		fmt.Fprintln(s.Out, text)
	}
	if len(res.Consequences) == 0 {
		fmt.Fprintln(s.Out, "Nobody's shift moves by it.")
	}
	if c.DryRun {
		fmt.Fprintln(s.Out, "Nothing was changed.")
		return nil
	}
	fmt.Fprintf(s.Out, "This is override %s; take it back with: hub override remove %[1]s\n", res.Override.Id)
	return nil
}

func overrideLine(o *hubv1.Override) map[string]any {
	zone := zoneOf(o.TimeZone)
	return map[string]any{
		"id": o.Id, "schedule": o.ScheduleId, "start": zoned(o.Start, zone), "end": zoned(o.End, zone), "user": o.UserId,
		"replaces": o.Replaces, "made_by": o.MadeBy, "made_at": rfc3339(o.MadeAt),
	}
}

type overrideListCmd struct {
	Schedule string `help:"Only of this schedule." placeholder:"ID"`
	JSON     bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (overrideListCmd) Help() string {
	return `Those of the configuration file too. In a schedule the later ones of the list win.

Examples:
  hub override list
  hub override list --schedule payments-primary`
}

// Run lists them.
func (c *overrideListCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.ListOverrides, &hubv1.ListOverridesRequest{ScheduleId: c.Schedule})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, o := range res.Overrides {
		if c.JSON {
			if err := printJSON(s.Out, overrideLine(o)); err != nil {
				return err
			}
			continue
		}
		zone, who, by := zoneOf(o.TimeZone), o.UserId, "the file"
		if o.Replaces != "" {
			who += " for " + o.Replaces
		}
		if o.MadeAt != nil {
			by = o.MadeBy
		}
		rows = append(rows, []string{o.Id, o.ScheduleId, people(o.Start, zone), people(o.End, zone), who, by})
	}
	switch {
	case c.JSON:
		return nil
	case len(rows) == 0:
		fmt.Fprintln(s.Out, "There are no overrides that are not over.")
		return nil
	}
	return printTable(s.Out, []string{"ID", "SCHEDULE", "FROM", "UNTIL", "ON CALL", "MADE BY"}, rows)
}

type overrideRemoveCmd struct {
	ID string `arg:"" help:"The override's id; hub override list shows them."`
}

// Help says more than one line can.
func (overrideRemoveCmd) Help() string {
	return "One that runs ends now. Those of the configuration file are removed there.\n\nExample:\n  hub override remove o-1a2b3c4d"
}

// Run removes one.
func (c *overrideRemoveCmd) Run(ctx context.Context, g *globals, s Streams) error {
	if _, err := ask(ctx, g, hubv1connect.HubServiceClient.RemoveOverride, &hubv1.RemoveOverrideRequest{Id: c.ID}); err != nil {
		return err
	}
	fmt.Fprintln(s.Out, "The override is removed; what it has done already stays.")
	return nil
}
