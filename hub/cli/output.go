package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// printJSON writes one object on a line of its own.
func printJSON(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}

// printTable writes rows under a head, columns aligned, each row on one line of
// a terminal. Cells may be painted.
func printTable(w io.Writer, head []string, rows [][]string) error {
	rows = append([][]string{head}, rows...)
	widths := make([]int, len(head))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], seen(cell))
		}
	}
	width := terminalWidth(w)
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", widths[i]-seen(cell)+2))
		}
		text := strings.TrimRight(line.String(), " ")
		if width > 0 {
			text = cut(text, width)
		}
		if _, err := fmt.Fprintln(w, text); err != nil {
			return err
		}
	}
	return nil
}

// painted is what paint adds to a word.
var painted = regexp.MustCompile("\x1b\\[[0-9;]*m")

// seen is how many places a text takes on a terminal.
func seen(text string) int { return utf8.RuneCountInString(painted.ReplaceAllString(text, "")) }

// cut shortens a line that is wider than the terminal.
func cut(line string, width int) string {
	if seen(line) <= width {
		return line
	}
	var b strings.Builder
	for left := width - 1; left > 0; {
		if at := painted.FindStringIndex(line); at != nil && at[0] == 0 {
			b.WriteString(line[:at[1]])
			line = line[at[1]:]
			continue
		}
		_, size := utf8.DecodeRuneInString(line)
		b.WriteString(line[:size])
		line, left = line[size:], left-1
	}
	b.WriteString("…")
	if strings.Contains(b.String(), "\x1b") {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}

// terminalWidth is 0 where the output is no terminal: then nothing is cut.
func terminalWidth(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

const (
	colourRed   = "31"
	colourGreen = "32"
	colourAmber = "33"
	colourBold  = "1"
)

// paint colours a word, on terminals that want colours.
func paint(w io.Writer, colour, word string) string {
	if _, no := os.LookupEnv("NO_COLOR"); no || terminalWidth(w) == 0 {
		return word
	}
	return "\x1b[" + colour + "m" + word + "\x1b[0m"
}

// stamp shows a time in this machine's zone, with the zone.
func stamp(t *timestamppb.Timestamp) string {
	if t == nil {
		return "–"
	}
	return t.AsTime().Local().Format("2006-01-02 15:04:05 MST")
}

// rfc3339 is a time for scripts.
func rfc3339(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().UTC().Format(time.RFC3339Nano)
}

// span shows how far off a time is, in the two largest units.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return d.String()
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd", int(d.Hours())/24)
}
