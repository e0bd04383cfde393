package headless

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/agent/inbox"
)

func journalOf(age time.Duration, p inbox.Page) inbox.Durable {
	return inbox.Durable{Pages: []inbox.Held{{Page: p, SeenAt: began.Add(-age)}}}
}

func low(number uint64) inbox.Page {
	p := page(number)
	p.Urgency, p.Severity = "low", "warning"
	return p
}

func TestARestartTellsAnAlarmOnce(t *testing.T) {
	restarted(t, Options{OutTerminal: true}, journalOf(time.Minute, page(1)), func(r *room) {
		r.wantRead(" ALARM  #1", "a 1 acknowledge", "\a")
		time.Sleep(2 * time.Second)
		r.connect(page(1))
		if text := r.reads(); strings.Contains(text, "#1") {
			t.Errorf("told again once the hub is there:\n%s", text)
		}
		time.Sleep(time.Minute)
		r.Post(inbox.Tick{})
		r.wantRead("STILL RINGING", "#1")
	})
}

func TestAfterARestartOldPagesAreListed(t *testing.T) {
	restarted(t, Options{OutTerminal: true}, journalOf(time.Hour, page(1)), func(r *room) {
		if text := r.reads(); !strings.Contains(text, "#1") || strings.Contains(text, "\a") {
			t.Errorf("printed %q", text)
		}
		r.connect(page(1))
		text := r.reads()
		if strings.Count(text, "#1") != 1 || !strings.Contains(text, "RINGS AGAIN") || !strings.Contains(text, "\a") {
			t.Errorf("once the hub has confirmed it:\n%q", text)
		}
	})
}

func TestANoticeIsTheSameAfterARestart(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		r.reads()
		r.Post(inbox.PageCame{Page: low(2)})
		fresh := r.reads()
		if !strings.Contains(fresh, " NOTICE  #2  WARNING") || !strings.Contains(fresh, "a 2 acknowledge · r 2 resolve") {
			t.Errorf("printed:\n%s", fresh)
		}
		p := paper{zone: time.UTC, now: began}
		if got := p.tell(paper{}, inbox.State{}, r.state, nil).text.String(); !strings.Contains(got, fresh) {
			t.Errorf("after a restart:\n%s\nwant\n%s", got, fresh)
		}
	})
	p := paper{zone: time.UTC, now: began}
	after, effects := inbox.Reduce(inbox.State{}, inbox.PageCame{Page: low(2)}, began)
	if got := p.tell(paper{}, inbox.State{}, after, effects).text.String(); strings.Count(got, "NOTICE") != 1 {
		t.Errorf("new with the first words:\n%s", got)
	}
}

func TestAnAcknowledgementIsToldOnce(t *testing.T) {
	ended := page(6)
	ended.Version, ended.Outcome, ended.EndedBy = 2, inbox.OutcomeAcknowledged, "Bob Brown"
	begin := func(r *room) (answer inbox.Message) {
		r.Post(inbox.PageCame{Page: page(6)})
		r.types("a 6")
		r.reads()
		reports := r.state.Outbox
		return inbox.Answered{ReportID: reports[len(reports)-1].ID, Answer: inbox.Applied}
	}
	for name, order := range map[string]func(answer inbox.Message) [2]inbox.Message{
		"the answer first": func(a inbox.Message) [2]inbox.Message { return [2]inbox.Message{a, inbox.PageCame{Page: ended}} },
		"the page first":   func(a inbox.Message) [2]inbox.Message { return [2]inbox.Message{inbox.PageCame{Page: ended}, a} },
	} {
		t.Run(name, func(t *testing.T) {
			inRoom(t, Options{}, func(r *room) {
				for _, m := range order(begin(r)) {
					r.Post(m)
					synctest.Wait()
				}
				if got, want := r.reads(), "#6: Acknowledged.\n"; got != want {
					t.Errorf("printed %q, want %q", got, want)
				}
			})
		})
	}
	inRoom(t, Options{}, func(r *room) {
		r.Post(inbox.PageCame{Page: page(6)})
		r.reads()
		r.Post(inbox.PageCame{Page: ended})
		if got, want := r.reads(), "#6: Acknowledged by Bob Brown.\n"; got != want {
			t.Errorf("elsewhere: printed %q, want %q", got, want)
		}
	})
}

func TestALostHubIsNotSaidToPage(t *testing.T) {
	inRoom(t, Options{OutTerminal: true}, func(r *room) {
		r.Post(inbox.PageCame{Page: page(1)})
		r.wantRead("Next: Bob at 00:05 UTC (in 5 min)")
		r.Post(inbox.LinkLost{Why: "The hub does not answer."})
		r.types("l")
		r.wantRead("Bob was to be paged at 00:05 UTC; there is no connection to the hub.")
		r.waits(10 * time.Minute)
		if text := r.reads(); strings.Contains(text, "Next:") || !strings.Contains(text, "Bob was to be paged at 00:05 UTC; there is no connection to the hub.") {
			t.Errorf("after it was due:\n%s", text)
		}
	})
	restarted(t, Options{OutTerminal: true}, journalOf(time.Minute, func() inbox.Page {
		p := page(2)
		p.NextWho = ""
		return p
	}()), func(r *room) {
		r.wantRead(" ALARM  #2", "You were to be paged again at 00:05 UTC; there is no connection to the hub.")
	})
}

// many is a journal in which a storm has just been dealt with.
func many(open ...inbox.Held) inbox.Durable {
	d := inbox.Durable{RangUntil: began.Add(-time.Minute), Pages: open}
	for n := 101; n < 115; n++ {
		p := stormPage(n)
		p.Outcome, p.EndedAt = inbox.OutcomeAcknowledged, began.Add(-time.Minute)
		d.Pages = append(d.Pages, inbox.Held{Page: p, SeenAt: began.Add(-2 * time.Minute)})
	}
	return d
}

func TestAfterARestartTheNewestOfAStormIsToldInFull(t *testing.T) {
	older, newer := page(1), page(2)
	newer.Key.Incident, newer.PagedAt = "i2", older.PagedAt.Add(time.Second)
	in := "Silent so far: it is one of many. It rings at 00:01 UTC."
	wantBoth := func(t *testing.T, text, why string) {
		t.Helper()
		for _, want := range []string{" ALARM  #2", "a 2 acknowledge", why, " ALSO  #1"} {
			if !strings.Contains(text, want) {
				t.Errorf("printed no %q:\n%s", want, text)
			}
		}
		if strings.Count(text, " ALARM ") != 1 || strings.Contains(text, "others ring") || strings.Contains(text, "\a") {
			t.Errorf("printed:\n%q", text)
		}
	}
	p := paper{zone: time.UTC, now: began}
	s, _ := inbox.Reduce(inbox.State{}, inbox.Started{Journal: many()}, began)
	s, _ = inbox.Reduce(s, inbox.Connected{}, began)
	after, effects := inbox.ReduceAll(s, []inbox.Message{inbox.PageCame{Page: older}, inbox.PageCame{Page: newer}}, began)
	n := p.tell(p, s, after, effects)
	wantBoth(t, n.text.String(), in)
	if len(n.shown) != 2 {
		t.Errorf("shown %v", n.shown)
	}
	kept := many(inbox.Held{Page: older, SeenAt: began, Joined: true}, inbox.Held{Page: newer, SeenAt: began, Joined: true})
	restarted(t, Options{OutTerminal: true}, kept, func(r *room) { wantBoth(t, r.reads(), in) })
	old := journalOf(time.Hour, older)
	old.Pages = append(old.Pages, journalOf(time.Hour, newer).Pages...)
	restarted(t, Options{OutTerminal: true}, old, func(r *room) { wantBoth(t, r.reads(), "Open when the hub was last heard of.") })
}

func TestASilentAlarmSaysWhenItRings(t *testing.T) {
	p := paper{zone: time.UTC, now: began}
	open := inbox.Held{Page: page(1), SeenAt: began, Joined: true}
	s := inbox.State{Durable: inbox.Durable{RangUntil: began, Pages: []inbox.Held{open}}}
	if got := p.line(s, open); !strings.HasSuffix(got, "  Silent so far: it is one of many. It rings at 00:02 UTC.") {
		t.Errorf("where nothing rings: %q", got)
	}
	s.Pages = append(s.Pages, inbox.Held{Page: stormPage(2)})
	if got := p.line(s, open); !strings.HasSuffix(got, "  Silent while others ring; then it rings in its turn.") {
		t.Errorf("where another rings: %q", got)
	}
}

func TestAnIncidentThatSomebodyElseResolvedIsToldAsResolved(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		p := page(6)
		p.Version, p.Outcome = 2, inbox.OutcomeAcknowledged
		mine := inHand(6)
		mine.Key = p.Key
		r.Post(inbox.PageCame{Page: p})
		r.Post(inbox.HoldingCame{Incidents: []inbox.Incident{mine}})
		r.reads()
		p.Version, p.IncidentStatus = 3, "resolved"
		r.Post(inbox.PageCame{Page: p})
		r.Post(inbox.HoldingCame{})
		if got, want := r.reads(), "#6: Resolved; you no longer have it.\n"; got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	})
}

func TestAnIncidentWithoutSeverityHasNoGap(t *testing.T) {
	page := page(6)
	page.Severity = ""
	mine := inHand(6)
	mine.Severity = ""
	p := paper{zone: time.UTC, now: began}
	s, _ := inbox.Reduce(inbox.State{}, inbox.PageCame{Page: page}, began)
	for got, want := range map[string]string{
		p.alarm(s, page):      "\n ALARM  #6  Payments \n",
		p.line(s, s.Pages[0]): "#6  Payments: ",
		p.held(inbox.Holding{Incident: mine}, "Yours."): "#6  Payments: 5xx above 5 % (now)  Yours.",
	} {
		if !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q…", got, want)
		}
	}
}
