package cli

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type handOverCmd struct {
	Number uint64 `arg:"" help:"The incident's number."`
}

// Help says more than one line can.
func (handOverCmd) Help() string {
	return `Pages who is on call now in place of whoever has the incident, level by level. It stays with
the holder until the successor's page rings, shows or is acknowledged.

Example:
  hub handover 12 --as ada`
}

// Run hands over.
func (c *handOverCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.HandOver, &hubv1.HandOverRequest{Number: c.Number})
	if err != nil {
		return err
	}
	if res.Incident.Status == "acknowledged" && len(res.Incident.Pages) == 0 {
		fmt.Fprintf(s.Out, "Incident %d: %s until somebody else on call takes it, but nobody is paged for that yet. To name somebody: hub reassign %[1]d --to-user USER\n",
			c.Number, whoHas(res.Incident))
		return nil
	}
	fmt.Fprintf(s.Out, "Incident %d is handed over: %s%s.\n", c.Number, whoHas(res.Incident), successors(res.Incident))
	return nil
}

func successors(i *hubv1.Incident) string {
	text := ""
	for _, p := range i.Pages {
		if i.Status == "acknowledged" {
			text += ", " + p.UserId + " is paged"
		}
	}
	return text
}

type keepCmd struct {
	Number uint64        `arg:"" help:"The incident's number."`
	Until  string        `help:"Until this time: 08:00 (the next one on this machine's clock) or an RFC 3339 time." xor:"end" required:"" placeholder:"TIME"`
	For    time.Duration `help:"For so long." xor:"end" required:"" placeholder:"DURATION"`
}

// Help says more than one line can.
func (keepCmd) Help() string {
	return `When the shift of whoever has an incident ends, the incident is handed over 15 minutes later.
This keeps it with them for longer.

Examples:
  hub keep 12 --for 1h --as ada
  hub keep 12 --until 20:00 --as ada`
}

// Run keeps it.
func (c *keepCmd) Run(ctx context.Context, g *globals, s Streams) error {
	until := time.Now().Add(c.For)
	if c.Until != "" {
		var err error
		if until, err = untilTime(c.Until, time.Now()); err != nil {
			return err
		}
	} else if c.For <= 0 {
		return fault.New(fault.Invalid, "--for: %s is no length of time to come", c.For)
	}
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.Keep, &hubv1.KeepRequest{Number: c.Number, Until: timestamppb.New(until)})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Incident %d: %s; nobody is asked about it before %s.\n", c.Number, whoHas(res.Incident), stamp(timestamppb.New(until)))
	return nil
}
