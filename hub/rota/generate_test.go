package rota

import (
	"fmt"
	"reflect"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/escalation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// anyDocuments draws configurations that are valid, as odd as the format allows.
func anyDocuments(t *rapid.T) Documents {
	d := Documents{
		Users:    listOf(t, "users", 1, 4, anyUser),
		Services: nil,
	}
	g := generator{t: t, users: idsOf(d.Users, func(u UserDoc) ID { return u.ID })}
	d.Organisation = OrganisationDoc{
		Name:     maybe(t, "organisation", text),
		CatchAll: g.some(g.users, 1),
		Figures:  one(t, Figures("")),
	}
	d.Teams = listOf(t, "teams", 0, 2, g.team)
	g.teams = idsOf(d.Teams, func(v TeamDoc) ID { return v.ID })
	d.Schedules = listOf(t, "schedules", 1, 3, g.schedule)
	g.schedules = idsOf(d.Schedules, func(v ScheduleDoc) ID { return v.ID })
	d.Policies = listOf(t, "policies", 1, 2, g.policy)
	g.policies = idsOf(d.Policies, func(v PolicyDoc) ID { return v.ID })
	d.Services = listOf(t, "services", 1, 3, g.service)
	g.services = idsOf(d.Services, func(v ServiceDoc) ID { return v.ID })
	d.Integrations = listOf(t, "integrations", 0, 4, g.integration)
	guard(t, d.Integrations)
	d.Windows = listOf(t, "windows", 0, 2, g.window)
	return d
}

type generator struct {
	t                                           *rapid.T
	users, teams, schedules, policies, services []ID
}

func listOf[T any](t *rapid.T, name string, least, most int, draw func(*rapid.T, ID) T) []T {
	var list []T
	for i := range rapid.IntRange(least, most).Draw(t, name) {
		list = append(list, draw(t, ID(fmt.Sprintf("%c%s-%d", 'a'+i, name[:1], i))))
	}
	return list
}

func idsOf[T any](list []T, id func(T) ID) (ids []ID) {
	for _, v := range list {
		ids = append(ids, id(v))
	}
	return ids
}

// one draws one of the options of a type.
func one[T ~string](t *rapid.T, _ T) T {
	f := formats[reflect.TypeFor[T]()]
	return T(rapid.SampledFrom(f.options).Draw(t, "option"))
}

func maybe[T any](t *rapid.T, name string, draw func(*rapid.T) T) T {
	var zero T
	if rapid.Bool().Draw(t, name+"?") {
		return draw(t)
	}
	return zero
}

func text(t *rapid.T) Name {
	return Name(rapid.StringOfN(rapid.Rune(), 1, 40, -1).Filter(isLine).Draw(t, "line"))
}

func longText(t *rapid.T) Text {
	return Text(rapid.StringOfN(rapid.Rune(), 1, 80, -1).Filter(isText).Draw(t, "text"))
}

func anyDuration(t *rapid.T) Duration {
	return Duration(rapid.Int64Range(1, 300000).Draw(t, "seconds") * 1e9)
}

func anyMoment(t *rapid.T, year int) Moment {
	day := rapid.IntRange(1, 28).Draw(t, "day")
	form := rapid.SampledFrom([]string{"", ":30", ":00Z", ":00-05:00", "+02:00"}).Draw(t, "form")
	return Moment(fmt.Sprintf("%d-%02d-%02dT%02d:30%s", year, rapid.IntRange(1, 12).Draw(t, "month"), day, day%24, form))
}

func anyZone(t *rapid.T) Zone {
	return rapid.SampledFrom([]Zone{"UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Etc/GMT+5"}).Draw(t, "zone")
}

func (g generator) some(ids []ID, least int) []ID {
	return rapid.SliceOfN(rapid.SampledFrom(ids), least, 5).Draw(g.t, "ids")
}

func (g generator) orNone(ids []ID) ID {
	return rapid.SampledFrom(append([]ID{""}, ids...)).Draw(g.t, "id")
}

func anyUser(t *rapid.T, id ID) UserDoc {
	u := UserDoc{ID: id, Name: maybe(t, "name", text), TimeZone: anyZone(t), Locale: one(t, Locale("")), Role: one(t, responder.Role(""))}
	vias := []ID{"devices"}
	for i, kind := range rapid.SliceOfN(rapid.SampledFrom(methodKinds), 0, 3).Draw(t, "methods") {
		m := ContactMethod{ID: ID(fmt.Sprintf("m%d", i)), Kind: kind, Wakes: rapid.Bool().Draw(t, "wakes")}
		switch {
		case kind == responder.KindShoutrrr:
			m.URL = MethodURL(fmt.Sprintf("telegram://1:a-b@telegram?chats=@c%d: d", i))
		case methodFields[kind] == "address":
			m.Address = Email(fmt.Sprintf("a+%d@example.org", i))
		case methodFields[kind] == "url":
			m.URL = MethodURL(fmt.Sprintf("https://example.org/%d?b=c#d: e", i))
		default:
			m.Number = Phone(fmt.Sprintf("+44163296000%d", i))
		}
		vias = append(vias, m.ID)
		u.ContactMethods = append(u.ContactMethods, m)
	}
	rules := func() (list []Rule) {
		for range rapid.IntRange(0, 5).Draw(t, "rules") {
			list = append(list, Rule{After: maybe(t, "after", anyDuration), Via: rapid.SampledFrom(vias).Draw(t, "via")})
		}
		return list
	}
	u.NotificationRules = Rules{High: rules(), Low: rules()}
	for range rapid.IntRange(0, 2).Draw(t, "absences") {
		u.Absences = append(u.Absences, rapid.SampledFrom([]RecurringAbsence{
			{Days: []Day{"fri"}, From: "00:00", To: "24:00"}, {From: "fri 18:00", To: "mon 09:00", Start: "2026-11-01T00:00"},
			{From: "12:00", To: "13:00:30", Until: "2027-01-01T00:00:00Z"},
		}).Draw(t, "absence"))
	}
	return u
}

func (g generator) team(t *rapid.T, id ID) TeamDoc {
	v := TeamDoc{ID: id, Name: maybe(t, "name", text)}
	if rapid.Bool().Draw(t, "members?") {
		v.Members, v.Managers = g.some(g.users, 1), g.some(g.users, 1)
	}
	return v
}

func (g generator) schedule(t *rapid.T, id ID) ScheduleDoc {
	s := ScheduleDoc{ID: id, Name: maybe(t, "name", text), Team: g.orNone(g.teams), TimeZone: anyZone(t), WhenAbsent: one(t, schedule.WhenAbsent(""))}
	for i := range rapid.IntRange(1, 3).Draw(t, "layers") {
		l := Layer{
			Name:         Name(fmt.Sprintf("%d: %s", i, text(t))),
			Rotation:     Rotation{Kind: one(t, schedule.Kind("")), Length: rapid.IntRange(1, 9).Draw(t, "length"), Start: anyMoment(t, 2025)},
			Participants: rapid.SliceOfN(rapid.SampledFrom(append([]ID{""}, g.users...)), 1, 6).Draw(t, "participants"),
			Until:        maybe(t, "until", func(t *rapid.T) Moment { return anyMoment(t, 2027) }),
		}
		for range rapid.IntRange(0, 2).Draw(t, "restrictions") {
			l.Restrictions = append(l.Restrictions, rapid.SampledFrom([]Restriction{
				{From: "09:00", To: "17:00"}, {From: "22:00:30", To: "06:00", Days: []Day{"fri", "sun"}}, {From: "fri 18:00", To: "mon 09:00"},
			}).Draw(t, "restriction"))
		}
		s.Layers = append(s.Layers, l)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "overrides") {
		s.Overrides = append(s.Overrides, Override{ID: ID(fmt.Sprintf("o%d", i)), Start: anyMoment(t, 2025), End: anyMoment(t, 2026),
			User: rapid.SampledFrom(g.users).Draw(t, "user"), Replaces: g.orNone(g.users)})
	}
	return s
}

func (g generator) policy(t *rapid.T, id ID) PolicyDoc {
	p := PolicyDoc{ID: id, Name: maybe(t, "name", text), Team: g.orNone(g.teams), Repeat: rapid.IntRange(0, 100).Draw(t, "repeat"), WhenExhausted: one(t, escalation.Exhausted(""))}
	for range rapid.IntRange(1, 4).Draw(t, "levels") {
		l := Level{Timeout: anyDuration(t) + 30e9, Strategy: one(t, Strategy(""))}
		l.Targets = append(l.Targets, Target{Schedule: rapid.SampledFrom(g.schedules).Draw(t, "schedule")})
		for _, u := range rapid.SliceOfN(rapid.SampledFrom(g.users), 0, 5).Draw(t, "users") {
			l.Targets = append(l.Targets, Target{User: u})
		}
		p.Levels = append(p.Levels, l)
	}
	return p
}

func (g generator) service(t *rapid.T, id ID) ServiceDoc {
	s := ServiceDoc{ID: id, Name: maybe(t, "name", text), Team: g.orNone(g.teams), EscalationPolicy: rapid.SampledFrom(g.policies).Draw(t, "policy"),
		Urgency: one(t, Urgency("")), OutgoingText: one(t, OutgoingText("")),
		AcknowledgementTimeout: maybe(t, "lease", anyDuration), Hold: maybe(t, "hold", anyDuration), ReopenWindow: maybe(t, "reopen", anyDuration)}
	if rapid.Bool().Draw(t, "reminder?") {
		d := maybe(t, "reminder", anyDuration)
		s.OpenReminder = &d
	}
	if s.Urgency == UrgencySupportHours || rapid.Bool().Draw(t, "hours?") {
		s.SupportHours = SupportHours{TimeZone: anyZone(t), From: "09:00", To: "17:30", Days: []Day{"mon"}}
	}
	s.Suppress = rapid.SampledFrom([][]Suppression{nil, {
		{When: []Match{{Field: "severity", Is: "info"}}},
		{Note: "staging: nobody cares", When: []Match{{Field: "source", Is: "staging-*"}, {Field: "class", Is: "a: b"}}},
	}}).Draw(t, "suppress")
	s.Grouping = rapid.SampledFrom([]Grouping{{}, {By: "open_incident"}, {Fields: []Text{"class", "a: b"}, Within: 6e11}}).Draw(t, "grouping")
	return s
}

func (g generator) integration(t *rapid.T, id ID) IntegrationDoc {
	n := IntegrationDoc{ID: id, Service: rapid.SampledFrom(g.services).Draw(t, "service"), Kind: one(t, IntegrationKind("")), ForbidAcknowledge: rapid.Bool().Draw(t, "forbid")}
	switch n.Kind {
	case KindHeartbeat:
		n.Interval, n.Grace = anyDuration(t), maybe(t, "grace", anyDuration)
	case KindWebhook:
		n.Map = Mapping{Summary: longText(t), DedupKey: maybe(t, "key", longText)}
	}
	return n
}

// guard lets some integrations resolve by quiet while a heartbeat comes.
func guard(t *rapid.T, list []IntegrationDoc) {
	for _, by := range list {
		for i := range list {
			if n := &list[i]; by.Kind == KindHeartbeat && n.Kind != KindHeartbeat && rapid.Bool().Draw(t, "guarded") {
				n.AliveBy, n.ResolveAfterQuiet = by.ID, Duration(300*24*time.Hour) // longer than any heartbeat here
			}
		}
	}
}

func (g generator) window(t *rapid.T, id ID) WindowDoc {
	w := WindowDoc{Services: g.some(g.services, 1), Start: anyMoment(t, 2025), End: anyMoment(t, 2027), TimeZone: anyZone(t), Note: Name(id) + " " + maybe(t, "note", text)}
	w.ID = id
	if rapid.Bool().Draw(t, "implied") {
		w.ID = w.impliedID()
	}
	return w
}
