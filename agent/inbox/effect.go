package inbox

import "time"

// Effect is something for the shell to do, once. The set is sealed. Whatever
// lasts (the sound, the window's content, the tray) is read off the state.
type Effect interface{ effect() }

// Save asks that the state's Durable part is on disk before any other effect
// of the same turn is carried out and before the new state is shown.
type Save struct{}

// Deliver says that reports wait for the hub.
type Deliver struct{}

// AnswerBeat answers a link beat. It is worth nothing later, so it is neither
// journalled nor repeated.
type AnswerBeat struct{ Ready bool }

// Announce alarms for a page as new: at most once for a key, ever.
type Announce struct {
	Page Page
	// Joins: it came in a storm that rings, or rang just now. It belongs into the
	// window, without a notification of its own.
	Joins bool
}

// Withdraw takes back what announced the page: it no longer wants the person.
type Withdraw struct{ Key Key }

// Raise brings the alarm window up, on the current workspace.
type Raise struct{}

// Tell shows the person one sentence, about the page if Key is not zero.
type Tell struct {
	Key  Key
	Text string
}

// Ask poses a question about incidents that the user holds: Of is all that it
// asks about now, the ones asked about before included. It stands until
// State.Asking has nothing of it.
type Ask struct {
	Question Question
	Of       []Holding
}

// Remind tells quietly that incidents are still open in the user's hands.
type Remind struct{ Of []Holding }

// Notify shows a notice, quietly; NoticeShown is to follow once it was seen to
// be shown.
type Notify struct{ Notice Notice }

// TryAlarm asks the shell to find out, with no sound and no window, whether an
// alarm would be heard or seen now; AlarmTried is to follow.
type TryAlarm struct{ Probe string }

// AnswerProbe answers a probe. Like a beat's answer it is worth nothing later.
type AnswerProbe struct {
	Probe    string
	Ready    bool
	Problems []string
}

// KeepSheet asks that the call sheet be on disk, in place of the one before.
type KeepSheet struct {
	MadeAt time.Time
	Text   string
}

// Stop ends the link for good.
type Stop struct{ Reason string }

func (Save) effect()        {}
func (Deliver) effect()     {}
func (AnswerBeat) effect()  {}
func (Announce) effect()    {}
func (Withdraw) effect()    {}
func (Raise) effect()       {}
func (Tell) effect()        {}
func (Ask) effect()         {}
func (Remind) effect()      {}
func (Notify) effect()      {}
func (TryAlarm) effect()    {}
func (AnswerProbe) effect() {}
func (KeepSheet) effect()   {}
func (Stop) effect()        {}
