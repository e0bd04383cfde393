package incident

import (
	"reflect"
	"testing"
	"time"

	"tocsin/hub/responder"
)

// The rules on merging and priorities, one test each.

func other(t *testing.T, key string, sev Severity) Incident {
	t.Helper()
	i := comes(t, Incident{}, event(Trigger, key, sev), 0, Opened, KindTriggered)
	i.ID, i.Number = "other", 12
	return i
}

func target(t *testing.T, sev Severity) Incident {
	t.Helper()
	i := open(t, sev)
	i.ID, i.Number = "target", 10
	return i
}

func merges(t *testing.T, from, into Incident, kinds ...Kind) Merge {
	t.Helper()
	a, b := clone(from), clone(into)
	m, why := MergeBy(from, into, Command{By: "ada"}, 30*time.Minute, t0.Add(time.Minute))
	if why != "" {
		t.Fatalf("refused: %s", why)
	}
	if !reflect.DeepEqual(a, from) || !reflect.DeepEqual(b, into) {
		t.Fatal("an incident passed in was changed")
	}
	var got []Kind
	for _, e := range m.IntoEntries {
		got = append(got, e.Kind)
	}
	if !reflect.DeepEqual(got, append([]Kind{KindTookIn}, kinds...)) || len(m.FromEntries) != 1 || m.FromEntries[0].Kind != KindMerged {
		t.Fatalf("the timelines say %v and %v", m.FromEntries, m.IntoEntries)
	}
	return m
}

func TestAMergedIncidentEndsAndItsOpenAlertsGoOnInTheTarget(t *testing.T) {
	from := other(t, "a", Critical)
	from.Alerts = append(from.Alerts, Alert{Integration: "alertmanager", Key: "over", Count: 1})
	m := merges(t, from, target(t, Critical))
	if m.From.Status != Resolved || m.From.MergedInto != "target" || m.From.Firing() != 0 || !m.From.ResolvedAt.Equal(t0.Add(time.Minute)) {
		t.Errorf("%+v", m.From)
	}
	if m.Into.Firing() != 2 || len(m.Into.Alerts) != 2 || m.Into.Status != Triggered {
		t.Errorf("%+v", m.Into)
	}
	i := comes(t, m.Into, event(Resolve, "k", ""), 2*time.Minute, AlertEnded, KindAlertResolved)
	comes(t, i, event(Resolve, "a", ""), 2*time.Minute, Ended, KindResolved)
}

func TestAnAlertThatTheTargetHadIsOpenAgain(t *testing.T) {
	into := target(t, Warning)
	into.Alerts = append(into.Alerts, Alert{Integration: "alertmanager", Key: "a", Count: 3, Severity: Info, EndedAt: t0})
	m := merges(t, other(t, "a", Warning), into)
	if a := m.Into.Alerts[1]; !a.Open || a.Count != 4 || a.Severity != Warning || !a.EndedAt.IsZero() || len(m.Into.Alerts) != 2 {
		t.Errorf("%+v", a)
	}
}

func TestTheHigherUrgencyWinsAndEndsWhatWasQuietForAQuietNotification(t *testing.T) {
	m := merges(t, other(t, "a", Critical), target(t, Info), KindUrgencyRaised)
	if m.Into.Urgency != High || m.Into.Severity != Critical {
		t.Errorf("%+v", m.Into)
	}
	m = merges(t, other(t, "a", Critical), take1(t, target(t, Info), "bob", 0), KindUrgencyRaised)
	if m.Into.QuietReason != ReasonSeverityRose || !m.Into.QuietUntil.Equal(t0.Add(time.Minute)) {
		t.Errorf("%+v", m.Into)
	}
	m = merges(t, other(t, "a", Info), target(t, Critical))
	if m.Into.Urgency != High || m.Into.Severity != Critical {
		t.Errorf("%+v", m.Into)
	}
}

func TestWhatSomebodyHasStaysQuietWhenNothingMoreUrgentJoinsIt(t *testing.T) {
	m := merges(t, other(t, "a", Critical), take1(t, target(t, Critical), "bob", 0))
	if m.Into.Status != Acknowledged || m.Into.Holder != "bob" || m.Into.QuietReason != ReasonLease {
		t.Errorf("%+v", m.Into)
	}
	m = merges(t, other(t, "a", Critical), take1(t, target(t, Critical), "ada", 0))
	if !m.Into.QuietUntil.Equal(t0.Add(31 * time.Minute)) {
		t.Errorf("ada, who has it, merged, and her lease ends at %s", m.Into.QuietUntil)
	}
}

func TestWhatJoinsAFlappingIncidentTakesItsHeldResolveBack(t *testing.T) {
	into := target(t, Critical)
	into.Alerts[0].Open, into.ResolveDue = false, t0.Add(time.Hour)
	if m := merges(t, other(t, "a", Critical), into); !m.Into.ResolveDue.IsZero() {
		t.Error(m.Into.ResolveDue)
	}
	ending := other(t, "a", Critical)
	ending.Alerts[0].Open, ending.ResolveDue = false, t0.Add(time.Hour)
	if m := merges(t, ending, into); m.Into.ResolveDue.IsZero() || !m.From.ResolveDue.IsZero() {
		t.Errorf("%+v", m)
	}
}

func TestTheHigherPriorityWins(t *testing.T) {
	for _, c := range []struct {
		from, into, want string
		kinds            []Kind
	}{
		{"P1", "P3", "P1", []Kind{KindPriority}}, {"P2", "", "P2", []Kind{KindPriority}}, {"P4", "P3", "P3", nil}, {"", "P5", "P5", nil},
	} {
		from, into := other(t, "a", Critical), target(t, Critical)
		from.Priority, into.Priority = c.from, c.into
		if m := merges(t, from, into, c.kinds...); m.Into.Priority != c.want {
			t.Errorf("%s into %s: %s", c.from, c.into, m.Into.Priority)
		}
	}
}

func TestWhatCannotBecomePartOfAnotherIsRefused(t *testing.T) {
	resolved := func(i Incident) Incident { return ended(i, t0) }
	test := func(i Incident) Incident { i.Test = true; return i }
	cover := func(i Incident) Incident { i.Cover.Of = "bob"; return i }
	merged := func(i Incident) Incident { i = ended(i, t0); i.MergedInto = "third"; return i }
	same := func(i Incident) Incident { return i }
	for _, c := range []struct {
		name       string
		from, into func(Incident) Incident
		want       Reason
	}{
		{"a resolved target", same, resolved, ReasonTargetOver},
		{"what is resolved", resolved, same, ReasonNotOpen},
		{"what was merged", merged, same, ReasonMergedBefore},
		{"into what was merged", same, merged, ReasonTargetOver},
		{"a test page", test, same, ReasonTestPage}, {"into a test page", same, test, ReasonTestPage},
		{"a request for cover", cover, same, ReasonCoverAsked}, {"into a request for cover", same, cover, ReasonCoverAsked},
	} {
		from, into := c.from(other(t, "a", Critical)), c.into(target(t, Critical))
		m, why := MergeBy(from, into, Command{By: "ada"}, 0, t0)
		if why != c.want || !reflect.DeepEqual(m, Merge{From: from, Into: into}) {
			t.Errorf("%s: %q", c.name, why)
		}
	}
	i := target(t, Critical)
	if _, why := MergeBy(i, i, Command{By: "ada"}, 0, t0); why != ReasonItself {
		t.Error(why)
	}
}

func TestAPriorityIsSetChangedAndTakenAwayAlsoAfterTheEnd(t *testing.T) {
	i := take1(t, open(t, Critical), "ada", 0)
	i, answer, e := PrioritiseBy(i, Command{By: "ada"}, "P1", 30*time.Minute, t0.Add(time.Minute))
	if answer != Applied || i.Priority != "P1" || e.Kind != KindPriority || e.Text != "P1" || !i.QuietUntil.Equal(t0.Add(31*time.Minute)) {
		t.Errorf("%s %+v", answer, i)
	}
	i, answer, _ = PrioritiseBy(ended(i, t0), Command{By: "bob"}, "", 0, t0)
	if answer != Applied || i.Priority != "" {
		t.Errorf("%s %+v", answer, i)
	}
	i.Test = true
	if _, answer, _ = PrioritiseBy(i, Command{By: "bob"}, "P2", 0, t0); answer != Refused {
		t.Error(answer)
	}
}

func TestThePeopleWhoMergedAndPrioritisedAreNamedInTheTimeline(t *testing.T) {
	m := merges(t, other(t, "a", Critical), target(t, Critical))
	names := Names{User: func(u responder.UserID) string { return "Ada" }}
	for want, e := range map[string]Entry{
		"Ada merged it into incident 10: it goes on there":       m.FromEntries[0],
		"Ada merged incident 12 into this one: disk full":        m.IntoEntries[0],
		"Ada says that the priority is P1":                       {Kind: KindPriority, User: "ada", Text: "P1"},
		"Ada took the priority away":                             {Kind: KindPriority, User: "ada"},
		"The priority is P2, as that of what was merged into it": {Kind: KindPriority, Reason: ReasonMerged, Text: "P2"},
	} {
		if got := e.Sentence(names); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAnAlertWhoseSeverityRisesAlarmsInAnIncidentThatIsSevereAndQuiet(t *testing.T) {
	into := target(t, Critical)
	into.Service, into.Urgency = "batch", Low // of a service that never alarms
	i := merges(t, other(t, "a", Warning), into).Into
	to := shop
	to.Others = []Service{{ID: "batch", Urgency: AlwaysLow}}
	i = comesTo(t, to, i, event(Trigger, "a", Warning), 2*time.Minute, Repeated)
	if i = comesTo(t, to, i, event(Trigger, "a", Critical), 3*time.Minute, Raised, KindUrgencyRaised); i.Urgency != High {
		t.Errorf("%+v", i)
	}
}
