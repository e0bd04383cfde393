package schedule_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

type vector struct {
	Name     string
	Timezone string
	Schedule struct {
		Layers []struct {
			Name         string
			RotationType schedule.Kind `json:"rotation_type"`
			ShiftLength  int           `json:"shift_length"`
			Start        time.Time
			End          *time.Time
			Participants []responder.UserID
			Restrictions []struct {
				Kind     string
				From, To string
				Days     []string
				FromDay  string `json:"from_day"`
				ToDay    string `json:"to_day"`
			}
		}
		Overrides []struct {
			User       responder.UserID
			Start, End time.Time
			Replaces   responder.UserID
		}
	}
	Queries []struct {
		At     time.Time
		OnCall []responder.UserID `json:"on_call"`
	}
}

// The vectors in testdata, and those in the folder that TOCSIN_VECTORS names.
func TestVectors(t *testing.T) {
	folders := []string{"testdata"}
	if more := os.Getenv("TOCSIN_VECTORS"); more != "" {
		folders = append(folders, more)
	}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no vectors in %s (%v)", folder, err)
		}
		for _, file := range files {
			testVectorFile(t, file)
		}
	}
}

func testVectorFile(t *testing.T, file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cases, questions := 0, 0
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, len(content)+1)
	for lines.Scan() {
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		var v vector
		if err := decoder.Decode(&v); err != nil {
			t.Fatalf("%s, case %d: %v", file, cases+1, err)
		}
		cases, questions = cases+1, questions+len(v.Queries)
		t.Run(v.Name, v.test)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d cases, %d questions", file, cases, questions)
}

func (v vector) test(t *testing.T) {
	s := v.schedule(t)
	for _, problem := range s.Validate() {
		t.Error(problem)
	}
	for _, q := range v.Queries {
		user, _ := s.At(q.At)
		var got []responder.UserID
		if user != "" {
			got = append(got, user)
		}
		if !slices.Equal(got, q.OnCall) {
			t.Errorf("at %s: %v, expected %v", q.At.In(s.Zone), got, q.OnCall)
		}
	}
}

func (v vector) schedule(t *testing.T) *schedule.Schedule {
	zone, err := time.LoadLocation(v.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	s := &schedule.Schedule{ID: "vector", Zone: zone}
	for _, given := range v.Schedule.Layers {
		l := schedule.Layer{
			Name:         given.Name,
			Rotation:     schedule.Rotation{Kind: given.RotationType, Length: given.ShiftLength, Start: schedule.CivilOf(given.Start, zone)},
			Participants: given.Participants,
		}
		if given.End != nil {
			l.Until = *given.End
		}
		for _, r := range given.Restrictions {
			restriction := schedule.Restriction{Weekly: r.Kind == "weekly", From: clock(t, r.From), To: clock(t, r.To)}
			for _, d := range r.Days {
				restriction.Days = append(restriction.Days, weekday(t, d))
			}
			if restriction.Weekly {
				restriction.FromDay, restriction.ToDay = weekday(t, r.FromDay), weekday(t, r.ToDay)
			}
			l.Restrictions = append(l.Restrictions, restriction)
		}
		s.Layers = append(s.Layers, l)
	}
	for i, o := range v.Schedule.Overrides {
		id := "override-" + string(rune('a'+i))
		s.Overrides = append(s.Overrides, schedule.Override{ID: id, Start: o.Start, End: o.End, User: o.User, Replaces: o.Replaces})
	}
	return s
}

func clock(t testing.TB, s string) schedule.Clock {
	t.Helper()
	c, err := schedule.ParseClock(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func weekday(t testing.TB, s string) time.Weekday {
	t.Helper()
	d, err := schedule.ParseWeekday(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
