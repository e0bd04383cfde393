package inbox

import (
	"reflect"
	"strconv"
	"testing"
	"time"
)

func notice(id string) Message { return NoticeCame{Notice{ID: id, Title: "Your shift", At: at}} }

func TestANoticeIsToldOnce(t *testing.T) {
	d := newDesk(Durable{}).take(notice("n1"))
	if count[Notify](d.effects) != 1 {
		t.Fatalf("%v", d.effects)
	}
	if d.take(notice("n1")); count[Notify](d.effects) != 0 {
		t.Error("told again by a repeated frame")
	}
	d.take(NoticeShown{"n1"}, NoticeShown{"n1"})
	if len(d.Outbox) != 1 || d.Outbox[0].Notice != "n1" {
		t.Fatalf("reported %+v", d.Outbox)
	}
	restarted := newDesk(d.Durable)
	if n := count[Notify](restarted.effects) + count[Notify](restarted.take(notice("n1")).effects); n != 0 || len(restarted.Outbox) != 1 {
		t.Errorf("told %d times again after a restart, %d reports", n, len(restarted.Outbox))
	}
	if got := restarted.Recent(); len(got) != 1 || !got[0].Shown {
		t.Errorf("recent: %+v", got)
	}
}

func TestANoticeThatWasNotShownIsToldAgain(t *testing.T) {
	d := newDesk(Durable{}).take(notice("n1"))
	if restarted := newDesk(d.Durable); count[Notify](restarted.effects) != 1 {
		t.Error("not after a restart")
	}
	d.now = d.now.Add(tellAgain)
	if d.take(notice("n1")); count[Notify](d.effects) != 1 {
		t.Error("not when the hub says it again")
	}
}

func TestAHubThatLostTheReportHearsItAgain(t *testing.T) {
	d := newDesk(Durable{}).take(notice("n1"), NoticeShown{"n1"})
	d.take(Answered{ReportID: d.Outbox[0].ID, Answer: Applied}, notice("n1"))
	if count[Notify](d.effects) != 0 || len(d.Outbox) != 1 {
		t.Errorf("%v, %d reports", d.effects, len(d.Outbox))
	}
}

func TestTheLastTwentyNoticesAreKept(t *testing.T) {
	d := newDesk(Durable{})
	for i := range 30 {
		id := strconv.Itoa(i)
		if d.take(notice(id)); i != 3 { // one that nobody saw stays
			d.take(NoticeShown{id})
		}
	}
	got := d.Recent()
	if len(got) != keepNotices || got[0].ID != "29" || got[keepNotices-1].ID != "3" {
		t.Errorf("kept %+v", got)
	}
}

func TestAProbeIsAnsweredWithWhatTheShellFoundOut(t *testing.T) {
	d := newDesk(Durable{}).take(ProbeCame{"p1"}, ProbeCame{"p1"})
	if want := []Effect{TryAlarm{"p1"}}; !reflect.DeepEqual(d.effects, want) {
		t.Fatalf("%v", d.effects)
	}
	d.take(AlarmTried{Probe: "p1", Problems: []string{"The sound is muted."}})
	if want := []Effect{AnswerProbe{"p1", false, []string{"The sound is muted."}}}; !reflect.DeepEqual(d.effects, want) {
		t.Errorf("%v", d.effects)
	}
	if d.take(AlarmTried{Probe: "p1"}, Proof{}); len(d.effects) != 0 {
		t.Errorf("answered twice: %v", d.effects)
	}
	if len(d.Outbox) != 0 || len(d.Open()) != 0 || d.Sound() != Silence {
		t.Error("a probe is to be silent, and leaves nothing behind")
	}
}

func TestADesktopThatDoesNotAnswerIsNotReady(t *testing.T) {
	d := newDesk(Durable{}).take(Readiness{Ready: true}, ProbeCame{"p1"})
	if due := Due(d.State, d.now); !due.Equal(d.now.Add(probeWait)) {
		t.Fatalf("due %v", due)
	}
	d.after(probeWait)
	if got := of[AnswerProbe](d); len(got) != 1 || got[0].Ready || len(got[0].Problems) != 1 {
		t.Errorf("answered %+v", got)
	}
}

func TestDutyIsToldInOneSentence(t *testing.T) {
	for want, duty := range map[string]Duty{
		"On duty.":                  {},
		"Off duty.":                 {Off: true},
		"Off duty until 04:00 UTC.": {Off: true, Until: at.Add(time.Hour)},
		"Bob is asked to take over, and has until 03:10 UTC to answer; you are on duty until then.": {WaitingFor: "Bob", WaitingUntil: at.Add(10 * time.Minute)},
	} {
		if got := newDesk(Durable{}).take(DutyCame{duty}).DutyText(at, time.UTC); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
}

func TestWhoIsOnCallNowAgesWithTheRoster(t *testing.T) {
	d := newDesk(Durable{}).take(RosterCame{Roster{Until: at.Add(time.Hour), Now: []OnCallNow{
		{Schedule: "Primary", User: "Ada", Until: at.Add(10 * time.Minute)}, {Schedule: "Second", Reachable: ReachableNo},
	}}})
	for after, want := range map[time.Duration]int{0: 2, 10 * time.Minute: 1, time.Hour: 0} {
		if got := len(d.OnCallNow(at.Add(after))); got != want {
			t.Errorf("after %v: %d schedules, want %d", after, got, want)
		}
	}
}
