package incident

import (
	"testing"
	"time"
)

// during: the shop is under maintenance, and kept waits for its end.
func during(kept Incident) Target {
	to := shop
	to.Times = Times{Began: t0, Maintenance: t0.Add(time.Hour)}
	to.Kept = kept
	return to
}

// keptAs is an incident as it waits for the end of the shop's maintenance.
func keptAs(number uint64, i Incident) Incident {
	i.Number = number
	return Keep(i, t0.Add(time.Hour), ReasonMaintenance)
}

func TestDuringMaintenanceOneIncidentTakesEverythingThatTriggers(t *testing.T) {
	kept := keptAs(1, open(t, Warning))
	kept.Urgency = Low
	i := comesTo(t, during(kept), Incident{}, event(Trigger, "other", Critical), m, Bundled, KindAlertAdded, KindUrgencyRaised)
	if i.Number != 1 || len(i.Alerts) != 2 || i.Severity != Critical || i.Urgency != High || !i.Held() {
		t.Fatalf("%+v", i)
	}
	i = comesTo(t, during(i), i, event(Resolve, "other", ""), 2*m, AlertEnded, KindAlertResolved)
	if i = comesTo(t, during(i), i, event(Resolve, "k", ""), 3*m, Ended, KindResolved); i.Status != Resolved {
		t.Fatal(i.Status)
	}
}

func TestLowUrgencyThatWaitsForSupportHoursIsABundleIfItCameDuringTheMaintenance(t *testing.T) {
	i := open(t, Warning)
	i.Urgency, i.Number = Low, 1
	kept := Keep(i, t0.Add(9*time.Hour), ReasonSupportHours)
	i = comesTo(t, during(kept), Incident{}, event(Trigger, "other", Critical), m, Bundled, KindAlertAdded, KindUrgencyRaised)
	if until, why := during(kept).Times.Planned(i); why != ReasonMaintenance || !until.Equal(t0.Add(time.Hour)) {
		t.Fatal("what is urgent waits for the maintenance only", until, why)
	}
	before := kept
	before.TriggeredAt = t0.Add(-m)
	comesTo(t, during(before), Incident{}, event(Trigger, "other", Critical), m, Opened, KindTriggered)
}

func TestWhatSomebodyHasTakenDuringMaintenanceIsNoBundle(t *testing.T) {
	kept := keptAs(1, open(t, Critical))
	kept, _, _ = AcknowledgeBy(kept, Command{By: "ada"}, 0, t0)
	comesTo(t, during(kept), Incident{}, event(Trigger, "other", Critical), m, Opened, KindTriggered)
}

func TestAnAlertGoesToNoBundleThatIsOlderThanItsOwnIncident(t *testing.T) {
	before := comes(t, open(t, Critical), event(Resolve, "k", ""), m, Ended, KindResolved)
	before.Number = 2
	kept := keptAs(1, open(t, Critical))
	i := comesTo(t, during(kept), before, event(Trigger, "k", Critical), 2*m, Reopened, KindReopened)
	if i.Number != 2 {
		t.Fatal("events of the key would not find it")
	}
	kept.Number = 3
	if i := comesTo(t, during(kept), before, event(Trigger, "k", Critical), 2*m, Bundled, KindAlertAdded); i.Number != 3 {
		t.Fatal(i.Number)
	}
}

func TestSupportHoursMakeUrgencyHighWithinThemAndLowOutside(t *testing.T) {
	outside := Times{Support: t0.Add(time.Hour)}
	for _, sev := range Severities {
		if BySupportHours.Of(sev, Times{}) != High || BySupportHours.Of(sev, outside) != Low {
			t.Error(sev)
		}
	}
	if BySeverity.Of(Critical, outside) != High {
		t.Error("support hours change nothing for other rules")
	}
}

func TestAnOpenLowIncidentStaysLowWhenSupportHoursBegin(t *testing.T) {
	to := shop
	to.Service.Urgency, to.Times.Support = BySupportHours, t0.Add(time.Hour)
	i := comesTo(t, to, Incident{}, event(Trigger, "k", Warning), 0, Opened, KindTriggered)
	to.Times.Support = time.Time{}
	if i = comesTo(t, to, i, event(Trigger, "k", Warning), 2*time.Hour, Repeated); i.Urgency != Low {
		t.Fatal(i.Urgency)
	}
	if n := comesTo(t, to, Incident{}, event(Trigger, "new", Warning), 2*time.Hour, Opened, KindTriggered); n.Urgency != High {
		t.Fatal("new ones are high")
	}
}

func TestWhatBecomesUrgentNoLongerWaitsForSupportHours(t *testing.T) {
	i := Keep(open(t, Warning), t0.Add(time.Hour), ReasonSupportHours)
	if i = comes(t, i, event(Trigger, "k", Critical), m, Raised, KindUrgencyRaised); i.Held() || i.Urgency != High {
		t.Fatalf("%+v", i)
	}
}
