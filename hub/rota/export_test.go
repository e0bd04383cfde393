package rota

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What was exported is the same again when it is read, and changes nothing when
// it is applied to what it came from.
func TestExportAndApplyChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDocuments(t)
		exported := d.YAML()
		f, problems := Parse("", exported)
		plan, more := f.Plan(d)
		if problems.List = append(problems.List, more.List...); len(problems.List) > 0 {
			t.Fatalf("%s\n%s", problems, exported)
		}
		if len(plan.Changes) > 0 || len(changedObjects(d.objects(), plan.Documents.objects())) > 0 {
			t.Fatalf("changes: %v\n%s", plan.Changes, exported)
		}
		fresh, problems := f.Plan(Documents{})
		if again := fresh.Documents.YAML(); !bytes.Equal(again, exported) && sameOrder(d) {
			t.Fatalf("%s\nbecame\n%s%s", exported, again, problems)
		}
		stored, err := documentsOf(d.objects())
		if err != nil || !reflect.DeepEqual(stored, d) {
			t.Fatalf("stored and loaded: %v\n%+v\n%+v", err, stored, d)
		}
		if _, err := Build(d); err != nil {
			t.Fatal(err)
		}
	})
}

// sameOrder: the file has integrations in the order of their services.
func sameOrder(d Documents) bool {
	place := map[ID]int{}
	for i, s := range d.Services {
		place[s.ID] = i
	}
	for i := 1; i < len(d.Integrations); i++ {
		if place[d.Integrations[i-1].Service] > place[d.Integrations[i].Service] {
			return false
		}
	}
	return true
}

// A change from any configuration to any other leads exactly there, and every
// difference is told.
func TestPlanLeadsToTheFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := anyDocuments(t), anyDocuments(t)
		file := bytes.Replace(after.YAML(), []byte("owns: named"), []byte("owns: all"), 1)
		f, _ := Parse("", file)
		plan, problems := f.Plan(before)
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		told := map[string]bool{}
		for _, c := range plan.Changes {
			told[c.Kind+" "+c.ID] = true
			if c.Verb == "changed" && len(c.Fields) == 0 {
				t.Fatalf("%s changed, but nothing of it", c.ID)
			}
		}
		want := map[string]bool{}
		for _, o := range changedObjects(before.objects(), after.objects()) {
			id := o.ID
			if o.Kind == KindOrganisation {
				id = ""
			}
			want[o.Kind+" "+id] = true
		}
		if !reflect.DeepEqual(told, want) {
			t.Fatalf("told %v, want %v", told, want)
		}
		if left := changedObjects(plan.Documents.objects(), after.objects()); len(left) > 0 {
			t.Fatalf("not reached: %v", left)
		}
		plan.Warnings(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) // does not panic
	})
}

// Every text comes back as it was written, whatever YAML would make of it.
func TestQuoted(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, s string) {
		f, problems := Parse("", []byte("organisation: x\nservices: [{id: a, escalation_policy: p, integrations: [{id: i, kind: webhook, map: {summary: "+quoted(s)+"}}]}]"))
		if err := problems.Err(); err != nil {
			t.Fatalf("%q as %s: %s", s, quoted(s), err)
		}
		if got := string(f.Documents.Integrations[0].Map.Summary); got != s {
			t.Fatalf("%q as %s became %q", s, quoted(s), got)
		}
	}
	for _, s := range strings.Split("yes,No,null,~,1,1.5,0x10,1e3,.inf,-,- a,a: b,a #b,a#b,#a,'a',\"a\",a\",it's \"so\",{a},[a],a\\b,é,\u2028,\ufeff,a\ufeffb,\U0001f514,a\nb,a\n,\ta,%a,@a,`a,!a,&a,*a,|,>,?,: ,<<,=,2026-01-01,09:00,a  b,a \n b,\u00a0,\u200b", ",") {
		if isText(s) {
			check(t, s)
		}
	}
	rapid.Check(t, func(t *rapid.T) { check(t, string(longText(t))) })
}
