package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type incidentsCmd struct {
	All   bool   `help:"Resolved ones too."`
	Limit uint32 `help:"At most this many." default:"100"`
	JSON  bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (incidentsCmd) Help() string {
	return `Examples:
  hub incidents
  hub incidents --all --json | jq .summary`
}

type incidentJSON struct {
	ID      string      `json:"id"`
	Number  uint64      `json:"number"`
	Service string      `json:"service"`
	Status  string      `json:"status"`
	Urgency string      `json:"urgency"`
	Summary string      `json:"summary"`
	Alerts  []alertJSON `json:"alerts"`
	Holder  string      `json:"holder"`

	TriggeredAt string     `json:"triggered_at"`
	ResolvedAt  string     `json:"resolved_at,omitempty"`
	QuietUntil  string     `json:"quiet_until,omitempty"`
	QuietReason string     `json:"quiet_reason,omitempty"`
	Silent      []string   `json:"silent_sources,omitempty"`
	NextAt      string     `json:"next_at,omitempty"`
	MergedInto  uint64     `json:"merged_into,omitempty"`
	Priority    string     `json:"priority,omitempty"`
	Flapping    bool       `json:"flapping,omitempty"`
	ResolveDue  string     `json:"resolve_due,omitempty"`
	Pages       []pageJSON `json:"pages"`
}

type alertJSON struct {
	Integration string `json:"integration"`
	DedupKey    string `json:"dedup_key"`
	Status      string `json:"status"`
	Count       uint64 `json:"count"`
}

type pageJSON struct {
	User  string `json:"user"`
	Wave  uint32 `json:"wave"`
	Level uint32 `json:"level"`
	Round uint32 `json:"round"`
	State string `json:"state"`
}

func toJSON(i *hubv1.Incident) incidentJSON {
	out := incidentJSON{
		ID: i.Id, Number: i.Number, Service: i.ServiceId, Status: i.Status, Urgency: i.Urgency, Summary: i.Summary,
		Holder: i.Holder, TriggeredAt: rfc3339(i.TriggeredAt), ResolvedAt: rfc3339(i.ResolvedAt),
		QuietUntil: rfc3339(i.QuietUntil), QuietReason: i.QuietReason, Silent: i.SilentSources, NextAt: rfc3339(i.NextAt), Alerts: []alertJSON{}, Pages: []pageJSON{},
		MergedInto: i.MergedInto, Priority: i.Priority, Flapping: i.Flapping, ResolveDue: rfc3339(i.ResolveDue),
	}
	for _, a := range i.Alerts {
		out.Alerts = append(out.Alerts, alertJSON{a.IntegrationId, a.DedupKey, a.Status, a.Count})
	}
	for _, p := range i.Pages {
		out.Pages = append(out.Pages, pageJSON{p.UserId, p.Wave, p.Level, p.Round, p.State})
	}
	return out
}

// Run lists incidents.
func (c *incidentsCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.ListIncidents, &hubv1.ListIncidentsRequest{All: c.All, Limit: c.Limit})
	if err != nil {
		return err
	}
	if c.JSON {
		for _, i := range res.Incidents {
			if err := printJSON(s.Out, toJSON(i)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(res.Incidents) == 0 {
		fmt.Fprintln(s.Out, "No incident is open. Past ones: hub incidents --all")
		return nil
	}
	colours := map[string]string{"triggered": colourRed, "acknowledged": colourAmber, "resolved": colourGreen}
	var rows [][]string
	for _, i := range res.Incidents {
		rows = append(rows, []string{
			strconv.FormatUint(i.Number, 10), paint(s.Out, colours[i.Status], statusOf(i)), weightOf(i), serviceOf(i),
			since(i), whoHas(i), silent(i) + i.Summary,
		})
	}
	return printTable(s.Out, []string{"NUMBER", paint(s.Out, colourBold, "STATUS"), "URGENCY", "SERVICE", "SINCE", "WHO", "SUMMARY"}, rows)
}

// statusOf is the status, and what is special about it.
func statusOf(i *hubv1.Incident) string {
	status := i.Status
	switch {
	case i.MergedInto != 0:
		return fmt.Sprintf("merged into %d", i.MergedInto)
	case i.Status == "triggered" && i.QuietUntil != nil:
		status = "held"
	}
	if i.Flapping {
		status += ", flapping"
	}
	if i.ResolveDue != nil {
		status += ", over in " + span(max(time.Until(i.ResolveDue.AsTime()), 0))
	}
	return status
}

// weightOf is the urgency, and the priority that people gave it.
func weightOf(i *hubv1.Incident) string {
	if i.Priority == "" {
		return i.Urgency
	}
	return i.Urgency + ", " + i.Priority
}

func serviceOf(i *hubv1.Incident) string {
	switch {
	case i.CoverOf != "":
		return "(cover request)"
	case i.ServiceId == "":
		return "(test page)"
	}
	return i.ServiceId
}

func since(i *hubv1.Incident) string {
	return fmt.Sprintf("%s (%s)", stamp(i.TriggeredAt), span(time.Since(i.TriggeredAt.AsTime())))
}

// silent marks what does not resolve by quiet because nothing is known of its
// source.
func silent(i *hubv1.Incident) string {
	if len(i.SilentSources) == 0 || i.ResolvedAt != nil {
		return ""
	}
	return "[source silent: " + strings.Join(i.SilentSources, ", ") + "] "
}

// waitsFor says why nobody is paged yet, and until when.
func waitsFor(i *hubv1.Incident) string {
	why := map[string]string{"maintenance": "maintenance, ", "support_hours": "waits for support hours, ", "hold": "held, "}[i.QuietReason]
	return why + "quiet until " + stamp(i.QuietUntil)
}

// whoHas says who acknowledged, or else who is being paged.
func whoHas(i *hubv1.Incident) string {
	switch {
	case i.CoverOf != "" && i.Holder != "":
		return i.Holder + " takes over"
	case i.Status == "acknowledged" && i.Holder != "":
		return i.Holder + " has it"
	}
	if i.Status == "triggered" && i.QuietUntil != nil {
		return waitsFor(i)
	}
	var paged []string
	for _, p := range i.Pages {
		paged = append(paged, fmt.Sprintf("%s (%s)", p.UserId, p.State))
	}
	if len(paged) == 0 {
		return "–"
	}
	return "paging " + strings.Join(paged, ", ")
}

type timelineCmd struct {
	Number uint64 `arg:"" help:"The incident's number."`
	JSON   bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (timelineCmd) Help() string { return "Example:\n  hub timeline 12" }

type entryJSON struct {
	At     string `json:"at"`
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	User   string `json:"user"`
	Device string `json:"device"`
	Level  uint32 `json:"level"`
	Round  uint32 `json:"round"`
	Wave   uint32 `json:"wave,omitempty"`
	Method string `json:"method,omitempty"`
	Text   string `json:"text"`
}

// Run shows a timeline.
func (c *timelineCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.GetTimeline, &hubv1.GetTimelineRequest{Number: c.Number})
	if err != nil {
		return err
	}
	for _, e := range res.Entries {
		if c.JSON {
			if err := printJSON(s.Out, entryJSON{rfc3339(e.At), e.Kind, e.Reason, e.UserId, e.DeviceId, e.Level, e.Round, e.Wave, e.MethodId, e.Text}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(s.Out, "%s  %s\n", e.At.AsTime().Local().Format("2006-01-02 15:04:05.000 MST"), e.Text)
	}
	return nil
}

type ackCmd struct {
	Number uint64 `arg:"" help:"The incident's number."`
	JSON   bool   `help:"Print the incident as JSON."`
}

// Help says more than one line can.
func (ackCmd) Help() string { return "Example:\n  hub ack 12 --as ada" }

// Run acknowledges.
func (c *ackCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.Acknowledge, &hubv1.AcknowledgeRequest{Number: c.Number})
	if err != nil {
		return err
	}
	if res.Already != "" {
		return fault.New(fault.Conflict, "incident %d: %s", c.Number, res.Already)
	}
	if c.JSON {
		return printJSON(s.Out, toJSON(res.Incident))
	}
	if of := res.Incident.CoverOf; of != "" {
		fmt.Fprintf(s.Out, "%s takes over from %s; the shifts are entered now: hub timeline %d\n", res.Incident.Holder, of, c.Number)
		return nil
	}
	fmt.Fprintf(s.Out, "Incident %d is acknowledged by %s", c.Number, res.Incident.Holder)
	if res.Incident.QuietUntil != nil {
		fmt.Fprintf(s.Out, " until %s", stamp(res.Incident.QuietUntil))
	}
	fmt.Fprintln(s.Out, ".")
	return nil
}

type resolveCmd struct {
	Number uint64 `arg:"" help:"The incident's number."`
	JSON   bool   `help:"Print the incident as JSON."`
}

// Help says more than one line can.
func (resolveCmd) Help() string { return "Example:\n  hub resolve 12 --as ada" }

// Run resolves.
func (c *resolveCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.Resolve, &hubv1.ResolveRequest{Number: c.Number})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.Out, toJSON(res.Incident))
	}
	fmt.Fprintf(s.Out, "Incident %d is resolved.\n", c.Number)
	if res.StillFiring {
		fmt.Fprintln(s.Out, "Its source has not said that it is over: if it fires again, it comes back.")
	}
	return nil
}
