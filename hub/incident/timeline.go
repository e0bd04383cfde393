package incident

import (
	"time"

	"tocsin/hub/responder"
)

// Reason is a named cause. The same constant goes into the timeline, the
// metric and the test.
type Reason string

// Kind says what a timeline entry tells.
type Kind string

// The kinds of timeline entries.
const (
	KindTriggered      Kind = "triggered"
	KindReopened       Kind = "reopened"
	KindAlertAdded     Kind = "alert_added"
	KindAlertResolved  Kind = "alert_resolved"
	KindUrgencyRaised  Kind = "urgency_raised"
	KindHeld           Kind = "held"
	KindFlapping       Kind = "flapping"
	KindResolveHeld    Kind = "resolve_held"
	KindAcknowledged   Kind = "acknowledged"
	KindRenewed        Kind = "renewed"
	KindSnoozed        Kind = "snoozed"
	KindNote           Kind = "note"
	KindEscalated      Kind = "escalated"
	KindReassigned     Kind = "reassigned"
	KindAdded          Kind = "added"
	KindJoined         Kind = "joined"
	KindAssigned       Kind = "assigned"
	KindResolved       Kind = "resolved"
	KindTooLate        Kind = "too_late"
	KindAlready        Kind = "already"
	KindRefused        Kind = "refused"
	KindQuietEnded     Kind = "quiet_ended"
	KindLevelEntered   Kind = "level_entered"
	KindLevelPassed    Kind = "level_passed_over"
	KindCatchAll       Kind = "catch_all"
	KindHolder         Kind = "holder_asked_again"
	KindStormJoined    Kind = "storm_joined"
	KindShiftOver      Kind = "shift_over"
	KindHandingOver    Kind = "handing_over"
	KindHandedOver     Kind = "handed_over"
	KindKept           Kind = "kept"
	KindStopped        Kind = "stopped"
	KindPaged          Kind = "paged"
	KindMethodUsed     Kind = "method_used"
	KindMethodAccepted Kind = "method_accepted"
	KindMethodDelayed  Kind = "method_delayed"
	KindMethodFailed   Kind = "method_failed"
	KindCall           Kind = "call" // how a telephone call went
	KindPageFailed     Kind = "page_failed"
	KindPassedOn       Kind = "passed_on"
	KindPageEnded      Kind = "page_ended"
	KindReceived       Kind = "received"
	KindRinging        Kind = "ringing"
	KindShown          Kind = "shown"
	KindTouched        Kind = "touched"
	KindHidden         Kind = "hidden"
	KindDeviceFailed   Kind = "device_failed"
	KindClockMoved     Kind = "clock_moved"
	KindCovered        Kind = "covered"
	KindSourceSilent   Kind = "source_silent"
	KindSourceBack     Kind = "source_back"
)

// Reasons of transitions of an incident.
const (
	ReasonEvent         Reason = "event"
	ReasonByUser        Reason = "by_user"
	ReasonAlertsEnded   Reason = "alerts_ended"
	ReasonStillFiring   Reason = "still_firing"
	ReasonLease         Reason = "lease"
	ReasonHold          Reason = "hold"
	ReasonSuppressed    Reason = "suppressed"
	ReasonMaintenance   Reason = "maintenance"
	ReasonSupportHours  Reason = "support_hours"
	ReasonQuiet         Reason = "resolve_after_quiet"
	ReasonSnooze        Reason = "snooze"
	ReasonSnoozeFixed   Reason = "snooze_until_time_of_day"
	ReasonNoSuchTime    Reason = "no_such_time"
	ReasonNewOpening    Reason = "new_opening"
	ReasonOlderThan     Reason = "older_than_lease"
	ReasonNotOpen       Reason = "not_open"
	ReasonTestPage      Reason = "test_page"
	ReasonSeverityRose  Reason = "severity_rose"
	ReasonTakenBefore   Reason = "taken_before"
	ReasonUserMissing   Reason = "user_missing"
	ReasonCatchAllPage  Reason = "catch_all_page"
	ReasonNoOpenPage    Reason = "no_open_page"
	ReasonTimeUncertain Reason = "time_uncertain"
	ReasonPassing       Reason = "passing_failure"
	ReasonPermanent     Reason = "permanent_failure"
	ReasonGaveUp        Reason = "gave_up"
	ReasonCover         Reason = "cover"
	ReasonCovered       Reason = "covered"
	ReasonDeclined      Reason = "declined"
	ReasonUnanswered    Reason = "unanswered"
	ReasonWithdrawn     Reason = "withdrawn"
	ReasonNotAsked      Reason = "not_asked"
	ReasonOffDuty       Reason = "off_duty"
	ReasonOffboarded    Reason = "offboarded"
	ReasonNotNeeded     Reason = "not_needed"
	ReasonImpossible    Reason = "impossible"
	ReasonCallRings     Reason = "rings"
	ReasonCallAnswered  Reason = "answered"
	ReasonCallNoKey     Reason = "no_key"
	ReasonCallBusy      Reason = "busy"
	ReasonCallNoAnswer  Reason = "no_answer"
	ReasonCallFailed    Reason = "call_failed"
	ReasonFlapping      Reason = "flapping"
	ReasonReopenedOften Reason = "reopened_often"
	ReasonFiresAgain    Reason = "fires_again"
	ReasonQuietSince    Reason = "quiet_since" // a resolve that was held back takes effect
	ReasonTextDelivered Reason = "text_delivered"
	ReasonTextLost      Reason = "text_undelivered"
	ReasonBundled       Reason = "bundled" // one message for several incidents
)

// Entry is one line of an incident's timeline. Fields that do not apply are
// zero.
type Entry struct {
	At     time.Time
	Kind   Kind
	Reason Reason
	User   responder.UserID
	Device responder.DeviceID
	Method responder.MethodID
	Level  int
	Round  int
	Wave   int
	// Text is what a person or a source said in so many words. It is data, not
	// a sentence of ours.
	Text string
}
