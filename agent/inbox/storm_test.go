package inbox

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// nth is a page of a storm.
func nth(n int, change ...func(*Page)) Page {
	return page(append([]func(*Page){func(p *Page) {
		p.Key.Incident, p.Number, p.Storm = fmt.Sprintf("s%04d", n), uint64(n), n > stormSize
	}}, change...)...)
}

func stormOf(n int) (pages []Page) {
	for i := range n {
		pages = append(pages, nth(i))
	}
	return pages
}

func (d *desk) acknowledgeAll() *desk {
	return d.take(AskedAll{Command: Acknowledge, Seen: SeenOf(d.Window())})
}

func TestInAStormNewPagesJoinSilently(t *testing.T) {
	for _, told := range []bool{true, false} { // by the hub, or counted here
		d := newDesk(Durable{})
		quiet := func(p *Page) { p.Storm = p.Storm && told }
		var fresh, joined int
		for i := range 40 {
			d.take(PageCame{nth(i, quiet)})
			for _, e := range d.effects {
				if a, ok := e.(Announce); ok {
					fresh++
					if a.Joins {
						joined++
					}
				}
			}
		}
		if fresh != 40 || joined != 29 || len(d.Window()) != 40 || !d.Storm() {
			t.Errorf("%d announced, %d of them joined, %d in the window, storm %v", fresh, joined, len(d.Window()), d.Storm())
		}
		if got := len(d.Listed(Rings)); got != 11 || d.Sound() != PageTone {
			t.Errorf("%d ring, sound %q", got, d.Sound())
		}
	}
}

func TestAPageThatFollowsAnotherAfterAWhileIsNoStorm(t *testing.T) {
	d := newDesk(Durable{})
	for i := range 30 {
		d.take(PageCame{nth(i, func(p *Page) { p.Storm = false })})
		if d.standing(nth(i).Key) != Rings {
			t.Fatalf("page %d does not ring", i)
		}
		d.acknowledgeAll().answer(Applied, "")
		d.take(PageCame{nth(i, taken)})
		d.after(time.Minute)
	}
}

func TestAcknowledgeAllNamesExactlyWhatWasOnTheScreen(t *testing.T) {
	d := newDesk(Durable{}).connect(stormOf(40)...)
	onScreen := SeenOf(d.Window())
	d.take(PageCame{nth(40)}) // between the look and the click
	d.take(AskedAll{Command: Acknowledge, Seen: onScreen})
	var named []Key
	for _, r := range d.Outbox {
		if r.Command == Acknowledge {
			named = append(named, r.Page)
		}
	}
	if len(named) != 40 || slices.Contains(named, nth(40).Key) {
		t.Errorf("%d are named, the later one among them: %v", len(named), slices.Contains(named, nth(40).Key))
	}
	if count[Deliver](d.effects) != 1 || count[Save](d.effects) != 1 {
		t.Errorf("one click made %d deliveries, %d writes", count[Deliver](d.effects), count[Save](d.effects))
	}
	if d.standing(nth(40).Key) != Joined || d.Sound() != Silence {
		t.Errorf("the later one is %q, sound %q", d.standing(nth(40).Key), d.Sound())
	}
	if due := Due(d.State, d.now); !due.Equal(d.now.Add(ringsEvery)) {
		t.Fatalf("due %v", due)
	}
	d.after(ringsEvery - time.Second)
	if d.Sound() != Silence {
		t.Error("rings too early")
	}
	d.after(time.Second)
	if d.standing(nth(40).Key) != Rings || d.Sound() != PageTone || count[Raise](d.effects) != 1 {
		t.Errorf("in its turn it is %q, raised %d times", d.standing(nth(40).Key), count[Raise](d.effects))
	}
}

func TestAcknowledgeAllCountsWhatWasOverAlready(t *testing.T) {
	d := newDesk(Durable{}).connect(stormOf(12)...)
	onScreen := SeenOf(d.Window())
	d.take(PageCame{nth(0, taken)})
	if d.take(AskedAll{Command: Acknowledge, Seen: onScreen}); len(d.told()) != 1 || d.told()[0] != "Taken by Bob." {
		t.Errorf("told %q", d.told())
	}
	if d.take(AskedAll{Command: Acknowledge, Seen: append(onScreen, Seen{Key: payments})}); len(d.told()) != 1 || d.told()[0] != "2 of 13 were over already." {
		t.Errorf("told %q", d.told())
	}
}

func TestAcknowledgeAllAcceptsNoCoverRequest(t *testing.T) {
	cover := page(func(p *Page) { p.Cover = &CoverRequest{From: "Bob"} })
	d := newDesk(Durable{}).connect(append(stormOf(12), cover)...)
	if d.standing(payments) != Rings {
		t.Errorf("a cover request joined the storm: %q", d.standing(payments))
	}
	d.take(AskedAll{Command: Acknowledge, Seen: append(SeenOf(d.Window()), Seen{Key: payments, Opening: 1})})
	if _, waiting := d.Waiting(payments); waiting || d.standing(payments) != Rings {
		t.Error("somebody's shift was taken over by a click on a storm")
	}
	if d.take(ack); d.standing(payments) != Unconfirmed {
		t.Error("it cannot be accepted by a click of its own")
	}
}

// TestInAStormItRingsAtMostOnceInTwoMinutes: whoever acknowledges at once
// whatever rings is not woken for each of a hundred pages.
func TestInAStormItRingsAtMostOnceInTwoMinutes(t *testing.T) {
	d := newDesk(Durable{}).connect(stormOf(12)...)
	d.acknowledgeAll()
	var began []time.Time
	for n := 12; n < 12+120; n++ {
		d.after(5 * time.Second)
		was := d.Sound()
		d.take(PageCame{nth(n)})
		if was != PageTone && d.Sound() == PageTone {
			began = append(began, d.now)
		}
		if d.after(5 * time.Second); d.Sound() == PageTone {
			if was != PageTone && len(began) == 0 || len(began) > 0 && d.now.Sub(began[len(began)-1]) > 5*time.Second {
				began = append(began, d.now)
			}
			d.acknowledgeAll()
		}
	}
	if len(began) < 8 || len(began) > 10 {
		t.Errorf("rang %d times in 20 minutes", len(began))
	}
	for i := 1; i < len(began); i++ {
		if wait := began[i].Sub(began[i-1]); wait < ringsEvery {
			t.Errorf("rang again after %v", wait)
		}
	}
}

// TestWheneverItRingsInAStormTwoMinutesOfQuietCameBefore: whatever comes, is
// taken here or elsewhere, and however often the agent starts.
func TestWheneverItRingsInAStormTwoMinutesOfQuietCameBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(Durable{}).connect(stormOf(12)...)
		n, rings, stopped := 12, true, time.Time{}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			d.now = d.now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 10, 30, 119, 121}).Draw(t, "seconds")) * time.Second)
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0, 1, 2:
				d.take(PageCame{nth(n)})
				n++
			case 3:
				d.acknowledgeAll()
			case 4:
				if open := d.Window(); len(open) > 0 {
					p := rapid.SampledFrom(open).Draw(t, "page").Page
					taken(&p)
					d.take(PageCame{p})
				}
			case 5:
				d.take(Tick{})
			}
			if was, is := rings, d.Sound() == PageTone; was != is {
				rings = is
				if is && d.now.Sub(stopped) < ringsEvery {
					t.Fatalf("rings %v after it stopped", d.now.Sub(stopped))
				}
				if !is {
					stopped = d.now
				}
			}
			if quiet := d.Listed(Joined); len(quiet) > 0 && !rings && d.now.Sub(stopped) >= ringsEvery {
				t.Fatalf("%d pages are silent %v after the ringing stopped", len(quiet), d.now.Sub(stopped))
			}
		}
	})
}

func TestTheTurnToRingSurvivesARestart(t *testing.T) {
	d := newDesk(Durable{}).connect(stormOf(12)...)
	d.acknowledgeAll().take(PageCame{nth(12)})
	restarted := &desk{now: d.now.Add(30 * time.Second)}
	restarted.take(Started{d.Durable})
	if restarted.Sound() != Silence || restarted.standing(nth(12).Key) != Joined {
		t.Errorf("after a restart: %q", restarted.standing(nth(12).Key))
	}
	if restarted.after(90 * time.Second); restarted.Sound() != PageTone {
		t.Error("its turn never comes")
	}
}

func TestAPageThatJoinsAnEmptyWindowBringsItUp(t *testing.T) {
	d := newDesk(Durable{}).connect(stormOf(12)...).acknowledgeAll()
	for i := range 12 {
		d.take(PageCame{nth(i, mine)})
	}
	if d.take(PageCame{nth(12)}); count[Raise](d.effects) != 1 {
		t.Error("the window did not come")
	}
	if d.take(PageCame{nth(13)}); count[Raise](d.effects) != 0 {
		t.Error("the window came for each")
	}
}

func TestMessagesThatCameTogetherAreTakenInAsOneByOne(t *testing.T) {
	var all []Message
	for _, p := range stormOf(30) {
		all = append(all, PageCame{p})
	}
	all = append(all, AskedAll{Command: Acknowledge, Seen: SeenOf([]Held{{Page: nth(3)}})}, PageCame{nth(4, taken)})
	together, effects := ReduceAll(State{}, all, at)
	one := State{}
	for _, m := range all {
		one, _ = Reduce(one, m, at)
	}
	for _, h := range one.Pages {
		if got, _ := together.Held(h.Page.Key); together.Standing(got) != one.Standing(h) || got.Told != h.Told {
			t.Errorf("%v is %q, one by one %q", h.Page.Key, together.Standing(got), one.Standing(h))
		}
	}
	withdrawn := map[Key]bool{}
	for _, e := range effects {
		if w, ok := e.(Withdraw); ok {
			withdrawn[w.Key] = true
		}
	}
	if len(withdrawn) != 2 || !withdrawn[nth(3).Key] || !withdrawn[nth(4).Key] {
		t.Errorf("withdrawn %v", withdrawn)
	}
}

func BenchmarkSnapshotOf1000(b *testing.B) {
	all := []Message{Connected{HubName: "Example Health", UserName: "Ada"}}
	for _, p := range stormOf(1000) {
		all = append(all, PageCame{p})
	}
	all = append(all, SnapshotEnded{})
	known, _ := ReduceAll(State{}, all, at)
	for name, from := range map[string]State{"new": {}, "known": known} {
		b.Run(name+"/together", func(b *testing.B) {
			for b.Loop() {
				ReduceAll(from, all, at)
			}
		})
		b.Run(name+"/one by one", func(b *testing.B) {
			for b.Loop() {
				s := from
				for _, m := range all {
					s, _ = Reduce(s, m, at)
				}
			}
		})
	}
	b.Run("acknowledge all", func(b *testing.B) {
		seen := SeenOf(known.Window())
		for b.Loop() {
			Reduce(known, AskedAll{Command: Acknowledge, Seen: seen}, at)
		}
	})
}
