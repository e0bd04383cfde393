package rota

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// RecurringAbsence is a window of the day ("00:00" to "24:00") or of the week
// ("fri 18:00" to "mon 09:00") in which a user is away, again and again, on the
// user's own clocks.
type RecurringAbsence struct {
	Days  []Day       `json:"days,omitzero"`
	From  ClockTime   `json:"from" default:"00:00"`
	To    ClosingTime `json:"to" default:"24:00"`
	Start Moment      `json:"start,omitzero"`
	Until Moment      `json:"until,omitzero"`
}

// ClosingTime is a ClockTime, or 24:00 for the end of the day.
type ClosingTime string

const endOfDay = ClosingTime("24:00")

func isClosingTime(s string) bool { return ClosingTime(s) == endOfDay || isClockTime(s) }

// AbsenceDoc is a recurring absence that a person entered beside the file. No file
// removes it.
type AbsenceDoc struct {
	ID   ID `json:"id"`
	User ID `json:"user"`
	RecurringAbsence
	By   ID     `json:"by,omitzero"`
	Made Moment `json:"made"`
}

// PresenceDoc is a stretch in which a user is there although a recurring absence
// says otherwise. Start and End are instants.
type PresenceDoc struct {
	ID    ID     `json:"id"`
	User  ID     `json:"user"`
	Start Moment `json:"start"`
	End   Moment `json:"end"`
}

// window is the restriction that the absence is written like.
func (r RecurringAbsence) window() Restriction {
	to := ClockTime(r.To)
	if r.To == endOfDay {
		to = "00:00"
	}
	return Restriction{Days: r.Days, From: r.From, To: to}
}

func (r RecurringAbsence) build(id string, u UserDoc) (schedule.Recurring, error) {
	zone, err := zoneOf(string(u.TimeZone))
	if err != nil {
		return schedule.Recurring{}, err
	}
	out := schedule.Recurring{ID: id, User: responder.UserID(u.ID), Zone: zone}
	if out.Window, err = r.window().build(); err != nil {
		return out, err
	}
	for _, edge := range []struct {
		at  *time.Time
		set Moment
	}{{&out.Start, r.Start}, {&out.Until, r.Until}} {
		if edge.set == "" {
			continue
		}
		if *edge.at, err = edge.set.in(zone); err != nil {
			return out, err
		}
	}
	return out, nil
}

// String is how people say it: "every fri from 12:00 to 18:00".
func (r RecurringAbsence) String() string {
	text := "every day"
	switch {
	case r.From.ofWeek():
		text = "every week"
	case len(r.Days) > 0:
		var days []string
		for _, d := range r.Days {
			days = append(days, string(d))
		}
		text = "every " + strings.Join(days, ", ")
	}
	if r.From != "00:00" || r.To != endOfDay && r.To != "00:00" {
		text += fmt.Sprintf(" from %s to %s", r.From, r.To)
	}
	if r.Start != "" {
		text += ", beginning " + string(r.Start)
	}
	if r.Until != "" {
		text += ", until " + string(r.Until)
	}
	return text
}

// command is how the absence is entered again.
func (a AbsenceDoc) command() string {
	every := "day"
	switch {
	case a.From.ofWeek():
		every = "week"
	case len(a.Days) > 0:
		var days []string
		for _, d := range a.Days {
			days = append(days, string(d))
		}
		every = strings.Join(days, ",")
	}
	text := fmt.Sprintf("hub absence add %s --every %s --from %q --to %q", a.User, every, a.From, a.To)
	if a.Start != "" {
		text += " --starting " + string(a.Start)
	}
	if a.Until != "" {
		text += " --until " + string(a.Until)
	}
	return text
}

// absenceComments writes people's recurring absences below an exported file, as
// overrideComments does their overrides.
func (d Documents) absenceComments() string {
	if len(d.Absences) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n# Recurring absences that people entered beside this file. No file removes them; to enter them on another hub:\n")
	for _, a := range d.Absences {
		b.WriteString("#   " + a.command() + "\n")
	}
	return b.String()
}

// problem says what is wrong with an absence, and with which of its fields.
func (r RecurringAbsence) problem() (field, text string) {
	from, to := r.From.ofWeek(), ClockTime(r.To).ofWeek()
	whole := ClockTime(r.To) == r.From || !from && r.From == "00:00" && r.To == endOfDay
	switch {
	case from != to:
		return "to", fmt.Sprintf("%q does not go with from: %q; both are times of the day, or both of the week", r.To, r.From)
	case from && len(r.Days) > 0:
		return "days", "a window of the week has no days"
	case whole && (from || len(r.Days) == 0 || len(r.Days) == 7):
		return "days", "the whole week is named: the user would never be paged; name the days of the absence"
	}
	for i, d := range r.Days {
		if slices.Contains(r.Days[:i], d) {
			return fmt.Sprintf("days[%d]", i), "the day is named twice"
		}
	}
	return "", ""
}

func (c checker) absences(path string, u UserDoc) {
	for i, r := range u.Absences {
		at := fmt.Sprintf("%s.absences[%d]", path, i)
		if !c.problems.clean(at) {
			continue
		}
		if field, text := r.problem(); text != "" {
			c.problem(join(at, field), "%s", text)
			continue
		}
		if built, err := r.build("", u); err == nil && !built.Until.IsZero() && !built.Start.Before(built.Until) {
			c.problem(join(at, "until"), "%s is not after start: %s", r.Until, r.Start)
		}
	}
}

// recurring builds the absences that come again: the file's and people's, with
// the times in which their users are there all the same. Those of a user who is
// gone do not count.
func (d Documents) recurring() ([]schedule.Recurring, error) {
	var list []schedule.Recurring
	presences, absences := map[ID][]schedule.Span{}, map[ID][]AbsenceDoc{}
	for _, p := range d.Presences {
		presences[p.User] = append(presences[p.User], p.span())
	}
	for _, a := range d.Absences {
		absences[a.User] = append(absences[a.User], a)
	}
	for _, u := range d.Users {
		add := func(id string, r RecurringAbsence) error {
			built, err := r.build(id, u)
			built.Except = presences[u.ID]
			list = append(list, built)
			return err
		}
		for i, r := range u.Absences {
			if err := add(fmt.Sprintf("%s/%d", u.ID, i+1), r); err != nil {
				return nil, fmt.Errorf("absence %d of user %q: %w", i+1, u.ID, err)
			}
		}
		for _, a := range absences[u.ID] {
			if err := add(string(a.ID), a.RecurringAbsence); err != nil {
				return nil, fmt.Errorf("absence %q: %w", a.ID, err)
			}
		}
	}
	return list, nil
}

func (p PresenceDoc) span() schedule.Span {
	start, errStart := p.Start.in(time.UTC)
	end, errEnd := p.End.in(time.UTC)
	if errStart != nil || errEnd != nil {
		return schedule.Span{} // written by instant
	}
	return schedule.Span{Start: start, End: end}
}

// planRecurring gives each schedule the recurring absences of those who take part.
func planRecurring(schedules []*schedule.Schedule, list []schedule.Recurring) {
	if len(list) == 0 {
		return
	}
	for _, s := range schedules {
		for _, u := range participants(s) {
			for _, r := range list {
				if r.User == u {
					s.Recurring = append(s.Recurring, r)
				}
			}
		}
	}
}

// built is a schedule as it plays out: with what people made and who is away. It
// is nil if it cannot be built.
func (d Documents) built(doc ScheduleDoc, absences []responder.Absence) *schedule.Schedule {
	s, err := doc.build(d.overrides()[doc.ID]...)
	if err != nil {
		return nil
	}
	planAbsences([]*schedule.Schedule{s}, absences)
	if list, err := d.recurring(); err == nil {
		planRecurring([]*schedule.Schedule{s}, list)
	}
	return s
}

// ParseRecurring reads a recurring absence as the command line gives it, as
// strictly as the file is read.
func ParseRecurring(days []string, from, to, start, until string) (RecurringAbsence, error) {
	r := RecurringAbsence{From: "00:00", To: endOfDay}
	for _, d := range days {
		if _, err := schedule.ParseWeekday(d); err != nil {
			return r, invalid("--every: %s", err)
		}
		r.Days = append(r.Days, Day(d))
	}
	if from != "" {
		r.From = ClockTime(from)
	}
	if to != "" {
		r.To = ClosingTime(to)
	}
	for _, f := range []struct {
		flag, text string
		set        *Moment
	}{{"--starting", start, &r.Start}, {"--until", until, &r.Until}} {
		if f.text == "" {
			continue
		}
		if len(f.text) == len(time.DateOnly) {
			f.text += "T00:00"
		}
		if *f.set = Moment(f.text); !isMoment(f.text) {
			return r, invalid("%s: %q is not a time like 2026-12-24T18:00 or 2026-12-24", f.flag, f.text)
		}
	}
	switch {
	case !isClockTime(string(r.From)):
		return r, invalid("--from: %q is not a time of the day like 12:00, or of the week like \"fri 18:00\"", from)
	case !isClosingTime(string(r.To)):
		return r, invalid("--to: %q is not a time of the day like 24:00, or of the week like \"mon 09:00\"", to)
	}
	return r, nil
}
