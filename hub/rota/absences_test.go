package rota

import (
	"strings"
	"testing"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/responder"
)

// pairFile has one schedule in which ada and bob take turns by the week, and a
// rule for absences.
func pairFile(whenAbsent string) string {
	return strings.Replace(webFile("ada, bob"), "    layers", "    when_absent: "+whenAbsent+"\n    layers", 1)
}

func addAbsence(t *testing.T, s *Service, from, to string, now time.Time) Absence {
	t.Helper()
	a, err := s.AddAbsence(t.Context(), AbsenceRequest{User: "ada", From: from, To: to}, now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// In these weeks ada has the turns that begin on November 23rd and December 7th.
func TestAPlannedAbsenceGivesTheTurnToTheNextParticipantOrLeavesAGap(t *testing.T) {
	for rule, c := range map[string]struct {
		during responder.UserID
		want   string
	}{
		"next_participant": {"bob", "web: bob is on call from Wed 2026-11-25 00:00 GMT to Mon 2026-11-30 09:00 GMT, instead of ada"},
		"gap":              {"", "web: nobody is on call from Wed 2026-11-25 00:00 GMT to Mon 2026-11-30 09:00 GMT, instead of ada"},
	} {
		s, _ := newService(t)
		applyAt(t, s, pairFile(rule), day(-10))
		a := addAbsence(t, s, "2026-11-25", "2026-12-02", today)
		if !a.Planned || len(a.Moves) != 1 || a.Moves[0].String() != c.want {
			t.Errorf("%s: %+v", rule, a)
		}
		want := map[int]responder.UserID{0: "bob", 4: "ada", 5: c.during, 9: c.during, 10: "bob", 18: "ada"}
		onCall(t, directory(t, s, today), want)
		onCall(t, directory(t, s, day(30)), want) // it is over, and still true
	}
}

func TestAnAbsenceEnteredLateLeavesTheShiftsAsTheyAre(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, pairFile("next_participant"), day(-10))
	now := time.Date(2026, 11, 24, 0, 0, 0, 1e6, time.UTC)
	a := addAbsence(t, s, "2026-11-25", "2026-12-02", now)
	if a.Planned || len(a.Moves) > 0 {
		t.Errorf("%+v", a)
	}
	d := directory(t, s, now)
	onCall(t, d, map[int]responder.UserID{6: "ada"})
	if _, off := d.Current().AbsenceAt("ada", day(6)); !off {
		t.Error("ada is paged then")
	}
}

func TestAnAbsenceThatIsCalledOffNeverWas(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, pairFile("next_participant"), day(-10))
	a := addAbsence(t, s, "2026-11-25", "2026-12-02", today)
	if err := s.EndAbsence(t.Context(), a.ID, day(2)); err != nil {
		t.Fatal(err)
	}
	onCall(t, directory(t, s, day(2)), map[int]responder.UserID{6: "ada"})
	if err := s.EndAbsence(t.Context(), a.ID, day(3)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("called off twice: %v", err)
	}
}

func TestAnAbsenceThatEndsEarlyWasThereBefore(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, pairFile("next_participant"), day(-10))
	a := addAbsence(t, s, "2026-11-25", "2026-12-02", today)
	if err := s.EndAbsence(t.Context(), a.ID, day(8)); err != nil {
		t.Fatal(err)
	}
	onCall(t, directory(t, s, day(9)), map[int]responder.UserID{4: "ada", 6: "bob", 8: "ada", 9: "ada"})
}

func TestAnAbsenceCountsOverAnEditOfTheSchedule(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, pairFile("gap"), day(-10))
	addAbsence(t, s, "2026-11-25", "2026-12-02", today)
	applyAt(t, s, pairFile("next_participant"), day(7))
	onCall(t, directory(t, s, day(60)), map[int]responder.UserID{5: "", 6: "", 7: "bob", 9: "bob"})
}

func TestAbsencesAreListedWithWhatEachDoes(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, pairFile("gap"), day(-10))
	addAbsence(t, s, "2026-11-25", "2026-12-02", today)
	list, err := s.Absences(t.Context(), "ada", day(6))
	if err != nil || len(list) != 1 || len(list[0].Moves) != 1 || !list[0].Moves[0].Start.Equal(day(6)) {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := s.Absences(t.Context(), "bob", day(6)); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestAbsencesThatMakeNoSenseAreRefused(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, pairFile("gap"), day(-10))
	for _, c := range []struct{ user, from, to, want string }{
		{"adda", "2026-11-25", "2026-12-02", `there is no user "adda"; did you mean "ada"?`},
		{"ada", "2026-11-19", "2026-12-02", "--from: 2026-11-19 is over already"},
		{"ada", "2026-12-02", "2026-12-01", "--to: 2026-12-01 is not after"},
	} {
		_, err := s.AddAbsence(t.Context(), AbsenceRequest{User: c.user, From: c.from, To: c.to}, today)
		if !strings.Contains(fault.Sentence(err), c.want) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestAPlannedAbsenceIsAWarningAtEveryApplyUntilItIsOver(t *testing.T) {
	for rule, want := range map[string]string{
		"next_participant": "schedule web: ada is away from Wed 2026-11-25 00:00 GMT to Wed 2026-12-02 00:00 GMT; others take 5d 9h of it",
		"gap":              "schedule web: ada is away from Wed 2026-11-25 00:00 GMT to Wed 2026-12-02 00:00 GMT; nobody is on call for 5d 9h of it",
	} {
		s, _ := newService(t)
		applyAt(t, s, pairFile(rule), day(-10))
		addAbsence(t, s, "2026-11-25", "2026-12-02", today)
		for at, warned := range map[int]bool{0: true, 4: true, 13: false} {
			r, err := s.Apply(t.Context(), Request{File: []byte(pairFile(rule)), DryRun: true}, day(at))
			if got := strings.Contains(strings.Join(r.Warnings, "\n"), want); err != nil || got != warned {
				t.Errorf("%s, day %d: %q, %v", rule, at, r.Warnings, err)
			}
			if got := strings.Contains(strings.Join(r.Warnings, "\n"), "schedule web: nobody is on call from Wed 2026-11-25"); got != (warned && rule == "gap") {
				t.Errorf("%s, day %d, the gap: %q", rule, at, r.Warnings)
			}
		}
	}
}
