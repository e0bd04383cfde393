package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

type noticesCmd struct {
	User  string `arg:"" help:"Whose."`
	Limit uint32 `help:"At most so many." default:"20"`
	JSON  bool   `help:"Print JSON, one object a line."`
}

// Help says more than one line can.
func (noticesCmd) Help() string {
	return `Notices tell people of what asks for no acknowledgement: a shift that begins or was given to them,
a device that cannot be reached. They are kept for 30 days. Shown is when a device of the user first
showed it; beside that stands what each contact method's gateway said.

Examples:
  hub notices ada
  hub notices ada --limit 5 --json`
}

// Run lists notices.
func (c *noticesCmd) Run(ctx context.Context, g *globals, s Streams) error {
	res, err := askOf(ctx, g, hubv1connect.NewNoticeServiceClient, hubv1connect.NoticeServiceClient.ListNotices, &hubv1.ListNoticesRequest{UserId: c.User, Limit: c.Limit})
	if err != nil {
		return err
	}
	if c.JSON {
		for _, n := range res.Notices {
			if err := printJSON(s.Out, noticeJSON(n)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(res.Notices) == 0 {
		fmt.Fprintf(s.Out, "Nothing in the last 30 days. Pages stand in: hub incidents\n")
		return nil
	}
	for i, n := range res.Notices {
		if i > 0 {
			fmt.Fprintln(s.Out)
		}
		printNotice(s.Out, n, zoneOf(res.TimeZone))
	}
	return nil
}

func noticeJSON(n *hubv1.ToldNotice) map[string]any {
	sends := []map[string]any{}
	for _, one := range n.Sends {
		sends = append(sends, map[string]any{"method": one.MethodId, "answered": rfc3339(one.AnsweredAt), "accepted": one.Accepted, "said": one.Said})
	}
	return map[string]any{
		"id": n.Id, "title": n.Title, "text": n.Text, "made": rfc3339(n.MadeAt), "until": rfc3339(n.Until), "shown": rfc3339(n.SeenAt), "sends": sends,
	}
}

func printNotice(w io.Writer, n *hubv1.ToldNotice, zone *time.Location) {
	fmt.Fprintf(w, "%s  %s\n", people(n.MadeAt, zone), paint(w, colourBold, n.Title))
	width := terminalWidth(w)
	if width == 0 {
		width = 100
	}
	for l := range strings.Lines(n.Text) {
		for _, part := range wrap(strings.TrimSpace(l), width-2) {
			fmt.Fprintf(w, "  %s\n", part)
		}
	}
	shown := paint(w, colourAmber, "not shown by a device yet")
	if n.SeenAt != nil {
		shown = "shown " + people(n.SeenAt, zone)
	}
	ways := []string{shown}
	for _, one := range n.Sends {
		switch {
		case one.Accepted:
			ways = append(ways, one.MethodId+": sent "+people(one.AnsweredAt, zone))
		case one.AnsweredAt != nil:
			ways = append(ways, one.MethodId+": "+paint(w, colourRed, "not sent")+": "+one.Said)
		case one.Said != "":
			ways = append(ways, one.MethodId+": "+paint(w, colourAmber, "tried again")+": "+one.Said)
		default:
			ways = append(ways, one.MethodId+": on its way")
		}
	}
	fmt.Fprintf(w, "  [%s]\n", strings.Join(ways, "; "))
}

// wrap breaks a text into lines of at most so many characters, between words.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case seen(line)+1+seen(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
