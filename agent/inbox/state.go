package inbox

import (
	"slices"
	"time"
)

// State is all that the agent knows. Reduce never changes the one it is given.
type State struct {
	Durable
	Link  Uplink
	Ready bool

	// LostAlarm: the alarm for the lost hub sounds now.
	LostAlarm bool
	lostUntil time.Time
	// raiseAt is when the window is to be brought up again.
	raiseAt time.Time
	// stream counts streams of this process; listed are the keys that the
	// present snapshot has named.
	stream     int
	heard      time.Time // the hub, last; at first the start, as proofs are no older
	inSnapshot bool
	listed     map[Key]bool
}

// Durable is the part of the state that outlives the process: the journal's
// content. It is plain data with no unexported meaning.
type Durable struct {
	HubName, UserName string
	Pages             []Held
	Forgotten         []Forgotten
	Outbox            []Report
	Duty              Duty
	Roster            Roster
	// LostRung: the present outage has had its alarm.
	LostRung bool
}

// Kept is what the journal is to hold. Of a device that is signed out that is
// what it never told the hub: its pages are no longer this device's, and the
// next start must not alarm for them.
func (s State) Kept() Durable {
	if s.Link.Status == LinkOver {
		return Durable{HubName: s.HubName, UserName: s.UserName, Outbox: s.Outbox}
	}
	return s.Durable
}

// Held is a page and what this device did about it.
type Held struct {
	Page   Page
	SeenAt time.Time // when this device first had it, by its own clock
	Told   Told      // the receipts that still hold
	// Escalated: somebody else has been paged since this device had it.
	Escalated bool
	// Settled: the hub has answered a command about it, and the frame that
	// ends it may still be on its way.
	Settled bool
	// Note is what became of it, to show.
	Note string

	unproven  bool // from the journal, old, not yet confirmed by the hub
	settledIn int  // the stream during which it was settled
	failures  failures
}

// failures are the ways that did not work, by why; empty: not known to fail.
type failures struct{ screen, sound string }

// Forgotten keeps the key of a page that was over long ago, so that it never
// alarms as new again.
type Forgotten struct {
	Key     Key
	Version uint64
	At      time.Time
}

// Duty is the user's own absence. A zero Until has no end.
type Duty struct {
	Off   bool
	Until time.Time
}

// Roster says when the user is on call; it knows nothing after Until.
type Roster struct {
	Shifts []Shift
	Until  time.Time
}

// Shift is one stretch [Start, End) on call.
type Shift struct {
	ScheduleID, Schedule string
	Start, End           time.Time
}

// LinkStatus is the state of the stream to the hub.
type LinkStatus string

// The states of the link.
const (
	LinkDown LinkStatus = "lost"
	LinkUp   LinkStatus = "connected"
	LinkOver LinkStatus = "signed_out"
)

// Uplink is the stream to the hub, as the agent sees it.
type Uplink struct {
	Status    LinkStatus
	Since     time.Time
	Why       string // a sentence, while there is no stream
	NoNetwork bool
	BackAt    time.Time // announced by a drain
}

// How long things last.
const (
	raiseEvery    = 60 * time.Second
	doubtAfter    = 30 * time.Second
	lostAfter     = 60 * time.Second
	lostRingsFor  = 5 * time.Minute
	silentAfter   = 10 * time.Minute
	keepEnded     = 24 * time.Hour
	keepForgotten = 30 * 24 * time.Hour
)

// Standing says why a page rings or does not.
type Standing string

// The standings. Only Rings and Escalated make a sound.
const (
	Rings       Standing = "rings"
	Escalated   Standing = "escalated" // went on to others: rings briefly once a minute
	Low         Standing = "low"
	Unconfirmed Standing = "unconfirmed" // a command waits for the hub
	Settled     Standing = "settled"
	PassedOn    Standing = "passed_on"
	Unproven    Standing = "unproven"
	Over        Standing = "over"
)

// Standing of a held page.
func (s State) Standing(h Held) Standing {
	_, waiting := s.Waiting(h.Page.Key)
	switch {
	case !h.Page.Open():
		return Over
	case waiting:
		return Unconfirmed
	case h.Page.PassedOn:
		return PassedOn
	case h.Settled:
		return Settled
	case h.unproven:
		return Unproven
	case !h.Page.Loud():
		return Low
	case h.Escalated:
		return Escalated
	}
	return Rings
}

// Held finds a page.
func (s State) Held(k Key) (Held, bool) {
	if i := s.find(k); i >= 0 {
		return s.Pages[i], true
	}
	return Held{}, false
}

func (s State) find(k Key) int {
	return slices.IndexFunc(s.Pages, func(h Held) bool { return h.Page.Key == k })
}

// Listed answers the pages with one of the given standings, the most urgent
// first.
func (s State) Listed(standings ...Standing) []Held {
	var out []Held
	for _, h := range s.Pages {
		if slices.Contains(standings, s.Standing(h)) {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, moreUrgent)
	return out
}

// Open answers every page that is not over, the most urgent first.
func (s State) Open() []Held {
	return s.Listed(Rings, Escalated, Low, Unconfirmed, Settled, PassedOn, Unproven)
}

// Window answers what belongs into the alarm window: the loud pages that are
// open and not settled.
func (s State) Window() []Held {
	return slices.DeleteFunc(s.Listed(Rings, Escalated, Unconfirmed, PassedOn, Unproven), func(h Held) bool {
		return !h.Page.Loud()
	})
}

// Mine answers the pages by which this user holds an incident that is not
// resolved: they can still be resolved from here.
func (s State) Mine() []Held {
	return slices.DeleteFunc(s.Listed(Over), func(h Held) bool {
		return h.Page.Outcome != OutcomeAcknowledged || h.Page.IncidentStatus == "resolved"
	})
}

// Sound is what should be heard.
type Sound string

// The sounds.
const (
	Silence   Sound = ""
	PageTone  Sound = "page"
	BriefTone Sound = "page, briefly"
	LostTone  Sound = "hub lost"
)

// Sound follows from the pages and the link; pages come first.
func (s State) Sound() Sound {
	sound := Silence
	if s.LostAlarm {
		sound = LostTone
	}
	for _, h := range s.Pages {
		switch s.Standing(h) {
		case Rings:
			return PageTone
		case Escalated:
			sound = BriefTone
		}
	}
	return sound
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
