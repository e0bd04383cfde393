package rota

import (
	"encoding/json"
	"reflect"
	"strconv"
)

// Schema is the JSON Schema of the file, for editors. It is made from the same
// structs as the file is read by; what only Parse can tell (references, fields
// that exclude each other) is not in it.
func Schema() []byte {
	s := schemaOf(reflect.TypeFor[layout]())
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Tocsin configuration (tocsin.yaml)"
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // maps of texts and numbers
	}
	return append(b, '\n')
}

func schemaOf(t reflect.Type) map[string]any {
	if f, ok := formats[t]; ok {
		s := map[string]any{"type": "string", "description": f.expected}
		if f.options != nil {
			s = map[string]any{"enum": f.options}
		} else if f.pattern != "" {
			s["pattern"] = f.pattern
		}
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer", "minimum": 0}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	}
	properties, required := map[string]any{}, []string{}
	for _, f := range fieldsOf(t) {
		properties[f.name] = f.schema()
		if f.required {
			required = append(required, f.name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func (f field) schema() map[string]any {
	s := schemaOf(f.typ)
	if f.typ.Kind() == reflect.Slice {
		if f.required {
			s["minItems"] = 1
		} else {
			s["type"] = []string{"array", "null"}
		}
		if f.nullable {
			s["items"] = map[string]any{"anyOf": []any{s["items"], map[string]any{"type": "null"}}}
		}
	}
	if f.standard != "" {
		s["default"] = f.standard
		if n, err := strconv.Atoi(f.standard); err == nil && f.typ.Kind() == reflect.Int {
			s["default"] = n
		}
	}
	return s
}
