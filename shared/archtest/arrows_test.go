// Package archtest holds the arrows: which package may import which, each ban
// with its reason. It has no code of its own.
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// ban says that packages below From must not import packages below To.
type ban struct {
	from, to string
	except   []string // packages below from that may
	reason   string
}

// core packages, each with the packages of this module that it may import.
var core = map[string][]string{
	"tocsin/hub/responder":    {},
	"tocsin/hub/schedule":     {"tocsin/hub/responder"},
	"tocsin/hub/incident":     {"tocsin/hub/responder"},
	"tocsin/hub/escalation":   {"tocsin/hub/responder", "tocsin/hub/incident"},
	"tocsin/hub/heartbeat":    {"tocsin/hub/responder", "tocsin/hub/incident"},
	"tocsin/hub/notice":       {"tocsin/hub/responder"},
	"tocsin/hub/organisation": {"tocsin/hub/responder", "tocsin/hub/schedule", "tocsin/hub/incident", "tocsin/hub/escalation"},
	"tocsin/hub/readiness":    {"tocsin/hub/responder", "tocsin/hub/schedule", "tocsin/hub/incident", "tocsin/hub/escalation", "tocsin/hub/organisation"},
	"tocsin/hub/callsheet":    {"tocsin/hub/responder", "tocsin/hub/schedule", "tocsin/hub/incident", "tocsin/hub/escalation", "tocsin/hub/organisation", "tocsin/hub/readiness"},
	"tocsin/hub/rehearsal":    {"tocsin/hub/responder", "tocsin/hub/incident", "tocsin/hub/escalation", "tocsin/hub/organisation"},
	"tocsin/agent/inbox":      {},
}

// world is what the core must not see.
var world = []string{"database/sql", "net", "net/http", "os", "log/slog", "math/rand", "math/rand/v2", "crypto/rand", "context"}

var bans = []ban{
	{"tocsin/hub", "tocsin/agent", nil, "hub and agent meet only in the protocol, so that each version runs beside the one before"},
	{"tocsin/agent", "tocsin/hub", nil, "hub and agent meet only in the protocol, so that each version runs beside the one before"},
	{"tocsin/shared", "tocsin/hub", []string{"tocsin/shared/e2e"}, "what both sides use must not drag one side in"},
	{"tocsin/shared", "tocsin/agent", []string{"tocsin/shared/e2e"}, "what both sides use must not drag one side in"},
	{"tocsin/hub", "tocsin/hub/store/sqldb", []string{"tocsin/hub/app"}, "SQL is a detail that only the wiring knows"},
	{"tocsin/hub", "database/sql", []string{"tocsin/hub/store/sqldb"}, "SQL stands in one package"},
	{"tocsin/hub", "tocsin/hub/app", []string{"tocsin/hub/cli"}, "the wiring imports everything, so nothing imports it but what starts it"},
	{"tocsin/hub", "tocsin/hub/cli", []string{"tocsin/hub"}, "the command line is the outermost layer"},
	{"tocsin/hub/store", "tocsin/hub/engine", nil, "the store knows nothing of who uses it"},
	{"tocsin/hub/store", "tocsin/hub/rota", nil, "the store knows nothing of who uses it"},
	{"tocsin/hub/engine", "tocsin/hub/pager", nil, "who pages does not know how a page travels: the engine is told by Links and tells by publish"},
	{"tocsin/hub/pager", "tocsin/hub/engine", nil, "how a page travels does not know who pages"},
	{"tocsin/hub/ingest", "tocsin/hub/engine", nil, "a format is a function from bytes to an event"},
	{"tocsin/hub/ingest", "tocsin/hub/pager", nil, "a format is a function from bytes to an event"},
	{"tocsin/hub/engine", "tocsin/hub/rpc", nil, "calls come in from above"},
	{"tocsin/hub/gateway", "tocsin/hub/store", nil, "an adapter sends what it is given, and knows nothing of who is paged"},
	{"tocsin/hub/gateway", "tocsin/hub/engine", nil, "an adapter sends what it is given, and knows nothing of who is paged"},
	{"tocsin/hub/engine", "tocsin/hub/courier", nil, "who pages does not know how a page travels: the engine tells by publish"},
	{"tocsin/hub/engine", "tocsin/hub/gateway", nil, "who pages does not know how a page travels: the engine tells by publish"},
	{"tocsin/agent", "fyne.io/fyne/v2/app", []string{"tocsin/agent"}, "the driver needs cgo and a display; everything else is tested without"},
	{"tocsin/agent/inbox", "fyne.io", nil, "what decides knows nothing of the screen"},
	{"tocsin/agent/link", "fyne.io", nil, "what decides knows nothing of the screen"},
	{"tocsin/agent/alarm", "fyne.io", nil, "the alarm must work with any screen, or none"},
	{"tocsin/agent/settings", "fyne.io", nil, "what decides knows nothing of the screen"},
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,TestImports,XTestImports", "tocsin/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func TestNoPackageImportsAgainstTheArrows(t *testing.T) {
	for _, p := range packages(t) {
		for _, b := range bans {
			if !below(p.ImportPath, b.from) || below(p.ImportPath, b.to) || excepted(p.ImportPath, b.except) {
				continue
			}
			for _, i := range p.Imports {
				if below(i, b.to) {
					t.Errorf("%s imports %s: %s", p.ImportPath, i, b.reason)
				}
			}
		}
	}
}

func excepted(path string, except []string) bool {
	for _, e := range except {
		if path == e || (below(path, e) && e != "tocsin/hub" && e != "tocsin/agent") {
			return true
		}
	}
	return false
}

func TestTheCoreIsPure(t *testing.T) {
	found := map[string]bool{}
	for _, p := range packages(t) {
		allowed, isCore := core[p.ImportPath]
		if !isCore {
			continue
		}
		found[p.ImportPath] = true
		for _, i := range p.Imports {
			switch {
			case below(i, "tocsin"):
				if !contains(allowed, i) {
					t.Errorf("%s imports %s: the core decides on plain values, and its packages form a line", p.ImportPath, i)
				}
			case strings.Contains(strings.SplitN(i, "/", 2)[0], "."):
				t.Errorf("%s imports %s: the core stands on the standard library alone", p.ImportPath, i)
			case contains(world, i):
				t.Errorf("%s imports %s: a rule that needs the world to be tested stands in the wrong place", p.ImportPath, i)
			}
		}
	}
	for name := range core {
		if !found[name] {
			t.Errorf("the core package %s is not there", name)
		}
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
