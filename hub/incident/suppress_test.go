package incident

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// staging keeps what comes from staging hosts, and what is a mere backup, from
// people.
var staging = func() Target {
	t := shop
	t.Service.Hold = time.Minute
	t.Service.Suppress = []Suppression{
		{Note: "staging", When: []Match{{"source", "staging-*"}}},
		{When: []Match{{"class", "backup"}, {"severity", "info"}}},
	}
	return t
}()

func from(source, key string, s Severity) Event {
	e := event(Trigger, key, s)
	e.Source = source
	return e
}

func TestWhatARuleSuppressesIsKeptAndNobodyIsToldUntilNoRuleDoes(t *testing.T) {
	i := comesTo(t, staging, Incident{}, from("staging-db1", "k", Critical), 0, Opened, KindTriggered, KindHeld)
	if i.Urgency != Suppressed || i.Held() || !i.QuietUntil.IsZero() {
		t.Fatalf("%+v", i)
	}
	again := comesTo(t, staging, i, from("staging-db1", "k", Critical), m, Repeated)
	if again.Urgency != Suppressed || again.Alerts[0].Count != 2 {
		t.Fatalf("%+v", again)
	}
	low := comesTo(t, staging, again, from("db1", "k", Info), 2*m, Raised, KindUrgencyRaised)
	if low.Urgency != Low {
		t.Errorf("urgency %s", low.Urgency)
	}
	high := comesTo(t, staging, again, from("db1", "k", Critical), 2*m, Raised, KindUrgencyRaised)
	if high.Urgency != High {
		t.Errorf("urgency %s", high.Urgency)
	}
	if over := comesTo(t, staging, again, event(Resolve, "k", ""), 3*m, Ended, KindResolved); over.Status != Resolved {
		t.Errorf("%+v", over)
	}
}

func TestARuleSuppressesWhatMeetsAllOfItsConditions(t *testing.T) {
	backup := of("backup", "k")
	if i := comesTo(t, staging, Incident{}, backup, 0, Opened, KindTriggered, KindHeld); i.Urgency != High {
		t.Errorf("a critical backup: %s", i.Urgency)
	}
	backup.Severity = Info
	if i := comesTo(t, staging, Incident{}, backup, 0, Opened, KindTriggered, KindHeld); i.Urgency != Suppressed {
		t.Errorf("a backup's information: %s", i.Urgency)
	}
	test := from("staging-db1", "k", Critical)
	test.Test = true
	if i := comesTo(t, staging, Incident{}, test, 0, Opened, KindTriggered, KindHeld); i.Urgency != High {
		t.Errorf("a test page: %s", i.Urgency)
	}
}

func TestWhatIsSuppressedKeepsNothingOpenThatPages(t *testing.T) {
	target := staging
	target.Service.Grouping = Grouping{By: GroupOpen}
	first := numbered(comesTo(t, target, Incident{}, from("db1", "k", Critical), 0, Opened, KindTriggered, KindHeld), 1)
	quiet := from("staging-db1", "other", Critical)
	if GroupOf(quiet, target.Service) != "" {
		t.Error("it looks for a group")
	}
	if i := comesTo(t, target, Incident{}, quiet, m, Opened, KindTriggered, KindHeld); i.Urgency != Suppressed || i.Group != "" || i.ID == first.ID {
		t.Errorf("%+v", i)
	}
}

func TestWhatTakesInASuppressedIncidentStaysAsItIsAndTheOtherWayRoundPages(t *testing.T) {
	quiet := numbered(comesTo(t, staging, Incident{}, from("staging-db1", "k", Critical), 0, Opened, KindTriggered, KindHeld), 1)
	for _, u := range []Urgency{High, Low} {
		if i, _ := worsen(quiet, Critical, u, t0.Add(m)); i.Urgency != u {
			t.Errorf("%s", i.Urgency)
		}
	}
	loud := quiet
	loud.Urgency = High
	if i, entries := worsen(loud, Critical, Suppressed, t0.Add(m)); i.Urgency != High || len(entries) > 0 {
		t.Errorf("%s", i.Urgency)
	}
}

func TestAStarStandsForAnyText(t *testing.T) {
	for _, c := range []struct {
		text, pattern string
		want          bool
	}{
		{"a", "a", true}, {"A", "a", false}, {"ab", "a", false}, {"", "", true}, {"", "*", true}, {"a/b c", "*", true},
		{"staging-db", "staging-*", true}, {"a-staging-db", "staging-*", false}, {"db-staging", "*-staging", true},
		{"a.b.c", "a*c", true}, {"a.b.c", "a*b", false}, {"ab", "ab*b", false}, {"abb", "ab*b", true}, {"aXbXc", "a*b*c", true},
		{"ac", "a*b*c", false}, {"abab", "*ab", true}, {"abab", "*a*b*", true}, {"aaa", "*aa*aa", false}, {"[x]", "[*]", true},
	} {
		if got := like(c.text, c.pattern); got != c.want {
			t.Errorf("like(%q, %q) = %t", c.text, c.pattern, got)
		}
	}
}

func TestATextIsLikeItselfWithAnyPartsLeftOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`[abc*]{0,3}`), 1, 6).Draw(t, "parts")
		pattern := make([]string, len(parts))
		for n, p := range parts {
			if pattern[n] = p; rapid.Bool().Draw(t, "left out") {
				pattern[n] = "*"
			}
		}
		if text := strings.Join(parts, ""); !like(text, strings.Join(pattern, "")) {
			t.Errorf("%q is not like %q", text, pattern)
		}
	})
}
