package schedule

import (
	"fmt"
	"slices"
	"time"
)

// Problem is something in a schedule that makes no sense.
type Problem struct {
	Path string // the field as tocsin.yaml names it, below the schedule: "layers[1].rotation.length"
	Text string // what is wrong with it, for a person
}

// Error says both.
func (p Problem) Error() string { return p.Path + ": " + p.Text }

// problems collects Problems below a path.
type problems struct {
	list *[]Problem
	path string
}

func (p problems) at(format string, args ...any) problems {
	p.path += fmt.Sprintf(format, args...)
	return p
}

func (p problems) add(when bool, format string, args ...any) {
	if when {
		*p.list = append(*p.list, Problem{p.path, fmt.Sprintf(format, args...)})
	}
}

// Validate returns everything that is wrong with the schedule by itself, in the
// order of its fields; nil if it is sound. Whether its users and team exist is
// for others to check. Absences are not checked: they are nobody's
// configuration, and one that ends before it starts covers nothing.
func (s *Schedule) Validate() []Problem {
	var list []Problem
	p := problems{list: &list}
	p.at("id").add(s.ID == "", "a schedule needs an id")
	p.at("time_zone").add(s.Zone == nil, "a schedule needs a time zone")
	p.at("when_absent").add(!slices.Contains([]WhenAbsent{"", NextParticipant, Gap}, s.WhenAbsent),
		"%q is neither %s nor %s", s.WhenAbsent, NextParticipant, Gap)
	names := map[string]bool{}
	for i := range s.Layers {
		l, at := &s.Layers[i], p.at("layers[%d]", i)
		at.at(".name").add(l.Name == "", "a layer needs a name")
		at.at(".name").add(l.Name != "" && names[l.Name], "another layer is called %q", l.Name)
		names[l.Name] = true
		l.validate(at, orUTC(s.Zone))
	}
	ids := map[string]bool{}
	for i := range s.Overrides {
		o, at := &s.Overrides[i], p.at("overrides[%d]", i)
		at.at(".id").add(o.ID == "", "an override needs an id")
		at.at(".id").add(o.ID != "" && ids[o.ID], "another override has the id %q", o.ID)
		ids[o.ID] = true
		at.at(".end").add(!o.Start.Before(o.End), "an override must end after it starts")
		at.at(".user").add(o.User == "", "an override needs a user")
	}
	return list
}

func (l *Layer) validate(p problems, zone *time.Location) {
	r, at := l.Rotation, p.at(".rotation")
	at.at(".kind").add(!slices.Contains(Kinds, r.Kind), "%q is not one of hourly, daily, weekly, monthly", r.Kind)
	at.at(".length").add(r.Length < 1 || r.Length > MaxLength, "a turn's length is from 1 to %d, not %d", MaxLength, r.Length)
	at.at(".start").add(civilOfReading(r.Start.reading()) != r.Start, "there is no such day or time")
	at.at(".start").add(r.Start.Year < 1700 || r.Start.Year > 2200, "the year is from 1700 to 2200, not %d", r.Start.Year)
	p.at(".participants").add(len(l.Participants) == 0, "a layer needs participants")
	for i, restriction := range l.Restrictions {
		restriction.validate(p.at(".restrictions[%d]", i))
	}
	p.at(".until").add(!l.Until.IsZero() && !r.Start.In(zone).Before(l.Until), "the layer ends before it starts")
}

func (r Restriction) validate(p problems) {
	for _, edge := range []struct {
		field string
		clock Clock
		day   time.Weekday
	}{{".from", r.From, r.FromDay}, {".to", r.To, r.ToDay}} {
		p.at("%s", edge.field).add(!edge.clock.valid(), "a time of the day is from 00:00 to 23:59")
		p.at("%s", edge.field).add(r.Weekly && !isDay(edge.day), "there is no such day of the week")
	}
	for i, d := range r.Days {
		at := p.at(".days[%d]", i)
		at.add(r.Weekly, "a window of the week has no days")
		at.add(!isDay(d), "there is no such day of the week")
		at.add(slices.Contains(r.Days[:i], d), "the day is named twice")
	}
}

func isDay(d time.Weekday) bool { return time.Sunday <= d && d <= time.Saturday }
