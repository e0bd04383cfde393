package escalation

import (
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Ask is what a person wants done with an incident at once; the next decision
// heeds it. No grace holds it up.
type Ask struct {
	Reason incident.Reason    `json:"reason,omitempty"` // ReasonByHand, ReasonReassigned or ReasonAdded
	Users  []responder.UserID `json:"users,omitempty"`  // whom to page
}

// Heed takes an ask off the course: what follows carries it out.
type Heed struct{}

// EscalateBy carries out "escalate now": the next level is entered at once, and
// what was acknowledged is no longer. Refused where paging cannot go on: for low
// urgency, and where the policy stops.
func EscalateBy(s State, c incident.Command, lease time.Duration, now time.Time) (State, incident.Answer, incident.Entry) {
	e := incident.Entry{At: now, Kind: incident.KindEscalated, Reason: incident.ReasonByUser, User: c.By, Device: c.Device, Method: c.Method}
	if no, answer := refuse(s, c, lease, now, &e); no {
		return s, answer, e
	}
	switch {
	case s.Incident.Urgency == incident.Suppressed:
		return refused(s, e, incident.ReasonSuppressed)
	case s.Incident.Urgency != incident.High:
		return refused(s, e, ReasonLowUrgency)
	case s.wouldStop():
		return refused(s, e, ReasonExhausted)
	}
	return s.release(Ask{Reason: ReasonByHand}), incident.Applied, e
}

// ReassignTo gives the incident to a user: a level of its own with the present
// level's timeout, after which the policy goes on with the next.
func ReassignTo(s State, c incident.Command, user responder.UserID, lease time.Duration, now time.Time) (State, incident.Answer, incident.Entry) {
	e := incident.Entry{At: now, Kind: incident.KindReassigned, Reason: incident.ReasonByUser, User: c.By, Device: c.Device, Method: c.Method, Text: string(user)}
	if no, answer := refuse(s, c, lease, now, &e); no {
		return s, answer, e
	}
	return s.release(Ask{Reason: ReasonReassigned, Users: []responder.UserID{user}}), incident.Applied, e
}

// ReassignToPolicy starts another policy, as it stands at a revision.
func ReassignToPolicy(s State, c incident.Command, p Policy, revision uint64, lease time.Duration, now time.Time) (State, incident.Answer, incident.Entry) {
	e := incident.Entry{At: now, Kind: incident.KindReassigned, Reason: incident.ReasonByUser, User: c.By, Device: c.Device, Method: c.Method, Text: p.Name}
	if no, answer := refuse(s, c, lease, now, &e); no {
		return s, answer, e
	}
	s = s.release(Ask{Reason: ReasonReassigned})
	s.Policy, s.Incident.Policy, s.Incident.Revision = p, string(p.ID), revision
	s.Course.Stage = None
	return s, incident.Applied, e
}

// AddBy asks users to help. Each is paged once; it changes nothing about who has
// the incident or who is paged next. After an acknowledgement too.
func AddBy(s State, c incident.Command, users []responder.UserID, lease time.Duration, now time.Time) (State, incident.Answer, incident.Entry) {
	e := incident.Entry{At: now, Kind: incident.KindAdded, Reason: incident.ReasonByUser, User: c.By, Device: c.Device, Method: c.Method, Text: list(users)}
	if no, answer := refuse(s, c, lease, now, &e); no {
		return s, answer, e
	}
	if s.Course.Asked.Reason != "" && s.Course.Asked.Reason != ReasonAdded {
		return refused(s, e, ReasonOtherAsk) // not yet heeded; a moment later there is none
	}
	s.Course.Asked = Ask{Reason: ReasonAdded, Users: append(slices.Clip(s.Course.Asked.Users), users...)}
	return s, incident.Applied, e
}

// AcknowledgeBy takes the incident for a person, or, where somebody has it and
// this person was added since, ends that page: they come to help.
func AcknowledgeBy(s State, c incident.Command, lease time.Duration, now time.Time) (State, incident.Answer, []incident.Entry) {
	if s.Incident.Cover.Asked() && s.Incident.Status == incident.Triggered && !s.asked(c.By) {
		s, answer, e := refused(s, incident.Entry{At: now, User: c.By, Device: c.Device, Method: c.Method}, incident.ReasonNotAsked)
		return s, answer, []incident.Entry{e}
	}
	p, open := s.OpenPageOf(c.By)
	next, answer, e := incident.AcknowledgeBy(s.Incident, c, lease, now)
	if s.Incident.Status == incident.Triggered && next.Status == incident.Acknowledged {
		s.Course.Tenure = Tenure{} // whatever a holder handed over before, this is taken anew
	}
	s.Incident = next
	if open && p.Stage == Successor && answer == incident.Already && next.Status == incident.Acknowledged {
		s.Incident, e = incident.TakeOverBy(next, c, lease, now)
		return s, incident.Applied, []incident.Entry{e}
	}
	if answer == incident.TooLate || !open || p.Stage != Joined {
		return s, answer, []incident.Entry{e}
	}
	if answer == incident.Already {
		e.Kind, e.Reason = incident.KindJoined, incident.ReasonByUser
	}
	end := End{Page: p, At: now, Outcome: OutcomeAcknowledged, By: c.By, Reason: ReasonAcknowledged}
	return Apply(s, end), incident.Applied, []incident.Entry{e, end.Entry()}
}

// refuse checks what all these commands have in common.
func refuse(s State, c incident.Command, lease time.Duration, now time.Time, e *incident.Entry) (bool, incident.Answer) {
	late, why := c.Stale(s.Incident, lease, now)
	switch {
	case late:
		e.Kind, e.Reason = incident.KindTooLate, why
		return true, incident.TooLate
	case !s.Incident.Open():
		e.Kind, e.Reason = incident.KindAlready, incident.ReasonNotOpen
		return true, incident.Already
	case s.Incident.Test:
		e.Kind, e.Reason = incident.KindRefused, incident.ReasonTestPage
		return true, incident.Refused
	}
	return false, ""
}

func refused(s State, e incident.Entry, why incident.Reason) (State, incident.Answer, incident.Entry) {
	e.Kind, e.Reason, e.Text = incident.KindRefused, why, ""
	return s, incident.Refused, e
}

// release takes the incident from whoever has it, for an ask.
func (s State) release(a Ask) State {
	s = s.parted()
	s.Incident = incident.QuietEnded(s.Incident)
	s.Course.Asked, s.Course.Tenure = a, Tenure{}
	return s
}

// parted makes pages that an acknowledgement left open ordinary ones, which the
// next acknowledgement closes.
func (s State) parted() State {
	for _, p := range s.Pages {
		if p.Open() && (p.Stage == Joined || p.Stage == Successor) {
			s = s.edit(p.Key, func(p *Page) { p.Stage = Added })
		}
	}
	return s
}

// wouldStop reports whether there is no next level, nor a next round.
func (s State) wouldStop() bool {
	if s.Course.Opening != s.Incident.Opening || s.Course.Stage == None || s.Policy.Validate() != nil || s.Policy.WhenExhausted != Stop {
		return false
	}
	next, _ := s.nextLevel(s.Course.Level + 1)
	return s.Course.Stage == Stopped || s.Course.Stage != Holder && next == 0 && s.passReached() && s.Course.Round >= s.Policy.rounds()
}

// heed carries out what a person asked for.
func (d *decision) heed() {
	ask := d.Course.Asked
	d.do(Heed{})
	switch {
	case ask.Reason == ReasonAdded:
		d.add(ask.Users)
	case ask.Reason == ReasonReassigned:
		d.assign(ask.Users)
	case d.Course.Stage == Holder:
		d.newPass(1, ReasonByHand)
	case d.Course.Stage == CatchAll && d.passReached():
		d.nextRound()
	case d.Course.Stage == CatchAll:
		d.newPass(d.Course.Round, ReasonByHand)
	default:
		d.enterFrom(d.Course.Level+1, ReasonByHand)
	}
}

// assign enters a level that consists of these users.
func (d *decision) assign(users []responder.UserID) {
	enter := Enter{At: d.now, Stage: Assigned, Level: d.Course.Level, Pass: d.Course.Pass, Round: max(d.Course.Round, 1), Reason: ReasonReassigned}
	if d.Course.Stage != AtLevel && d.Course.Stage != Assigned {
		enter.Level, enter.Pass = 0, d.Course.Pass+1
	}
	enter.Due = d.now.Add(d.Policy.timeout(max(enter.Level, 1)))
	if d.Incident.Urgency != incident.High {
		enter.Stage, enter.Due = Stopped, time.Time{}
	}
	d.do(enter)
	d.page(users, ReasonReassigned)
}

// add pages users beside whatever stage the incident is in. Who has an open page
// is paged already, unless they passed it on.
func (d *decision) add(users []responder.UserID) {
	stage := Added
	if d.Incident.Status == incident.Acknowledged {
		stage = Joined
	}
	var added []responder.UserID
	for _, u := range users {
		if p, open := d.OpenPageOf(u); !slices.Contains(added, u) && (!open || p.PassedOn) {
			added = append(added, u)
		}
	}
	d.pageAs(stage, added, ReasonAdded)
}

func list(users []responder.UserID) string {
	text := ""
	for i, u := range users {
		if i > 0 {
			text += ", "
		}
		text += string(u)
	}
	return text
}

func (a Heed) apply(s State) State {
	s.Course.Asked = Ask{}
	return s
}

// Entry is empty: the person's command tells of it.
func (a Heed) Entry() incident.Entry { return incident.Entry{} }
