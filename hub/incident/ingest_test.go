package incident

import (
	"reflect"
	"testing"
	"time"

	"tocsin/hub/responder"
)

// The rules on events, alerts and incidents, one test each.

const m = time.Minute

var (
	t0   = time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	shop = Target{
		Service:     Service{ID: "shop", Policy: "p", Urgency: BySeverity, Lease: 30 * m, ReopenWindow: 15 * m},
		Integration: Integration{ID: "alertmanager", Service: "shop"}, Revision: 7,
	}
)

func event(a Action, key string, sev Severity) Event {
	return Event{Action: a, Integration: "alertmanager", Key: key, Summary: "disk full", Source: "db1", Severity: sev}
}

// comes feeds an event and expects its effect, and these kinds of entries.
func comes(t *testing.T, prior Incident, e Event, at time.Duration, want Effect, kinds ...Kind) Incident {
	t.Helper()
	return comesTo(t, shop, prior, e, at, want, kinds...)
}

func comesTo(t *testing.T, to Target, prior Incident, e Event, at time.Duration, want Effect, kinds ...Kind) Incident {
	t.Helper()
	before := clone(prior)
	next, effect, entries := Ingest(prior, e, to, t0.Add(at))
	if effect != want {
		t.Fatalf("%s of %q at %s: %s, want %s", e.Action, e.Key, at, effect, want)
	}
	var got []Kind
	for _, en := range entries {
		got = append(got, en.Kind)
		if !en.At.Equal(t0.Add(at)) {
			t.Errorf("%s is stamped %s", en.Kind, en.At)
		}
	}
	if !reflect.DeepEqual(got, kinds) {
		t.Fatalf("the timeline says %v, want %v", got, kinds)
	}
	if !reflect.DeepEqual(before, prior) {
		t.Fatal("the incident passed in was changed")
	}
	return next
}

func clone(i Incident) Incident {
	i.Alerts = append([]Alert(nil), i.Alerts...)
	return i
}

func open(t *testing.T, sev Severity) Incident {
	t.Helper()
	return comes(t, Incident{}, event(Trigger, "k", sev), 0, Opened, KindTriggered)
}

func TestATriggerOpensAnIncident(t *testing.T) {
	i := open(t, Critical)
	if i.Status != Triggered || i.Urgency != High || i.Opening != 1 || i.Policy != "p" || i.Revision != 7 ||
		i.Service != "shop" || i.Summary != "disk full" || !i.TriggeredAt.Equal(t0) || !i.FirstAt.Equal(t0) || i.Firing() != 1 {
		t.Fatalf("%+v", i)
	}
}

func TestATriggerOfAnOpenAlertCountsAndPagesNobodyAnew(t *testing.T) {
	i := comes(t, open(t, Critical), event(Trigger, "k", Critical), m, Repeated)
	if a := i.Alerts[0]; a.Count != 2 || !a.LastAt.Equal(t0.Add(m)) || !a.FirstAt.Equal(t0) || i.Opening != 1 {
		t.Fatalf("%+v", i)
	}
}

func TestWhenTheSeverityRisesSoThatTheUrgencyIsHighPeopleArePagedAnew(t *testing.T) {
	i := open(t, Info)
	if i.Urgency != Low {
		t.Fatalf("info is %s", i.Urgency)
	}
	i = comes(t, i, event(Trigger, "k", Warning), m, Repeated)
	if i.Severity != Warning || i.Urgency != Low {
		t.Fatalf("%s, %s", i.Severity, i.Urgency)
	}
	i = comes(t, i, event(Trigger, "k", Error), 2*m, Raised, KindUrgencyRaised)
	if i.Severity != Error || i.Urgency != High || i.Alerts[0].Severity != Error {
		t.Fatalf("%s, %s", i.Severity, i.Urgency)
	}
	i = comes(t, i, event(Trigger, "k", Info), 3*m, Repeated)
	if i.Severity != Error || i.Urgency != High {
		t.Fatal("a milder event took the alarm back")
	}
	comes(t, i, event(Trigger, "k", Critical), 4*m, Repeated)
}

func TestAnEventWithoutSeverityIsHighAndNoMilderThanAnError(t *testing.T) {
	if i := open(t, ""); i.Urgency != High {
		t.Fatal(i.Urgency)
	}
	if i := comes(t, open(t, Critical), event(Trigger, "k", ""), m, Repeated); i.Severity != Critical {
		t.Fatalf("it made critical %q", i.Severity)
	}
	comes(t, open(t, Warning), event(Trigger, "k", ""), m, Raised, KindUrgencyRaised)
}

func TestTheServiceMaySayThatAllIsHighOrLow(t *testing.T) {
	for rule, want := range map[UrgencyRule]Urgency{AlwaysHigh: High, AlwaysLow: Low, BySeverity: Low} {
		if got := rule.Of(Warning, Times{}); got != want {
			t.Errorf("%s of a warning is %s", rule, got)
		}
	}
	for _, sev := range []Severity{Critical, Error, ""} {
		if BySeverity.Of(sev, Times{}) != High || AlwaysLow.Of(sev, Times{}) != Low {
			t.Errorf("%q", sev)
		}
	}
}

func TestATriggerWithoutAKeyIsTheSameAlertAsOneWithTheSameFields(t *testing.T) {
	a, b := event(Trigger, "", Critical), event(Trigger, "", Warning)
	b.Details = []Detail{{"free", "1 %"}}
	if KeyOf(a) != KeyOf(b) {
		t.Fatal("same summary and source, another key")
	}
	b.Source = "db2"
	if KeyOf(a) == KeyOf(b) {
		t.Fatal("another source, the same key")
	}
	c, d := Event{Summary: "a", Source: "bc"}, Event{Summary: "ab", Source: "c"}
	if KeyOf(c) == KeyOf(d) {
		t.Fatal("the fields run into each other")
	}
}

func TestAResolveEndsTheAlertAndWithTheLastOneTheIncident(t *testing.T) {
	i := comes(t, open(t, Critical), event(Resolve, "k", ""), m, Ended, KindResolved)
	if i.Status != Resolved || !i.ResolvedAt.Equal(t0.Add(m)) || i.Firing() != 0 || !i.Alerts[0].EndedAt.Equal(t0.Add(m)) {
		t.Fatalf("%+v", i)
	}
	two := open(t, Critical)
	two.Alerts = append(two.Alerts, Alert{Integration: "alertmanager", Key: "other", Open: true, Count: 1})
	two = comes(t, two, event(Resolve, "k", ""), m, AlertEnded, KindAlertResolved)
	if two.Status != Triggered {
		t.Fatal("one alert is still open")
	}
	comes(t, two, event(Resolve, "other", ""), 2*m, Ended, KindResolved)
}

func TestAResolveForAKeyThatIsNotOpenDoesNothing(t *testing.T) {
	comes(t, Incident{}, event(Resolve, "k", ""), 0, NothingToDo)
	done := comes(t, open(t, Critical), event(Resolve, "k", ""), m, Ended, KindResolved)
	comes(t, done, event(Resolve, "k", ""), 2*m, NothingToDo)
	foreign := event(Resolve, "k", "")
	foreign.Integration = "cloudwatch"
	comes(t, open(t, Critical), foreign, m, NothingToDo)
}

func TestAnAcknowledgeEventTakesTheIncidentUnlessTheIntegrationForbidsIt(t *testing.T) {
	i := comes(t, open(t, Critical), event(Acknowledge, "k", ""), m, Taken, KindAcknowledged)
	if i.Status != Acknowledged || i.Holder != "" || !i.QuietUntil.Equal(t0.Add(31*m)) || i.QuietReason != ReasonLease {
		t.Fatalf("%+v", i)
	}
	comes(t, i, event(Acknowledge, "k", ""), 2*m, NothingToDo)
	comes(t, Incident{}, event(Acknowledge, "k", ""), 0, NothingToDo)
	forbids := shop
	forbids.Integration.ForbidAcknowledge = true
	comesTo(t, forbids, open(t, Critical), event(Acknowledge, "k", ""), m, NotPermitted)
}

func TestATriggerWithinTheReopenWindowReopensTheSameIncident(t *testing.T) {
	i := take1(t, open(t, Critical), "ada", m)
	i = comes(t, i, event(Resolve, "k", ""), 2*m, Ended, KindResolved)
	i = comes(t, i, event(Trigger, "k", Warning), 17*m-time.Millisecond, Reopened, KindReopened)
	if i.Status != Triggered || i.Opening != 2 || i.Urgency != Low || i.Firing() != 1 || i.Holder != "ada" ||
		!i.AcknowledgedAt.IsZero() || !i.QuietUntil.IsZero() || i.QuietReason != "" || !i.ResolvedAt.IsZero() || !i.FirstAt.Equal(t0) {
		t.Fatalf("%+v", i)
	}
	if i.Alerts[0].Count != 2 {
		t.Fatalf("%d events, want 2", i.Alerts[0].Count)
	}
}

func TestATriggerAfterTheReopenWindowOpensANewIncident(t *testing.T) {
	done := comes(t, open(t, Critical), event(Resolve, "k", ""), m, Ended, KindResolved)
	i := comes(t, done, event(Trigger, "k", Critical), 16*m, Opened, KindTriggered)
	if i.Opening != 1 || i.Holder != "" || i.Alerts[0].Count != 1 {
		t.Fatalf("%+v", i)
	}
	never := shop
	never.Service.ReopenWindow = 0
	comesTo(t, never, done, event(Trigger, "k", Critical), m, Opened, KindTriggered)
}

func TestATriggerAfterAPersonResolvedReopensToo(t *testing.T) {
	done, answer, _ := ResolveBy(open(t, Critical), Command{By: "ada"}, 0, t0.Add(m))
	if answer != Applied {
		t.Fatal(answer)
	}
	comes(t, done, event(Trigger, "k", Critical), 2*m, Reopened, KindReopened)
	// … and the source's own resolve still ends the alert.
	late := comes(t, done, event(Resolve, "k", ""), 3*m, AlertEnded, KindAlertResolved)
	if late.Status != Resolved || !late.ResolvedAt.Equal(t0.Add(m)) || late.Firing() != 0 {
		t.Fatalf("%+v", late)
	}
}

func TestAnEndedAlertOfAnOpenIncidentOpensAgain(t *testing.T) {
	two := open(t, Critical)
	two.Alerts = append(two.Alerts, Alert{Integration: "alertmanager", Key: "other", Open: true, Count: 1})
	two = comes(t, two, event(Resolve, "k", ""), m, AlertEnded, KindAlertResolved)
	two = comes(t, two, event(Trigger, "k", Critical), 2*m, Repeated, KindAlertAdded)
	if two.Firing() != 2 || two.Opening != 1 || !two.Alerts[0].EndedAt.IsZero() {
		t.Fatalf("%+v", two)
	}
}

func TestAnUnknownActionDoesNothing(t *testing.T) {
	comes(t, open(t, Critical), event("frobnicate", "k", ""), m, NothingToDo)
}

func TestATestPageSaysSo(t *testing.T) {
	e := event(Trigger, "k", Critical)
	e.Test = true
	i, _, entries := Ingest(Incident{}, e, shop, t0)
	if !i.Test || entries[0].Reason != ReasonTestPage {
		t.Fatalf("%+v %+v", i, entries)
	}
}

func take1(t *testing.T, i Incident, by responder.UserID, at time.Duration) Incident {
	t.Helper()
	next, answer, _ := AcknowledgeBy(i, Command{By: by}, shop.Service.Lease, t0.Add(at))
	if answer != Applied {
		t.Fatal(answer)
	}
	return next
}
