package calendar

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	now      = time.Date(2026, 11, 20, 12, 30, 0, 0, time.UTC)
	newYork  = zone("America/New_York")
	everyone = []responder.User{
		{ID: "ada", Name: "Ada Adams; of \"Ops\", née Čapková \U0001F514", Email: "ada@example.org"},
		{ID: "bob", Name: "Bob Brown", Email: "bob@example.org"},
		{ID: "eve", Name: "Eve Evans"},
	}
)

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// org has one schedule with monthly turns, an override of one day, and names
// that need care.
func org(layers ...schedule.Layer) *organisation.Organisation {
	if layers == nil {
		layers = []schedule.Layer{{
			Name:         "monthly",
			Rotation:     schedule.Rotation{Kind: schedule.Monthly, Length: 3, Start: schedule.Civil{Year: 2026, Month: 7, Day: 31, Hour: 9}},
			Participants: []responder.UserID{"ada", "bob", ""},
		}}
	}
	return organisation.New(organisation.Set{Revision: 1, Name: "Example Health", Users: everyone, Schedules: []*schedule.Schedule{{
		ID: "web", Name: "Web, first line; the whole of it, with a name that does not fit on one line of a calendar\nor two", Zone: newYork, Layers: layers,
		Overrides: []schedule.Override{{ID: "fair", Start: now.AddDate(0, 0, 2), End: now.AddDate(0, 0, 3), User: "eve"}},
	}, {ID: "silent", Name: "Silent", Zone: time.UTC}}})
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestCalendarsAreWrittenAsTheStandardSays(t *testing.T) {
	h := organisation.Always(org())
	ofSchedule, ok := OfSchedule(h, "web", now)
	if !ok {
		t.Fatal("there is no such schedule")
	}
	ofUser, ok := OfUser(h, "ada", now)
	if !ok {
		t.Fatal("there is no such user")
	}
	empty, _ := OfSchedule(h, "silent", now)
	for name, c := range map[string]Calendar{"schedule.ics": ofSchedule, "user.ics": ofUser, "empty.ics": empty} {
		text := Write(c, now)
		golden(t, name, text)
		if !utf8.Valid(text) {
			t.Errorf("%s is not UTF-8", name)
		}
		for l := range strings.SplitSeq(strings.TrimSuffix(string(text), "\r\n"), "\r\n") {
			if len(l) > 75 || strings.ContainsAny(l, "\r\n") || !utf8.ValidString(l) {
				t.Errorf("%s has the line %q", name, l)
			}
		}
	}
	if _, ok := OfSchedule(h, "other", now); ok {
		t.Error("a schedule that is not there has a calendar")
	}
	if _, ok := OfUser(h, "kim", now); ok {
		t.Error("a user who is not there has a calendar")
	}
}

// uids gives the UID of each event by its start.
func uids(t *testing.T, h organisation.History, at time.Time) map[string]string {
	t.Helper()
	c, ok := OfSchedule(h, "web", at)
	if !ok {
		t.Fatal("there is no calendar")
	}
	list, seen := map[string]string{}, map[string]bool{}
	for _, e := range c.Events {
		if seen[e.UID] {
			t.Errorf("two events have the UID %s", e.UID)
		}
		seen[e.UID] = true
		list[e.Start.UTC().Format(time.RFC3339)] = e.UID
	}
	return list
}

func TestAShiftKeepsItsUIDAtEveryLookAndWhenSomebodyElseTakesIt(t *testing.T) {
	h := organisation.Always(org())
	before := uids(t, h, now)
	for _, c := range []struct {
		h  organisation.History
		at time.Time
	}{{h, now.Add(time.Hour)}, {h, now.AddDate(0, 0, 1)}, {append(h, organisation.Era{From: now, Org: org(schedule.Layer{
		Name:         "monthly",
		Rotation:     schedule.Rotation{Kind: schedule.Monthly, Length: 3, Start: schedule.Civil{Year: 2026, Month: 7, Day: 31, Hour: 9}},
		Participants: []responder.UserID{"bob", "ada", ""},
	})}), now.Add(time.Minute)}} {
		same := 0
		for start, id := range uids(t, c.h, c.at) {
			if before[start] == id {
				same++
			}
		}
		if same < len(before)-1 { // the last is cut where the span ends, the first where it begins
			t.Errorf("at %s %d of %d events are the same", c.at, same, len(before))
		}
	}
}

func TestAShiftWithoutEndIsOneEvent(t *testing.T) {
	always := organisation.Always(org(schedule.Layer{
		Name: "always", Rotation: schedule.Rotation{Kind: schedule.Weekly, Length: 1, Start: schedule.Civil{Year: 2020, Month: 1, Day: 6, Hour: 9}},
		Participants: []responder.UserID{"ada"},
	}))
	for _, at := range []time.Time{now, now.Add(26 * time.Hour)} {
		c, _ := OfSchedule(always, "web", at)
		if len(c.Events) != 3 || c.Events[0].UID != "earlier.web@example-health.tocsin" {
			t.Errorf("%+v", c.Events)
		}
	}
}

func TestWhatIsWrittenCanBeRead(t *testing.T) {
	h := organisation.Always(org())
	c, _ := OfSchedule(h, "web", now)
	wishes, problems := Read(Write(c, now), time.UTC, everyone)
	if len(problems) > 0 || len(wishes) != len(c.Events) {
		t.Fatalf("%d of %d events, %v", len(wishes), len(c.Events), problems)
	}
	for i, w := range wishes {
		e := c.Events[i]
		if w.UID != e.UID || !w.Start.Equal(e.Start) || !w.End.Equal(e.End) || w.User != e.User || w.Cancelled {
			t.Errorf("%+v was read as %+v", e, w)
		}
	}
}
