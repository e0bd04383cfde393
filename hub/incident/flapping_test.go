package incident

import (
	"testing"
	"time"
)

// The rules on flapping, one test each.

// flaps is an incident that reopened so often, once in so long; the last time
// at the time answered.
func flaps(t *testing.T, times int, each time.Duration) (Incident, time.Duration) {
	t.Helper()
	i, at := open(t, Critical), time.Duration(0)
	for n := range times {
		i = comes(t, i, event(Resolve, "k", ""), at+each-m, Ended, KindResolved)
		at += each
		kinds := []Kind{KindReopened}
		if n == 2 {
			kinds = append(kinds, KindFlapping)
		}
		i = comes(t, i, event(Trigger, "k", Critical), at, Reopened, kinds...)
	}
	return i, at
}

func TestFromTheThirdReopeningInThirtyMinutesOnItIsFlapping(t *testing.T) {
	i, at := flaps(t, 2, 5*m)
	if i.Flapping(t0.Add(at)) {
		t.Fatal("after two")
	}
	i, at = flaps(t, 3, 15*m)
	if !i.Flapping(t0.Add(at)) {
		t.Fatal("not after three in exactly 30 minutes")
	}
	if i.Flapping(t0.Add(at + time.Millisecond)) {
		t.Fatal("the first of the three is over 30 minutes ago")
	}
}

func TestTheResolvesOfAFlappingIncidentAreHeldBackUntilItWasQuietForTheWindow(t *testing.T) {
	i, at := flaps(t, 3, 5*m)
	i = comes(t, i, event(Resolve, "k", ""), at+m, AlertEnded, KindResolveHeld)
	if i.Status != Triggered || i.Firing() != 0 || !i.ResolveDue.Equal(t0.Add(at+16*m)) {
		t.Fatalf("%+v", i)
	}
	done := ResolveHeldBack(i, t0.Add(at+16*m))
	if done.Status != Resolved || !done.ResolvedAt.Equal(t0.Add(at+16*m)) || !done.ResolveDue.IsZero() {
		t.Fatalf("%+v", done)
	}
}

func TestATriggerMeanwhileTakesTheHeldResolveBackAndPagesNobodyAnew(t *testing.T) {
	i, at := flaps(t, 3, 5*m)
	i = take1(t, i, "ada", at)
	i = comes(t, i, event(Resolve, "k", ""), at+m, AlertEnded, KindResolveHeld)
	i = comes(t, i, event(Trigger, "k", Critical), at+2*m, Repeated, KindAlertAdded, KindFlapping)
	if i.Status != Acknowledged || !i.ResolveDue.IsZero() || i.Firing() != 1 || i.Opening != 4 {
		t.Fatalf("%+v", i)
	}
}

func TestItStaysFlappingAsLongAsItGoesOn(t *testing.T) {
	i, at := flaps(t, 3, 5*m)
	for range 20 {
		i = comes(t, i, event(Resolve, "k", ""), at+5*m, AlertEnded, KindResolveHeld)
		at += 10 * m
		i = comes(t, i, event(Trigger, "k", Critical), at, Repeated, KindAlertAdded, KindFlapping)
		if len(i.Reopenings) != 3 {
			t.Fatalf("%d are kept", len(i.Reopenings))
		}
	}
	// … and what fires steadily for half an hour is over when its source says so.
	comes(t, i, event(Resolve, "k", ""), at+31*m, Ended, KindResolved)
}

func TestAUsersOwnResolveIsNotHeldBack(t *testing.T) {
	i, at := flaps(t, 3, 5*m)
	i = comes(t, i, event(Resolve, "k", ""), at+m, AlertEnded, KindResolveHeld)
	done, answer, _ := ResolveBy(i, Command{By: "ada"}, 0, t0.Add(at+2*m))
	if answer != Applied || done.Status != Resolved || !done.ResolveDue.IsZero() {
		t.Fatalf("%s %+v", answer, done)
	}
}

func TestANewAlertOfTheGroupTakesTheHeldResolveBackToo(t *testing.T) {
	i, at := flaps(t, 3, 5*m)
	i = numbered(comes(t, i, event(Resolve, "k", ""), at+m, AlertEnded, KindResolveHeld), 1)
	i = comesTo(t, allInOne.beside(i), Incident{}, event(Trigger, "other", Critical), at+2*m, Joined, KindAlertAdded, KindFlapping)
	if !i.ResolveDue.IsZero() {
		t.Fatal(i.ResolveDue)
	}
}

func TestWithoutAReopenWindowNothingFlaps(t *testing.T) {
	i, at := flaps(t, 3, 5*m)
	never := shop
	never.Service.ReopenWindow = 0
	comesTo(t, never, i, event(Resolve, "k", ""), at+m, Ended, KindResolved)
}
