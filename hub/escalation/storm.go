package escalation

import (
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The measures of a storm.
const (
	// StormAbove is how many pages of one user may be open, made in StormWithin, before
	// further ones are a storm.
	StormAbove  = 10
	StormWithin = 5 * time.Minute
	// stormRings is how long ago the last alarm of a storm may be for a page to join
	// it. It stands for that page a little longer, as the next alarm of the storm is
	// due then and takes its time to be reported.
	stormRings   = 2 * time.Minute
	stormCarries = stormRings + ShowDeadline
)

// Storm is what is known of a user's other pages.
type Storm struct {
	Open  int       // pages of other incidents, made in StormWithin; counting may stop at StormAbove
	Since time.Time // when the oldest of all open ones was made
	Rang  time.Time // when an alarm for any of them last rang, showed, or was taken by a method that wakes
}

// byStorm stands in a page's proofs for the alarm of the storm that it joined.
const byStorm responder.DeviceID = ""

func (s Storm) on() bool { return s.Open >= StormAbove }

// carriesUntil is how long the storm's last alarm stands for its pages.
func (s Storm) carriesUntil() time.Time {
	if s.Rang.IsZero() {
		return time.Time{}
	}
	return s.Rang.Add(stormCarries)
}

// InStorm reports whether so many pages of a user are open that further ones
// join them.
func (w World) InStorm(u responder.UserID) bool { return w.reach(u).Storm.on() }

// Join makes a page alive by the storm that its user is in: the alarm that rang
// or was shown for the others stands for it too.
type Join struct {
	Page Page
	At   time.Time
}

// joins reports whether a page is to be carried by its user's storm.
func (d *decision) joins(p Page) bool {
	storm := d.World.reach(p.User).Storm
	use, travels := p.use(responder.Devices)
	if !travels || p.Low || !storm.on() || storm.Rang.IsZero() || d.now.Sub(storm.Rang) >= stormRings {
		return false
	}
	for _, proof := range use.Proofs {
		if proof.Device == byStorm {
			return false
		}
	}
	return !d.aliveNow(p)
}

// levelDue is when a level that is entered now is over. The pages of a storm go on
// together: their levels end with those of the page that it began with.
func (d *decision) levelDue(n int, users []responder.UserID) time.Time {
	timeout := d.Policy.timeout(n)
	own := d.now.Add(timeout)
	var since time.Time
	for _, u := range users {
		storm := d.World.reach(u).Storm
		if !storm.on() || storm.Since.IsZero() || storm.Since.After(d.now) {
			return own
		}
		since = later(since, storm.Since)
	}
	if since.IsZero() || d.Incident.Urgency != incident.High {
		return own
	}
	together := since.Add((d.now.Sub(since)/timeout + 1) * timeout)
	if together.Sub(d.now) < MinTimeout {
		return own
	}
	return together
}

func (a Join) apply(s State) State {
	return s.edit(a.Page.Key, func(p *Page) {
		p.Uses = append([]Use(nil), p.Uses...)
		for i := range p.Uses {
			if u := &p.Uses[i]; u.Method == responder.Devices {
				u.Proofs = append(append([]Proof(nil), u.Proofs...), Proof{Device: byStorm, Alive: a.At})
			}
		}
		p.Failed = time.Time{}
	})
}

// Entry tells that the page goes with the others.
func (a Join) Entry() incident.Entry {
	return a.Page.entry(incident.KindStormJoined, ReasonStorm, a.At)
}
