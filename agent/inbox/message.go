package inbox

import "time"

// Message is something that happened. The set is sealed.
type Message interface{ message() }

// Started is the first message: the agent runs, with what its journal held.
type Started struct{ Journal Durable }

// Connected is the first frame of a stream; a snapshot follows.
type Connected struct{ HubName, UserName string }

// PageCame is a page opened or changed, in a snapshot or after it.
type PageCame struct{ Page Page }

// SnapshotEnded closes the snapshot: what the agent holds and was not in it is
// over.
type SnapshotEnded struct{}

// BeatCame asks whether the device could alarm now.
type BeatCame struct{}

// DutyCame says whether the user is off duty.
type DutyCame struct{ Duty Duty }

// RosterCame says when the user is on call.
type RosterCame struct{ Roster Roster }

// DrainCame announces that the hub goes away on purpose. BackAt may be zero.
type DrainCame struct{ BackAt time.Time }

// LinkLost says that there is no stream. It may be repeated with a better Why;
// the outage began with the first. NoNetwork: this machine has no network at all.
type LinkLost struct {
	Why       string
	NoNetwork bool
}

// SignedOut ends the device's life on this hub.
type SignedOut struct{ Reason string }

// Answered is the hub's word on one report. Answers to reports that are no
// longer waiting are ignored.
type Answered struct {
	ReportID string
	Answer   Answer
	Text     string // by whom, or why not
}

// Asked is a command of the person on a page, or on an incident that the user
// holds, naming the opening seen.
type Asked struct {
	Command Command
	Key     Key
	Opening uint32
	Until   time.Time // of Snooze and Keep
}

// AskedAll is one command on everything that was on the screen, and nothing
// else; see Seen. Acknowledging all accepts no cover request: that is a promise
// of hours, and wants a click of its own.
type AskedAll struct {
	Command Command
	Seen    []Seen
	Until   time.Time
}

// Seen is a page or a held incident as it stood on the screen when the person
// acted. A list that scrolls has all that it holds on the screen; what a front
// leaves out of its list, with a count or without a word, is not on it.
type Seen struct {
	Key     Key
	Opening uint32
}

// Proof is what the shell saw of an alarm, for the pages that were part of it.
type Proof struct {
	Kind   ReceiptKind // Ringing, Shown, Touched or Hidden
	Keys   []Key
	Detail string
}

// CouldNot says that one of the two ways to alarm did not work, and why. A page
// has failed once both have; Silent ways (a terminal has no sound) say so too.
type CouldNot struct {
	Way  Way
	Keys []Key
	Why  string
}

// Readiness says whether the device could alarm now, and what is wrong, one
// sentence each. A device can be ready and have problems.
type Readiness struct {
	Ready    bool
	Problems []string
}

// HoldingCame is the whole list of the incidents that the user holds.
type HoldingCame struct{ Incidents []Incident }

// NoticeCame tells something that asks for no acknowledgement. The hub repeats
// it in each snapshot until it has heard that it was shown.
type NoticeCame struct{ Notice Notice }

// NoticeShown says that the person was shown a notice.
type NoticeShown struct{ ID string }

// ProbeCame asks for a silent test of the way to an alarm.
type ProbeCame struct{ ID string }

// AlarmTried answers TryAlarm.
type AlarmTried struct {
	Probe    string
	Ready    bool
	Problems []string
}

// CallSheetCame is who is on call in the next days, with numbers.
type CallSheetCame struct {
	MadeAt time.Time
	Text   string
}

// LostQuieted silences the alarm for the lost hub until the next outage.
type LostQuieted struct{}

// Tick lets time pass; see Due.
type Tick struct{}

// Woke says that this machine was asleep until now.
type Woke struct{}

// Way is one way to alarm a person.
type Way string

// The ways.
const (
	ByScreen Way = "screen"
	BySound  Way = "sound"
)

// Answer is the kind of the hub's word on a report.
type Answer string

// The answers. Any other counts as Refused: the page then goes on ringing,
// which is the safe side.
const (
	Applied Answer = "applied"
	Already Answer = "already"
	TooLate Answer = "too_late"
	Refused Answer = "refused"
)

func (Started) message()       {}
func (Connected) message()     {}
func (PageCame) message()      {}
func (SnapshotEnded) message() {}
func (BeatCame) message()      {}
func (DutyCame) message()      {}
func (RosterCame) message()    {}
func (DrainCame) message()     {}
func (LinkLost) message()      {}
func (SignedOut) message()     {}
func (Answered) message()      {}
func (Asked) message()         {}
func (AskedAll) message()      {}
func (HoldingCame) message()   {}
func (NoticeCame) message()    {}
func (NoticeShown) message()   {}
func (ProbeCame) message()     {}
func (AlarmTried) message()    {}
func (CallSheetCame) message() {}
func (Proof) message()         {}
func (CouldNot) message()      {}
func (Readiness) message()     {}
func (LostQuieted) message()   {}
func (Tick) message()          {}
func (Woke) message()          {}
