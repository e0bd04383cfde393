package inbox

import (
	"reflect"
	"strconv"
	"testing"
	"time"
)

// at is a night on which somebody is on call.
var at = time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)

// desk drives the core as the shell does: stamps reports, collects effects.
type desk struct {
	State
	now     time.Time
	effects []Effect // of the last message
	ids     int
}

func newDesk(journal Durable) *desk {
	d := &desk{now: at}
	d.take(Started{Journal: journal})
	return d
}

func (d *desk) take(ms ...Message) *desk {
	d.effects = nil
	for _, m := range ms {
		var effects []Effect
		d.State, effects = Reduce(d.State, m, d.now)
		d.State = Stamped(d.State, func() Stamp { d.ids++; return Stamp{ID: "r" + strconv.Itoa(d.ids)} })
		d.effects = append(d.effects, effects...)
	}
	return d
}

func (d *desk) after(wait time.Duration) *desk {
	d.now = d.now.Add(wait)
	return d.take(Tick{})
}

// connect takes a whole snapshot in.
func (d *desk) connect(pages ...Page) *desk {
	ms := []Message{Connected{HubName: "Example Health", UserName: "Ada"}}
	for _, p := range pages {
		ms = append(ms, PageCame{p})
	}
	return d.take(append(ms, SnapshotEnded{})...)
}

// answer answers the oldest command that waits.
func (d *desk) answer(a Answer, text string) *desk {
	for _, r := range d.Outbox {
		if r.Command != "" {
			return d.take(Answered{ReportID: r.ID, Answer: a, Text: text})
		}
	}
	return d
}

func (d *desk) standing(k Key) Standing {
	h, ok := d.Held(k)
	if !ok {
		return "unknown"
	}
	return d.Standing(h)
}

func count[E Effect](effects []Effect) (n int) {
	for _, e := range effects {
		if _, ok := e.(E); ok {
			n++
		}
	}
	return n
}

func (d *desk) receipts(k Key) (kinds []ReceiptKind) {
	for _, r := range d.Outbox {
		if r.Page == k && r.Receipt != "" {
			kinds = append(kinds, r.Receipt)
		}
	}
	return kinds
}

func (d *desk) told() (texts []string) {
	for _, e := range d.effects {
		if tell, ok := e.(Tell); ok {
			texts = append(texts, tell.Text)
		}
	}
	return texts
}

var payments = Key{Incident: "i1", Wave: 1, User: "ada"}

func page(change ...func(*Page)) Page {
	p := Page{
		Key: payments, Version: 3, Opening: 1, Number: 12, Service: "Payments", Summary: "5xx above 5 %",
		Severity: "critical", Urgency: "high", PagedAt: at, TriggeredAt: at, NextWho: "Bob", NextAt: at.Add(5 * time.Minute),
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func low(p *Page)      { p.Urgency = "low" }
func test(p *Page)     { p.Urgency, p.Test = "low", true }
func passedOn(p *Page) { p.PassedOn = true; p.Version++ }
func newer(p *Page)    { p.Version++ }
func escalated(p *Page) {
	p.Version++
	p.AlsoPaged, p.Escalated = []string{"Bob"}, true
}
func taken(p *Page) {
	p.Version++
	p.Outcome, p.EndedBy, p.EndedAt = OutcomeTaken, "Bob", at
}
func mine(p *Page) {
	p.Version++
	p.Outcome, p.EndedBy, p.EndedAt, p.IncidentStatus = OutcomeAcknowledged, "Ada", at, "acknowledged"
}

var ack = Asked{Command: Acknowledge, Key: payments, Opening: 1}

func TestWhatRings(t *testing.T) {
	for _, c := range []struct {
		name     string
		do       func(*desk)
		standing Standing
		sound    Sound
	}{
		{"high urgency rings", func(d *desk) { d.connect(page()) }, Rings, PageTone},
		{"high urgency rings until it is taken", func(d *desk) { d.connect(page()).after(time.Hour) }, Rings, PageTone},
		{"low urgency is only announced", func(d *desk) { d.connect(page(low)) }, Low, Silence},
		{"a test page rings whatever its urgency", func(d *desk) { d.connect(page(test)) }, Rings, PageTone},
		{"a page passed on is listed and quiet", func(d *desk) { d.connect(page(), page(passedOn)) }, PassedOn, Silence},
		{"a page that went on to others rings briefly", func(d *desk) { d.connect(page(), page(escalated)) }, Escalated, BriefTone},
		{"several paged at once all ring", func(d *desk) { d.connect(page(escalated)) }, Rings, PageTone},
		{"an acknowledgement quiets before the hub knows", func(d *desk) { d.connect(page()).take(ack) }, Unconfirmed, Silence},
		{"so does one made with no link", func(d *desk) { d.connect(page()).take(LinkLost{}, ack) }, Unconfirmed, Silence},
		{"a snapshot does not wake an unconfirmed one", func(d *desk) { d.connect(page()).take(ack).connect(page(newer)) }, Unconfirmed, Silence},
		{"an applied one stays quiet before its frame", func(d *desk) { d.connect(page()).take(ack).answer(Applied, "") }, Settled, Silence},
		{"a frame that was on its way does not wake it", func(d *desk) {
			d.connect(page()).take(ack).answer(Applied, "").take(PageCame{page(newer)})
		}, Settled, Silence},
		{"a later snapshot that has it open does", func(d *desk) {
			d.connect(page()).take(ack).answer(Applied, "").connect(page(newer))
		}, Rings, PageTone},
		{"too late rings again", func(d *desk) { d.connect(page()).take(ack).answer(TooLate, "") }, Rings, PageTone},
		{"refused rings again", func(d *desk) { d.connect(page()).take(ack).answer(Refused, "not yours") }, Rings, PageTone},
		{"an answer that this version does not know rings again", func(d *desk) { d.connect(page()).take(ack).answer("odd", "") }, Rings, PageTone},
		{"already done is quiet", func(d *desk) { d.connect(page()).take(ack).answer(Already, "Already taken by Bob.") }, Settled, Silence},
		{"taken by another is over", func(d *desk) { d.connect(page(), page(taken)) }, Over, Silence},
		{"an older frame is ignored", func(d *desk) { d.connect(page(taken), page()) }, Over, Silence},
		{"what a snapshot lacks is over", func(d *desk) { d.connect(page()).connect() }, Over, Silence},
		{"half a snapshot ends nothing", func(d *desk) { d.connect(page()).take(Connected{}, LinkLost{}, SnapshotEnded{}) }, Rings, PageTone},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(Durable{})
			c.do(d)
			if got := d.standing(payments); got != c.standing {
				t.Errorf("standing %q, want %q", got, c.standing)
			}
			if got := d.Sound(); got != c.sound {
				t.Errorf("sound %q, want %q", got, c.sound)
			}
		})
	}
}

func TestAPageIsAnnouncedOnce(t *testing.T) {
	d := newDesk(Durable{}).connect(page(), page())
	if n := count[Announce](d.effects); n != 1 {
		t.Fatalf("announced %d times", n)
	}
	restarted := newDesk(d.Durable)
	if n := count[Announce](restarted.effects) + count[Announce](restarted.connect(page(newer)).effects); n != 0 {
		t.Errorf("announced again after a restart")
	}
	d.connect() // over
	d.now = d.now.Add(25 * time.Hour)
	d.connect()
	d.take(DutyCame{}) // anything that saves
	if _, held := d.Held(payments); held || len(d.Forgotten) != 1 {
		t.Fatalf("still held a day after its end")
	}
	if n := count[Announce](d.connect(page(newer)).effects); n != 0 {
		t.Errorf("announced again after it was forgotten")
	}
}

func TestAPageThatEndedElsewhereIsNoAlarm(t *testing.T) {
	d := newDesk(Durable{}).connect(page(taken))
	if n := count[Announce](d.effects) + count[Raise](d.effects) + len(d.Outbox); n != 0 {
		t.Errorf("alarmed for history: %v", d.effects)
	}
}

func TestAfterARestart(t *testing.T) {
	d := newDesk(Durable{}).connect(page())
	journal := d.Durable

	young := &desk{now: at.Add(9 * time.Minute)}
	young.take(Started{journal})
	if young.standing(payments) != Rings || count[Raise](young.effects) != 1 {
		t.Errorf("a young page does not ring: %v", young.standing(payments))
	}
	old := &desk{now: at.Add(11 * time.Minute)}
	old.take(Started{journal})
	if old.standing(payments) != Unproven || len(old.Window()) != 1 || count[Raise](old.effects) != 1 {
		t.Errorf("an old page is not listed silently: %v", old.standing(payments))
	}
	if young.connect(page()); count[Raise](young.effects) != 0 {
		t.Error("the hub's confirmation raises again what was raised just now")
	}
	if old.connect(page()); old.standing(payments) != Rings || count[Raise](old.effects) != 1 {
		t.Errorf("an old page that the hub confirms does not ring: %v", old.standing(payments))
	}

	cut := newDesk(Durable{}).connect(page()).take(ack)
	again := newDesk(cut.Durable)
	if again.standing(payments) != Unconfirmed || count[Deliver](again.effects) != 1 {
		t.Errorf("an unconfirmed acknowledgement did not survive: %v", again.standing(payments))
	}
}

func TestCommands(t *testing.T) {
	d := newDesk(Durable{}).connect(page()).take(ack, ack)
	var sent []Report
	for _, r := range d.Outbox {
		if r.Command != "" {
			sent = append(sent, r)
		}
	}
	if len(sent) != 1 || sent[0].Opening != 1 || sent[0].ID == "" {
		t.Fatalf("a second click made a second report: %+v", sent)
	}
	if got := count[Withdraw](d.effects); got != 1 {
		t.Errorf("notification withdrawn %d times", got)
	}
	h, _ := d.Held(payments)
	if got, want := d.WaitingText(h, d.now, time.UTC), "The hub does not know yet; Bob is paged at 03:05 UTC."; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if got, want := d.WaitingText(h, d.now.Add(6*time.Minute), time.UTC), "The hub does not know yet; Bob was to be paged at 03:05 UTC."; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	d.answer(Already, "Already taken by Bob.")
	if got := d.told(); !reflect.DeepEqual(got, []string{"Already taken by Bob."}) {
		t.Errorf("told %q", got)
	}
	d.take(PageCame{page(taken)}, ack)
	if got := d.told(); !reflect.DeepEqual(got, []string{"Taken by Bob."}) {
		t.Errorf("told %q", got)
	}
	d.take(Asked{Command: Acknowledge, Key: Key{Incident: "other"}})
	if got := d.told(); !reflect.DeepEqual(got, []string{"This page is over."}) {
		t.Errorf("told %q", got)
	}
}

func TestWhatIHoldICanResolve(t *testing.T) {
	d := newDesk(Durable{}).connect(page(), page(mine))
	if len(d.Mine()) != 1 {
		t.Fatal("not listed as mine")
	}
	d.take(Asked{Command: Resolve, Key: payments, Opening: 1})
	if count[Deliver](d.effects) != 1 {
		t.Error("not sent")
	}
}

func TestReceiptsClaimNoMoreThanHappened(t *testing.T) {
	keys := []Key{payments}
	proof := func(k ReceiptKind) Message { return Proof{Kind: k, Keys: keys} }
	dark, mute := CouldNot{ByScreen, keys, "locked"}, CouldNot{BySound, keys, "muted"}
	for _, c := range []struct {
		name string
		do   []Message
		want []ReceiptKind
	}{
		{"each once", []Message{proof(Shown), proof(Shown), proof(Ringing), proof(Ringing)}, []ReceiptKind{Shown, Ringing}},
		{"one way that fails is no failure", []Message{dark, proof(Ringing)}, []ReceiptKind{Ringing}},
		{"both ways are", []Message{dark, mute, mute}, []ReceiptKind{Failed}},
		{"failed, then shown after all", []Message{dark, mute, proof(Shown)}, []ReceiptKind{Failed, Shown}},
		{"shown, then nothing works any more", []Message{proof(Shown), dark, mute}, []ReceiptKind{Shown, Failed}},
		{"hidden, and shown again when raised", []Message{proof(Shown), proof(Hidden), proof(Shown)}, []ReceiptKind{Shown, Hidden, Shown}},
		{"what was not shown was not hidden", []Message{proof(Hidden)}, nil},
		{"touched", []Message{proof(Shown), proof(Touched), proof(Touched)}, []ReceiptKind{Shown, Touched}},
		{"of an unknown page nothing", []Message{Proof{Shown, []Key{{Incident: "x"}}, ""}}, nil},
		{"of an ended page nothing", []Message{PageCame{page(taken)}, proof(Shown)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(Durable{}).connect(page()).take(c.do...)
			want := append([]ReceiptKind{Received}, c.want...)
			if got := d.receipts(payments); !reflect.DeepEqual(got, want) {
				t.Errorf("told %v, want %v", got, want)
			}
		})
	}
}

func TestProofsAreGivenAnewWhereTheyNoLongerHold(t *testing.T) {
	keys := []Key{payments}
	shown := Proof{Kind: Shown, Keys: keys}
	d := newDesk(Durable{}).connect(page()).take(shown)
	d.now = d.now.Add(10 * time.Second)
	if d.take(LinkLost{}).connect(page()).take(shown); len(d.receipts(payments)) != 2 {
		t.Errorf("after a blink: %v", d.receipts(payments))
	}
	d.now = d.now.Add(31 * time.Second)
	if d.take(LinkLost{}).connect(page()); count[Raise](d.effects) == 0 {
		t.Error("after an outage: not raised")
	}
	if d.take(shown); len(d.receipts(payments)) != 3 {
		t.Errorf("after an outage: %v", d.receipts(payments))
	}
	restarted := newDesk(d.Durable)
	if restarted.take(shown); len(restarted.receipts(payments)) != 4 {
		t.Errorf("after a restart: %v", restarted.receipts(payments))
	}
	restarted.take(CouldNot{ByScreen, keys, "locked"}, CouldNot{BySound, keys, "muted"}, LinkLost{})
	restarted.now = restarted.now.Add(time.Minute)
	if got := restarted.connect(page()).receipts(payments); len(got) != 6 || got[5] != Failed {
		t.Errorf("what still fails is told again: %v", got)
	}
}

func TestTheWindowComesBackEveryMinute(t *testing.T) {
	d := newDesk(Durable{}).connect(page())
	raised := count[Raise](d.effects)
	d.take(Proof{Kind: Shown, Keys: []Key{payments}}, Proof{Kind: Hidden, Keys: []Key{payments}})
	for range 180 {
		d.after(time.Second)
		raised += count[Raise](d.effects)
	}
	if raised != 4 {
		t.Errorf("raised %d times in three minutes, want 4", raised)
	}
	if due := Due(d.State, d.now); due.Sub(d.now) != time.Minute {
		t.Errorf("next due %v", due)
	}
	second := page(func(p *Page) { p.Key.Incident = "i2" })
	if count[Raise](d.after(time.Second).take(PageCame{second}).effects) != 1 {
		t.Error("a second page did not bring the window up at once")
	}
	d.take(ack, Asked{Command: Acknowledge, Key: second.Key})
	if count[Raise](d.after(time.Hour).effects) != 0 || !Due(d.State, d.now).IsZero() {
		t.Error("raised with nothing ringing")
	}
}

func TestTheMostUrgentComesFirst(t *testing.T) {
	d := newDesk(Durable{}).connect(
		page(func(p *Page) { p.Key.Incident, p.Severity = "warning", "warning" }),
		page(func(p *Page) { p.Key.Incident = "old" }),
		page(func(p *Page) { p.Key.Incident, p.PagedAt = "new", at.Add(time.Minute) }),
	)
	var got []string
	for _, h := range d.Open() {
		got = append(got, h.Page.Key.Incident)
	}
	if want := []string{"new", "old", "warning"}; !reflect.DeepEqual(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

func TestBeatsAreAnsweredWithReadiness(t *testing.T) {
	d := newDesk(Durable{}).take(BeatCame{})
	if want := []Effect{AnswerBeat{false}}; !reflect.DeepEqual(d.effects, want) {
		t.Errorf("%v", d.effects)
	}
	if d.take(Readiness{Ready: true}, BeatCame{}); !reflect.DeepEqual(d.effects, []Effect{AnswerBeat{true}}) {
		t.Errorf("%v", d.effects)
	}
}

func TestSomebodyWhoIsAskedToHelpQuietsNoAlarm(t *testing.T) {
	now := time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)
	page := Page{Key: Key{"i", 1, "ada"}, Version: 1, Opening: 1, Number: 7, Level: 1, Urgency: "high", Severity: "critical", PagedAt: now}
	s, _ := Reduce(State{}, Connected{}, now)
	s, _ = Reduce(s, SnapshotEnded{}, now)
	s, _ = Reduce(s, PageCame{page}, now)
	page.Version, page.AlsoPaged = 2, []string{"Eve"}
	if s, _ = Reduce(s, PageCame{page}, now.Add(time.Minute)); s.Sound() != PageTone {
		t.Errorf("asked to help: the sound is %q", s.Sound())
	}
	page.Version, page.Escalated = 3, true
	if s, _ = Reduce(s, PageCame{page}, now.Add(2*time.Minute)); s.Sound() == PageTone {
		t.Errorf("escalated: the sound is %q", s.Sound())
	}
}
