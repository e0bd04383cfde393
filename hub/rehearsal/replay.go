package rehearsal

import (
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
)

// Past is an incident that happened.
type Past struct {
	Service  incident.ServiceID
	At       time.Time
	Severity incident.Severity
	// AcknowledgedAfter is how long it took; zero for never.
	AcknowledgedAfter time.Duration
}

// Replay is what a set-up would have made of past incidents.
type Replay struct {
	Interruptions map[responder.UserID]int
	Asleep        map[responder.UserID]int // of these, between 22 and 8 by the user's own clock
	Reached       []time.Duration          // trigger to first alarm, sorted; of incidents that reached somebody
	Never         int
	LeftOut       int // incidents of services that the set-up does not have
}

// together is how close alarms of one user are one interruption.
const together = time.Minute

// Run plays past incidents against a set-up. Everybody can be reached, and
// whoever is alarmed acknowledges as late as the incident was acknowledged then,
// counted from the trigger: the set-ups differ, people do not.
func Run(org *organisation.Organisation, past []Past) (Replay, error) {
	r := Replay{Interruptions: map[responder.UserID]int{}, Asleep: map[responder.UserID]int{}}
	var alarms []Alarm
	for _, i := range past {
		if _, ok := org.Service(i.Service); !ok {
			r.LeftOut++
			continue
		}
		story, err := Play(Question{Org: org, Service: i.Service, At: i.At, Severity: i.Severity, Deadline: i.AcknowledgedAfter})
		if err != nil {
			return r, err
		}
		alarms = append(alarms, story.Alarms...)
		switch {
		case story.Ending == Quiet || story.Ending == Suppressed:
		case story.Reached.IsZero():
			r.Never++
		default:
			r.Reached = append(r.Reached, story.Reached.Sub(i.At))
		}
	}
	slices.Sort(r.Reached)
	r.count(org, alarms)
	return r, nil
}

// count counts interruptions: several alarms of a user within a minute are one.
func (r *Replay) count(org *organisation.Organisation, alarms []Alarm) {
	slices.SortStableFunc(alarms, func(a, b Alarm) int { return a.At.Compare(b.At) })
	last := map[responder.UserID]time.Time{}
	for _, a := range alarms {
		if before, ok := last[a.User]; ok && a.At.Sub(before) < together {
			continue
		}
		last[a.User] = a.At
		r.Interruptions[a.User]++
		if asleep(org, a) {
			r.Asleep[a.User]++
		}
	}
}

func asleep(org *organisation.Organisation, a Alarm) bool {
	user, _ := org.User(a.User)
	hour := a.At.In(user.Zone()).Hour()
	return hour >= 22 || hour < 8
}

// Quantile gives the q-th part of sorted durations, by the nearest rank; zero
// of none.
func Quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
