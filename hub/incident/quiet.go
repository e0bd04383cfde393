package incident

import (
	"time"
)

// MaxSnooze is how far ahead an incident may be put off.
const MaxSnooze = 7 * 24 * time.Hour

// SnoozeBy keeps an open incident quiet until a time. What nobody has taken yet
// is thereby acknowledged, so the answer may come with two entries; whoever has
// it keeps it. fixed: until is a time of day, and no step of the hub's clock
// moves it. Refused for a time that has passed or is further off than MaxSnooze.
func SnoozeBy(i Incident, c Command, until time.Time, fixed bool, lease time.Duration, now time.Time) (Incident, Answer, []Entry) {
	if late, reason := tooLate(i, c, lease, now); late {
		return i, TooLate, []Entry{c.entry(KindTooLate, reason, now)}
	}
	switch {
	case !i.Open():
		return i, Already, []Entry{c.entry(KindAlready, ReasonNotOpen, now)}
	case i.Test:
		return i, Refused, []Entry{c.entry(KindRefused, ReasonTestPage, now)}
	case i.Cover.Asked():
		return i, Refused, []Entry{c.entry(KindRefused, ReasonCover, now)}
	case !until.After(now) || until.Sub(now) > MaxSnooze:
		return i, Refused, []Entry{c.entry(KindRefused, ReasonNoSuchTime, now)}
	}
	var entries []Entry
	if i.Status == Triggered {
		var taken Entry
		i, taken = take(i, c.By, 0, now)
		taken.Device = c.Device
		entries = append(entries, taken)
	}
	i.QuietUntil, i.QuietReason = until, ReasonSnooze
	if fixed {
		i.QuietReason = ReasonSnoozeFixed
	}
	snoozed := c.entry(KindSnoozed, i.QuietReason, now)
	snoozed.Text = until.UTC().Format(time.RFC3339)
	return i, Applied, append(entries, snoozed)
}

// NoteBy writes down what a person says of an incident, open or not. A note of
// the one who has it shows that they are on it, and renews the lease.
func NoteBy(i Incident, c Command, text string, lease time.Duration, now time.Time) (Incident, Entry) {
	e := c.entry(KindNote, ReasonByUser, now)
	e.Text = text
	return Renewed(i, c, lease, now), e
}

// Renews reports whether what a person does on an incident renews its lease:
// it is theirs.
func (i Incident) Renews(c Command) bool {
	return i.Status == Acknowledged && c.By != "" && i.Holder == c.By && i.QuietReason == ReasonLease
}

// Renewed counts the lease anew from now, because of what a person did: only of
// whoever has the incident, and never shorter.
func Renewed(i Incident, c Command, lease time.Duration, now time.Time) Incident {
	if until := now.Add(lease); i.Renews(c) && until.After(i.QuietUntil) {
		i.QuietUntil = until
	}
	return i
}

// Leased is the incident quiet for a lease from now on, and for nothing else.
func Leased(i Incident, lease time.Duration, now time.Time) Incident {
	i.QuietUntil, i.QuietReason = time.Time{}, ""
	if lease > 0 {
		i.QuietUntil, i.QuietReason = now.Add(lease), ReasonLease
	}
	return i
}

// Runs reports whether the incident is kept quiet for a length of time, which
// moves with the hub's clock and does not count the time in which no hub ran;
// not until a time of day.
func (i Incident) Runs() bool {
	switch i.QuietReason {
	case ReasonLease, ReasonSnooze, ReasonHold, ReasonSeverityRose:
		return !i.QuietUntil.IsZero()
	}
	return false
}

// Snoozed reports whether a person put the incident off.
func (i Incident) Snoozed() bool {
	return i.QuietReason == ReasonSnooze || i.QuietReason == ReasonSnoozeFixed
}

// Held reports whether the incident waits before it pages: for a moment, or for
// the calendar.
func (i Incident) Held() bool {
	return i.Status == Triggered && (i.QuietReason == ReasonHold || i.QuietReason == ReasonMaintenance || i.QuietReason == ReasonSupportHours)
}

// QuietEnded ends a lease, snooze or hold: the incident is triggered again, in the
// same opening.
func QuietEnded(i Incident) Incident {
	i.Status = Triggered
	i.QuietUntil, i.QuietReason = time.Time{}, ""
	return i
}
