package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheCoreNeverAsksForTheTime: time comes in as a parameter, so that a
// decision can be played again and played ahead.
func TestTheCoreNeverAsksForTheTime(t *testing.T) {
	asks := map[string]bool{"Now": true, "Since": true, "Until": true, "After": true, "NewTimer": true, "NewTicker": true, "Sleep": true}
	for name := range core {
		dir := filepath.Join("..", "..", strings.TrimPrefix(name, "tocsin/"))
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && asks[s.Sel.Name] {
						t.Errorf("%s calls time.%s: time comes in as now", path, s.Sel.Name)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
