package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	"tocsin/agent/inbox"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// protocol is the number of the protocol that this agent speaks.
const protocol = 1

const (
	deadAfter = 40 * time.Second
	// helloWait is how long an address has for its first frame.
	helloWait = 15 * time.Second
	// settledAfter is how long a stream must have lasted for the next wait to
	// be short again: a hub that dies of every stream should not be hammered.
	settledAfter = 10 * time.Second
	// drainWait is from one try to the next while the hub is away on purpose.
	drainWait = 15 * time.Second
)

// watcher keeps the stream open.
type watcher struct {
	to        *addresses
	version   string
	noNetwork func() bool
	post      func(inbox.Message)

	streaming atomic.Bool
	woken     chan struct{} // of one: try now
	backAt    time.Time     // as a drain announced
	mu        sync.Mutex
	end       context.CancelCauseFunc // of the present stream; nil: there is none
}

var (
	errRest = errors.New("this machine goes to sleep")
	errWoke = errors.New("this machine woke up")
)

// restAtMost is how long the watcher waits to be woken: a machine that was to
// sleep and did not is to be alarmed again.
const restAtMost = 30 * time.Second

// rest lets the stream go until wake, or for a while.
func (w *watcher) rest() { w.endStream(errRest) }

// wake opens a new stream at once: the old one may be long dead.
func (w *watcher) wake() {
	w.endStream(errWoke)
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

func (w *watcher) endStream(why error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.end != nil {
		w.end(why)
	}
}

func (w *watcher) ends(end context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end = end
}

// run watches until ctx ends, or until the device is signed out.
func (w *watcher) run(ctx context.Context) {
	var waits pace
	for {
		began := time.Now()
		err := w.stream(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, errRest) {
			w.nap(ctx) // and no outage: nobody is to be alarmed of it on waking
		}
		if errors.Is(err, errRest) || errors.Is(err, errWoke) {
			drained(w.woken)
			waits.reset()
			continue
		}
		kind := final(err)
		if kind != nil {
			err = kind
		}
		if errors.Is(err, ErrSignedOut) {
			w.post(inbox.SignedOut{Reason: Sentence(err)})
			return
		}
		w.post(inbox.LinkLost{Why: Sentence(err), NoNetwork: !w.to.onlyLoopback() && w.noNetwork()})
		if time.Since(began) > settledAfter {
			waits.reset()
		}
		wait := waits.next()
		if after := retryAfter(err); after > 0 {
			wait += after
		}
		if errors.Is(err, ErrProtocol) {
			wait = refusedWait
		}
		if drain := w.drain(time.Now()); drain > wait {
			wait = drain
		}
		w.to.next()
		sleep(ctx, wait, w.woken)
	}
}

// drain is how long to wait before the next try while the hub is away on
// purpose: not until it said it would be back, which is the latest time and not
// the earliest, but seldom, and each agent at another moment.
func (w *watcher) drain(now time.Time) time.Duration {
	if !now.Before(w.backAt) {
		return 0
	}
	return jittered(drainWait)
}

// nap waits to be woken. It goes by the wall clock, in short steps, since a
// timer stands still in suspend.
func (w *watcher) nap(ctx context.Context) {
	for end := time.Now().Round(0).Add(restAtMost); ctx.Err() == nil && time.Now().Round(0).Before(end); {
		step := time.NewTimer(time.Second)
		select {
		case <-w.woken:
			step.Stop()
			return
		case <-ctx.Done():
		case <-step.C:
		}
		step.Stop()
	}
}

func drained(c chan struct{}) {
	select {
	case <-c:
	default:
	}
}

// stream opens one stream and posts its frames until it ends; the error says
// why, and is never nil.
func (w *watcher) stream(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := guard(ctx, cancel)
	w.ends(cancel)
	defer w.ends(nil)
	defer w.streaming.Store(false)

	request := connect.NewRequest(&agentv1.WatchRequest{Protocol: protocol, AgentVersion: w.version})
	stream, err := w.to.client().Watch(ctx, request)
	if err != nil {
		return cause(ctx, err)
	}
	defer stream.Close()
	for stream.Receive() {
		alive()
		frame := stream.Msg()
		if out := frame.GetSignedOut(); out != nil {
			return signedOut(out.GetReason())
		}
		if v := frame.GetWelcome().GetProtocol(); v > protocol {
			return fmt.Errorf("%w: it speaks %d, this agent %d; update the agent", ErrProtocol, v, protocol)
		}
		w.streaming.Store(true)
		if d := frame.GetDrain(); d != nil {
			w.backAt = instant(d.GetBackAt())
		}
		if frame.GetWelcome() != nil {
			w.backAt = time.Time{} // it is back
		}
		if m := message(frame); m != nil {
			w.post(m)
		}
	}
	if err := stream.Err(); err != nil {
		return cause(ctx, err)
	}
	return io.EOF
}

func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); errors.Is(why, errSilent) || errors.Is(why, errRest) || errors.Is(why, errWoke) {
		return why
	}
	return err
}

// guard cancels a stream that has fallen silent; alive is to be called with
// each frame. It goes by the wall clock as well, in short steps: in suspend a
// timer stands still, and the connection of yesterday should not be trusted for
// another 40 s in the morning. It goes by both, since the wall clock may be put
// back.
func guard(ctx context.Context, cancel context.CancelCauseFunc) (alive func()) {
	const step = 5 * time.Second
	var last atomic.Pointer[time.Time]
	var allowed atomic.Int64
	heard := func() { now := time.Now(); last.Store(&now) }
	heard()
	allowed.Store(int64(helloWait))
	go func() {
		for ctx.Err() == nil {
			now, then := time.Now(), *last.Load()
			silent := max(now.Sub(then), now.Round(0).Sub(then.Round(0)))
			left := time.Duration(allowed.Load()) - silent
			if left <= 0 {
				cancel(errSilent)
				return
			}
			sleep(ctx, min(left, step), nil)
		}
	}()
	return func() {
		heard()
		allowed.Store(int64(deadAfter))
	}
}
