package escalation

import (
	"slices"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// handOverAfter is how long a holder whose shift is over may leave the question
// unanswered before the incident is handed over.
const handOverAfter = 15 * time.Minute

// Tenure is what is known of the holder's shift while they have an incident.
type Tenure struct {
	Holder  responder.UserID `json:"holder,omitempty"`
	Opening int              `json:"opening,omitempty"` // in which they took it
	// OnCall: the policy has named the holder since they took it. Who took an
	// incident off duty is not asked at the end of a shift.
	OnCall bool `json:"on_call,omitempty"`
	// AskedAt is since when the shift is over and the holder is asked whether to
	// hand over; zero: not asked.
	AskedAt time.Time `json:"asked_at,omitzero"`
	// Keep is until when the holder said to keep it.
	Keep time.Time `json:"keep,omitzero"`
	// HandingOver: successors are paged; the holder has it until one is alive.
	HandingOver bool `json:"handing_over,omitempty"`
}

// HandOverAt is when the hub hands the incident over without an answer; zero
// while nothing is asked.
func (t Tenure) HandOverAt() time.Time {
	if t.AskedAt.IsZero() || t.HandingOver {
		return time.Time{}
	}
	return t.AskedAt.Add(handOverAfter)
}

// HandOverBy carries out "hand over": the successor is paged, and the holder has
// the incident until that page is alive or acknowledged. A snooze ends by it.
// From a device only by who has it.
func HandOverBy(s State, c incident.Command, lease time.Duration, now time.Time) (State, incident.Answer, incident.Entry) {
	e := incident.Entry{At: now, Kind: incident.KindHandingOver, Reason: incident.ReasonByUser, User: c.By, Device: c.Device, Method: c.Method}
	if no, answer := s.refuseTenure(c, lease, now, &e); no {
		return s, answer, e
	}
	if s.handingOver() {
		e.Kind, e.Reason = incident.KindAlready, ReasonHandOver
		return s, incident.Already, e
	}
	s.Course.Tenure = Tenure{Holder: s.Incident.Holder, Opening: s.Incident.Opening, OnCall: s.Course.Tenure.OnCall, AskedAt: s.Course.Tenure.AskedAt, HandingOver: true}
	if s.Incident.Snoozed() { // which would page no successor before its end
		s.Incident = incident.Leased(s.Incident, lease, now)
	}
	return s, incident.Applied, e
}

// KeepBy carries out "keep it until": the end of the holder's shift changes
// nothing before then, and a lease that ends asks the holder alone first. A
// hand-over under way is withdrawn.
func KeepBy(s State, c incident.Command, until time.Time, lease time.Duration, now time.Time) (State, incident.Answer, incident.Entry) {
	e := incident.Entry{At: now, Kind: incident.KindKept, Reason: incident.ReasonByUser, User: c.By, Device: c.Device, Method: c.Method}
	if no, answer := s.refuseTenure(c, lease, now, &e); no {
		return s, answer, e
	}
	if !until.After(now) || until.Sub(now) > incident.MaxSnooze {
		return refused(s, e, incident.ReasonNoSuchTime)
	}
	s.Course.Tenure = Tenure{Holder: s.Incident.Holder, Opening: s.Incident.Opening, OnCall: s.Course.Tenure.OnCall, Keep: until}
	s.Incident = incident.Renewed(s.Incident, c, lease, now)
	e.Text = until.UTC().Format(time.RFC3339)
	return s, incident.Applied, e
}

// refuseTenure checks what both commands need: somebody has the incident, and it
// is the one who asks if a device asks.
func (s State) refuseTenure(c incident.Command, lease time.Duration, now time.Time, e *incident.Entry) (bool, incident.Answer) {
	if no, answer := refuse(s, c, lease, now, e); no {
		return no, answer
	}
	if s.Incident.Status != incident.Acknowledged || s.Incident.Holder == "" || c.Device != "" && c.By != s.Incident.Holder {
		e.Kind, e.Reason = incident.KindAlready, ReasonNotHeld
		return true, incident.Already
	}
	if s.Incident.Urgency != incident.High {
		e.Kind, e.Reason = incident.KindRefused, ReasonLowUrgency
		return true, incident.Refused
	}
	return false, ""
}

// Follow notes what is known of the holder's shift.
type Follow struct{ Tenure Tenure }

// AskHolder asks the holder, whose shift is over, whether to hand over.
type AskHolder struct {
	At     time.Time
	Holder responder.UserID
}

// LetGo takes the incident from its holder, as somebody else is there: paging
// goes on with the level of that page.
type LetGo struct {
	At     time.Time
	Holder responder.UserID
	To     Page
	Target int
	Due    time.Time
}

// tenure follows the holder's shift while they have the incident.
func (d *decision) tenure() {
	holder := d.Incident.Holder
	if holder == "" || d.Incident.Test || d.Incident.Cover.Asked() || d.Incident.Snoozed() || d.Incident.Urgency != incident.High {
		return
	}
	on := d.onCall(holder)
	switch t := d.Course.Tenure; {
	case t.Holder != holder || t.Opening != d.Incident.Opening:
		d.do(Follow{Tenure{Holder: holder, Opening: d.Incident.Opening, OnCall: on}})
	case on && !t.HandingOver && (!t.OnCall || !t.AskedAt.IsZero()):
		d.do(Follow{Tenure{Holder: holder, Opening: t.Opening, OnCall: true, Keep: t.Keep}})
	}
	switch t := d.Course.Tenure; {
	case t.HandingOver:
		d.handOverNow()
	case on || !t.OnCall:
	case d.now.Before(t.Keep):
		d.waitFor(t.Keep, WaitShift)
		return
	case t.AskedAt.IsZero():
		d.do(AskHolder{At: d.now, Holder: holder})
	case d.now.Before(t.HandOverAt()):
		d.waitFor(t.HandOverAt(), WaitShift)
	default:
		t.HandingOver = true
		d.do(Follow{t})
		d.handOverNow()
	}
	for _, l := range d.World.Levels {
		d.waitFor(l.Until, WaitHandOff)
	}
}

// handOverNow pages the successors, level by level until one is alive, and then
// lets go. Where nobody is left it stays with the holder until the lease ends; a
// holder whose lease never ends would keep it in silence, so the policy goes on.
func (d *decision) handOverNow() {
	pass := d.Course.Pass + 1
	var paged []Page
	for _, p := range d.Pages {
		if p.Open() && p.Stage == Successor && p.Pass == pass {
			paged = append(paged, p)
		}
	}
	for _, p := range paged {
		if d.aliveNow(p) && !p.PassedOn {
			d.letGo(p)
			return
		}
	}
	if !d.down(paged) {
		return
	}
	for n := range d.Policy.Levels {
		if users := d.successors(n+1, pass); len(users) > 0 {
			d.pageSuccessors(users, n+1, pass)
			return
		}
	}
	if d.Incident.QuietUntil.IsZero() {
		d.do(EndQuiet{At: d.now, Reason: ReasonHandOver})
	}
}

// Successors lists who would be paged in place of whoever has the incident, if it
// were handed over now.
func Successors(s State) []responder.UserID {
	for n := range s.Policy.Levels {
		if users := s.successors(n+1, s.Course.Pass+1); len(users) > 0 {
			return users
		}
	}
	return nil
}

// letGo ends the tenure in favour of a page that is alive.
func (d *decision) letGo(to Page) {
	target := 0
	for i, users := range d.World.level(to.Level).Targets {
		if slices.Contains(users, to.User) {
			target = i + 1
			break
		}
	}
	d.do(LetGo{At: d.now, Holder: d.Incident.Holder, To: to, Target: target, Due: d.now.Add(d.Policy.timeout(to.Level))})
}

// successors lists whom a level would page in the holder's place. Of a level
// that pages in turn it is the first target that has somebody.
func (s State) successors(n, pass int) []responder.UserID {
	without := func(on []responder.UserID) []responder.UserID {
		users, _ := s.pageable(on, pass)
		return slices.DeleteFunc(users, func(u responder.UserID) bool {
			return u == s.Incident.Holder || slices.ContainsFunc(s.Pages, func(p Page) bool {
				return p.Open() && p.User == u && p.Stage == Successor && p.Pass == pass
			})
		})
	}
	r := s.World.level(n)
	if len(r.Targets) == 0 {
		return without(r.Users)
	}
	for _, on := range r.Targets {
		if users := without(on); len(users) > 0 {
			return users
		}
	}
	return nil
}

func (d *decision) pageSuccessors(users []responder.UserID, level, pass int) {
	wave := d.Course.Wave + 1
	for _, u := range users {
		if old, ok := d.OpenPageOf(u); ok {
			d.do(End{Page: old, At: d.now, Outcome: OutcomeSuperseded, Reason: ReasonNewerPage})
		}
		d.do(Open{Page{
			Key: Key{Wave: wave, User: u}, Opening: d.Incident.Opening, Stage: Successor,
			Pass: pass, Level: level, Round: 1, Reason: ReasonHandOver, At: d.now,
		}})
	}
}

// handingOver reports whether pages of successors stay open beside the holder.
func (s State) handingOver() bool {
	t := s.Course.Tenure
	return t.HandingOver && t.Holder == s.Incident.Holder && t.Opening == s.Incident.Opening && s.Incident.Status == incident.Acknowledged && !s.Incident.Snoozed()
}

func (a Follow) apply(s State) State {
	s.Course.Tenure = a.Tenure
	return s
}

func (a AskHolder) apply(s State) State {
	s.Course.Tenure.AskedAt = a.At
	return s
}

func (a LetGo) apply(s State) State {
	s.Pages = slices.Clone(s.Pages)
	for i := range s.Pages {
		if s.Pages[i].Stage == Successor && s.Pages[i].Open() {
			s.Pages[i].Stage = AtLevel
		}
	}
	s = s.parted()
	s.Incident = incident.QuietEnded(s.Incident)
	s.Course.Stage, s.Course.Level, s.Course.Pass, s.Course.Round = AtLevel, a.To.Level, a.To.Pass, 1
	s.Course.Target, s.Course.Entered, s.Course.Due = a.Target, a.At, a.Due
	s.Course.Opening, s.Course.Low, s.Course.Tenure = s.Incident.Opening, false, Tenure{}
	// Who handed it over is not paged in the same breath.
	return s.leaveOut(a.Holder)
}

// Entry is empty: what follows tells of it.
func (a Follow) Entry() incident.Entry { return incident.Entry{} }

// Entry tells that the holder's shift is over.
func (a AskHolder) Entry() incident.Entry {
	return incident.Entry{At: a.At, Kind: incident.KindShiftOver, Reason: WaitShift, User: a.Holder}
}

// Entry tells who has handed over.
func (a LetGo) Entry() incident.Entry {
	e := a.To.entry(incident.KindHandedOver, ReasonHandOver, a.At)
	e.Text, e.User = string(a.To.User), a.Holder
	return e
}
