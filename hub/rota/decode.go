package rota

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// decoder fills structs from a file and remembers where each value stands.
type decoder struct {
	problems *Problems
	places   map[string]Place // by the path of a value
}

// field is what the tags of a struct field say.
type field struct {
	name     string
	index    []int
	required bool
	nullable bool
	standard string // what stands there if the file says nothing
	ref      string
	typ      reflect.Type
}

// fieldsOf lists the fields of a struct that a file may have, in order. Those of
// embedded structs are its own.
func fieldsOf(t reflect.Type) []field {
	if list, ok := knownFields.Load(t); ok {
		return list.([]field)
	}
	var list []field
	for f := range t.Fields() {
		if f.Anonymous {
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append(slices.Clone(f.Index), inner.index...)
				list = append(list, inner)
			}
			continue
		}
		marks := strings.Split(f.Tag.Get("file"), ",")
		if slices.Contains(marks, "none") {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		list = append(list, field{
			name:     name,
			index:    f.Index,
			required: slices.Contains(marks, "required"),
			nullable: slices.Contains(marks, "nullable"),
			standard: f.Tag.Get("default"),
			ref:      f.Tag.Get("ref"),
			typ:      f.Type,
		})
	}
	knownFields.Store(t, list)
	return list
}

var knownFields sync.Map // reflect.Type → []field

func (d *decoder) decode(n ast.Node, v reflect.Value, path string) {
	d.places[path] = placeOfNode(n)
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, v.Elem(), path)
	case v.CanAddr() && v.Addr().Type().Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		d.scalar(n, v, path)
	case v.Kind() == reflect.Struct:
		d.object(n, v, path)
	case v.Kind() == reflect.Slice:
		d.list(n, v, path, field{})
	default:
		d.scalar(n, v, path)
	}
}

func (d *decoder) object(n ast.Node, v reflect.Value, path string) {
	pairs, ok := pairsOf(n)
	if !ok {
		d.expected(n, path, "fields such as "+nameSome(fieldsOf(v.Type())))
		return
	}
	fields := fieldsOf(v.Type())
	seen := map[string]Place{}
	for _, pair := range pairs {
		d.pair(pair, fields, seen, v, path)
	}
	for _, f := range fields {
		if _, given := seen[f.name]; given {
			continue
		}
		if f.required {
			d.problems.add(placeOfNode(n), join(path, f.name), "is missing; expected %s", expectation(f.typ))
		}
		if f.standard != "" {
			set(v.FieldByIndex(f.index), f.standard)
		}
	}
}

func (d *decoder) pair(pair *ast.MappingValueNode, fields []field, seen map[string]Place, v reflect.Value, path string) {
	key := pair.Key.GetToken()
	name := key.Value
	at := join(path, name)
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		names := func(yield func(string) bool) {
			for _, f := range fields {
				if !yield(f.name) {
					return
				}
			}
		}
		hint := didYouMean(name, names)
		if hint == "" {
			hint = "; known here: " + strings.Join(slices.Collect(names), ", ")
		}
		d.problems.add(placeOf(key), path, "unknown field %q%s", shorten(name), hint)
		return
	}
	if before, twice := seen[name]; twice {
		d.problems.add(placeOf(key), at, "stands here a second time, first in line %d", before.Line)
		return
	}
	seen[name] = placeOf(key)
	f := fields[i]
	if f.typ.Kind() == reflect.Slice {
		d.places[at] = placeOfNode(pair.Value)
		d.list(pair.Value, v.FieldByIndex(f.index), at, f)
		return
	}
	d.decode(pair.Value, v.FieldByIndex(f.index), at)
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string, f field) {
	if isNull(n) && !f.required {
		return // "overrides:" with everything below it commented out
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.expected(n, path, expectation(v.Type()))
		return
	}
	if f.required && len(seq.Values) == 0 {
		d.problems.add(placeOfNode(n), path, "is empty; expected at least one entry")
	}
	if len(seq.Values) == 0 {
		return // nil, as if the field were left out: there is one form of "none"
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, item := range seq.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		if f.nullable && isNull(item) {
			d.places[at] = placeOfNode(item)
			continue
		}
		d.decode(item, v.Index(i), at)
	}
}

// scalar sets a text, a length of time, a number or a yes or no. Numbers and
// words like true are not texts unless they stand in quotes: what they would
// mean is too often not what was meant.
func (d *decoder) scalar(n ast.Node, v reflect.Value, path string) {
	text, isText := textOf(n)
	switch v.Kind() {
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return
		}
	case reflect.Int:
		if whole, err := strconv.Atoi(n.GetToken().Value); err == nil && n.Type() == ast.IntegerType {
			v.SetInt(int64(whole))
			return
		}
	default:
		if !isText {
			break
		}
		f := formats[v.Type()]
		if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			if u.UnmarshalText([]byte(text)) == nil {
				return
			}
			break
		}
		v.SetString(text) // also if it is wrong, so that references to it are found
		if f.valid(text) {
			return
		}
		d.problems.add(placeOfNode(n), path, "%q is not valid; expected %s%s", shorten(text), f.expected, didYouMean(text, slices.Values(f.options)))
		return
	}
	what := expectation(v.Type())
	if f := formats[v.Type()]; !isText && f.valid != nil && f.valid(n.GetToken().Value) {
		what += "; as a text it needs quotes"
	}
	d.expected(n, path, what)
}

// expected reports a value of the wrong sort.
func (d *decoder) expected(n ast.Node, path, what string) {
	got := "nothing stands here"
	switch n.Type() {
	case ast.NullType:
	case ast.MappingType, ast.MappingValueType:
		got = "there are fields here"
	case ast.SequenceType:
		got = "there is a list here"
	default:
		got = fmt.Sprintf("%q is not valid", shorten(n.GetToken().Value))
	}
	d.problems.add(placeOfNode(n), path, "%s; expected %s", got, what)
}

// expectation says in words what a value of a type looks like.
func expectation(t reflect.Type) string {
	if f, ok := formats[t]; ok {
		return f.expected
	}
	switch t.Kind() {
	case reflect.Pointer:
		return expectation(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	}
	return "fields such as " + nameSome(fieldsOf(t))
}

func nameSome(fields []field) string {
	var names []string
	for _, f := range fields[:min(3, len(fields))] {
		names = append(names, f.name)
	}
	return strings.Join(names, ", ")
}

// set gives a field its default, which the tags of this package hold.
func set(v reflect.Value, standard string) {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(standard)); err != nil {
			panic(err)
		}
		return
	}
	if v.Kind() == reflect.Int {
		n, err := strconv.Atoi(standard)
		if err != nil {
			panic(err)
		}
		v.SetInt(int64(n))
		return
	}
	v.SetString(standard)
}

func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
}

func isNull(n ast.Node) bool { return n.Type() == ast.NullType }

func textOf(n ast.Node) (string, bool) {
	switch s := n.(type) {
	case *ast.StringNode:
		return s.Value, true
	case *ast.LiteralNode:
		return s.Value.Value, true
	}
	return "", false
}

// placeOfNode is where a value begins. The token of fields without brackets is
// their first colon, so the first name counts.
func placeOfNode(n ast.Node) Place {
	if pairs, ok := pairsOf(n); ok && len(pairs) > 0 && n.GetToken().Type != token.MappingStartType {
		return placeOf(pairs[0].Key.GetToken())
	}
	return placeOf(n.GetToken())
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// shorten keeps messages readable whatever stands in a file.
func shorten(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// placeNear finds where a path stands, or the nearest thing around it.
func placeNear(places map[string]Place, path string) Place {
	for {
		if p, ok := places[path]; ok {
			return p
		}
		if path == "" {
			return Place{}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}
