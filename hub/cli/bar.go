package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// none is a cell of the time before there was a schedule; others are indices in
// the picture's list.
const none = -1

// bar draws the cells of a row: each run of one stretch carries its user's name.
func (p *picture) bar(day time.Time) string {
	cells := p.cells(day)
	var b strings.Builder
	for i := 0; i < len(cells); {
		n := i + 1
		for n < len(cells) && cells[n] == cells[i] {
			n++
		}
		if k := cells[i]; k == none {
			b.WriteString(strings.Repeat(" ", n-i))
		} else {
			starts := k > 0 && !p.list[k].start.Before(day)
			b.WriteString(p.run(p.list[k], starts, n-i))
		}
		i = n
	}
	return b.String()
}

// cells looks, for each place, at the time that it stands for. A gap shows
// however short it is; otherwise what takes most of the time does.
func (p *picture) cells(day time.Time) []int {
	cells := make([]int, p.days*p.perDay)
	for i := range cells {
		start, end := p.edge(day, i), p.edge(day, i+1)
		if !start.Before(end) { // left out when the clocks go forward
			start, end = start.Add(-time.Second), start
		}
		best, most := p.at(start), time.Duration(0)
		if best == len(p.list) || !p.list[best].start.Before(end) {
			cells[i] = none
			continue
		}
		for k := best; k < len(p.list) && p.list[k].start.Before(end); k++ {
			share := sharedTime(p.list[k], start, end)
			if p.list[k].user == "" {
				share += year
			}
			if share > most {
				best, most = k, share
			}
		}
		cells[i] = best
	}
	return cells
}

// edge is the instant of the i-th reading of a row.
func (p *picture) edge(day time.Time, i int) time.Time {
	minutes := i % p.perDay * 24 * 60 / p.perDay
	start := midnight(day, i/p.perDay)
	if minutes == 0 {
		return start
	}
	return time.Date(start.Year(), start.Month(), start.Day(), 0, minutes, 0, 0, p.zone)
}

// at finds the stretch of an instant, or else the one after it.
func (p *picture) at(t time.Time) int {
	i, _ := slices.BinarySearchFunc(p.list, t, func(s stretch, t time.Time) int {
		if s.end.After(t) {
			return 1
		}
		return -1
	})
	return i
}

func sharedTime(s stretch, start, end time.Time) time.Duration {
	if s.start.After(start) {
		start = s.start
	}
	if s.end.Before(end) {
		end = s.end
	}
	return end.Sub(start)
}

// run draws n cells of one stretch. In plain text a bar begins where a shift
// does, dots are gaps, stars are overrides.
func (p *picture) run(s stretch, starts bool, n int) string {
	name, fill, edge := s.user, "-", "-"
	switch {
	case s.user == "":
		name, fill, edge = "nobody", ".", "."
	case s.override:
		fill, edge = "*", "*"
	}
	if starts {
		edge = "|"
	}
	if p.colour {
		fill, edge = map[string]string{"-": " ", ".": " ", "*": "░"}[fill], " "
	}
	text := []rune(edge + name)
	switch {
	case s.user == "" && n < len(text):
		return p.paint(p.colourOf(s), strings.Repeat("!", n))
	case n == 1 && !starts:
		text = []rune(fill)
	case n < len(text):
		text = text[:n]
	case p.colour && n > len(text):
		text = append(text, ' ')
	}
	return p.paint(p.colourOf(s), string(text)+strings.Repeat(fill, n-len(text)))
}

func (p *picture) colourOf(s stretch) string {
	if s.user == "" {
		return colourGap
	}
	return p.colours[s.user]
}

// handOffs lists the times of those of a row, with names if wanted; ! is a gap,
// * an override.
func (p *picture) handOffs(day, end time.Time, named bool) string {
	layout := "15:04"
	if p.days == 7 {
		layout = "Mon 15:04"
	}
	var list []string
	for i, s := range p.list {
		if s.start.Before(day) || !s.start.Before(end) || i == 0 {
			continue
		}
		text := s.start.In(p.zone).Format(layout)
		if named && s.user != "" {
			text += " " + s.user
		}
		switch {
		case s.override:
			text += "*"
		case s.user == "" && named:
			text += " " + p.paint(colourAlarm, "nobody")
		case s.user == "":
			text += p.paint(colourAlarm, "!")
		}
		list = append(list, text)
	}
	if named {
		return strings.Join(list, "  ")
	}
	return strings.Join(list, " ")
}

// mostNamed is how many overrides and gaps are named below a picture.
const mostNamed = 6

// legend says how much each user has, which overrides there are, and where
// nobody is on call.
func (p *picture) legend() []string {
	total, turns := map[string]time.Duration{}, map[string]int{}
	var overrides, gaps []string
	for _, s := range p.list {
		total[s.user] += s.end.Sub(s.start)
		turns[s.user]++
		switch {
		case s.user == "":
			gaps = append(gaps, p.paint(colourAlarm, "nobody")+" "+p.when(s))
		case s.override:
			overrides = append(overrides, fmt.Sprintf("%s* %s (%s)", s.user, p.when(s), s.by))
		}
	}
	var shares []string
	for _, u := range p.users() {
		shares = append(shares, fmt.Sprintf("%s %s in %d", p.block(u), hours(total[u]), turns[u]))
	}
	if turns[""] > 0 {
		shares = append(shares, fmt.Sprintf("%s %s in %d", p.paint(colourAlarm, "nobody"), hours(total[""]), turns[""]))
	}
	lines := p.wrapped(shares)
	for _, list := range [][]string{overrides, gaps} {
		for i, text := range list {
			if i == mostNamed {
				lines = append(lines, fmt.Sprintf("  and %d more", len(list)-i))
				break
			}
			lines = append(lines, "  "+text)
		}
	}
	return lines
}

// block is a user as in the bars.
func (p *picture) block(user string) string {
	if !p.colour {
		return user
	}
	return p.paint(p.colours[user], " "+user+" ")
}

// wrapped puts parts on as few lines as they fit on.
func (p *picture) wrapped(parts []string) []string {
	var lines []string
	for _, part := range parts {
		n := len(lines) - 1
		if n >= 0 && seen(lines[n])+3+seen(part) <= p.width {
			lines[n] += "   " + part
			continue
		}
		lines = append(lines, "  "+part)
	}
	return lines
}

func (p *picture) when(s stretch) string {
	const layout = "Mon 02 Jan 15:04"
	from, to := s.start.In(p.zone), s.end.In(p.zone)
	text := to.Format(layout)
	if from.YearDay() == to.YearDay() && from.Year() == to.Year() {
		text = to.Format("15:04")
	}
	return fmt.Sprintf("%s to %s, %s", from.Format(layout), text, hours(s.end.Sub(s.start)))
}

// hours is a length of time as people reckon shifts.
func hours(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", int(d.Hours()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}
