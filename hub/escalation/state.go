package escalation

import (
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// State is everything that Decide looks at. Incident, Course and Pages are
// stored; Policy is the one snapshotted at the trigger; World is what the shell
// sees at the moment it asks.
type State struct {
	Incident incident.Incident
	Policy   Policy
	Course   Course
	Pages    []Page // the incident's pages, open ones and those of the present pass; by wave, then user
	World    World
}

// Stage is what the incident is waiting in.
type Stage string

// The stages; see the package's picture.
const (
	None     Stage = ""
	AtLevel  Stage = "level"
	Assigned Stage = "assigned" // to a user, by hand: a level of its own
	Holder   Stage = "holder"
	CatchAll Stage = "catch_all"
	Stopped  Stage = "stopped"
)

// The stages of pages of users who were added by hand, beside the incident's
// own stage.
const (
	Added  Stage = "added"
	Joined Stage = "joined" // while somebody has the incident: no acknowledgement but their own closes it
	// Successor: while somebody hands the incident over; whoever acknowledges has it.
	Successor Stage = "successor"
)

// Course is how far paging has come.
type Course struct {
	Stage     Stage              `json:"stage,omitempty"`
	Opening   int                `json:"opening,omitempty"` // the opening that this course is about
	Pass      int                `json:"pass,omitempty"`
	Round     int                `json:"round,omitempty"`
	Level     int                `json:"level,omitempty"`  // from 1; 0 outside AtLevel
	Target    int                `json:"target,omitempty"` // from 1, whose turn it is at the level; 0: all
	Entered   time.Time          `json:"entered,omitzero"`
	Due       time.Time          `json:"due,omitzero"` // when the stage is over
	Wave      int                `json:"wave,omitempty"`
	LeftOut   []responder.UserID `json:"left_out,omitempty"` // who passed on the opening LeftOutOf
	LeftOutOf int                `json:"left_out_of,omitempty"`
	After     incident.Reason    `json:"after,omitempty"` // the quiet that has just ended; paging has not begun again
	Asked     Ask                `json:"asked,omitzero"`  // what a person wants done at once
	Low       bool               `json:"low,omitempty"`   // a quiet notification that does not escalate
	Sent      []Sent             `json:"sent,omitempty"`  // what methods that do not wake were last used for
	Tenure    Tenure             `json:"tenure,omitzero"`
}

// leftOut are those who passed the present opening on, even if nobody was paged for
// it yet but by hand.
func (s State) leftOut() []responder.UserID {
	if s.Course.LeftOutOf != s.Incident.Opening {
		return nil
	}
	return s.Course.LeftOut
}

// leaveOut has a user paged no more for the present opening.
func (s State) leaveOut(u responder.UserID) State {
	s.Course.LeftOut, s.Course.LeftOutOf = append(slices.Clip(s.leftOut()), u), s.Incident.Opening
	return s
}

// Sent is the last use of a method that does not wake.
type Sent struct {
	User   responder.UserID   `json:"user"`
	Method responder.MethodID `json:"method"`
	At     time.Time          `json:"at"`
}

// Key names a page within its incident.
type Key struct {
	Wave int
	User responder.UserID
}

// Page is the hub's demand on one user to look at one incident.
type Page struct {
	Key
	Opening int
	Stage   Stage
	Pass    int
	Level   int
	Round   int
	Reason  incident.Reason
	Low     bool // a quiet notification, not an alarm
	At      time.Time

	Uses      []Use     // the methods used so far, in that order
	Failed    time.Time // when it was found that nothing reaches the user
	PassedOn  bool      // the user said "I can't" or went off duty
	HandedOff bool      // the shift went to somebody else
	Ended     time.Time
	Outcome   Outcome
	EndedBy   responder.UserID
}

// Use is one method that a page travelled by.
type Use struct {
	Method   responder.MethodID
	At       time.Time
	Answered time.Time // a gateway's answer; zero while it has not come
	Accepted bool
	Proofs   []Proof // of the devices, for responder.Devices
}

// Proof is what one device reported last of a page.
type Proof struct {
	Device responder.DeviceID
	Alive  time.Time // ringing or shown
	Failed time.Time // could neither ring nor show
}

// Outcome is how a page ended.
type Outcome string

// The outcomes (promise P6).
const (
	OutcomeAcknowledged Outcome = "acknowledged"
	OutcomeTaken        Outcome = "taken"
	OutcomeResolved     Outcome = "resolved"
	OutcomeSnoozed      Outcome = "snoozed"
	OutcomePassedOn     Outcome = "passed_on"
	OutcomeSuperseded   Outcome = "superseded"
	OutcomeMerged       Outcome = "merged"
)

// World is what the shell sees at the moment it asks.
type World struct {
	Levels   []Roster // one for each level of the policy
	CatchAll []responder.UserID
	Times    incident.Times // of the incident's service
	Sources  []Source       // of its alerts, where they resolve by quiet
	Reach    []Reach        // of every user named above or paged
	// HubStart is when this hub began to run, or woke from being suspended.
	HubStart time.Time
	// GraceUntil is the end of the quiet after a start, in which only new
	// triggers page, so that agents can hand in what they did meanwhile. Zero
	// when there is none.
	GraceUntil time.Time
	// OutageUntil is the end of a time in which no level is skipped, because most
	// devices dropped at once: what failed is a network, not people. Zero when there
	// is none.
	OutageUntil time.Time
}

// Roster is who is on call for a level.
type Roster struct {
	Users []responder.UserID
	// Targets are the users by target, in the policy's order; of a level whose
	// targets are paged in turn.
	Targets [][]responder.UserID
	Until   time.Time // when that may change, by a hand-off or an absence; zero: not in sight
}

// Reach is what is known of reaching one user.
type Reach struct {
	User    responder.UserID
	OffDuty bool
	Methods []Method // in force for the incident's urgency, by After
	Devices []Link   // all that are enrolled
	Storm   Storm
}

// Method is one way that a page may travel.
type Method struct {
	ID    responder.MethodID // responder.Devices for all devices
	After time.Duration
	Wakes bool
}

// Link is the stream of one device.
type Link struct {
	Device responder.DeviceID
	Since  time.Time // when its stream opened; zero when there is none
	GoneAt time.Time // without a stream: when it counts as gone
}

func (w World) reach(u responder.UserID) Reach {
	for _, r := range w.Reach {
		if r.User == u {
			return r
		}
	}
	return Reach{User: u}
}

func (w World) level(n int) Roster {
	if n < 1 || n > len(w.Levels) {
		return Roster{}
	}
	return w.Levels[n-1]
}

// onCall reports whether the policy names the user at this moment.
func (s State) onCall(u responder.UserID) bool {
	for _, l := range s.World.Levels {
		if slices.Contains(l.Users, u) {
			return !s.World.reach(u).OffDuty
		}
	}
	return false
}

// Page finds a page by key.
func (s State) Page(k Key) (Page, bool) {
	if i := s.find(k); i >= 0 {
		return s.Pages[i], true
	}
	return Page{}, false
}

func (s State) find(k Key) int {
	return slices.IndexFunc(s.Pages, func(p Page) bool { return p.Key == k })
}

// OpenPageOf finds the open page of a user; there is at most one.
func (s State) OpenPageOf(u responder.UserID) (Page, bool) {
	for _, p := range s.Pages {
		if p.User == u && p.Open() {
			return p, true
		}
	}
	return Page{}, false
}

// Open reports whether the page has not ended.
func (p Page) Open() bool { return p.Ended.IsZero() }

// ofLevel reports whether a walk over the levels made the page.
func (p Page) ofLevel() bool { return p.Stage == AtLevel || p.Stage == Assigned }

func (p Page) use(m responder.MethodID) (Use, bool) {
	for _, u := range p.Uses {
		if u.Method == m {
			return u, true
		}
	}
	return Use{}, false
}
