package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type checkCmd struct {
	User string `arg:"" optional:"" help:"Only this user; otherwise everybody who is on call for high urgency now or within 24 hours."`
	JSON bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (checkCmd) Help() string {
	return `Looks at once as the hub does by itself 24 hours and 2 hours before a shift and at its start: it
probes the devices silently (up to 10 seconds) and asks whether a contact method would wake the user
with the laptop closed. It tells nobody. What is wrong on a device is for its user alone, who finds it
in the agent.

REACHABLE is what others see: yes, no, or unchecked where a way was never used.

Examples:
  hub check
  hub check ada`
}

// Run checks.
func (c *checkCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := askOf(ctx, g, hubv1connect.NewReadinessServiceClient, hubv1connect.ReadinessServiceClient.CheckNow, &hubv1.CheckNowRequest{UserId: c.User})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, u := range res.Users {
		if c.JSON {
			if err := printJSON(s.Out, checkedJSON(u)); err != nil {
				return err
			}
			continue
		}
		colour := colourGreen
		switch {
		case u.Reachable == "no":
			colour = colourRed
		case !u.Good || u.OffUntil != nil:
			colour = colourAmber
		}
		row := []string{u.UserId, paint(s.Out, colour, u.Reachable), u.Devices, u.Wakes}
		if len(u.Shifts) == 0 {
			rows = append(rows, append(row, "–", offDuty(u, zoneOf(u.TimeZone))))
		}
		for i, shift := range u.Shifts {
			if i > 0 {
				row = []string{"", "", "", ""}
			}
			zone := zoneOf(shift.TimeZone)
			span := "from " + people(shift.Start, zone)
			if !shift.Start.AsTime().After(time.Now().Add(time.Second)) {
				span = "now"
			}
			if shift.End != nil {
				span += " until " + people(shift.End, zone)
			}
			if u.OffUntil != nil && shift.Start.AsTime().Before(u.OffUntil.AsTime()) {
				span += "; " + offDuty(u, zone)
			}
			rows = append(rows, append(row, cmp.Or(shift.ScheduleId, "–"), span))
		}
	}
	switch {
	case c.JSON:
		return nil
	case len(rows) == 0:
		fmt.Fprintln(s.Out, "Nobody is on call for high urgency within 24 hours. See: hub oncall")
		return nil
	}
	return printTable(s.Out, []string{"USER", "REACHABLE", "DEVICES", "WAKES BY", "ON CALL FOR", "WHEN"}, rows)
}

func offDuty(u *hubv1.Checked, zone *time.Location) string {
	if u.OffUntil == nil {
		return ""
	}
	return "off duty until " + people(u.OffUntil, zone) + ", and not paged"
}

func checkedJSON(u *hubv1.Checked) map[string]any {
	shifts := []map[string]any{}
	for _, s := range u.Shifts {
		zone := zoneOf(s.TimeZone)
		shifts = append(shifts, map[string]any{"schedule": s.ScheduleId, "start": zoned(s.Start, zone), "end": zoned(s.End, zone)})
	}
	return map[string]any{"user": u.UserId, "reachable": u.Reachable, "good": u.Good, "devices": u.Devices, "wakes": u.Wakes, "off_until": rfc3339(u.OffUntil), "shifts": shifts}
}
