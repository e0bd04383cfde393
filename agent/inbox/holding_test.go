package inbox

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

const minute = time.Minute

// inHand is an incident that the user took at 03:00 UTC, for half an hour.
func inHand(change ...func(*Incident)) Incident {
	i := Incident{
		Key: Key{Incident: "i1", User: "ada"}, Number: 12, Opening: 1, Service: "Payments", Summary: "5xx above 5 %",
		Severity: "critical", Urgency: "high", AcknowledgedAt: at, QuietUntil: at.Add(30 * minute), AskAt: at.Add(25 * minute),
		RemindEvery: 15 * minute,
	}
	for _, c := range change {
		c(&i)
	}
	return i
}

func snoozed(i *Incident) {
	i.Snoozed, i.AskAt, i.QuietUntil = true, time.Time{}, at.Add(5*time.Hour)
}
func shiftEnds(i *Incident) {
	i.HandOverAt, i.Successors = at.Add(15*minute), []string{"Bob"}
}
func renewed(i *Incident) {
	i.QuietUntil, i.AskAt = i.QuietUntil.Add(30*minute), i.AskAt.Add(30*minute)
}

func (d *desk) holds(all ...Incident) *desk {
	return d.take(Connected{}, HoldingCame{all}, SnapshotEnded{})
}

// until lets time pass as the shell does, by Due alone, and keeps all effects.
func (d *desk) until(end time.Time) *desk {
	var all []Effect
	for d.now.Before(end) {
		due := Due(d.State, d.now)
		if due.IsZero() || due.After(end) {
			due = end
		}
		d.after(due.Sub(d.now))
		all = append(all, d.effects...)
	}
	d.effects = all
	return d
}

func of[E Effect](d *desk) (all []E) {
	for _, e := range d.effects {
		if e, ok := e.(E); ok {
			all = append(all, e)
		}
	}
	return all
}

func (d *desk) asking(q Question) int { return len(d.Asking(q, d.now)) }

func TestShortlyBeforeALeaseEndsTheAgentAsks(t *testing.T) {
	for _, c := range []struct {
		name string
		held Incident
		when time.Duration
		want int
	}{
		{"not before its time", inHand(), 25*minute - time.Second, 0},
		{"from then on", inHand(), 25 * minute, 1},
		{"until the lease has ended and paging begins again", inHand(), 30 * minute, 0},
		{"not of what was snoozed", inHand(snoozed), 25 * minute, 0},
		{"not of what has no end", inHand(func(i *Incident) { i.AskAt, i.QuietUntil = time.Time{}, time.Time{} }), 25 * minute, 0},
		{"not while the end of the shift is asked about", inHand(shiftEnds, renewed), 55 * minute, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(Durable{}).holds(c.held).until(at.Add(c.when))
			if got := d.asking(StillOnIt); got != c.want {
				t.Errorf("asks of %d", got)
			}
			if n := len(of[Ask](d)); c.want == 1 && n != 1 {
				t.Errorf("posed %d times", n)
			}
			if d.Sound() != Silence {
				t.Error("a question makes a sound")
			}
		})
	}
}

func TestTheQuestionIsPosedOnceForEachLease(t *testing.T) {
	d := newDesk(Durable{}).holds(inHand()).until(at.Add(26 * minute))
	d.take(Asked{Command: Acknowledge, Key: inHand().Key, Opening: 1})
	if d.asking(StillOnIt) != 0 {
		t.Error("asks on although it was answered and the hub does not know yet")
	}
	if got, want := d.HeldText(d.Mine()[0], d.now, time.UTC), "The hub does not know yet; by its word paging begins again at 03:30 UTC."; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	d.answer(Applied, "").take(HoldingCame{[]Incident{inHand(renewed)}})
	d.until(at.Add(54 * minute))
	if n := len(of[Ask](d)); n != 0 {
		t.Errorf("posed %d times within the new lease", n)
	}
	if d.until(at.Add(56 * minute)); len(of[Ask](d)) != 1 {
		t.Error("not posed for the new lease")
	}
}

func TestWhatTheHubDidNotDoIsAskedAgain(t *testing.T) {
	for _, a := range []Answer{TooLate, Refused} {
		d := newDesk(Durable{}).holds(inHand()).until(at.Add(26 * minute))
		d.take(Asked{Command: Acknowledge, Key: inHand().Key, Opening: 1}).answer(a, "")
		if d.asking(StillOnIt) != 1 || len(d.told()) != 1 || d.Mine()[0].Note != d.told()[0] {
			t.Errorf("%s: asks of %d, told %q", a, d.asking(StillOnIt), d.told())
		}
	}
}

func TestFiveHundredIncidentsAreOneQuestion(t *testing.T) {
	var all []Incident
	for n := range 500 {
		all = append(all, inHand(func(i *Incident) {
			i.Key.Incident, i.Number = fmt.Sprintf("i%d", n), uint64(n+1)
			i.AskAt = i.AskAt.Add(time.Duration(n) * 100 * time.Millisecond) // all within a minute
			i.QuietUntil = i.AskAt.Add(2 * minute)
		}))
	}
	d := newDesk(Durable{}).holds(all...).until(at.Add(26*minute + 30*time.Second))
	asks := of[Ask](d)
	if len(asks) != 1 || len(asks[0].Of) != 500 || d.asking(StillOnIt) != 500 {
		t.Fatalf("%d questions", len(asks))
	}
	text := QuestionText(StillOnIt, asks[0].Of, d.now, time.UTC)
	if len(text) > 300 || !strings.Contains(text, "#500 Payments") || !strings.Contains(text, "and 495 more") || !strings.Contains(text, "03:27") {
		t.Errorf("asks %q", text)
	}
	var seen []Seen
	for _, h := range asks[0].Of {
		seen = append(seen, Seen{h.Key, h.Opening})
	}
	if d.take(AskedAll{Command: Acknowledge, Seen: seen}); d.asking(StillOnIt) != 0 || len(d.Outbox) != 500 {
		t.Errorf("one click answers all but %d, with %d reports", d.asking(StillOnIt), len(d.Outbox))
	}
}

func TestAQuestionThatJoinsALaterOneIsAskedWithTheFirst(t *testing.T) {
	second := inHand(func(i *Incident) { i.Key.Incident, i.AskAt = "i2", i.AskAt.Add(3*minute) })
	d := newDesk(Durable{}).holds(inHand(), second).until(at.Add(29 * minute))
	asks := of[Ask](d)
	if len(asks) != 2 || len(asks[0].Of) != 1 || len(asks[1].Of) != 2 {
		t.Errorf("asked %+v", asks)
	}
}

func TestAtTheEndOfAShiftTheHolderIsAsked(t *testing.T) {
	key := inHand().Key
	for _, c := range []struct {
		name  string
		do    []Message
		asked int
	}{
		{"at once", nil, 1},
		{"until it is handed over", []Message{Asked{Command: HandOver, Key: key, Opening: 1}}, 0},
		{"or kept", []Message{Asked{Command: Keep, Key: key, Opening: 1, Until: at.Add(time.Hour)}}, 0},
		{"or resolved", []Message{Asked{Command: Resolve, Key: key, Opening: 1}}, 0},
		{"renewing is no answer to it", []Message{Asked{Command: Acknowledge, Key: key, Opening: 1}}, 1},
		{"keeping it until a time that is over is no answer", []Message{Asked{Command: Keep, Key: key, Opening: 1, Until: at}}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(Durable{}).holds(inHand(shiftEnds))
			asks := of[Ask](d)
			if len(asks) != 1 || asks[0].Question != ShiftOver {
				t.Fatalf("asked %+v", asks)
			}
			if got, want := QuestionText(ShiftOver, asks[0].Of, d.now, time.UTC), "Your shift is over. #12 Payments is handed over to Bob at 03:15 UTC, unless you keep it."; got != want {
				t.Errorf("asks %q, want %q", got, want)
			}
			if d.take(c.do...); d.asking(ShiftOver) != c.asked {
				t.Errorf("asks of %d", d.asking(ShiftOver))
			}
			if d.until(at.Add(15 * minute)); d.asking(ShiftOver) != 0 {
				t.Error("still asks after the hub has handed it over")
			}
		})
	}
}

func TestTheAgentRemindsOnceAPeriod(t *testing.T) {
	forever := func(i *Incident) { i.QuietUntil, i.AskAt = time.Time{}, time.Time{} }
	d := newDesk(Durable{}).holds(inHand(forever)).until(at.Add(time.Hour))
	if n := len(of[Remind](d)); n != 4 {
		t.Errorf("reminded %d times in an hour", n)
	}
	// A restart in between reminds of nothing anew, and of what was missed once.
	restarted := &desk{now: d.now.Add(5 * minute)}
	restarted.take(Started{d.Durable}).until(at.Add(74 * minute))
	if n := len(of[Remind](restarted)); n != 0 {
		t.Errorf("reminded %d times again", n)
	}
	late := &desk{now: at.Add(3 * time.Hour)}
	late.take(Started{d.Durable}).until(late.now.Add(minute))
	if n := len(of[Remind](late)); n != 1 {
		t.Errorf("after two hours away: reminded %d times", n)
	}
	for name, held := range map[string]Incident{
		"snoozed":    inHand(snoozed),
		"never":      inHand(forever, func(i *Incident) { i.RemindEvery = 0 }),
		"lease over": inHand(func(i *Incident) { i.QuietUntil = at.Add(10 * minute) }),
	} {
		if d := newDesk(Durable{}).holds(held).until(at.Add(time.Hour)); len(of[Remind](d)) != 0 {
			t.Errorf("%s: reminded", name)
		}
	}
}

func TestManyIncidentsAreFewReminders(t *testing.T) {
	var all []Incident
	for n := range 30 {
		all = append(all, inHand(func(i *Incident) {
			i.Key.Incident, i.AcknowledgedAt = fmt.Sprintf("i%d", n), at.Add(-time.Duration(n)*30*time.Second)
			i.QuietUntil, i.AskAt = time.Time{}, time.Time{}
		}))
	}
	d := newDesk(Durable{}).holds(all...).until(at.Add(2 * time.Hour))
	told := map[string]int{}
	for _, r := range of[Remind](d) {
		for _, h := range r.Of {
			told[h.Key.Incident]++
		}
	}
	if n := len(of[Remind](d)); n > 3*8 {
		t.Errorf("%d reminders in eight periods", n)
	}
	for key, n := range told {
		if n < 8 || n > 9 {
			t.Errorf("%s: told %d times in eight periods", key, n)
		}
	}
}

func TestAfterARestartTheHubIsHeardBeforeTheJournalIsAskedBy(t *testing.T) {
	d := newDesk(Durable{}).holds(inHand()).until(at.Add(26 * minute))
	fresh := func() *desk { return (&desk{now: d.now}).take(Started{d.Durable}) }
	if a := fresh(); a.asking(StillOnIt) != 0 || len(of[Ask](a)) != 0 {
		t.Error("asks by the journal at once")
	}
	if a := fresh().until(d.now.Add(trustJournal)); a.asking(StillOnIt) != 1 || len(of[Ask](a)) != 1 {
		t.Error("does not ask without a hub")
	}
	if a := fresh().holds(inHand()); len(of[Ask](a)) != 1 {
		t.Error("does not ask again in a new process")
	}
	if a := fresh().holds(); len(of[Ask](a)) != 0 || len(a.Mine()) != 0 {
		t.Error("asks of what somebody else has")
	}
}

func TestWhatIsHeldComesFromTheHubWhereItTellsIt(t *testing.T) {
	d := newDesk(Durable{}).connect(page(), page(mine))
	if got := d.Mine(); len(got) != 1 || got[0].Key != payments || got[0].Number != 12 {
		t.Errorf("an older hub: %+v", got)
	}
	if d.take(HoldingCame{}); len(d.Mine()) != 0 {
		t.Error("what the hub does not name is still held")
	}
	other := inHand(func(i *Incident) { i.Key = Key{Incident: "i7", User: "ada"} })
	if d.holds(other); len(d.Mine()) != 1 || d.Mine()[0].Key.Incident != "i7" {
		t.Errorf("held: %+v", d.Mine())
	}
	restarted := newDesk(d.Durable)
	if len(restarted.Mine()) != 1 {
		t.Error("the journal does not have it")
	}
	if restarted.connect(page(mine)); len(restarted.Mine()) != 1 || restarted.Mine()[0].Key != payments {
		t.Errorf("with an older hub again: %+v", restarted.Mine())
	}
}

func TestCommandsOnWhatIsHeld(t *testing.T) {
	key := inHand().Key
	until := at.Add(5 * time.Hour)
	d := newDesk(Durable{}).holds(inHand())
	d.take(LinkLost{Why: "reset"})
	d.take(Asked{Snooze, key, 1, until}, Asked{Snooze, key, 1, until})
	if len(d.Outbox) != 1 || !d.Outbox[0].Until.Equal(until) || d.Outbox[0].Page != key || d.Outbox[0].Opening != 1 {
		t.Fatalf("in the journal: %+v", d.Outbox)
	}
	if count[Save](d.effects) != 1 || count[Deliver](d.effects) != 1 {
		t.Errorf("%v", d.effects)
	}
	if d.answer(Applied, ""); !reflect.DeepEqual(d.told(), []string{"Snoozed."}) || d.Mine()[0].Note != "Snoozed." {
		t.Errorf("told %q", d.told())
	}
	for text, m := range map[string]Asked{
		"You do not hold this incident.":                     {Command: HandOver, Key: Key{Incident: "other"}},
		"This page is over.":                                 {Command: Acknowledge, Key: Key{Incident: "other"}},
		"That time is over: name one that is still to come.": {Command: Snooze, Key: key, Until: at},
	} {
		if d.take(m); !reflect.DeepEqual(d.told(), []string{text}) {
			t.Errorf("%+v: told %q", m, d.told())
		}
	}
	if n := len(d.Outbox); n != 0 {
		t.Errorf("%d reports of what cannot be", n)
	}
}

func TestAnOpenPageCanBeSnoozed(t *testing.T) {
	d := newDesk(Durable{}).connect(page()).take(Asked{Snooze, payments, 1, at.Add(time.Hour)})
	if d.standing(payments) != Unconfirmed || d.Sound() != Silence {
		t.Errorf("%q, sound %q", d.standing(payments), d.Sound())
	}
}

func TestACoverRequestIsAnsweredInItsOwnWords(t *testing.T) {
	cover := func(p *Page) {
		p.Cover = &CoverRequest{From: "Bob", Start: at.Add(-minute), End: at.Add(time.Hour), Schedules: []string{"Primary"}}
	}
	d := newDesk(Durable{}).connect(page(cover))
	if got, want := CoverText(*d.Pages[0].Page.Cover, d.now, time.UTC), "Bob asks you to take over: Primary, from now until 04:00 UTC."; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	if d.take(ack).answer(Applied, ""); !reflect.DeepEqual(d.told(), []string{"You take over."}) {
		t.Errorf("told %q", d.told())
	}
	if d.take(PageCame{page(cover, mine)}); len(d.Mine()) != 0 {
		t.Error("a request is held like an incident")
	}
	no := newDesk(Durable{}).connect(page(cover)).take(Asked{Command: PassOn, Key: payments, Opening: 1}).answer(Applied, "")
	if !reflect.DeepEqual(no.told(), []string{"Declined."}) {
		t.Errorf("told %q", no.told())
	}
}

func TestASignedOutDeviceAsksNothing(t *testing.T) {
	d := newDesk(Durable{}).holds(inHand()).take(SignedOut{"revoked"}).until(at.Add(time.Hour))
	if n := len(of[Ask](d)) + len(of[Remind](d)); n != 0 {
		t.Errorf("%d questions", n)
	}
}
