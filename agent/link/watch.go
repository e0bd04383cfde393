package link

import (
	"context"
	"errors"
	"fmt"
	"io"
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
)

// watcher keeps the stream open.
type watcher struct {
	to        *addresses
	version   string
	noNetwork func() bool
	post      func(inbox.Message)
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
		w.to.next()
		sleep(ctx, wait, nil)
	}
}

// stream opens one stream and posts its frames until it ends; the error says
// why, and is never nil.
func (w *watcher) stream(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := guard(ctx, cancel)

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
	if why := context.Cause(ctx); errors.Is(why, errSilent) {
		return why
	}
	return err
}

// guard cancels a stream that has fallen silent; alive is to be called with
// each frame. It goes by the wall clock as well, in short steps: in suspend a
// timer stands still, and the connection of yesterday should not be trusted for
// another 40 s in the morning.
func guard(ctx context.Context, cancel context.CancelCauseFunc) (alive func()) {
	const step = 5 * time.Second
	var last, allowed atomic.Int64
	last.Store(time.Now().UnixNano())
	allowed.Store(int64(helloWait))
	go func() {
		for ctx.Err() == nil {
			left := time.Duration(last.Load() + allowed.Load() - time.Now().UnixNano())
			if left <= 0 {
				cancel(errSilent)
				return
			}
			sleep(ctx, min(left, step), nil)
		}
	}()
	return func() {
		last.Store(time.Now().UnixNano())
		allowed.Store(int64(deadAfter))
	}
}
