package schedule_test

import (
	"slices"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// oracle is the rules of the schedules a second time, minute by minute and
// without any cleverness: it writes down what the wall shows in every minute of
// a span and looks all readings up in that list. It knows whole minutes only.
type oracle struct {
	schedule *schedule.Schedule
	minutes  []time.Time
	wall     []int64              // what the clocks show, in minutes of a calendar without a zone
	earliest int64                // the earliest of these readings
	first    []int                // by reading − earliest: the first minute that shows it, or missing
	last     []int                // the same for the last minute
	layers   [][]responder.UserID // by layer and minute
	away     map[string][]bool    // of recurring absences, by id and minute
}

const missing = -1

func newOracle(s *schedule.Schedule, from time.Time, minutes int) *oracle {
	o := &oracle{schedule: s, away: map[string][]bool{}}
	for i := range minutes {
		t := from.Add(time.Duration(i) * time.Minute).In(s.Zone)
		_, offset := t.Zone()
		o.minutes = append(o.minutes, t)
		o.wall = append(o.wall, (t.Unix()+int64(offset))/60)
	}
	o.earliest = slices.Min(o.wall)
	readings := int(slices.Max(o.wall)-o.earliest) + 1
	o.first, o.last = slices.Repeat([]int{missing}, readings), slices.Repeat([]int{missing}, readings)
	for i, reading := range o.wall {
		if o.first[reading-o.earliest] == missing {
			o.first[reading-o.earliest] = i
		}
		o.last[reading-o.earliest] = i
	}
	for i := range s.Layers {
		o.layers = append(o.layers, o.layer(&s.Layers[i]))
	}
	return o
}

func wallMinute(year int, month time.Month, day, hour, minute int) int64 {
	return time.Date(year, month, day, hour, minute, 0, 0, time.UTC).Unix() / 60
}

// lookUp returns the number of the minute of a reading. A reading never shown
// is the instant of the jump: the first minute that shows a later one.
func (o *oracle) lookUp(reading int64, list []int) int {
	n := reading - o.earliest
	if n >= int64(len(list)) {
		return len(o.wall)
	}
	if n >= 0 && list[n] != missing {
		return list[n]
	}
	for i, w := range o.wall {
		if w > reading {
			return i
		}
	}
	return len(o.wall)
}

// at returns who is on call in a minute.
func (o *oracle) at(minute int) (user responder.UserID, source schedule.Source) {
	t := o.minutes[minute]
	for i := range o.schedule.Layers {
		if u := o.layers[i][minute]; u != "" {
			user, source = u, schedule.Source{Layer: o.schedule.Layers[i].Name}
		}
	}
	for _, v := range o.schedule.Overrides {
		covers := !t.Before(v.Start) && t.Before(v.End)
		if covers && (v.Replaces == "" || v.Replaces == user) {
			user, source = v.User, schedule.Source{Override: v.ID}
		}
	}
	return user, source
}

func (o *oracle) layer(l *schedule.Layer) []responder.UserID {
	turns, open := o.turns(l.Rotation), o.open(l.Restrictions)
	users := make([]responder.UserID, len(o.minutes))
	for i, t := range o.minutes {
		ended := !l.Until.IsZero() && !t.Before(l.Until)
		if turns[i] >= 0 && open[i] && !ended {
			users[i] = o.takes(l.Participants, turns[i], t)
		}
	}
	return users
}

// turns returns the number of the turn in each minute, -1 before the first.
func (o *oracle) turns(r schedule.Rotation) []int {
	begins := map[int]int{}
	for n := 0; ; n++ {
		reading := turnReading(r, n)
		if reading > o.wall[len(o.wall)-1]+2*24*60 {
			break
		}
		begins[o.lookUp(reading, o.first)] = n // of turns that begin together the last one stays
	}
	turns, turn := make([]int, len(o.minutes)), -1
	for i := range o.minutes {
		if n, ok := begins[i]; ok {
			turn = n
		}
		turns[i] = turn
	}
	return turns
}

func turnReading(r schedule.Rotation, n int) int64 {
	s, k := r.Start, n*r.Length
	switch r.Kind {
	case schedule.Hourly:
		return wallMinute(s.Year, s.Month, s.Day, s.Hour+k, s.Minute)
	case schedule.Daily:
		return wallMinute(s.Year, s.Month, s.Day+k, s.Hour, s.Minute)
	case schedule.Weekly:
		return wallMinute(s.Year, s.Month, s.Day+7*k, s.Hour, s.Minute)
	}
	firstOfMonth := time.Date(s.Year, s.Month, 1, 0, 0, 0, 0, time.UTC).AddDate(0, k, 0)
	day := firstOfMonth.AddDate(0, 0, s.Day-1)
	for day.Month() != firstOfMonth.Month() {
		day = day.AddDate(0, 0, -1)
	}
	return wallMinute(day.Year(), day.Month(), day.Day(), s.Hour, s.Minute)
}

// open says for each minute whether a window is open, by opening the windows of
// every day that the calendar has, lived or left out.
func (o *oracle) open(restrictions []schedule.Restriction) []bool {
	open := make([]bool, len(o.minutes))
	if len(restrictions) == 0 {
		for i := range open {
			open[i] = true
		}
		return open
	}
	midnight := time.Unix(o.wall[0]*60, 0).UTC().Truncate(24 * time.Hour)
	for _, r := range restrictions {
		for d := -8; d < len(o.minutes)/(24*60)+3; d++ {
			date := midnight.AddDate(0, 0, d)
			if !opensOn(r, date.Weekday()) {
				continue
			}
			from := date.Unix()/60 + int64(r.From)/60
			to := date.Unix()/60 + int64(windowDays(r))*24*60 + int64(r.To)/60
			for i := o.lookUp(from, o.first); i < o.lookUp(to, o.last); i++ {
				open[i] = true
			}
		}
	}
	return open
}

func opensOn(r schedule.Restriction, d time.Weekday) bool {
	if r.Weekly {
		return d == r.FromDay
	}
	return len(r.Days) == 0 || slices.Contains(r.Days, d)
}

// windowDays returns on how many-th day after that of its start a window ends.
func windowDays(r schedule.Restriction) int {
	days := 0
	if r.Weekly {
		days = (int(r.ToDay) - int(r.FromDay) + 7) % 7
	}
	if days == 0 && r.To <= r.From {
		if r.Weekly {
			return 7
		}
		return 1
	}
	return days
}

// recurs says for each minute whether a recurring absence holds, by an oracle of
// its own zone.
func (o *oracle) recurs(r *schedule.Recurring) []bool {
	if o.away[r.ID] == nil {
		abroad := newOracle(&schedule.Schedule{Zone: r.Zone}, o.minutes[0], len(o.minutes))
		away := abroad.open([]schedule.Restriction{r.Window})
		for i, t := range o.minutes {
			in := func(start, end time.Time) bool {
				return (start.IsZero() || !t.Before(start)) && (end.IsZero() || t.Before(end))
			}
			away[i] = away[i] && in(r.Start, r.Until)
			for _, e := range r.Except {
				away[i] = away[i] && !in(e.Start, e.End)
			}
		}
		o.away[r.ID] = away
	}
	return o.away[r.ID]
}

func (o *oracle) minute(t time.Time) int { return int(t.Sub(o.minutes[0]) / time.Minute) }

// takes returns who takes a turn, with regard to absences.
func (o *oracle) takes(participants []responder.UserID, turn int, t time.Time) responder.UserID {
	there := func(u responder.UserID) bool {
		for _, a := range o.schedule.Absences {
			if a.User == u && a.Covers(t) {
				return false
			}
		}
		for i := range o.schedule.Recurring {
			if r := &o.schedule.Recurring[i]; r.User == u && o.recurs(r)[o.minute(t)] {
				return false
			}
		}
		return true
	}
	user := participants[turn%len(participants)]
	if user == "" || there(user) {
		return user
	}
	if o.schedule.WhenAbsent == schedule.Gap {
		return ""
	}
	for next := turn + 1; next < turn+len(participants); next++ {
		if u := participants[next%len(participants)]; u != "" && there(u) {
			return u
		}
	}
	return ""
}
