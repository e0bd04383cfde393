package inbox

import (
	"reflect"
	"testing"
	"time"
)

func onCall(from, to time.Duration) RosterCame {
	return RosterCame{Roster{
		Shifts: []Shift{{Schedule: "primary", Start: at.Add(from), End: at.Add(to)}},
		Until:  at.Add(14 * 24 * time.Hour),
	}}
}

func TestALostHubRingsForWhoIsOnCall(t *testing.T) {
	const minute = time.Minute
	for _, c := range []struct {
		name string
		do   []Message
		wait time.Duration
		want Sound
	}{
		{"after a minute", []Message{onCall(-minute, 60*minute), LinkLost{}}, minute, LostTone},
		{"not before", []Message{onCall(-minute, 60*minute), LinkLost{}}, minute - time.Second, Silence},
		{"not who is not on call", []Message{onCall(10*minute, 60*minute), LinkLost{}}, 5 * minute, Silence},
		{"when the shift begins in the outage", []Message{onCall(10*minute, 60*minute), LinkLost{}}, 10 * minute, LostTone},
		{"not once the shift is over", []Message{onCall(-minute, 2*minute), LinkLost{}}, 2 * minute, Silence},
		{"not by a roster that is too old", []Message{RosterCame{Roster{Shifts: []Shift{{Start: at, End: at.Add(time.Hour)}}, Until: at}}, LinkLost{}}, minute, Silence},
		{"not off duty", []Message{onCall(-minute, 60*minute), DutyCame{Duty{Off: true}}, LinkLost{}}, minute, Silence},
		{"when the absence ends in the outage", []Message{onCall(-minute, 60*minute), DutyCame{Duty{Off: true, Until: at.Add(3 * minute)}}, LinkLost{}}, 3 * minute, LostTone},
		{"not while a drain lasts", []Message{onCall(-minute, 60*minute), DrainCame{at.Add(5 * minute)}, LinkLost{}}, 5 * minute, Silence},
		{"a minute after a drain should have ended", []Message{onCall(-minute, 60*minute), DrainCame{at.Add(5 * minute)}, LinkLost{}}, 6 * minute, LostTone},
		{"not a link that came back", []Message{onCall(-minute, 60*minute), LinkLost{}, Connected{}}, minute, Silence},
		{"for five minutes", []Message{onCall(-minute, 60*minute), LinkLost{}}, 6*minute - time.Second, LostTone},
		{"and no longer, in an empty room", []Message{onCall(-minute, 60*minute), LinkLost{}}, 6 * minute, Silence},
		{"a device that was signed out", []Message{onCall(-minute, 60*minute), SignedOut{"revoked"}}, minute, LostTone},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(Durable{}).connect().take(c.do...)
			// Waiting as the shell does, by Due alone, must come to the same.
			for end := d.now.Add(c.wait); d.now.Before(end); {
				due := Due(d.State, d.now)
				if due.IsZero() || due.After(end) {
					due = end
				}
				d.after(due.Sub(d.now))
			}
			if got := d.Sound(); got != c.want {
				t.Errorf("sound %q, want %q", got, c.want)
			}
		})
	}
}

func TestALostHubRingsOnceAnOutage(t *testing.T) {
	d := newDesk(Durable{}).connect().take(onCall(-time.Hour, 5*time.Hour), LinkLost{Why: "reset"})
	d.after(time.Minute)
	if want := []string{"You are on call, and the hub cannot be reached: this machine cannot alarm you."}; !reflect.DeepEqual(d.told(), want) {
		t.Errorf("told %q", d.told())
	}
	d.take(LostQuieted{}, LinkLost{Why: "refused"}).after(time.Hour)
	if d.Sound() != Silence {
		t.Error("rang again in the same outage")
	}
	restarted := newDesk(d.Durable).after(time.Hour)
	if restarted.Sound() != Silence {
		t.Error("rang again after a restart in the same outage")
	}
	d.connect()
	if want := []string{"The hub is back."}; !reflect.DeepEqual(d.told(), want) {
		t.Errorf("told %q", d.told())
	}
	if d.take(LinkLost{NoNetwork: true}).after(time.Minute).Sound() != LostTone {
		t.Error("silent in the next outage")
	}
	if want := []string{"You are on call, and this machine has no network: it cannot alarm you."}; !reflect.DeepEqual(d.told(), want) {
		t.Errorf("told %q", d.told())
	}
	if d.connect().Sound() != Silence {
		t.Error("did not clear by itself")
	}
}

func TestAMachineThatWakesWithoutItsHubHasAMinuteToFindIt(t *testing.T) {
	d := newDesk(Durable{}).connect().take(onCall(-time.Hour, 12*time.Hour), LinkLost{NoNetwork: true}).after(20 * time.Second)
	d.now = d.now.Add(8 * time.Hour)
	if d.take(Woke{}, Tick{}).Sound() != Silence {
		t.Error("rang for the hours in which it slept")
	}
	if d.after(time.Minute-time.Second).Sound() != Silence || d.after(time.Second).Sound() != LostTone {
		t.Error("did not ring after a minute awake")
	}
}

func TestAnAgentThatNeverFoundItsHubRings(t *testing.T) {
	d := newDesk(Durable{Roster: onCall(-time.Hour, time.Hour).Roster}).after(time.Minute)
	if d.Sound() != LostTone {
		t.Error("silent")
	}
}

func TestAClockPutBackDelaysNothing(t *testing.T) {
	d := newDesk(Durable{}).connect(page()).take(onCall(-3*time.Hour, time.Hour), LinkLost{})
	d.now = d.now.Add(-time.Hour)
	d.take(Tick{})
	if due := Due(d.State, d.now); due.After(d.now.Add(time.Minute)) {
		t.Errorf("waits until %v at %v", due, d.now)
	}
	d.take(ack).after(time.Minute)
	if d.Sound() != LostTone {
		t.Error("the lost hub is waited for an hour too long")
	}
}

func TestSignedOutStaysSo(t *testing.T) {
	d := newDesk(Durable{}).connect().take(SignedOut{"Signed out by an admin."})
	if want := []Effect{Save{}, Stop{"Signed out by an admin."}}; !reflect.DeepEqual(d.effects, want) {
		t.Errorf("%v", d.effects)
	}
	if d.take(LinkLost{Why: "reset"}).Link.Why != "Signed out by an admin." {
		t.Error("the reason was lost")
	}
	if d.take(Connected{}).Link.Status != LinkOver {
		t.Error("a frame that was on its way signed it in again")
	}
}

func TestASignedOutDeviceKeepsOnlyWhatItNeverTold(t *testing.T) {
	d := newDesk(Durable{}).connect(page()).take(ack, onCall(-time.Minute, time.Hour), SignedOut{"revoked"})
	if kept := d.Kept(); len(kept.Outbox) != 2 || kept.Pages != nil || !kept.Roster.Until.IsZero() {
		t.Errorf("kept %+v", kept)
	}
}
