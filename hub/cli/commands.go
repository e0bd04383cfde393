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

type pageCmd struct {
	Service string `arg:"" help:"The service whose people are paged."`
	Text    string `arg:"" help:"What is wrong, in a sentence."`
	Urgency string `help:"high: alarm until somebody acknowledges; low: a quiet notification." enum:"high,low" default:"high"`
}

// Help says more than one line can.
func (pageCmd) Help() string {
	return `Examples:
  hub page payments "Cards are declined in the shop in Leeds" --as kim
  hub page payments "The certificate ends on Friday" --urgency low`
}

// Run opens an incident by hand.
func (c *pageCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.OpenIncident,
		&hubv1.OpenIncidentRequest{ServiceId: c.Service, Text: c.Text, Urgency: c.Urgency})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Incident %d is open: %s.\n", res.Incident.Number, whoHas(res.Incident))
	return nil
}

type noteCmd struct {
	Number uint64 `arg:"" help:"The incident's number."`
	Text   string `arg:"" help:"What to write down."`
}

// Help says more than one line can.
func (noteCmd) Help() string {
	return `A note of the one who has the incident also renews the acknowledgement.

Example:
  hub note 12 "Restarted the queue; watching it" --as ada`
}

// Run writes a note.
func (c *noteCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.AddNote, &hubv1.AddNoteRequest{Number: c.Number, Text: c.Text})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "The note stands in the timeline of incident %d.\n", res.Incident.Number)
	return nil
}

type snoozeCmd struct {
	Number uint64        `arg:"" help:"The incident's number."`
	Until  string        `help:"Until this time: 08:00 (the next one on this machine's clock) or an RFC 3339 time." xor:"end" required:"" placeholder:"TIME"`
	For    time.Duration `help:"For so long." xor:"end" required:"" placeholder:"DURATION"`
}

// Help says more than one line can.
func (snoozeCmd) Help() string {
	return `Nobody is paged until then. What nobody has acknowledged is acknowledged by it.
At the end, whoever has the incident is paged again if on call, otherwise level 1.

Examples:
  hub snooze 12 --until 08:00 --as ada
  hub snooze 12 --for 2h`
}

// Run puts an incident off.
func (c *snoozeCmd) Run(ctx context.Context, g *globals, s Streams) error {
	req := &hubv1.SnoozeRequest{Number: c.Number, ForMs: c.For.Milliseconds()}
	if c.Until != "" {
		until, err := untilTime(c.Until, time.Now())
		if err != nil {
			return err
		}
		req.Until = timestamppb.New(until)
	} else if c.For <= 0 {
		return fault.New(fault.Invalid, "--for: %s is no length of time to come", c.For)
	}
	res, err := ask(ctx, g, hubv1connect.HubServiceClient.Snooze, req)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Incident %d is quiet until %s; %s.\n", c.Number, stamp(res.Incident.QuietUntil), whoHas(res.Incident))
	return nil
}

// untilTime reads a time of day, the next one after now in its zone, or an
// instant.
func untilTime(text string, now time.Time) (time.Time, error) {
	clock, err := time.Parse("15:04", text)
	if err != nil {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return at, fault.New(fault.Invalid, "--until: %q is neither a time of day like 08:00 nor an RFC 3339 time like 2026-12-24T18:00:00Z", text)
		}
		return at, nil
	}
	for day := 0; ; day++ {
		if at := time.Date(now.Year(), now.Month(), now.Day()+day, clock.Hour(), clock.Minute(), 0, 0, now.Location()); at.After(now) {
			return at, nil
		}
	}
}
