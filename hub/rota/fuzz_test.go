package rota

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Whatever stands in a file, reading it ends soon and without panic, and what
// was found good can be built, written and read again.
func FuzzParse(f *testing.F) {
	f.Add(readFile(f, "../../shared/docs/tocsin.example.yaml"))
	f.Add(readFile(f, "testdata/small.yaml"))
	for _, c := range badFiles {
		f.Add([]byte(c.to))
	}
	for _, s := range []string{"", "\ufeff", "\xff", "---\n...\n", "a: b: c", "? x", "- - -", "users: [{id: a}, {id: a}]", "users:\n- id: a\r\n- id: b\r\n", "x: |\n  y", "{", "]", "\"", "users: 1\n...\nx"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		parsed, problems := Parse("", file)
		plan, more := parsed.Plan(Documents{})
		for _, p := range append(problems.List, more.List...) {
			if p.Line < 0 || p.Text == "" {
				t.Errorf("problem %+v", p)
			}
		}
		if len(problems.List)+len(more.List) > 0 {
			if problems.Err() == nil && more.Err() == nil {
				t.Error("problems without an error")
			}
			return
		}
		if _, err := Build(plan.Documents); err != nil {
			t.Errorf("good, but: %s", err)
		}
		plan.Warnings(today)
		again, problems := Parse("", plan.Documents.YAML())
		if back, more := again.Plan(plan.Documents); len(problems.List)+len(more.List)+len(back.Changes) > 0 {
			t.Errorf("exported it is not the same: %s%s%v", problems, more, back.Changes)
		}
	})
}

// spent is the processor's time that the whole test has used: on a machine with
// other work the clock on the wall says little.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano())
}

// Files made to cost much cost no more than a moment. They are an eighth of the
// largest: enough to show work that grows faster than its file.
func TestHostileFilesAreCheap(t *testing.T) {
	const size = MaxFile / 8
	times := func(s string, n int) string { return strings.Repeat(s, n) }
	var manyFields, manyUsers, deep strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&manyFields, "k%d: v\n", i)
	}
	for i := range 6_000 {
		fmt.Fprintf(&manyUsers, "- {id: user-%d, time_zone: Mars/%d}\n", i, i)
	}
	for i := range 2000 {
		deep.WriteString(times(" ", i) + "a:\n")
	}
	for name, file := range map[string]string{
		"brackets":         times("[", size),
		"braces":           times("{a: ", size/4),
		"dashes":           times("- ", size/2),
		"indentation":      deep.String(),
		"many fields":      manyFields.String(),
		"fields in braces": "{" + strings.ReplaceAll(manyFields.String(), "\n", ", ") + "}",
		"unknown things":   "catch_all: [" + times("zed, ", size/5-10) + "z]",
		"many mistakes":    "users:\n" + manyUsers.String(),
		"comments":         times("#\n", size/2),
		"one long text":    "organisation: " + times("x ", size/2-10),
		"quotes":           "organisation: '" + times("x\n", size/2-10) + "'",
		"questions":        times("? ", size/2),
		"colons":           times("a: ", size/3),
		"bomb":             "a: &a [x]\n" + times("b: [*a, *a]\n", 1000),
		"too large":        times(" ", MaxFile+1),
		"members":          "users: [{id: a}]\nteams: [{id: t, members: [" + times("a, ", size/3-20) + "a]}]",
	} {
		t.Run(name, func(t *testing.T) {
			begin := spent(t)
			f, problems := Parse("", []byte(file))
			_, more := f.Plan(Documents{})
			if name != "members" && name != "one long text" && len(problems.List)+len(more.List) == 0 {
				t.Error("it was taken")
			}
			if took := spent(t) - begin; took > 10*time.Second {
				t.Errorf("took %s of the processor", took)
			}
		})
	}
}
