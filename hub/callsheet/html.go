package callsheet

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("callsheet").Funcs(template.FuncMap{
	"from":  func(f Shift) string { return f.Start.Format("Mon 2 Jan 15:04 MST") },
	"short": short,
	"add":   func(a, b int) int { return a + b },
	"until": func(f Shift) string {
		if f.End.IsZero() {
			return "no end in sight"
		}
		return f.End.Format("Mon 2 Jan 15:04 MST")
	},
	"stamp": func(t time.Time) string { return t.Format("Monday 2 January 2006, 15:04 MST") },
	"last":  func(levels []Level, i int) bool { return i+1 == len(levels) },
}).Parse(pageText))

// HTML writes a sheet as a page that prints on A4, without scripts and without
// anything from elsewhere.
func (s Sheet) HTML(w io.Writer) error {
	if err := page.Execute(w, s); err != nil {
		return fmt.Errorf("write the call sheet as a page: %w", err)
	}
	return nil
}
