package inbox

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var never time.Time

// anyPage draws frames from a few keys, so that they repeat and overtake.
var anyPage = rapid.Custom(func(t *rapid.T) Page {
	p := page()
	p.Key.Incident = rapid.SampledFrom([]string{"i1", "i2", "i3"}).Draw(t, "incident")
	p.Key.Wave = rapid.Uint32Range(1, 2).Draw(t, "wave")
	p.Version = rapid.Uint64Range(1, 6).Draw(t, "version")
	p.Urgency = rapid.SampledFrom([]string{"high", "high", "low"}).Draw(t, "urgency")
	p.Outcome = rapid.SampledFrom([]string{"", "", "", OutcomeTaken, OutcomeAcknowledged}).Draw(t, "outcome")
	p.PassedOn = rapid.IntRange(0, 9).Draw(t, "passed on") == 0
	p.Storm = rapid.IntRange(0, 2).Draw(t, "storm") == 0
	if rapid.IntRange(0, 9).Draw(t, "asks for cover") == 0 {
		p.Cover = &CoverRequest{From: "Bob"}
	}
	p.Escalated = rapid.Bool().Draw(t, "escalated")
	p.AlsoPaged = rapid.SampledFrom([][]string{nil, {"Bob"}}).Draw(t, "also paged")
	if !p.Open() {
		p.EndedAt = at
	}
	return p
})

func anyMessage(t *rapid.T, s State) Message {
	p := anyPage.Draw(t, "page")
	keys := []Key{p.Key}
	held := Key{Incident: p.Key.Incident, User: "ada"}
	notice := rapid.SampledFrom([]string{"n1", "n2", "n3"}).Draw(t, "notice")
	until := at.Add(time.Duration(rapid.IntRange(-1, 300).Draw(t, "until")) * time.Minute)
	return rapid.SampledFrom([]Message{
		anyHolding(t), anyHolding(t), Asked{Acknowledge, held, 1, never}, Asked{Snooze, held, 1, until}, Asked{HandOver, held, 1, never},
		Asked{Keep, held, 1, until}, Asked{Snooze, p.Key, p.Opening, until}, AskedAll{Acknowledge, SeenOf(s.Window()), never},
		NoticeCame{Notice{ID: notice}}, NoticeCame{Notice{ID: notice}}, NoticeShown{notice},
		ProbeCame{"p1"}, AlarmTried{Probe: "p1", Ready: true}, CallSheetCame{at, "call Bob"},
		PageCame{p}, PageCame{p}, PageCame{p}, Connected{}, SnapshotEnded{}, BeatCame{}, Tick{}, Woke{},
		LinkLost{}, DrainCame{at.Add(time.Hour)}, DutyCame{Duty{Off: true, Until: at.Add(time.Hour)}}, DutyCame{},
		onCall(-time.Hour, time.Hour), onCall(time.Hour, 2*time.Hour), LostQuieted{},
		Asked{Acknowledge, p.Key, p.Opening, never}, Asked{Acknowledge, p.Key, p.Opening, never}, Asked{Resolve, p.Key, 2, never}, Asked{PassOn, p.Key, 1, never},
		Answered{anyReport(t, s), rapid.SampledFrom([]Answer{Applied, Already, TooLate, Refused}).Draw(t, "answer"), "Bob"},
		Proof{Shown, keys, "x11"}, Proof{Hidden, keys, ""}, Proof{Ringing, keys, "speaker"}, Proof{Touched, keys, ""},
		CouldNot{ByScreen, keys, "locked"}, CouldNot{BySound, keys, "muted"}, Readiness{Ready: true},
	}).Draw(t, "message")
}

func anyIncident(t *rapid.T) Incident {
	ahead := func(label string) time.Time {
		return rapid.SampledFrom([]time.Time{{}, at.Add(-time.Hour), at.Add(time.Minute), at.Add(20 * time.Minute), at.Add(3 * time.Hour)}).Draw(t, label)
	}
	return Incident{
		Key: Key{Incident: rapid.SampledFrom([]string{"i1", "i2", "i3", "i4"}).Draw(t, "held"), User: "ada"}, Opening: 1,
		AcknowledgedAt: at, QuietUntil: ahead("quiet until"), AskAt: ahead("ask at"), HandOverAt: ahead("hand over at"),
		Snoozed: rapid.IntRange(0, 4).Draw(t, "snoozed") == 0, RemindEvery: rapid.SampledFrom([]time.Duration{0, 15 * time.Minute}).Draw(t, "remind"),
	}
}

func anyHolding(t *rapid.T) HoldingCame {
	return HoldingCame{rapid.SliceOfNDistinct(rapid.Custom(anyIncident), 0, 4, func(i Incident) string { return i.Key.Incident }).Draw(t, "holding")}
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
		w := &witness{announced: map[Key]int{}, shown: map[string]bool{}, asked: map[Seen]bool{}}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 61, 700, 90000, -600}).Draw(t, "seconds")) * time.Second)
			m := []Message{anyMessage(t, s)}
			for range rapid.SampledFrom([]int{0, 0, 0, 1, 5}).Draw(t, "came together") {
				m = append(m, anyMessage(t, s))
			}
			if rapid.IntRange(0, 9).Draw(t, "killed") == 0 {
				var journal Durable
				if err := json.Unmarshal([]byte(saved), &journal); err != nil {
					t.Fatal(err)
				}
				s, m = State{}, []Message{Started{journal}}
			}
			w.hears(m...)
			before, input := onDisk(t, s.Durable), s
			next, effects := ReduceAll(s, m, now)
			if onDisk(t, input.Durable) != before {
				t.Fatalf("%T changed the state it was given", m)
			}
			s = Stamped(next, stamp)
			if slices.Contains(effects, Effect(Save{})) {
				saved = onDisk(t, s.Durable)
			} else if onDisk(t, s.Durable) != saved {
				t.Fatalf("%T changed what is durable and did not save it\n%s\n%s", m, saved, onDisk(t, s.Durable))
			}
			w.check(t, s, effects, now)
			checkQuestions(t, s, now)
		}
	})
}

// witness remembers what the promises speak of, whatever restarts.
type witness struct {
	announced map[Key]int
	shown     map[string]bool // notices
	asked     map[Seen]bool   // what commands named
}

func (w *witness) hears(all ...Message) {
	for _, m := range all {
		switch m := m.(type) {
		case Asked:
			w.asked[ofIncident(m.Key, m.Opening)] = true
		case AskedAll:
			for _, seen := range m.Seen {
				w.asked[ofIncident(seen.Key, seen.Opening)] = true
			}
		}
	}
}

// ofIncident: a command on what is held goes by the key that the hub gave it.
func ofIncident(k Key, opening uint32) Seen { return Seen{Key{Incident: k.Incident}, opening} }

func (w *witness) check(t *rapid.T, s State, effects []Effect, now time.Time) {
	for _, e := range effects {
		switch e := e.(type) {
		case Announce:
			if w.announced[e.Page.Key]++; w.announced[e.Page.Key] > 1 {
				t.Fatalf("P5: %v alarmed as new twice", e.Page.Key)
			}
		case Notify:
			if w.shown[e.Notice.ID] {
				t.Fatalf("notice %s was told after it had been shown", e.Notice.ID)
			}
		case Ask:
			if len(e.Of) == 0 {
				t.Fatalf("asks %q of nothing", e.Question)
			}
		}
	}
	for _, n := range s.Notices {
		if n.Shown {
			w.shown[n.ID] = true
		}
	}
	for _, r := range s.Outbox {
		if r.Command != "" && !w.asked[ofIncident(r.Page, r.Opening)] {
			t.Fatalf("%s of %v names what nobody saw", r.Command, r.Page)
		}
	}
	checkPages(t, s, now)
}

func checkPages(t *rapid.T, s State, now time.Time) {
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
	if len(s.Listed(Joined)) > 0 && s.Sound() != PageTone && (due.IsZero() || due.After(now.Add(ringsEvery))) {
		t.Fatalf("P2: a page of a storm waits silently until %v, at %v", due, now)
	}
}

func checkQuestions(t *rapid.T, s State, now time.Time) {
	for _, q := range questions {
		for _, h := range s.Asking(q, now) {
			if h.Snoozed && q == StillOnIt {
				t.Fatalf("asks %q of what is snoozed", q)
			}
			if r, waiting := s.WaitingOn(h.Key.Incident); waiting && r.Page == h.Key && r.Command != Acknowledge && r.Command != Snooze {
				t.Fatalf("asks %q of %v although %q waits for the hub", q, h.Key, r.Command)
			}
			if asking, at := q.of(&h); !asking.posed.Equal(at) {
				t.Fatalf("%q stands on %v and was never posed", q, h.Key)
			}
		}
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
