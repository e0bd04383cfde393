package inbox

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyPage draws frames from a few keys, so that they repeat and overtake.
var anyPage = rapid.Custom(func(t *rapid.T) Page {
	p := page()
	p.Key.Incident = rapid.SampledFrom([]string{"i1", "i2", "i3"}).Draw(t, "incident")
	p.Key.Wave = rapid.Uint32Range(1, 2).Draw(t, "wave")
	p.Version = rapid.Uint64Range(1, 6).Draw(t, "version")
	p.Urgency = rapid.SampledFrom([]string{"high", "high", "low"}).Draw(t, "urgency")
	p.Outcome = rapid.SampledFrom([]string{"", "", "", OutcomeTaken, OutcomeAcknowledged}).Draw(t, "outcome")
	p.PassedOn = rapid.IntRange(0, 9).Draw(t, "passed on") == 0
	p.AlsoPaged = rapid.SampledFrom([][]string{nil, {"Bob"}}).Draw(t, "also paged")
	if !p.Open() {
		p.EndedAt = at
	}
	return p
})

func anyMessage(t *rapid.T, s State) Message {
	p := anyPage.Draw(t, "page")
	keys := []Key{p.Key}
	return rapid.SampledFrom([]Message{
		PageCame{p}, PageCame{p}, PageCame{p}, Connected{}, SnapshotEnded{}, BeatCame{}, Tick{},
		LinkLost{}, DrainCame{at.Add(time.Hour)}, DutyCame{Duty{Off: true, Until: at.Add(time.Hour)}}, DutyCame{},
		onCall(-time.Hour, time.Hour), onCall(time.Hour, 2*time.Hour), LostQuieted{},
		Asked{Acknowledge, p.Key, p.Opening}, Asked{Acknowledge, p.Key, p.Opening}, Asked{Resolve, p.Key, 2}, Asked{PassOn, p.Key, 1},
		Answered{anyReport(t, s), rapid.SampledFrom([]Answer{Applied, Already, TooLate, Refused}).Draw(t, "answer"), "Bob"},
		Proof{Shown, keys, "x11"}, Proof{Hidden, keys, ""}, Proof{Ringing, keys, "speaker"}, Proof{Touched, keys, ""},
		CouldNot{ByScreen, keys, "locked"}, CouldNot{BySound, keys, "muted"}, Readiness{true},
	}).Draw(t, "message")
}

func anyReport(t *rapid.T, s State) string {
	if len(s.Outbox) == 0 {
		return "none"
	}
	return rapid.SampledFrom(s.Outbox).Draw(t, "report").ID
}

func onDisk(t *rapid.T, d Durable) string {
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPromises sends anything in any order, with restarts from what was saved,
// and holds the core to its promises after each step.
func TestPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now, ids := at, 0
		stamp := func() Stamp { ids++; return Stamp{ID: strconv.Itoa(ids)} }
		s, _ := Reduce(State{}, Started{}, now)
		saved := onDisk(t, s.Durable)
		announced := map[Key]int{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 61, 700, 90000, -600}).Draw(t, "seconds")) * time.Second)
			m := anyMessage(t, s)
			if rapid.IntRange(0, 9).Draw(t, "killed") == 0 {
				var journal Durable
				if err := json.Unmarshal([]byte(saved), &journal); err != nil {
					t.Fatal(err)
				}
				s, m = State{}, Started{journal}
			}
			before, input := onDisk(t, s.Durable), s
			next, effects := Reduce(s, m, now)
			if onDisk(t, input.Durable) != before {
				t.Fatalf("%T changed the state it was given", m)
			}
			s = Stamped(next, stamp)
			if slices.Contains(effects, Effect(Save{})) {
				saved = onDisk(t, s.Durable)
			} else if onDisk(t, s.Durable) != saved {
				t.Fatalf("%T changed what is durable and did not save it\n%s\n%s", m, saved, onDisk(t, s.Durable))
			}
			checkPromises(t, s, effects, announced, now)
		}
	})
}

func checkPromises(t *rapid.T, s State, effects []Effect, announced map[Key]int, now time.Time) {
	for _, e := range effects {
		if a, ok := e.(Announce); ok {
			if announced[a.Page.Key]++; announced[a.Page.Key] > 1 {
				t.Fatalf("P5: %v alarmed as new twice", a.Page.Key)
			}
		}
	}
	seen := map[Key]bool{}
	for _, h := range s.Pages {
		if seen[h.Page.Key] {
			t.Fatalf("%v is held twice", h.Page.Key)
		}
		seen[h.Page.Key] = true
		standing := s.Standing(h)
		if _, waiting := s.Waiting(h.Page.Key); waiting && (standing == Rings || standing == Escalated) {
			t.Fatalf("P4: %v rings with a command unconfirmed", h.Page.Key)
		}
		if h.Told.Has(Failed) && (h.Told.Has(Shown) || h.Told.Has(Ringing)) {
			t.Fatalf("%v is told failed and alarming at once", h.Page.Key)
		}
	}
	loud := len(s.Listed(Rings, Escalated)) > 0 || s.LostAlarm
	if loud != (s.Sound() != Silence) {
		t.Fatalf("sound %q with ringing pages: %v", s.Sound(), loud)
	}
	due := Due(s, now)
	if !due.IsZero() && !due.After(now) {
		t.Fatalf("due at %v, at %v: the shell would spin", due, now)
	}
	if loud && due.IsZero() {
		t.Fatal("P2: something rings and nothing is due")
	}
}

// TestOrderOfReports: what was made first is told first.
func TestOrderOfReports(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(Durable{})
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			d.take(anyMessage(t, d.State))
			last := 0
			for _, r := range d.Outbox {
				id, _ := strconv.Atoi(r.ID[1:])
				if id <= last {
					t.Fatalf("report %s stands after r%d", r.ID, last)
				}
				last = id
			}
		}
	})
}
