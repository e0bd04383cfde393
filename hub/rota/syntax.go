package rota

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a file. The parser's work grows with the square of the depth and of
// the number of fields in one place, and its recursion with the depth; so these
// are checked on the tokens, which cost no more than reading them.
const (
	// MaxFile is the size of a file. A thousand users with 500 services and 500
	// schedules take half of it.
	MaxFile   = 2 << 20
	maxDepth  = 16  // brackets in brackets
	maxIndent = 80  // column of a field or dash
	maxFields = 200 // fields of one object
)

// syntax reads YAML as far as the file format uses it: one document of plain
// values. What it refuses is told in one problem, as what follows it would be
// guesswork.
func syntax(ps *Problems, file []byte) (root ast.Node, ok bool) {
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	switch {
	case len(file) > MaxFile:
		ps.add(Place{}, "", "the file has %d bytes, at most %d are read", len(file), MaxFile)
		return nil, false
	case !utf8.Valid(file):
		ps.add(placeOfInvalid(file), "", "the file is not in UTF-8 here")
		return nil, false
	}
	defer func() { // the parser is known to trip over some nonsense
		if recover() != nil {
			ps.add(Place{}, "", "this cannot be read as YAML")
			root, ok = nil, false
		}
	}()
	tokens := lexer.Tokenize(string(file))
	if at, text := refused(tokens); text != "" {
		ps.add(at, "", "%s", text)
		return nil, false
	}
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		at := Place{}
		text := "this cannot be read as YAML"
		if e, ok := errors.AsType[*yaml.SyntaxError](err); ok {
			at, text = placeOf(e.GetToken()), e.GetMessage()
		}
		ps.add(at, "", "%s", text)
		return nil, false
	}
	for _, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		if root != nil {
			ps.add(placeOfNode(doc.Body), "", "a second document begins here; the file is one document")
			return nil, false
		}
		root = doc.Body
	}
	if root == nil {
		ps.add(Place{1, 1}, "", "the file is empty")
	}
	return root, root != nil
}

// refused finds the first token that the format has no use for, or that goes
// beyond a bound.
func refused(tokens token.Tokens) (Place, string) {
	var (
		brackets []int              // fields seen in each open bracket
		fields   [maxIndent + 1]int // outside of brackets: seen in the object at this column
	)
	for _, t := range tokens {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return placeOf(t), "anchors, aliases and merged fields (&, *, <<) are not part of the format; write the value out"
		case token.TagType, token.DirectiveType, token.MappingKeyType:
			return placeOf(t), "tags, directives and complex keys (!, %, ?) are not part of the format"
		case token.InvalidType:
			return placeOf(t), "this cannot be read as YAML" + ifAny(": ", t.Error)
		case token.SequenceStartType, token.MappingStartType:
			brackets = append(brackets, 0)
		case token.SequenceEndType, token.MappingEndType:
			brackets = brackets[:max(0, len(brackets)-1)]
		case token.SequenceEntryType, token.MappingValueType:
			at := t
			if t.Type == token.MappingValueType && t.Prev != nil {
				at = t.Prev
			}
			count, ok := counter(brackets, &fields, at, t.Type)
			if !ok {
				return placeOf(at), "this is nested too deeply"
			}
			if *count > maxFields {
				return placeOf(at), "there are too many fields in one place"
			}
		}
		if len(brackets) > maxDepth {
			return placeOf(t), "this is nested too deeply"
		}
	}
	return Place{}, ""
}

// counter counts a dash or a field at the object it stands in.
func counter(brackets []int, fields *[maxIndent + 1]int, t *token.Token, kind token.Type) (*int, bool) {
	if n := len(brackets); n > 0 {
		if kind == token.MappingValueType {
			brackets[n-1]++
		}
		return &brackets[n-1], true
	}
	column := t.Position.Column
	if column < 0 || column > maxIndent {
		return nil, false
	}
	clear(fields[column+1:])
	if kind == token.MappingValueType {
		fields[column]++
	} else {
		fields[column] = 0
	}
	return &fields[column], true
}

func placeOf(t *token.Token) Place {
	if t == nil || t.Position == nil {
		return Place{}
	}
	return Place{t.Position.Line, t.Position.Column}
}

func placeOfInvalid(file []byte) Place {
	at := Place{1, 1}
	for len(file) > 0 {
		r, size := utf8.DecodeRune(file)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if at.Column++; r == '\n' {
			at = Place{at.Line + 1, 1}
		}
		file = file[size:]
	}
	return at
}

func ifAny(prefix, s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return ""
	}
	return prefix + s
}
