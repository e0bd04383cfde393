package incident

import (
	"reflect"
	"testing"
	"time"
)

// The rules on notes, snoozes and renewing, one test each.

func TestAnAcknowledgementAgainByTheHolderRenewsTheLease(t *testing.T) {
	i := take1(t, open(t, Critical), "ada", m)
	next, answer, e := AcknowledgeBy(i, onDevice(1, 5*m), lease, t0.Add(5*m))
	if answer != Applied || !next.QuietUntil.Equal(t0.Add(35*m)) || e.Kind != KindRenewed || !next.AcknowledgedAt.Equal(i.AcknowledgedAt) {
		t.Fatalf("%s %+v %+v", answer, e, next)
	}
}

func TestANoteOfTheHolderRenewsTheLeaseAndOneOfAnotherDoesNot(t *testing.T) {
	i := take1(t, open(t, Critical), "ada", m)
	next, e := NoteBy(i, Command{By: "ada"}, "restarted it", lease, t0.Add(5*m))
	if !next.QuietUntil.Equal(t0.Add(35*m)) || e.Kind != KindNote || e.Text != "restarted it" || e.User != "ada" {
		t.Fatalf("%+v %+v", e, next)
	}
	if next, _ = NoteBy(i, Command{By: "bob"}, "hm", lease, t0.Add(5*m)); !reflect.DeepEqual(next, i) {
		t.Fatal("the note of somebody else changed the incident")
	}
}

func TestRenewingNeverShortensAndNeverTouchesASnooze(t *testing.T) {
	i, _, _ := SnoozeBy(take1(t, open(t, Critical), "ada", m), Command{By: "ada"}, t0.Add(5*time.Hour), false, lease, t0.Add(2*m))
	if next, answer, _ := AcknowledgeBy(i, onDevice(1, 3*m), lease, t0.Add(3*m)); answer != Already || !next.QuietUntil.Equal(t0.Add(5*time.Hour)) {
		t.Fatalf("%s until %s", answer, next.QuietUntil)
	}
}

func TestASnoozeTakesWhatNobodyHasAndLeavesTheHolderOtherwise(t *testing.T) {
	i, answer, entries := SnoozeBy(open(t, Critical), Command{By: "ada"}, t0.Add(5*time.Hour), true, lease, t0.Add(m))
	if answer != Applied || i.Status != Acknowledged || i.Holder != "ada" || i.QuietReason != ReasonSnoozeFixed ||
		len(entries) != 2 || entries[0].Kind != KindAcknowledged || entries[1].Kind != KindSnoozed {
		t.Fatalf("%s %+v %+v", answer, i, entries)
	}
	i, answer, entries = SnoozeBy(i, Command{By: "bob"}, t0.Add(2*time.Hour), false, lease, t0.Add(2*m))
	if answer != Applied || i.Holder != "ada" || !i.QuietUntil.Equal(t0.Add(2*time.Hour)) || i.QuietReason != ReasonSnooze || len(entries) != 1 {
		t.Fatalf("%s %+v %+v", answer, i, entries)
	}
}

func TestASnoozeIntoThePastOrForTooLongOrOfWhatIsOverIsRefused(t *testing.T) {
	i := open(t, Critical)
	for _, until := range []time.Duration{-m, 0, MaxSnooze + m} {
		next, answer, entries := SnoozeBy(i, Command{By: "ada"}, t0.Add(until), false, lease, t0)
		if answer != Refused || entries[0].Reason != ReasonNoSuchTime || !reflect.DeepEqual(next, i) {
			t.Fatalf("%s: %s %+v", until, answer, entries)
		}
	}
	i, _, _ = ResolveBy(i, Command{By: "ada"}, lease, t0.Add(m))
	if _, answer, _ := SnoozeBy(i, Command{By: "ada"}, t0.Add(time.Hour), false, lease, t0.Add(2*m)); answer != Already {
		t.Fatal(answer)
	}
}

func TestAnIncidentOpenedByHandIsTriggeredAndEndsWhenAPersonSaysSo(t *testing.T) {
	i, entries := OpenBy(Command{By: "kim"}, Target{Service: Service{ID: "shop", Policy: "p"}, Revision: 3}, "come and look", High, t0)
	if i.Status != Triggered || i.Urgency != High || i.Opening != 1 || len(entries) != 1 || entries[0].User != "kim" ||
		entries[0].Reason != ReasonByUser {
		t.Fatalf("%+v %+v", i, entries)
	}
	if i, _, e := ResolveBy(i, Command{By: "kim"}, lease, t0.Add(m)); i.Open() || e.Reason != ReasonByUser {
		t.Fatalf("%+v %+v", i, e)
	}
}
