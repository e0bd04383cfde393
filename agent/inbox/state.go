package inbox

import (
	"slices"
	"time"
)

// State is all that the agent knows. Reduce never changes the one it is given.
type State struct {
	Durable
	Link Uplink
	// Ready and Problems are what the shell last found out.
	Ready    bool
	Problems []string

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
	// holds: the hub has told what the user holds, in this stream.
	holds bool
	// askFrom is when, after a start, the journal's word on what the user holds
	// is good enough to ask by; zero: the hub has spoken.
	askFrom time.Time
	probes  []probe
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
	// Holding is what the user holds; HoldingKnown: the hub tells it.
	Holding      []Holding
	HoldingKnown bool
	// Notices are the last ones, in the order they came.
	Notices []Notice
	// RangUntil is when pages last stopped ringing; see storm.go.
	RangUntil time.Time
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
	// Joined: it came in a storm and waits for its turn to ring.
	Joined bool
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
	Joined      Standing = "joined" // listed in a storm, and silent until its turn
	PassedOn    Standing = "passed_on"
	Unproven    Standing = "unproven"
	Over        Standing = "over"
)

// Standing of a held page.
func (s State) Standing(h Held) Standing {
	_, waiting := s.Waiting(h.Page.Key)
	return h.standing(waiting)
}

func (h Held) standing(waiting bool) Standing {
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
	case h.Joined:
		return Joined
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
	commanded := s.commanded()
	for _, h := range s.Pages {
		if slices.Contains(standings, h.standing(commanded[h.Page.Key])) {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, moreUrgent)
	return out
}

// Open answers every page that is not over, the most urgent first.
func (s State) Open() []Held {
	return s.Listed(Rings, Escalated, Joined, Low, Unconfirmed, Settled, PassedOn, Unproven)
}

// Window answers what belongs into the alarm window: the loud pages that are
// open and not settled.
func (s State) Window() []Held {
	return slices.DeleteFunc(s.Listed(Rings, Escalated, Joined, Unconfirmed, PassedOn, Unproven), func(h Held) bool {
		return !h.Page.Loud()
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
	commanded := s.commanded()
	for _, h := range s.Pages {
		switch h.standing(commanded[h.Page.Key]) {
		case Rings:
			return PageTone
		case Escalated:
			sound = BriefTone
		}
	}
	return sound
}
