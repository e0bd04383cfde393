package rota

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// changesBetween tells what is different, for people: thing by thing, field by
// field.
func changesBetween(before, after Documents) []Change {
	var list []Change
	if fields := fieldChanges(reflect.ValueOf(before.Organisation), reflect.ValueOf(after.Organisation)); len(fields) > 0 {
		list = append(list, Change{Verb: "changed", Kind: KindOrganisation, Fields: fields})
	}
	list = appendChanges(list, KindUser, before.Users, after.Users, func(v UserDoc) ID { return v.ID })
	list = appendChanges(list, KindTeam, before.Teams, after.Teams, func(v TeamDoc) ID { return v.ID })
	list = appendChanges(list, KindSchedule, before.Schedules, after.Schedules, func(v ScheduleDoc) ID { return v.ID })
	list = appendChanges(list, KindPolicy, before.Policies, after.Policies, func(v PolicyDoc) ID { return v.ID })
	list = appendChanges(list, KindService, before.Services, after.Services, func(v ServiceDoc) ID { return v.ID })
	list = appendChanges(list, KindIntegration, before.Integrations, after.Integrations, func(v IntegrationDoc) ID { return v.ID })
	return appendChanges(list, KindWindow, before.Windows, after.Windows, func(v WindowDoc) ID { return v.ID })
}

func appendChanges[T any](list []Change, kind string, before, after []T, id func(T) ID) []Change {
	old := map[ID]T{}
	for _, v := range before {
		old[id(v)] = v
	}
	for _, v := range after {
		was, known := old[id(v)]
		if !known {
			list = append(list, Change{Verb: "added", Kind: kind, ID: string(id(v))})
			continue
		}
		if fields := fieldChanges(reflect.ValueOf(was), reflect.ValueOf(v)); len(fields) > 0 {
			list = append(list, Change{Verb: "changed", Kind: kind, ID: string(id(v)), Fields: fields})
		}
		delete(old, id(v))
	}
	for _, v := range before {
		if _, gone := old[id(v)]; gone {
			list = append(list, Change{Verb: "removed", Kind: kind, ID: string(id(v))})
		}
	}
	return list
}

// String writes the change with a line for each field.
func (c Change) String() string {
	name := strings.TrimSpace(words(c.Kind) + " " + c.ID)
	switch {
	case len(c.Fields) == 0:
		return name + ": " + c.Verb
	case len(c.Fields) == 1:
		return name + ": " + c.Fields[0]
	}
	return name + ":\n  " + strings.Join(c.Fields, "\n  ")
}

func fieldChanges(before, after reflect.Value) []string {
	var d differ
	d.object("", before, after)
	return d.lines
}

type differ struct{ lines []string }

func (d *differ) tell(path, format string, args ...any) {
	d.lines = append(d.lines, path+": "+fmt.Sprintf(format, args...))
}

func (d *differ) object(path string, before, after reflect.Value) {
	for i := range before.NumField() {
		f := before.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		d.value(join(path, name), before.Field(i), after.Field(i))
	}
}

func (d *differ) value(path string, before, after reflect.Value) {
	switch {
	case reflect.DeepEqual(before.Interface(), after.Interface()):
	case before.Kind() == reflect.Struct && !before.IsZero() && !after.IsZero():
		d.object(path, before, after)
	case before.Kind() == reflect.Slice && before.Type().Elem().Kind() == reflect.Struct:
		d.list(path, before, after)
	default:
		if from, to := shown(before), shown(after); from != to {
			d.tell(path, "%s → %s", from, to)
		}
	}
}

// shown is a value as the file would have it.
func shown(v reflect.Value) string {
	if v.IsZero() && v.Kind() != reflect.Int64 && v.Kind() != reflect.Int && v.Kind() != reflect.Bool || v.Kind() == reflect.Slice && v.Len() == 0 {
		return "(none)"
	}
	return flow(v, field{nullable: true})
}

// list compares lists of objects: by their names where they have some, so that
// one that was put in front does not make all others look changed; by their
// places otherwise.
func (d *differ) list(path string, before, after reflect.Value) {
	names, olds := namesOf(after), namesOf(before)
	if names == nil || olds == nil {
		d.byPlace(path, before, after)
		return
	}
	var kept, keptOld []string
	for i, name := range names {
		at := fmt.Sprintf("%s[%s]", path, name)
		j := slices.Index(olds, name)
		if j < 0 {
			d.tell(at, "added %s", flow(after.Index(i), field{}))
			continue
		}
		kept = append(kept, name)
		d.value(at, before.Index(j), after.Index(i))
	}
	for j, name := range olds {
		if !slices.Contains(names, name) {
			d.tell(fmt.Sprintf("%s[%s]", path, name), "removed %s", flow(before.Index(j), field{}))
			continue
		}
		keptOld = append(keptOld, name)
	}
	if !slices.Equal(kept, keptOld) {
		d.tell(path, "order: %s → %s", strings.Join(olds, ", "), strings.Join(names, ", "))
	}
}

func (d *differ) byPlace(path string, before, after reflect.Value) {
	for i := range max(before.Len(), after.Len()) {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case i >= before.Len():
			d.tell(at, "added %s", flow(after.Index(i), field{}))
		case i >= after.Len():
			d.tell(at, "removed %s", flow(before.Index(i), field{}))
		default:
			d.value(at, before.Index(i), after.Index(i))
		}
	}
}

// namesOf gives the ids or names of a list's objects; nil if they have none or
// share one.
func namesOf(list reflect.Value) []string {
	t := list.Type().Elem()
	key, ok := t.FieldByName("ID")
	if !ok {
		if key, ok = t.FieldByName("Name"); !ok {
			return nil
		}
	}
	names := []string{}
	for i := range list.Len() {
		name := list.Index(i).FieldByIndex(key.Index).String()
		if slices.Contains(names, name) {
			return nil
		}
		names = append(names, name)
	}
	return names
}
