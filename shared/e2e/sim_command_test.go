package e2e

import (
	"fmt"
	"time"

	"tocsin/agent/inbox"
	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// What people ask of incidents, and the account that the checker keeps of it.

// create stores a new incident, then pages for it.
func (h *simHub) create(next incident.Incident, policy escalation.Policy, entries []incident.Entry, told func(), now time.Time) {
	r := &simRecord{}
	next.ID, next.Number = incident.ID(fmt.Sprintf("i%d", len(h.store.records)+1)), uint64(len(h.store.records)+1)
	next.Turn = len(h.store.records)
	h.store.commit(func() {
		h.store.records = append(h.store.records, r)
		r.save(escalation.State{Incident: next, Policy: policy}, entries, now)
		told()
		h.s.check.changed(r, incident.Incident{}, next, now)
	})
	h.do(r, nil)
}

// command carries out what a person asked for, and answers what became of it.
func (h *simHub) command(r *simRecord, what string, c incident.Command) (answer incident.Answer) {
	now, lease := h.wall(), h.s.set.target.Service.Lease
	h.do(r, func(tx *simTx) {
		before := tx.state
		var e incident.Entry
		joined := false
		switch what {
		case "ack", string(inbox.Acknowledge):
			var entries []incident.Entry
			tx.state, answer, entries = h.s.core.acknowledge(before, c, lease, now)
			e, joined = entries[0], len(entries) > 1
			tx.entries = append(tx.entries, entries[1:]...)
		case string(inbox.Resolve):
			tx.state.Incident, answer, e = h.s.core.resolve(before.Incident, c, lease, now)
			if answer == incident.Applied {
				tx.told = append(tx.told, func() { h.s.check.silences(before.Incident) })
			}
		default:
			tx.state, answer, e = h.s.core.passOn(before, c, lease, now)
			tx.told = append(tx.told, func() { h.s.check.passedOn(r, before, c, answer) })
		}
		next, once := tx.state.Incident, h.once
		tx.entries = append(tx.entries, e)
		tx.told = append(tx.told, func() {
			if once != nil {
				once(answer)
			}
			if joined {
				h.s.check.joined(r, c.By)
			} else {
				h.s.check.commanded(r, what, before.Incident, next, c, answer, now)
			}
			h.s.check.changed(r, before.Incident, next, now)
			if before.Incident.Status == incident.Acknowledged && next.Holder == before.Incident.Holder && answer != incident.TooLate && (what == "ack" || what == string(inbox.Acknowledge)) {
				h.s.check.active(r, before.Incident, next, c.By, now)
			}
		})
	})
	return answer
}

// asked carries out one of a person's other commands, on an incident by chance.
func (h *simHub) asked(what string, u responder.UserID) {
	now := h.wall()
	if what == "page" {
		urgency := simPick(h.s, incident.High, incident.High, incident.Low)
		i, entries := h.s.core.open(incident.Command{By: u}, h.s.set.target, "come and look", urgency, now)
		h.create(i, h.s.set.policy, entries, func() {}, now)
		return
	}
	if len(h.store.records) == 0 {
		return
	}
	r, c := simPick(h.s, h.store.records...), incident.Command{By: u}
	length, fixed, lease := h.s.between(-time.Second, 20*time.Minute), h.s.chance(0.5), h.s.set.target.Service.Lease
	h.do(r, func(tx *simTx) {
		before := tx.state.Incident
		switch what {
		case "snooze":
			next, answer, entries := h.s.core.snooze(before, c, now.Add(length), fixed, lease, now)
			tx.state.Incident, tx.entries = next, append(tx.entries, entries...)
			tx.told = append(tx.told, func() { h.s.check.snoozed(r, before, next, u, now.Add(length), fixed, answer, now) })
		case "note":
			next, e := h.s.core.note(before, c, "on it", lease, now)
			tx.state.Incident, tx.entries = next, append(tx.entries, e)
			tx.told = append(tx.told, func() { h.s.check.active(r, before, next, u, now) })
		case "priority":
			next, _, e := h.s.core.prioritise(before, c, "P2", lease, now)
			tx.state.Incident, tx.entries = next, append(tx.entries, e)
			tx.told = append(tx.told, func() { h.s.check.active(r, before, next, u, now) })
		case "hand over", "keep":
			h.tenured(r, tx, what, c, now)
		default:
			h.moved(r, tx, what, c, now)
		}
	})
}

// commanded checks what became of a person's command.
func (c *simCheck) commanded(r *simRecord, what string, before, next incident.Incident, cmd incident.Command, answer incident.Answer, now time.Time) {
	lease := c.s.set.target.Service.Lease
	stale := cmd.Opening != 0 && cmd.Opening != before.Opening || cmd.Device != "" && lease > 0 && now.Sub(cmd.Made) > lease
	if stale != (answer == incident.TooLate) {
		c.s.fail("too late", "%s of opening %d made %s is answered %s in opening %d", what, cmd.Opening, cmd.Made, answer, before.Opening)
	}
	if answer != incident.Applied && next.Status != before.Status {
		c.s.fail("too late", "%s was answered %s and changed the incident to %s", what, answer, next.Status)
	}
	switch {
	case stale:
	case before.Cover.Asked() && what != string(inbox.Resolve) && !c.of(r).isAsked(cmd.By):
		if answer == incident.Applied && !c.of(r).wasPaged(cmd.By) {
			c.s.fail("cover", "%s was not asked, and to %s is answered %s", cmd.By, what, answer)
		}
	case what == "ack" || what == string(inbox.Acknowledge):
		p := c.of(r).openOf(cmd.By)
		succeeds := before.Status == incident.Acknowledged && p != nil && p.stage == escalation.Successor
		renews := next.QuietUntil.After(before.QuietUntil) && before.Holder == cmd.By
		if (answer == incident.Applied) != (before.Status == incident.Triggered || renews || succeeds) || answer == incident.Applied && next.Holder != cmd.By {
			c.s.fail("P4", "an acknowledgement of what is %s is answered %s, held by %q", before.Status, answer, next.Holder)
		}
	case what == string(inbox.Resolve):
		if (answer == incident.Applied) != before.Open() || answer == incident.Applied && next.Open() {
			c.s.fail("resolve", "a resolve of what is %s is answered %s", before.Status, answer)
		}
	}
}

// active: a person does something on an incident. If it is theirs, the lease is
// counted anew; nothing else changes.
func (c *simCheck) active(r *simRecord, before, next incident.Incident, u responder.UserID, now time.Time) {
	t := c.of(r)
	if lease := c.s.set.target.Service.Lease; t.acked && !t.turned && !t.isCover() && !t.snoozed && t.holder == u && lease > 0 {
		t.quiet = simLater(t.quiet, now.Add(lease))
	}
	if t.acked && !next.QuietUntil.Equal(t.quiet) || next.Status != before.Status || next.Holder != before.Holder {
		c.s.fail("lease", "%s is active at %s: quiet until %s, want %s", u, now, next.QuietUntil, t.quiet)
	}
}

// snoozed: a person puts an incident off.
func (c *simCheck) snoozed(r *simRecord, before, next incident.Incident, u responder.UserID, until time.Time, fixed bool, answer incident.Answer, now time.Time) {
	t := c.of(r)
	if allowed := before.Open() && until.After(now) && !t.isCover(); allowed != (answer == incident.Applied) {
		c.s.fail("snooze", "until %s at %s is answered %s", until, now, answer)
	} else if !allowed {
		return
	}
	if !t.acked {
		t.holder = u
	}
	t.held, t.calendar = time.Time{}, false
	t.acked, t.quiet, t.snoozed, t.fixed = true, until, true, fixed
	if next.Status != incident.Acknowledged || !next.QuietUntil.Equal(until) || next.Holder != t.holder {
		c.s.fail("snooze", "until %s, want %s, held by %s", next.QuietUntil, until, next.Holder)
	}
}
