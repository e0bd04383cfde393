package cli

import (
	"context"
	"fmt"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type methodCmd struct {
	List methodListCmd `cmd:"" help:"List contact methods, and whether the hub can send by them."`
	Test methodTestCmd `cmd:"" help:"Send a test message, and show what the gateway answered."`
}

// Help says more than one line can.
func (methodCmd) Help() string {
	return `Contact methods reach people beside their devices: mail, telephone, push, chats. They stand in
the file that hub apply takes; by what the hub sends stands in the file of hub serve --gateways.

Examples:
  hub method list
  hub method test ada phone`
}

type methodListCmd struct {
	User string `arg:"" optional:"" help:"Only this user's."`
	JSON bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (methodListCmd) Help() string {
	return `Examples:

    hub method list
    hub method list ada`
}

// Run lists contact methods.
func (c *methodListCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := askOf(ctx, g, hubv1connect.NewMethodServiceClient, hubv1connect.MethodServiceClient.ListMethods, &hubv1.ListMethodsRequest{UserId: c.User})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, m := range res.Methods {
		if c.JSON {
			if err := printJSON(s.Out, map[string]any{"user": m.UserId, "id": m.Id, "kind": m.Kind, "address": m.Address, "wakes": m.Wakes, "usable": m.Usable, "after": m.After}); err != nil {
				return err
			}
			continue
		}
		state := "after " + m.After
		switch {
		case !m.Usable:
			state = paint(s.Out, colourRed, "no gateway")
		case m.After == "":
			state = paint(s.Out, colourAmber, "no rule uses it")
		}
		wakes := ""
		if m.Wakes {
			wakes = "wakes"
		}
		rows = append(rows, []string{m.UserId, m.Id, m.Kind, m.Address, wakes, state})
	}
	switch {
	case c.JSON:
		return nil
	case len(rows) == 0:
		fmt.Fprintln(s.Out, "No contact methods yet. They stand below users in the file that hub apply takes.")
		return nil
	}
	return printTable(s.Out, []string{"USER", "METHOD", "KIND", "TO", "WAKES", "HIGH URGENCY"}, rows)
}

type methodTestCmd struct {
	User   string `arg:"" help:"Whom to reach."`
	Method string `arg:"" help:"By which contact method; hub method list shows them."`
}

// Help says more than one line can.
func (methodTestCmd) Help() string {
	return `The message says that it is a test, and opens no incident.

Example:

    hub method test ada phone`
}

// Run sends a test.
func (c *methodTestCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := askOf(ctx, g, hubv1connect.NewMethodServiceClient, hubv1connect.MethodServiceClient.TestMethod, &hubv1.TestMethodRequest{UserId: c.User, MethodId: c.Method})
	if err != nil {
		return err
	}
	switch {
	case res.Accepted:
		fmt.Fprintf(s.Out, "Sent: %s.\n", res.Answer)
		return nil
	case res.Permanent:
		return fault.New(fault.Conflict, "not sent: %s", res.Answer)
	}
	return fault.New(fault.Unavailable, "not sent, and it may work another time: %s", res.Answer)
}
