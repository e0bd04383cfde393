// Package headless alarms in a terminal: it prints the pages, rings the
// terminal's bell and takes commands from standard input. With its output
// piped it is plain text and silent.
//
// It claims that a page was shown once the text was written, and never that it
// rang: a bell character proves no sound.
package headless

import (
	"bufio"
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/link"
	"tocsin/agent/settings"
)

// Hub is what a terminal needs of the session.
type Hub interface {
	Post(inbox.Message)
	PreviewDuty(ctx context.Context, until time.Time) (link.Preview, error)
	SetDuty(ctx context.Context, l link.Leave) (link.DutyAnswer, error)
	TakeShift(ctx context.Context, scheduleID string, until time.Time) (link.Taken, error)
	CallSheet() (settings.CallSheet, error)
	SendTestPage(ctx context.Context) (uint64, error)
}

// Options say what the terminal is.
type Options struct {
	In          io.Reader
	Out         io.Writer
	InTerminal  bool // a person types: questions make sense
	OutTerminal bool // somebody may look: the bell rings
	Colour      bool
	Zone        *time.Location
}

// ErrQuit: the person asked to end.
var ErrQuit = errors.New("quit")

const (
	bellEvery = 3 * time.Second
	// stuckAfter is how long a write may take before it counts as failed: the
	// reader of a pipe has stopped.
	stuckAfter = 5 * time.Second
	// patience is how long an answer of the hub may take before a command is
	// called unconfirmed while the link is up.
	patience = 2 * time.Second
)

// Terminal is a link.Front. Make it with New, and run it.
type Terminal struct {
	Options
	hub Hub

	mu    sync.Mutex
	next  inbox.State // shown last, not yet printed
	queue []inbox.Effect
	fresh bool
	ready chan struct{} // of one

	// What follows belongs to Run's goroutine.
	state    inbox.State // printed
	last     paper       // that it was printed on
	question func()      // what a "y" does
	acted    map[inbox.Key]time.Time
	listed   map[inbox.Key]bool // the pages that were printed, not only counted
	later    chan func()        // what calls that took their time leave to do

	// silent: the last write failed or hangs.
	silent atomic.Bool
}

// New starts nothing.
func New(hub Hub, o Options) *Terminal {
	return &Terminal{
		Options: o, hub: hub,
		ready: make(chan struct{}, 1), acted: map[inbox.Key]time.Time{}, listed: map[inbox.Key]bool{}, later: make(chan func(), 10),
	}
}

// Show implements link.Front: it only takes note, as a terminal may be slow.
func (t *Terminal) Show(s inbox.State, effects []inbox.Effect) {
	t.mu.Lock()
	t.next, t.fresh = s, true
	t.queue = append(t.queue, effects...)
	t.mu.Unlock()
	select {
	case t.ready <- struct{}{}:
	default:
	}
}

// Run prints and obeys until ctx ends, the person quits (ErrQuit) or the device
// is signed out (link.ErrSignedOut). The end of the input is not the end.
func (t *Terminal) Run(ctx context.Context) error {
	t.hub.Post(inbox.Readiness{Ready: true})
	lines := t.lines(ctx)
	bell := time.NewTicker(bellEvery)
	defer bell.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.ready:
			if err := t.print(time.Now()); err != nil {
				return err
			}
		case line, ok := <-lines:
			if !ok {
				lines = nil // a nil channel is never ready
				continue
			}
			if err := t.obey(ctx, line); err != nil {
				return err
			}
		case do := <-t.later:
			do()
		case now := <-bell.C:
			t.unconfirmed(now)
			t.ring()
		}
	}
}

// lines reads the input; of a line without an end only the beginning counts.
// The goroutine ends with the input, or the process.
func (t *Terminal) lines(ctx context.Context) chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		in, rest := bufio.NewReader(t.In), false
		for {
			part, more, err := in.ReadLine()
			if errors.Is(err, syscall.EIO) {
				// In the background of a shell; it may come to the front again.
				time.Sleep(time.Second)
				continue
			}
			if err != nil {
				return
			}
			if !rest {
				select {
				case lines <- string(part):
				case <-ctx.Done():
					return
				}
			}
			rest = more
		}
	}()
	return lines
}

func (t *Terminal) paper(now time.Time) paper {
	return paper{colour: t.Colour, zone: t.Zone, now: now}
}

// print tells the news and proves what it showed.
func (t *Terminal) print(now time.Time) error {
	t.mu.Lock()
	after, effects, fresh := t.next, t.queue, t.fresh
	t.queue, t.fresh = nil, false
	t.mu.Unlock()
	if !fresh {
		return nil
	}
	p := t.paper(now)
	n := p.tell(t.last, t.state, after, effects)
	t.state, t.last = after, p
	err := t.write(n.text.String(), n.shown...)
	t.prove(n.shown, err)
	if err == nil {
		t.noteListed(n.shown...)
		for _, id := range n.notices {
			t.hub.Post(inbox.NoticeShown{ID: id})
		}
	}
	for _, e := range effects {
		switch e := e.(type) {
		case inbox.Raise:
			if after.Sound() != inbox.Silence {
				t.bell()
			}
		case inbox.TryAlarm:
			t.hub.Post(t.tried(e.Probe))
		case inbox.Stop:
			return link.ErrSignedOut
		}
	}
	t.unconfirmed(now)
	return nil
}

// noteListed: these stood on the screen.
func (t *Terminal) noteListed(keys ...inbox.Key) {
	for k := range t.listed {
		if h, ok := t.state.Held(k); !ok || !h.Page.Open() {
			delete(t.listed, k)
		}
	}
	for _, k := range keys {
		t.listed[k] = true
	}
}

// list prints all that is open.
func (t *Terminal) list(now time.Time) {
	if t.write(t.paper(now).list(t.state)) == nil {
		for _, h := range t.state.Open() {
			t.noteListed(h.Page.Key)
		}
	}
}

// prove reports what became of an alarm. A terminal has no sound to claim.
func (t *Terminal) prove(keys []inbox.Key, err error) {
	if len(keys) == 0 {
		return
	}
	t.hub.Post(inbox.CouldNot{Way: inbox.BySound, Keys: keys, Why: "a terminal has no sound that can be proven"})
	if err != nil {
		t.hub.Post(inbox.CouldNot{Way: inbox.ByScreen, Keys: keys, Why: "writing failed: " + err.Error()})
		return
	}
	detail := "terminal"
	if !t.OutTerminal {
		detail = "output, no terminal"
	}
	t.hub.Post(inbox.Proof{Kind: inbox.Shown, Keys: keys, Detail: detail})
}

// tried says whether an alarm would be seen here. A terminal that hangs does not
// come to say it, which is an answer too.
func (t *Terminal) tried(probe string) inbox.AlarmTried {
	out := inbox.AlarmTried{Probe: probe, Ready: !t.silent.Load()}
	if !out.Ready {
		out.Problems = append(out.Problems, "The agent runs without windows, and its output cannot be written.")
	}
	if !t.OutTerminal {
		out.Problems = append(out.Problems, "The agent runs without windows, and its output goes to no terminal: it makes no sound, and nobody may see it.")
	}
	return out
}

// write writes text; if that hangs, the hub hears that nothing can be shown.
func (t *Terminal) write(text string, keys ...inbox.Key) error {
	if text == "" {
		return nil
	}
	stuck := time.AfterFunc(stuckAfter, func() {
		t.working(false)
		t.prove(keys, errStuck)
	})
	_, err := io.WriteString(t.Out, text)
	stuck.Stop()
	t.working(err == nil)
	return err
}

// working says whether an alarm could be shown, when that changes.
func (t *Terminal) working(works bool) {
	if t.silent.Swap(!works) == works {
		t.hub.Post(inbox.Readiness{Ready: works})
	}
}

var errStuck = errors.New("nobody reads the output")

// ring rings the bell while something does; an alarm that went on to others
// rings with the reminder, once a minute.
func (t *Terminal) ring() {
	if sound := t.state.Sound(); sound == inbox.PageTone || sound == inbox.LostTone {
		t.bell()
	}
}

func (t *Terminal) bell() {
	if t.OutTerminal {
		t.write("\a")
	}
}
