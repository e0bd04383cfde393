package cli

import (
	"context"
	"fmt"
	"time"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type drainCmd struct {
	For    time.Duration `help:"For how long the hub will be away, up to an hour." xor:"what" required:"" placeholder:"DURATION"`
	Cancel bool          `help:"Take it back: the hub stays." xor:"what" required:""`
}

// Help says more than one line can.
func (drainCmd) Help() string {
	return `Agents of people who are on call ring when they have lost their hub for a minute. This tells
them that it goes away on purpose, so that an upgrade wakes nobody; they ring if it is not back a
minute after the time. Paging goes on until the hub stops: stop it next.

Examples:
  hub drain --for 5m
  hub drain --cancel`
}

// Run announces it.
func (c *drainCmd) Run(ctx context.Context, g *globals, s Streams) error {
	if !c.Cancel && c.For < time.Second {
		return fault.New(fault.Invalid, "--for: %s is no length of time to come", c.For)
	}
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.Drain, &hubv1.DrainRequest{ForMs: c.For.Milliseconds()})
	if err != nil {
		return err
	}
	if c.Cancel {
		fmt.Fprintf(s.Out, "Taken back; %s told.\n", devices(res.Devices))
		return nil
	}
	fmt.Fprintf(s.Out, "%s told that the hub is back by %s. Stop it now.\n", devices(res.Devices), stamp(res.BackAt))
	return nil
}

func devices(n uint32) string {
	if n == 1 {
		return "1 connected device was"
	}
	return fmt.Sprintf("%d connected devices were", n)
}
