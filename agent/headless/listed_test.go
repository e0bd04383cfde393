package headless

import (
	"fmt"
	"io"
	"testing"
	"time"

	"tocsin/agent/inbox"
)

// After a restart ten of fifteen pages are printed, and five are only counted.
func TestAllIsWhatWasPrinted(t *testing.T) {
	now := time.Now()
	var j inbox.Durable
	for i := range 15 {
		j.Pages = append(j.Pages, inbox.Held{SeenAt: now.Add(-time.Minute), Page: inbox.Page{
			Key: inbox.Key{Incident: fmt.Sprint("i", i), Wave: 1, User: "alice"}, Version: 1, Opening: 1, Number: uint64(i + 1),
			Service: "web", Summary: "down", Severity: "critical", Urgency: "high", PagedAt: now.Add(-time.Minute),
		}})
	}
	s, effects := inbox.Reduce(inbox.State{}, inbox.Started{Journal: j}, now)
	p := paper{zone: time.UTC, now: now}
	n := p.tell(paper{}, inbox.State{}, s, effects)
	term := New(nil, Options{Zone: time.UTC, Out: io.Discard})
	term.state = s
	term.noteListed(n.shown...)
	seen := term.meant(order{verb: verbAct, command: inbox.Acknowledge, all: true}, now)
	if len(seen) > len(n.shown) {
		t.Errorf("%d pages were printed, and %d are acknowledged by a all", len(n.shown), len(seen))
	}
}
