package incident

import (
	"slices"
	"time"
)

// From the third reopening in half an hour on an incident is flapping.
const (
	flappingCount = 3
	flappingSpan  = 30 * time.Minute
)

// Flapping reports whether the incident comes back so often that its sources'
// resolves are held back.
func (i Incident) Flapping(now time.Time) bool {
	n := len(i.Reopenings)
	return n >= flappingCount && now.Sub(i.Reopenings[n-flappingCount]) <= flappingSpan
}

// cameBack counts a reopening, or a trigger that would have been one had the
// resolve before it not been held back. Only as many are kept as decide.
func (i Incident) cameBack(now time.Time) Incident {
	late := i.Reopenings[max(0, len(i.Reopenings)-flappingCount+1):]
	i.Reopenings = append(slices.Clone(late), now)
	return i
}

// refired takes back a resolve that was held back, because an alert fires again.
func refired(i Incident, now time.Time) (Incident, []Entry) {
	if i.ResolveDue.IsZero() {
		return i, nil
	}
	i.ResolveDue = time.Time{}
	return i.cameBack(now), []Entry{{At: now, Kind: KindFlapping, Reason: ReasonFiresAgain}}
}

// settleAlerts is what follows when the last alert of an open incident has ended.
func settleAlerts(i Incident, window time.Duration, now time.Time) (Incident, Effect, []Entry) {
	if window > 0 && i.Flapping(now) {
		i.ResolveDue = now.Add(window)
		return i, AlertEnded, []Entry{{At: now, Kind: KindResolveHeld, Reason: ReasonFlapping, Text: shortly(window)}}
	}
	return ended(i, now), Ended, []Entry{{At: now, Kind: KindResolved, Reason: ReasonAlertsEnded}}
}

// ResolveHeldBack carries out the resolve that was held back, because it was
// quiet since.
func ResolveHeldBack(i Incident, now time.Time) Incident { return ended(i, now) }
