package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"tocsin/hub/responder"
)

// Wish is an event that asks for an override.
type Wish struct {
	UID       string // with the instance, for one of a series
	Start     time.Time
	End       time.Time
	User      responder.UserID
	Replaces  responder.UserID // only where this user would be on call; "" is whoever it is
	Cancelled bool             // the event was called off
}

// Problem is what keeps an event from becoming an override.
type Problem struct {
	Line  int    // of the file, where the event begins; 0: the file as a whole
	Event string // what people call it
	Text  string
}

// String says where and what, for a person.
func (p Problem) String() string {
	switch {
	case p.Line == 0:
		return p.Text
	case p.Event == "":
		return fmt.Sprintf("line %d: %s", p.Line, p.Text)
	}
	return fmt.Sprintf("line %d, event %s: %s", p.Line, p.Event, p.Text)
}

// Bounds of a file.
const (
	maxBytes   = 1 << 20
	maxEvents  = 1000
	maxNesting = 8
	maxLength  = 366 * 24 * time.Hour
)

// Read reads events that ask for overrides. Who is on call is the user whom the
// summary names (user:bob), else the one user among those invited, by e-mail
// address, else the organizer. Times without a zone, and days, are of the zone
// given. With problems nothing should be imported.
func Read(body []byte, zone *time.Location, users []responder.User) ([]Wish, []Problem) {
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	lines, err := scan(body)
	if err != nil {
		return nil, []Problem{{Text: err.Error()}}
	}
	cal, err := parse(body)
	if err != nil {
		return nil, []Problem{{Text: "this is no iCalendar file: " + clean(err.Error())}}
	}
	r := reader{zone: zone, users: users, zones: zonesOf(cal), cancelled: cancels(cal)}
	events := cal.Events()
	if len(events) != len(lines) {
		return nil, []Problem{{Text: "this is no iCalendar file: an event stands inside of something else"}}
	}
	if len(events) > maxEvents {
		return nil, []Problem{{Text: fmt.Sprintf("the file has %d events; at most %d at a time", len(events), maxEvents)}}
	}
	var wishes []Wish
	var problems []Problem
	for i, e := range events {
		w, err := r.wish(e)
		if err != nil {
			problems = append(problems, Problem{lines[i], nameOf(e), err.Error()})
			continue
		}
		wishes = append(wishes, w)
	}
	return wishes, problems
}

// scan finds the lines on which events begin, and refuses what could cost the
// parser too much.
func scan(body []byte) (events []int, err error) {
	switch {
	case len(body) > maxBytes:
		return nil, fmt.Errorf("the file has %d bytes; at most %d at a time", len(body), maxBytes)
	case !utf8.Valid(body):
		return nil, errors.New("the file is not in UTF-8")
	}
	depth, n := 0, 0
	for text := range bytes.Lines(body) {
		n++
		word := strings.ToUpper(strings.TrimSpace(string(text[:min(len(text), 80)])))
		switch {
		case strings.HasPrefix(word, "BEGIN:"):
			depth++
		case strings.HasPrefix(word, "END:"):
			depth--
		}
		if depth > maxNesting {
			return nil, fmt.Errorf("line %d: things stand inside of each other more than %d deep", n, maxNesting)
		}
		if word == "BEGIN:VEVENT" {
			events = append(events, n)
		}
	}
	return events, nil
}

// parse keeps what the parser may stumble over from ending the program.
func parse(body []byte) (cal *ics.Calendar, err error) {
	defer func() {
		if r := recover(); r != nil {
			cal, err = nil, fmt.Errorf("it cannot be understood (%v)", r)
		}
	}()
	cal, err = ics.ParseCalendar(bytes.NewReader(body))
	if err == nil && len(cal.CalendarProperties)+len(cal.Components) == 0 {
		err = errors.New("it has no VCALENDAR")
	}
	return cal, err
}

func cancels(cal *ics.Calendar) bool {
	return slices.ContainsFunc(cal.CalendarProperties, func(p ics.CalendarProperty) bool {
		return p.IANAToken == string(ics.PropertyMethod) && strings.EqualFold(p.Value, string(ics.MethodCancel))
	})
}

// reader reads the events of one file.
type reader struct {
	zone      *time.Location
	users     []responder.User
	zones     map[string]string // what the file says its zones are called elsewhere
	cancelled bool
}

// one gives the value of a property, "" if there is none.
func one(e *ics.VEvent, p ics.ComponentProperty) string {
	if found := e.GetProperty(p); found != nil {
		return strings.TrimSpace(found.Value)
	}
	return ""
}

func (r reader) wish(e *ics.VEvent) (w Wish, err error) {
	for _, p := range []ics.ComponentProperty{ics.ComponentPropertyRrule, ics.ComponentPropertyRdate, ics.ComponentPropertyExrule} {
		if e.HasProperty(p) {
			return w, fmt.Errorf("repeats (%s); overrides do not: give each time an event of its own", p)
		}
	}
	if w.UID = one(e, ics.ComponentPropertyUniqueId); w.UID == "" {
		return w, errors.New("has no UID, so that a later import could not tell it from another")
	}
	if instance := one(e, ics.ComponentPropertyRecurrenceId); instance != "" {
		w.UID += "/" + instance
	}
	w.Cancelled = r.cancelled || strings.EqualFold(one(e, ics.ComponentPropertyStatus), string(ics.ObjectStatusCancelled))
	if w.Start, w.End, err = r.stretch(e); err != nil {
		return w, err
	}
	if w.User, w.Replaces, err = r.who(e); err != nil && !w.Cancelled {
		return w, err
	}
	return w, nil
}

var (
	userInSummary     = regexp.MustCompile(`(?i:\buser:\s*)([a-z][a-z0-9-]{0,62})`)
	replacesInSummary = regexp.MustCompile(`(?i:\breplaces:\s*)([a-z][a-z0-9-]{0,62})`)
)

// who finds who is on call, and whom that replaces.
func (r reader) who(e *ics.VEvent) (user, replaces responder.UserID, err error) {
	summary := one(e, ics.ComponentPropertySummary)
	if m := replacesInSummary.FindStringSubmatch(summary); m != nil {
		if replaces, err = r.byID(m[1]); err != nil {
			return "", "", err
		}
	}
	if m := userInSummary.FindStringSubmatch(summary); m != nil {
		user, err = r.byID(m[1])
		return user, replaces, err
	}
	if id := one(e, userProperty); id != "" {
		user, err = r.byID(id)
		return user, replaces, err
	}
	user, err = r.byAddress(e)
	return user, replaces, err
}

func (r reader) byID(id string) (responder.UserID, error) {
	for _, u := range r.users {
		if string(u.ID) == id {
			return u.ID, nil
		}
	}
	return "", fmt.Errorf("there is no user %q", clean(id))
}

// byAddress finds the one user among those invited, or the organizer.
func (r reader) byAddress(e *ics.VEvent) (responder.UserID, error) {
	var found []responder.UserID
	var strangers []string
	for _, p := range e.GetProperties(ics.ComponentPropertyAttendee) {
		if !comes(p) {
			continue
		}
		address := addressOf(p)
		if u, ok := r.withEmail(address); !ok {
			strangers = append(strangers, clean(address))
		} else if !slices.Contains(found, u) {
			found = append(found, u)
		}
	}
	if len(found) == 0 {
		if p := e.GetProperty(ics.ComponentPropertyOrganizer); p != nil {
			if u, ok := r.withEmail(addressOf(p)); ok {
				return u, nil
			}
			strangers = append(strangers, clean(addressOf(p)))
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("invites several users (%s); say in its summary who is on call: user:%s", join(found), found[0])
	case len(strangers) > 0:
		return "", fmt.Errorf("no user has the e-mail address %s; say in its summary who is on call, as user:ID", strings.Join(strangers[:min(3, len(strangers))], " or "))
	}
	return "", errors.New("names nobody; invite a user, or say in its summary who is on call, as user:ID")
}

// comes leaves out rooms, and who has declined.
func comes(p *ics.IANAProperty) bool {
	is := func(name ics.Parameter, values ...string) bool {
		for _, v := range p.ICalParameters[string(name)] {
			if slices.Contains(values, strings.ToUpper(v)) {
				return true
			}
		}
		return false
	}
	return !is(ics.ParameterParticipationStatus, "DECLINED") && !is(ics.ParameterCutype, "ROOM", "RESOURCE")
}

func addressOf(p *ics.IANAProperty) string {
	address := strings.TrimSpace(p.Value)
	if len(address) >= 7 && strings.EqualFold(address[:7], "mailto:") {
		address = address[7:]
	}
	return address
}

func (r reader) withEmail(address string) (responder.UserID, bool) {
	for _, u := range r.users {
		if u.Email != "" && strings.EqualFold(u.Email, address) {
			return u.ID, true
		}
	}
	return "", false
}

func join(ids []responder.UserID) string {
	var list []string
	for _, id := range ids {
		list = append(list, string(id))
	}
	return strings.Join(list, ", ")
}

// nameOf is what people call an event: its summary, and its UID.
func nameOf(e *ics.VEvent) string {
	name := `"` + clean(one(e, ics.ComponentPropertySummary)) + `"`
	if id := one(e, ics.ComponentPropertyUniqueId); id != "" {
		name += " (" + clean(id) + ")"
	}
	return name
}

// clean makes a text from outside fit for a sentence.
func clean(s string) string {
	const most = 80
	runes := []rune(line(s))
	if len(runes) > most {
		runes = append(runes[:most-1], '…')
	}
	return string(runes)
}
