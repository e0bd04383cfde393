package escalation

import (
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Decision is what to do now. With actions: apply them and ask again. Without:
// come back at WakeAt, or never if that is zero, for the Reason named.
type Decision struct {
	Actions []Action
	WakeAt  time.Time
	Reason  incident.Reason
}

// Decide takes the next step of an incident. It never fails: a policy that
// cannot be followed pages the catch-all.
func Decide(s State, now time.Time) Decision {
	if s.World.HubStart.After(now) {
		// The clock was set back since: the start says nothing any more, and must
		// not keep anybody waiting.
		s.World.HubStart, s.World.GraceUntil = time.Time{}, time.Time{}
	}
	d := decision{State: s, now: now}
	if s.Incident.Open() && (d.resolveHeld() || d.sources()) {
		return Decision{Actions: d.actions}
	}
	switch s.Incident.Status {
	case incident.Resolved:
		d.closePages(OutcomeResolved, ReasonResolved)
	case incident.Acknowledged:
		d.quiet()
	case incident.Triggered:
		d.paging()
	}
	if len(d.actions) > 0 {
		return Decision{Actions: d.actions}
	}
	if d.wake.IsZero() && d.why == "" {
		d.why = WaitNothing
	}
	return Decision{WakeAt: d.wake, Reason: d.why}
}

// decision gathers one step.
type decision struct {
	State
	now     time.Time
	actions []Action
	wake    time.Time
	why     incident.Reason
}

func (d *decision) do(a Action) {
	d.actions = append(d.actions, a)
	d.State = Apply(d.State, a)
}

// waitFor asks to be woken at t, if nothing comes before.
func (d *decision) waitFor(t time.Time, why incident.Reason) {
	if t.IsZero() || !t.After(d.now) {
		return
	}
	if d.wake.IsZero() || t.Before(d.wake) {
		d.wake, d.why = t, why
	}
}

// quiet: somebody has it. Every other alarm closes, and at the end of the lease
// paging begins again.
func (d *decision) quiet() {
	if d.Course.Asked.Reason == ReasonAdded {
		d.heed()
		return
	}
	if d.Incident.Snoozed() {
		d.closePages(OutcomeSnoozed, ReasonSnoozed)
	} else {
		d.closePages(OutcomeTaken, ReasonAcknowledged)
	}
	until := d.Incident.QuietUntil
	switch {
	case len(d.actions) > 0:
	case d.sinceStart():
		d.waitFor(d.World.GraceUntil, WaitGrace)
	case until.IsZero() || d.now.Before(until):
		if d.tenure(); d.Incident.Status == incident.Acknowledged {
			d.tendAll()
			d.waitFor(until, WaitQuiet)
		}
	default:
		over := ReasonLeaseOver
		switch {
		case d.Incident.Snoozed():
			over = ReasonSnoozeOver
		case d.Incident.QuietReason == incident.ReasonSeverityRose:
			over = ReasonUrgencyRose
		}
		d.do(EndQuiet{At: d.now, Reason: over})
	}
}

// resolveHeld carries out the resolve of a flapping incident that was held back,
// once it is due, and ends a test that nobody answered.
func (d *decision) resolveHeld() bool {
	due := d.Incident.ResolveDue
	if due.IsZero() || d.now.Before(due) {
		d.waitFor(due, WaitResolve)
		return false
	}
	why := incident.ReasonQuietSince
	if d.Incident.Test {
		why = incident.ReasonTestPage
	}
	d.do(Resolve{At: d.now, Reason: why})
	return true
}

func (d *decision) closePages(o Outcome, why incident.Reason) {
	for _, p := range d.Pages {
		if !p.Open() || o != OutcomeResolved && (p.Stage == Joined || p.Stage == Successor && d.handingOver()) {
			continue
		}
		outcome := o
		if o == OutcomeTaken && p.User == d.Incident.Holder {
			outcome = OutcomeAcknowledged
		}
		by := d.Incident.Holder
		if o == OutcomeResolved {
			by = "" // the holder need not be who resolved it
			if d.Incident.MergedInto != "" {
				outcome, why = OutcomeMerged, ReasonMerged
			}
		}
		d.do(End{Page: p, At: d.now, Outcome: outcome, By: by, Reason: why})
	}
}

// inGrace: right after a start only new triggers page, so that what agents did
// meanwhile arrives first. What nobody was paged for before the start is new.
func (d *decision) inGrace() bool {
	return d.sinceStart() && d.Course.Asked.Reason == "" && d.Course.Opening == d.Incident.Opening
}

// sinceStart: the quiet after a start holds, and nothing was entered since.
func (d *decision) sinceStart() bool {
	return d.now.Before(d.World.GraceUntil) && d.Course.Entered.Before(d.World.HubStart)
}

func (d *decision) paging() {
	if d.coverOver() {
		return
	}
	if d.Incident.Held() {
		d.hold()
		return
	}
	if d.inGrace() {
		d.waitFor(d.World.GraceUntil, WaitGrace)
		return
	}
	if d.Course.Opening != d.Incident.Opening || d.Course.Stage == None || d.risen() {
		switch asked := d.Course.Asked.Reason; {
		case asked != "" && asked != ReasonAdded:
			d.begin()
		case d.Incident.Urgency == incident.Suppressed:
			d.suppressed()
		case !d.keep():
			d.begin()
		}
		return
	}
	if d.Course.Asked.Reason != "" {
		d.heed()
		return
	}
	if d.tendAll(); len(d.actions) == 0 {
		d.advance()
	}
}

// suppressed: a rule says that nobody is told. Who was added by hand is paged all
// the same.
func (d *decision) suppressed() {
	d.closeEarlier()
	switch {
	case len(d.actions) > 0:
	case d.Course.Asked.Reason == ReasonAdded:
		d.heed()
	default:
		if d.tendAll(); d.wake.IsZero() {
			d.why = WaitSuppressed
		}
	}
}

// hold: many incidents end by themselves, so a service may wait a little before
// it pages; and what comes during maintenance waits for its end. Who was added by
// hand is paged all the same.
func (d *decision) hold() {
	d.closeEarlier()
	switch {
	case len(d.actions) > 0:
	case d.Course.Asked.Reason == ReasonAdded:
		d.heed()
	case d.Incident.QuietReason != incident.ReasonHold:
		d.planned()
	case d.keepBeyond(d.Incident.QuietUntil): // what lasts longer counts
	case !d.now.Before(d.Incident.QuietUntil):
		d.do(EndQuiet{At: d.now, Reason: ReasonHoldOver})
	default:
		d.tendAll()
		d.waitFor(d.Incident.QuietUntil, WaitHold)
	}
}

func (d *decision) tendAll() {
	for _, p := range slices.Clone(d.Pages) {
		if p.Open() {
			d.tend(p)
		}
	}
}

// advance moves the stage on when its time is over, or when waiting is of no
// use.
func (d *decision) advance() {
	switch d.Course.Stage {
	case AtLevel, Assigned:
		d.atLevel()
	case Holder:
		if d.over() || d.down(d.stagePages()) {
			d.newPass(1, ReasonHolderSilent)
		}
	case CatchAll:
		switch {
		case !d.over():
			d.page(d.catchAllWithout(func(p Page) bool { return p.PassedOn }), ReasonNobodyReached)
		case d.passReached():
			d.nextRound()
		default:
			d.newPass(d.Course.Round, ReasonNobodyReached)
		}
	}
	if len(d.actions) == 0 && d.Course.Stage != Stopped {
		d.waitFor(d.Course.Due, WaitTimeout)
	}
}

func (d *decision) over() bool { return !d.now.Before(d.Course.Due) }

func (d *decision) atLevel() {
	n := d.Course.Level
	walking := d.Course.Stage == AtLevel
	if newcomers := d.newcomers(); walking && len(newcomers) > 0 {
		d.handOff(newcomers)
		return
	}
	switch {
	case d.over():
		d.enterFrom(n+1, ReasonTimeout)
	case d.down(d.stagePages()):
		d.skip()
	}
	if len(d.actions) == 0 && walking {
		d.waitFor(d.World.level(n).Until, WaitHandOff)
	}
}

// handOff pages who came on call for the current level. Pages of those who left
// stay until the successor's is alive.
func (d *decision) handOff(newcomers []responder.UserID) {
	left := d.stagePages()
	due := d.now.Add(d.Policy.timeout(d.Course.Level))
	d.do(Enter{At: d.now, Stage: AtLevel, Level: d.Course.Level, Pass: d.Course.Pass, Round: d.Course.Round, Target: d.Course.Target, Due: due, Reason: ReasonHandOff})
	d.page(newcomers, ReasonHandOff)
	for _, p := range left {
		if p.Open() && !slices.Contains(d.World.level(d.Course.Level).Users, p.User) {
			d.do(HandOver{Page: p, At: d.now})
		}
	}
}

// skip enters the next level before the timeout, because nobody at this one can
// be reached; within limits, unless somebody passed it on.
func (d *decision) skip() {
	if d.Policy.Validate() != nil {
		d.enterFrom(1, ReasonSkipped)
		return
	}
	pages := d.stagePages()
	passedOn := slices.ContainsFunc(pages, func(p Page) bool { return p.PassedOn })
	from := d.nextFrom()
	next, users := d.nextLevel(from)
	if until := d.World.OutageUntil; until.After(d.now) && !passedOn {
		d.waitFor(until, WaitOutage)
		return
	}
	for _, l := range d.World.Levels[min(d.Course.Level, len(d.World.Levels)):] {
		d.waitFor(l.Until, WaitHandOff)
	}
	switch {
	case next == 0:
		if !d.passReached() || (passedOn && !d.anyAlive()) {
			d.catchAll(ReasonNobodyReached, d.Policy.firstTimeout())
		}
	case passedOn:
		d.enterFrom(from, ReasonPassedOn)
	default:
		if until := d.skipLimit(len(users)); until.After(d.now) {
			d.waitFor(until, WaitSkip)
			return
		}
		d.enterFrom(from, ReasonSkipped)
	}
}

// The limits of skipping ahead.
const (
	manyUsers = 3
	manyWait  = 2 * time.Minute
)

// skipLimit says until when the next level may not be entered by skipping: a
// page that is alive has its level's timeout, and many people are not woken in
// the first two minutes for what may be a network's hiccup.
func (d *decision) skipLimit(users int) time.Time {
	var until time.Time
	for _, p := range d.Pages {
		since, alive := aliveSince(p, d.World, d.now)
		if p.Open() && alive && !p.PassedOn && p.ofLevel() && p.Pass == d.Course.Pass {
			until = later(until, since.Add(d.Policy.timeout(max(p.Level, 1))))
		}
	}
	if users > manyUsers {
		until = later(until, earliest(d.Incident.TriggeredAt.Add(manyWait), d.Course.Due))
	}
	return until
}
