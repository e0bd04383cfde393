package incident

import (
	"slices"
	"time"

	"tocsin/hub/responder"
)

// Command is what a person asks of an incident.
type Command struct {
	By     responder.UserID
	Device responder.DeviceID // empty from the web UI or the command line
	Method responder.MethodID // the contact method whose link or call it came from
	// Opening is the one that the person saw on the device; 0 asks about
	// whatever is open now.
	Opening int
	Made    time.Time // when the person did it; a device may have been cut off since
	// Uncertain: Made is what the device's clock says, which may have been set since.
	Uncertain bool
}

// Answer says what became of a command.
type Answer string

// The answers to commands.
const (
	Applied Answer = "applied"
	Already Answer = "already"  // somebody, possibly the same person, did it before
	TooLate Answer = "too_late" // recorded, and it quiets nothing
	Refused Answer = "refused"
)

// AcknowledgeBy takes the incident for a person. The first that the hub
// commits holds it; a later one is recorded and told who has it. One that
// names another opening, or is older than the lease, is too late. Again by who
// has it, it renews the lease. To acknowledge a test page ends it; to acknowledge
// a request for cover accepts it, for good.
func AcknowledgeBy(i Incident, c Command, lease time.Duration, now time.Time) (Incident, Answer, Entry) {
	if late, reason := tooLate(i, c, lease, now); late {
		return i, TooLate, c.entry(KindTooLate, reason, now)
	}
	if i.Test && i.Open() {
		return ResolveBy(i, c, lease, now)
	}
	if i.Cover.Asked() {
		lease = 0
	}
	switch i.Status {
	case Acknowledged:
		if next := Renewed(i, c, lease, now); next.QuietUntil != i.QuietUntil {
			return next, Applied, c.entry(KindRenewed, ReasonByUser, now)
		}
		return i, Already, c.entry(KindAlready, ReasonTakenBefore, now)
	case Triggered:
		next, entry := take(i, c.By, lease, now)
		entry.Device, entry.Method = c.Device, c.Method
		if i.Cover.Asked() {
			entry.Reason = ReasonCover
		}
		return next, Applied, entry
	}
	return i, Already, c.entry(KindAlready, ReasonNotOpen, now)
}

// TakeOverBy takes an acknowledged incident over from its holder, who hands it
// over to this person.
func TakeOverBy(i Incident, c Command, lease time.Duration, now time.Time) (Incident, Entry) {
	next, entry := take(i, c.By, lease, now)
	entry.Device, entry.Method = c.Device, c.Method
	return next, entry
}

// ResolveBy ends the incident for a person. Where its sources have not
// resolved, the reason of the entry is ReasonStillFiring.
func ResolveBy(i Incident, c Command, lease time.Duration, now time.Time) (Incident, Answer, Entry) {
	if late, reason := tooLate(i, c, lease, now); late {
		return i, TooLate, c.entry(KindTooLate, reason, now)
	}
	if !i.Open() {
		return i, Already, c.entry(KindAlready, ReasonNotOpen, now)
	}
	reason := ReasonByUser
	if i.Firing() > 0 {
		reason = ReasonStillFiring
	}
	return ended(i, now), Applied, c.entry(KindResolved, reason, now)
}

// Stale says whether a command from a device came too late to count, and why.
func (c Command) Stale(i Incident, lease time.Duration, now time.Time) (bool, Reason) {
	return tooLate(i, c, lease, now)
}

func tooLate(i Incident, c Command, lease time.Duration, now time.Time) (bool, Reason) {
	if c.Opening != 0 && c.Opening != i.Opening {
		return true, ReasonNewOpening
	}
	if c.Device != "" && lease > 0 && now.Sub(c.Made) > lease {
		return true, ReasonOlderThan
	}
	return false, ""
}

// cutOffAfter is how soon the hub hears of what a person does while the link
// works, retries included.
const cutOffAfter = 10 * time.Second

// about stands before a time that is not certain.
const about = "about "

// Dated notes when a person did what the hub hears of only now, in the entries
// that say what became of it: the device was cut off.
func (c Command) Dated(entries []Entry, now time.Time) []Entry {
	if c.Device == "" || now.Sub(c.Made) < cutOffAfter {
		return entries
	}
	made := c.Made.UTC().Format(time.RFC3339)
	if c.Uncertain {
		made = about + made
	}
	entries = slices.Clone(entries)
	for i, e := range entries {
		if e.Device == c.Device && e.Text == "" {
			entries[i].Text = made
		}
	}
	return entries
}

func (c Command) entry(k Kind, r Reason, now time.Time) Entry {
	return Entry{At: now, Kind: k, Reason: r, User: c.By, Device: c.Device, Method: c.Method}
}
