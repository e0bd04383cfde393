package incident

import "time"

// OpenBy makes an incident that a person opened by hand: nobody's alerts stand
// behind it, so it ends when a person says so. ID and Number are left for the
// shell to fill.
func OpenBy(c Command, t Target, text string, u Urgency, now time.Time) (Incident, []Entry) {
	i := Incident{
		Service: t.Service.ID, Status: Triggered, Urgency: u, Summary: text,
		Policy: t.Service.Policy, Revision: t.Revision, Opening: 1, TriggeredAt: now, FirstAt: now,
	}
	e := c.entry(KindTriggered, ReasonByUser, now)
	e.Text = text
	return i, []Entry{e}
}
