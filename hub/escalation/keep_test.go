package escalation

import (
	"testing"
	"time"

	"tocsin/hub/incident"
)

// The rules on maintenance and support hours, one test each.

// maintenance: windows of the incident's service, each from one time to another,
// apart from each other.
func (st *story) maintenance(edges ...time.Duration) *story {
	st.s.Incident.Alerts = []incident.Alert{{Integration: "events", Key: "k", Open: true}}
	st.calendar = func(now time.Time) (t incident.Times) {
		for i := 0; i < len(edges); i += 2 {
			if from, to := t0.Add(edges[i]), t0.Add(edges[i+1]); !now.Before(from) && now.Before(to) {
				t.Began, t.Maintenance, t.Note = from, to, "upgrade"
			}
		}
		return t
	}
	return st
}

// support: the service's support hours begin then.
func (st *story) support(begin time.Duration) *story {
	st.s.Incident.Alerts = []incident.Alert{{Integration: "events", Key: "k", Open: true}}
	before := st.calendar
	st.calendar = func(now time.Time) (t incident.Times) {
		if before != nil {
			t = before(now)
		}
		if at := t0.Add(begin); now.Before(at) {
			t.Support = at
		}
		return t
	}
	return st
}

func TestWhatTriggersDuringMaintenanceIsKeptAndPagedAtItsEnd(t *testing.T) {
	given(t, 5*m).levels("ada").maintenance(0, time.Hour).trigger().waits(time.Hour, WaitMaintenance).pages().
		told("0s held 0 maintenance 2026-11-02T04:00:00Z upgrade").
		at(59*m).pages().at(time.Hour).pages("1h0m0s ada triggered").told("1h0m0s quiet_ended 0 maintenance_over").
		waits(65*m, WaitTimeout)
}

func TestOfAHoldAndAMaintenanceTheOneThatLastsLongerCounts(t *testing.T) {
	hold := func(st *story, d time.Duration) *story {
		st.s.Incident.QuietUntil, st.s.Incident.QuietReason = t0.Add(d), incident.ReasonHold
		return st.trigger()
	}
	hold(given(t, 5*m).levels("ada").maintenance(0, time.Hour), 30*s).waits(time.Hour, WaitMaintenance)
	hold(given(t, 5*m).levels("ada").maintenance(0, 10*s), 30*s).waits(30*s, WaitHold).at(m).pages("30s ada triggered")
}

func TestAResolveDuringMaintenancePagesNobody(t *testing.T) {
	given(t, 5*m).levels("ada").maintenance(0, time.Hour).trigger().at(10 * m).resolve().at(2 * time.Hour).pages().waitsForNothing()
}

func TestWhatWasOpenBeforeAMaintenanceGoesOn(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").maintenance(m, time.Hour).trigger().at(7*m).pages("0s ada triggered", "5m0s bob timeout")
}

func TestWhatWasAcknowledgedBeforeAMaintenancePagesWhenItsLeaseEnds(t *testing.T) {
	given(t, 5*m).levels("ada").maintenance(m, 2*time.Hour).trigger().acknowledge("ada", 30*m).at(31*m).pages("0s ada triggered", "30m0s ada lease_over")
}

func TestALeaseThatEndsWithinTheMaintenanceThatItsIncidentCameInWaitsForTheEnd(t *testing.T) {
	given(t, 5*m).levels("ada").maintenance(0, time.Hour).trigger().acknowledge("ada", 30*m).at(31*m).pages().waits(time.Hour, WaitMaintenance).
		at(61 * m).pages("1h0m0s ada lease_over")
}

func TestAMaintenanceThatIsMadeShorterLongerOrTakenAwayMovesTheWait(t *testing.T) {
	st := given(t, 5*m).levels("ada").maintenance(0, time.Hour).trigger().at(10 * m)
	st.maintenance(0, 30*m).settle().waits(30*m, WaitMaintenance).maintenance(0, 2*time.Hour).settle().waits(2*time.Hour, WaitMaintenance)
	st.at(20 * m).pages().maintenance().settle().pages("20m0s ada triggered").told("20m0s quiet_ended 0 maintenance_over")
}

func TestWhatWaitsAtTheEndOfAMaintenanceWaitsOnWhereAnotherRuns(t *testing.T) {
	// A window was entered that covers the end of the one at hand.
	given(t, 5*m).levels("ada").maintenance(0, time.Hour).trigger().at(10*m).maintenance(5*m, 90*m).at(time.Hour).pages().waits(90*m, WaitMaintenance)
}

func TestNeitherClockStepsNorDownTimeMoveTheEndOfAMaintenance(t *testing.T) {
	st := given(t, 5*m).levels("ada").maintenance(0, time.Hour).trigger()
	if moved := Shift(st.s, -10*m); !moved.Incident.QuietUntil.Equal(t0.Add(time.Hour)) {
		t.Fatalf("clock set back: %s", moved.Incident.QuietUntil)
	}
	if moved := Pause(st.s, 10*m); !moved.Incident.QuietUntil.Equal(t0.Add(time.Hour)) {
		t.Fatalf("hub down: %s", moved.Incident.QuietUntil)
	}
}

func TestWhatIsAskedForByHandIsDoneDuringMaintenance(t *testing.T) {
	given(t, 5*m).levels("ada").maintenance(0, time.Hour).trigger().at(10 * m).escalate().pages("10m0s ada by_hand").at(12 * m).pages()
	given(t, 5*m).levels("ada").maintenance(0, time.Hour).trigger().at(10*m).add("cleo").pages("10m0s cleo added").waits(time.Hour, WaitMaintenance)
}

func TestWhatAPersonOpensDuringMaintenancePagesAtOnce(t *testing.T) {
	st := given(t, 5*m).levels("ada").maintenance(0, time.Hour)
	st.s.Incident.Alerts = nil // no source stands behind it
	st.trigger().pages("0s ada triggered")
}

func TestLowUrgencyIsToldQuietlyWithinSupportHoursAndOtherwiseWhenTheyBegin(t *testing.T) {
	given(t, 5*m).levels("ada").support(0).urgency(incident.Low).trigger().pages("0s ada triggered").waitsForNothing()
	given(t, 5*m, 5*m).levels("ada", "bob").support(6*time.Hour).urgency(incident.Low).trigger().waits(6*time.Hour, WaitSupportHours).
		told("0s held 0 support_hours 2026-11-02T09:00:00Z").at(7 * time.Hour).pages("6h0m0s ada triggered").waitsForNothing()
}

func TestHighUrgencyDoesNotWaitForSupportHours(t *testing.T) {
	given(t, 5*m).levels("ada").support(6 * time.Hour).trigger().pages("0s ada triggered")
}

func TestALowIncidentWhoseMaintenanceEndsAtNightWaitsForSupportHours(t *testing.T) {
	given(t, 5*m).levels("ada").maintenance(0, time.Hour).support(6*time.Hour).urgency(incident.Low).trigger().waits(6*time.Hour, WaitSupportHours).
		at(7 * time.Hour).pages("6h0m0s ada triggered")
}

func TestALowIncidentWhoseSupportHoursBeginDuringMaintenanceWaitsForItsEnd(t *testing.T) {
	given(t, 5*m).levels("ada").maintenance(5*time.Hour, 7*time.Hour).support(6*time.Hour).urgency(incident.Low).trigger().
		at(6*time.Hour).pages().waits(7*time.Hour, WaitMaintenance).at(8 * time.Hour).pages("7h0m0s ada triggered")
}
