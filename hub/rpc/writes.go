package rpc

import (
	"context"
	"net/http"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/pager"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	"tocsin/shared/gen/tocsin/agent/v1/agentv1connect"
)

// lastWordsTime is how long a stream that must end may take to say its last.
const lastWordsTime = 5 * time.Second

// Handler serves the agents' protocol. A device that takes nothing any more
// does not keep its stream's goroutine waiting for ever.
func (a *Agents) Handler() (string, http.Handler) {
	path, next := agentv1connect.NewAgentServiceHandler(a, Options(a.Log)...)
	return path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), writerKey{}, http.NewResponseController(w))
		defer finishBy(ctx, time.Time{}) // the connection may serve other calls
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// writerKey finds the connection's writing side in a call's context.
type writerKey struct{}

// finishBy bounds how long what is written may take from now on; zero: no
// bound. Where a server cannot bound it, the transport's own limits hold.
func finishBy(ctx context.Context, at time.Time) {
	if w, ok := ctx.Value(writerKey{}).(*http.ResponseController); ok {
		_ = w.SetWriteDeadline(at)
	}
}

// send writes one frame. A device that does not take it in the time in which it
// must answer a beat is gone.
func send(ctx context.Context, out *connect.ServerStream[agentv1.WatchResponse], f *agentv1.WatchResponse) error {
	finishBy(ctx, time.Now().Add(pager.AnswerWithin))
	return out.Send(f)
}

// limitWrites cuts short a write that is under way when the stream must end.
// Call what it answers when there is nothing more to write.
func limitWrites(ctx context.Context, stream *pager.Stream) (stop func()) {
	over, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-stream.Done:
			finishBy(ctx, time.Now().Add(lastWordsTime))
		case <-over:
		}
	}()
	return func() {
		close(over)
		<-stopped
	}
}
