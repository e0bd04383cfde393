package incident

import (
	"fmt"
	"strings"
	"time"

	"tocsin/hub/responder"
)

// Names looks up what people call things.
type Names struct {
	User   func(responder.UserID) string
	Device func(responder.DeviceID) string
}

// Sentence tells an entry to a person.
func (e Entry) Sentence(n Names) string {
	return e.sentence(n) + e.cutOff()
}

// cutOff says when a person did what the hub heard of later.
func (e Entry) cutOff() string {
	switch e.Kind {
	case KindAcknowledged, KindRenewed, KindResolved, KindPassedOn, KindHandingOver, KindTooLate, KindAlready, KindRefused:
	default:
		return ""
	}
	made, uncertain := strings.CutPrefix(e.Text, about)
	at, err := time.Parse(time.RFC3339, made)
	if e.Device == "" || err != nil {
		return ""
	}
	when := "at "
	if uncertain {
		when = "at about "
	}
	return " (done " + when + stamp(at) + ", while the device was cut off)"
}

func (e Entry) sentence(n Names) string {
	who, device := "", ""
	if e.User != "" {
		who = n.User(e.User)
	}
	if e.Device != "" {
		device = n.Device(e.Device)
	}
	because := strings.ReplaceAll(string(e.Reason), "_", " ")
	if s := e.coverSentence(who, device); s != "" {
		return s
	}
	switch e.Kind {
	case KindTriggered, KindReopened, KindAlertAdded:
		if e.Reason == ReasonByUser {
			return fmt.Sprintf("Opened by %s: %s", who, e.Text)
		}
		return fmt.Sprintf("%s: %s", capital(e.Kind), e.Text)
	case KindHeld:
		return heldSentence(e)
	case KindMerged, KindTookIn, KindPriority, KindPolicyRefreshed:
		return peoplesSentence(e, who+e.by(device))
	case KindFlapping, KindResolveHeld:
		return flappingSentence(e)
	case KindAcknowledged:
		if who == "" {
			return "Acknowledged by its source"
		}
		return "Acknowledged by " + who + e.by(device)
	case KindRenewed:
		return who + " is still on it" + e.by(device)
	case KindSnoozed:
		return "Put off by " + who + e.by(device) + " until " + clock(e.Text)
	case KindEscalated:
		return "Escalated by " + who + e.by(device)
	case KindReassigned:
		return "Reassigned by " + who + e.by(device) + " to " + n.people(e.Text)
	case KindAdded:
		return who + e.by(device) + " asks for help: " + n.people(e.Text)
	case KindJoined:
		return who + " comes to help" + e.by(device)
	case KindAssigned:
		return fmt.Sprintf("Given to a user by hand, in place of level %d", max(e.Level, 1))
	case KindNote:
		return who + " notes: " + e.Text
	case KindSourceSilent, KindSourceBack:
		return silenceSentence(e)
	case KindAlertResolved:
		return alertResolvedSentence(e)
	case KindResolved:
		return resolvedSentence(e, who, device)
	case KindUrgencyRaised:
		if e.Reason == ReasonSuppressed {
			return "No rule suppresses it any more: people are told"
		}
		return "The urgency rose to high: " + e.Text
	case KindLevelEntered:
		return fmt.Sprintf("Level %d, round %d (%s)", e.Level, e.Round, because)
	case KindLevelPassed:
		return fmt.Sprintf("Level %d passed over: %s", e.Level, because)
	case KindCatchAll:
		return "The catch-all is paged: " + because
	case KindHolder:
		return "Whoever had it is asked again (" + because + ")"
	case KindStormJoined:
		return "The page of " + who + " goes with the others that are open: their alarm rang or was shown just now"
	case KindShiftOver:
		return "The shift of " + who + " is over: asked whether to hand it over"
	case KindHandingOver:
		return "Handed over by " + who + e.by(device) + ": the successor is paged"
	case KindHandedOver:
		return who + " has handed it over to " + n.User(responder.UserID(e.Text))
	case KindKept:
		return "Kept beyond the shift by " + who + e.by(device) + " until " + clock(e.Text)
	case KindStopped:
		return "Nothing further is planned: " + because
	case KindPaged:
		return fmt.Sprintf("%s is paged (%s)", who, because)
	case KindMethodUsed:
		return fmt.Sprintf("The page of %s travels by %s (%s)", who, e.Method, because)
	case KindMethodAccepted, KindMethodDelayed, KindMethodFailed:
		return methodSentence(e, who)
	case KindCall:
		return callSentence(e, who)
	case KindPageFailed:
		return fmt.Sprintf("The page of %s failed: %s", who, because)
	case KindPageEnded:
		return fmt.Sprintf("The page of %s ended: %s", who, strings.ReplaceAll(e.Text, "_", " "))
	case KindPassedOn:
		return passedOnSentence(e, who, device)
	case KindReceived, KindRinging, KindShown, KindTouched, KindHidden, KindDeviceFailed:
		return receiptSentence(e, who, device)
	case KindTooLate:
		return fmt.Sprintf("What %s did%s came too late: %s", who, e.by(device), plainly(e.Reason))
	case KindRefused:
		return fmt.Sprintf("What %s wanted%s was refused: %s", who, e.by(device), plainly(e.Reason))
	case KindAlready:
		return fmt.Sprintf("What %s did%s changed nothing: %s", who, e.by(device), plainly(e.Reason))
	case KindClockMoved:
		return "The hub's clock was set back; all waits moved by " + e.Text
	case KindQuietEnded:
		return quietEndedSentence(e, because)
	}
	return strings.TrimSpace(capital(e.Kind) + " " + who + " " + because)
}

// silenceSentence tells of a source that may or may not be able to say more.
func silenceSentence(e Entry) string {
	source, heartbeat, _ := strings.Cut(e.Text, " ")
	if e.Kind == KindSourceBack {
		return fmt.Sprintf("Source back: %s pings again; %s must be quiet once more for this to resolve", heartbeat, source)
	}
	return fmt.Sprintf("Source silent: %s repeats nothing, but its heartbeat %s does not come either; this stays open", source, heartbeat)
}

func alertResolvedSentence(e Entry) string {
	if e.Reason == ReasonQuiet {
		return "An alert of " + e.Text + " has been quiet for long enough, and its source is alive: it is over; others are not"
	}
	return "An alert has ended; others have not"
}

// peoplesSentence tells what people did with the incident as a whole.
func peoplesSentence(e Entry, who string) string {
	number, summary, _ := strings.Cut(e.Text, " ")
	switch {
	case e.Kind == KindMerged:
		return who + " merged it into incident " + e.Text + ": it goes on there"
	case e.Kind == KindTookIn:
		return who + " merged incident " + number + " into this one: " + summary
	case e.Kind == KindPolicyRefreshed:
		return who + " made it follow the escalation policy " + e.Text + " as it is now"
	case e.Reason == ReasonMerged:
		return "The priority is " + e.Text + ", as that of what was merged into it"
	case e.Text == "":
		return who + " took the priority away"
	}
	return who + " says that the priority is " + e.Text
}

// flappingSentence tells of an incident that comes back again and again.
func flappingSentence(e Entry) string {
	switch {
	case e.Kind == KindResolveHeld:
		return "Its alerts have ended, but it is flapping: it resolves when it has been quiet for " + e.Text
	case e.Reason == ReasonFiresAgain:
		return "It fires again before it was quiet for long enough: it goes on, flapping"
	}
	return "It is flapping: it came back three times in 30 minutes. From now on it resolves only when it has been quiet for " + e.Text
}

// shortly is a length of time as people write it.
func shortly(d time.Duration) string {
	s := d.String()
	if d%time.Minute == 0 {
		s = strings.TrimSuffix(s, "0s")
	}
	if d%time.Hour == 0 {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// heldSentence says until when nobody is paged, and why.
func heldSentence(e Entry) string {
	until, note, _ := strings.Cut(e.Text, " ")
	until = clock(until)
	switch e.Reason {
	case ReasonSuppressed:
		return "A rule of the service suppresses it, so nobody is told: " + e.Text
	case ReasonMaintenance:
		if note != "" {
			note = " (" + note + ")"
		}
		return "Maintenance" + note + ": nobody is paged before it ends at " + until + "; what is open then pages"
	case ReasonSupportHours:
		return "Low urgency outside support hours: nobody is told before they begin at " + until
	}
	return "Nobody is paged for " + e.Text + ": it may end by itself"
}

func quietEndedSentence(e Entry, because string) string {
	switch e.Reason {
	case "maintenance_over":
		return "The maintenance is over, and this is still open"
	case "support_hours_begin":
		return "Support hours have begun, and this is still open"
	}
	return "The quiet time is over: " + because
}

// passedOnSentence tells who gave a page away, and what made them.
func passedOnSentence(e Entry, who, device string) string {
	switch e.Reason {
	case ReasonOffDuty:
		return "Passed on, as " + who + " goes off duty" + e.by(device)
	case ReasonOffboarded:
		return "Passed on, as " + who + " leaves"
	}
	return "Passed on by " + who + e.by(device)
}

func resolvedSentence(e Entry, who, device string) string {
	switch {
	case e.Reason == ReasonQuiet:
		return "Resolved: " + e.Text + " has been quiet for long enough, and its source is alive"
	case e.Reason == ReasonTestPage:
		return "The test is over: nobody has answered it"
	case e.Reason == ReasonQuietSince:
		return "Resolved: its alerts have ended, and it stayed quiet"
	case who == "":
		return "Resolved: its alerts have ended"
	case e.Reason == ReasonStillFiring:
		return "Resolved by " + who + on(device) + "; its source has not said that it is over"
	}
	return "Resolved by " + who + on(device)
}

// methodSentence tells what became of a message, with the gateway's own words.
func methodSentence(e Entry, who string) string {
	what := map[Kind]string{
		KindMethodAccepted: "was taken by", KindMethodDelayed: "is not yet taken by", KindMethodFailed: "was not taken by",
	}[e.Kind]
	s := fmt.Sprintf("The message to %s %s %s", who, what, e.Method)
	if e.Reason == ReasonBundled {
		s += " in one for several incidents"
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	if e.Kind == KindMethodDelayed {
		s += "; it is tried again"
	}
	return s
}

// callSentence tells how a call went.
func callSentence(e Entry, who string) string {
	what, ok := map[Reason]string{
		ReasonCallRings: "rings", ReasonCallAnswered: "was answered", ReasonCallNoKey: "was answered, and no key was pressed",
		ReasonCallBusy: "was busy", ReasonCallNoAnswer: "was not answered", ReasonCallFailed: "could not be put through",
		ReasonTextDelivered: "was delivered", ReasonTextLost: "was not delivered",
	}[e.Reason]
	if !ok {
		what = string(e.Reason)
	}
	thing := "call"
	if e.Reason == ReasonTextDelivered || e.Reason == ReasonTextLost {
		thing = "text"
	}
	s := fmt.Sprintf("The %s to %s by %s %s", thing, who, e.Method, what)
	if e.Text != "" {
		s += "; " + e.Text
	}
	return s
}

func receiptSentence(e Entry, who, device string) string {
	what := map[Kind]string{
		KindReceived: "has arrived", KindRinging: "rings", KindShown: "is on the screen", KindTouched: "was touched",
		KindHidden: "was hidden without an acknowledgement", KindDeviceFailed: "could neither ring nor show",
	}[e.Kind]
	s := fmt.Sprintf("The page of %s %s%s", who, what, on(device))
	if e.Text != "" {
		s += " (" + e.Text + ")"
	}
	return s
}

// by says on which device, or by which contact method, somebody did something.
func (e Entry) by(device string) string {
	if e.Method != "" {
		return " by " + string(e.Method)
	}
	return on(device)
}

func on(device string) string {
	if device == "" {
		return ""
	}
	return " on " + device
}

// plainly says why what a person did had no effect.
func plainly(r Reason) string {
	words := map[Reason]string{
		ReasonTakenBefore: "somebody had it already", ReasonNotOpen: "it was over already",
		ReasonNewOpening: "the incident was triggered again since", ReasonOlderThan: "it was longer ago than an acknowledgement holds",
		ReasonNoOpenPage: "there was no page to pass on",
		ReasonNoSuchTime: "that time is not ahead, or more than 7 days",
		"not_held":       "nobody had it", "hand_over": "it was being handed over already",
	}
	if w, ok := words[r]; ok {
		return w
	}
	return strings.ReplaceAll(string(r), "_", " ")
}

func capital(k Kind) string {
	s := strings.ReplaceAll(string(k), "_", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

// people are users by name; what is no user's id stays.
func (n Names) people(ids string) string {
	names := strings.Split(ids, ", ")
	for i, id := range names {
		names[i] = n.User(responder.UserID(id))
	}
	return strings.Join(names, ", ")
}

// clock is a stored time as the timeline's own times are written.
func clock(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return stamp(at)
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 MST") }
