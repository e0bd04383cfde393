package e2e

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// What each action of the core must be allowed by.

func (c *simCheck) action(r *simRecord, before escalation.State, a escalation.Action, now time.Time) {
	t := c.of(r)
	status := before.Incident.Status
	if status != incident.Triggered && !t.whileTaken(a) {
		c.s.fail("P4", "%T in an incident that is %s", a, status)
	}
	if !t.held.IsZero() && !t.whileHeld(a) {
		c.s.fail("hold", "%T at %s, before %s", a, now, t.held)
	}
	switch a.(type) {
	case escalation.End, escalation.EndQuiet, escalation.Heed, escalation.Resolve, escalation.Keep, escalation.Lapse, escalation.EndAlert, escalation.Silence:
	default:
		if t.grace(now) && t.ask.what == "" {
			c.s.fail("grace", "%T at %s, in the grace until %s", a, now, c.s.hub.grace)
		}
	}
	switch a := a.(type) {
	case escalation.Begin:
		t.begins(a, before, now)
	case escalation.Enter:
		t.enters(a, now)
	case escalation.PassOver:
		if len(t.eligible(a.Level, now)) > 0 && t.level != a.Level {
			c.s.fail("P3", "level %d is passed over (%s), and there is %v", a.Level, a.Reason, t.eligible(a.Level, now))
		}
	case escalation.Open:
		t.opens(a.Page, now)
	case escalation.Travel:
		t.travels(a, now)
	case escalation.Fail:
		t.fails(a, now)
	case escalation.Join:
		t.joins(a, now)
	case escalation.End:
		t.ends(a, status, now)
	case escalation.HandOver:
		p := t.page(a.Page.Key)
		if slices.Contains(t.roster(p.level, now).users, p.User) {
			c.s.fail("hand-off", "%s is on call and hands over", p.User)
		}
		p.handed = true
	case escalation.Follow:
		t.notes(a, now)
	case escalation.AskHolder:
		t.asksHolder(a, now)
	case escalation.EndAlert:
		c.endsAlert(r, before, a, now)
	case escalation.Silence:
		t.silent(before, a, now)
	case escalation.Lapse:
		t.lapses(a, now)
	case escalation.LetGo:
		t.letsGo(a, now)
	case escalation.Keep:
		t.keeps(a, now)
	case escalation.EndQuiet:
		if a.Reason == escalation.ReasonMaintenanceOver || a.Reason == escalation.ReasonSupportHours {
			t.comesOut(a, now)
			return
		}
		if a.Reason == escalation.ReasonHandOver && t.neverEnds(now) {
			t.quiet = now
		}
		if a.Reason == escalation.ReasonHoldOver && !t.held.IsZero() && !now.Before(t.held) {
			t.held = time.Time{}
			return
		}
		if !t.acked || t.quiet.IsZero() || now.Before(t.quiet) || now.Before(c.s.hub.grace) && t.entered.Before(c.s.hub.boot) {
			c.s.fail("lease", "it ends at %s because of %s, want %s (acknowledged %v)", now, a.Reason, t.quiet, t.acked)
		}
		if t.snoozed != (a.Reason == escalation.ReasonSnoozeOver) {
			c.s.fail("snooze", "what was snoozed %v ends because of %s", t.snoozed, a.Reason)
		}
		t.turnedOver(a)
		t.acked, t.ended = false, true
		t.part()
	case escalation.Resolve:
		t.resolves(now)
	}
}

// grace: right after a start only what nobody was paged for is new.
func (t *simTrack) grace(now time.Time) bool {
	return t.sinceStart(now) && t.begun == t.opening && !t.fresh
}

// sinceStart: the quiet after a start holds, and nothing was entered since.
func (t *simTrack) sinceStart(now time.Time) bool {
	return now.Before(t.s.hub.grace) && t.entered.Before(t.s.hub.boot)
}

func (t *simTrack) begins(a escalation.Begin, before escalation.State, now time.Time) {
	rose := t.low && before.Incident.Urgency == incident.High
	if asked := t.ask.what != "" && t.ask.what != "add"; !asked && !t.planned(now).IsZero() && !(t.begun == t.opening && !t.ended) {
		t.s.fail("calendar", "paging begins at %s, and it is to wait until %s", now, t.planned(now))
	}
	if asked := t.ask.what != "" && t.ask.what != "add"; !asked && before.Incident.Urgency == incident.Suppressed {
		t.s.fail("suppressed", "paging begins at %s", now)
	}
	if t.begun == t.opening && !t.ended && !rose && !t.starts {
		t.s.fail("P5", "paging begins again for opening %d", t.opening)
	}
	if a.Opening != t.opening || a.Low != (before.Incident.Urgency != incident.High) {
		t.s.fail("begin", "paging begins for opening %d, low %v", a.Opening, a.Low)
	}
	t.kept = now.Before(t.tenure.keep) && !t.s.off(t.holder, now)
	t.begun, t.ended, t.low, t.fresh, t.tenure = t.opening, false, a.Low, true, simTenure{}
	t.stage, t.level, t.starts = escalation.None, 0, false
	t.left = map[responder.UserID]bool{}
}

// enters checks that a stage follows from the one before.
func (t *simTrack) enters(a escalation.Enter, now time.Time) {
	waited := t.fresh || !now.Before(t.due)
	switch {
	case a.Reason == escalation.ReasonReassigned && (a.Stage == escalation.Assigned || a.Stage == escalation.Stopped && t.ask.what == "reassign"):
		t.assigned(a, now)
	case t.stage == escalation.Stopped && !t.fresh && (t.ask.what != "escalate" || t.policy.WhenExhausted == escalation.Stop):
		t.s.fail("stop", "a stage after the last")
	case a.Stage == escalation.AtLevel && a.Reason == escalation.ReasonHandOff:
		if t.stage != escalation.AtLevel || a.Level != t.level || a.Pass != t.pass || a.Round != t.round || a.Target != t.target || len(t.newcomers(now)) == 0 {
			t.s.fail("hand-off", "to nobody new: %+v", a)
		}
		if want := now.Add(t.timeout(a.Level)); !a.Due.Equal(want) {
			t.s.fail("hand-off", "the timeout does not start anew: it ends at %s, want %s", a.Due, want)
		}
	case a.Stage == escalation.Stopped:
		t.mayStop(a, waited)
	case a.Stage == escalation.Holder:
		if !t.fresh || t.holder == "" || !t.onCall(t.holder, now) && !t.kept || !a.Due.Equal(now.Add(min(5*time.Minute, t.longest()))) {
			t.s.fail("holder", "%q is asked alone until %s", t.holder, a.Due)
		}
	default:
		t.mayEnter(a, waited, now)
	}
	t.fresh, t.entered = false, now
	t.stage, t.level, t.target, t.pass, t.round, t.due, t.reason = a.Stage, a.Level, a.Target, a.Pass, a.Round, a.Due, a.Reason
}

func (t *simTrack) mayStop(a escalation.Enter, waited bool) {
	exhausted := t.policy.WhenExhausted == escalation.Stop && t.round > t.policy.Repeat && waited && t.reached(t.pass)
	if !t.low && !exhausted {
		t.s.fail("P2", "it stops in round %d of pass %d: %s", t.round, t.pass, a.Reason)
	}
}

// mayEnter checks a level or the catch-all: that the stage before is over, and
// that no level with somebody is left out on the way.
func (t *simTrack) mayEnter(a escalation.Enter, waited bool, now time.Time) {
	rounds, last, valid := t.policy.Repeat+1, len(t.policy.Levels), t.policy.Validate() == nil
	down := t.dead(t.stagePages(), now)
	passedOn := slices.ContainsFunc(t.stagePages(), func(p *simPage) bool { return p.passedOn })
	newPass := a.Pass != t.pass
	before, round := t.round, t.round
	switch {
	case t.fresh || t.stage == escalation.Holder:
		round = 1
		if !t.fresh && !waited && !down {
			t.s.fail("holder", "not asked for as long as promised")
		}
	case newPass && t.reached(t.pass):
		round++
	}
	if newPass && !waited && t.stage != escalation.Holder {
		t.s.fail("P3", "a new pass at %s, before the stage is over at %s", now, t.due)
	}
	if a.Round != round {
		t.s.fail("rounds", "%s enters round %d, want %d", a.Reason, a.Round, round)
	}
	t.round = a.Round
	from := t.level + 1
	if !waited {
		from = t.nextFrom()
	}
	if newPass {
		from = 1
		if round > rounds && valid {
			// An edit may leave a policy fewer rounds than there were; none is added.
			stops := t.policy.WhenExhausted == escalation.Stop
			if stops && round > before || !stops && a.Stage == escalation.AtLevel && a.Level != last {
				t.s.fail("rounds", "level %d in round %d of %d", a.Level, round, rounds)
			}
			if !stops {
				from = last
			}
		}
		t.newPass(a.Pass)
	}
	if !waited && !newPass && valid {
		t.maySkip(a, down, passedOn, now)
	}
	to := a.Level
	if a.Stage == escalation.CatchAll {
		to = last + 1
	}
	for n := from; n < to && valid; n++ {
		if len(t.eligible(n, now)) > 0 {
			t.s.fail("P3", "level %d has %v and is left out", n, t.eligible(n, now))
		}
	}
	if a.Stage == escalation.AtLevel && (!valid || len(t.eligible(a.Level, now)) == 0) {
		t.s.fail("P3", "level %d has nobody and is entered", a.Level)
	}
	if target, _ := t.turn(a.Level, now); a.Stage == escalation.AtLevel && valid && a.Target != target {
		t.s.fail("round robin", "target %d of level %d, want %d", a.Target, a.Level, target)
	}
	t.rightWait(a, round > rounds, valid, now)
}

func (t *simTrack) newPass(pass int) {
	if pass <= t.pass {
		t.s.fail("passes", "pass %d after pass %d", pass, t.pass)
	}
	t.pass, t.level, t.target, t.stage = pass, 0, 0, escalation.None
}

// rightWait checks why the catch-all is paged, and that each stage waits for as
// long as the policy says.
func (t *simTrack) rightWait(a escalation.Enter, exhausted, valid bool, now time.Time) {
	wait := 5 * time.Minute
	levels := t.policy.Levels
	switch {
	case !valid:
		if a.Stage != escalation.CatchAll || a.Reason != escalation.ReasonInvalidPolicy {
			t.s.fail("invalid policy", "%+v", a)
		}
	case a.Stage == escalation.AtLevel:
		wait = levels[a.Level-1].Timeout
	case a.Reason == escalation.ReasonLevelEmpty:
		wait = levels[len(levels)-1].Timeout
		if !exhausted {
			t.s.fail("P3", "the catch-all for an empty last level, in round %d", t.round)
		}
	default:
		wait = levels[0].Timeout
		lastPassedOn := slices.ContainsFunc(t.stagePages(), func(p *simPage) bool { return p.passedOn }) && !t.anyAlive(now)
		if t.reached(a.Pass) && !lastPassedOn {
			t.s.fail("P3", "the catch-all is paged, and the pass reached somebody")
		}
	}
	if a.Stage == escalation.AtLevel && valid {
		if end := t.together(t.eligible(a.Level, now), wait, now); !end.IsZero() {
			wait = end.Sub(now)
		}
	}
	if !a.Due.Equal(now.Add(wait)) {
		t.s.fail("P2", "%s at %s waits until %s, want %s", a.Stage, now, a.Due, now.Add(wait))
	}
}

// maySkip checks the limits of entering the next level before the timeout.
func (t *simTrack) maySkip(a escalation.Enter, down, passedOn bool, now time.Time) {
	if !down || now.Before(t.s.hub.outage) && !passedOn {
		t.s.fail("skipping", "%s at %s, and not every page of level %d has failed", a.Reason, now, t.level)
	}
	if a.Stage == escalation.AtLevel && !passedOn && now.Before(t.skipLimit(len(t.eligible(a.Level, now)), now)) {
		t.s.fail("skipping", "level %d at %s, before %s", a.Level, now, t.skipLimit(len(t.eligible(a.Level, now)), now))
	}
}

func (t *simTrack) opens(p escalation.Page, now time.Time) {
	for _, o := range t.pages {
		if o.Key == p.Key {
			t.s.fail("P5", "page %v twice", p.Key)
		}
		if o.User == p.User && !o.ended {
			t.s.fail("P5", "%s has two open pages", p.User)
		}
	}
	if p.Wave < t.wave || p.Wave > t.wave+1 {
		t.s.fail("P5", "wave %d after wave %d", p.Wave, t.wave)
	}
	reason := ""
	switch {
	case p.Reason == escalation.ReasonAdded:
		reason = t.helps(p)
	case p.Stage == escalation.Successor:
		reason = t.succeeds(p, now)
	case p.Stage != t.stage:
		reason = "in another stage than the incident's"
	}
	if p.Reason == escalation.ReasonReassigned && t.ask.what != "reassign to policy" && !slices.Contains(t.ask.users, p.User) {
		reason = "not whom it was given to"
	}
	switch p.Stage {
	case escalation.AtLevel:
		on := t.newcomers(now)
		if !slices.Contains(on, p.User) {
			reason = "the level does not name them"
		}
	case escalation.CatchAll:
		if !slices.Contains(t.catchAll(), p.User) {
			reason = "no catch-all user"
		}
		if p.Reason == "" {
			reason = "no reason is given"
		}
	case escalation.Holder:
		if p.User != t.holder {
			reason = "not the holder"
		}
	case escalation.Stopped:
		if !t.low {
			reason = "it has stopped"
		}
	}
	if reason != "" {
		t.s.fail("P3", "%s is paged in stage %s: %s", p.User, t.stage, reason)
	}
	t.wave = p.Wave
	level, pass := t.level, t.pass
	if p.Stage == escalation.Successor {
		level, pass = p.Level, t.pass+1
	}
	t.pages = append(t.pages, &simPage{Key: p.Key, stage: p.Stage, level: level, pass: pass, opening: t.opening, low: p.Low,
		opened: now, devices: map[responder.DeviceID]simProof{}})
}

func (t *simTrack) travels(a escalation.Travel, now time.Time) {
	p := t.page(a.Page.Key)
	next := t.nextMethod(p)
	switch {
	case p.ended || p.passedOn:
		t.s.fail("P4", "page %v is over and travels", p.Key)
	case next == nil || next.id != a.Method:
		t.s.fail("methods", "page %v travels by %s; next is %v", p.Key, a.Method, next)
	case now.Before(p.opened.Add(next.after)) && (t.alive(p, now) || len(p.uses) == 0 || now.Before(t.settled(p))):
		t.s.fail("methods", "page %v travels by %s at %s, too early", p.Key, a.Method, now)
	}
	p.uses = append(p.uses, simUse{method: a.Method, at: now})
	if a.Method != responder.Devices && !t.wakes(p, a.Method) {
		at := simSpared{p.User, a.Method}
		if last, before := t.spared[at]; before && now.Before(last.Add(time.Hour)) {
			t.s.fail("once an hour", "%s gets something by %s at %s, and did at %s", p.User, a.Method, now, last)
		}
		t.spared[at] = now
	}
}

func (t *simTrack) fails(a escalation.Fail, now time.Time) {
	p := t.page(a.Page.Key)
	if t.alive(p, now) || t.nextMethod(p) != nil || now.Before(t.settled(p)) || p.failed || p.low {
		t.s.fail("P6", "page %v is given up at %s", p.Key, now)
	}
	p.failed = true
}

func (t *simTrack) ends(a escalation.End, status incident.Status, now time.Time) {
	p := t.page(a.Page.Key)
	if p.ended {
		t.s.fail("P6", "page %v ends twice", p.Key)
	}
	why := ""
	switch a.Outcome {
	case escalation.OutcomeAcknowledged, escalation.OutcomeTaken:
		if status != incident.Acknowledged || t.snoozed || (a.Outcome == escalation.OutcomeAcknowledged) != (p.User == t.holder) {
			why = "held by " + string(t.holder)
		}
	case escalation.OutcomeMerged:
		if !t.isMerged {
			why = "it is part of no other incident"
		}
	case escalation.OutcomeResolved:
		if status != incident.Resolved && p.opening == t.opening {
			why = string(status)
		}
	case escalation.OutcomeSnoozed:
		if status != incident.Acknowledged || !t.snoozed {
			why = "nobody put it off"
		}
	case escalation.OutcomePassedOn:
		why = t.relief(p, now)
	case escalation.OutcomeSuperseded:
	default:
		why = "no such outcome"
	}
	if why != "" {
		t.s.fail("P6", "page %v ends as %s: %s", p.Key, a.Outcome, why)
	}
	p.ended, p.endedAt = true, t.s.now
}

// relief says what keeps a page that was passed on or handed over from ending.
func (t *simTrack) relief(p *simPage, now time.Time) string {
	if p.passedOn {
		if p.stage != escalation.Joined && p.stage != escalation.Successor && t.alive(p, now) && !t.anyAlive(now) {
			return "it is the last one that is alive"
		}
		return ""
	}
	if !p.handed || !t.succeeded(p, now) {
		return "there is no successor"
	}
	return ""
}
