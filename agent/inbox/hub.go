package inbox

import "time"

// connected begins a stream: its snapshot first.
func (t *turn) connected(m Connected) {
	if t.s.Link.Status == LinkOver {
		return // it was on its way
	}
	t.s.stream++
	if t.now.Sub(t.s.heard) > doubtAfter {
		t.proveAgain()
		t.s.raiseAt = time.Time{}
	}
	t.s.heard = t.now
	t.s.inSnapshot, t.s.listed, t.s.holds = true, map[Key]bool{}, false
	if t.s.LostRung {
		t.s.LostRung, t.dirty = false, true
		t.do(Tell{Text: "The hub is back."})
	}
	t.s.LostAlarm = false
	t.s.Link = Uplink{Status: LinkUp, Since: t.now}
	if t.s.HubName != m.HubName || t.s.UserName != m.UserName {
		t.s.HubName, t.s.UserName, t.dirty = m.HubName, m.UserName, true
	}
	if len(t.s.Outbox) > 0 {
		t.deliver()
	}
}

// linkLost notes an outage. Failed attempts to reconnect belong to the same one.
func (t *turn) linkLost(m LinkLost) {
	if t.s.Link.Status == LinkOver {
		return
	}
	t.s.inSnapshot, t.s.listed, t.s.probes = false, nil, nil
	if t.s.Link.Status != LinkDown {
		t.s.Link.Since = t.now
	}
	t.s.Link.Status, t.s.Link.Why, t.s.Link.NoNetwork = LinkDown, m.Why, m.NoNetwork
}

// woke gives a link that was down before this machine slept a minute to come
// back before it alarms: nobody was awake to be alarmed.
func (t *turn) woke() {
	if t.s.Link.Status == LinkDown {
		t.s.Link.Since = t.now
	}
}

func (t *turn) signedOut(m SignedOut) {
	if t.s.Link.Status == LinkOver {
		return
	}
	t.s.inSnapshot, t.s.listed = false, nil
	t.s.Link = Uplink{Status: LinkOver, Since: t.now, Why: m.Reason}
	t.dirty = true // see Kept
	t.do(Stop(m))
}

// lostAlarm rings for a hub that is gone while its user is on call: an alarm
// system that died must not die silently. Once an outage, and it clears by
// itself.
func (t *turn) lostAlarm() {
	_, onCall := t.s.OnCall(t.now)
	needed := onCall && !t.s.OffDuty(t.now) && t.s.Link.Status != LinkUp && t.s.Link.Status != ""
	if !needed {
		t.s.LostAlarm = false
		return
	}
	if t.s.LostAlarm && !t.now.Before(t.s.lostUntil) {
		t.s.LostAlarm = false // nobody is there to quiet it
	}
	if t.s.LostRung || t.now.Before(t.s.lostAt()) {
		return
	}
	t.s.LostAlarm, t.s.LostRung, t.dirty = true, true, true
	t.s.lostUntil = t.now.Add(lostRingsFor)
	t.do(Tell{Text: LostText(t.s.Link)})
}

// lostAt is when an outage has lasted long enough to alarm. A hub that said
// when it would be back is waited for.
func (s State) lostAt() time.Time {
	from := s.Link.Since
	if s.Link.BackAt.After(from) {
		from = s.Link.BackAt
	}
	return from.Add(lostAfter)
}

// lostAlarmDue is when lostAlarm may next come to another conclusion.
func (s State) lostAlarmDue(now time.Time) time.Time {
	if s.Link.Status == LinkUp || s.Link.Status == "" {
		return time.Time{}
	}
	shift, onCall := s.OnCall(now)
	switch {
	case s.LostAlarm:
		return earlier(shift.End, s.lostUntil)
	case s.LostRung:
		return time.Time{}
	case onCall && now.Before(s.lostAt()):
		return s.lostAt()
	}
	next, ok := s.NextShift(now)
	if !ok || !next.Start.Before(s.Roster.Until) {
		return time.Time{}
	}
	if at := s.lostAt(); at.After(next.Start) {
		return at
	}
	return next.Start
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
