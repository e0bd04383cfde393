package cli

import (
	"context"
	"fmt"
	"strings"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type absenceCmd struct {
	Add    absenceAddCmd    `cmd:"" help:"Enter when a user is away."`
	List   absenceListCmd   `cmd:"" help:"List absences that are not over, and what they do."`
	Cancel absenceCancelCmd `cmd:"" help:"Call one off, or end it now."`
}

type absenceAddCmd struct {
	User     string   `arg:"" help:"Who is away."`
	From     string   `help:"From when; with --every a time of the day or of the week." placeholder:"TIME"`
	To       string   `help:"Until when; likewise." placeholder:"TIME"`
	Every    []string `help:"Again and again: on these days (fri or mon,fri), day for every day, or week with --from \"fri 18:00\" --to \"mon 09:00\"." placeholder:"DAYS"`
	Starting string   `help:"With --every: not before." placeholder:"TIME"`
	Until    string   `help:"With --every: not after." placeholder:"TIME"`
	DryRun   bool     `help:"Show what it would do, and change nothing."`
	JSON     bool     `help:"Print JSON."`
}

// Help says more than one line can.
func (absenceAddCmd) Help() string {
	return fmt.Sprintf(timesHelp, "user") + `

Entered at least 24 hours ahead, an absence is planned: the shifts go to the next participant, or
become a gap, as the schedule's when_absent says. Entered later, the shifts stay, and the user is
only not paged. What comes again (--every) always counts as planned.

Examples:
  hub absence add ada --from 2026-12-20 --to 2027-01-04
  hub absence add ada --every fri
  hub absence add ada --every mon,wed --from 13:00 --to 24:00 --starting 2027-01-01
  hub absence add ada --every week --from "fri 18:00" --to "mon 09:00"
  hub absence add ada --from 2026-12-20T12:00:00Z --to 2026-12-21T12:00:00Z --dry-run`
}

// Run enters one.
func (c *absenceAddCmd) Run(ctx context.Context, g *globals, s Streams) error {
	switch {
	case len(c.Every) > 0:
		return c.again(ctx, g, s)
	case c.From == "" || c.To == "":
		return fault.New(fault.Invalid, "--from and --to say when %s is away; or --every, for what comes again", c.User)
	case c.Starting != "" || c.Until != "":
		return fault.New(fault.Invalid, "--starting and --until go with --every; once is --from and --to")
	}
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.AddAbsence, &hubv1.AddAbsenceRequest{
		UserId: c.User, From: c.From, To: c.To, DryRun: c.DryRun,
	})
	if err != nil {
		return err
	}
	a := res.Absence
	if c.JSON {
		return printJSON(s.Out, absenceLine(a))
	}
	zone := zoneOf(a.TimeZone)
	verb := "is"
	if c.DryRun {
		verb = "would be"
	}
	fmt.Fprintf(s.Out, "%s %s away from %s to %s.\n", a.UserId, verb, people(a.Start, zone), people(a.End, zone))
	if !a.Planned {
		fmt.Fprintln(s.Out, "That is less than 24 hours ahead, so the shifts stay as they are; they are only not paged for.")
	}
	printConsequences(s, a)
	if c.DryRun {
		fmt.Fprintln(s.Out, "Nothing was changed.")
		return nil
	}
	fmt.Fprintf(s.Out, "Call it off with: hub absence cancel %s\n", a.Id)
	return nil
}

func printConsequences(s Streams, a *hubv1.Absence) {
	for _, text := range a.Consequences {
		fmt.Fprintln(s.Out, "  "+text)
	}
	for _, text := range a.Warnings {
		fmt.Fprintln(s.Out, "  "+paint(s.Out, colourRed, "warning:")+" "+text)
	}
	if len(a.Consequences)+len(a.Warnings) == 0 {
		fmt.Fprintln(s.Out, "  Nobody else is affected.")
	}
}

func absenceLine(a *hubv1.Absence) map[string]any {
	zone := zoneOf(a.TimeZone)
	return map[string]any{
		"id": a.Id, "user": a.UserId, "start": zoned(a.Start, zone), "end": zoned(a.End, zone), "planned": a.Planned,
		"consequences": append([]string{}, a.Consequences...), "warnings": append([]string{}, a.Warnings...),
	}
}

type absenceListCmd struct {
	User string `help:"Only of this user." placeholder:"ID"`
	JSON bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (absenceListCmd) Help() string {
	return "Examples:\n  hub absence list\n  hub absence list --user ada"
}

// Run lists them.
func (c *absenceListCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.ListAbsences, &hubv1.ListAbsencesRequest{UserId: c.User})
	if err != nil {
		return err
	}
	again, err := askOf(ctx, g, hubv1connect.NewCoverServiceClient, hubv1connect.CoverServiceClient.ListRecurringAbsences, &hubv1.ListRecurringAbsencesRequest{UserId: c.User})
	if err != nil {
		return err
	}
	for _, a := range res.Absences {
		if c.JSON {
			if err := printJSON(s.Out, absenceLine(a)); err != nil {
				return err
			}
			continue
		}
		zone, kind := zoneOf(a.TimeZone), "planned"
		if !a.Planned {
			kind = "off duty"
		}
		fmt.Fprintf(s.Out, "%s  %s to %s, %s  (%s)\n", paint(s.Out, colourBold, a.UserId), people(a.Start, zone), people(a.End, zone), kind, a.Id)
		printConsequences(s, a)
	}
	if err := listAgain(s, again.Absences, c.JSON); err != nil {
		return err
	}
	if len(res.Absences)+len(again.Absences) == 0 && !c.JSON {
		fmt.Fprintln(s.Out, "Nobody is away, and nobody plans to be.")
	}
	return nil
}

type absenceCancelCmd struct {
	ID string `arg:"" help:"The absence's id; hub absence list shows them."`
}

// Help says more than one line can.
func (absenceCancelCmd) Help() string {
	return "One that runs ends now; the past stays as it was.\n\nExample:\n  hub absence cancel 0199a3c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b"
}

// Run ends one.
func (c *absenceCancelCmd) Run(ctx context.Context, g *globals, s Streams) error {
	if strings.HasPrefix(c.ID, "a-") {
		return c.never(ctx, g, s)
	}
	if _, err := ask(ctx, g, hubv1connect.HubServiceClient.EndAbsence, &hubv1.EndAbsenceRequest{Id: c.ID}); err != nil {
		return err
	}
	fmt.Fprintln(s.Out, "The absence is called off; the shifts are as they were.")
	return nil
}
