package rota

import (
	"strings"
	"testing"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/responder"
)

func day(n int) time.Time { return today.AddDate(0, 0, n) }

// onCall asks who was on call for web at instants, by the history.
func onCall(t *testing.T, d *Directory, want map[int]responder.UserID) {
	t.Helper()
	h, err := d.History(t.Context(), day(-1000))
	if err != nil {
		t.Fatal(err)
	}
	for at, user := range want {
		if got, _ := h.OnCall("web", day(at)); got != user {
			t.Errorf("day %d: %q is on call, want %q", at, got, user)
		}
	}
}

func directory(t *testing.T, s *Service, now time.Time) *Directory {
	t.Helper()
	d, err := OpenDirectory(t.Context(), s.store, now)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestAnOverrideThatAPersonMadeStaysWhateverFileIsApplied(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, webFile("ada"), day(-10))
	made, moves, err := s.AddOverride(t.Context(), OverrideRequest{Schedule: "web", From: "2026-11-22", To: "2026-11-24T12:00", User: "bob", By: "ada"}, today)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := moves[0].String(), "web: bob is on call from Sun 2026-11-22 00:00 GMT to Tue 2026-11-24 12:00 GMT, instead of ada"; len(moves) != 1 || got != want {
		t.Errorf("got %v, want %s", moves, want)
	}
	for _, file := range []string{webFile("ada"), "owns: all\n" + webFile("ada"), "owns: all\n" + webFile("ada, ada")} {
		applyAt(t, s, file, day(1))
		onCall(t, directory(t, s, day(1)), map[int]responder.UserID{1: "ada", 2: "bob", 3: "bob", 4: "ada"})
	}
	list, err := s.Overrides(t.Context(), "web", today)
	if err != nil || len(list) != 1 || list[0].ID != made.ID || list[0].By != "ada" || !list[0].Made.Equal(today) {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestOverridesApplyInTheOrderTheyWereMadeAfterThoseOfTheFile(t *testing.T) {
	s, _ := newService(t)
	file := webFile("ada") + "    overrides: [{id: fair, start: \"2026-11-22T12:00\", end: \"2026-11-27T12:00\", user: ada}]\n"
	applyAt(t, s, file, day(-1))
	for _, r := range []OverrideRequest{
		{From: "2026-11-21T12:00:00Z", To: "2026-11-25T12:00:00Z", User: "bob"},
		{From: "2026-11-23T12:00:00Z", To: "2026-11-26T12:00:00Z", User: "ada", Replaces: "bob"},
	} {
		r.Schedule, r.By = "web", "ada"
		if _, _, err := s.AddOverride(t.Context(), r, today); err != nil {
			t.Fatal(err)
		}
	}
	onCall(t, directory(t, s, today), map[int]responder.UserID{0: "ada", 1: "bob", 2: "bob", 3: "ada", 4: "ada", 5: "ada"})
	applyAt(t, s, strings.Replace(file, "user: ada}", "user: bob}", 1), today)
	onCall(t, directory(t, s, today), map[int]responder.UserID{1: "bob", 3: "ada", 4: "ada", 5: "ada", 6: "bob", 7: "ada"})
}

func TestWhatAnOverrideDidStaysWhenItIsRemoved(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, webFile("ada"), day(-10))
	made, _, err := s.AddOverride(t.Context(), OverrideRequest{Schedule: "web", From: "2026-11-19", To: "2026-11-29", User: "bob"}, day(-5))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveOverride(t.Context(), made.ID, "ada", day(3)); err != nil {
		t.Fatal(err)
	}
	onCall(t, directory(t, s, day(4)), map[int]responder.UserID{-2: "ada", -1: "bob", 2: "bob", 3: "ada", 4: "ada"})
	if err := s.RemoveOverride(t.Context(), made.ID, "ada", day(4)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("removed twice: %v", err)
	}
}

func TestAnOverrideThatReachesBackChangesOnlyWhatIsToCome(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, webFile("ada"), day(-10))
	if _, _, err := s.AddOverride(t.Context(), OverrideRequest{Schedule: "web", From: "2026-11-15", To: "2026-11-29", User: "bob"}, today); err != nil {
		t.Fatal(err)
	}
	onCall(t, directory(t, s, day(4)), map[int]responder.UserID{-3: "ada", -1: "ada", 0: "bob", 4: "bob"})
}

func TestOverridesThatMakeNoSenseAreRefused(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, webFile("ada")+"    overrides: [{id: fair, start: \"2026-12-22T12:00\", end: \"2026-12-27T12:00\", user: ada}]\n", day(-10))
	for _, c := range []struct {
		schedule, from, to, user, replaces string
		kind                               fault.Kind
		want                               string
	}{
		{"wbe", "2026-11-22", "2026-11-23", "bob", "", fault.NotFound, `--schedule: there is no schedule "wbe"; did you mean "web"?`},
		{"web", "2026-11-22", "2026-11-23", "bbo", "", fault.NotFound, `--user: there is no user "bbo"`},
		{"web", "2026-11-22", "2026-11-23", "bob", "eve", fault.NotFound, `--replaces: there is no user "eve"`},
		{"web", "soon", "2026-11-23", "bob", "", fault.Invalid, `--from: "soon" is not a time`},
		{"web", "2026-11-22", "2026-11-32", "bob", "", fault.Invalid, `--to: "2026-11-32" is not a time`},
		{"web", "2026-11-22", "2026-11-22", "bob", "", fault.Invalid, "--to: 2026-11-22 is not after --from 2026-11-22"},
		{"web", "2026-11-12", "2026-11-13", "bob", "", fault.Invalid, "the past stays as it was"},
		{"web", "2026-11-22", "2028-11-13", "bob", "", fault.Invalid, "more than a year"},
	} {
		_, _, err := s.AddOverride(t.Context(), OverrideRequest{Schedule: c.schedule, From: c.from, To: c.to, User: c.user, Replaces: c.replaces}, today)
		if fault.KindOf(err) != c.kind || !strings.Contains(fault.Sentence(err), c.want) {
			t.Errorf("%v: got %v, want %s", c, err, c.want)
		}
	}
	if err := s.RemoveOverride(t.Context(), "fair", "ada", today); fault.KindOf(err) != fault.Conflict {
		t.Errorf("removing the file's: %v", err)
	}
	if list, err := s.Overrides(t.Context(), "", today); err != nil || len(list) != 1 || !list[0].Made.IsZero() {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestADryRunMakesNoOverride(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, webFile("ada"), day(-10))
	_, moves, err := s.AddOverride(t.Context(), OverrideRequest{Schedule: "web", From: "2026-11-22", To: "2026-11-24", User: "bob", DryRun: true}, today)
	if err != nil || len(moves) != 1 {
		t.Fatal(moves, err)
	}
	if list, err := s.Overrides(t.Context(), "", today); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestAnOverrideOfAUserWhoIsGoneLeavesNoHole(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, webFile("ada"), day(-10))
	if _, _, err := s.AddOverride(t.Context(), OverrideRequest{Schedule: "web", From: "2026-11-22", To: "2026-11-29", User: "bob"}, today); err != nil {
		t.Fatal(err)
	}
	without := "owns: all\n" + strings.Replace(webFile("ada"), ", {id: bob}", "", 1)
	r, err := s.Apply(t.Context(), Request{File: []byte(without)}, today)
	if err != nil || !strings.Contains(strings.Join(r.Warnings, "\n"), "counts no more: there is no user bob") {
		t.Errorf("%v, %v", r.Warnings, err)
	}
	onCall(t, directory(t, s, today), map[int]responder.UserID{3: "ada"})
	applyAt(t, s, webFile("ada"), day(1))
	onCall(t, directory(t, s, day(1)), map[int]responder.UserID{3: "bob"})
}

func TestExportSaysHowToMakePeoplesOverridesAgainAndApplyingItChangesNothing(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, webFile("ada"), day(-10))
	if _, _, err := s.AddOverride(t.Context(), OverrideRequest{Schedule: "web", From: "2026-11-22", To: "2026-11-24", User: "bob", Replaces: "ada"}, today); err != nil {
		t.Fatal(err)
	}
	file, err := s.Export(t.Context())
	if want := "#   hub override add --schedule web --from 2026-11-22T00:00:00Z --to 2026-11-24T00:00:00Z --user bob --replaces ada\n"; err != nil || !strings.Contains(string(file), want) {
		t.Errorf("%s%v", file, err)
	}
	if r := apply(t, s, string(file)); len(r.Changes) > 0 {
		t.Errorf("%v", r.Changes)
	}
}

func TestImportingTheSameCalendarAgainChangesNothing(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, webFile("ada"), day(-10))
	event := CalendarEvent{UID: "a@calendar", Start: day(2), End: day(4), User: "bob"}
	verbs := func(dry bool, events ...CalendarEvent) string {
		t.Helper()
		list, err := s.ImportOverrides(t.Context(), ImportRequest{Schedule: "web", Events: events, DryRun: dry, By: "ada"}, today)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, i := range list {
			out = append(out, i.Verb)
		}
		return strings.Join(out, " ")
	}
	moved, gone := event, event
	moved.End, gone.Cancelled = day(5), true
	over := CalendarEvent{UID: "b", Start: day(-4), End: day(-3), User: "bob"}
	for i, c := range []struct {
		dry    bool
		events []CalendarEvent
		want   string
	}{
		{true, []CalendarEvent{event}, "added"},
		{false, []CalendarEvent{event, over}, "added over"},
		{false, []CalendarEvent{event}, "unchanged"},
		{false, []CalendarEvent{moved}, "changed"},
		{false, []CalendarEvent{moved, event}, "unchanged changed"},
		{false, []CalendarEvent{gone}, "removed"},
		{false, []CalendarEvent{gone}, ""},
		{false, []CalendarEvent{event}, "added"},
	} {
		if got := verbs(c.dry, c.events...); got != c.want {
			t.Errorf("step %d: %q, want %q", i, got, c.want)
		}
	}
	onCall(t, directory(t, s, today), map[int]responder.UserID{1: "ada", 2: "bob", 4: "ada"})
	applyAt(t, s, "owns: all\n"+webFile("ada"), today)
	onCall(t, directory(t, s, today), map[int]responder.UserID{1: "ada", 2: "bob", 4: "ada"})
}
