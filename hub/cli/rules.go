package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type mergeCmd struct {
	Number uint64 `arg:"" help:"The incident that becomes part of another."`
	Into   uint64 `help:"The incident in which it goes on." required:"" placeholder:"NUMBER"`
	JSON   bool   `help:"Print the incident in which it goes on as JSON."`
}

// Help says more than one line can.
func (mergeCmd) Help() string {
	return `For incidents that are one trouble. The alerts of the first go on in the other, which resolves when
all of them have ended; later events for them reach it. The pages of the first end. The higher
urgency and priority win: where the urgency rises by it, people are paged as for any rise.

Example:
  hub merge 12 --into 10 --as ada`
}

// Run merges.
func (c *mergeCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := askOf(ctx, g, hubv1connect.NewIncidentServiceClient, hubv1connect.IncidentServiceClient.Merge, &hubv1.MergeRequest{Number: c.Number, Into: c.Into})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.Out, toJSON(res.Incident))
	}
	firing := 0
	for _, a := range res.Incident.Alerts {
		if a.Status == "triggered" {
			firing++
		}
	}
	fmt.Fprintf(s.Out, "Incident %d goes on in %d: %s, alerts that fire: %d, %s.\n", c.Number, c.Into, statusOf(res.Incident), firing, whoHas(res.Incident))
	return nil
}

type priorityCmd struct {
	Number   uint64 `arg:"" help:"The incident's number."`
	Priority string `arg:"" help:"P1 (most) to P5, or none."`
	JSON     bool   `help:"Print the incident as JSON."`
}

// Help says more than one line can.
func (priorityCmd) Help() string {
	return `What people say of how much an incident matters. It stands in lists, alarms and messages, and changes
nothing about who is paged.

Examples:
  hub priority 12 P1 --as ada
  hub priority 12 none`
}

// Run sets or removes the priority.
func (c *priorityCmd) Run(ctx context.Context, g *globals, s Streams) error {
	priority := c.Priority
	if strings.EqualFold(priority, "none") {
		priority = ""
	}
	res, err := askOf(ctx, g, hubv1connect.NewIncidentServiceClient, hubv1connect.IncidentServiceClient.SetPriority, &hubv1.SetPriorityRequest{Number: c.Number, Priority: priority})
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		return printJSON(s.Out, toJSON(res.Incident))
	case res.Incident.Priority == "":
		fmt.Fprintf(s.Out, "Incident %d has no priority.\n", c.Number)
	default:
		fmt.Fprintf(s.Out, "Incident %d has the priority %s.\n", c.Number, res.Incident.Priority)
	}
	return nil
}

type policyCmd struct {
	Refresh policyRefreshCmd `cmd:"" help:"Make open incidents follow an escalation policy as it is now."`
}

// Help says more than one line can.
func (policyCmd) Help() string {
	return `An incident follows its escalation policy as it stood when it triggered. An edit changes who is paged
for later ones, until hub policy refresh says otherwise.

Examples:
  hub policy refresh payments --dry-run
  hub policy refresh payments --incident 12 --as ada`
}

type policyRefreshCmd struct {
	Policy   string `arg:"" help:"The escalation policy."`
	Incident uint64 `help:"Only this incident." placeholder:"NUMBER"`
	DryRun   bool   `help:"Show which incidents it would move, and change nothing."`
	JSON     bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (policyRefreshCmd) Help() string {
	return `What is being paged begins level 1 of the policy as it is now. What somebody has, and what waits, stays
quiet, and follows it afterwards.

Examples:
  hub policy refresh payments --dry-run
  hub policy refresh payments --incident 12 --as ada`
}

type refreshedJSON struct {
	Number       uint64 `json:"number"`
	FromRevision uint64 `json:"from_revision"`
	ToRevision   uint64 `json:"to_revision"`
	AtOnce       bool   `json:"at_once"`
	DryRun       bool   `json:"dry_run"`
}

// Run moves open incidents to the policy as it is now.
func (c *policyRefreshCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := askOf(ctx, g, hubv1connect.NewIncidentServiceClient, hubv1connect.IncidentServiceClient.RefreshPolicy,
		&hubv1.RefreshPolicyRequest{PolicyId: c.Policy, Number: c.Incident, DryRun: c.DryRun})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, r := range res.Incidents {
		if c.JSON {
			if err := printJSON(s.Out, refreshedJSON{r.Incident.Number, r.FromRevision, res.Revision, r.AtOnce, c.DryRun}); err != nil {
				return err
			}
			continue
		}
		when := "begins with level 1"
		if !r.AtOnce {
			when = "when it is no longer quiet"
		}
		rows = append(rows, []string{strconv.FormatUint(r.Incident.Number, 10), statusOf(r.Incident), strconv.FormatUint(r.FromRevision, 10), when, r.Incident.Summary})
	}
	switch {
	case c.JSON:
		return nil
	case len(rows) == 0:
		fmt.Fprintf(s.Out, "Every open incident follows %s as it is now. Open ones: hub incidents\n", c.Policy)
		return nil
	}
	if err := printTable(s.Out, []string{"NUMBER", "STATUS", "FROM REVISION", "FOLLOWS IT", "SUMMARY"}, rows); err != nil {
		return err
	}
	if c.DryRun {
		fmt.Fprintln(s.Out, "Nothing was changed.")
	}
	return nil
}
