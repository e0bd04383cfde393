package inbox

import (
	"slices"
	"time"
)

// Report is one thing that the hub must hear of, once. It waits in the outbox,
// in the order made, until the hub has answered it.
type Report struct {
	Stamp
	Page    Key
	Receipt ReceiptKind // a receipt, with its detail …
	Detail  string
	Command Command // … or a command, with the opening that was seen
	Opening uint32
	Until   time.Time // of Snooze and Keep
	Notice  string    // … or the id of a notice that was shown
	Made    time.Time // wall time
}

// Stamp is what the shell adds to a report, because it takes chance or a clock
// of the machine: an id (UUIDv7), and the time since boot with the boot it
// belongs to, by which the report's age survives a step of the wall clock.
type Stamp struct {
	ID     string
	Boot   string
	Uptime time.Duration
}

// ReceiptKind is what a device can prove of a page.
type ReceiptKind string

// The receipts.
const (
	Received ReceiptKind = "received"
	Ringing  ReceiptKind = "ringing"
	Shown    ReceiptKind = "shown"
	Touched  ReceiptKind = "touched"
	Hidden   ReceiptKind = "hidden"
	Failed   ReceiptKind = "failed"
)

// Command is what a person can do about a page.
type Command string

// The commands.
const (
	Acknowledge Command = "acknowledge"
	Resolve     Command = "resolve"
	PassOn      Command = "pass_on"
	// Snooze keeps it quiet until a time; it acknowledges what nobody has yet.
	Snooze Command = "snooze"
	// HandOver and Keep answer the question at the end of a shift, of incidents
	// that the user holds.
	HandOver Command = "hand_over"
	Keep     Command = "keep"
)

// timed says that a command needs a time until which.
func (c Command) timed() bool { return c == Snooze || c == Keep }

// Stamped gives every report that has none yet its stamp. The shell calls it
// after each Reduce, before the state is journalled.
func Stamped(s State, stamp func() Stamp) State {
	unstamped := func(r Report) bool { return r.ID == "" }
	if !slices.ContainsFunc(s.Outbox, unstamped) {
		return s
	}
	s.Outbox = slices.Clone(s.Outbox)
	for i := range s.Outbox {
		if unstamped(s.Outbox[i]) {
			s.Outbox[i].Stamp = stamp()
		}
	}
	return s
}

// Waiting answers the last command about a page that the hub has not answered.
func (s State) Waiting(k Key) (Report, bool) {
	return s.lastCommand(func(about Key) bool { return about == k })
}

// WaitingOn answers the last command about an incident, by whatever page, that
// the hub has not answered.
func (s State) WaitingOn(incident string) (Report, bool) {
	return s.lastCommand(func(about Key) bool { return about.Incident == incident })
}

func (s State) lastCommand(means func(Key) bool) (Report, bool) {
	for _, r := range slices.Backward(s.Outbox) {
		if r.Command != "" && means(r.Page) {
			return r, true
		}
	}
	return Report{}, false
}

// commanded is the set of pages about which a command waits.
func (s State) commanded() map[Key]bool {
	all := map[Key]bool{}
	for _, r := range s.Outbox {
		if r.Command != "" {
			all[r.Page] = true
		}
	}
	return all
}

// Told is the set of receipts that hold for a page now: each is sent once, and
// again only after one that contradicts it.
type Told uint8

var receiptBits = map[ReceiptKind]Told{Received: 1, Ringing: 2, Shown: 4, Touched: 8, Hidden: 16, Failed: 32}

// contradicts names what is no longer so once a receipt has been told.
var contradicts = map[ReceiptKind][]ReceiptKind{
	Ringing: {Failed},
	Shown:   {Hidden, Failed},
	Hidden:  {Shown, Touched},
	Failed:  {Ringing, Shown},
}

// Has says that the receipt was told and still holds.
func (t Told) Has(k ReceiptKind) bool { return t&receiptBits[k] != 0 }

// lasting is what stays true when windows and sounds have gone.
func (t Told) lasting() Told { return t & receiptBits[Received] }

func (t Told) with(k ReceiptKind) Told {
	for _, gone := range contradicts[k] {
		t &^= receiptBits[gone]
	}
	return t | receiptBits[k]
}
