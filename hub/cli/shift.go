package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type shiftCmd struct {
	Take shiftTakeCmd `cmd:"" help:"Be on call in a schedule from now on."`
	Swap shiftSwapCmd `cmd:"" help:"Exchange two shifts."`
}

type shiftTakeCmd struct {
	Schedule string `arg:"" help:"The schedule."`
	Until    string `help:"Until this time: 18:00 (the next one on this machine's clock) or an RFC 3339 time; otherwise until the present shift ends." placeholder:"TIME"`
	DryRun   bool   `help:"Show what it would do, and change nothing."`
	JSON     bool   `help:"Print JSON."`
}

// Help says more than one line can.
func (shiftTakeCmd) Help() string {
	return `--as says who takes it. Whoever was on call is told, and what is open on that level hands off.

Examples:
  hub shift take payments-primary --as bob
  hub shift take payments-primary --as bob --until 18:00`
}

// Run takes a shift.
func (c *shiftTakeCmd) Run(ctx context.Context, g *globals, s Streams) error {
	req := &hubv1.TakeShiftRequest{ScheduleId: c.Schedule, DryRun: c.DryRun}
	if c.Until != "" {
		until, err := untilTime(c.Until, time.Now())
		if err != nil {
			return err
		}
		req.Until = timestamppb.New(until)
	}
	res, err := askOf(ctx, g, hubv1connect.NewCoverServiceClient, hubv1connect.CoverServiceClient.TakeShift, req)
	if err != nil {
		return err
	}
	zone := zoneOf(res.TimeZone)
	if c.JSON {
		return printJSON(s.Out, map[string]any{
			"schedule": c.Schedule, "user": res.UserId, "until": zoned(res.Until, zone), "instead_of": res.InsteadOf, "override": res.OverrideId,
		})
	}
	instead, verb := "where nobody was", "is"
	if res.InsteadOf != "" {
		instead = "instead of " + res.InsteadOf
	}
	if c.DryRun {
		verb = "would be"
	}
	fmt.Fprintf(s.Out, "%s: %s %s on call until %s, %s.\n", c.Schedule, res.UserId, verb, people(res.Until, zone), instead)
	if c.DryRun {
		fmt.Fprintln(s.Out, "Nothing was changed.")
		return nil
	}
	fmt.Fprintf(s.Out, "This is override %s; give it back with: hub override remove %[1]s\n", res.OverrideId)
	return nil
}

type shiftSwapCmd struct {
	Schedule string `arg:"" help:"The schedule."`
	First    string `arg:"" help:"A shift: when it begins, whose next one it is, or both as USER@TIME."`
	Second   string `arg:"" help:"The other one."`
	DryRun   bool   `help:"Show before and after, and change nothing."`
	JSON     bool   `help:"Print JSON, one object a shift."`
}

// Help says more than one line can.
func (shiftSwapCmd) Help() string {
	return fmt.Sprintf(timesHelp, "schedule") + `

Both shifts are exchanged at once, and both users are told. Of a shift that runs, what is left of it.

Examples:
  hub shift swap payments-primary ada bob
  hub shift swap payments-primary 2026-12-21T09:00 2026-12-28T09:00 --dry-run
  hub shift swap payments-primary ada@2026-12-21T09:00 bob@2026-12-28T09:00`
}

// shiftOf reads how a person names a shift. Ids begin with a letter, times with
// a digit.
func shiftOf(text string) *hubv1.ShiftRef {
	if user, start, both := strings.Cut(text, "@"); both {
		return &hubv1.ShiftRef{UserId: user, Start: start}
	}
	if text != "" && text[0] >= '0' && text[0] <= '9' {
		return &hubv1.ShiftRef{Start: text}
	}
	return &hubv1.ShiftRef{UserId: text}
}

// Run swaps two shifts.
func (c *shiftSwapCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := askOf(ctx, g, hubv1connect.NewCoverServiceClient, hubv1connect.CoverServiceClient.SwapShifts, &hubv1.SwapShiftsRequest{
		ScheduleId: c.Schedule, First: shiftOf(c.First), Second: shiftOf(c.Second), DryRun: c.DryRun,
	})
	if err != nil {
		return err
	}
	zone := zoneOf(res.TimeZone)
	var rows [][]string
	for _, f := range res.Shifts {
		if c.JSON {
			err := printJSON(s.Out, map[string]any{
				"start": zoned(f.Start, zone), "end": zoned(f.End, zone), "before": f.BeforeUserId, "after": f.AfterUserId, "override": f.OverrideId,
			})
			if err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{people(f.Start, zone), people(f.End, zone), f.BeforeUserId, f.AfterUserId, f.OverrideId})
	}
	if c.JSON {
		return nil
	}
	if err := printTable(s.Out, []string{"FROM", "UNTIL", "BEFORE", "AFTER", "OVERRIDE"}, rows); err != nil {
		return err
	}
	if c.DryRun {
		fmt.Fprintln(s.Out, "Nothing was changed.")
	}
	return nil
}
