package cli

import (
	"context"
	"fmt"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type escalateCmd struct {
	Number uint64 `arg:"" help:"The incident's number."`
}

// Help says more than one line can.
func (escalateCmd) Help() string {
	return `Does now what would be done at the level's timeout. What is acknowledged is no longer.

Example:
  hub escalate 12 --as ada`
}

// Run escalates.
func (c *escalateCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.Escalate, &hubv1.EscalateRequest{Number: c.Number})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Incident %d is escalated: %s.\n", c.Number, whoHas(res.Incident))
	return nil
}

type reassignCmd struct {
	Number   uint64 `arg:"" help:"The incident's number."`
	ToUser   string `help:"Page this user; after the present level's timeout the policy goes on with the next." xor:"to" required:"" placeholder:"USER"`
	ToPolicy string `help:"Start this escalation policy." xor:"to" required:"" placeholder:"POLICY"`
}

// Help says more than one line can.
func (reassignCmd) Help() string {
	return `Examples:
  hub reassign 12 --to-user eve --as ada
  hub reassign 12 --to-policy database`
}

// Run reassigns.
func (c *reassignCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.Reassign,
		&hubv1.ReassignRequest{Number: c.Number, UserId: c.ToUser, PolicyId: c.ToPolicy})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Incident %d is reassigned to %s: %s.\n", c.Number, c.ToUser+c.ToPolicy, whoHas(res.Incident))
	return nil
}

type addCmd struct {
	Number uint64   `arg:"" help:"The incident's number."`
	Users  []string `arg:"" help:"Who is to help." placeholder:"USER"`
}

// Help says more than one line can.
func (addCmd) Help() string {
	return `Each is paged once, also for what is acknowledged. Who has the incident keeps it.

Example:
  hub add 12 eve bob --as ada`
}

// Run adds responders.
func (c *addCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.AddResponders, &hubv1.AddRespondersRequest{Number: c.Number, UserIds: c.Users})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Incident %d: %s.\n", c.Number, whoHas(res.Incident))
	return nil
}
