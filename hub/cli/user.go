package cli

import (
	"context"
	"fmt"
	"strings"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type userCmd struct {
	Offboard offboardCmd `cmd:"" help:"Take a user out of everything, and leave no hole."`
}

type offboardCmd struct {
	User        string   `arg:"" help:"Who leaves."`
	ReplaceWith string   `help:"Who takes over, everywhere." placeholder:"USER"`
	In          []string `sep:"none" help:"Who takes over in one place, for example schedule/web=bob; may be given many times." placeholder:"PLACE=USER"`
	LeaveGaps   bool     `help:"Go on although nobody is on call for a while then."`
	DryRun      bool     `help:"Show what would be done, and change nothing."`
	JSON        bool     `help:"Print JSON."`
}

// Help says more than one line can.
func (offboardCmd) Help() string {
	return `Takes a user out of rotations, overrides, levels of escalation policies, teams and the catch-all;
ends their absences; signs their devices out and takes their enrolment codes and calendar link away;
gives what they hold back to its policy and passes their open pages on. All of the configuration
changes at once, and it is refused if it would leave a hole, also one of a few hours in which those who
follow are away: name who takes over then, or go on with --leave-gaps.

Somebody named takes the user's turns from now on. With nobody named the others of a rotation keep
their order from the present turn, and who follows takes what is left of the user's own. Whose shifts
move, and who takes over, is told. If it is interrupted, give the same command again.

Places: schedule/ID, policy/ID, team/ID, catch_all. Take the user out of the configuration file, too:
it would bring them back.

Examples:
  hub user offboard ada --dry-run
  hub user offboard ada --replace-with bob
  hub user offboard ada --in schedule/web=bob --in catch_all=kim`
}

// Run offboards.
func (c *offboardCmd) Run(ctx context.Context, g *globals, s Streams) error {
	in := map[string]string{}
	for _, text := range c.In {
		place, user, ok := strings.Cut(text, "=")
		if !ok || place == "" || user == "" {
			return fault.New(fault.Invalid, "--in: %q is not PLACE=USER, for example schedule/web=bob", text)
		}
		if _, twice := in[place]; twice {
			return fault.New(fault.Invalid, "--in: %s is named twice", place)
		}
		in[place] = user
	}
	res, err := askOf(ctx, g, hubv1connect.NewUserServiceClient, hubv1connect.UserServiceClient.Offboard,
		&hubv1.OffboardRequest{UserId: c.User, ReplaceWith: c.ReplaceWith, In: in, DryRun: c.DryRun, LeaveGaps: c.LeaveGaps})
	if err != nil {
		return err
	}
	if c.JSON {
		stood := []map[string]string{}
		for _, p := range res.Stood {
			stood = append(stood, map[string]string{"place": p.Place, "what": p.What, "then": p.Then})
		}
		return printJSON(s.Out, map[string]any{
			"user": c.User, "dry_run": c.DryRun, "stood": stood, "moves": append([]string{}, res.Moves...), "devices": append([]string{}, res.Devices...),
			"absences": append([]string{}, res.Absences...), "incidents": append([]string{}, res.Incidents...),
			"holes": append([]string{}, res.Holes...),
		})
	}
	return c.print(s, res)
}

func (c *offboardCmd) print(s Streams, res *hubv1.OffboardResponse) error {
	if len(res.Stood) > 0 {
		var rows [][]string
		for _, p := range res.Stood {
			rows = append(rows, []string{p.Place, p.What, p.Then})
		}
		if err := printTable(s.Out, []string{"PLACE", "AS", "THEN"}, rows); err != nil {
			return err
		}
		fmt.Fprintln(s.Out)
	}
	for _, part := range []struct {
		head  string
		lines []string
	}{
		{"Shifts that move", res.Moves}, {"Devices signed out", res.Devices}, {"Absences ended", res.Absences}, {"Incidents", res.Incidents},
	} {
		if len(part.lines) == 0 {
			continue
		}
		const most = 20
		fmt.Fprintf(s.Out, "%s:\n", part.head)
		for i, l := range part.lines {
			if i == most {
				fmt.Fprintf(s.Out, "  … and %d more\n", len(part.lines)-most)
				break
			}
			fmt.Fprintf(s.Out, "  %s\n", l)
		}
	}
	switch {
	case len(res.Holes) > 0:
		return fault.New(fault.Invalid, "without --dry-run that would be refused, as it leaves holes:\n%s", strings.Join(res.Holes, "\n"))
	case c.DryRun:
		fmt.Fprintf(s.Out, "Nothing was changed. Without --dry-run %s is offboarded.\n", res.UserName)
	case !res.Known:
		fmt.Fprintf(s.Out, "%s was taken out of the configuration before; what was left is done now.\n", c.User)
	default:
		fmt.Fprintf(s.Out, "%s is offboarded. Take %s out of the configuration file, too, or write it anew with: hub export\n", res.UserName, c.User)
	}
	return nil
}
