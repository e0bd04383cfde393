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
}

// Duty says whether the user is off duty, and until when.
type Duty struct {
	Off   bool
	Until time.Time
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
	// Key names the page in intents; it is never shown.
	Key    string
	Number uint64
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
}

// Cover is one stretch in which somebody else is paged instead.
type Cover struct {
	Service    string
	Start, End time.Time
	// Instead: who is paged; none means nobody but the catch-all.
	Instead []string
}
