package headless

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/link"
	"tocsin/agent/settings"
)

// room is a terminal with a person before it and a core behind it.
type room struct {
	t     *testing.T
	term  *Terminal
	typed *io.PipeWriter
	ended chan error
	stop  context.CancelFunc

	mu    sync.Mutex
	state inbox.State
	got   []inbox.Message
	out   strings.Builder
	fail  error         // of writes
	hang  chan struct{} // writes wait for it
	duty  []link.Leave
	sheet settings.CallSheet
	leave link.Preview // what PreviewDuty adds
	ids   int
}

func (r *room) Write(b []byte) (int, error) {
	r.mu.Lock()
	hang := r.hang
	r.mu.Unlock()
	if hang != nil {
		<-hang
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return 0, r.fail
	}
	return r.out.Write(b)
}

func (r *room) Post(m inbox.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, m)
	next, effects := inbox.Reduce(r.state, m, time.Now())
	r.state = inbox.Stamped(next, func() inbox.Stamp { r.ids++; return inbox.Stamp{ID: string(rune('a' + r.ids))} })
	r.term.Show(r.state, effects)
}

func (r *room) PreviewDuty(context.Context, time.Time) (link.Preview, error) {
	return link.Preview{
		Covers:   []link.Cover{{Service: "Payments", Start: began, End: began.Add(30 * time.Minute), Instead: []string{"Bob"}}},
		Warnings: []string{"Search has nobody."}, OnCallNow: r.leave.OnCallNow, Colleagues: r.leave.Colleagues, Next: r.leave.Next,
	}, nil
}

func (r *room) SetDuty(_ context.Context, l link.Leave) (link.DutyAnswer, error) {
	r.mu.Lock()
	r.duty = append(r.duty, l)
	r.mu.Unlock()
	answer := link.DutyAnswer{Duty: inbox.Duty{Off: !l.Until.IsZero(), Until: l.Until}}
	if l.CoverBy != "" {
		answer = link.DutyAnswer{Duty: inbox.Duty{WaitingFor: "Bob Brown", WaitingUntil: l.Until}, Said: []string{"Bob Brown is asked to take over."}}
	}
	r.Post(inbox.DutyCame{Duty: answer.Duty})
	return answer, nil
}

func (r *room) TakeShift(_ context.Context, scheduleID string, until time.Time) (link.Taken, error) {
	if until.IsZero() {
		until = began.Add(18 * time.Hour)
	}
	if scheduleID != "s1" {
		return link.Taken{}, errors.New("there is no such schedule")
	}
	return link.Taken{Until: until, InsteadOf: "Bob Brown"}, nil
}

func (r *room) CallSheet() (settings.CallSheet, error) { return r.sheet, nil }

func (r *room) SendTestPage(context.Context) (uint64, error) { return 7, nil }

var began = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// inRoom runs a test before a terminal whose hub has nothing open.
func inRoom(t *testing.T, o Options, test func(*room)) {
	restarted(t, o, inbox.Durable{}, func(r *room) {
		r.connect()
		test(r)
	})
}

// restarted runs a test before a terminal that begins with a journal and has no
// hub yet.
func restarted(t *testing.T, o Options, journal inbox.Durable, test func(*room)) {
	synctest.Test(t, func(t *testing.T) {
		in, typed := io.Pipe()
		r := &room{t: t, typed: typed, ended: make(chan error, 1)}
		o.In, o.Out, o.Zone = in, r, time.UTC
		r.term = New(r, o)
		ctx, cancel := context.WithCancel(context.Background())
		r.stop = cancel
		go func() { r.ended <- r.term.Run(ctx) }()
		r.Post(inbox.Started{Journal: journal})
		synctest.Wait()
		test(r)
		cancel()
		typed.Close()
		in.Close()
	})
}

// connect takes a whole snapshot in.
func (r *room) connect(pages ...inbox.Page) {
	r.Post(inbox.Connected{HubName: "Example Health", UserName: "Ada"})
	for _, p := range pages {
		r.Post(inbox.PageCame{Page: p})
	}
	r.Post(inbox.SnapshotEnded{})
	synctest.Wait()
}

// types is a person who has everything before them that was posted: what a
// line means follows from what is printed.
func (r *room) types(line string) {
	synctest.Wait()
	io.WriteString(r.typed, line+"\n")
	synctest.Wait()
}

// reads answers what was printed since the last time.
func (r *room) reads() string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	text := r.out.String()
	r.out.Reset()
	return text
}

func (r *room) wantRead(parts ...string) {
	r.t.Helper()
	text := r.reads()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			r.t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

func (r *room) receipts() (kinds []string) {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, report := range r.state.Outbox {
		if report.Receipt != "" {
			kinds = append(kinds, string(report.Receipt)+" "+report.Detail)
		}
	}
	return kinds
}

func page(number uint64) inbox.Page {
	return inbox.Page{
		Key: inbox.Key{Incident: "i" + string(rune('0'+number)), Wave: 1, User: "ada"}, Version: 1, Opening: 2, Number: number,
		Service: "Payments", Summary: "5xx above 5 %", Severity: "critical", Urgency: "high", Source: "prometheus",
		TriggeredAt: began, PagedAt: began, NextWho: "Bob", NextAt: began.Add(5 * time.Minute),
		Details: []inbox.Detail{{Name: "region", Value: "eu\x1b[2J"}}, Runbook: "https://runbook.example.org/1",
	}
}

func TestAnAlarmIsReadable(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		r.wantRead("Connected to Example Health as Ada.")
		time.Sleep(90 * time.Second)
		r.Post(inbox.PageCame{Page: page(1)})
		want := `
 ALARM  #1  CRITICAL  Payments 
  5xx above 5 %
  Since 00:00 UTC (90 s ago), from prometheus
  Next: Bob at 00:05 UTC (in 3 min)
  Runbook: https://runbook.example.org/1
  region: eu·[2J
  a 1 acknowledge · r 1 resolve · p 1 pass on
`
		want = strings.Replace(want, "90 s", "1 min", 1)
		if got := r.reads(); got != want {
			t.Errorf("printed\n%s\nwant\n%s", got, want)
		}
		if got := strings.Join(r.receipts(), ", "); got != "received , shown output, no terminal" {
			t.Errorf("receipts: %s", got)
		}
		time.Sleep(time.Minute)
		r.Post(inbox.Tick{})
		r.wantRead("STILL RINGING", "#1")
	})
}

func TestTheBellRingsUntilItIsAcknowledged(t *testing.T) {
	inRoom(t, Options{OutTerminal: true, InTerminal: true}, func(r *room) {
		r.Post(inbox.PageCame{Page: page(1)})
		time.Sleep(30 * time.Second)
		if n := strings.Count(r.reads(), "\a"); n < 10 || n > 12 {
			t.Errorf("%d bells in 30 s", n)
		}
		r.types("a")
		time.Sleep(30 * time.Second)
		if text := r.reads(); strings.Contains(text, "\a") || !strings.Contains(text, "#1: Quiet here. The hub does not know yet; Bob is paged at 00:05 UTC.") {
			t.Errorf("after the acknowledgement: %q", text)
		}
		if got := strings.Join(r.receipts(), ", "); got != "received , shown terminal, touched a command was typed" {
			t.Errorf("receipts: %s", got)
		}
	})
}

func TestPipedOutputIsPlain(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		r.Post(inbox.PageCame{Page: page(1)})
		time.Sleep(10 * time.Minute)
		if text := r.reads(); strings.ContainsAny(text, "\a\x1b") {
			t.Errorf("control characters in %q", text)
		}
	})
}

func TestColour(t *testing.T) {
	inRoom(t, Options{OutTerminal: true, Colour: true}, func(r *room) {
		r.Post(inbox.PageCame{Page: page(1)})
		r.wantRead("\x1b[1;37;41m ALARM")
	})
}

func TestCommandsNameThePage(t *testing.T) {
	inRoom(t, Options{InTerminal: true}, func(r *room) {
		r.types("a")
		r.wantRead("Nothing is open.")
		r.Post(inbox.PageCame{Page: page(1)})
		r.Post(inbox.PageCame{Page: page(2)})
		r.types("a")
		r.wantRead("Several are open", "#1", "#2")
		r.types("a 3")
		r.wantRead("#3 is not open here.")
		r.types("p 2")
		r.types("a")
		var asked []inbox.Asked
		for _, m := range r.got {
			if a, ok := m.(inbox.Asked); ok {
				asked = append(asked, a)
			}
		}
		want := []inbox.Asked{{Command: inbox.PassOn, Key: page(2).Key, Opening: 2}, {Command: inbox.Acknowledge, Key: page(1).Key, Opening: 2}}
		if len(asked) != 2 || asked[0] != want[0] || asked[1] != want[1] {
			t.Errorf("asked %+v", asked)
		}
		r.types("hello")
		r.wantRead(`"hello" is no command`)
	})
}

func TestOffDutyIsShownFirst(t *testing.T) {
	inRoom(t, Options{InTerminal: true}, func(r *room) {
		r.types("d 30m")
		r.wantRead("Off duty until 00:30 UTC:", "Payments: Bob instead, 00:00 UTC to 00:30 UTC", "Search has nobody.", "y goes off duty")
		if len(r.duty) != 0 {
			t.Fatal("went off duty unasked")
		}
		r.types("l")
		r.wantRead("Nothing was changed.", "On duty.")
		r.types("d 30m")
		r.types("y")
		r.wantRead("Off duty until 00:30 UTC.")
		r.types("d back")
		r.wantRead("On duty.")
		r.types("y")
		r.wantRead("no question")
	})
	inRoom(t, Options{}, func(r *room) {
		r.types("d tomorrow")
		text := r.reads()
		if i, j := strings.Index(text, "Bob instead"), strings.Index(text, "Off duty until Sun 2 Jan 08:00 UTC.\n"); i < 0 || j < i {
			t.Errorf("a script reads:\n%s", text)
		}
	})
}

func TestTestPageHelpAndQuit(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		r.types("t")
		r.wantRead("Test page #7 is on its way.")
		r.types("?")
		r.wantRead("acknowledge", "off duty")
		r.types("q")
		if err := <-r.ended; !errors.Is(err, ErrQuit) {
			t.Error(err)
		}
	})
}

func TestTheEndOfInputIsNotTheEnd(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		r.typed.Close()
		synctest.Wait()
		r.Post(inbox.PageCame{Page: page(1)})
		r.wantRead("ALARM")
	})
}

func TestWhatIsNotWrittenIsNotShown(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		r.mu.Lock()
		r.fail = errors.New("broken pipe")
		r.mu.Unlock()
		r.Post(inbox.PageCame{Page: page(1)})
		want := "received , failed writing failed: broken pipe; a terminal has no sound that can be proven"
		if got := strings.Join(r.receipts(), ", "); got != want || r.state.Ready {
			t.Errorf("receipts: %s, ready %v", got, r.state.Ready)
		}
	})
	inRoom(t, Options{}, func(r *room) {
		hang := make(chan struct{})
		r.mu.Lock()
		r.hang = hang
		r.mu.Unlock()
		r.Post(inbox.PageCame{Page: page(1)})
		time.Sleep(6 * time.Second)
		if got := strings.Join(r.receipts(), ", "); !strings.Contains(got, "failed writing failed: nobody reads the output") || r.state.Ready {
			t.Errorf("receipts: %s, ready %v", got, r.state.Ready)
		}
		close(hang)
		if got := r.receipts(); got[len(got)-1] != "shown output, no terminal" {
			t.Errorf("receipts: %v", got)
		}
	})
}

func TestSignedOutEndsTheTerminal(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		r.Post(inbox.SignedOut{Reason: "This device is signed out: revoked."})
		if err := <-r.ended; !errors.Is(err, link.ErrSignedOut) {
			t.Error(err)
		}
		r.wantRead("This device is signed out: revoked.")
	})
}

func TestWhatBecameOfAPage(t *testing.T) {
	inRoom(t, Options{}, func(r *room) {
		p := page(1)
		r.Post(inbox.PageCame{Page: p})
		r.wantRead("ALARM")
		p.Version, p.AlsoPaged, p.Escalated = 2, []string{"Bob"}, true
		r.Post(inbox.PageCame{Page: p})
		r.wantRead("#1: Paged since: Bob.")
		p.Version, p.Outcome, p.EndedBy = 3, inbox.OutcomeTaken, "Bob"
		r.Post(inbox.PageCame{Page: p})
		r.wantRead("#1: Taken by Bob.")
		r.Post(inbox.LinkLost{Why: "Nothing listens at the hub's address."})
		r.wantRead("Nothing listens")
	})
}
