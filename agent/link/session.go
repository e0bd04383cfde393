package link

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/settings"
)

// Front is what the person sees and hears.
type Front interface {
	// Show is called with every new state, once what it says is on disk, and
	// with the effects that led to it. One goroutine calls it; it must not
	// block.
	Show(s inbox.State, effects []inbox.Effect)
}

// Config is what a session is made of.
type Config struct {
	Profile    settings.Profile // locked by the caller
	Enrolment  settings.Enrolment
	Credential string
	Version    string            // of the agent
	Machine    Machine           // zero: this one
	Transport  http.RoundTripper // nil: the network
}

// Session is one run of an enrolled agent.
type Session struct {
	journal journal
	profile settings.Profile
	to      *addresses
	mail    *mailbox
	sender  *sender
	watcher *watcher
	machine Machine
	front   Front
	// endLink stops stream and sender once the device is signed out.
	endLink context.CancelFunc

	state   inbox.State
	unsaved bool // the journal could not be written
	unkept  bool // the call sheet could not be written
}

// NewSession starts nothing. The error is a sentence about the hub's address.
func NewSession(c Config) (*Session, error) {
	hub, err := CheckAddress(c.Enrolment.Hub)
	if err != nil {
		return nil, err
	}
	if c.Machine.Uptime == nil {
		c.Machine = ThisMachine()
	}
	if c.Transport == nil {
		c.Transport = ordinaryTransport()
	}
	web := webClient(c.Transport, c.Credential)
	all := append([]string{hub}, slices.DeleteFunc(slices.Clone(c.Enrolment.Addresses), func(a string) bool { return a == hub })...)
	s := &Session{
		profile: c.Profile,
		journal: journal{path: c.Profile.Journal(), device: c.Enrolment.DeviceID},
		to:      newAddresses(web, all),
		mail:    newMailbox(),
		machine: c.Machine,
	}
	s.watcher = &watcher{to: s.to, version: c.Version, noNetwork: c.Machine.NoNetwork, post: s.Post, woken: make(chan struct{}, 1)}
	s.sender = newSender(s.to, c.Machine, s.Post, s.watcher.streaming.Load)
	s.state.HubName, s.state.UserName = c.Enrolment.HubName, c.Enrolment.UserName
	return s, nil
}

// Post hands a message to the inbox. It never blocks; after Run has returned
// the message is lost.
func (s *Session) Post(m inbox.Message) { s.mail.post(m) }

// Run shows what the journal holds, then connects, and goes on until ctx ends;
// then what has happened is on disk. The error says that there is no journal to
// work with. A device that is signed out goes on without a link: the front is
// told by inbox.Stop, and decides.
func (s *Session) Run(ctx context.Context, front Front) error {
	s.front = front
	if err := s.start(); err != nil {
		return err
	}
	// The stream outlasts the sender, so that the hub hears that the device goes
	// before it sees it gone.
	linked, endLink := context.WithCancel(context.WithoutCancel(ctx))
	defer endLink()
	s.endLink = endLink
	sending, endSending := context.WithCancel(linked)
	defer endSending()
	var watch, send sync.WaitGroup
	watch.Go(func() { s.watcher.run(linked) })
	send.Go(func() { s.sender.run(sending) })
	s.loop(ctx)
	endSending()
	send.Wait()
	endLink()
	watch.Wait()
	s.turn(s.mail.take()) // the last answers
	if s.unsaved {
		return errors.New("the journal could not be written: what was not told to the hub is lost")
	}
	return nil
}

func (s *Session) start() error {
	known, warning, err := s.journal.load(time.Now())
	if err != nil {
		return err
	}
	if known.HubName == "" {
		known.HubName, known.UserName = s.state.HubName, s.state.UserName
	}
	s.endLink = func() {}
	s.turn([]inbox.Message{inbox.Started{Journal: known}})
	if warning != "" {
		s.front.Show(s.state, []inbox.Effect{inbox.Tell{Text: warning}})
	}
	return nil
}

// loop is the only goroutine that touches the state.
func (s *Session) loop(ctx context.Context) {
	for ctx.Err() == nil {
		messages := s.mail.take()
		if len(messages) == 0 {
			began := time.Now()
			wait := s.idle(began)
			sleep(ctx, wait, s.mail.ready)
			if messages = s.mail.take(); len(messages) == 0 {
				messages = []inbox.Message{inbox.Tick{}}
			}
			// By the wall clock: the other stands still in suspend.
			if time.Now().Round(0).Sub(began.Round(0)) > wait+lateAfter {
				messages = slices.Insert(messages, 0, inbox.Message(inbox.Woke{}))
			}
		}
		s.turn(messages)
	}
}

// lateAfter is how much later than planned the loop goes on when the machine
// was suspended, or its clock set ahead.
const lateAfter = 10 * time.Second

// idle is how long nothing happens by itself. It is bounded, because the wall
// clock may be set, and a suspended machine's timers run late.
func (s *Session) idle(now time.Time) time.Duration {
	const longest, retrySave = time.Minute, 5 * time.Second
	wait := longest
	if due := inbox.Due(s.state, now); !due.IsZero() {
		wait = max(0, min(wait, due.Sub(now)))
	}
	if s.unsaved {
		wait = min(wait, retrySave)
	}
	return wait
}

// turn takes messages in: first to disk, then to the hub and the person. What
// came together shares one write.
func (s *Session) turn(messages []inbox.Message) {
	next, effects := inbox.ReduceAll(s.state, messages, time.Now())
	s.state = inbox.Stamped(next, s.machine.stamp)
	if s.unsaved || slices.Contains(effects, inbox.Effect(inbox.Save{})) {
		if complaint := s.save(); complaint != "" {
			effects = append(effects, inbox.Tell{Text: complaint})
		}
	}
	s.sender.queue(s.sendable())
	for _, e := range effects {
		switch e := e.(type) {
		case inbox.AnswerBeat:
			s.sender.answerBeat(e.Ready)
		case inbox.Deliver:
			s.sender.nudge()
		case inbox.AnswerProbe:
			s.sender.answerProbe(e)
		case inbox.KeepSheet:
			effects = append(effects, s.keepSheet(e)...)
		case inbox.Stop:
			s.endLink()
			if err := s.profile.DropCallSheet(); err != nil {
				effects = append(effects, inbox.Tell{Text: Sentence(err)})
			}
		}
	}
	s.front.Show(s.state, effects)
}

// keepSheet complains once about a folder that takes no call sheet.
func (s *Session) keepSheet(e inbox.KeepSheet) (complaint []inbox.Effect) {
	err := s.profile.KeepCallSheet(settings.CallSheet{MadeAt: e.MadeAt, Text: e.Text})
	failedBefore := s.unkept
	s.unkept = err != nil
	if err == nil || failedBefore {
		return nil
	}
	return []inbox.Effect{inbox.Tell{Text: "The call sheet could not be kept: " + err.Error() + "."}}
}

// CallSheet answers the newest call sheet; a zero one: there is none yet.
func (s *Session) CallSheet() (settings.CallSheet, error) { return s.profile.CallSheet() }

// Goodbye tells the hub that the device goes on purpose, because of suspend or
// shutdown, and lets the stream go; it takes a second at most. Wake takes it
// back. A session that ends by itself says goodbye on its own.
func (s *Session) Goodbye(ctx context.Context, reason string) error {
	if !s.watcher.streaming.Load() {
		return nil // the hub knows that the device is away
	}
	err := s.sender.sayGoodbye(ctx, reason)
	s.watcher.rest()
	return err
}

// Wake opens a new stream at once, as after a suspend.
func (s *Session) Wake() {
	s.watcher.wake()
	s.sender.nudge()
}

// save writes the journal; if that fails the alarm goes on all the same, and
// the person is told once.
func (s *Session) save() (complaint string) {
	err := s.journal.save(s.state.Kept())
	failedBefore := s.unsaved
	s.unsaved = err != nil
	if err == nil || failedBefore {
		return ""
	}
	return fmt.Sprintf("The journal cannot be written (%v). Alarms go on; what you do now may be lost in a restart.", err)
}

// sendable is the outbox, without the receipts while it is not on disk: they
// would claim that the page is kept. What the person did is told anyway.
func (s *Session) sendable() []inbox.Report {
	if !s.unsaved {
		return s.state.Outbox
	}
	return slices.DeleteFunc(slices.Clone(s.state.Outbox), func(r inbox.Report) bool { return r.Command == "" })
}
