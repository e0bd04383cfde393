package calendar

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"tocsin/hub/schedule"
)

// stretch reads when an event begins and ends.
func (r reader) stretch(e *ics.VEvent) (start, end time.Time, err error) {
	p := e.GetProperty(ics.ComponentPropertyDtStart)
	if p == nil {
		return start, end, errors.New("has no DTSTART")
	}
	start, day, err := r.time(p)
	if err != nil {
		return start, end, fmt.Errorf("DTSTART: %w", err)
	}
	end = start
	if p := e.GetProperty(ics.ComponentPropertyDtEnd); p != nil {
		if end, _, err = r.time(p); err != nil {
			return start, end, fmt.Errorf("DTEND: %w", err)
		}
	} else if text := one(e, ics.ComponentPropertyDuration); text != "" {
		if end, err = after(start, text); err != nil {
			return start, end, fmt.Errorf("DURATION: %w", err)
		}
	} else if day {
		end = start.AddDate(0, 0, 1)
	}
	switch {
	case !start.Before(end):
		return start, end, errors.New("does not end after it begins")
	case end.Sub(start) > maxLength:
		return start, end, errors.New("is longer than a year")
	}
	return start.UTC(), end.UTC(), nil
}

// time reads a DATE or DATE-TIME, and says whether it is a day.
func (r reader) time(p *ics.IANAProperty) (at time.Time, day bool, err error) {
	zone, text := r.zone, strings.ToUpper(strings.TrimSpace(p.Value))
	if ids := p.ICalParameters[string(ics.ParameterTzid)]; len(ids) > 0 {
		if zone, err = r.zoneNamed(ids[0]); err != nil {
			return at, false, err
		}
	}
	if strings.HasSuffix(text, "Z") {
		text, zone = strings.TrimSuffix(text, "Z"), time.UTC
	}
	layout := "20060102T150405"
	if len(text) == len("20060102") {
		layout, day = "20060102", true
	}
	t, err := time.Parse(layout, text)
	if err != nil || len(text) != len(layout) || t.Year() < 1970 || t.Year() > 2200 {
		return at, false, fmt.Errorf("%q is not a time like 20261224T180000Z", clean(p.Value))
	}
	return schedule.CivilOf(t, time.UTC).In(zone).In(zone), day, nil
}

var duration = regexp.MustCompile(`^\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$`)

// after adds a DURATION: days by the calendar, the rest by the clock.
func after(start time.Time, text string) (time.Time, error) {
	m := duration.FindStringSubmatch(strings.ToUpper(text))
	if m == nil {
		return start, fmt.Errorf("%q is not a length of time like PT12H", clean(text))
	}
	n := func(i int) int {
		v, _ := strconv.Atoi("0" + m[i]) // digits, if anything
		return v
	}
	end := start.AddDate(0, 0, 7*n(1)+n(2))
	return end.Add(time.Duration(n(3))*time.Hour + time.Duration(n(4))*time.Minute + time.Duration(n(5))*time.Second), nil
}

// zonesOf lists what a file's own time zones are called in the database of
// zones, where it says so.
func zonesOf(cal *ics.Calendar) map[string]string {
	names := map[string]string{}
	for _, z := range cal.Timezones() {
		id, name := z.GetProperty(ics.ComponentPropertyTzid), z.GetProperty(ics.ComponentProperty("X-LIC-LOCATION"))
		if id != nil && name != nil {
			names[id.Value] = name.Value
		}
	}
	return names
}

// zoneNamed finds a time zone by the name in a file: one of the database's, also
// at the end of a path, what the file says it is, or one of Windows'.
func (r reader) zoneNamed(id string) (*time.Location, error) {
	id = strings.Trim(strings.TrimSpace(id), `"`)
	for _, name := range []string{id, r.zones[id], windowsZones[id]} {
		for name != "" {
			if zone, err := time.LoadLocation(strings.TrimPrefix(name, "/")); err == nil && name != "Local" {
				return zone, nil
			}
			_, rest, found := strings.Cut(strings.TrimPrefix(name, "/"), "/")
			if !found {
				break
			}
			name = rest
		}
	}
	return nil, fmt.Errorf("the time zone %q is not known; use one like Europe/Berlin, or UTC", clean(id))
}
