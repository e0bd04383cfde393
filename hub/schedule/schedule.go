package schedule

import (
	"time"

	"tocsin/hub/responder"
)

// ID names a schedule in the configuration.
type ID string

// WhenAbsent says what becomes of a turn whose participant is absent.
type WhenAbsent string

// The ways to treat an absence. The zero value means NextParticipant.
const (
	// NextParticipant gives the turn to the next participant in the order of
	// the rotation who is neither absent then nor a gap; the layer is silent if
	// there is none.
	NextParticipant WhenAbsent = "next_participant"
	// Gap makes the layer silent, so that lower layers show.
	Gap WhenAbsent = "gap"
)

// Schedule says who is on call over time. It is a plain value: its methods
// change nothing and may be called from many goroutines at once. Validate tells
// whether it makes sense; the other methods answer for any value, and for one
// with problems the answers are of no use.
type Schedule struct {
	ID         ID
	Name       string
	Team       responder.TeamID
	Zone       *time.Location // of all wall-clock times in it; nil is UTC
	WhenAbsent WhenAbsent
	Layers     []Layer    // the last one that has somebody wins
	Overrides  []Override // in the order they were made
	Absences   []responder.Absence
	Recurring  []Recurring
}

// Layer is one rotation with its restrictions. It is silent before the start of
// its first turn, from Until on, outside its windows, and while the turn is a
// gap.
type Layer struct {
	Name         string // unique in the schedule
	Rotation     Rotation
	Participants []responder.UserID // in order of turns, also more than once; "" is a gap on purpose
	Restrictions []Restriction
	Until        time.Time // zero: it never ends
}

// Override puts a user on call for [Start, End), above all layers and all
// overrides made before.
type Override struct {
	ID       string
	Start    time.Time
	End      time.Time
	User     responder.UserID
	Replaces responder.UserID // acts only where this user would be on call; "" is whoever it is, or nobody
}

// Source tells who decided: a layer by its name or an override by its id. It is
// empty when nobody is on call.
type Source struct {
	Layer    string
	Override string
}

// Shift is a stretch [Start, End) of the final schedule in which neither user
// nor source changes. Its times are in the schedule's zone.
type Shift struct {
	Start  time.Time
	End    time.Time
	User   responder.UserID // "" is nobody
	Source Source
}
