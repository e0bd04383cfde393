package cli

import (
	"context"
	"fmt"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type calendarCmd struct {
	Link   calendarLinkCmd   `cmd:"" help:"Make the secret address at which calendar programs read shifts."`
	Import calendarImportCmd `cmd:"" help:"Make overrides of the events of an iCalendar file."`
}

type calendarLinkCmd struct {
	Schedule string `help:"The shifts of this schedule." placeholder:"ID"`
	User     string `help:"The shifts of this user, in all schedules." placeholder:"ID"`
	JSON     bool   `help:"Print JSON."`
}

// Help says more than one line can.
func (calendarLinkCmd) Help() string {
	return `The address is shown once; whoever has it can read the shifts. A new one ends the one before it.

Examples:
  hub calendar link --schedule payments-primary
  hub calendar link --user ada`
}

// Run makes one.
func (c *calendarLinkCmd) Run(ctx context.Context, g *globals, s Streams) error {
	if (c.Schedule == "") == (c.User == "") {
		return fault.New(fault.Invalid, "--schedule, --user: name one of the two")
	}
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.CreateCalendarLink, &hubv1.CreateCalendarLinkRequest{ScheduleId: c.Schedule, UserId: c.User})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.Out, map[string]string{"url": res.Url})
	}
	fmt.Fprintln(s.Out, res.Url)
	fmt.Fprintln(s.Err, "Shown only now: subscribe to it in a calendar program, and keep it secret. An older link of the same has ended.")
	return nil
}

type calendarImportCmd struct {
	File     string `arg:"" help:"The iCalendar file; - reads standard input." placeholder:"FILE"`
	Schedule string `required:"" help:"The schedule that the events are for." placeholder:"ID"`
	DryRun   bool   `help:"Show what would change, and change nothing."`
	JSON     bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (calendarImportCmd) Help() string {
	return `Who is on call is the user whom an event's summary names ("user:bob", and "replaces:ada" for only
ada's part), else the one user among those invited, by e-mail address, else its organizer. Days, and
times without a zone, are those of the schedule's zone.

The same event again, by its UID, changes its override; one that was called off removes it. If one
event cannot be read, none is imported.

Examples:
  hub calendar import --schedule payments-primary holidays.ics --dry-run
  hub calendar import --schedule payments-primary holidays.ics`
}

// Run imports.
func (c *calendarImportCmd) Run(ctx context.Context, g *globals, s Streams) error {
	file, err := readFile("FILE", c.File, s.In)
	if err != nil {
		return err
	}
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.ImportOverrides, &hubv1.ImportOverridesRequest{
		ScheduleId: c.Schedule, Calendar: file, DryRun: c.DryRun,
	})
	if err != nil {
		return err
	}
	var rows [][]string
	colours := map[string]string{"added": colourGreen, "changed": colourAmber, "removed": colourRed}
	for _, i := range res.Overrides {
		o := i.Override
		if c.JSON {
			line := overrideLine(o)
			line["result"] = i.Verb
			if err := printJSON(s.Out, line); err != nil {
				return err
			}
			continue
		}
		zone, who := zoneOf(o.TimeZone), o.UserId
		if o.Replaces != "" {
			who += " for " + o.Replaces
		}
		rows = append(rows, []string{paint(s.Out, colours[i.Verb], i.Verb), people(o.Start, zone), people(o.End, zone), who, o.Id})
	}
	switch {
	case c.JSON:
		return nil
	case len(rows) == 0:
		fmt.Fprintln(s.Out, "The file has no events that ask for overrides.")
		return nil
	}
	if err := printTable(s.Out, []string{"OVERRIDE", "FROM", "UNTIL", "ON CALL", "ID"}, rows); err != nil {
		return err
	}
	if c.DryRun {
		fmt.Fprintln(s.Out, "Nothing was changed.")
	}
	return nil
}
