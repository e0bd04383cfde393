package rota

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestSchemaTakesTheExample(t *testing.T) {
	for _, file := range []string{"../../shared/docs/tocsin.example.yaml", "testdata/small.yaml"} {
		if err := validate(t, readFile(t, file)); err != nil {
			t.Errorf("%s: %s", file, err)
		}
	}
}

// What the schema refuses, Parse refuses too, and the other way round as far as
// the structure goes.
func TestSchemaRefusesWhatParseRefuses(t *testing.T) {
	for _, c := range badFiles {
		if !c.structural {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			if validate(t, c.file(t)) == nil {
				t.Error("the schema takes it")
			}
		})
	}
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func validate(t *testing.T, file []byte) error {
	t.Helper()
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal(file, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v) // the same types as the schema's
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return valid(schema, v, "")
}

// valid knows the part of JSON Schema that Schema uses.
func valid(s map[string]any, v any, path string) error {
	for keyword, rule := range s {
		ok := true
		switch keyword {
		case "$schema", "title", "description", "default":
		case "type":
			types, several := rule.([]any)
			if !several {
				types = []any{rule}
			}
			ok = slices.Contains(types, any(typeOf(v))) || typeOf(v) == "integer" && slices.Contains(types, any("number"))
		case "enum":
			ok = slices.ContainsFunc(rule.([]any), func(o any) bool { return reflect.DeepEqual(o, v) })
		case "pattern":
			text, isText := v.(string)
			ok = !isText || regexp.MustCompile(rule.(string)).MatchString(text)
		case "minimum":
			n, isNumber := v.(float64)
			ok = !isNumber || n >= rule.(float64)
		case "minItems":
			list, isList := v.([]any)
			ok = !isList || float64(len(list)) >= rule.(float64)
		case "anyOf":
			ok = slices.ContainsFunc(rule.([]any), func(o any) bool { return valid(o.(map[string]any), v, path) == nil })
		case "items":
			list, _ := v.([]any)
			for i, item := range list {
				if err := valid(rule.(map[string]any), item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
					return err
				}
			}
		case "required":
			object, isObject := v.(map[string]any)
			for _, name := range rule.([]any) {
				_, has := object[name.(string)]
				ok = ok && (!isObject || has)
			}
		case "properties", "additionalProperties":
			object, _ := v.(map[string]any)
			for name, inner := range object {
				property, known := s["properties"].(map[string]any)[name]
				if !known {
					return fmt.Errorf("%s: unknown %q", path, name)
				}
				if err := valid(property.(map[string]any), inner, join(path, name)); err != nil {
					return err
				}
			}
		default:
			panic("the schema uses " + keyword)
		}
		if !ok {
			return fmt.Errorf("%s: %v is not %s %v", path, v, keyword, rule)
		}
	}
	return nil
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	}
	return fmt.Sprintf("%T", v)
}
