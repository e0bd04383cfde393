package headless

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/link"
	"tocsin/agent/settings"
)

func inHand(number uint64) inbox.Incident {
	return inbox.Incident{
		Key: inbox.Key{Incident: fmt.Sprintf("h%d", number), User: "ada"}, Number: number, Opening: 1, Service: "Payments", Summary: "5xx above 5 %",
		Severity: "critical", AcknowledgedAt: began, QuietUntil: began.Add(30 * time.Minute), AskAt: began.Add(25 * time.Minute), RemindEvery: 15 * time.Minute,
	}
}

// waits lets time pass as the session does.
func (r *room) waits(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		r.mu.Lock()
		due := inbox.Due(r.state, time.Now())
		r.mu.Unlock()
		if due.IsZero() || due.After(end) {
			due = end
		}
		time.Sleep(time.Until(due))
		r.Post(inbox.Tick{})
	}
	synctest.Wait()
}

// asked answers the commands that were posted, as words.
func (r *room) asked() (all []string) {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	say := func(c inbox.Command, seen []inbox.Seen, until time.Time) {
		text := string(c)
		for _, s := range seen {
			text += fmt.Sprintf(" %s/%d", s.Key.Incident, s.Opening)
		}
		if !until.IsZero() {
			text += until.UTC().Format(" 15:04")
		}
		all = append(all, text)
	}
	for _, m := range r.got {
		switch m := m.(type) {
		case inbox.Asked:
			say(m.Command, []inbox.Seen{{Key: m.Key, Opening: m.Opening}}, m.Until)
		case inbox.AskedAll:
			say(m.Command, m.Seen, m.Until)
		}
	}
	r.got = nil
	return all
}

func (r *room) wantAsked(want ...string) {
	r.t.Helper()
	if got := r.asked(); strings.Join(got, "; ") != strings.Join(want, "; ") {
		r.t.Errorf("asked %q, want %q", got, want)
	}
}

func TestStillOnItIsAskedAndAnswered(t *testing.T) {
	inRoom(t, Options{InTerminal: true}, func(r *room) {
		r.reads()
		r.Post(inbox.HoldingCame{Incidents: []inbox.Incident{inHand(12)}})
		r.wantRead("#12  CRITICAL  Payments: 5xx above 5 % (now)  You have it since 00:00 UTC; paging begins again at 00:30 UTC.")
		r.waits(16 * time.Minute)
		r.wantRead("You still have #12 Payments: 5xx above 5 %.")
		r.waits(10 * time.Minute)
		want := `
 Still on it? #12 Payments: 5xx above 5 %. Paging begins again at 00:30 UTC. 
  renew 12 · snooze 12 until 08:00 · resolve 12
`
		if got := r.reads(); got != want {
			t.Errorf("printed\n%q\nwant\n%q", got, want)
		}
		r.types("a") // the answer that comes first to mind
		r.wantAsked("acknowledge h12/1")
		r.types("snooze until 08:00")
		r.wantAsked("snooze h12/1 08:00")
		time.Sleep(3 * time.Second)
		r.wantRead("#12: The hub does not know yet.")
		r.types("resolve 12")
		r.wantAsked("resolve h12/1")
		r.types("pass 12")
		r.wantRead("#12 is not open here.")
		r.types("renew 7")
		r.wantRead("You do not have #7.")
		r.Post(inbox.HoldingCame{})
		r.types("l")
		r.wantRead("Nothing is open.")
	})
}

func TestTheEndOfAShiftIsAskedAndAnswered(t *testing.T) {
	inRoom(t, Options{InTerminal: true}, func(r *room) {
		over := inHand(12)
		over.HandOverAt, over.Successors = began.Add(15*time.Minute), []string{"Bob"}
		r.Post(inbox.HoldingCame{Incidents: []inbox.Incident{over, inHand(13)}})
		r.wantRead("Your shift is over. #12 Payments is handed over to Bob at 00:15 UTC, unless you keep it.", "handover 12 · keep 12 until 20:00 · resolve 12")
		r.types("keep 2h")
		r.wantAsked("keep h12/1 02:00")
		r.types("handover 12")
		r.wantAsked("hand_over h12/1")
		r.Post(inbox.HoldingCame{Incidents: []inbox.Incident{inHand(13)}})
		r.Post(inbox.HoldingCame{})
		r.wantRead("#13: You no longer have it.")
	})
}

func TestManyQuestionsAreOne(t *testing.T) {
	inRoom(t, Options{InTerminal: true}, func(r *room) {
		var all []inbox.Incident
		for n := range 50 {
			all = append(all, inHand(uint64(n+1)))
		}
		r.Post(inbox.HoldingCame{Incidents: all})
		if text := r.reads(); strings.Count(text, "\n") > 20 || !strings.Contains(text, "and 40 more that you have") {
			t.Errorf("printed %s", text)
		}
		r.waits(26 * time.Minute)
		text := r.reads()
		if strings.Count(text, "Still on it?") != 1 || strings.Count(text, "\n") > 20 || !strings.Contains(text, "renew all · snooze all until 08:00") {
			t.Errorf("asked:\n%s", text)
		}
		r.types("renew")
		r.wantRead("Several are open")
		r.types("renew all")
		if got := r.asked(); len(got) != 1 || strings.Count(got[0], "/1") != 50 {
			t.Errorf("asked %q", got)
		}
		time.Sleep(3 * time.Second)
		if text := r.reads(); strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "#1, #2, #3") || !strings.HasSuffix(text, ": The hub does not know yet.\n") {
			t.Errorf("printed %s", text)
		}
	})
}

func stormPage(n int) inbox.Page {
	p := page(uint64(n))
	p.Key.Incident = fmt.Sprintf("s%d", n)
	return p
}

func TestAStormIsReadable(t *testing.T) {
	inRoom(t, Options{InTerminal: true, OutTerminal: true}, func(r *room) {
		r.reads()
		for n := 1; n <= 40; n++ {
			r.Post(inbox.PageCame{Page: stormPage(n)})
		}
		text := r.reads()
		if strings.Count(text, " ALARM ") != 11 || strings.Count(text, " ALSO ") != 29 {
			t.Errorf("%d in full, %d in a line", strings.Count(text, " ALARM "), strings.Count(text, " ALSO "))
		}
		r.waits(time.Minute)
		if text := r.reads(); strings.Count(text, "STILL RINGING") != 10 || !strings.Contains(text, "… and 1 more ring") {
			t.Errorf("a minute later:\n%s", text)
		}
		r.types("a all")
		if got := r.asked(); len(got) != 1 || strings.Count(got[0], "/2") != 40 {
			t.Errorf("asked %q", got)
		}
		r.Post(inbox.PageCame{Page: stormPage(41)})
		r.wantRead("ALSO", "#41")
		r.waits(30 * time.Second)
		if text := r.reads(); strings.Contains(text, "\a") {
			t.Error("rings on for a page that joined")
		}
		r.waits(2 * time.Minute)
		if text := r.reads(); !strings.Contains(text, "\a") || !strings.Contains(text, "STILL RINGING  #41") {
			t.Errorf("in its turn:\n%s", text)
		}
	})
}

func TestACoverRequestReadsAsOne(t *testing.T) {
	inRoom(t, Options{InTerminal: true}, func(r *room) {
		r.reads()
		p := page(7)
		p.Cover = &inbox.CoverRequest{From: "Bob", Start: began, End: began.Add(18 * time.Hour), Schedules: []string{"Primary"}}
		r.Post(inbox.PageCame{Page: p})
		want := `
 COVER REQUEST  #7 
  Bob asks you to take over: Primary, from now until 18:00 UTC.
  a 7 take over · p 7 I can't
`
		if got := r.reads(); got != want {
			t.Errorf("printed\n%s\nwant\n%s", got, want)
		}
		r.types("l")
		r.wantRead("#7  COVER REQUEST  Bob asks you")
		r.types("a all")
		r.wantRead("#7 asks for cover")
		r.wantAsked()
		r.types("a 7")
		r.wantAsked("acknowledge i7/2")
	})
}

func TestANoticeIsPrintedOnceAndReported(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		r.reads()
		for range 2 {
			r.Post(inbox.NoticeCame{Notice: inbox.Notice{ID: "n1", Title: "Your shift", Text: "It begins at 18:00.", At: began}})
			synctest.Wait()
		}
		if got, want := r.reads(), "00:00 UTC  Your shift  It begins at 18:00.\n"; got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
		if len(r.state.Outbox) != 1 || r.state.Outbox[0].Notice != "n1" {
			t.Errorf("reported %+v", r.state.Outbox)
		}
		r.types("notices")
		r.wantRead("It begins at 18:00.")
	})
	inRoom(t, Options{}, func(r *room) {
		r.types("notices")
		r.wantRead("There are no notices.")
	})
}

func TestAProbeOfATerminal(t *testing.T) {
	for _, c := range []struct {
		o     Options
		fail  bool
		ready bool
		says  int
	}{
		{Options{OutTerminal: true}, false, true, 0},
		{Options{}, false, true, 1},
		{Options{}, true, false, 2},
	} {
		inRoom(t, c.o, func(r *room) {
			if c.fail {
				r.mu.Lock()
				r.fail = fmt.Errorf("broken pipe")
				r.mu.Unlock()
				r.Post(inbox.PageCame{Page: page(1)})
				synctest.Wait()
			}
			r.Post(inbox.ProbeCame{ID: "p1"})
			synctest.Wait()
			var answers []inbox.AlarmTried
			for _, m := range r.got {
				if m, ok := m.(inbox.AlarmTried); ok {
					answers = append(answers, m)
				}
			}
			if len(answers) != 1 || answers[0].Probe != "p1" || answers[0].Ready != c.ready || len(answers[0].Problems) != c.says {
				t.Errorf("answered %+v", answers)
			}
		})
	}
}

var colleagues = []link.Colleague{
	{ID: "bob", Name: "Bob Brown", Reachable: inbox.ReachableYes}, {ID: "bea", Name: "Bea Berg", Reachable: inbox.ReachableNo},
}

func TestGoingOffDutyAsksForCover(t *testing.T) {
	inRoom(t, Options{InTerminal: true}, func(r *room) {
		r.leave = link.Preview{OnCallNow: true, Colleagues: colleagues, Next: colleagues[1:]}
		r.reads()
		r.types("off 1h cover b")
		r.wantRead(`"b" may be Bob Brown (can be reached), Bea Berg (cannot be reached); say more of the name.`)
		r.types("off 1h cover dan")
		r.wantRead(`"dan" cannot be asked; there is Bob Brown`)
		r.types("off 1h cover bob")
		r.wantRead("You are on call now. You can ask for cover", "y asks Bob Brown to take over until 01:00 UTC; until they accept you are on duty")
		r.types("y")
		r.wantRead("Bob Brown is asked to take over (until 01:00 UTC); you are on duty until they accept.", "Bob Brown is asked to take over.\n")
		r.types("off 1h")
		r.wantRead("y goes off duty now, until 01:00 UTC, and asks Bea Berg (cannot be reached) to take over")
		r.types("y")
		r.types("off until 18:00 cannot")
		r.types("y")
		want := []link.Leave{
			{Until: began.Add(time.Hour), CoverBy: "bob"}, {Until: began.Add(time.Hour), Cannot: true}, {Until: began.Add(18 * time.Hour), Cannot: true},
		}
		if fmt.Sprint(r.duty) != fmt.Sprint(want) {
			t.Errorf("set %+v, want %+v", r.duty, want)
		}
	})
}

func TestWhoIsOnCallAndTakingAShift(t *testing.T) {
	inRoom(t, Options{InTerminal: true}, func(r *room) {
		r.reads()
		r.types("who")
		r.wantRead("has not said who is on call")
		r.Post(inbox.RosterCame{Roster: inbox.Roster{Until: began.Add(14 * 24 * time.Hour), Now: []inbox.OnCallNow{
			{ScheduleID: "s1", Schedule: "Payments primary", User: "Bob Brown", Until: began.Add(18 * time.Hour), Reachable: inbox.ReachableNo},
			{ScheduleID: "s2", Schedule: "Search"},
		}}})
		r.reads()
		r.types("who")
		r.wantRead("Payments primary: Bob Brown (cannot be reached) until 18:00 UTC\nSearch: nobody\n")
		r.types("take payments PRIMARY")
		r.wantRead("y puts you on call for Payments primary from now until the present shift would end, instead of Bob Brown; anything else changes nothing.")
		r.types("y")
		r.wantRead("You are on call for Payments primary until 18:00 UTC, instead of Bob Brown.")
		r.types("take search until 20:00")
		r.wantRead("until 20:00 UTC;")
		r.types("y")
		r.wantRead("The shift was not taken: There is no such schedule.")
	})
}

func TestTheCallSheetIsReadWithItsAge(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		r.reads()
		r.types("sheet")
		r.wantRead("There is no call sheet yet")
		r.sheet = settings.CallSheet{MadeAt: began.Add(-3 * time.Hour), Text: "Primary\n  Ada   +49 30 1\x1b[2J\n"}
		r.types("sheet")
		want := "Call sheet. Made Fri 31 Dec 21:00 UTC (3 h ago).\n\nPrimary\n  Ada   +49 30 1·[2J\n"
		if got := r.reads(); got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	})
}

func TestADrainIsSaid(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		r.reads()
		r.Post(inbox.DrainCame{BackAt: began.Add(5 * time.Minute)})
		if got, want := r.reads(), "The hub goes away for a while; it means to be back by 00:05 UTC.\n"; got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
		r.Post(inbox.DrainCame{})
		if got, want := r.reads(), "The hub does not go away after all.\n"; got != want {
			t.Errorf("taken back: printed %q, want %q", got, want)
		}
	})
}

func TestTheSameAnswerToManyIsSaidOnce(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		for n := 1; n <= 3; n++ {
			r.Post(inbox.PageCame{Page: stormPage(n)})
		}
		r.types("a all")
		r.reads()
		var ids []string
		for _, report := range r.state.Outbox {
			if report.Command != "" {
				ids = append(ids, report.ID)
			}
		}
		r.mu.Lock()
		var effects []inbox.Effect
		for _, id := range ids {
			next, more := inbox.Reduce(r.state, inbox.Answered{ReportID: id, Answer: inbox.Applied}, time.Now())
			r.state, effects = next, append(effects, more...)
		}
		state := r.state
		r.mu.Unlock()
		r.term.Show(state, effects)
		if got, want := r.reads(), "#1, #2, #3: Acknowledged.\n"; got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	})
}
