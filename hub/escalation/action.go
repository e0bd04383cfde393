package escalation

import (
	"cmp"
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// Action is one change that Decide asks for. The set is sealed: Begin, Enter,
// PassOver, Open, Travel, Fail, End, HandOver, EndQuiet, Resolve, Heed, Follow,
// AskHolder, LetGo, Join, Keep, Lapse, EndAlert and Silence.
type Action interface {
	// Entry is the line that tells of the action in the timeline.
	Entry() incident.Entry
	apply(State) State
}

// Begin starts paging for an opening, or again after a quiet time.
type Begin struct {
	Opening int
	Low     bool
}

// Enter moves to a stage. What it waits for is over at Due.
type Enter struct {
	At     time.Time
	Stage  Stage
	Level  int
	Pass   int
	Round  int
	Target int // of a level paged in turn
	Due    time.Time
	Reason incident.Reason
}

// PassOver leaves a level out because it has nobody to page.
type PassOver struct {
	At     time.Time
	Level  int
	Round  int
	Reason incident.Reason
}

// Open pages a user.
type Open struct{ Page Page }

// Travel sends a page by a method.
type Travel struct {
	Page   Page
	Method responder.MethodID
	At     time.Time
	Reason incident.Reason
}

// Fail notes that no method reaches the user. The page stays open: a device
// that comes back still gets it.
type Fail struct {
	Page   Page
	At     time.Time
	Reason incident.Reason
}

// End closes a page.
type End struct {
	Page    Page
	At      time.Time
	Outcome Outcome
	By      responder.UserID
	Reason  incident.Reason
}

// HandOver marks a page whose shift went to somebody else; it ends when the
// successor's is alive.
type HandOver struct {
	Page Page
	At   time.Time
}

// EndQuiet ends a lease, snooze or hold.
type EndQuiet struct {
	At     time.Time
	Reason incident.Reason
}

// Resolve carries out a resolve that was held back.
type Resolve struct {
	At     time.Time
	Reason incident.Reason
}

// Apply carries out one action. It does not change s.
func Apply(s State, a Action) State { return a.apply(s) }

func (a Begin) apply(s State) State {
	ask := s.Course.Asked
	if ask.Reason != ReasonAdded {
		ask = Ask{} // what begins is what was asked for
	}
	s.Course = Course{Opening: a.Opening, Low: a.Low, Wave: s.Course.Wave, Pass: s.Course.Pass, Sent: s.Course.Sent, Asked: ask}
	return s
}

func (a Enter) apply(s State) State {
	s.Course.Stage, s.Course.Level, s.Course.Pass, s.Course.Round = a.Stage, a.Level, a.Pass, a.Round
	s.Course.Target, s.Course.Entered, s.Course.Due = a.Target, a.At, a.Due
	return s
}

func (a PassOver) apply(s State) State { return s }

func (a Open) apply(s State) State {
	s.Pages = append(slices.Clip(s.Pages), a.Page)
	// In the order in which they are stored, so that a decision after a reload
	// is the one before it.
	slices.SortFunc(s.Pages, func(a, b Page) int {
		return cmp.Or(cmp.Compare(a.Wave, b.Wave), cmp.Compare(a.User, b.User))
	})
	s.Course.Wave = max(s.Course.Wave, a.Page.Wave)
	return s
}

func (a Travel) apply(s State) State {
	if a.Method != responder.Devices && !s.World.reach(a.Page.User).wakes(a.Method) {
		others := slices.DeleteFunc(slices.Clone(s.Course.Sent), func(o Sent) bool {
			return o.User == a.Page.User && o.Method == a.Method
		})
		s.Course.Sent = append(others, Sent{User: a.Page.User, Method: a.Method, At: a.At})
	}
	return s.edit(a.Page.Key, func(p *Page) {
		p.Uses = append(slices.Clip(p.Uses), Use{Method: a.Method, At: a.At})
	})
}

func (a Fail) apply(s State) State {
	return s.edit(a.Page.Key, func(p *Page) { p.Failed = a.At })
}

func (a End) apply(s State) State {
	return s.edit(a.Page.Key, func(p *Page) { p.Ended, p.Outcome, p.EndedBy = a.At, a.Outcome, a.By })
}

func (a HandOver) apply(s State) State {
	return s.edit(a.Page.Key, func(p *Page) { p.HandedOff = true })
}

func (a EndQuiet) apply(s State) State {
	held := s.Incident.Held()
	s = s.parted()
	s.Incident = incident.QuietEnded(s.Incident)
	if held {
		return s // what it kept waiting begins
	}
	s.Course.Stage, s.Course.After = None, a.Reason
	return s
}

func (a Resolve) apply(s State) State {
	s.Incident = incident.ResolveHeldBack(s.Incident, a.At)
	return s
}

// edit changes one page in a copy of the pages.
func (s State) edit(k Key, change func(*Page)) State {
	i := s.find(k)
	if i < 0 {
		return s
	}
	s.Pages = slices.Clone(s.Pages)
	change(&s.Pages[i])
	return s
}

// Entry is empty: the stage that is entered next tells of the start.
func (a Begin) Entry() incident.Entry { return incident.Entry{} }

// Entry tells which stage was entered.
func (a Enter) Entry() incident.Entry {
	kinds := map[Stage]incident.Kind{
		AtLevel: incident.KindLevelEntered, Assigned: incident.KindAssigned, CatchAll: incident.KindCatchAll,
		Holder: incident.KindHolder, Stopped: incident.KindStopped,
	}
	return incident.Entry{At: a.At, Kind: kinds[a.Stage], Reason: a.Reason, Level: a.Level, Round: a.Round}
}

// Entry tells which level was passed over.
func (a PassOver) Entry() incident.Entry {
	return incident.Entry{At: a.At, Kind: incident.KindLevelPassed, Reason: a.Reason, Level: a.Level, Round: a.Round}
}

// Entry tells who is paged.
func (a Open) Entry() incident.Entry {
	return a.Page.entry(incident.KindPaged, a.Page.Reason, a.Page.At)
}

// Entry tells how the page travels.
func (a Travel) Entry() incident.Entry {
	e := a.Page.entry(incident.KindMethodUsed, a.Reason, a.At)
	e.Method = a.Method
	return e
}

// Entry tells that nothing reached the user.
func (a Fail) Entry() incident.Entry {
	return a.Page.entry(incident.KindPageFailed, a.Reason, a.At)
}

// Entry tells how the page ended.
func (a End) Entry() incident.Entry {
	e := a.Page.entry(incident.KindPageEnded, a.Reason, a.At)
	e.Text = string(a.Outcome)
	return e
}

// Entry is empty: the successor's page tells of the hand-off.
func (a HandOver) Entry() incident.Entry { return incident.Entry{} }

// Entry tells that the quiet time is over.
func (a EndQuiet) Entry() incident.Entry {
	return incident.Entry{At: a.At, Kind: incident.KindQuietEnded, Reason: a.Reason}
}

// Entry tells that the incident is over.
func (a Resolve) Entry() incident.Entry {
	return incident.Entry{At: a.At, Kind: incident.KindResolved, Reason: a.Reason}
}

func (p Page) entry(k incident.Kind, r incident.Reason, at time.Time) incident.Entry {
	return incident.Entry{At: at, Kind: k, Reason: r, User: p.User, Level: p.Level, Round: p.Round, Wave: p.Wave}
}
