package inbox

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Ended says what became of a page, in one sentence.
func Ended(p Page) string {
	by := ""
	if p.EndedBy != "" {
		by = " by " + p.EndedBy
	}
	if p.Cover != nil {
		return coverEnded(p, by)
	}
	switch p.Outcome {
	case "":
		return ""
	case "superseded":
		return "The earlier page is over; a newer one goes on."
	case OutcomeTaken:
		return "Taken" + by + "."
	case OutcomeAcknowledged:
		return "Acknowledged" + by + "."
	case "passed_on":
		return "Passed on" + by + "."
	case outcomeOver:
		return "This page is over."
	}
	return strings.ToUpper(p.Outcome[:1]) + strings.ReplaceAll(p.Outcome[1:], "_", " ") + by + "."
}

func coverEnded(p Page, by string) string {
	switch p.Outcome {
	case "":
		return ""
	case OutcomeTaken, OutcomeAcknowledged:
		return "Taken over" + by + "."
	case "passed_on":
		return "Declined" + by + "."
	}
	return "This request is over."
}

var done = map[Command]string{
	Acknowledge: "Acknowledged.", Resolve: "Resolved.", PassOn: "Passed on.",
	Snooze: "Snoozed.", HandOver: "Handed over.", Keep: "Kept.",
}

var coverDone = map[Command]string{Acknowledge: "You take over.", PassOn: "Declined."}

// answerText says what the hub made of a command on a page; a zero page stands
// for a held incident.
func answerText(c Command, p Page, m Answered) string {
	with := func(word string) string {
		switch {
		case m.Text == "":
			return word + "."
		case strings.HasPrefix(strings.ToLower(m.Text), strings.ToLower(word)):
			return m.Text
		}
		return word + ": " + m.Text
	}
	switch m.Answer {
	case Applied:
		switch {
		case m.Text != "":
			return m.Text // "Resolved. Its source has not said that it is over."
		case p.Cover != nil:
			return cmp.Or(coverDone[c], done[c])
		}
		return done[c]
	case Already:
		if m.Text != "" {
			return m.Text // "Already taken by Bob."
		}
		return "Already done."
	case TooLate:
		return with("Too late")
	}
	return with("Refused")
}

// WaitingText says what a command that the hub has not answered means, in one
// sentence; empty when none waits. Times are told in the zone of loc.
func (s State) WaitingText(h Held, now time.Time, loc *time.Location) string {
	if _, waiting := s.Waiting(h.Page.Key); !waiting {
		return ""
	}
	text := "The hub does not know yet"
	if h.Page.NextAt.IsZero() {
		return text + "."
	}
	who, is, was := h.Page.NextWho, "is", "was to be"
	if who == "" {
		who, is, was = "you", "are", "were to be"
	}
	if !now.Before(h.Page.NextAt) {
		is = was
	}
	return fmt.Sprintf("%s; %s %s paged at %s.", text, who, is, Clock(h.Page.NextAt, now, loc))
}

// Clock tells a time of day and its zone, with the date where it is another day.
func Clock(at, now time.Time, loc *time.Location) string {
	at, now = at.In(loc), now.In(loc)
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04 MST")
	}
	return at.Format("Mon 2 Jan 15:04 MST")
}

// LostText says that nobody can be alarmed here, and on whose side it lies.
func LostText(l Uplink) string {
	switch {
	case l.Status == LinkOver:
		return "You are on call, and this device is signed out of its hub: it cannot alarm you."
	case l.NoNetwork:
		return "You are on call, and this machine has no network: it cannot alarm you."
	}
	return "You are on call, and the hub cannot be reached: this machine cannot alarm you."
}

// Unheard says in a clause why the hub is not heard; empty: it is.
func (l Uplink) Unheard() string {
	switch {
	case l.Status == LinkUp:
		return ""
	case l.Status == LinkOver:
		return "this device is signed out"
	case l.NoNetwork:
		return "this machine has no network"
	}
	return "there is no connection to the hub"
}

// CoverText says what a cover request asks for, in one sentence.
func CoverText(c CoverRequest, now time.Time, loc *time.Location) string {
	what := "shift"
	if len(c.Schedules) > 0 {
		what = strings.Join(c.Schedules, ", ")
	}
	from := Clock(c.Start, now, loc)
	if !c.Start.After(now) {
		from = "now"
	}
	return fmt.Sprintf("%s asks you to take over: %s, from %s until %s.", cmp.Or(c.From, "A colleague"), what, from, Clock(c.End, now, loc))
}

// DutyText says where the user's absence stands, in one sentence.
func (s State) DutyText(now time.Time, loc *time.Location) string {
	d := s.Duty
	switch {
	case s.OffDuty(now) && d.Until.IsZero():
		return "Off duty."
	case s.OffDuty(now):
		return "Off duty until " + Clock(d.Until, now, loc) + "."
	case d.WaitingFor == "":
		return "On duty."
	}
	text := d.WaitingFor + " is asked to take over"
	if !d.WaitingUntil.IsZero() {
		text += ", and has until " + Clock(d.WaitingUntil, now, loc) + " to answer"
	}
	return text + "; you are on duty until then."
}
