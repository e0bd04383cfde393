// Package rehearsal plays an incident through before it happens: who would be
// paged, when, and why, for a service at an instant past or future. It runs the
// very code that pages (incident.Ingest, escalation.Decide and Apply,
// schedule.At through organisation.World); only people and devices are made up.
//
// It is part of the core: no I/O, no clock; the same question has the same
// answer.
package rehearsal

import (
	"fmt"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
)

// Answer says how a user behaves. The zero Answer is a user whose device raises
// every alarm at once, and who never acknowledges.
type Answer struct {
	// Acknowledges, this long after being paged.
	Acknowledges bool
	After        time.Duration
	// Offline: no device of the user is connected.
	Offline bool
}

// Question is what to play.
type Question struct {
	Org      *organisation.Organisation
	Service  incident.ServiceID
	At       time.Time // of the trigger
	Severity incident.Severity
	Summary  string
	Turn     int // that the incident would have at round-robin levels
	Answers  map[responder.UserID]Answer
	// Deviceless are those who have no device at all: contact methods alone carry
	// their pages.
	Deviceless map[responder.UserID]bool
	// Deadline, if set, is when whoever is alarmed then acknowledges, counted
	// from the trigger; nobody alarmed by then: whoever is alarmed next.
	Deadline time.Duration
}

// Ending says where a story ends.
type Ending string

// The endings.
const (
	Acknowledged Ending = "acknowledged"
	KeepsPaging  Ending = "keeps_paging" // the rounds are used up, the last level is paged again and again
	CatchAll     Ending = "catch_all"    // nobody is ever reached: the catch-all after each pass
	Stopped      Ending = "stopped"      // the policy stops when exhausted
	Quiet        Ending = "quiet"        // low urgency: told once
	Suppressed   Ending = "suppressed"   // a rule of the service keeps it from people
)

// Story is how it went.
type Story struct {
	Entries []incident.Entry
	Ending  Ending
	Level   int // that the ending is about; 0 for none
	// Every is the wait between pages that go on.
	Every time.Duration
	// Reached is when an alarm first rang or showed; zero for never.
	Reached time.Time
	By      responder.UserID // who acknowledged
	At      time.Time        // when it ended
	// Alarms are the pages that rang or showed, one for each user and page.
	Alarms []Alarm
}

// Alarm is one page that reached a user.
type Alarm struct {
	User responder.UserID
	At   time.Time
}

// device names the one device that a user of a rehearsal has.
func device(u responder.UserID) responder.DeviceID { return responder.DeviceID("rehearsed:" + u) }

// equip gives every user one device, but for those who have none.
func equip(o *organisation.Organisation, deviceless map[responder.UserID]bool) *organisation.Organisation {
	set := o.Set
	set.Devices = nil
	for _, u := range o.Users {
		if !deviceless[u.ID] {
			set.Devices = append(set.Devices, responder.Device{ID: device(u.ID), User: u.ID})
		}
	}
	return organisation.New(set)
}

// enough bounds a story: it has repeated itself long before.
const (
	enoughSteps    = 20_000
	enoughCatchAll = 3
)

// player is a story under way.
type player struct {
	Question
	now      time.Time
	state    escalation.State
	story    Story
	answers  []answer // not yet given, in no order
	catchAll int
	reached  map[escalation.Key]bool
}

type answer struct {
	at   time.Time
	user responder.UserID
}

// Play plays a question through. The error names what is not there.
func Play(q Question) (Story, error) {
	service, ok := q.Org.Service(q.Service)
	if !ok {
		return Story{}, fmt.Errorf("there is no service %q", q.Service)
	}
	for u := range q.Answers {
		if _, ok := q.Org.User(u); !ok {
			return Story{}, fmt.Errorf("there is no user %q", u)
		}
	}
	q.Org = equip(q.Org, q.Deviceless)
	p := &player{Question: q, now: q.At, reached: map[escalation.Key]bool{}}
	event := incident.Event{Action: incident.Trigger, Key: "rehearsal", Severity: q.Severity, Summary: q.Summary}
	first, _, entries := incident.Ingest(incident.Incident{}, event, incident.Target{Service: service, Revision: q.Org.Revision, Times: q.Org.Times(service.ID, p.now)}, p.now)
	first.Turn = q.Turn
	p.state.Incident, p.story.Entries = first, entries
	p.state.Policy, _ = q.Org.Policy(escalation.PolicyID(service.Policy))
	for range enoughSteps {
		if wake := p.settle(); !p.advance(wake, service.Lease) {
			break
		}
	}
	p.story.At = p.now
	return p.story, nil
}

// settle carries out what is to be done now, and answers when to look again.
func (p *player) settle() time.Time {
	for {
		p.state.World = p.Org.World(p.state, p.links, p.now, p.At.Add(-time.Hour), time.Time{})
		d := escalation.Decide(p.state, p.now)
		if len(d.Actions) == 0 {
			return d.WakeAt
		}
		for _, a := range d.Actions {
			p.state = escalation.Apply(p.state, a)
			if e := a.Entry(); e.Kind != "" {
				p.story.Entries = append(p.story.Entries, e)
			}
			p.react(a)
		}
	}
}

// links: a device is connected unless its user is offline.
func (p *player) links(devices []responder.Device, hubStart time.Time) []escalation.Link {
	var links []escalation.Link
	for _, d := range devices {
		l := escalation.Link{Device: d.ID, Since: hubStart}
		if p.Answers[d.User].Offline {
			l = escalation.Link{Device: d.ID, GoneAt: hubStart}
		}
		links = append(links, l)
	}
	return links
}

// react lets people and devices do what they do.
func (p *player) react(a escalation.Action) {
	switch a := a.(type) {
	case escalation.Enter:
		if a.Stage == escalation.CatchAll {
			p.catchAll++
		}
	case escalation.Open:
		if u := p.Answers[a.Page.User]; u.Acknowledges {
			p.answers = append(p.answers, answer{p.now.Add(u.After), a.Page.User})
		}
	case escalation.Travel:
		switch {
		case a.Method != responder.Devices:
			p.accept(a.Page, a.Method)
		case !p.Answers[a.Page.User].Offline:
			p.show(a.Page)
		}
	}
}

// show: the user's device raises the alarm.
func (p *player) show(page escalation.Page) {
	if page.Low {
		return
	}
	p.state = escalation.Observe(p.state, page.Key, device(page.User), true, p.now)
	p.story.Entries = append(p.story.Entries, incident.Entry{
		At: p.now, Kind: incident.KindShown, User: page.User, Level: page.Level, Round: page.Round, Wave: page.Wave,
	})
	p.alarmed(page)
}

// accept: a gateway takes the message. Who is offline still has a telephone.
func (p *player) accept(page escalation.Page, m responder.MethodID) {
	p.state = escalation.Answer(p.state, page.Key, m, true, p.now)
	p.story.Entries = append(p.story.Entries, incident.Entry{
		At: p.now, Kind: incident.KindMethodAccepted, User: page.User, Method: m, Level: page.Level, Round: page.Round, Wave: page.Wave,
	})
	user, _ := p.Org.User(page.User)
	if method, _ := user.Method(m); method.Wakes && !page.Low {
		p.alarmed(page)
	}
}

// alarmed: the page has reached its user, by whatever way was first.
func (p *player) alarmed(page escalation.Page) {
	if p.reached[page.Key] {
		return
	}
	p.reached[page.Key] = true
	if p.Deadline > 0 {
		at := p.At.Add(p.Deadline)
		if at.Before(p.now) {
			at = p.now
		}
		p.answers = append(p.answers, answer{at, page.User})
	}
	p.story.Alarms = append(p.story.Alarms, Alarm{page.User, p.now})
	if p.story.Reached.IsZero() {
		p.story.Reached = p.now
	}
}

// advance goes to the next moment in which something happens, unless the story
// is over.
func (p *player) advance(wake time.Time, lease time.Duration) bool {
	switch c := p.state.Course; {
	case p.state.Incident.Status == incident.Acknowledged:
		p.end(Acknowledged, 0, lease)
	case p.state.Incident.Urgency == incident.Suppressed:
		p.end(Suppressed, 0, 0)
	case c.Low:
		p.end(Quiet, c.Level, 0)
	case c.Stage == escalation.Stopped:
		p.end(Stopped, c.Level, 0)
	case c.Stage == escalation.CatchAll && p.catchAll >= enoughCatchAll:
		p.end(CatchAll, 0, c.Due.Sub(c.Entered))
	case c.Stage == escalation.AtLevel && c.Round > p.state.Policy.Repeat+2:
		p.end(KeepsPaging, c.Level, c.Due.Sub(c.Entered))
	default:
		return p.next(wake, lease)
	}
	return false
}

func (p *player) end(e Ending, level int, every time.Duration) {
	p.story.Ending, p.story.Level, p.story.Every = e, level, every
}

func (p *player) next(wake time.Time, lease time.Duration) bool {
	slices.SortStableFunc(p.answers, func(a, b answer) int { return a.at.Compare(b.at) })
	if len(p.answers) > 0 && (wake.IsZero() || !p.answers[0].at.After(wake)) {
		a := p.answers[0]
		p.answers = p.answers[1:]
		p.now = a.at
		p.acknowledge(a.user, lease)
		return true
	}
	p.now = wake
	return !wake.IsZero()
}

func (p *player) acknowledge(u responder.UserID, lease time.Duration) {
	if _, paged := p.state.OpenPageOf(u); !paged {
		return
	}
	next, result, entry := incident.AcknowledgeBy(p.state.Incident, incident.Command{By: u, Made: p.now}, lease, p.now)
	p.state.Incident = next
	p.story.Entries = append(p.story.Entries, entry)
	if result == incident.Applied {
		p.story.By = u
	}
}
