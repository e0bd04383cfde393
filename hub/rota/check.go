package rota

import (
	"fmt"
	"slices"
	"time"
	"unicode"

	"tocsin/hub/escalation"
	"tocsin/hub/responder"
)

// checker looks for what is wrong beyond the form of single values: what fields
// mean together.
type checker struct {
	file     *File
	problems *Problems
}

func (c checker) problem(path, format string, args ...any) {
	told := func(p Problem) bool { return p.Path == path }
	if slices.ContainsFunc(c.problems.List, told) || slices.ContainsFunc(c.file.wrong, told) {
		return // one mistake in one place is enough
	}
	c.problems.add(placeNear(c.file.places, path), path, format, args...)
}

func (c checker) check() {
	d := c.file.Documents
	unique(c, KindUser, d.Users, func(u UserDoc) ID { return u.ID })
	unique(c, KindTeam, d.Teams, func(t TeamDoc) ID { return t.ID })
	unique(c, KindSchedule, d.Schedules, func(s ScheduleDoc) ID { return s.ID })
	unique(c, KindPolicy, d.Policies, func(p PolicyDoc) ID { return p.ID })
	unique(c, KindService, d.Services, func(s ServiceDoc) ID { return s.ID })
	unique(c, KindIntegration, d.Integrations, func(i IntegrationDoc) ID { return i.ID })
	for i, u := range d.Users {
		c.user(c.file.pathOf(KindUser, i), u)
	}
	for i, s := range d.Schedules {
		c.schedule(c.file.pathOf(KindSchedule, i), s)
	}
	for i, p := range d.Policies {
		c.policy(c.file.pathOf(KindPolicy, i), p)
	}
	for i, s := range d.Services {
		c.service(c.file.pathOf(KindService, i), s)
	}
	for i, n := range d.Integrations {
		c.integration(c.file.pathOf(KindIntegration, i), n)
	}
	windows := map[ID]string{}
	for i, w := range d.Windows {
		c.window(c.file.pathOf(KindWindow, i), w, windows)
	}
}

func unique[T any](c checker, kind string, list []T, id func(T) ID) {
	first := map[ID]string{}
	for i, v := range list {
		path := c.file.pathOf(kind, i)
		if before, taken := first[id(v)]; taken && id(v) != "" {
			c.problem(path+".id", "the id %q is taken by the %s in line %d", id(v), words(kind), c.file.places[before].Line)
			continue
		}
		first[id(v)] = path
	}
}

// words is how a kind of object is said.
func words(kind string) string {
	r := []rune(kind)
	for i := range r {
		if r[i] == '_' {
			r[i] = ' '
		}
	}
	return string(r)
}

func (c checker) user(path string, u UserDoc) {
	c.absences(path, u)
	methods := map[ID]bool{ID(responder.Devices): true}
	for i, m := range u.ContactMethods {
		at := fmt.Sprintf("%s.contact_methods[%d]", path, i)
		switch {
		case m.ID == ID(responder.Devices):
			c.problem(at+".id", "%q stands for the enrolled devices, which need no entry; choose another id", m.ID)
		case methods[m.ID] && m.ID != "":
			c.problem(at+".id", "the user has another contact method %q", m.ID)
		}
		methods[m.ID] = true
		c.method(at, m)
		for _, other := range u.ContactMethods[:i] {
			if other.Kind == m.Kind && other.Address == m.Address && other.URL == m.URL && other.Number == m.Number && methodFields[m.Kind] != "" {
				c.problem(at+"."+methodFields[m.Kind], "is that of the contact method %q too; each message would come twice", other.ID)
				break
			}
		}
	}
	for _, rules := range []struct {
		urgency string
		list    []Rule
	}{{"high", u.NotificationRules.High}, {"low", u.NotificationRules.Low}} {
		for i, r := range rules.list {
			if r.Via != "" && !methods[r.Via] {
				known := func(yield func(string) bool) {
					for m := range methods {
						if !yield(string(m)) {
							return
						}
					}
				}
				c.problem(fmt.Sprintf("%s.notification_rules.%s[%d].via", path, rules.urgency, i),
					"the user has no contact method %q%s", r.Via, didYouMean(string(r.Via), known))
			}
		}
	}
}

// methodKinds are the kinds of contact method that a file may name.
var methodKinds = []MethodKind{responder.KindEmail, responder.KindNtfy, responder.KindPhone, responder.KindSMS, responder.KindSlack,
	responder.KindTeams, responder.KindWebhook, responder.KindShoutrrr}

// methodFields says where a contact method of a kind leads.
var methodFields = map[MethodKind]string{
	responder.KindEmail: "address", responder.KindPhone: "number", responder.KindSMS: "number",
	responder.KindNtfy: "url", responder.KindSlack: "url", responder.KindTeams: "url", responder.KindWebhook: "url",
	responder.KindShoutrrr: "url",
}

func (c checker) method(path string, m ContactMethod) {
	field := methodFields[m.Kind]
	if field == "" {
		return // an unknown kind was told already
	}
	for _, f := range []struct{ name, value string }{
		{"address", string(m.Address)}, {"url", string(m.URL)}, {"number", string(m.Number)},
	} {
		switch {
		case f.name == field && f.value == "":
			c.problem(join(path, f.name), "is missing; a contact method of the kind %s needs it", m.Kind)
		case f.name != field && f.value != "":
			c.problem(join(path, f.name), "does not belong to a contact method of the kind %s, which has %s", m.Kind, field)
		}
	}
	if m.URL != "" && field == "url" && m.Kind != responder.KindShoutrrr && !isURL(string(m.URL)) {
		c.problem(join(path, "url"), "%q is not valid; expected an address such as https://example.org/page", m.URL)
	}
}

// schedule leaves the rules to package schedule, which names fields as the file
// does.
func (c checker) schedule(path string, s ScheduleDoc) {
	c.restrictions(path, s)
	if !c.problems.clean(path) {
		return
	}
	built, err := s.build()
	if err != nil {
		c.problem(path, "%s", err)
		return
	}
	for _, p := range built.Validate() {
		c.problem(join(path, p.Path), "%s", p.Text)
	}
}

func (c checker) restrictions(path string, s ScheduleDoc) {
	for i, l := range s.Layers {
		for j, r := range l.Restrictions {
			c.hours(fmt.Sprintf("%s.layers[%d].restrictions[%d]", path, i, j), r)
		}
	}
}

// hours checks that both edges of a window are of the day, or both of the week.
func (c checker) hours(path string, r Restriction) {
	if r.From == "" || r.To == "" {
		return
	}
	switch from, to := r.From.ofWeek(), r.To.ofWeek(); {
	case from != to:
		c.problem(path+".to", "%q does not go with from: %q; both are times of the day, or both of the week", r.To, r.From)
	case from && len(r.Days) > 0:
		c.problem(path+".days", "a window of the week has no days")
	}
}

func (t ClockTime) ofWeek() bool { return t != "" && unicode.IsLetter(rune(t[0])) }

func (c checker) policy(path string, p PolicyDoc) {
	if p.Repeat < 0 || p.Repeat > maxRepeat {
		c.problem(path+".repeat", "%d is not valid; expected a whole number from 0 to %d", p.Repeat, maxRepeat)
	}
	for i, l := range p.Levels {
		at := fmt.Sprintf("%s.levels[%d]", path, i)
		if time.Duration(l.Timeout) < escalation.MinTimeout {
			c.problem(at+".timeout", "%s is too short; expected at least %s", l.Timeout, Duration(escalation.MinTimeout))
		}
		for j, t := range l.Targets {
			set := 0
			for _, id := range []ID{t.User, t.Schedule, t.Team} {
				if id != "" {
					set++
				}
			}
			if target := fmt.Sprintf("%s.targets[%d]", at, j); set != 1 && c.problems.clean(target) {
				c.problem(target, "names %d of user, schedule, team; expected exactly one of them", set)
			}
		}
	}
}

// maxRepeat keeps a typing mistake from paging for months.
const maxRepeat = 100
