package escalation

import (
	"slices"
	"testing"
	"time"

	"tocsin/hub/incident"
)

// The rules on resolve after quiet, one test each. The source's alerts resolve
// after 15 minutes; its heartbeat comes, and stops, as each test says.

// logs: the incident's alerts are of a source that never says that it is over,
// with these keys; its heartbeat has come since a time.
func (st *story) logs(alive time.Duration, keys ...string) *story {
	st.s.World.Sources = []Source{{Integration: "logs", After: 15 * m, Heartbeat: "logs-alive"}}
	st.s.Incident.Alerts = nil
	for _, k := range keys {
		st.s.Incident.Alerts = append(st.s.Incident.Alerts, incident.Alert{Integration: "logs", Key: k, Open: true, Count: 1, FirstAt: st.now, LastAt: st.now})
	}
	return st.alive(alive)
}

// alive: the heartbeat has come since then without a gap.
func (st *story) alive(since time.Duration) *story {
	st.s.World.Sources = slices.Clone(st.s.World.Sources)
	st.s.World.Sources[0].Alive = t0.Add(since)
	return st
}

// dead: the heartbeat does not come.
func (st *story) dead() *story {
	st.alive(0).s.World.Sources[0].Alive = time.Time{}
	return st
}

// repeats: the alert is repeated now, which only counts it.
func (st *story) repeats(key string) *story {
	st.s.Incident.Alerts = slices.Clone(st.s.Incident.Alerts)
	st.s.Incident.Alerts[st.s.alert("logs", key)].LastAt = st.now
	return st
}

func (st *story) status(want incident.Status) *story {
	st.t.Helper()
	if got := st.s.Incident.Status; got != want {
		st.t.Fatalf("at %s %s, want %s: %v", st.now.Sub(t0), got, want, st.log)
	}
	return st
}

func TestAnAlertThatIsNotRepeatedResolvesWhileItsSourceIsAlive(t *testing.T) {
	given(t, 5*m).levels("ada").logs(-time.Hour, "k").trigger().acknowledge("ada", time.Hour).waits(15*m, WaitSilence).
		at(15 * m).status(incident.Resolved).told("15m0s resolved 0 resolve_after_quiet logs").waitsForNothing().open("")
}

func TestQuietIsCountedFromTheLastRepetition(t *testing.T) {
	st := given(t, 5*m).levels("ada").logs(-time.Hour, "k").trigger().acknowledge("ada", time.Hour)
	st.sleepUntil(10 * m).repeats("k") // the time to wake stays; then it is looked at again
	st.sleepUntil(15*m).settle().waits(25*m, WaitSilence).at(25 * m).status(incident.Resolved)
}

func TestEachAlertIsQuietForItselfAndTheIncidentEndsWithTheLast(t *testing.T) {
	st := given(t, 5*m).levels("ada").logs(-time.Hour, "a", "b").trigger().acknowledge("ada", time.Hour)
	st.sleepUntil(10 * m).repeats("b").at(15 * m).status(incident.Acknowledged).told("15m0s alert_resolved 0 resolve_after_quiet logs").
		at(25 * m).status(incident.Resolved)
}

func TestWhereTheSourceIsSilentTheIncidentSaysSoOnceAndStays(t *testing.T) {
	given(t, 5*m).levels("ada").logs(0, "a", "b").dead().trigger().acknowledge("ada", 0).
		at(15*m).status(incident.Acknowledged).tells("source_silent", "15m0s 0 resolve_after_quiet logs logs-alive").
		at(10*time.Hour).status(incident.Acknowledged).tells("source_silent", "15m0s 0 resolve_after_quiet logs logs-alive").waitsForNothing()
}

func TestASourceThatIsBackMustBeQuietOnceMore(t *testing.T) {
	st := given(t, 5*m).levels("ada").logs(0, "a", "b").dead().trigger().acknowledge("ada", 0).at(30 * m)
	st.alive(30*m).settle().told("30m0s source_back 0 resolve_after_quiet logs logs-alive").waits(45*m, WaitSilence).
		at(45 * m).status(incident.Resolved)
	if st.tells("source_back", "30m0s 0 resolve_after_quiet logs logs-alive"); len(st.s.Incident.Silent()) != 0 {
		t.Fatal(st.s.Incident.Silent())
	}
}

func TestASourceThatWasAwayForAMomentStartsTheQuietAnew(t *testing.T) {
	st := given(t, 5*m).levels("ada").logs(-time.Hour, "k").trigger().acknowledge("ada", 0).at(5 * m)
	st.alive(12*m).sleepUntil(12*m).settle().waits(27*m, WaitSilence)
}

func TestQuietDoesNotCountTheTimeWithoutAHub(t *testing.T) {
	given(t, 5*m).levels("ada").logs(-time.Hour, "k").trigger().acknowledge("ada", 0).
		sleepUntil(20*m).restart().at(34*m).status(incident.Acknowledged).waits(35*m, WaitSilence).at(35 * m).status(incident.Resolved)
}

func TestQuietMovesWithTheClock(t *testing.T) {
	st := given(t, 5*m).levels("ada").logs(-2*time.Hour, "k").trigger().acknowledge("ada", 0)
	st.s, st.now = Shift(st.s, -time.Hour), st.now.Add(-time.Hour)
	st.s.World.HubStart = t0.Add(-3 * time.Hour)
	st.waits(15*m-time.Hour, WaitSilence)
}

func TestASourceWhoseRuleIsTakenAwayIsNoLongerCalledSilent(t *testing.T) {
	st := given(t, 5*m).levels("ada").logs(0, "a", "b").dead().trigger().acknowledge("ada", 0).at(30 * m)
	st.s.World.Sources = nil
	if st.settle(); len(st.s.Incident.Silent()) != 0 {
		t.Fatal(st.s.Incident.Silent())
	}
}

func TestWhatWaitsForMaintenanceResolvesByQuietToo(t *testing.T) {
	given(t, 5*m).levels("ada").maintenance(0, time.Hour).logs(-time.Hour, "k").trigger().at(15 * m).status(incident.Resolved).at(2 * time.Hour).pages()
}

func TestPagingGoesOnUntilTheAlertIsQuiet(t *testing.T) {
	given(t, 5*m, 5*m).levels("ada", "bob").logs(-time.Hour, "k").trigger().at(20*m).pages("0s ada triggered", "5m0s bob timeout", "10m0s bob keep_paging").
		status(incident.Resolved).open("")
}
