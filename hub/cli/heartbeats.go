package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type heartbeatsCmd struct {
	JSON bool `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (heartbeatsCmd) Help() string {
	return `Heartbeats are integrations that ping the hub: when no ping comes within the interval plus the
grace, an incident opens, and the next ping resolves it. The wait begins with the first ping.
The addresses are those of Healthchecks: URL/ping/KEY, and behind it /start, /fail, /log or an exit
status.

Examples:
  hub heartbeats
  curl -fsS --retry 3 http://127.0.0.1:7411/ping/KEY       at the end of a job
  curl -fsS --retry 3 http://127.0.0.1:7411/ping/KEY/$?    with how it ended`
}

func heartbeats(ctx context.Context, g *globals) ([]*hubv1.Heartbeat, error) {
	res, err := askOf(ctx, g, hubv1connect.NewHeartbeatServiceClient, hubv1connect.HeartbeatServiceClient.ListHeartbeats, &hubv1.ListHeartbeatsRequest{})
	if err != nil {
		return nil, err
	}
	return res.Heartbeats, nil
}

// Run lists heartbeats.
func (c *heartbeatsCmd) Run(ctx context.Context, g *globals, s Streams) error {
	list, err := heartbeats(ctx, g)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, h := range list {
		if c.JSON {
			if err := printJSON(s.Out, map[string]any{
				"integration": h.IntegrationId, "service": h.ServiceId, "state": h.State, "pinged_at": rfc3339(h.PingedAt),
				"started_at": rfc3339(h.StartedAt), "due_at": rfc3339(h.DueAt), "interval": h.Interval.AsDuration().String(),
				"grace": h.Grace.AsDuration().String(), "guards": append([]string{}, h.Guards...),
			}); err != nil {
				return err
			}
			continue
		}
		colour := map[string]string{"up": colourGreen, "failing": colourRed, "missing": colourRed}[h.State]
		if colour == "" {
			colour = colourAmber
		}
		rows = append(rows, []string{
			h.IntegrationId, paint(s.Out, colour, stateOf(h)), h.ServiceId, pingedAgo(h),
			span(h.Interval.AsDuration()) + " + " + span(h.Grace.AsDuration()), stamp(h.DueAt), strings.Join(h.Guards, ", "),
		})
	}
	switch {
	case c.JSON:
		return nil
	case len(rows) == 0:
		fmt.Fprintln(s.Out, "There are no heartbeats. One is an integration of the kind heartbeat in the file that hub apply takes.")
		return nil
	}
	return printTable(s.Out, []string{"ID", paint(s.Out, colourBold, "STATE"), "SERVICE", "LAST PING", "EVERY", "MISSING FROM", "GUARDS"}, rows)
}

func stateOf(h *hubv1.Heartbeat) string {
	switch {
	case h.State == "never":
		return "never pinged"
	case h.StartedAt != nil && h.State == "up":
		return "running"
	}
	return h.State
}

func pingedAgo(h *hubv1.Heartbeat) string {
	if h.PingedAt == nil {
		return "–"
	}
	return span(time.Since(h.PingedAt.AsTime())) + " ago"
}

// heartbeatCautions says what is not well with heartbeats, a line each.
func heartbeatCautions(list []*hubv1.Heartbeat) []string {
	names := map[string][]string{}
	for _, h := range list {
		names[h.State] = append(names[h.State], h.IntegrationId)
	}
	var lines []string
	for _, c := range []struct{ state, text string }{
		{"missing", "missing, its last ping is overdue"}, {"failing", "failing"},
		{"never", "waiting for its first ping; until then nobody notices that none comes"},
	} {
		for _, id := range names[c.state] {
			lines = append(lines, fmt.Sprintf("Heartbeat %s is %s.", id, c.text))
		}
	}
	return lines
}
