package sqldb

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

//go:embed queries/*.sql
var queryFiles embed.FS

//go:embed migrations
var migrationFiles embed.FS

var (
	queryName = regexp.MustCompile(`(?m)^-- name: (\w+)$`)
	parameter = regexp.MustCompile(`\$(\d+)`)
	limit     = regexp.MustCompile(`LIMIT (\$\d+)`)
)

// sqliteQueries reads the queries by name. SQLite's driver binds $1, $2 … by
// the order in which they first appear, not by their number, and says nothing;
// ?1, ?2 … it binds by number. And a limit that is a mere parameter has SQLite plan
// by its value: it prepares the statement anew each time another may be bound, at
// three times the cost of running it.
func sqliteQueries() (map[string]string, error) {
	return readQueries(func(text string) string {
		return parameter.ReplaceAllString(limit.ReplaceAllString(text, "LIMIT 0 + $1"), "?$1")
	})
}

func readQueries(rewrite func(string) string) (map[string]string, error) {
	queries := map[string]string{}
	files, err := fs.Glob(queryFiles, "queries/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the queries: %w", err)
	}
	for _, file := range files {
		text, err := queryFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the queries of %s: %w", path.Base(file), err)
		}
		names := queryName.FindAllStringSubmatchIndex(string(text), -1)
		for i, at := range names {
			name, end := string(text[at[2]:at[3]]), len(text)
			if i+1 < len(names) {
				end = names[i+1][0]
			}
			if _, twice := queries[name]; twice {
				return nil, fmt.Errorf("query %s stands twice", name)
			}
			queries[name] = rewrite(strings.TrimSpace(string(text[at[1]:end])))
		}
	}
	return queries, nil
}
