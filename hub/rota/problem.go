package rota

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tocsin/hub/fault"
)

// Place is a line and a column of a file, both from 1; zero when something does
// not come from a file.
type Place struct{ Line, Column int }

// Problem is one mistake in a file.
type Problem struct {
	Place
	Path string // of the field: services[0].escalation_policy
	Text string // what is wrong and what was expected
}

// Problems are the mistakes of one file.
type Problems struct {
	File string
	List []Problem
	More int // beyond those in the list
}

// More than some mistakes are no help to anybody, and cost time to explain.
const (
	maxTold = 20
	maxKept = 500
)

func (ps *Problems) add(at Place, path, format string, args ...any) {
	if len(ps.List) == maxKept {
		ps.More++
		return
	}
	ps.List = append(ps.List, Problem{Place: at, Path: path, Text: fmt.Sprintf(format, args...)})
}

// Err gives all mistakes as one fault.Invalid, a line for each in the order of
// the file; nil if there are none.
func (ps Problems) Err() error {
	if len(ps.List) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "%s", ps)
}

func (ps Problems) String() string {
	list := slices.Clone(ps.List)
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	list = slices.Compact(list)
	var lines []string
	for i, p := range list {
		if i == maxTold {
			lines = append(lines, fmt.Sprintf("%s: and %d more problems", ps.File, len(list)-maxTold+ps.More))
			break
		}
		lines = append(lines, ps.line(p))
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) line(p Problem) string {
	var b strings.Builder
	b.WriteString(ps.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	return b.String() + ": " + p.Text
}

// below reports whether a path is another one or lies under it.
func below(path, root string) bool {
	rest, ok := strings.CutPrefix(path, root)
	return ok && (root == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// clean reports whether nothing under a path was found wrong, so that a closer
// look at it makes sense.
func (ps Problems) clean(path string) bool {
	return !slices.ContainsFunc(ps.List, func(p Problem) bool { return below(p.Path, path) })
}
