package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// canvas is what a picture is drawn on.
type canvas struct {
	width    int
	terminal bool
	colour   bool
}

// defaultWidth is for what is no terminal.
const defaultWidth = 100

func canvasOf(w io.Writer) canvas {
	width := terminalWidth(w)
	if width == 0 {
		return canvas{width: defaultWidth}
	}
	_, plain := os.LookupEnv("NO_COLOR")
	return canvas{width, true, !plain}
}

// printPictures draws schedules, one below the other.
func printPictures(w io.Writer, schedules []*hubv1.ScheduleShifts, from, to, now time.Time) error {
	c := canvasOf(w)
	for i, s := range schedules {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if _, err := io.WriteString(w, newPicture(c, s, from, to, now).draw()); err != nil {
			return err
		}
	}
	return nil
}

// picture shows a schedule as rows of time: a row is a day, or a week where a
// day each would be too many. Its cells are readings of the wall clock.
//
//	              00    03    06    09    12    15    18    21
//	> Mon 02 Nov  .nobody...........|ada--------------------------- 09:00 ada
//	  Tue 03 Nov  -ada--------------------------------------------
type picture struct {
	canvas
	schedule   *hubv1.ScheduleShifts
	zone       *time.Location
	first, end time.Time // midnights
	now        time.Time
	days       int // of a row
	perDay     int // cells of a day
	label      int // width of what stands before the cells
	list       []stretch
	colours    map[string]string // of users
}

// mostDays is for how many days each gets a row.
const mostDays = 70

// palette has dark text on light grounds that differ also for those who see
// colours less.
var palette = []string{"30;48;5;117", "30;48;5;222", "30;48;5;151", "30;48;5;218", "30;48;5;189", "30;48;5;180", "30;48;5;116", "30;48;5;252"}

const (
	colourGap   = "1;97;41"
	colourAlarm = "1;31"
	colourDim   = "2"
)

func newPicture(c canvas, s *hubv1.ScheduleShifts, from, to, now time.Time) *picture {
	p := &picture{canvas: c, schedule: s, zone: zoneOf(s.TimeZone), now: now, days: 1, label: len("> Mon 02 Nov ")}
	p.first, p.end = midnight(from.In(p.zone), 0), midnight(to.In(p.zone), 0)
	if p.end.Before(to) {
		p.end = midnight(p.end, 1)
	}
	if p.end.Sub(p.first) > mostDays*24*time.Hour {
		p.days, p.label = 7, len("> 02 Nov 2026 ")
		p.first = midnight(p.first, -(int(p.first.Weekday())+6)%7)
		for p.end.Weekday() != time.Monday {
			p.end = midnight(p.end, 1)
		}
	}
	p.list = joined(tiled(s, p.first, p.end))
	p.colours = map[string]string{}
	for i, u := range p.users() {
		p.colours[u] = palette[i%len(palette)]
	}
	p.perDay = p.scale()
	return p
}

// scale is how many cells a day gets: as many as leave room for the hand-offs
// with their names; on a narrow terminal, for their times.
func (p *picture) scale() int {
	sizes := []int{96, 72, 48, 24}
	if p.days == 7 {
		sizes = []int{24, 12, 8, 6}
	}
	named, timed := 0, 0
	for day := p.first; day.Before(p.end); day = midnight(day, p.days) {
		end := midnight(day, p.days)
		named, timed = max(named, seen(p.handOffs(day, end, true))), max(timed, seen(p.handOffs(day, end, false)))
	}
	for _, n := range sizes[:len(sizes)-1] {
		if p.label+p.days*n+1+min(named, mostNames) <= p.width {
			return n
		}
	}
	for _, n := range sizes {
		if p.label+p.days*n+1+min(timed, mostTimes) <= p.width {
			return n
		}
	}
	return sizes[len(sizes)-1]
}

// What is kept free for hand-offs, at most.
const (
	mostNames = 40
	mostTimes = 18
)

// joined makes one of stretches in which the same user stays on call.
func joined(list []stretch) []stretch {
	var out []stretch
	for _, s := range list {
		if n := len(out); n > 0 && out[n-1].user == s.user && out[n-1].override == s.override {
			out[n-1].end = s.end
			continue
		}
		out = append(out, s)
	}
	return out
}

func (p *picture) users() []string {
	var users []string
	for _, s := range p.list {
		if s.user != "" {
			users = append(users, s.user)
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// midnight is the start of the day n days after that of t, in t's zone. Where
// midnight does not exist it is when the clocks jump.
func midnight(t time.Time, n int) time.Time {
	at := time.Date(t.Year(), t.Month(), t.Day()+n, 0, 0, 0, 0, t.Location())
	if at.Hour() == 23 { // time.Date went back over a jump
		_, at = at.ZoneBounds()
	}
	return at
}

func (p *picture) paint(colour, text string) string {
	if !p.colour || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (p *picture) draw() string {
	var b strings.Builder
	line := func(text string) {
		if p.terminal {
			text = cut(text, p.width)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	line(fmt.Sprintf("%s  %s", p.paint(colourBold, p.schedule.ScheduleName), p.paint(colourDim, p.schedule.ScheduleId+", times in "+p.schedule.TimeZone)))
	line("")
	line(strings.Repeat(" ", p.label) + p.paint(colourDim, p.head()))
	for day := p.first; day.Before(p.end); day = midnight(day, p.days) {
		if day.Weekday() == time.Monday && p.days == 1 && day != p.first {
			line("")
		}
		line(p.row(day))
	}
	line("")
	for _, text := range p.legend() {
		line(text)
	}
	return b.String()
}

// head names hours, or the days of a week.
func (p *picture) head() string {
	var b strings.Builder
	if p.days == 7 {
		for _, day := range []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"} {
			fmt.Fprintf(&b, "%-*s", p.perDay, day)
		}
		return b.String()
	}
	for hour := 0; hour < 24; hour += 3 {
		fmt.Fprintf(&b, "%-*s", 3*p.perDay/24, fmt.Sprintf("%02d", hour))
	}
	return b.String()
}

// row draws one day or week, and names its hand-offs.
func (p *picture) row(day time.Time) string {
	end := midnight(day, p.days)
	mark, layout := " ", "Mon 02 Jan"
	if p.days == 7 {
		layout = "02 Jan 2006"
	}
	label := day.Format(layout)
	if !p.now.Before(day) && p.now.Before(end) {
		mark, label = ">", p.paint(colourBold, label)
	}
	text := mark + " " + label + " " + p.bar(day) + " "
	beside := p.handOffs(day, end, true)
	if seen(text)+seen(beside) > p.width {
		beside = p.handOffs(day, end, false)
	}
	if n := strings.Count(beside, ":"); p.days == 7 && seen(text)+seen(beside) > p.width {
		beside = fmt.Sprintf("%d hand-offs", n)
	}
	text += beside
	if n := end.Sub(day) - time.Duration(p.days)*24*time.Hour; n != 0 {
		text = strings.TrimRight(text, " ") + " " + p.paint(colourDim, fmt.Sprintf("(clocks %+.2gh)", -n.Hours()))
	}
	return text
}
