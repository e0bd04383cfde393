package incident

import (
	"reflect"
	"testing"
	"time"
)

// The rules on grouping, one test each.

func grouped(by Grouping) Target {
	t := shop
	t.Service.Grouping = by
	return t
}

var (
	allInOne = grouped(Grouping{By: GroupOpen})
	byClass  = grouped(Grouping{By: GroupFields, Fields: []string{"class", "source"}, Within: 10 * m})
)

func of(class, key string) Event {
	e := event(Trigger, key, Critical)
	e.Details = []Detail{{"class", class}}
	return e
}

// beside is the target when this is the newest incident of the event's group.
func (t Target) beside(i Incident) Target {
	t.Group = i
	return t
}

// numbered is an incident as it is stored.
func numbered(i Incident, n uint64) Incident {
	i.ID, i.Number = ID(string(rune('a'+n))), n
	return i
}

func TestWithoutGroupingEachKeyIsAnIncidentOfItsOwn(t *testing.T) {
	if k := GroupOf(event(Trigger, "k", Critical), shop.Service); k != "" {
		t.Fatal(k)
	}
	i := comes(t, Incident{}, event(Trigger, "other", Critical), m, Opened, KindTriggered)
	if i.Group != "" {
		t.Fatal(i.Group)
	}
}

func TestWhileAnIncidentIsOpenEveryNewAlertOfTheServiceJoinsIt(t *testing.T) {
	first := numbered(comesTo(t, allInOne, Incident{}, event(Trigger, "k", Error), 0, Opened, KindTriggered), 1)
	if first.Group == "" || first.Group != GroupOf(event(Trigger, "other", Info), allInOne.Service) {
		t.Fatalf("%q", first.Group)
	}
	two := comesTo(t, allInOne.beside(first), Incident{}, event(Trigger, "other", Critical), time.Hour, Joined, KindAlertAdded)
	if two.ID != first.ID || two.Firing() != 2 || two.Opening != 1 || two.Severity != Critical || two.Summary != first.Summary {
		t.Fatalf("%+v", two)
	}
	taken := take1(t, two, "ada", time.Hour)
	three := comesTo(t, allInOne.beside(taken), Incident{}, event(Trigger, "third", Critical), 61*m, Joined, KindAlertAdded)
	if three.Status != Acknowledged || three.Holder != "ada" || !three.QuietUntil.Equal(taken.QuietUntil) {
		t.Fatalf("%+v", three)
	}
	three = comesTo(t, allInOne, three, event(Resolve, "third", ""), 62*m, AlertEnded, KindAlertResolved)
	three = comesTo(t, allInOne, three, event(Resolve, "k", ""), 62*m, AlertEnded, KindAlertResolved)
	comesTo(t, allInOne, three, event(Resolve, "other", ""), 63*m, Ended, KindResolved)
}

func TestANewAlertAfterTheEndOpensANewIncidentOfTheGroup(t *testing.T) {
	first := numbered(comesTo(t, allInOne, Incident{}, event(Trigger, "k", Error), 0, Opened, KindTriggered), 1)
	first = comesTo(t, allInOne, first, event(Resolve, "k", ""), m, Ended, KindResolved)
	next := comesTo(t, allInOne.beside(first), Incident{}, event(Trigger, "other", Error), 2*m, Opened, KindTriggered)
	if next.Group != first.Group || next.ID != "" {
		t.Fatalf("%+v", next)
	}
}

func TestOfOneGroupOneIncidentIsOpenAtATime(t *testing.T) {
	first := numbered(comesTo(t, allInOne, Incident{}, event(Trigger, "a", Error), 0, Opened, KindTriggered), 1)
	first = comesTo(t, allInOne, first, event(Resolve, "a", ""), m, Ended, KindResolved)
	second := numbered(comesTo(t, allInOne.beside(first), Incident{}, event(Trigger, "b", Error), 2*m, Opened, KindTriggered), 2)
	to := allInOne.beside(second)
	to.Home = 1
	joined := comesTo(t, to, first, event(Trigger, "a", Error), 3*m, Joined, KindAlertAdded)
	if joined.ID != second.ID || joined.Firing() != 2 {
		t.Fatalf("what could have reopened its own incident: %+v", joined)
	}
	to.Group = comesTo(t, allInOne, second, event(Resolve, "b", ""), 3*m, Ended, KindResolved)
	back := comesTo(t, to, first, event(Trigger, "a", Error), 4*m, Reopened, KindReopened)
	if back.ID != second.ID || back.Opening != 2 || back.Firing() != 1 || len(back.Alerts) != 2 {
		t.Fatalf("the newest incident of the group reopens: %+v", back)
	}
}

func TestByFieldsEqualEventsJoinWithinATimeOfTheLastTrigger(t *testing.T) {
	first := numbered(comesTo(t, byClass, Incident{}, of("disk", "a"), 0, Opened, KindTriggered), 1)
	second := comesTo(t, byClass.beside(first), Incident{}, of("disk", "b"), 10*m, Joined, KindAlertAdded)
	third := comesTo(t, byClass.beside(second), Incident{}, of("disk", "c"), 20*m, Joined, KindAlertAdded)
	comesTo(t, byClass.beside(third), Incident{}, of("disk", "d"), 30*m+time.Millisecond, Opened, KindTriggered)
	repeated := comesTo(t, byClass, third, of("disk", "a"), 25*m, Repeated)
	comesTo(t, byClass.beside(repeated), Incident{}, of("disk", "d"), 35*m, Joined, KindAlertAdded)
}

func TestByFieldsOtherValuesAreAnotherGroup(t *testing.T) {
	key := func(e Event) string { return GroupOf(e, byClass.Service) }
	a, b := of("disk", "a"), of("net", "a")
	if key(a) == "" || key(a) == key(b) || key(a) != key(of("disk", "b")) {
		t.Fatalf("%q %q", key(a), key(b))
	}
	b = of("disk", "a")
	b.Source = "db2"
	if key(a) == key(b) {
		t.Fatal("another source is the same group")
	}
	other := byClass.Service
	other.ID = "web"
	if key(a) == GroupOf(a, other) {
		t.Fatal("another service has the same group")
	}
}

func TestADetailMayBeNamedAsTheSourceSentIt(t *testing.T) {
	s := shop.Service
	s.Grouping = Grouping{By: GroupFields, Fields: []string{"class"}, Within: m}
	long := s
	long.Grouping.Fields = []string{"custom_details.class"}
	if GroupOf(of("disk", "a"), long) == "" {
		t.Fatal("custom_details.class is not found")
	}
	for _, name := range []string{"source", "summary", "severity"} {
		s.Grouping.Fields = []string{name}
		if GroupOf(of("disk", "a"), s) == "" {
			t.Errorf("%s is not found", name)
		}
	}
}

func TestAnEventThatLacksAFieldStandsAlone(t *testing.T) {
	if k := GroupOf(event(Trigger, "a", Critical), byClass.Service); k != "" {
		t.Fatal(k)
	}
	if k := GroupOf(of("", "a"), byClass.Service); k != "" {
		t.Fatal(k)
	}
}

func TestOneGroupOfASourceIsOneIncident(t *testing.T) {
	a, b := event(Trigger, "a", Critical), event(Trigger, "b", Critical)
	a.Group, b.Group = `{}:{alertname="Down"}`, `{}:{alertname="Down"}`
	if k := GroupOf(a, shop.Service); k == "" || k != GroupOf(b, shop.Service) {
		t.Fatal(k)
	}
	b.Integration = "elsewhere"
	if GroupOf(a, shop.Service) == GroupOf(b, shop.Service) {
		t.Fatal("two sources share a group")
	}
	b = a
	b.Group = "other"
	if GroupOf(a, shop.Service) == GroupOf(b, shop.Service) {
		t.Fatal("two groups are one")
	}
	if GroupOf(a, allInOne.Service) != GroupOf(b, allInOne.Service) {
		t.Fatal("what the service says comes first")
	}
}

func TestAnAlertThatJoinsAndIsUrgentAlarmsAnew(t *testing.T) {
	low := numbered(comesTo(t, allInOne, Incident{}, event(Trigger, "k", Info), 0, Opened, KindTriggered), 1)
	high := comesTo(t, allInOne.beside(low), Incident{}, event(Trigger, "b", Critical), m, Raised, KindAlertAdded, KindUrgencyRaised)
	if high.Urgency != High || high.Severity != Critical || high.Status != Triggered {
		t.Fatalf("%+v", high)
	}
}

func TestWhatSomebodyTookAsAQuietNotificationIsNoLongerQuietWhenItTurnsUrgent(t *testing.T) {
	low := take1(t, open(t, Info), "ada", m)
	i := comes(t, low, event(Trigger, "k", Critical), 2*m, Raised, KindUrgencyRaised)
	if !i.QuietUntil.Equal(t0.Add(2*m)) || i.QuietReason != ReasonSeverityRose {
		t.Fatalf("%+v", i)
	}
}

// The one way in which an alert could get lost: it is found by the newest
// incident that holds it.
func TestATriggerNeverJoinsAnIncidentOlderThanTheOneItIsFoundBy(t *testing.T) {
	older := numbered(comesTo(t, allInOne, Incident{}, event(Trigger, "x", Error), 0, Opened, KindTriggered), 1)
	home := numbered(comes(t, open(t, Error), event(Resolve, "k", ""), m, Ended, KindResolved), 2)
	to := allInOne.beside(older)
	to.Home = 2
	if got := comesTo(t, to, home, event(Trigger, "k", Error), 2*m, Reopened, KindReopened); got.ID != home.ID {
		t.Fatalf("%+v", got)
	}
	comesTo(t, to, home, event(Trigger, "k", Error), time.Hour, Opened, KindTriggered)
}

func TestAFullIncidentTakesInNoFurtherAlert(t *testing.T) {
	full := numbered(comesTo(t, allInOne, Incident{}, event(Trigger, "k", Error), 0, Opened, KindTriggered), 1)
	for len(full.Alerts) < maxBundle {
		full.Alerts = append(full.Alerts, full.Alerts[0])
	}
	comesTo(t, allInOne.beside(full), Incident{}, event(Trigger, "x", Error), m, Opened, KindTriggered)
}

func TestAReopenedIncidentTakesOnTheGroupOfWhatItIsAboutNow(t *testing.T) {
	done := comesTo(t, byClass, comesTo(t, byClass, Incident{}, of("disk", "k"), 0, Opened, KindTriggered), event(Resolve, "k", ""), m, Ended, KindResolved)
	back := comesTo(t, byClass, done, of("net", "k"), 2*m, Reopened, KindReopened)
	if back.Group != GroupOf(of("net", "k"), byClass.Service) {
		t.Fatal(back.Group)
	}
}

func TestATestPageAndAResolveHaveNoGroup(t *testing.T) {
	e := event(Trigger, "k", Critical)
	e.Test = true
	if GroupOf(e, allInOne.Service)+GroupOf(event(Resolve, "k", ""), allInOne.Service) != "" {
		t.Fatal("they have")
	}
}

func TestWhatTheAlertWasPartOfWasMergedIntoGetsItsLaterEvents(t *testing.T) {
	into := Incident{ID: "t", Number: 1, Service: "web", Status: Triggered, Urgency: High, Opening: 1, TriggeredAt: t0}
	to := shop
	to.Home, to.Others = 2, []Service{{ID: "web", Policy: "web", ReopenWindow: 5 * m, Lease: m}}
	i := comesTo(t, to, into, event(Trigger, "k", Critical), m, Joined, KindAlertAdded)
	if i.ID != "t" || i.Firing() != 1 {
		t.Fatalf("%+v", i)
	}
	taken := comesTo(t, to, i, event(Acknowledge, "k", ""), 2*m, Taken, KindAcknowledged)
	if !taken.QuietUntil.Equal(t0.Add(3 * m)) {
		t.Fatalf("the lease is that of its own service, not until %s", taken.QuietUntil)
	}
	i = comesTo(t, to, i, event(Resolve, "k", ""), 2*m, Ended, KindResolved)
	back := comesTo(t, to, i, event(Trigger, "new", Critical), 7*m-1, Reopened, KindReopened)
	if back.Policy != "web" || back.ID != "t" {
		t.Fatalf("%+v", back)
	}
	comesTo(t, to, i, event(Trigger, "k", Critical), 7*m, Opened, KindTriggered)
}

func TestTheIncidentThatAnEventJoinsIsNotChangedInPlace(t *testing.T) {
	first := numbered(comesTo(t, allInOne, Incident{}, event(Trigger, "k", Info), 0, Opened, KindTriggered), 1)
	first.Alerts = append(make([]Alert, 0, 4), first.Alerts...)
	to := allInOne.beside(first)
	before := clone(first)
	comesTo(t, to, Incident{}, event(Trigger, "a", Critical), m, Raised, KindAlertAdded, KindUrgencyRaised)
	if !reflect.DeepEqual(first, before) || first.Alerts[:2][1].Key != "" {
		t.Fatal("it was")
	}
}

func TestWhatAPersonResolvedWhileItFiredDoesNotKeepAReopenedIncidentOpen(t *testing.T) {
	first := numbered(comesTo(t, allInOne, Incident{}, event(Trigger, "k", Error), 0, Opened, KindTriggered), 1)
	two := comesTo(t, allInOne.beside(first), Incident{}, event(Trigger, "other", Error), m, Joined, KindAlertAdded)
	resolved, _, _ := ResolveBy(two, Command{By: "ada"}, 0, t0.Add(2*m))
	again := comesTo(t, allInOne, resolved, event(Trigger, "k", Error), 3*m, Reopened, KindReopened)
	if again.Firing() != 1 {
		t.Fatalf("%d alerts fire: %+v", again.Firing(), again.Alerts)
	}
	comesTo(t, allInOne, again, event(Resolve, "k", ""), 4*m, Ended, KindResolved)
}
