package ui

import "time"

// Model is everything the agent's windows and tray show. It is a plain value:
// whoever renders it may keep it, so nobody changes it (or what its slices
// hold) afterwards; a new state is a new Model.
type Model struct {
	Hub  Hub
	Duty Duty
	// Shift is when the user is on call, by the last roster.
	Shift Shift
	// Pages are the open pages of high urgency in the order to show them:
	// most severe first, among equals the newest first.
	Pages []Page
	// Low are the open pages of low urgency, in the same order: they make no
	// sound and have no place in the alarm window.
	Low []Page
	// Holding are the incidents that the user has acknowledged and that are not
	// resolved, in the order to show them.
	Holding []Held
	// Notices are what the hub told last, the newest first.
	Notices []Notice
	// OnCall says who is on call now in the schedules of the user's teams.
	OnCall []OnCall
	// CallSheet is the newest that the hub has sent.
	CallSheet CallSheet
	// Notice is a sentence about something that is over, for example
	// "#12 was already taken by Bob". Empty: none.
	Notice string
	// UserName and HubName stand in the status window.
	UserName, HubName string
}

// HubState is how the agent stands with its hub.
type HubState uint8

const (
	// Connecting: no stream yet, but none has been missed for long either.
	Connecting HubState = iota
	// Connected: the stream is open and its beats come.
	Connected
	// Lost: the hub does not answer although this machine has a network.
	Lost
	// NoNetwork: this machine itself has no network.
	NoNetwork
	// SignedOut: the hub no longer knows this device's credential.
	SignedOut
)

// Hub is the state of the link in a form to show.
type Hub struct {
	State HubState
	// Since is when the state began; the zero time is left out.
	Since time.Time
	// Sentence says more than the state's own words, for example why. It may
	// be empty.
	Sentence string
	// BackAt is when a hub that went on purpose said it would be back; zero:
	// it said nothing. Overdue: that is past, and it is not.
	BackAt  time.Time
	Overdue bool
}

// Duty says whether the user is off duty, and until when.
type Duty struct {
	Off   bool
	Until time.Time
	// WaitingFor was asked to take over and has not answered; until then the
	// user is on duty. Without an answer the question ends at WaitingUntil.
	WaitingFor   string
	WaitingUntil time.Time
}

// Shift says when the user is on call. All zero: no shift in the roster.
type Shift struct {
	// OnCall: on call at this moment, until Until.
	OnCall bool
	Until  time.Time
	// Next is the start of the next shift when not on call.
	Next     time.Time
	Schedule string
}

// PageState is what the person should know of where a page stands.
type PageState uint8

const (
	// Ringing: it wants to be acknowledged.
	Ringing PageState = iota
	// Quiet: still open and unacknowledged, but the sound was silenced.
	Quiet
	// AckUnconfirmed: acknowledged here; the hub does not know yet.
	AckUnconfirmed
	// ResolveUnconfirmed: resolved here; the hub does not know yet.
	ResolveUnconfirmed
	// PassOnUnconfirmed: passed on here; the hub does not know yet.
	PassOnUnconfirmed
	// PassedOn: passed on, and the hub knows; it stays open because it is the
	// last page that is alive. It can still be acknowledged.
	PassedOn
	// Escalated: another level has been paged since; it can still be
	// acknowledged here.
	Escalated
)

// Page is one open page. All text is taken as untrusted and shown as plain
// text.
type Page struct {
	// Key and Opening name the page in intents; they are never shown.
	Key     string
	Opening uint32
	Number  uint64
	// Service, Summary, Source and Severity as the hub sent them.
	Service, Summary, Severity, Source string
	// Since is when the incident was triggered, PagedAt when this user was
	// paged.
	Since, PagedAt time.Time
	// NextWho is paged at NextAt unless somebody acknowledges: this user again
	// where it is empty. NextAt is zero when it is not known.
	NextWho    string
	NextAt     time.Time
	AlsoPaged  []string
	Alerts     int
	State      PageState
	Note       string
	RunbookURL string
	Details    []Detail
	Links      []Link
	// Test: sent by the user to try the path; nothing is broken.
	Test bool
	// Priority is what people say of how much it matters, for example "P1".
	Priority string
	// Cover is set where somebody asks this user to take over: acknowledging
	// accepts, passing on declines.
	Cover *CoverRequest
}

// CoverRequest asks for somebody's shifts in [Start, End).
type CoverRequest struct {
	From       string
	Start, End time.Time
	Schedules  []string
}

// Detail is a name and a value from the event.
type Detail struct{ Name, Value string }

// Link is offered as a button if it is an http or https address.
type Link struct{ Href, Text string }

// DutyPreview is what going off duty until Until would change.
type DutyPreview struct {
	Until time.Time
	// Loading: the hub has been asked and has not answered yet.
	Loading bool
	// Err is a sentence that says why there is no preview. Empty: there is.
	Err      string
	Covers   []Cover
	Warnings []string
	// OpenPages counts the pages that would be passed on.
	OpenPages int
	// OnCallNow: leaving needs somebody who takes over.
	OnCallNow bool
	// Colleagues may be asked, the likeliest first.
	Colleagues []Colleague
	// Next is whom "I can't" asks.
	Next []Colleague
	// Done: the duty was changed; Said says how, Err why not.
	Done bool
	Said []string
}

// Colleague is somebody who may be asked to take over.
type Colleague struct {
	ID, Name  string
	Reachable Reachable
}

// Reachable is all that is shown of how somebody can be reached.
type Reachable uint8

const (
	ReachableUnknown Reachable = iota
	ReachableYes
	ReachableNo
	// ReachableUnchecked: nothing has been tried yet.
	ReachableUnchecked
)

// Cover is one stretch in which somebody else is paged instead.
type Cover struct {
	Service    string
	Start, End time.Time
	// Instead: who is paged; none means nobody but the catch-all.
	Instead []string
}

// Held is an incident that the user has acknowledged and that is not resolved.
type Held struct {
	// Key and Opening name it in intents; they are never shown.
	Key     string
	Opening uint32
	Number  uint64
	// Service, Summary and Severity as the hub sent them.
	Service, Summary, Severity string
	RunbookURL                 string
	// Since is when it was acknowledged.
	Since time.Time
	// QuietUntil is when paging begins again; zero: not by the clock.
	QuietUntil time.Time
	// Snoozed: put off by hand.
	Snoozed bool
	// Asks: "still on it?" waits for an answer.
	Asks bool
	// HandOverAt is set when the user's shift is over: the question whether to
	// hand over or to keep it waits for an answer until then.
	HandOverAt time.Time
	Successors []string
	// Waiting is what was asked for here and the hub does not know yet; zero:
	// nothing.
	Waiting IntentKind
}

// Notice is something the hub told that asks for no acknowledgement.
type Notice struct {
	ID, Title, Text string
	At              time.Time
}

// OnCall says who is on call now in one schedule.
type OnCall struct {
	ScheduleID, Schedule string
	// Name is empty where nobody is.
	Name string
	// Mine: it is this user.
	Mine      bool
	Until     time.Time
	Reachable Reachable
}

// CallSheet is who is on call in the next days, with numbers, as plain text.
// Empty text: the hub has not sent any.
type CallSheet struct {
	MadeAt time.Time
	Text   string
}
