package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

var people = []responder.UserID{"ada", "bob", "cyd", "dan", "eve", "fay"}

// randomSchedule makes a schedule in which as much as possible happens within a
// few days of t: hand-offs and window edges by preference at the readings that
// the clocks show just before and after t. All its times are whole minutes.
func randomSchedule(r *rand.Rand, zone *time.Location, t time.Time) *schedule.Schedule {
	g := generator{r, zone, t}
	s := &schedule.Schedule{ID: "random", Zone: zone}
	if r.IntN(2) == 0 {
		s.WhenAbsent = schedule.Gap
	}
	for i := range 1 + r.IntN(3) {
		s.Layers = append(s.Layers, g.layer(fmt.Sprint("layer-", i)))
	}
	for i := range r.IntN(4) {
		o := schedule.Override{ID: fmt.Sprint("override-", i), Start: g.near(), User: g.person()}
		o.End = o.Start.Add(time.Duration(1+r.IntN(2000)) * time.Minute)
		if r.IntN(2) == 0 {
			o.Replaces = g.person()
		}
		s.Overrides = append(s.Overrides, o)
	}
	for i := range r.IntN(4) {
		a := responder.Absence{ID: fmt.Sprint("absence-", i), Start: g.near(), User: g.person()}
		a.End = a.Start.Add(time.Duration(1+r.IntN(3000)) * time.Minute)
		s.Absences = append(s.Absences, a)
	}
	for i := range r.IntN(3) {
		s.Recurring = append(s.Recurring, g.recurring(fmt.Sprint("recurring-", i)))
	}
	return s
}

type generator struct {
	*rand.Rand
	zone *time.Location
	t    time.Time
}

func (g generator) person() responder.UserID { return people[g.IntN(len(people))] }

func (g generator) near() time.Time {
	return g.t.Add(time.Duration(g.IntN(6*24*60)-3*24*60) * time.Minute)
}

func (g generator) layer(name string) schedule.Layer {
	l := schedule.Layer{Name: name, Rotation: g.rotation()}
	for range 1 + g.IntN(5) {
		user := g.person()
		if g.IntN(6) == 0 {
			user = ""
		}
		l.Participants = append(l.Participants, user)
	}
	if g.IntN(3) > 0 {
		for range 1 + g.IntN(2) {
			l.Restrictions = append(l.Restrictions, g.restriction())
		}
	}
	if g.IntN(5) == 0 {
		l.Until = g.near()
	}
	return l
}

func (g generator) rotation() schedule.Rotation {
	kind := schedule.Kinds[g.IntN(len(schedule.Kinds))]
	length := 1 + g.IntN(3)
	if kind == schedule.Hourly {
		length = 1 + g.IntN(30)
	}
	daysBefore := g.IntN(8) - 2
	switch g.IntN(3) {
	case 0:
		daysBefore = g.IntN(400)
	case 1:
		if kind != schedule.Hourly {
			daysBefore = g.IntN(5000)
		}
	}
	date, at := g.t.In(g.zone).AddDate(0, 0, -daysBefore), g.clock()
	return schedule.Rotation{Kind: kind, Length: length, Start: schedule.Civil{
		Year: date.Year(), Month: date.Month(), Day: date.Day(), Hour: int(at) / 3600, Minute: int(at) / 60 % 60,
	}}
}

func (g generator) restriction() schedule.Restriction {
	r := schedule.Restriction{Weekly: g.IntN(3) == 0, From: g.clock(), To: g.clock()}
	if r.Weekly {
		r.FromDay, r.ToDay = time.Weekday(g.IntN(7)), time.Weekday(g.IntN(7))
		return r
	}
	for d := range time.Weekday(7) {
		if g.IntN(3) == 0 {
			r.Days = append(r.Days, d)
		}
	}
	return r
}

// recurring is on the clocks of the schedule's zone or of another.
func (g generator) recurring(id string) schedule.Recurring {
	a := schedule.Recurring{ID: id, User: g.person(), Zone: g.zone, Window: g.restriction()}
	if g.IntN(2) == 0 {
		a.Zone = abroad[g.IntN(len(abroad))]
	}
	if g.IntN(3) == 0 {
		a.Start = g.near()
	}
	if g.IntN(3) == 0 {
		a.Until = g.near()
	}
	for range g.IntN(3) {
		e := schedule.Span{Start: g.near()}
		e.End = e.Start.Add(time.Duration(1+g.IntN(1000)) * time.Minute)
		a.Except = append(a.Except, e)
	}
	return a
}

// abroad are zones that change their clocks in different ways.
var abroad = func() (list []*time.Location) {
	for _, name := range []string{"Europe/London", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Tokyo", "Africa/Casablanca"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			panic(err)
		}
		list = append(list, zone)
	}
	return list
}()

// clock is a time of the day: what the clocks show at the change, or would
// have shown, or between or near those, or any.
func (g generator) clock() schedule.Clock {
	before, after := g.t.Add(-time.Minute).In(g.zone), g.t.In(g.zone)
	minute := 0
	switch g.IntN(5) {
	case 0:
		minute = before.Hour()*60 + before.Minute() + 1
	case 1:
		minute = after.Hour()*60 + after.Minute()
	case 2:
		minute = after.Hour()*60 + after.Minute() + g.IntN(240) - 120
	case 3:
		minute = g.IntN(24) * 60
	default:
		minute = g.IntN(24 * 60)
	}
	return schedule.Clock((minute + 24*60) % (24 * 60) * 60)
}

// randomChange returns an instant near which the zone's offset changes, or any
// instant if it never does after a random start between 1975 and 2037.
func randomChange(r *rand.Rand, zone *time.Location) time.Time {
	offset := func(t time.Time) int { _, o := t.In(zone).Zone(); return o }
	from := time.Date(1975+r.IntN(62), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
	t := from
	for offset(t) == offset(from) {
		t = t.AddDate(0, 0, 1)
		if t.Sub(from) > 800*24*time.Hour {
			return from
		}
	}
	for t = t.AddDate(0, 0, -1); offset(t) == offset(from); {
		t = t.Add(time.Minute)
	}
	return t
}
