package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type offCmd struct {
	User    string        `arg:"" help:"Who goes off duty."`
	Until   string        `help:"Until this time: 18:00 (the next one on this machine's clock) or an RFC 3339 time." xor:"end" required:"" placeholder:"TIME"`
	For     time.Duration `help:"For so long." xor:"end" required:"" placeholder:"DURATION"`
	CoverBy string        `help:"Ask this colleague to take over; off duty begins when they accept." xor:"how" placeholder:"USER"`
	Cannot  bool          `help:"Off duty at once; the next level is asked to take over." xor:"how"`
	JSON    bool          `help:"Print JSON."`
}

// Help says more than one line can.
func (offCmd) Help() string {
	return `Who is off duty is not paged, and open pages are passed on. Leaving is never refused: who is on
call and names no colleague cannot go on, and the next level is asked to take over, with an alarm,
until somebody accepts. A colleague (--cover-by) is asked alone, quietly if there is time; who asks
stays on duty until it is accepted. Longer absences are planned: hub absence add.

Examples:
  hub off ada --until 18:00 --cover-by bob
  hub off ada --for 2h --cannot
  hub off ada --until 2026-12-24T18:00:00Z`
}

// Run takes a user off duty.
func (c *offCmd) Run(ctx context.Context, g *globals, s Streams) error {
	until := time.Now().Add(c.For)
	if c.Until != "" {
		var err error
		if until, err = untilTime(c.Until, time.Now()); err != nil {
			return err
		}
	} else if c.For <= 0 {
		return fault.New(fault.Invalid, "--for: %s is no length of time to come", c.For)
	}
	res, err := askOf(ctx, g, hubv1connect.NewCoverServiceClient, hubv1connect.CoverServiceClient.GoOffDuty, &hubv1.GoOffDutyRequest{
		UserId: c.User, Until: timestamppb.New(until), CoverBy: c.CoverBy, Cannot: c.Cannot,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.Out, map[string]any{"user": c.User, "off_duty": res.OffDuty, "until": rfc3339(res.Until), "said": append([]string{}, res.Said...)})
	}
	for _, text := range res.Said {
		fmt.Fprintln(s.Out, text)
	}
	if res.OffDuty {
		fmt.Fprintf(s.Out, "%s is off duty until %s. Back before that: hub on %[1]s\n", c.User, stamp(res.Until))
	} else {
		fmt.Fprintf(s.Out, "%s is on duty. Take the request back with: hub on %[1]s\n", c.User)
	}
	return nil
}

type onCmd struct {
	User string `arg:"" help:"Who is back."`
}

// Help says more than one line can.
func (onCmd) Help() string {
	return `It ends every absence that runs, and withdraws a request for cover that nobody has accepted. What was
accepted stays: take the shift back with hub shift take.

Example:
  hub on ada`
}

// Run puts a user on duty.
func (c *onCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := askOf(ctx, g, hubv1connect.NewCoverServiceClient, hubv1connect.CoverServiceClient.GoOnDuty, &hubv1.GoOnDutyRequest{UserId: c.User})
	if err != nil {
		return err
	}
	for _, text := range res.Said {
		fmt.Fprintln(s.Out, text)
	}
	if res.OffUntil != nil {
		fmt.Fprintf(s.Out, "%s is off duty all the same, until %s: hub absence list --user %[1]s\n", c.User, stamp(res.OffUntil))
		return nil
	}
	fmt.Fprintf(s.Out, "%s is on duty.\n", c.User)
	return nil
}

type coverCmd struct {
	List coverListCmd `cmd:"" help:"List requests for cover that are open."`
}

type coverListCmd struct {
	JSON bool `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (coverListCmd) Help() string {
	return `A request for cover is an incident: hub ack N --as USER accepts, hub timeline N shows what happened,
hub on USER withdraws one's own.

Example:
  hub cover list`
}

// Run lists them.
func (c *coverListCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := askOf(ctx, g, hubv1connect.NewCoverServiceClient, hubv1connect.CoverServiceClient.ListCovers, &hubv1.ListCoversRequest{})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, r := range res.Covers {
		if c.JSON {
			err := printJSON(s.Out, map[string]any{
				"number": r.Number, "of": r.OfUserId, "start": rfc3339(r.Start), "end": rfc3339(r.End), "to": r.ToUserId,
				"schedules": append([]string{}, r.ScheduleIds...), "asked": append([]string{}, r.Asked...), "until": rfc3339(r.Until), "urgency": r.Urgency,
			})
			if err != nil {
				return err
			}
			continue
		}
		asked := strings.Join(r.Asked, ", ")
		if asked == "" {
			asked = "–"
		}
		rows = append(rows, []string{
			strconv.FormatUint(r.Number, 10), r.OfUserId, strings.Join(r.ScheduleIds, ", "), stamp(r.End), asked, stamp(r.Until), r.Urgency,
		})
	}
	switch {
	case c.JSON:
		return nil
	case len(rows) == 0:
		fmt.Fprintln(s.Out, "Nobody asks for cover. Who has to leave does, with: hub off USER --until TIME --cover-by COLLEAGUE")
		return nil
	}
	return printTable(s.Out, []string{"NUMBER", "FROM", "SCHEDULES", "AWAY UNTIL", "ASKED NOW", "ANSWER BY", "URGENCY"}, rows)
}
