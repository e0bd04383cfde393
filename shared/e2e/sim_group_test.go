package e2e

import (
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Grouping of alerts, merging of incidents, and edits of the policy.

func drawGrouping(s *sim) incident.Grouping {
	switch s.IntN(6) {
	case 0:
		return incident.Grouping{By: incident.GroupOpen}
	case 1:
		return incident.Grouping{By: incident.GroupFields, Fields: []string{"class"}, Within: simPick(s, 2*time.Minute, 10*time.Minute)}
	}
	return incident.Grouping{}
}

// merged follows an incident to the one that it is part of now.
func (h *simHub) merged(r *simRecord) *simRecord {
	for r != nil && r.state.Incident.MergedInto != "" {
		r = h.find(string(r.state.Incident.MergedInto))
	}
	return r
}

// place looks up what an event may belong to.
func (h *simHub) place(e incident.Event, t *incident.Target) (prior *simRecord) {
	newest := func(is func(incident.Incident) bool) *simRecord {
		for _, r := range slices.Backward(h.store.records) {
			if is(r.state.Incident) {
				return r
			}
		}
		return nil
	}
	if home := newest(func(i incident.Incident) bool {
		return slices.ContainsFunc(i.Alerts, func(a incident.Alert) bool { return a.Key == e.Key })
	}); home != nil {
		t.Home = home.state.Incident.Number
		prior = h.merged(home)
	}
	if key := incident.GroupOf(e, t.Service); key != "" && (prior == nil || !prior.state.Incident.Open()) {
		if r := h.merged(newest(func(i incident.Incident) bool { return i.Group == key })); r != nil {
			t.Group = r.state.Incident
		}
	}
	return prior
}

// merge makes one incident part of another, in one commit.
func (h *simHub) merge(u responder.UserID) {
	if len(h.store.records) < 2 {
		return
	}
	now, c := h.wall(), incident.Command{By: u}
	from, into := simPick(h.s, h.store.records...), simPick(h.s, h.store.records...)
	a, b := from.load(), into.load()
	m, why := h.s.core.merge(a.Incident, b.Incident, c, h.s.set.target.Service.Lease, now)
	allowed := from != into && a.Incident.Open() && b.Incident.Open() && !a.Incident.Cover.Asked() && !b.Incident.Cover.Asked()
	if allowed != (why == "") {
		h.s.fail("merge", "%s into %s is answered %q", a.Incident.ID, b.Incident.ID, why)
	}
	if why != "" {
		return
	}
	h.s.tell("%s merges %s into %s", u, m.From.ID, m.Into.ID)
	before, after := a.Incident, b.Incident
	h.store.commit(func() {
		a.Incident, b.Incident = m.From, m.Into
		from.save(a, m.FromEntries, now)
		into.save(b, m.IntoEntries, now)
		h.s.check.merged(from, into, before, after, m, u, now)
	})
	h.do(from, nil)
	h.do(into, nil)
}

// edits gives the policy another form, and moves the open incidents that follow
// it.
func (h *simHub) edits(u responder.UserID) {
	h.s.set.policy = drawPolicy(h.s, h.s.set)
	for _, r := range h.store.records {
		if i := r.state.Incident; !i.Open() || i.Policy != "p" {
			continue
		}
		h.do(r, func(tx *simTx) {
			now, paging := h.wall(), r.state.Paging()
			var e incident.Entry
			tx.state, e = h.s.core.refresh(tx.state, incident.Command{By: u, Made: now}, h.s.set.policy, 2)
			tx.entries = append(tx.entries, e)
			tx.told = append(tx.told, func() {
				t := h.s.check.of(r)
				t.policy = h.s.set.policy
				if paging {
					t.ask, t.starts = simAsk{what: "refresh", at: now}, true
				}
			})
		})
	}
}

// The checker's own account.

// simGroup is what an event has in common with others; "" for nothing.
func (s *sim) simGroup(e incident.Event) string {
	switch by := s.set.target.Service.Grouping; {
	case s.suppresses(e.Severity):
	case by.By == incident.GroupOpen:
		return "all"
	case by.By == incident.GroupFields && len(e.Details) > 0 && e.Details[0].Value != "":
		return "class " + e.Details[0].Value
	case e.Group != "":
		return "source " + e.Group
	}
	return ""
}

// lastTrigger is when a trigger came last.
func (t *simTrack) lastTrigger() time.Time {
	last := t.triggered
	for _, a := range t.r.state.Incident.Alerts {
		last = simLater(last, a.LastAt)
	}
	return last
}

// takesIn reports whether an open incident is where an alert of its group goes.
func (t *simTrack) takesIn(now time.Time) bool {
	by := t.s.set.target.Service.Grouping
	return t.r.state.Incident.Open() && (by.By != incident.GroupFields || now.Sub(t.lastTrigger()) <= by.Within)
}

// grouped checks that an alert went where its group is.
func (c *simCheck) grouped(e incident.Event, effect incident.Effect, prior, next incident.Incident, home uint64, now time.Time) {
	group := c.s.simGroup(e)
	var newest *simTrack
	for _, r := range c.s.hub.store.records {
		if t := c.of(r); group != "" && t.group == group && string(next.ID) != string(r.state.Incident.ID) {
			newest = c.of(c.s.hub.merged(r))
		}
	}
	switch effect {
	case incident.Opened:
		if newest != nil && newest.takesIn(now) && newest.r.state.Incident.Number >= home {
			c.s.fail("grouping", "%s opens an incident, and %s of %q is open", e.Key, newest.r.state.Incident.ID, group)
		}
	case incident.Reopened:
		c.of(c.s.hub.find(string(next.ID))).group = group
	case incident.Joined:
		to := c.of(c.s.hub.find(string(next.ID)))
		mergedIn := prior.ID == next.ID
		if inGroup := group != "" && (to.group == group || to.tookIn[group]); !mergedIn && !inGroup {
			c.s.fail("grouping", "%s of %q joins %s of %q", e.Key, group, next.ID, to.group)
		}
	}
}

// merged checks what became of two incidents.
func (c *simCheck) merged(from, into *simRecord, before, after incident.Incident, m incident.Merge, by responder.UserID, now time.Time) {
	a, b := c.of(from), c.of(into)
	for _, alert := range before.Alerts {
		if !alert.Open {
			continue
		}
		c.counts[alert.Key] += alert.Count // it stands in both
		if !slices.ContainsFunc(m.Into.Alerts, func(o incident.Alert) bool { return o.Key == alert.Key && o.Open }) {
			c.s.fail("merge", "%s loses the open alert %s", after.ID, alert.Key)
		}
		b.flap.due = time.Time{}
	}
	if m.From.Open() || m.From.MergedInto != after.ID || m.Into.Status != after.Status || m.Into.Holder != after.Holder {
		c.s.fail("merge", "%s is %s, %s is %s", m.From.ID, m.From.Status, m.Into.ID, m.Into.Status)
	}
	if before.Urgency == incident.High && m.Into.Urgency != incident.High {
		c.s.fail("merge", "what is urgent became part of what is not")
	}
	a.flap.due, a.isMerged = time.Time{}, true
	c.changed(from, before, m.From, now)
	c.changed(into, after, m.Into, now)
	if b.tookIn == nil {
		b.tookIn = map[string]bool{}
	}
	b.tookIn[a.group] = true
	for g := range a.tookIn {
		b.tookIn[g] = true
	}
	if b.acked && !b.turned {
		c.active(into, after, m.Into, by, now)
	}
}

// fires keeps an account of what the sources say: what fires is an open alert of
// exactly one open incident, until the source or a person says that it is over.
func (c *simCheck) fires() {
	at := map[string]int{}
	for _, r := range c.s.hub.store.records {
		for _, a := range r.state.Incident.Alerts {
			if a.Open && r.state.Incident.Open() {
				at[a.Key]++
			}
		}
	}
	for key, fires := range c.firing {
		if n := at[key]; n > 1 || fires && n == 0 || !fires && n > 0 && !c.silenced[key] {
			c.s.fail("alerts", "%s fires: %v, and is an open alert of %d open incidents", key, fires, n)
		}
	}
}

var simGroupBugs = []simBug{
	{"opens an incident beside that of the group", func(c *simCore) {
		ingest := c.ingest
		c.ingest = func(prior incident.Incident, e incident.Event, t incident.Target, now time.Time) (incident.Incident, incident.Effect, []incident.Entry) {
			t.Group = incident.Incident{}
			return ingest(prior, e, t, now)
		}
	}},
	{"groups for ever", func(c *simCore) {
		ingest := c.ingest
		c.ingest = func(prior incident.Incident, e incident.Event, t incident.Target, now time.Time) (incident.Incident, incident.Effect, []incident.Entry) {
			t.Service.Grouping.Within = 24 * time.Hour
			return ingest(prior, e, t, now)
		}
	}},
	{"loses what a merged incident was about", func(c *simCore) {
		merge := c.merge
		c.merge = func(from, into incident.Incident, cmd incident.Command, lease time.Duration, now time.Time) (incident.Merge, incident.Reason) {
			m, why := merge(from, into, cmd, lease, now)
			m.Into.Alerts = into.Alerts
			return m, why
		}
	}},
	{"pages on for what was merged", func(c *simCore) {
		merge := c.merge
		c.merge = func(from, into incident.Incident, cmd incident.Command, lease time.Duration, now time.Time) (incident.Merge, incident.Reason) {
			m, why := merge(from, into, cmd, lease, now)
			m.From.Status = from.Status
			return m, why
		}
	}},
	{"merges what is urgent into what is not", func(c *simCore) {
		merge := c.merge
		c.merge = func(from, into incident.Incident, cmd incident.Command, lease time.Duration, now time.Time) (incident.Merge, incident.Reason) {
			m, why := merge(from, into, cmd, lease, now)
			m.Into.Urgency = into.Urgency
			return m, why
		}
	}},
	{"holds the resolve of a flapping incident back for ever", without(func(a escalation.Action) bool {
		_, ok := a.(escalation.Resolve)
		return ok
	})},
	{"resolves what flaps at once", sees(func(s *escalation.State, now time.Time) {
		if !s.Incident.ResolveDue.IsZero() {
			s.Incident.ResolveDue = now
		}
	})},
	{"goes on with the policy as it was", func(c *simCore) {
		c.refresh = func(s escalation.State, cmd incident.Command, p escalation.Policy, revision uint64) (escalation.State, incident.Entry) {
			before := s.Policy
			next, e := escalation.RefreshPolicy(s, cmd, p, revision)
			next.Policy = before
			return next, e
		}
	}},
	{"lets an edited policy wait for the end of the level", func(c *simCore) {
		c.refresh = func(s escalation.State, cmd incident.Command, p escalation.Policy, revision uint64) (escalation.State, incident.Entry) {
			course := s.Course
			next, e := escalation.RefreshPolicy(s, cmd, p, revision)
			next.Course = course
			return next, e
		}
	}},
}

// named remembers the group that an incident was opened by.
func (c *simCheck) named(next incident.Incident, e incident.Event) {
	r := c.s.hub.store.records[len(c.s.hub.store.records)-1]
	c.of(r).group = c.s.simGroup(e)
}
