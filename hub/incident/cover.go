package incident

import (
	"time"

	"tocsin/hub/responder"
)

// A request for cover is an incident: somebody's shifts in a stretch are to be
// taken over. To acknowledge it accepts, to pass it on declines. It ends when
// what was accepted is entered in the schedules, when the colleague who was asked
// declines, when nobody has answered in time, and when who asked is back.

// Cover is what a user is asked to take over: somebody's shifts in [Start, End).
// The zero value asks for nothing.
type Cover struct {
	Of    responder.UserID `json:"of,omitempty"`
	Start time.Time        `json:"start,omitzero"`
	End   time.Time        `json:"end,omitzero"`
	// Schedules are the ids of those in which the shifts stand.
	Schedules []string `json:"schedules,omitempty"`
	// Until is by when somebody must have answered.
	Until time.Time `json:"until,omitzero"`
	// To is the one colleague who is asked. Without one the request goes along
	// Levels, as they stood when it was made.
	To     responder.UserID `json:"to,omitempty"`
	Levels []CoverLevel     `json:"levels,omitempty"`
}

// CoverLevel is who is asked at a time, and how long before the next are.
type CoverLevel struct {
	Users     []responder.UserID `json:"users,omitempty"`
	Teams     []responder.TeamID `json:"teams,omitempty"`
	Schedules []string           `json:"schedules,omitempty"` // who is on call there then
	Timeout   time.Duration      `json:"timeout"`
}

// CoverPolicy is the policy of every request for cover; no configured one can
// have this id.
const CoverPolicy = "cover:"

// Asked reports whether the incident is a request for cover.
func (c Cover) Asked() bool { return c.Of != "" }

// AskCover makes a request for cover. ID and Number are left for the shell to
// fill.
func AskCover(c Cover, text string, u Urgency, revision uint64, now time.Time) (Incident, []Entry) {
	i := Incident{
		Status: Triggered, Urgency: u, Summary: text, Cover: c,
		Policy: CoverPolicy, Revision: revision, Opening: 1, TriggeredAt: now, FirstAt: now,
	}
	return i, []Entry{{At: now, Kind: KindTriggered, Reason: ReasonCover, User: c.Of, Text: text}}
}

// EndCover ends a request for cover that is open, and says why:
// ReasonCovered, ReasonDeclined, ReasonUnanswered, ReasonWithdrawn,
// ReasonNotNeeded or ReasonImpossible.
func EndCover(i Incident, why Reason, now time.Time) (Incident, Entry) {
	e := Entry{At: now, Kind: KindResolved, Reason: why}
	switch why {
	case ReasonWithdrawn:
		e.User = i.Cover.Of
	case ReasonDeclined:
		e.User = i.Cover.To
	case ReasonCovered:
		e.User = i.Holder
	}
	return ended(i, now), e
}

// coverSentence tells the entries of a request for cover that differ from those
// of other incidents; "" for all others.
func (e Entry) coverSentence(who, device string) string {
	switch {
	case e.Kind == KindTriggered && e.Reason == ReasonCover:
		return "A request for cover: " + e.Text
	case e.Kind == KindAcknowledged && e.Reason == ReasonCover:
		return who + " accepts" + e.by(device)
	case e.Kind == KindPassedOn && e.Reason == ReasonCover:
		return who + " declines" + e.by(device)
	case e.Kind == KindCovered && e.Text == "":
		return who + " takes over; there was no shift left to give"
	case e.Kind == KindCovered:
		return who + " takes over: " + e.Text
	case e.Kind == KindRefused && e.Reason == ReasonNotAsked:
		return who + " cannot accept" + e.by(device) + ": only who was asked can"
	case e.Kind != KindResolved:
		return ""
	}
	switch e.Reason {
	case ReasonCovered:
		return "The request is over: the shifts are " + who + "'s"
	case ReasonDeclined:
		return "The request is over: " + who + " declined"
	case ReasonUnanswered:
		return "The request is over: nobody answered in time"
	case ReasonWithdrawn:
		return "The request is over: " + who + " took it back"
	case ReasonNotNeeded:
		return "The request is over: there is no shift left to take over"
	case ReasonImpossible:
		return "The request is over: it cannot be carried out (" + e.Text + ")"
	}
	return ""
}
