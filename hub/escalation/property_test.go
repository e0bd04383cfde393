package escalation

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// What must hold in every history.

// everyDecision checks something of each decision of random histories.
func everyDecision(t *testing.T, check func(t *rapid.T, s State, d Decision, now time.Time)) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPlay(drawScript(rt))
		p.check = func(s State, d Decision, now time.Time) { check(rt, s, d, now) }
		p.run(false)
	})
}

func TestJumpingToWakeAtGivesTheSamePagesAsTickingEverySecond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawScript(t)
		jumped, ticked := newPlay(sc).run(false), newPlay(sc).run(true)
		same(t, jumped, ticked, "jumping", "ticking")
	})
}

func TestACrashBetweenTwoStepsLosesAndDoublesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawScript(t)
		crashing := newPlay(sc)
		crashes := 0
		crashing.drop = func() bool {
			crashes++
			return crashes%3 != 0 // two of three are lost
		}
		same(t, crashing.run(false), newPlay(sc).run(false), "crashing", "undisturbed")
	})
}

func TestPagesThatEndedInEarlierPassesMayBeLeftInTheStore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawScript(t)
		pruned := newPlay(sc)
		pruned.prune = true
		same(t, pruned.run(false), newPlay(sc).run(false), "pruned", "whole")
	})
}

func same(t *rapid.T, got, want []string, a, b string) {
	for i := range max(len(got), len(want)) {
		var x, y string
		if i < len(got) {
			x = got[i]
		}
		if i < len(want) {
			y = want[i]
		}
		if x != y {
			t.Fatalf("step %d\n%s: %s\n%s: %s\nbefore:\n%q", i, a, x, b, y, want[max(0, i-5):min(i, len(want))])
		}
	}
}

func TestDecidingTwiceGivesTheSameAndChangesNothing(t *testing.T) {
	everyDecision(t, func(t *rapid.T, s State, d Decision, now time.Time) {
		input := deepCopy(s)
		again := deepCopy(s)
		if second := Decide(again, now); !reflect.DeepEqual(d, second) {
			t.Fatalf("%+v\n%+v", d, second)
		}
		for _, a := range d.Actions {
			Apply(again, a)
		}
		for _, p := range s.Pages {
			Observe(again, p.Key, "ada-0", true, now)
			Answer(again, p.Key, "phone", true, now)
			AcknowledgeBy(again, incident.Command{By: p.User}, time.Minute, now)
			AddBy(again, incident.Command{By: "zoe"}, []responder.UserID{p.User}, 0, now)
			ReassignTo(again, incident.Command{By: "zoe"}, p.User, 0, now)
			EscalateBy(again, incident.Command{By: "zoe"}, 0, now)
			PassOn(again, incident.Command{By: p.User}, 0, now)
		}
		Shift(again, -time.Hour)
		Pause(again, time.Hour)
		Next(again)
		if !reflect.DeepEqual(input, again) {
			t.Fatal("the state passed in was changed")
		}
		spare(t, again)
	})
}

// spare looks behind the ends of the slices, where an append in place would
// have written.
func spare(t *rapid.T, s State) {
	for _, p := range s.Pages[:cap(s.Pages)][len(s.Pages):] {
		if p.Wave != 0 {
			t.Fatal("a page was appended in place")
		}
	}
	for _, u := range s.Course.LeftOut[:cap(s.Course.LeftOut)][len(s.Course.LeftOut):] {
		if u != "" {
			t.Fatal("a user was appended in place")
		}
	}
}

func TestAWakeIsAheadAndNotPastWhatIsKnownOfTheLevel(t *testing.T) {
	everyDecision(t, func(t *rapid.T, s State, d Decision, now time.Time) {
		if len(d.Actions) > 0 {
			if !d.WakeAt.IsZero() {
				t.Fatal("there is more to do, and yet it waits")
			}
			return
		}
		if !d.WakeAt.IsZero() && !d.WakeAt.After(now) {
			t.Fatalf("at %s it asks to be woken at %s", now, d.WakeAt)
		}
		if s.Incident.Status != incident.Triggered || s.Course.Stage != AtLevel || s.Incident.Held() || now.Before(s.World.GraceUntil) {
			return
		}
		if until := s.World.level(s.Course.Level).Until; until.After(now) && d.WakeAt.After(until) {
			t.Fatalf("it sleeps until %s; who is on call is known until %s", d.WakeAt, until)
		}
	})
}

func TestAnUnacknowledgedIncidentIsNeverSilent(t *testing.T) {
	everyDecision(t, func(t *rapid.T, s State, d Decision, now time.Time) {
		i := s.Incident
		stopped := s.Course.Stage == Stopped && s.Policy.WhenExhausted == Stop && s.Course.Round > s.Policy.Repeat
		if i.Status != incident.Triggered || i.Urgency != incident.High || stopped || i.Held() || len(d.Actions) > 0 {
			return
		}
		if d.WakeAt.IsZero() || d.WakeAt.Sub(now) > s.Policy.LongestWait() {
			t.Fatalf("in stage %q at %s it waits until %s for %s", s.Course.Stage, now, d.WakeAt, d.Reason)
		}
	})
}

func TestKeysAreUniqueAndAUserHasOneOpenPageAtMost(t *testing.T) {
	everyDecision(t, func(t *rapid.T, s State, d Decision, now time.Time) {
		keys, open := map[Key]bool{}, map[responder.UserID]bool{}
		for _, a := range d.Actions {
			s = Apply(s, a)
		}
		for _, p := range s.Pages {
			if keys[p.Key] {
				t.Fatalf("two pages %v", p.Key)
			}
			if p.Open() && open[p.User] {
				t.Fatalf("%s has two open pages", p.User)
			}
			keys[p.Key], open[p.User] = true, open[p.User] || p.Open()
			methods := map[responder.MethodID]bool{}
			for _, u := range p.Uses {
				if methods[u.Method] {
					t.Fatalf("page %v travels by %s twice", p.Key, u.Method)
				}
				methods[u.Method] = true
			}
		}
	})
}

func TestNobodyIsPagedForWhatIsTakenOrOver(t *testing.T) {
	everyDecision(t, func(t *rapid.T, s State, d Decision, now time.Time) {
		if s.Incident.Status == incident.Triggered {
			return
		}
		for _, a := range d.Actions {
			switch a := a.(type) {
			case End, EndQuiet, Heed, Follow, AskHolder, LetGo, Resolve:
			case Open:
				if a.Page.Reason != ReasonAdded && a.Page.Stage != Successor {
					t.Fatalf("%s: %+v", s.Incident.Status, a)
				}
			case Travel:
				asked(t, a.Page)
			case Fail:
				asked(t, a.Page)
			default:
				t.Fatalf("%s: %T", s.Incident.Status, a)
			}
		}
		left := func(p Page) bool { return p.Open() && p.Stage != Joined && (p.Stage != Successor || !s.handingOver()) }
		if len(d.Actions) == 0 && slices.ContainsFunc(s.Pages, left) {
			t.Fatal("a page is left open")
		}
	})
}

// asked checks that a page is one that a person asked for after an
// acknowledgement.
func asked(t *rapid.T, p Page) {
	if p.Stage != Joined && p.Stage != Successor {
		t.Fatalf("a page of stage %s goes on: %+v", p.Stage, p)
	}
}

func TestAClockSetBackMovesEveryWaitAndNothingElse(t *testing.T) {
	everyDecision(t, func(t *rapid.T, s State, d Decision, now time.Time) {
		if !s.Course.Tenure.Keep.IsZero() {
			return // a time of day, which stays
		}
		by := -37 * time.Minute
		moved := Shift(s, by)
		moved.World = deepCopy(s.World)
		if w := &moved.World.Times; !w.Maintenance.IsZero() {
			w.Began, w.Maintenance = w.Began.Add(by), w.Maintenance.Add(by)
		}
		if moved.Incident.QuietReason == incident.ReasonMaintenance { // a time of day, as everything of the calendar
			moved.Incident.QuietUntil = moved.Incident.QuietUntil.Add(by)
		}
		moved.World.HubStart, moved.World.GraceUntil = s.World.HubStart.Add(by), s.World.GraceUntil.Add(by)
		for i := range moved.World.Levels {
			if u := &moved.World.Levels[i].Until; !u.IsZero() {
				*u = u.Add(by)
			}
		}
		for i := range moved.World.Reach {
			for j := range moved.World.Reach[i].Devices {
				l := &moved.World.Reach[i].Devices[j]
				if !l.Since.IsZero() {
					l.Since = l.Since.Add(by)
				}
				l.GoneAt = l.GoneAt.Add(by)
			}
		}
		other := Decide(moved, now.Add(by))
		if len(other.Actions) != len(d.Actions) || other.Reason != d.Reason || (!d.WakeAt.IsZero() && !other.WakeAt.Equal(d.WakeAt.Add(by))) {
			t.Fatalf("%+v\nmoved by %s: %+v", d, by, other)
		}
		for i, a := range d.Actions {
			b := other.Actions[i]
			x, y := a.Entry(), b.Entry()
			if !x.At.IsZero() {
				x.At = x.At.Add(by)
			}
			if x.Kind == incident.KindHeld {
				x.Text, y.Text = "", "" // until when
			}
			if x != y {
				t.Fatalf("%+v\n%+v", x, y)
			}
		}
	})
}

func TestWhoIsNextIsWhoIsPagedNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawScript(t)
		sc.events = nil
		for i := range sc.rosters {
			sc.rosters[i] = sc.rosters[i][len(sc.rosters[i])-1:]
		}
		for i := range sc.people {
			sc.people[i].rings, sc.people[i].delay, sc.people[i].devices = true, 0, 1
		}
		var promised []responder.UserID
		var at time.Time
		p := newPlay(sc)
		p.check = func(s State, d Decision, now time.Time) {
			var paged []responder.UserID
			for _, a := range d.Actions {
				if o, ok := a.(Open); ok {
					paged = append(paged, o.Page.User)
				}
			}
			if len(paged) > 0 && !at.IsZero() && (!now.Equal(at) || !slices.Equal(paged, promised)) {
				t.Fatalf("at %s paged %v; promised were %v at %s", now, paged, promised, at)
			}
			if len(d.Actions) == 0 {
				promised, at = Next(s)
			}
		}
		p.run(false)
	})
}
