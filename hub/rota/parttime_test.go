package rota

import (
	"strings"
	"testing"
	"time"

	"tocsin/hub/fault"
	"tocsin/hub/responder"
)

// In these weeks ada has the turns that begin on November 23rd and December 7th;
// the 27th is a Friday.
func TestARecurringAbsenceOfTheFileCountsFromItsRevisionOn(t *testing.T) {
	s, _ := newService(t)
	file := pairFile("next_participant")
	applyAt(t, s, file, day(-10))
	with := strings.Replace(file, "{id: ada", "{id: ada, absences: [{days: [fri]}]", 1)
	if with == file {
		t.Fatalf("no user ada in\n%s", file)
	}
	r, err := s.Apply(t.Context(), Request{File: []byte(with)}, day(1))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.Warnings, "\n"); !strings.Contains(got, "schedule web: ada is away again and again; in the next 90 days others take ") ||
		!strings.Contains(got, "schedule web: shifts move in the next 90 days, first on Fri 2026-11-27 00:00 GMT: ada gives ") {
		t.Errorf("warnings:\n%s", got)
	}
	want := map[int]responder.UserID{4: "ada", 7: "bob", 8: "ada", 21: "bob"}
	onCall(t, directory(t, s, day(2)), want)
	applyAt(t, s, file, day(10)) // full-time again: the past stays
	onCall(t, directory(t, s, day(11)), map[int]responder.UserID{7: "bob", 21: "ada"})
}

func TestWhatAPersonEnteredBesideTheFileIsExportedAsTheCommandThatEntersIt(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, pairFile("gap"), day(-10))
	window, err := ParseRecurring(nil, "fri 18:00", "mon 09:00", "2026-11-22", "2027-01-01")
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.AddRecurring(t.Context(), RecurringRequest{User: "ada", Window: window, By: "bob"}, today)
	if err != nil {
		t.Fatal(err)
	}
	if len(made.Moves) != 2 || made.Moves[0].String() != "web: nobody is on call from Fri 2026-11-27 18:00 GMT to Mon 2026-11-30 09:00 GMT, instead of ada" {
		t.Errorf("%v", made.Moves)
	}
	text, err := s.Export(t.Context())
	if want := `#   hub absence add ada --every week --from "fri 18:00" --to "mon 09:00" --starting 2026-11-22T00:00 --until 2027-01-01T00:00`; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("%v, without %s:\n%s", err, want, text)
	}
	if err := s.RemoveRecurring(t.Context(), made.ID, "bob", day(1)); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveRecurring(t.Context(), made.ID, "bob", day(1)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("again: %v", err)
	}
}

func TestWhoIsBackForOnceIsThereUntilTheAbsenceWouldHaveEnded(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, strings.Replace(pairFile("next_participant"), "{id: ada", "{id: ada, absences: [{days: [fri, sat]}]", 1), day(-10))
	friday := day(7).Add(12 * time.Hour)
	back, err := s.Present(t.Context(), "ada", friday)
	if err != nil || !back {
		t.Fatalf("%t %v", back, err)
	}
	d := directory(t, s, friday.Add(time.Hour))
	onCall(t, d, map[int]responder.UserID{7: "bob", 8: "ada", 21: "bob"})
	if _, off := d.Current().AbsenceAt("ada", friday.Add(20*time.Hour)); off {
		t.Error("away on the Saturday that the Friday runs into")
	}
	if _, off := d.Current().AbsenceAt("ada", friday.AddDate(0, 0, 7)); !off {
		t.Error("there on the next Friday")
	}
	if back, err := s.Present(t.Context(), "ada", day(3)); back || err != nil {
		t.Errorf("on a Tuesday: %t %v", back, err)
	}
}

func TestAReliefIsEnteredOnceAndTellsTheSameAgain(t *testing.T) {
	s, _ := newService(t)
	applyAt(t, s, pairFile("gap"), day(-10))
	r := Relief{ID: "incident", Of: "ada", By: "bob", Start: day(4), End: day(6)}
	var told [2]string
	for i := range told {
		moves, err := s.Relieve(t.Context(), r, day(4))
		if err != nil || len(moves) != 1 {
			t.Fatalf("%v %v", moves, err)
		}
		told[i] = moves[0].String()
	}
	if told[0] != told[1] {
		t.Errorf("%q, then %q", told[0], told[1])
	}
	list, err := s.Overrides(t.Context(), "web", day(4))
	if err != nil || len(list) != 1 || list[0].User != "bob" || list[0].Replaces != "ada" || !strings.HasPrefix(list[0].ID, "c-") {
		t.Errorf("%+v %v", list, err)
	}
	if moves, err := s.Relieve(t.Context(), Relief{ID: "other", Of: "ada", By: "bob", Start: day(10), End: day(12)}, day(4)); err != nil || len(moves) != 0 {
		t.Errorf("where ada has no shift: %v %v", moves, err)
	}
}
