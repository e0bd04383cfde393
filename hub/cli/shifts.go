package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/hub/fault"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

const (
	fourWeeks = 28 * 24 * time.Hour
	year      = 366 * 24 * time.Hour
	nextOnes  = 6
	// A picture has whole weeks, in any zone.
	aroundPicture = 9 * 24 * time.Hour
)

// shifts answers for a span.
func (c *oncallCmd) shifts(ctx context.Context, d duty, w io.Writer, now time.Time) error {
	from, to, err := c.span(now)
	if err != nil {
		return err
	}
	req := &hubv1.ListShiftsRequest{ScheduleId: c.Schedule, UserId: c.User, From: timestamppb.New(from), To: timestamppb.New(to)}
	next := c.Next || (c.User != "" && c.From == "" && c.To == "")
	switch {
	case next:
		req.To, req.Next = timestamppb.New(from.Add(year)), nextOnes
	case c.Picture:
		req.From, req.To = timestamppb.New(from.Add(-aroundPicture)), timestamppb.New(to.Add(aroundPicture))
	}
	res, err := d.shifts(ctx, req)
	if err != nil {
		return err
	}
	switch {
	case c.Picture:
		return printPictures(w, res.Schedules, from, to, now)
	case c.JSON:
		return shiftsJSON(w, res.Schedules)
	case c.User != "" || next:
		return c.printShifts(w, res.Schedules, next, now)
	}
	for i, s := range res.Schedules {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := printSchedule(w, s, from, to); err != nil {
			return err
		}
	}
	return nil
}

// span is what --from and --to say: from now, for four weeks.
func (c *oncallCmd) span(now time.Time) (from, to time.Time, err error) {
	from = now
	if c.From != "" {
		if from, err = parseTime("--from", c.From); err != nil {
			return from, to, err
		}
	}
	to = from.Add(fourWeeks)
	if c.To != "" {
		if to, err = parseTime("--to", c.To); err != nil {
			return from, to, err
		}
	}
	if !from.Before(to) {
		return from, to, fault.New(fault.Invalid, "--to: %s is not after %s", to.Format(time.RFC3339), from.Format(time.RFC3339))
	}
	return from, to, nil
}

func shiftsJSON(w io.Writer, schedules []*hubv1.ScheduleShifts) error {
	type line struct {
		Start    string `json:"start"`
		End      string `json:"end"`
		User     string `json:"user"`
		Layer    string `json:"layer,omitempty"`
		Override string `json:"override,omitempty"`
	}
	for _, s := range schedules {
		zone, lines := zoneOf(s.TimeZone), []line{}
		for _, f := range s.Shifts {
			lines = append(lines, line{zoned(f.Start, zone), zoned(f.End, zone), f.UserId, f.Layer, f.Override})
		}
		err := printJSON(w, struct {
			Schedule string `json:"schedule"`
			Shifts   []line `json:"shifts"`
		}{s.ScheduleId, lines})
		if err != nil {
			return err
		}
	}
	return nil
}

// printShifts lists shifts in order of time, whatever their schedules.
func (c *oncallCmd) printShifts(w io.Writer, schedules []*hubv1.ScheduleShifts, next bool, now time.Time) error {
	type entry struct {
		*hubv1.Shift
		in *hubv1.ScheduleShifts
	}
	var list []entry
	for _, s := range schedules {
		for _, f := range s.Shifts {
			list = append(list, entry{f, s})
		}
	}
	slices.SortStableFunc(list, func(a, b entry) int { return a.Start.AsTime().Compare(b.Start.AsTime()) })
	var rows [][]string
	for _, e := range list {
		zone := zoneOf(e.in.TimeZone)
		start, end := "more than a year ago", "no end within a year"
		if e.Start != nil {
			start = people(e.Start, zone)
		}
		if e.End != nil {
			end = people(e.End, zone)
		}
		if !e.Start.AsTime().After(now) && (e.End == nil || e.End.AsTime().After(now)) {
			start = paint(w, colourGreen, "now") + ", since " + start
		}
		rows = append(rows, []string{start, end, e.UserId, e.in.ScheduleId, by(e.Shift)})
	}
	if next {
		rows = rows[:min(nextOnes, len(rows))] // of each schedule there are as many
	}
	if len(rows) == 0 {
		who := "Nobody has a shift"
		if c.User != "" {
			who = c.User + " has no shift"
		}
		_, err := fmt.Fprintln(w, who+" then.")
		return err
	}
	return printTable(w, []string{"FROM", "UNTIL", "USER", "SCHEDULE", "BY"}, rows)
}

// printSchedule lists the shifts of a schedule, and the gaps between them.
func printSchedule(w io.Writer, s *hubv1.ScheduleShifts, from, to time.Time) error {
	zone := zoneOf(s.TimeZone)
	fmt.Fprintf(w, "%s (%s), times in %s\n\n", s.ScheduleName, s.ScheduleId, s.TimeZone)
	var rows [][]string
	for _, f := range tiled(s, from, to) {
		who := f.user
		if who == "" {
			who = paint(w, colourRed, "nobody")
		}
		rows = append(rows, []string{
			people(timestamppb.New(f.start), zone), people(timestamppb.New(f.end), zone), hours(f.end.Sub(f.start)), who, f.by,
		})
	}
	return printTable(w, []string{"FROM", "UNTIL", "FOR", "ON CALL", "BY"}, rows)
}

// by says who decided.
func by(f *hubv1.Shift) string {
	if f.Override != "" {
		return "override " + f.Override
	}
	return "layer " + f.Layer
}

// stretch is a shift, or a gap: then user is empty.
type stretch struct {
	start, end time.Time
	user       string
	by         string
	override   bool
}

// tiled fills the gaps between the shifts of a span, which may reach beyond it.
// Time before there was a schedule is no gap.
func tiled(s *hubv1.ScheduleShifts, from, to time.Time) []stretch {
	if since := s.Since.AsTime(); s.Since != nil && since.After(from) {
		from = since
	}
	var list []stretch
	for _, f := range s.Shifts {
		start, end := f.Start.AsTime(), f.End.AsTime()
		if start.Before(from) {
			start = from
		}
		if end.After(to) {
			end = to
		}
		if !start.Before(end) {
			continue
		}
		if start.After(from) {
			list = append(list, stretch{start: from, end: start})
		}
		list = append(list, stretch{start, end, f.UserId, by(f), f.Override != ""})
		from = end
	}
	if from.Before(to) {
		list = append(list, stretch{start: from, end: to})
	}
	return list
}
