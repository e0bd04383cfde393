package desktop

import (
	"context"
	"sync"
)

// queue runs calls that may take their time, one after another, so that a slow
// notification service holds nobody up.
type queue struct {
	mu    sync.Mutex
	calls []func(context.Context)
	ready chan struct{} // of one
}

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1)} }

func (q *queue) do(call func(context.Context)) {
	q.mu.Lock()
	q.calls = append(q.calls, call)
	q.mu.Unlock()
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

func (q *queue) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.ready:
		}
		q.mu.Lock()
		calls := q.calls
		q.calls = nil
		q.mu.Unlock()
		for _, call := range calls {
			call(ctx)
		}
	}
}
