// Package heartbeat knows when a source that should ping is missing. A heartbeat
// integration has a rule (how often a ping comes, and how late it may be); what
// has come so far is its Beat.
//
//	              ping
//	never ─────────────────► up ◄──────────────┐
//	  │                      │ │ fail          │ ping
//	  │ fail                 │ └───► failing ──┤
//	  └──────────────────────┼────────►  │     │
//	                         │ no ping within interval plus grace
//	                         └───────► missing ┘
//
// It is part of the core: values in, values out, and now is a parameter.
package heartbeat

import (
	"time"

	"tocsin/hub/incident"
)

// Rule says how often pings come.
type Rule struct {
	Interval time.Duration
	Grace    time.Duration // how late one may be
}

func (r Rule) wait() time.Duration { return r.Interval + r.Grace }

// run is how long a job may take that says when it starts: the grace, as senders
// of this form know it; the interval where there is none.
func (r Rule) run() time.Duration {
	if r.Grace > 0 {
		return r.Grace
	}
	return r.Interval
}

// State is how a heartbeat stands.
type State string

// The states of heartbeats.
const (
	Never   State = ""        // it never pinged: nothing is awaited
	Up      State = "up"      // pings come
	Failing State = "failing" // the last ping said that something went wrong
	Missing State = "missing" // no ping came in time
)

// Beat is what has come of one heartbeat. The zero value, with its integration,
// is one that never pinged.
type Beat struct {
	Integration incident.IntegrationID
	State       State
	PingedAt    time.Time // the last ping that was no start
	StartedAt   time.Time // a job began that has not ended
	DueAt       time.Time // when the next ping is missing; zero: none is awaited
	Since       time.Time // since when good pings have come without a gap; zero: they do not
}

// Kind says what a ping tells.
type Kind string

// The kinds of pings.
const (
	OK    Kind = "ok"
	Fail  Kind = "fail"
	Start Kind = "start" // a job begins
	Log   Kind = "log"   // a word that changes nothing
)

// Ping takes in a ping. The action is what it means for the integration's alert:
// to trigger, to resolve, or nothing.
func Ping(b Beat, r Rule, k Kind, now time.Time) (Beat, incident.Action) {
	switch k {
	case OK:
		return good(b, r, now)
	case Fail:
		b.PingedAt, b.StartedAt, b.Since = now, time.Time{}, time.Time{}
		b.State, b.DueAt = Failing, now.Add(r.wait())
		return b, incident.Trigger
	case Start:
		b.StartedAt = now
		switch end := now.Add(r.run()); {
		case b.State == Missing: // it has triggered; a good ping resolves
		case b.State == Never:
			b.State, b.DueAt = Up, end
		case b.DueAt.IsZero() || end.Before(b.DueAt):
			b.DueAt = end
		}
	}
	return b, ""
}

func good(b Beat, r Rule, now time.Time) (Beat, incident.Action) {
	action := incident.Resolve
	if b.State == Up {
		action = ""
	}
	if b.Since.IsZero() {
		b.Since = now
	}
	b.State, b.PingedAt, b.StartedAt, b.DueAt = Up, now, time.Time{}, now.Add(r.wait())
	return b, action
}

// Look reports whether the heartbeat has just become missing, and how it stands
// then.
func Look(b Beat, now time.Time) (Beat, bool) {
	if b.DueAt.IsZero() || now.Before(b.DueAt) {
		return b, false
	}
	b.State, b.DueAt, b.Since = Missing, time.Time{}, time.Time{}
	return b, true
}

// Pause leaves out the time from when the hub was last alive until now, in which
// no ping could come in: the wait goes on after it. Where a ping may have come and
// was lost, the wait for the next one begins anew.
func Pause(b Beat, r Rule, alive, now time.Time) Beat {
	if b.DueAt.IsZero() || !now.After(alive) {
		return b
	}
	expected := b.PingedAt.Add(r.Interval)
	if lost := !b.StartedAt.IsZero() || expected.Before(now) && alive.Before(b.DueAt); lost {
		b.DueAt = later(b.DueAt.Add(now.Sub(alive)), now.Add(r.wait()))
		return b
	}
	b.DueAt = b.DueAt.Add(now.Sub(alive))
	return b
}

// Shift moves the wait by as much as the clock was set back (by is negative).
func Shift(b Beat, by time.Duration) Beat {
	for _, t := range []*time.Time{&b.PingedAt, &b.StartedAt, &b.DueAt, &b.Since} {
		if !t.IsZero() {
			*t = t.Add(by)
		}
	}
	return b
}

// Retime follows an edit of the rule: nobody waits longer than the new rule says.
// One that became longer counts from the next ping, or when the wait is over.
func Retime(b Beat, r Rule, now time.Time) Beat {
	if most := now.Add(r.wait()); b.DueAt.After(most) {
		b.DueAt = most
	}
	return b
}

// Alive says since when the source has been alive without a gap: good pings have
// come, and none is overdue. Zero: it is silent, or fails.
func (b Beat) Alive(now time.Time) time.Time {
	if b.State != Up || b.DueAt.IsZero() || !now.Before(b.DueAt) {
		return time.Time{}
	}
	return b.Since
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
