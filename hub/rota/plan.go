package rota

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"tocsin/hub/responder"
)

// Plan is what applying a file would come to.
type Plan struct {
	Documents Documents // as they would stand
	Changes   []Change  // in the order of kinds, then of ids as they were added

	current  Documents
	absences []responder.Absence // that are not over
	gateways []string            // the kinds of contact method that the hub can send by; nil: every
}

// Change is one thing added, changed or removed.
type Change struct {
	Verb   string   // added, changed, removed
	Kind   string   // user, team, schedule, escalation_policy, service, integration, …
	ID     string   // empty for the organisation
	Fields []string // "field: before → after"
}

// Plan brings the current documents to the file, and checks all that the file
// refers to. The file must have been parsed; problems found then need not keep
// from planning, so that a person sees all mistakes at once.
func (f File) Plan(current Documents) (Plan, Problems) {
	p := Plan{Documents: f.merge(current), current: current}
	problems := Problems{File: f.Name}
	c := checker{file: &f, problems: &problems}
	c.references(p.Documents)
	c.catchAll(p.Documents)
	if len(problems.List) == 0 {
		p.Changes = changesBetween(current, p.Documents)
	}
	return p, problems
}

// merge gives the documents after the file: with owns: named those that it does
// not name stay, with owns: all they go.
func (f File) merge(current Documents) Documents {
	all := f.Owns == OwnsAll
	d := f.Documents
	org := current.Organisation
	if all {
		org = OrganisationDoc{}
	}
	if f.has("organisation") {
		org.Name = d.Organisation.Name
	}
	if f.has("catch_all") {
		org.CatchAll = d.Organisation.CatchAll
	}
	if f.has("figures") {
		org.Figures = d.Organisation.Figures
	}
	return Documents{
		Organisation: org,
		Users:        merge(current.Users, d.Users, all, func(v UserDoc) ID { return v.ID }),
		Teams:        merge(current.Teams, d.Teams, all, func(v TeamDoc) ID { return v.ID }),
		Schedules:    merge(current.Schedules, d.Schedules, all, func(v ScheduleDoc) ID { return v.ID }),
		Policies:     merge(current.Policies, d.Policies, all, func(v PolicyDoc) ID { return v.ID }),
		Services:     merge(current.Services, d.Services, all, func(v ServiceDoc) ID { return v.ID }),
		Integrations: merge(current.Integrations, d.Integrations, all, func(v IntegrationDoc) ID { return v.ID }),
		Windows:      merge(current.Windows, d.Windows, all, func(v WindowDoc) ID { return v.ID }),
		Overrides:    current.Overrides, // people's
		Maintenance:  current.Maintenance,
		Absences:     current.Absences,
		Presences:    current.Presences,
	}
}

func merge[T any](current, named []T, all bool, id func(T) ID) []T {
	fresh := map[ID]T{}
	for _, v := range named {
		fresh[id(v)] = v
	}
	var list []T
	seen := map[ID]bool{}
	for _, v := range current {
		if n, ok := fresh[id(v)]; ok {
			list = append(list, n)
		} else if !all {
			list = append(list, v)
		}
		seen[id(v)] = true
	}
	for _, v := range named {
		if !seen[id(v)] {
			list = append(list, v)
			seen[id(v)] = true
		}
	}
	return list
}

// references checks that everything the file names exists.
func (c checker) references(next Documents) {
	known := next.ids()
	visit := func(kind, path string, id ID) {
		if id == "" || known[kind][string(id)] {
			return
		}
		hint := ""
		if len(c.problems.List) < maxKept {
			hint = didYouMean(string(id), maps.Keys(known[kind]))
		}
		c.problem(path, "there is no %s %q%s", words(kind), shorten(string(id)), hint)
	}
	d := c.file.Documents
	eachReference(reflect.ValueOf(d.Organisation), "", visit)
	inEach(c, KindUser, d.Users, visit)
	inEach(c, KindTeam, d.Teams, visit)
	inEach(c, KindSchedule, d.Schedules, visit)
	inEach(c, KindPolicy, d.Policies, visit)
	inEach(c, KindService, d.Services, visit)
	inEach(c, KindIntegration, d.Integrations, visit)
	inEach(c, KindWindow, d.Windows, visit)
	c.guarded(next)
}

func inEach[T any](c checker, kind string, docs []T, visit func(kind, path string, id ID)) {
	for i := range docs {
		eachReference(reflect.ValueOf(docs[i]), c.file.pathOf(kind, i), visit)
	}
}

// eachReference visits every id in a document that must belong to something.
func eachReference(v reflect.Value, path string, visit func(kind, path string, id ID)) {
	switch v.Kind() {
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Struct {
			return
		}
		for i := range v.Len() {
			eachReference(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case reflect.Struct:
		for _, f := range fieldsOf(v.Type()) {
			inner, at := v.FieldByIndex(f.index), join(path, f.name)
			switch {
			case f.ref == "":
				eachReference(inner, at, visit)
			case inner.Kind() == reflect.Slice:
				for i, id := range inner.Interface().([]ID) {
					visit(f.ref, fmt.Sprintf("%s[%d]", at, i), id)
				}
			default:
				visit(f.ref, at, inner.Interface().(ID))
			}
		}
	}
}

// ids lists what there is, by kind.
func (d Documents) ids() map[string]map[string]bool {
	known := map[string]map[string]bool{}
	for _, o := range d.objects() {
		if known[o.Kind] == nil {
			known[o.Kind] = map[string]bool{}
		}
		known[o.Kind][o.ID] = true
	}
	return known
}

// catchAll checks that somebody is paged when a policy finds nobody.
func (c checker) catchAll(next Documents) {
	if len(next.Organisation.CatchAll) > 0 {
		return
	}
	if i := slices.IndexFunc(next.Services, func(s ServiceDoc) bool { return s.Urgency != UrgencyLow }); i >= 0 {
		c.problem("catch_all", "names nobody; the service %q can be of high urgency, so somebody must be paged when its policy finds nobody", next.Services[i].ID)
	}
}
