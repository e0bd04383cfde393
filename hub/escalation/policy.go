package escalation

import (
	"fmt"
	"time"

	"tocsin/hub/responder"
)

// PolicyID names an escalation policy in the configuration.
type PolicyID string

// Exhausted says what happens after a policy's last round.
type Exhausted string

// What a policy may do when its rounds are used up.
const (
	KeepPaging Exhausted = "keep_paging" // the last level again at every timeout
	Stop       Exhausted = "stop"
)

// Policy is an ordered list of levels.
type Policy struct {
	ID            PolicyID
	Name          string
	Team          responder.TeamID
	Repeat        int // rounds beyond the first
	WhenExhausted Exhausted
	Levels        []Level
}

// Level is whom to page, and how long to wait for an acknowledgement.
type Level struct {
	Timeout time.Duration
	Targets []Target
	// InTurn: round robin. One target is paged, the next one only if that one
	// fails; each new incident and round begins with the next target.
	InTurn bool
}

// Target is one user, schedule or team; exactly one field is set. Who that is
// at an instant is for the shell to look up.
type Target struct {
	User     responder.UserID
	Schedule string
	Team     responder.TeamID
}

// Bounds of what a policy may say.
const (
	MinTimeout = 30 * time.Second
	// invalidTimeout is the wait between catch-all pages of an invalid policy.
	invalidTimeout = 5 * time.Minute
	// holderWait bounds how long a holder is paged alone when the lease is over.
	holderWait = 5 * time.Minute
)

// Validate says what is wrong with a policy, or nil.
func (p Policy) Validate() error {
	if len(p.Levels) == 0 {
		return fmt.Errorf("escalation policy %q has no levels", p.ID)
	}
	for i, l := range p.Levels {
		if l.Timeout < MinTimeout {
			return fmt.Errorf("escalation policy %q, level %d: the timeout is %s, at least %s is needed", p.ID, i+1, l.Timeout, MinTimeout)
		}
	}
	if p.Repeat < 0 {
		return fmt.Errorf("escalation policy %q: repeat is %d, it cannot be negative", p.ID, p.Repeat)
	}
	return nil
}

// LongestWait is the longest that an unacknowledged incident under this policy
// waits for its next action.
func (p Policy) LongestWait() time.Duration {
	if p.Validate() != nil {
		return invalidTimeout
	}
	longest := time.Duration(0)
	for _, l := range p.Levels {
		longest = max(longest, l.Timeout)
	}
	return longest
}

func (p Policy) rounds() int { return p.Repeat + 1 }

// firstTimeout is the wait after a pass that reached nobody.
func (p Policy) firstTimeout() time.Duration { return p.timeout(1) }

// timeout is the wait at a level, counted from 1; of a level that is not there,
// or of an invalid policy, it is that of an invalid policy.
func (p Policy) timeout(level int) time.Duration {
	if level < 1 || level > len(p.Levels) || p.Validate() != nil {
		return invalidTimeout
	}
	return p.Levels[level-1].Timeout
}
