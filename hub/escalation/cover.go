package escalation

import (
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// coverTimeout is the wait at the only level of a request to one colleague.
const coverTimeout = 5 * time.Minute

// ForCover is the policy of a request for cover: the one colleague, or level
// after level. It goes on until somebody answers, or the request is over.
func ForCover(c incident.Cover) Policy {
	p := Policy{ID: incident.CoverPolicy, Name: "Cover", WhenExhausted: KeepPaging}
	if c.To != "" {
		p.Levels = []Level{{Timeout: coverTimeout, Targets: []Target{{User: c.To}}}}
		return p
	}
	for _, l := range c.Levels {
		level := Level{Timeout: max(l.Timeout, MinTimeout)}
		for _, s := range l.Schedules {
			level.Targets = append(level.Targets, Target{Schedule: s})
		}
		for _, t := range l.Teams {
			level.Targets = append(level.Targets, Target{Team: t})
		}
		for _, u := range l.Users {
			level.Targets = append(level.Targets, Target{User: u})
		}
		p.Levels = append(p.Levels, level)
	}
	return p
}

// Lapse ends a request for cover that nobody has accepted.
type Lapse struct {
	At     time.Time
	Reason incident.Reason
	By     responder.UserID // who declined
}

func (a Lapse) apply(s State) State {
	s.Incident, _ = incident.EndCover(s.Incident, a.Reason, a.At)
	return s
}

// Entry tells why the request is over.
func (a Lapse) Entry() incident.Entry {
	return incident.Entry{At: a.At, Kind: incident.KindResolved, Reason: a.Reason, User: a.By}
}

// coverOver ends a request for cover when the colleague declined, or when it is
// too late for an answer. What was answered while the hub was away arrives first.
func (d *decision) coverOver() bool {
	c := d.Incident.Cover
	switch {
	case !c.Asked():
		return false
	case c.To != "" && slices.Contains(d.leftOut(), c.To):
		d.do(Lapse{At: d.now, Reason: incident.ReasonDeclined, By: c.To})
	case !d.now.Before(c.Until) && !d.sinceStart():
		d.do(Lapse{At: d.now, Reason: incident.ReasonUnanswered})
	default:
		d.waitFor(c.Until, WaitAnswer)
		return false
	}
	return true
}

// asked reports whether a user was paged about the request for cover that the
// incident is; who declined may think better of it.
func (s State) asked(u responder.UserID) bool {
	return slices.Contains(s.leftOut(), u) || slices.ContainsFunc(s.Pages, func(p Page) bool { return p.User == u })
}
