package answer

import (
	"sync"
	"time"
)

// hints counts how often somebody was told that an answer was not understood: two
// programs must not write to each other for ever. The zero value is ready; safe for
// concurrent use.
type hints struct {
	mu   sync.Mutex
	told map[string]told
}

type told struct {
	times int
	since time.Time
}

const (
	maxHints  = 3      // to one address, within a time
	maxHinted = 10_000 // addresses that are remembered
)

// once reports whether an address may be told once more within a time.
func (h *hints) once(address string, within time.Duration, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.told == nil || len(h.told) > maxHinted {
		h.told = map[string]told{}
	}
	t := h.told[address]
	if age := now.Sub(t.since); age < 0 || age > within {
		t = told{since: now}
	}
	t.times++
	h.told[address] = t
	return t.times <= maxHints
}
