package inbox

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
type Announce struct{ Page Page }

// Withdraw takes back what announced the page: it no longer wants the person.
type Withdraw struct{ Key Key }

// Raise brings the alarm window up, on the current workspace.
type Raise struct{}

// Tell shows the person one sentence, about the page if Key is not zero.
type Tell struct {
	Key  Key
	Text string
}

// Stop ends the link for good.
type Stop struct{ Reason string }

func (Save) effect()       {}
func (Deliver) effect()    {}
func (AnswerBeat) effect() {}
func (Announce) effect()   {}
func (Withdraw) effect()   {}
func (Raise) effect()      {}
func (Tell) effect()       {}
func (Stop) effect()       {}
