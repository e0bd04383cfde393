package alarm

import (
	"context"
	"fmt"
	"os"
	"strings"

	"tocsin/agent/settings"
)

// note lists the urgent notifications that are up: they stay for ever, so the
// next start must find those of an agent that was killed. That the list cannot
// be written is a nuisance, not a reason not to alarm. n.mu is held.
func (n *Notifier) note() {
	var list strings.Builder
	for _, x := range n.shown {
		if x.urgent {
			fmt.Fprintln(&list, n.bus, x.owner, x.id)
		}
	}
	if list.Len() == 0 {
		os.Remove(n.list)
		return
	}
	settings.WriteFile(n.list, []byte(list.String()))
}

// sweep closes what was left, if the bus and the service are still the same: an
// id of another could be somebody else's.
func (n *Notifier) sweep(ctx context.Context) {
	if len(n.left) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	conn, err := n.connect()
	if err != nil {
		return
	}
	for line := range strings.Lines(string(n.left)) {
		var bus string
		var x shown
		if _, err := fmt.Sscan(line, &bus, &x.owner, &x.id); err == nil && bus == n.bus {
			closeShown(ctx, conn, x)
		}
	}
	n.note()
}
