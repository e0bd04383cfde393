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
