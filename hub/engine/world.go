package engine

import (
	"time"

	"tocsin/hub/escalation"
)

// world is what Decide is told of the world now.
func (e *Engine) world(s escalation.State, now time.Time) escalation.World {
	c := e.clock.times()
	return e.directory.Current().World(s, e.links.Links, now, c.start, c.grace)
}
