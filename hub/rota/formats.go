package rota

import (
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tocsin/hub/escalation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// The texts that a file is made of. What each may look like stands in formats.
type (
	ID              string // of an object
	Name            string // one line for people
	Text            string // any text
	Email           string
	URL             string
	Phone           string
	Zone            string // IANA time zone
	Moment          string // wall clock of a zone, or an instant
	ClockTime       string // of the day or of the week
	Day             string // of the week
	Locale          string
	Owns            string
	Figures         string
	MethodURL       string // of a contact method; its scheme depends on the kind
	MethodKind      string
	Strategy        string
	Urgency         string
	OutgoingText    string
	GroupingBy      string
	IntegrationKind string
)

// Values that the rules of this package name.
const (
	OwnsNamed = Owns("named")
	OwnsAll   = Owns("all")

	GroupingOpen = GroupingBy("open_incident")

	StrategyAll        = Strategy("all")
	StrategyRoundRobin = Strategy("round_robin")

	UrgencyLow          = Urgency("low")
	UrgencySupportHours = Urgency("support_hours")

	KindEventsV2  = IntegrationKind("events_v2")
	KindHeartbeat = IntegrationKind("heartbeat")
	KindWebhook   = IntegrationKind("webhook")
)

// format is what a text of one type may look like.
type format struct {
	expected string // "expected …"
	options  []string
	pattern  string // for editors; empty if an expression cannot tell
	valid    func(string) bool
}

// Durations are checked by their own UnmarshalText.
const durationPattern = `^[0-9]{1,9}[smhd]$`

var formats = map[reflect.Type]format{
	reflect.TypeFor[ID]():          matching("an id: lower-case letters, digits and dashes, beginning with a letter, at most 63", `^[a-z][a-z0-9-]{0,62}$`),
	reflect.TypeFor[Name]():        {expected: "a line of text, at most 200 characters", valid: isLine},
	reflect.TypeFor[Text]():        {expected: "a text, at most 4000 characters", valid: isText},
	reflect.TypeFor[Email]():       matching("an e-mail address such as ada@example.org", `^[^@\s\pC<>]{1,64}@[^@\s\pC<>]{1,190}$`),
	reflect.TypeFor[URL]():         {expected: "an address such as https://example.org/page", pattern: `^https?://`, valid: isURL},
	reflect.TypeFor[MethodURL]():   {expected: "an address such as https://example.org/page, or of a service such as telegram://…", pattern: `^[a-z][a-z0-9+.-]*:`, valid: isMethodURL},
	reflect.TypeFor[Phone]():       matching(`a telephone number such as "+441632960000"`, `^\+[1-9][0-9]{5,14}$`),
	reflect.TypeFor[Zone]():        {expected: "an IANA time zone such as Europe/London", valid: isZone},
	reflect.TypeFor[Moment]():      {expected: `a date and time such as "2026-11-02T09:00", or with an offset "2026-11-02T09:00:00Z"`, pattern: `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?$`, valid: isMoment},
	reflect.TypeFor[ClockTime]():   {expected: `a time of the day such as "09:00", or of the week such as "fri 18:00"`, pattern: `^((mon|tue|wed|thu|fri|sat|sun) )?\d{2}:\d{2}(:\d{2})?$`, valid: isClockTime},
	reflect.TypeFor[ClosingTime](): {expected: `a time of the day up to "24:00", or of the week such as "mon 09:00"`, pattern: `^(((mon|tue|wed|thu|fri|sat|sun) )?\d{2}:\d{2}(:\d{2})?|24:00)$`, valid: isClosingTime},
	reflect.TypeFor[Duration]():    {expected: "a length of time such as 30s, 5m, 12h or 7d", pattern: durationPattern},

	reflect.TypeFor[Day]():                  oneOf("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
	reflect.TypeFor[Locale]():               oneOf("en", "de", "fr"),
	reflect.TypeFor[Owns]():                 oneOf(OwnsNamed, OwnsAll),
	reflect.TypeFor[Figures]():              oneOf("self", "team", "managers"),
	reflect.TypeFor[responder.Role]():       oneOf(responder.Roles...),
	reflect.TypeFor[MethodKind]():           oneOf(methodKinds...),
	reflect.TypeFor[schedule.WhenAbsent]():  oneOf(schedule.NextParticipant, schedule.Gap),
	reflect.TypeFor[schedule.Kind]():        oneOf(schedule.Kinds...),
	reflect.TypeFor[escalation.Exhausted](): oneOf(escalation.KeepPaging, escalation.Stop),
	reflect.TypeFor[Strategy]():             oneOf(StrategyAll, StrategyRoundRobin),
	reflect.TypeFor[Urgency]():              oneOf("high", UrgencyLow, "by_severity", UrgencySupportHours),
	reflect.TypeFor[OutgoingText]():         oneOf("minimal", "full"),
	reflect.TypeFor[GroupingBy]():           saying("one of none, open_incident, or in place of by: fields: [NAME, …] and within", oneOf(GroupingBy("none"), GroupingOpen)),
	reflect.TypeFor[IntegrationKind]():      oneOf(KindEventsV2, "alertmanager", "grafana", "cloudwatch", "sumologic", "datadog", "sentry", "uptimekuma", "slack", KindWebhook, KindHeartbeat),
}

func matching(expected, pattern string) format {
	re := regexp.MustCompile(pattern)
	return format{expected: expected, pattern: pattern, valid: re.MatchString}
}

func saying(expected string, f format) format {
	f.expected = expected
	return f
}

func oneOf[T ~string](values ...T) format {
	options := make([]string, len(values))
	for i, v := range values {
		options[i] = string(v)
	}
	return format{
		expected: "one of " + strings.Join(options, ", "),
		options:  options,
		valid:    func(s string) bool { return slices.Contains(options, s) },
	}
}

func isLine(s string) bool {
	return strings.TrimSpace(s) != "" && utf8.RuneCountInString(s) <= 200 && !strings.ContainsFunc(s, unicode.IsControl)
}

func isText(s string) bool {
	return strings.TrimSpace(s) != "" && utf8.RuneCountInString(s) <= 4000 &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(s) <= 2000 && !strings.ContainsFunc(s, unicode.IsControl)
}

// isMethodURL: which schemes go with which kind, the checker says.
func isMethodURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && len(s) <= 2000 && !strings.ContainsFunc(s, unicode.IsControl)
}

func isZone(s string) bool { _, err := zoneOf(s); return err == nil }

func isClockTime(s string) bool {
	if _, err := schedule.ParseClock(s); err == nil {
		return true
	}
	_, _, err := schedule.ParseWeekClock(s)
	return err == nil
}

func isMoment(s string) bool {
	c, at, err := Moment(s).parse()
	if err != nil {
		return false
	}
	year := c.Year
	if !at.IsZero() {
		year = at.UTC().Year()
	}
	return 1900 <= year && year <= 2199 // well within what package schedule reckons with
}
