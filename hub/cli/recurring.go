package cli

import (
	"context"
	"fmt"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// again enters an absence that comes again and again.
func (c *absenceAddCmd) again(ctx context.Context, g *globals, s Streams) error {
	a := &hubv1.RecurringAbsence{UserId: c.User, Days: c.Every, From: c.From, To: c.To, Start: c.Starting, Until: c.Until}
	if len(c.Every) == 1 && (c.Every[0] == "day" || c.Every[0] == "week") {
		a.Days = nil
	}
	res, err := askOf(ctx, g, hubv1connect.NewCoverServiceClient, hubv1connect.CoverServiceClient.AddRecurringAbsence,
		&hubv1.AddRecurringAbsenceRequest{Absence: a, DryRun: c.DryRun})
	if err != nil {
		return err
	}
	made := res.Absence
	if c.JSON {
		return printJSON(s.Out, againLine(made))
	}
	verb := "is"
	if c.DryRun {
		verb = "would be"
	}
	zone := zoneOf(made.TimeZone)
	fmt.Fprintf(s.Out, "%s %s away %s (%s); next from %s to %s.\n", made.UserId, verb, made.Text, made.TimeZone, people(made.NextStart, zone), people(made.NextEnd, zone))
	fmt.Fprintln(s.Out, "In the next four weeks:")
	printAgain(s, made)
	if c.DryRun {
		fmt.Fprintln(s.Out, "Nothing was changed.")
		return nil
	}
	fmt.Fprintf(s.Out, "Call it off with: hub absence cancel %s\n", made.Id)
	return nil
}

// printAgain tells what an absence does, as of one that comes once.
func printAgain(s Streams, a *hubv1.RecurringAbsence) {
	printConsequences(s, &hubv1.Absence{Consequences: a.Consequences, Warnings: a.Warnings})
}

func againLine(a *hubv1.RecurringAbsence) map[string]any {
	zone := zoneOf(a.TimeZone)
	return map[string]any{
		"id": a.Id, "user": a.UserId, "every": a.Text, "days": append([]string{}, a.Days...), "from": a.From, "to": a.To,
		"starting": a.Start, "until": a.Until, "next_start": zoned(a.NextStart, zone), "next_end": zoned(a.NextEnd, zone),
		"consequences": append([]string{}, a.Consequences...), "warnings": append([]string{}, a.Warnings...),
	}
}

// listAgain lists the absences that come again.
func listAgain(s Streams, list []*hubv1.RecurringAbsence, asJSON bool) error {
	for _, a := range list {
		if asJSON {
			if err := printJSON(s.Out, againLine(a)); err != nil {
				return err
			}
			continue
		}
		by := a.Id
		if by == "" {
			by = "stands in the file"
		}
		zone := zoneOf(a.TimeZone)
		fmt.Fprintf(s.Out, "%s  %s (%s), next %s to %s  (%s)\n", paint(s.Out, colourBold, a.UserId), a.Text, a.TimeZone,
			people(a.NextStart, zone), people(a.NextEnd, zone), by)
		printAgain(s, a)
	}
	return nil
}

// never ends an absence that comes again.
func (c *absenceCancelCmd) never(ctx context.Context, g *globals, s Streams) error {
	_, err := askOf(ctx, g, hubv1connect.NewCoverServiceClient, hubv1connect.CoverServiceClient.RemoveRecurringAbsence, &hubv1.RemoveRecurringAbsenceRequest{Id: c.ID})
	if err != nil {
		return err
	}
	fmt.Fprintln(s.Out, "The absence comes no more; the shifts are as they were.")
	return nil
}
