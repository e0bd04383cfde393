package calendar

import (
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"

	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// Calendar is what is written for calendar programs.
type Calendar struct {
	Name   string
	Events []Event
}

// Event is one shift.
type Event struct {
	UID         string
	Start       time.Time
	End         time.Time
	Summary     string
	Description string
	User        responder.UserID
}

// Refresh is how often calendar programs are asked to look again. They do as
// they please.
const Refresh = "PT1H"

// userProperty carries who is on call, so that what is written can be imported.
const userProperty = ics.ComponentProperty("X-TOCSIN-USER")

// Write gives the calendar as a file: UTC times, CRLF, lines folded at 75 bytes.
func Write(c Calendar, now time.Time) []byte {
	cal := ics.NewCalendarFor("Tocsin")
	cal.SetProductId("-//Tocsin//Tocsin//EN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetCalscale("GREGORIAN")
	cal.SetXWRCalName(line(c.Name))
	cal.SetName(line(c.Name))
	cal.SetRefreshInterval(Refresh)
	cal.SetXPublishedTTL(Refresh)
	for _, e := range c.Events {
		v := cal.AddEvent(e.UID)
		v.SetDtStampTime(now.UTC())
		v.SetStartAt(e.Start.UTC())
		v.SetEndAt(e.End.UTC())
		v.SetSummary(line(e.Summary))
		v.SetDescription(line(e.Description))
		v.SetTimeTransparency(ics.TransparencyTransparent) // on call is not busy
		v.SetProperty(userProperty, string(e.User))
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows))
}

// line keeps a name on one line and free of what no calendar may hold.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// The span that a calendar shows, around today.
const (
	daysBefore = 30
	daysAhead  = 365
)

// Span is what a calendar shows: whole days, so that it does not change with
// every look.
func Span(now time.Time) (from, to time.Time) {
	today := now.UTC().Truncate(24 * time.Hour)
	return today.AddDate(0, 0, -daysBefore), today.AddDate(0, 0, daysAhead)
}

// OfSchedule is the calendar of a schedule; false if there is none by that id.
func OfSchedule(h organisation.History, id schedule.ID, now time.Time) (Calendar, bool) {
	org := h.At(now)
	s, ok := org.Schedule(id)
	if !ok {
		return Calendar{}, false
	}
	events := shifts(h, s, now, func(responder.UserID) bool { return true })
	for i, e := range events {
		events[i].Summary = org.UserName(e.User) + " on call"
	}
	return Calendar{Name: s.Name, Events: events}, true
}

// OfUser is the calendar of a user's shifts in all schedules; false if there is
// no such user.
func OfUser(h organisation.History, id responder.UserID, now time.Time) (Calendar, bool) {
	org := h.At(now)
	user, ok := org.User(id)
	if !ok {
		return Calendar{}, false
	}
	c := Calendar{Name: "On call: " + user.Name}
	for _, s := range org.Schedules {
		events := shifts(h, s, now, func(u responder.UserID) bool { return u == id })
		for i := range events {
			events[i].Summary = "On call: " + s.Name
		}
		c.Events = append(c.Events, events...)
	}
	return c, true
}

// shifts lists a schedule's, one event for as long as a user stays on call. The
// past is what it was.
func shifts(h organisation.History, s *schedule.Schedule, now time.Time, wanted func(responder.UserID) bool) []Event {
	from, to := Span(now)
	var events []Event
	for _, f := range schedule.Join(h.Shifts(s.ID, from, to)) {
		if !wanted(f.User) {
			continue
		}
		e := Event{UID: uid(h.At(now).Name, s.ID, f.Start, f.Start.Equal(from)), Start: f.Start, End: f.End, User: f.User}
		e.Description = s.Name + ", " + f.Start.Format("Mon 2006-01-02 15:04 MST") + " to " + f.End.Format("Mon 2006-01-02 15:04 MST")
		events = append(events, e)
	}
	return events
}

// uid names a shift by its schedule and start, so that it is the same event at
// every look and stays one when somebody else takes it. The one that is cut at
// the span's beginning is always "earlier".
func uid(organisation string, id schedule.ID, start time.Time, cut bool) string {
	at := start.UTC().Format("20060102T150405Z")
	if cut {
		at = "earlier"
	}
	host := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, organisation), "-")
	if host != "" {
		host += "."
	}
	return at + "." + string(id) + "@" + host + "tocsin"
}
