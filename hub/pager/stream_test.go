package pager

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

var (
	start = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	org   = organisation.New(organisation.Set{Users: []responder.User{{ID: "ada"}, {ID: "bob"}}})
)

func newPager(changed func(responder.UserID) error) *Pager {
	return New(changed, func(int) {}, slog.New(slog.DiscardHandler))
}

func nobody(responder.UserID) error { return nil }

// state is an incident with a page of ada, at a version.
func state(version uint64, summary string) escalation.State {
	return escalation.State{
		Incident: incident.Incident{ID: "i", Version: version, Status: incident.Triggered, Summary: summary, TriggeredAt: start},
		Pages: []escalation.Page{{
			Key: escalation.Key{Wave: 1, User: "ada"}, At: start, Uses: []escalation.Use{{Method: responder.Devices, At: start}},
		}},
	}
}

// shows is what an agent shows after the frames in the queue: of each page the
// newest version; of one version what came last.
func shows(s *Stream) (page *agentv1.Page, frames int) {
	for {
		select {
		case f := <-s.Frames:
			frames++
			if p := f.GetPage(); page == nil || p.Version >= page.Version {
				page = p
			}
		default:
			return page, frames
		}
	}
}

func TestWhicheverCommitIsPublishedFirstTheDeviceShowsTheLast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Few texts, so that a later version may look like an earlier one.
		texts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b"}), 1, 8).Draw(t, "texts")
		order := rapid.Permutation(indexes(len(texts))).Draw(t, "order")
		snapshot := rapid.IntRange(0, len(texts)-1).Draw(t, "version of the snapshot")
		taken := rapid.IntRange(0, len(texts)).Draw(t, "when it is noted")
		p := newPager(nobody)
		s := p.Open(responder.Device{ID: "d", User: "ada"}, start)
		var first *agentv1.Page
		for n := 0; n <= len(order); n++ {
			if n == taken {
				st := state(uint64(snapshot+1), texts[snapshot])
				first = s.Snapshot([]News{p.News(st, st.Pages[0], org)})[0].GetPage()
			}
			if n < len(order) {
				p.Tell(state(uint64(order[n]+1), texts[order[n]]), org)
			}
		}
		// The snapshot is sent before what is queued.
		page := first
		if queued, _ := shows(s); queued != nil && queued.Version >= first.Version {
			page = queued
		}
		if want := texts[len(texts)-1]; page.Summary != want {
			t.Errorf("shows %q, the last commit says %q", page.Summary, want)
		}
	})
}

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestACommitThatShowsNothingNewIsNotTold(t *testing.T) {
	p := newPager(nobody)
	s := p.Open(responder.Device{ID: "d", User: "ada"}, start)
	s.Snapshot(nil)
	other := p.Open(responder.Device{ID: "e", User: "bob"}, start)
	for version := range uint64(5) {
		p.Tell(state(version+1, "the same"), org)
	}
	if _, frames := shows(s); frames != 1 {
		t.Errorf("told %d times", frames)
	}
	if _, frames := shows(other); frames != 0 {
		t.Errorf("another user's device was told %d times", frames)
	}
}

func TestAFullQueueEndsTheStreamAndHoldsNobodyUp(t *testing.T) {
	p := newPager(nobody)
	s := p.Open(responder.Device{ID: "d", User: "ada"}, start)
	for n := range queueLength + 1 {
		select {
		case <-s.Done:
			t.Fatalf("ended after %d frames", n)
		default:
		}
		p.Tell(state(uint64(n+1), fmt.Sprint(n)), org)
	}
	<-s.Done
	if s.Reason() != "the device is too slow" {
		t.Errorf("ended because %s", s.Reason())
	}
	p.Tell(state(1000, "later"), org) // harmless
}

func TestADeviceIsGoneFortySecondsAfterItWasLastHeardOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPager(nobody)
		device := responder.Device{ID: "d", User: "ada"}
		hubStart := time.Now()
		link := func() escalation.Link { return p.Links([]responder.Device{device}, hubStart)[0] }
		if l := link(); !l.Since.IsZero() || !l.GoneAt.Equal(hubStart.Add(escalation.GoneAfter)) {
			t.Errorf("never seen by this hub: %+v", l)
		}
		time.Sleep(time.Minute)
		s := p.Open(device, time.Now())
		if l := link(); !l.Since.Equal(time.Now()) || !l.GoneAt.IsZero() {
			t.Errorf("connected: %+v", l)
		}
		time.Sleep(30*time.Second + 500*time.Microsecond)
		p.Answered("d", true, time.Now())
		time.Sleep(20 * time.Second)
		if left := s.SilentIn(); left != 20*time.Second {
			t.Errorf("silent in %s", left)
		}
		s.Close()
		if l, want := link(), time.Now().Add(escalation.GoneAfter).Truncate(time.Millisecond); !l.GoneAt.Equal(want) {
			t.Errorf("closed by itself: gone at %v, want %v", l.GoneAt, want)
		}
		silent := p.Open(device, time.Now())
		opened := time.Now()
		time.Sleep(time.Minute)
		silent.Close()
		if l, want := link(), opened.Add(AnswerWithin+escalation.GoneAfter).Truncate(time.Millisecond); l.GoneAt.After(want) {
			t.Errorf("fell silent: gone at %v, at the latest %v is expected", l.GoneAt, want)
		}
	})
}

func TestManyWhoComeAndGoAreLookedAtOneByOneAndNobodyIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		at, most := 0, 0
		last := map[responder.UserID]bool{} // whether the device was there at the last look
		var p *Pager
		p = newPager(func(u responder.UserID) error {
			mu.Lock()
			at++
			most = max(most, at)
			mu.Unlock()
			there := p.Connected(responder.DeviceID(u))
			time.Sleep(time.Millisecond)
			mu.Lock()
			at--
			last[u] = there
			mu.Unlock()
			return nil
		})
		var comers sync.WaitGroup
		for n := range 50 {
			comers.Go(func() {
				d := responder.Device{ID: responder.DeviceID(fmt.Sprint("u", n)), User: responder.UserID(fmt.Sprint("u", n))}
				for range n % 5 {
					p.Open(d, time.Now()).Close()
				}
				p.Open(d, time.Now())
			})
		}
		comers.Wait()
		synctest.Wait()
		time.Sleep(time.Second)
		mu.Lock()
		defer mu.Unlock()
		if most != 1 || len(last) != 50 {
			t.Errorf("%d at a time, %d users", most, len(last))
		}
		for u, there := range last {
			if !there {
				t.Errorf("%s was last looked at while away", u)
			}
		}
	})
}

func TestWhoCouldNotBeLookedAtIsLookedAtAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks []time.Duration
		began := time.Now()
		p := newPager(func(responder.UserID) error {
			if looks = append(looks, time.Since(began)); len(looks) < 3 {
				return errors.New("the database is busy")
			}
			return nil
		})
		p.Open(responder.Device{ID: "d", User: "ada"}, began)
		time.Sleep(time.Hour)
		synctest.Wait()
		if want := []time.Duration{0, lookAgain, 2 * lookAgain}; !slices.Equal(looks, want) {
			t.Errorf("looked at after %v, want %v", looks, want)
		}
		p.CloseAll()
	})
}

func TestTheRosterNamesWhoIsPagedByNameOrAsOneOfATeam(t *testing.T) {
	org := organisation.New(organisation.Set{
		Users: []responder.User{{ID: "ada"}, {ID: "bob"}, {ID: "eve"}}, Teams: []responder.Team{{ID: "shop", Members: []responder.UserID{"ada"}}},
		Policies: []escalation.Policy{{ID: "p", Name: "Shop", Levels: []escalation.Level{
			{Timeout: time.Minute, Targets: []escalation.Target{{Team: "shop"}}}, {Timeout: time.Minute, Targets: []escalation.Target{{User: "bob"}}},
		}}},
	})
	for user, want := range map[responder.UserID]int{"ada": 1, "bob": 1, "eve": 0} {
		if got := RosterFrame(org, user, start).GetRoster().Shifts; len(got) != want {
			t.Errorf("%s: %v", user, got)
		}
	}
}

func TestAfterTheHubStopsNothingOpensAndNobodyIsLookedAt(t *testing.T) {
	looks := 0
	p := newPager(func(responder.UserID) error { looks++; return nil })
	s := p.Open(responder.Device{ID: "d", User: "ada"}, start)
	p.CloseAll()
	<-s.Done
	before := looks
	s.Close()
	late := p.Open(responder.Device{ID: "e", User: "ada"}, start)
	<-late.Done
	late.Close()
	p.CloseAll()
	if looks != before || p.Count() != 0 {
		t.Errorf("%d looks after the end, %d streams", looks-before, p.Count())
	}
}

func TestReachableIsYesOnlyWhenADeviceSaidItIsReady(t *testing.T) {
	p := newPager(nobody)
	is := func(want string) {
		t.Helper()
		if got := p.Reachable("ada"); got != want {
			t.Errorf("reachable: %s, want %s", got, want)
		}
	}
	is("no")
	s := p.Open(responder.Device{ID: "d", User: "ada"}, start)
	is("unchecked")
	p.Answered("d", false, time.Now())
	is("unchecked")
	p.Answered("d", true, time.Now())
	is("yes")
	s.Close()
	is("no")
}
