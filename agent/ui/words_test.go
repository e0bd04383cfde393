package ui

import (
	"strings"
	"testing"
	"time"
)

// night0 is 03:00 in Berlin, on a Saturday in winter.
var night0 = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)

func inBerlin(t *testing.T) {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	was := time.Local
	time.Local = berlin
	t.Cleanup(func() { time.Local = was })
}

func TestTimesAreToldWithZoneAndDate(t *testing.T) {
	inBerlin(t)
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{night0, "03:00 CET"},
		{night0.Add(-2 * time.Hour), "01:00 CET"},
		{night0.Add(-4 * time.Hour), "Fri 20 Nov 23:00 CET"},
		{night0.AddDate(0, -4, 0), "Tue 21 Jul 04:00 CEST"},
	} {
		if got := clock(c.at, night0); got != c.want {
			t.Errorf("%v: got %q, want %q", c.at, got, c.want)
		}
	}
	time.Local = time.FixedZone("-03", -3*3600)
	if got, want := clock(night0, night0), "23:00 UTC-03"; got != want {
		t.Errorf("a zone without a name: got %q, want %q", got, want)
	}
	time.Local = time.UTC
	if got, want := span(night0, night0.Add(30*time.Minute), night0), "02:00 to 02:30 UTC"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNextLine(t *testing.T) {
	for _, c := range []struct {
		why  string
		page Page
		want string
		soon bool
	}{
		{"nothing known", Page{}, "", false},
		{"who and when", Page{NextWho: "Bob", NextAt: night0.Add(192 * time.Second)}, "Bob is paged in 3:12", false},
		{"a part of a second counts as one", Page{NextWho: "Bob", NextAt: night0.Add(100 * time.Millisecond)}, "Bob is paged in 0:01", true},
		{"in hours", Page{NextWho: "Bob", NextAt: night0.Add(3725 * time.Second)}, "Bob is paged in 1:02:05", false},
		{"now", Page{NextWho: "Bob", NextAt: night0}, "Bob is being paged", true},
		{"nobody else", Page{NextAt: night0.Add(time.Minute)}, "You are paged again in 1:00", false},
		{"only who", Page{NextWho: "Bob"}, "Bob is paged next", false},
		{"a hostile name", Page{NextWho: "B\nob\u202e"}, "B ob· is paged next", false},
	} {
		got, soon := nextLine(c.page, Hub{State: Connected}, night0)
		if got != c.want || soon != c.soon {
			t.Errorf("%s: got %q %v, want %q %v", c.why, got, soon, c.want, c.soon)
		}
	}
}

func TestNextLineClaimsNothingOfAHubThatIsNotHeard(t *testing.T) {
	inBerlin(t)
	bob := Page{NextWho: "Bob", NextAt: night0.Add(5 * time.Minute)}
	for _, c := range []struct {
		why  string
		page Page
		hub  Hub
		now  time.Time
		want string
		soon bool
	}{
		{"lost, before it", bob, Hub{State: Lost}, night0, "Bob was to be paged at 03:05 CET; the hub does not answer", false},
		{"lost, after it", bob, Hub{State: Lost}, night0.Add(time.Hour), "Bob was to be paged at 03:05 CET; the hub does not answer", true},
		{"not yet missed", bob, Hub{}, night0, "Bob was to be paged at 03:05 CET; there is no connection to the hub", false},
		{"no network", bob, Hub{State: NoNetwork}, night0, "Bob was to be paged at 03:05 CET; this machine has no network", false},
		{"signed out", bob, Hub{State: SignedOut}, night0, "Bob was to be paged at 03:05 CET; this device is signed out", false},
		{"away on purpose", bob, Hub{State: Lost, BackAt: night0.Add(time.Minute)}, night0, "Bob was to be paged at 03:05 CET; the hub is away", false},
		{"away for too long", bob, Hub{State: Lost, BackAt: night0, Overdue: true}, night0, "Bob was to be paged at 03:05 CET; the hub does not answer", false},
		{"nobody else", Page{NextAt: night0}, Hub{State: Lost}, night0, "You were to be paged again at 03:00 CET; the hub does not answer", true},
		{"only who", Page{NextWho: "Bob"}, Hub{State: Lost}, night0, "Bob was to be paged next; the hub does not answer", false},
		{"nothing known", Page{}, Hub{State: Lost}, night0, "", false},
	} {
		got, soon := nextLine(c.page, c.hub, c.now)
		if got != c.want || soon != c.soon {
			t.Errorf("%s: got %q %v, want %q %v", c.why, got, soon, c.want, c.soon)
		}
	}
}

func TestNoteLine(t *testing.T) {
	inBerlin(t)
	bob := Page{NextWho: "Bob", NextAt: night0.Add(5 * time.Minute)}
	with := func(p Page, s PageState) Page { p.State = s; return p }
	for _, c := range []struct {
		page Page
		now  time.Time
		want string
	}{
		{with(bob, Ringing), night0, ""},
		{with(bob, AckUnconfirmed), night0, "Acknowledged here. The hub does not know yet; Bob is paged at 03:05 CET."},
		{with(bob, AckUnconfirmed), night0.Add(time.Hour), "Acknowledged here. The hub does not know yet; Bob was to be paged at 03:05 CET."},
		{with(Page{}, AckUnconfirmed), night0, "Acknowledged here. The hub does not know yet."},
		{with(bob, ResolveUnconfirmed), night0, "Resolved here. The hub does not know yet; Bob is paged at 03:05 CET."},
		{with(bob, PassOnUnconfirmed), night0, "Passed on here. The hub does not know yet."},
		{Page{Note: "Too\x07 late"}, night0, "Too^G late"},
	} {
		if got := noteLine(c.page, c.now); got != c.want {
			t.Errorf("state %d: got %q, want %q", c.page.State, got, c.want)
		}
	}
}

func TestSinceLine(t *testing.T) {
	inBerlin(t)
	for _, c := range []struct {
		page Page
		want string
	}{
		{Page{Since: night0.Add(-4*time.Minute - 30*time.Second), Source: "prometheus", Alerts: 3}, "Since 02:55 CET  ·  for 4 min  ·  3 alerts  ·  from prometheus"},
		{Page{Since: night0.Add(-30 * time.Second), Alerts: 1}, "Since 02:59 CET  ·  for less than a minute"},
		{Page{Since: night0.Add(-90 * time.Minute)}, "Since 01:30 CET  ·  for 1 h 30 min"},
		{Page{Since: night0.Add(-25 * time.Hour)}, "Since Fri 20 Nov 02:00 CET  ·  for 1 day 1 h"},
		{Page{Since: night0.Add(-50 * time.Hour)}, "Since Thu 19 Nov 01:00 CET  ·  for 2 days 2 h"},
		{Page{}, ""},
	} {
		if got := sinceLine(c.page, night0); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestLinesOfTheMenu(t *testing.T) {
	inBerlin(t)
	for _, c := range []struct {
		model     Model
		hub, duty string
	}{
		{Model{}, "Connecting to the hub", "No shift known of"},
		{Model{Hub: Hub{State: Connected}}, "Connected to the hub", "No shift in the next 14 days"},
		{Model{HubName: "ops", Hub: Hub{State: Connected}, Shift: Shift{OnCall: true, Until: night0.Add(6 * time.Hour)}}, "Connected to ops", "On call until 09:00 CET"},
		{Model{Hub: Hub{State: Lost, Since: night0}, Shift: Shift{Next: night0.Add(24 * time.Hour)}}, "The hub has not answered since 03:00 CET", "Next shift: Sun 22 Nov 03:00 CET"},
		{Model{HubName: "ops", Hub: Hub{State: Lost}, Duty: Duty{Off: true, Until: night0.Add(time.Hour)}}, "ops does not answer", "Off duty until 04:00 CET"},
		{Model{Hub: Hub{State: NoNetwork}, Duty: Duty{Off: true}}, "This machine has no network", "Off duty"},
		{Model{Hub: Hub{State: SignedOut}, Shift: Shift{OnCall: true}}, "Signed out of the hub", "On call"},
	} {
		if got := HubLine(c.model, night0); got != c.hub {
			t.Errorf("got %q, want %q", got, c.hub)
		}
		if got := DutyLine(c.model, night0); got != c.duty {
			t.Errorf("got %q, want %q", got, c.duty)
		}
	}
}

func TestOffDutyEnds(t *testing.T) {
	inBerlin(t)
	late := time.Date(2026, 3, 28, 23, 30, 0, 0, time.Local) // the clocks go forward in that night
	for off, want := range map[Off]time.Time{
		HalfHour:      late.Add(30 * time.Minute),
		OneHour:       late.Add(time.Hour),
		UntilTomorrow: time.Date(2026, 3, 29, 8, 0, 0, 0, time.Local),
	} {
		if got := off.Until(late); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", off.Label(), got, want)
		}
	}
}

func TestNames(t *testing.T) {
	if got, want := names([]string{"A", "B", "C", "D", "E", "F"}), "A, B, C, D and 2 more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAPageWithoutSeverityHasNoBadge(t *testing.T) {
	s := newStage(t)
	p := checkout()
	p.Severity = ""
	s.Render(open(p))
	s.Raise()
	texts, _ := visible(s.win)
	for _, text := range texts {
		if text == "" || strings.Contains(text, "SEVERITY") {
			t.Errorf("a badge reads %q", text)
		}
	}
	s.Render(open(checkout()))
	s.reads("CRITICAL")
}

func TestSeveralAreHandedOverInThePlural(t *testing.T) {
	inBerlin(t)
	one := Held{HandOverAt: night0.Add(15 * time.Minute), Successors: []string{"Bob"}}
	if got, want := shiftOver([]Held{one}, night0).text, "Bob is on call now. Without an answer it is handed over at 03:15 CET."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := shiftOver([]Held{one, one}, night0).text, "Bob is on call now. Without an answer they are handed over at 03:15 CET."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
