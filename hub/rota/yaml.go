package rota

import (
	"encoding"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The file is written by this package itself rather than by a library, so that
// what it reads and what it writes follow from the same tags, and so that short
// things stand on one line.

// maxLine is how long something may be to stand on one line.
const maxLine = 110

// writer writes documents as YAML.
type writer struct{ strings.Builder }

// object writes the fields of a struct, each on a line of its own or more.
func (w *writer) object(v reflect.Value, indent string) {
	for _, f := range fieldsOf(v.Type()) {
		inner := v.FieldByIndex(f.index)
		if f.leftOut(inner) {
			continue
		}
		w.WriteString(indent + f.name + ":")
		w.value(inner, f, indent)
	}
}

// value writes what follows "name:".
func (w *writer) value(v reflect.Value, f field, indent string) {
	short := flow(v, f)
	switch {
	case isScalar(v) || len(short)+len(f.name)+len(indent)+2 <= maxLine && indent != "":
		w.WriteString(" " + short + "\n")
	case v.Kind() == reflect.Struct:
		w.WriteString("\n")
		w.object(v, indent+"  ")
	case isScalar(reflect.Zero(v.Type().Elem())):
		w.WriteString(" " + short + "\n") // a list of words, however long
	default:
		w.WriteString("\n")
		for i := range v.Len() {
			w.item(v.Index(i), indent+"  ")
		}
	}
}

// item writes an entry of a list of objects.
func (w *writer) item(v reflect.Value, indent string) {
	if short := flow(v, field{}); len(short)+len(indent)+2 <= maxLine {
		w.WriteString(indent + "- " + short + "\n")
		return
	}
	var inner writer
	inner.object(v, indent+"  ")
	w.WriteString(indent + "- " + strings.TrimPrefix(inner.String(), indent+"  "))
}

// leftOut reports whether the file is the same without the field.
func (f field) leftOut(v reflect.Value) bool { return v.IsZero() && !f.required && f.standard == "" }

func isScalar(v reflect.Value) bool {
	return v.Kind() != reflect.Struct && v.Kind() != reflect.Slice
}

// flow writes a value on one line.
func flow(v reflect.Value, f field) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return "null"
		}
		return flow(v.Elem(), f)
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = flow(v.Index(i), field{})
			if f.nullable && v.Index(i).IsZero() {
				parts[i] = "null"
			}
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Struct:
		var parts []string
		for _, f := range fieldsOf(v.Type()) {
			if inner := v.FieldByIndex(f.index); !f.leftOut(inner) {
				parts = append(parts, f.name+": "+flow(inner, f))
			}
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return scalarText(v)
}

func scalarText(v reflect.Value) string {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		if err != nil {
			panic(err) // only lengths of time, which always have a text
		}
		return string(text)
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int:
		return strconv.FormatInt(v.Int(), 10)
	}
	return quoted(v.String())
}

var (
	plain = regexp.MustCompile(`^[A-Za-z](?:[A-Za-z0-9 _./@+-]*[A-Za-z0-9_])?$`)
	// wordsOfYAML mean something else than themselves to one reader or another.
	wordsOfYAML = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"}
)

// quoted writes a text, in quotes unless nothing in it can be mistaken.
func quoted(s string) string {
	if plain.MatchString(s) && !slices.Contains(wordsOfYAML, strings.ToLower(s)) {
		return s
	}
	if strings.Contains(s, `"`) && !strings.ContainsFunc(s, func(r rune) bool { return r == '\'' || !unicode.IsPrint(r) }) {
		return "'" + s + "'" // easier to read than \"
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string always has a form in JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// YAML writes the documents as a configuration file, without comments.
func (d Documents) YAML() []byte {
	below := map[ID][]IntegrationDoc{}
	for _, n := range d.Integrations {
		below[n.Service] = append(below[n.Service], n)
	}
	l := layout{
		OrganisationDoc:    d.Organisation,
		Owns:               OwnsNamed,
		Users:              d.Users,
		Teams:              d.Teams,
		Schedules:          d.Schedules,
		EscalationPolicies: d.Policies,
	}
	for _, s := range d.Services {
		l.Services = append(l.Services, serviceLayout{ServiceDoc: s, Integrations: below[s.ID]})
	}
	for _, m := range d.Windows {
		if m.ID == m.impliedID() {
			m.ID = ""
		}
		l.MaintenanceWindows = append(l.MaintenanceWindows, m)
	}
	var w writer
	w.object(reflect.ValueOf(l), "")
	return []byte(w.String())
}
