package incident

import (
	"reflect"
	"testing"
	"time"
)

// The rules on what people do with an incident, one test each.

const lease = 30 * m

// onDevice is a command from Ada's laptop, about an opening, made at a time.
func onDevice(opening int, made time.Duration) Command {
	return Command{By: "ada", Device: "laptop", Opening: opening, Made: t0.Add(made)}
}

func TestAnAcknowledgementHoldsForTheLeaseFromItsCommit(t *testing.T) {
	i, answer, e := AcknowledgeBy(open(t, Critical), onDevice(1, m), lease, t0.Add(2*m))
	if answer != Applied || i.Status != Acknowledged || i.Holder != "ada" || !i.AcknowledgedAt.Equal(t0.Add(2*m)) ||
		!i.QuietUntil.Equal(t0.Add(32*m)) || i.QuietReason != ReasonLease {
		t.Fatalf("%s %+v", answer, i)
	}
	if e.Kind != KindAcknowledged || e.User != "ada" || e.Device != "laptop" || e.Reason != ReasonByUser {
		t.Fatalf("%+v", e)
	}
	i, _, _ = AcknowledgeBy(open(t, Critical), onDevice(1, m), 0, t0.Add(2*m))
	if !i.QuietUntil.IsZero() {
		t.Fatal("without a lease it holds for good")
	}
}

func TestOfTwoTheFirstThatTheHubCommitsHoldsAndTheLaterIsRecorded(t *testing.T) {
	first := take1(t, open(t, Critical), "bob", m)
	i, answer, e := AcknowledgeBy(first, onDevice(1, 0), lease, t0.Add(2*m))
	if answer != Already || i.Holder != "bob" || e.Kind != KindAlready || e.User != "ada" || e.Reason != ReasonTakenBefore {
		t.Fatalf("%s %s %+v", answer, i.Holder, e)
	}
	if !reflect.DeepEqual(i, first) {
		t.Fatal("the later one changed the incident")
	}
}

func TestAnAcknowledgementOfAnOpeningBeforeIsTooLateAndQuietsNothing(t *testing.T) {
	i := comes(t, open(t, Critical), event(Resolve, "k", ""), m, Ended, KindResolved)
	i = comes(t, i, event(Trigger, "k", Critical), 2*m, Reopened, KindReopened)
	next, answer, e := AcknowledgeBy(i, onDevice(1, 30*time.Second), lease, t0.Add(3*m))
	if answer != TooLate || next.Status != Triggered || e.Kind != KindTooLate || e.Reason != ReasonNewOpening {
		t.Fatalf("%s %+v", answer, e)
	}
	if _, answer, _ = AcknowledgeBy(i, onDevice(2, 2*m), lease, t0.Add(3*m)); answer != Applied {
		t.Fatal(answer)
	}
}

func TestAnAcknowledgementOlderThanTheLeaseIsTooLate(t *testing.T) {
	i := open(t, Critical)
	if _, answer, _ := AcknowledgeBy(i, onDevice(1, m), lease, t0.Add(31*m)); answer != Applied {
		t.Fatalf("exactly the lease: %s", answer)
	}
	next, answer, e := AcknowledgeBy(i, onDevice(1, m), lease, t0.Add(31*m+1))
	if answer != TooLate || next.Status != Triggered || e.Reason != ReasonOlderThan {
		t.Fatalf("%s %+v", answer, e)
	}
	if _, answer, _ := AcknowledgeBy(i, onDevice(1, m), 0, t0.Add(100*time.Hour)); answer != Applied {
		t.Fatalf("without a lease: %s", answer)
	}
}

func TestAPersonAtTheCommandLineMeansWhateverIsOpenNow(t *testing.T) {
	i := comes(t, open(t, Critical), event(Resolve, "k", ""), m, Ended, KindResolved)
	i = comes(t, i, event(Trigger, "k", Critical), 2*m, Reopened, KindReopened)
	if _, answer, _ := AcknowledgeBy(i, Command{By: "ada"}, lease, t0.Add(100*time.Hour)); answer != Applied {
		t.Fatal(answer)
	}
}

func TestWhatIsResolvedCanBeNeitherAcknowledgedNorResolvedAgain(t *testing.T) {
	i := comes(t, open(t, Critical), event(Resolve, "k", ""), m, Ended, KindResolved)
	next, answer, e := AcknowledgeBy(i, onDevice(1, m), lease, t0.Add(2*m))
	if answer != Already || next.Status != Resolved || e.Reason != ReasonNotOpen {
		t.Fatalf("%s %+v", answer, e)
	}
	next, answer, e = ResolveBy(i, onDevice(1, m), lease, t0.Add(2*m))
	if answer != Already || !next.ResolvedAt.Equal(t0.Add(m)) || e.Kind != KindAlready {
		t.Fatalf("%s %+v", answer, e)
	}
}

func TestAPersonResolvesAndIsToldThatItIsStillFiring(t *testing.T) {
	i := take1(t, open(t, Critical), "bob", m)
	next, answer, e := ResolveBy(i, onDevice(1, m), lease, t0.Add(2*m))
	if answer != Applied || next.Status != Resolved || !next.QuietUntil.IsZero() || e.Kind != KindResolved || e.Reason != ReasonStillFiring {
		t.Fatalf("%s %+v", answer, e)
	}
	if !next.Alerts[0].Open || next.Holder != "bob" {
		t.Fatal("the source has not resolved, and Bob had it")
	}
	i.Alerts = []Alert{{Open: false}}
	if _, _, e = ResolveBy(i, onDevice(1, m), lease, t0.Add(2*m)); e.Reason != ReasonByUser {
		t.Fatalf("%+v", e)
	}
}

func TestAResolveFromADeviceCanBeTooLateToo(t *testing.T) {
	i := open(t, Critical)
	if _, answer, e := ResolveBy(i, onDevice(2, m), lease, t0.Add(m)); answer != TooLate || e.Reason != ReasonNewOpening {
		t.Fatalf("%s %+v", answer, e)
	}
	if _, answer, _ := ResolveBy(i, onDevice(1, 0), lease, t0.Add(time.Hour)); answer != TooLate {
		t.Fatal(answer)
	}
}

func TestTheEndOfAQuietTimeKeepsTheOpeningAndTheHolder(t *testing.T) {
	i := QuietEnded(take1(t, open(t, Critical), "bob", m))
	if i.Status != Triggered || i.Opening != 1 || i.Holder != "bob" || !i.QuietUntil.IsZero() || i.QuietReason != "" {
		t.Fatalf("%+v", i)
	}
}
