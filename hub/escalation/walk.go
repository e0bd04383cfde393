package escalation

import (
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// newPass walks over the levels from the first. Once the rounds are used up it
// is the last level alone, and when that is empty the catch-all for as long.
func (d *decision) newPass(round int, why incident.Reason) {
	d.Course.Pass++
	d.Course.Round = round
	// A policy that stops gets here beyond its rounds only if it was edited to have
	// fewer: what a person asks for then is a pass like any other.
	if d.Policy.Validate() != nil || round <= d.Policy.rounds() || d.Policy.WhenExhausted == Stop {
		d.enterFrom(1, why)
		return
	}
	last := len(d.Policy.Levels)
	if users, empty := d.toPage(last, d.Course.Pass); len(users) > 0 {
		d.enterLevel(last, users, why)
	} else {
		d.do(PassOver{At: d.now, Level: last, Round: round, Reason: empty})
		d.catchAll(ReasonLevelEmpty, d.Policy.timeout(last))
	}
}

// enterFrom enters the first level from n on that has somebody to page; levels
// with nobody are passed over at once.
func (d *decision) enterFrom(n int, why incident.Reason) {
	if err := d.Policy.Validate(); err != nil {
		d.catchAll(ReasonInvalidPolicy, d.Policy.firstTimeout())
		return
	}
	for ; n <= len(d.Policy.Levels); n++ {
		users, empty := d.toPage(n, d.Course.Pass)
		if len(users) > 0 {
			d.enterLevel(n, users, why)
			return
		}
		d.do(PassOver{At: d.now, Level: n, Round: d.Course.Round, Reason: empty})
	}
	d.endPass()
}

func (d *decision) enterLevel(n int, users []responder.UserID, why incident.Reason) {
	target, _, _ := d.turn(n, d.Course.Pass)
	d.do(Enter{At: d.now, Stage: AtLevel, Level: n, Pass: d.Course.Pass, Round: d.Course.Round, Target: target,
		Due: d.levelDue(n, users), Reason: why})
	d.page(users, why)
}

// endPass: a pass that found or reached nobody pages the catch-all and uses up
// no round; one that reached somebody was a round.
func (d *decision) endPass() {
	if d.passReached() {
		d.nextRound()
		return
	}
	d.catchAll(d.unreached(), d.Policy.firstTimeout())
}

func (d *decision) nextRound() {
	switch round := d.Course.Round; {
	case round >= d.Policy.rounds() && d.Policy.WhenExhausted == Stop:
		d.do(Enter{At: d.now, Stage: Stopped, Pass: d.Course.Pass, Round: round, Level: len(d.Policy.Levels), Reason: ReasonExhausted})
	case round >= d.Policy.rounds():
		d.newPass(round+1, ReasonKeepPaging)
	default:
		d.newPass(round+1, ReasonNewRound)
	}
}

// catchAll pages the users who are there when a policy finds nobody. Those whose
// page is open are not paged again, unless it reached nobody or was passed on, as
// there is nobody behind them, or only a call or message told of it a whole wait
// ago: a device comes back by itself every minute, a call that was taken never.
func (d *decision) catchAll(why incident.Reason, wait time.Duration) {
	d.do(Enter{At: d.now, Stage: CatchAll, Pass: d.Course.Pass, Round: d.Course.Round, Due: d.now.Add(wait), Reason: why})
	d.page(d.catchAllWithout(func(p Page) bool {
		return why == ReasonInvalidPolicy || p.PassedOn || !p.Failed.IsZero() && !d.aliveNow(p) ||
			d.now.Sub(p.At) >= wait && !d.onDevice(p)
	}), why)
}

// catchAllWithout lists the catch-all users, each once, who have no open page,
// or only one that does not count.
func (s State) catchAllWithout(discount func(Page) bool) []responder.UserID {
	var users []responder.UserID
	for _, u := range s.World.CatchAll {
		p, open := s.OpenPageOf(u)
		if !slices.Contains(users, u) && (!open || discount(p)) {
			users = append(users, u)
		}
	}
	return users
}

// page opens a page for each user in one wave. A new page supersedes the same
// user's older one.
func (d *decision) page(users []responder.UserID, why incident.Reason) {
	d.pageAs(d.Course.Stage, users, why)
}

func (d *decision) pageAs(stage Stage, users []responder.UserID, why incident.Reason) {
	wave := d.Course.Wave + 1
	for _, u := range users {
		if old, ok := d.OpenPageOf(u); ok {
			d.do(End{Page: old, At: d.now, Outcome: OutcomeSuperseded, Reason: ReasonNewerPage})
		}
		d.do(Open{Page{
			Key: Key{Wave: wave, User: u}, Opening: d.Incident.Opening, Stage: stage,
			Pass: d.Course.Pass, Level: d.Course.Level, Round: d.Course.Round,
			Reason: why, Low: d.Incident.Urgency != incident.High, At: d.now,
		}})
	}
}

// toPage lists whom a level would page in a pass, or says why nobody.
func (s State) toPage(n, pass int) (users []responder.UserID, empty incident.Reason) {
	_, users, empty = s.turn(n, pass)
	return users, empty
}

// turn is toPage, and says which target it is, from 1; 0 for a level that pages
// all of its targets.
func (s State) turn(n, pass int) (target int, users []responder.UserID, empty incident.Reason) {
	r := s.World.level(n)
	if len(r.Targets) == 0 {
		users, empty = s.pageable(r.Users, pass)
		return 0, users, empty
	}
	empty = ReasonNobodyOnCall
	first := s.Incident.Turn + max(s.Course.Round, 1) - 1
	for i := range r.Targets {
		at := (first + i) % len(r.Targets)
		users, why := s.pageable(r.Targets[at], pass)
		if len(users) > 0 {
			return at + 1, users, ""
		}
		if why != ReasonNobodyOnCall {
			empty = why
		}
	}
	return 0, nil, empty
}

// newcomers lists who came on call at the level that is waited for.
func (s State) newcomers() []responder.UserID {
	r := s.World.level(s.Course.Level)
	on := r.Users
	if t := s.Course.Target; t > 0 && t <= len(r.Targets) {
		on = r.Targets[t-1]
	}
	users, _ := s.pageable(on, s.Course.Pass)
	return users
}

// pageable leaves out of users whom a pass would not page, or says why nobody
// is left.
func (s State) pageable(on []responder.UserID, pass int) (users []responder.UserID, empty incident.Reason) {
	empty = ReasonNobodyOnCall
	for _, u := range on {
		switch {
		case slices.Contains(users, u):
		case s.World.reach(u).OffDuty:
			empty = ReasonAllOffDuty
		case slices.Contains(s.leftOut(), u):
			empty = ReasonAllPassedOn
		case s.pagedIn(pass, u):
			empty = ReasonAlreadyPaged
		default:
			users = append(users, u)
		}
	}
	return users, empty
}

func (s State) pagedIn(pass int, u responder.UserID) bool {
	return slices.ContainsFunc(s.Pages, func(p Page) bool {
		return p.User == u && p.Pass == pass && p.ofLevel()
	})
}

// nextFrom is where to go on when this level's pages have failed: the level after
// it, or the same where the next target has its turn.
func (s State) nextFrom() int {
	if s.Course.Stage == AtLevel && s.Course.Target > 0 {
		return s.Course.Level
	}
	return s.Course.Level + 1
}

// nextLevel finds the first level from n on that has somebody; 0 when there is
// none.
func (s State) nextLevel(n int) (int, []responder.UserID) {
	for ; n <= len(s.Policy.Levels); n++ {
		if users, _ := s.toPage(n, s.Course.Pass); len(users) > 0 {
			return n, users
		}
	}
	return 0, nil
}

// stagePages are the pages that the present stage made.
func (s State) stagePages() []Page {
	var pages []Page
	for _, p := range s.Pages {
		if p.Pass == s.Course.Pass && p.Stage == s.Course.Stage && p.Level == s.Course.Level {
			pages = append(pages, p)
		}
	}
	return pages
}

// passReached reports whether a page of the present pass was ever alive.
func (s State) passReached() bool {
	return slices.ContainsFunc(s.Pages, func(p Page) bool {
		return p.Pass == s.Course.Pass && p.ofLevel() && p.reached(s.World)
	})
}

// unreached tells a pass in which nobody was on call from one in which nobody
// could be reached.
func (s State) unreached() incident.Reason {
	for _, p := range s.Pages {
		if p.Pass == s.Course.Pass && p.ofLevel() {
			return ReasonNobodyReached
		}
	}
	return ReasonNobodyFound
}

// down reports whether waiting for these pages is of no use: each has failed or
// was passed on.
func (d *decision) down(pages []Page) bool {
	for _, p := range pages {
		if p.PassedOn || !p.Open() {
			continue
		}
		if c, _ := ConditionOf(p, d.World, d.now); c != FailedNow {
			return false
		}
	}
	return true
}

// anyAlive reports whether a page that nobody passed on is alive.
func (d *decision) anyAlive() bool {
	return slices.ContainsFunc(d.Pages, func(p Page) bool { return d.aliveNow(p) && !p.PassedOn })
}

func (d *decision) aliveNow(p Page) bool {
	_, alive := aliveSince(p, d.World, d.now)
	return alive && p.Open()
}
