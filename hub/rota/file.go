package rota

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
)

// File is a configuration file that was read: what it says, and where.
type File struct {
	Name      string
	Owns      Owns
	Documents Documents

	places        map[string]Place // of values, by their path
	wrong         []Problem        // that Parse found
	integrationAt []string         // the paths of Documents.Integrations
}

// DefaultName is what a file without a name is called.
const DefaultName = "tocsin.yaml"

// layout is the shape of the file as a whole.
type layout struct {
	OrganisationDoc
	Owns               Owns            `json:"owns" default:"named"`
	Users              []UserDoc       `json:"users,omitzero"`
	Teams              []TeamDoc       `json:"teams,omitzero"`
	Schedules          []ScheduleDoc   `json:"schedules,omitzero"`
	EscalationPolicies []PolicyDoc     `json:"escalation_policies,omitzero"`
	Services           []serviceLayout `json:"services,omitzero"`
	MaintenanceWindows []WindowDoc     `json:"maintenance_windows,omitzero"`
}

// serviceLayout is a service in the file, where its integrations stand below it.
type serviceLayout struct {
	ServiceDoc
	Integrations []IntegrationDoc `json:"integrations,omitzero"`
}

// Parse reads a file and checks everything that can be told from the file alone.
// References are checked by File.Plan, as they may lead to what the hub has
// already. With problems the file is still as complete as it could be read.
func Parse(name string, body []byte) (File, Problems) {
	f := File{Name: cmp.Or(name, DefaultName), Owns: OwnsNamed, places: map[string]Place{}}
	problems := Problems{File: f.Name}
	root, ok := syntax(&problems, body)
	if !ok {
		return f, problems
	}
	var l layout
	d := decoder{problems: &problems, places: f.places}
	d.decode(root, reflect.ValueOf(&l).Elem(), "")
	f.take(l)
	c := checker{file: &f, problems: &problems}
	c.check()
	f.complete()
	f.wrong = problems.List
	return f, problems
}

// take splits the layout of a file into documents.
func (f *File) take(l layout) {
	f.Owns = l.Owns
	f.Documents = Documents{
		Organisation: l.OrganisationDoc,
		Users:        l.Users,
		Teams:        l.Teams,
		Schedules:    l.Schedules,
		Policies:     l.EscalationPolicies,
		Windows:      l.MaintenanceWindows,
	}
	for i, s := range l.Services {
		f.Documents.Services = append(f.Documents.Services, s.ServiceDoc)
		for j, n := range s.Integrations {
			n.Service = s.ID
			f.Documents.Integrations = append(f.Documents.Integrations, n)
			f.integrationAt = append(f.integrationAt, fmt.Sprintf("services[%d].integrations[%d]", i, j))
		}
	}
}

// complete brings documents that mean the same into one form.
func (f *File) complete() {
	for i := range f.Documents.Services {
		if g := &f.Documents.Services[i].Grouping; g.By == "none" && len(g.Fields) == 0 {
			*g = Grouping{}
		}
	}
	for i := range f.Documents.Windows {
		w := &f.Documents.Windows[i]
		w.ID = cmp.Or(w.ID, w.impliedID())
	}
}

// impliedID is the id of a window that was written without one: the same window
// written again is the same object.
func (w WindowDoc) impliedID() ID {
	w.ID, w.Note = "", ""
	body, err := json.Marshal(w)
	if err != nil {
		panic(err) // plain texts
	}
	sum := sha256.Sum256(body)
	return ID("w-" + hex.EncodeToString(sum[:6]))
}

// has reports whether the file says anything about a field.
func (f File) has(path string) bool { _, ok := f.places[path]; return ok }

// pathOf is where a document stands in the file.
func (f File) pathOf(kind string, i int) string {
	switch kind {
	case KindOrganisation:
		return ""
	case KindIntegration:
		return f.integrationAt[i]
	case KindPolicy:
		return fmt.Sprintf("escalation_policies[%d]", i)
	}
	return fmt.Sprintf("%ss[%d]", kind, i)
}

// KeySource says where the caller of Apply finds a routing key; one of File and
// Env is set.
type KeySource struct {
	Integration string
	File        string
	Env         string
}

// KeySources lists the routing keys that a file takes from outside, as far as it
// can be read: what is wrong with it Apply says, all at once.
func KeySources(name string, file []byte) []KeySource {
	f, _ := Parse(name, file)
	var list []KeySource
	for _, i := range f.Documents.Integrations {
		if i.KeyFrom != (KeyFrom{}) {
			list = append(list, KeySource{string(i.ID), string(i.KeyFrom.File), string(i.KeyFrom.Env)})
		}
	}
	return list
}
