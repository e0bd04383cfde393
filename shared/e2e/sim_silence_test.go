package e2e

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
)

// Heartbeats, and alerts that resolve when their source repeats nothing.

// simBeat is the checker's account of the heartbeat.
type simBeat struct {
	last time.Time // the last ping that was taken in
	calm bool      // neither the hub nor its clock was disturbed since
}

// moved: the clock was set back.
func (b *simBeat) moved(by time.Duration) {
	if !b.last.IsZero() {
		b.last = b.last.Add(by)
	}
}

func (set *simSetup) drawHeartbeat(s *sim) {
	if !s.chance(0.3) {
		return
	}
	set.beat = heartbeat.Rule{Interval: simPick(s, 30*time.Second, 2*time.Minute), Grace: simPick(s, 10*time.Second, time.Minute)}
	if s.chance(0.7) {
		set.target.Integration.ResolveAfterQuiet, set.target.Integration.AliveBy = simPick(s, 2*time.Minute, 8*time.Minute), "beat"
	}
}

// pings is the source that pings; what the hub does not take in is lost.
func (s *sim) pings() {
	if s.set.beat.Interval == 0 {
		return
	}
	s.after(s.set.beat.Interval+s.between(-time.Second, time.Second), s.pings)
	kind := heartbeat.OK
	if s.chance(0.03) && !s.healing {
		kind = heartbeat.Fail
	}
	if !s.silent || s.healing {
		s.hub.enter(func() { s.hub.ping(kind) })
	}
}

// ping takes in a ping, and in the same commit what it means.
func (h *simHub) ping(kind heartbeat.Kind) {
	now, before := h.wall(), h.store.beat
	after, action := h.s.core.ping(before, h.s.set.beat, kind, now)
	h.beaten(before, after, action, func() {
		if kind == heartbeat.Fail && (action != incident.Trigger || after.State != heartbeat.Failing) {
			h.s.fail("heartbeat", "a ping says that something failed, and it is %q: %s", action, after.State)
		}
		h.s.check.beat = simBeat{last: now, calm: true}
	})
}

// missing looks whether a ping is overdue.
func (h *simHub) missing() {
	now, before := h.wall(), h.store.beat
	if after, gone := h.s.core.look(before, now); gone {
		h.beaten(before, after, incident.Trigger, func() { h.s.check.missed(now) })
	}
}

func (h *simHub) beaten(before, after heartbeat.Beat, action incident.Action, told func()) {
	save := func() { h.store.beat = after; told() }
	if action == "" {
		h.store.commit(save)
	} else {
		e := incident.Event{Action: action, Integration: "beat", Key: "heartbeat", Severity: incident.Error, Summary: "no ping"}
		target := h.s.set.target
		target.Integration = incident.Integration{ID: "beat", Service: "shop", Kind: incident.KindHeartbeat}
		h.beating = &after // what is decided in the same commit sees it
		h.take(e, target, func() { save(); h.s.check.ingested(e) })
	}
	h.beating = nil
	if after.State != before.State && h.s.set.target.Integration.AliveBy != "" {
		for _, r := range h.store.records {
			if r.state.Incident.Open() {
				h.do(r, nil) // its alerts wait for this source
			}
		}
	}
}

// sources is what the shell knows of an incident's source.
func (h *simHub) sources(i incident.Incident) []escalation.Source {
	from := h.s.set.target.Integration
	if from.ResolveAfterQuiet == 0 || !i.Open() || !slices.ContainsFunc(i.Alerts, func(a incident.Alert) bool { return a.Open && a.Integration == from.ID }) {
		return nil
	}
	beat := h.store.beat
	if h.beating != nil {
		beat = *h.beating
	}
	return []escalation.Source{{Integration: from.ID, After: from.ResolveAfterQuiet, Heartbeat: from.AliveBy,
		Window: h.s.set.target.Service.ReopenWindow, Alive: beat.Alive(h.wall())}}
}

// The checker's own account.

func (c *simCheck) missed(now time.Time) {
	rule := c.s.set.beat
	if c.beat.last.IsZero() || now.Sub(c.beat.last) < rule.Interval+rule.Grace {
		c.s.fail("heartbeat", "missed at %s, and the last ping came at %s", now, c.beat.last)
	}
}

// beats checks a hub that was not disturbed.
func (c *simCheck) beats(now time.Time) {
	rule, state := c.s.set.beat, c.s.hub.store.beat.State
	if overdue := !c.beat.last.IsZero() && c.beat.calm && now.Sub(c.beat.last) > rule.Interval+rule.Grace+time.Second; overdue && state == heartbeat.Up {
		c.s.fail("heartbeat", "no ping since %s at %s, and nothing came of it", c.beat.last, now)
	}
}

// quietSince is from when on an alert's quiet counts: neither the hub nor its
// source was away since. Zero while the source is.
func (t *simTrack) quietSince(a incident.Alert, now time.Time) (hub, both time.Time) {
	hub = simLater(a.LastAt, t.s.hub.boot)
	if b := t.s.hub.store.beat; b.State == heartbeat.Up && now.Before(b.DueAt) {
		both = simLater(hub, b.Since)
	}
	return hub, both
}

func (t *simTrack) alert(i incident.Incident, key string) incident.Alert {
	return i.Alerts[slices.IndexFunc(i.Alerts, func(a incident.Alert) bool { return a.Key == key })]
}

// endsAlert checks that an alert was quiet for long enough, and its source alive.
func (c *simCheck) endsAlert(r *simRecord, before escalation.State, a escalation.EndAlert, now time.Time) {
	t := c.of(r)
	after := c.s.set.target.Integration.ResolveAfterQuiet
	alert := t.alert(before.Incident, a.Key)
	if _, both := t.quietSince(alert, now); a.Integration != "source" || after == 0 || !alert.Open || both.IsZero() || now.Before(both.Add(after)) {
		c.s.fail("quiet", "%s ends at %s, quiet since %s", a.Key, now, both)
	}
	c.firing[a.Key] = false
	c.changed(r, before.Incident, escalation.Apply(before, a).Incident, now)
}

// silent checks that the source of an alert is called silent when it is.
func (t *simTrack) silent(before escalation.State, a escalation.Silence, now time.Time) {
	alert := t.alert(before.Incident, a.Key)
	if a.Back && !alert.Open {
		return // it is over, and nothing is said of it any more
	}
	hub, both := t.quietSince(alert, now)
	if a.Back == both.IsZero() || !a.Back && now.Before(hub.Add(t.s.set.target.Integration.ResolveAfterQuiet)) {
		t.s.fail("quiet", "%s is called silent (%v) at %s", a.Key, !a.Back, now)
	}
}

// hushed checks that no alert waits that was quiet for long enough.
func (t *simTrack) hushed(now time.Time) {
	after := t.s.set.target.Integration.ResolveAfterQuiet
	if after == 0 || !t.r.state.Incident.Open() {
		return
	}
	for _, a := range t.r.state.Incident.Alerts {
		if a.Integration != "source" || !a.Open {
			continue
		}
		switch hub, both := t.quietSince(a, now); {
		case !both.IsZero() && !now.Before(both.Add(after)):
			t.s.fail("quiet", "%s was quiet since %s, and is open at %s", a.Key, both, now)
		case both.IsZero() && a.SilentAt.IsZero() && !now.Before(hub.Add(after)):
			t.s.fail("quiet", "%s was quiet since %s, its source is silent at %s, and nothing says so", a.Key, hub, now)
		}
	}
}

// sourced damages what Decide is told of sources.
func sourced(damage func(*escalation.Source)) func(*simCore) {
	return sees(func(s *escalation.State, _ time.Time) {
		s.World.Sources = slices.Clone(s.World.Sources)
		for i := range s.World.Sources {
			damage(&s.World.Sources[i])
		}
	})
}

var simSilenceBugs = []simBug{
	{"resolves by quiet although the source is silent", sourced(func(s *escalation.Source) { s.Alive = simEpoch.Add(-time.Hour) })},
	{"never resolves by quiet", sees(func(s *escalation.State, _ time.Time) { s.World.Sources = nil })},
	{"counts quiet from the first trigger", sees(func(s *escalation.State, _ time.Time) {
		s.Incident.Alerts = slices.Clone(s.Incident.Alerts)
		for i := range s.Incident.Alerts {
			s.Incident.Alerts[i].LastAt = s.Incident.Alerts[i].FirstAt
		}
	})},
	{"does not say that a source is silent", without(func(a escalation.Action) bool {
		_, ok := a.(escalation.Silence)
		return ok
	})},
	{"misses a ping before its grace is over", func(c *simCore) {
		look := c.look
		c.ping = func(b heartbeat.Beat, r heartbeat.Rule, k heartbeat.Kind, now time.Time) (heartbeat.Beat, incident.Action) {
			r.Grace = 0
			return heartbeat.Ping(b, r, k, now)
		}
		c.look = look
	}},
	{"never misses a ping", func(c *simCore) {
		c.look = func(b heartbeat.Beat, _ time.Time) (heartbeat.Beat, bool) { return b, false }
	}},
	{"takes a ping of failure for a good one", func(c *simCore) {
		ping := c.ping
		c.ping = func(b heartbeat.Beat, r heartbeat.Rule, _ heartbeat.Kind, now time.Time) (heartbeat.Beat, incident.Action) {
			return ping(b, r, heartbeat.OK, now)
		}
	}},
}
