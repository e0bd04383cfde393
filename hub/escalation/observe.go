package escalation

import (
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Observe takes in what a device says of a page: that it rings or shows
// (alive), or that it can do neither. What was said last counts, in whatever
// order it arrives; repeats and what comes for a page that is not there change
// nothing. A page that had failed and is alive now can fail again.
func Observe(s State, k Key, device responder.DeviceID, alive bool, at time.Time) State {
	return s.edit(k, func(p *Page) {
		p.Uses = slices.Clone(p.Uses)
		i := slices.IndexFunc(p.Uses, func(u Use) bool { return u.Method == responder.Devices })
		if i < 0 {
			return
		}
		u := &p.Uses[i]
		u.Proofs = slices.Clone(u.Proofs)
		j := slices.IndexFunc(u.Proofs, func(pr Proof) bool { return pr.Device == device })
		if j < 0 {
			u.Proofs = append(u.Proofs, Proof{Device: device})
			j = len(u.Proofs) - 1
		}
		proof := &u.Proofs[j]
		switch {
		case !alive:
			proof.Failed = later(proof.Failed, at)
		case !proof.alive():
			proof.Alive = later(proof.Alive, at)
		}
		if proof.alive() {
			p.Failed = time.Time{}
		}
	})
}

// Answer takes in what a contact method's gateway said of a page. The first
// answer counts.
func Answer(s State, k Key, method responder.MethodID, accepted bool, at time.Time) State {
	wakes := s.World.reach(k.User).wakes(method)
	return s.edit(k, func(p *Page) {
		p.Uses = slices.Clone(p.Uses)
		for i := range p.Uses {
			if p.Uses[i].Method != method || !p.Uses[i].Answered.IsZero() {
				continue
			}
			p.Uses[i].Answered, p.Uses[i].Accepted = at, accepted
			if accepted && wakes {
				p.Failed = time.Time{}
			}
		}
	})
}

// PassOn carries out "I can't": the user's open page counts as failed, and the
// user is left out until the next trigger or the end of a quiet time. Pages of
// the catch-all cannot be passed on, as there is nobody behind it.
func PassOn(s State, c incident.Command, lease time.Duration, now time.Time) (State, incident.Answer, incident.Entry) {
	e := incident.Entry{At: now, Kind: incident.KindPassedOn, Reason: incident.ReasonByUser, User: c.By, Device: c.Device, Method: c.Method}
	if late, why := c.Stale(s.Incident, lease, now); late {
		e.Kind, e.Reason = incident.KindTooLate, why
		return s, incident.TooLate, e
	}
	p, open := s.OpenPageOf(c.By)
	e.Level, e.Round, e.Wave = p.Level, p.Round, p.Wave
	if s.Incident.Cover.Asked() {
		e.Reason = incident.ReasonCover
	}
	switch {
	case !open || s.Incident.Status != incident.Triggered && p.Stage != Joined && p.Stage != Successor:
		e.Kind, e.Reason = incident.KindAlready, incident.ReasonNoOpenPage
		return s, incident.Already, e
	case p.PassedOn:
		e.Kind, e.Reason = incident.KindAlready, ReasonPassedOn
		return s, incident.Already, e
	case p.Stage == CatchAll:
		e.Kind, e.Reason = incident.KindRefused, incident.ReasonCatchAllPage
		return s, incident.Refused, e
	}
	s = s.edit(p.Key, func(p *Page) { p.PassedOn = true })
	return s.leaveOut(c.By), incident.Applied, e
}

// Shift moves every running wait by as much as the clock was set back (by is
// negative then). What is over keeps its time, and so does a quiet time that
// ends at a time of day.
func Shift(s State, by time.Duration) State {
	move := func(t time.Time) time.Time {
		if t.IsZero() {
			return t
		}
		return t.Add(by)
	}
	s = Pause(s, by)
	s.Incident.TriggeredAt = move(s.Incident.TriggeredAt)
	s.Incident.Alerts = slices.Clone(s.Incident.Alerts)
	for i := range s.Incident.Alerts {
		if a := &s.Incident.Alerts[i]; a.Open {
			a.LastAt = move(a.LastAt) // quiet is counted from there
		}
	}
	s.Incident.Reopenings = slices.Clone(s.Incident.Reopenings)
	for i := range s.Incident.Reopenings {
		s.Incident.Reopenings[i] = move(s.Incident.Reopenings[i])
	}
	s.Course.Due, s.Course.Entered = move(s.Course.Due), move(s.Course.Entered)
	s.Course.Sent = slices.Clone(s.Course.Sent)
	for i := range s.Course.Sent {
		s.Course.Sent[i].At = move(s.Course.Sent[i].At)
	}
	s.Pages = slices.Clone(s.Pages)
	for i := range s.Pages {
		p := &s.Pages[i]
		if !p.Open() {
			continue
		}
		p.At, p.Failed = move(p.At), move(p.Failed)
		p.Uses = slices.Clone(p.Uses)
		for j := range p.Uses {
			u := &p.Uses[j]
			u.At, u.Answered = move(u.At), move(u.Answered)
			u.Proofs = slices.Clone(u.Proofs)
			for k := range u.Proofs {
				u.Proofs[k].Alive, u.Proofs[k].Failed = move(u.Proofs[k].Alive), move(u.Proofs[k].Failed)
			}
		}
	}
	return s
}

// Pause leaves the time that the hub was away out of what does not count it: a
// lease, a snooze for a length of time, and the quiet that a flapping incident
// needs to resolve. Timeouts do count it; what fell due is done once, in order.
func Pause(s State, away time.Duration) State {
	if !s.Incident.ResolveDue.IsZero() {
		s.Incident.ResolveDue = s.Incident.ResolveDue.Add(away)
	}
	if s.Incident.Runs() {
		s.Incident.QuietUntil = s.Incident.QuietUntil.Add(away)
	}
	if t := &s.Course.Tenure; !t.AskedAt.IsZero() {
		t.AskedAt = t.AskedAt.Add(away)
	}
	return s
}

// Next says who is paged next if nobody acknowledges and nothing else changes,
// and when. It plays the coming stages through with the code that pages.
func Next(s State) (users []responder.UserID, at time.Time) {
	const stages = 5 // of which some may find nobody to page anew
	for range stages {
		if s.Incident.Status != incident.Triggered || s.Course.Stage == Stopped || s.Course.Due.IsZero() {
			return nil, time.Time{}
		}
		at = later(s.Course.Due, s.World.GraceUntil)
		for d := Decide(s, at); len(d.Actions) > 0 && len(users) == 0; d = Decide(s, at) {
			for _, a := range d.Actions {
				s = Apply(s, a)
				if o, ok := a.(Open); ok {
					users = append(users, o.Page.User)
				}
			}
		}
		if len(users) > 0 {
			return users, at
		}
	}
	return nil, time.Time{}
}
