package inbox

import "time"

// Duty is the user's own absence. A zero Until has no end.
type Duty struct {
	Off   bool
	Until time.Time
	// WaitingFor was asked to take over and has not answered: until they accept
	// the user is on duty.
	WaitingFor   string
	WaitingUntil time.Time
}

// Roster says when the user is on call, and who is now in the schedules of the
// user's teams; it knows nothing after Until.
type Roster struct {
	Shifts []Shift
	Until  time.Time
	Now    []OnCallNow
}

// OnCallNow is who has one schedule; with no User nobody has.
type OnCallNow struct {
	ScheduleID, Schedule string
	UserID, User         string
	Until                time.Time
	Reachable            Reachable
}

// Reachable is all that others see of how a person can be reached; empty: it is
// not said.
type Reachable string

// Whether a person can be reached.
const (
	ReachableYes       Reachable = "yes"
	ReachableNo        Reachable = "no"
	ReachableUnchecked Reachable = "unchecked"
)

// Shift is one stretch [Start, End) on call.
type Shift struct {
	ScheduleID, Schedule string
	Start, End           time.Time
}

// OffDuty says whether the user is off duty at that moment, as far as known.
func (s State) OffDuty(now time.Time) bool {
	return s.Duty.Off && (s.Duty.Until.IsZero() || now.Before(s.Duty.Until))
}

// OnCall answers the shift of that moment by the last roster.
func (s State) OnCall(now time.Time) (Shift, bool) {
	if !now.Before(s.Roster.Until) {
		return Shift{}, false
	}
	for _, shift := range s.Roster.Shifts {
		if !now.Before(shift.Start) && now.Before(shift.End) {
			return shift, true
		}
	}
	return Shift{}, false
}

// NextShift answers the first shift that starts after that moment.
func (s State) NextShift(now time.Time) (Shift, bool) {
	var next Shift
	for _, shift := range s.Roster.Shifts {
		if shift.Start.After(now) && (next.Start.IsZero() || shift.Start.Before(next.Start)) {
			next = shift
		}
	}
	return next, !next.Start.IsZero()
}

// OnCallNow answers who is on call in the user's teams, as far as the last
// roster still tells.
func (s State) OnCallNow(now time.Time) []OnCallNow {
	var out []OnCallNow
	for _, o := range s.Roster.Now {
		if now.Before(s.Roster.Until) && (o.Until.IsZero() || now.Before(o.Until)) {
			out = append(out, o)
		}
	}
	return out
}
