package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const rulesList = "shared/docs/rules.md"

// named is one test that the list of rules names.
var named = regexp.MustCompile("`([^`]+_test\\.go)` ((?:Test|Fuzz)[A-Za-z0-9_]+)")

func TestTheRulesNameTestsThatExist(t *testing.T) {
	const root = "../.."
	text, err := os.ReadFile(filepath.Join(root, rulesList))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]map[string]bool{} // by file
	rules := 0
	for n, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| rule |") || strings.HasPrefix(line, "| ---") {
			continue
		}
		rules++
		found := named.FindAllStringSubmatch(line, -1)
		if len(found) == 0 && !strings.HasSuffix(line, "| not yet |") {
			t.Errorf("%s:%d: the rule has no test: %s", rulesList, n+1, line)
		}
		for _, f := range found {
			if tests[f[1]] == nil {
				tests[f[1]] = testsOf(t, filepath.Join(root, f[1]))
			}
			if !tests[f[1]][f[2]] {
				t.Errorf("%s:%d: %s has no %s; was it renamed?", rulesList, n+1, f[1], f[2])
			}
		}
	}
	if rules < 100 {
		t.Errorf("%s: %d rules found, there were over a hundred", rulesList, rules)
	}
}

// testsOf lists the tests of a file; none if it is not there.
func testsOf(t *testing.T, path string) map[string]bool {
	tests := map[string]bool{}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Errorf("%s names tests of %v", rulesList, err)
		return tests
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
			tests[f.Name.Name] = true
		}
	}
	return tests
}
