package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vector is a case of schedules with known answers, as in hub/schedule/testdata.
type vector struct {
	Name, Timezone string
	Schedule       struct {
		Layers []struct {
			Name         string
			RotationType string `json:"rotation_type"`
			ShiftLength  int    `json:"shift_length"`
			Start, End   string
			Participants []string
			Restrictions []struct {
				Kind, From, To string
				Days           []string
				FromDay        string `json:"from_day"`
				ToDay          string `json:"to_day"`
			}
		}
		Overrides []struct{ User, Start, End, Replaces string }
	}
	Queries []struct {
		At     string
		OnCall []string `json:"on_call"`
	}
}

// object is JSON, and so YAML.
type object = map[string]any

// file is the vector as a configuration file.
func (v vector) file(t *testing.T) string {
	t.Helper()
	var users []string
	var layers, overrides []object
	for _, l := range v.Schedule.Layers {
		layer := object{"name": l.Name, "rotation": object{"kind": l.RotationType, "length": l.ShiftLength, "start": l.Start}}
		if l.End != "" {
			layer["until"] = l.End
		}
		var windows []object
		for _, r := range l.Restrictions {
			w := object{"from": r.From, "to": r.To}
			if r.Kind == "weekly" {
				w = object{"from": short(r.FromDay) + " " + r.From, "to": short(r.ToDay) + " " + r.To}
			}
			var days []string
			for _, d := range r.Days {
				days = append(days, short(d))
			}
			if days != nil {
				w["days"] = days
			}
			windows = append(windows, w)
		}
		var participants []any
		for _, p := range l.Participants {
			if p == "" {
				participants = append(participants, nil)
				continue
			}
			participants, users = append(participants, p), append(users, p)
		}
		layer["participants"], layer["restrictions"] = participants, windows
		layers = append(layers, layer)
	}
	for i, o := range v.Schedule.Overrides {
		override := object{"id": fmt.Sprintf("o%d", i), "user": o.User, "start": o.Start, "end": o.End}
		if users = append(users, o.User); o.Replaces != "" {
			override["replaces"], users = o.Replaces, append(users, o.Replaces)
		}
		overrides = append(overrides, override)
	}
	slices.Sort(users)
	var people []object
	for _, u := range slices.Compact(users) {
		people = append(people, object{"id": u})
	}
	text, err := json.Marshal(object{"users": people, "schedules": []object{{
		"id": "s", "time_zone": v.Timezone, "layers": layers, "overrides": overrides,
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func short(day string) string { return strings.ToLower(day[:3]) }

// The vectors, asked through the command line alone; those in the folder that
// TOCSIN_VECTORS names, too.
func TestVectorsThroughTheCommandLine(t *testing.T) {
	folders := []string{"../schedule/testdata"}
	if more := os.Getenv("TOCSIN_VECTORS"); more != "" {
		folders = append(folders, more)
	}
	for _, folder := range folders {
		f, err := os.Open(filepath.Join(folder, "schedules.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var v vector
			if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			v.ask(t)
		}
	}
}

func (v vector) ask(t *testing.T) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tocsin.yaml")
	if err := os.WriteFile(path, []byte(v.file(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	var instants strings.Builder
	for _, q := range v.Queries {
		fmt.Fprintln(&instants, q.At)
	}
	r := run(t, instants.String(), "oncall", "--file", path, "--schedule", "s", "--at", "-", "--json")
	answers := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	if r.code != 0 || len(v.Queries) > 0 && len(answers) != len(v.Queries) {
		t.Errorf("%s: exit %d with %d answers to %d questions: %s", v.Name, r.code, len(answers), len(v.Queries), r.err)
		return
	}
	for i, q := range v.Queries {
		var a struct {
			OnCall []string `json:"on_call"`
		}
		if err := json.Unmarshal([]byte(answers[i]), &a); err != nil || !slices.Equal(a.OnCall, q.OnCall) {
			t.Errorf("%s at %s: %s, want %v", v.Name, q.At, answers[i], q.OnCall)
		}
	}
}
