package link

import (
	"sync"

	"tocsin/agent/inbox"
)

// mailbox is where messages wait for the loop. It has no bound, as nobody who
// posts may be held up: not the screen's goroutine, and not the stream, whose
// beats must go on being read while the disk is slow.
type mailbox struct {
	mu    sync.Mutex
	queue []inbox.Message
	ready chan struct{} // of one
}

func newMailbox() *mailbox { return &mailbox{ready: make(chan struct{}, 1)} }

func (b *mailbox) post(m inbox.Message) {
	b.mu.Lock()
	b.queue = append(b.queue, m)
	b.mu.Unlock()
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *mailbox) take() []inbox.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.queue
	b.queue = nil
	return all
}
