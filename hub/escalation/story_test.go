package escalation

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

var t0 = time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)

// story plays one incident: given a policy and who is on call, at a time
// something happens, expect these pages. Times are counted from t0. Unless said
// otherwise everybody has one connected device, which rings at once.
type story struct {
	t        *testing.T
	s        State
	now      time.Time
	log      []string // one line for each entry, "5m0s paged bob timeout"
	seen     int
	shifts   map[int][]stretch
	reach    map[responder.UserID]*Reach
	silent   map[responder.UserID]bool
	gateways map[responder.MethodID]string // accepts, rejects; otherwise it never answers
	calendar func(time.Time) incident.Times
}

type stretch struct {
	from  time.Duration
	users []responder.UserID
}

func given(t *testing.T, timeouts ...time.Duration) *story {
	st := &story{t: t, now: t0,
		shifts: map[int][]stretch{}, reach: map[responder.UserID]*Reach{},
		silent: map[responder.UserID]bool{}, gateways: map[responder.MethodID]string{}}
	st.s.Policy = Policy{ID: "p", WhenExhausted: KeepPaging}
	for _, d := range timeouts {
		st.s.Policy.Levels = append(st.s.Policy.Levels, Level{Timeout: d})
	}
	st.s.World.HubStart = t0.Add(-time.Hour)
	return st
}

func users(names string) []responder.UserID {
	var list []responder.UserID
	for _, n := range strings.Fields(names) {
		list = append(list, responder.UserID(n))
	}
	return list
}

// onCall says who is on call for a level from a time on.
func (st *story) onCall(level int, from time.Duration, names string) *story {
	st.shifts[level] = append(st.shifts[level], stretch{from, users(names)})
	return st
}

// levels gives each level who is on call throughout: levels("ada", "bob cleo").
func (st *story) levels(names ...string) *story {
	for i, n := range names {
		st.onCall(i+1, -24*time.Hour, n)
	}
	return st
}

func (st *story) catchAll(names string) *story {
	st.s.World.CatchAll = users(names)
	return st
}

func (st *story) repeat(n int) *story {
	st.s.Policy.Repeat = n
	return st
}

// of is how a user can be reached, to be changed.
func (st *story) of(u responder.UserID) *Reach {
	r := st.reach[u]
	if r == nil {
		r = &Reach{User: u, Methods: []Method{{ID: responder.Devices}},
			Devices: []Link{{Device: responder.DeviceID("d-" + u), Since: t0.Add(-time.Hour)}}}
		st.reach[u] = r
	}
	return r
}

// away: the user's device has been without a stream for long.
func (st *story) away(names string) *story {
	for _, u := range users(names) {
		st.of(u).Devices[0].Since, st.of(u).Devices[0].GoneAt = time.Time{}, t0.Add(-time.Minute)
	}
	return st
}

// mute: the user's device is connected and reports nothing.
func (st *story) mute(names string) *story {
	for _, u := range users(names) {
		st.silent[u] = true
	}
	return st
}

func (st *story) offDuty(names string, off bool) *story {
	for _, u := range users(names) {
		st.of(u).OffDuty = off
	}
	return st
}

// method gives a user a contact method whose gateway accepts, rejects or is
// silent.
func (st *story) method(u responder.UserID, id responder.MethodID, after time.Duration, wakes bool, gateway string) *story {
	st.of(u).Methods = append(st.of(u).Methods, Method{ID: id, After: after, Wakes: wakes})
	st.gateways[id] = gateway
	return st
}

func (st *story) urgency(u incident.Urgency) *story {
	st.s.Incident.Urgency = u
	return st
}

// trigger opens the incident, of high urgency unless said otherwise.
func (st *story) trigger() *story {
	if st.s.Incident.Urgency == "" {
		st.s.Incident.Urgency = incident.High
	}
	st.s.Incident.Status, st.s.Incident.Opening = incident.Triggered, 1
	st.s.Incident.TriggeredAt, st.s.Incident.FirstAt = st.now, st.now
	return st.settle()
}

func (st *story) reopen() *story {
	st.s.Incident.Status, st.s.Incident.TriggeredAt, st.s.Incident.AcknowledgedAt = incident.Triggered, st.now, time.Time{}
	st.s.Incident.Opening++
	return st
}

func (st *story) acknowledge(u responder.UserID, lease time.Duration) *story {
	next, answer, _ := AcknowledgeBy(st.s, incident.Command{By: u}, lease, st.now)
	if answer != incident.Applied {
		st.t.Fatalf("%s acknowledges: %s", u, answer)
	}
	st.s = next
	return st.settle()
}

func (st *story) resolve() *story {
	next, _, _ := incident.ResolveBy(st.s.Incident, incident.Command{By: "zoe"}, 0, st.now)
	st.s.Incident = next
	return st
}

func (st *story) passOn(u responder.UserID, want incident.Answer) *story {
	st.t.Helper()
	next, answer, e := PassOn(st.s, incident.Command{By: u}, 0, st.now)
	if answer != want {
		st.t.Fatalf("%s passes on: %s (%s), want %s", u, answer, e.Reason, want)
	}
	st.s = next
	return st.settle()
}

// rings: the device of a user reports now that it rings, for the open page.
func (st *story) rings(u responder.UserID) *story { return st.observe(u, true) }

// cannot: the device of a user reports now that it can neither ring nor show.
func (st *story) cannot(u responder.UserID) *story { return st.observe(u, false) }

func (st *story) observe(u responder.UserID, alive bool) *story {
	st.t.Helper()
	p, ok := st.s.OpenPageOf(u)
	if !ok {
		st.t.Fatalf("%s has no open page", u)
	}
	st.s = Observe(st.s, p.Key, "d-"+responder.DeviceID(u), alive, st.now)
	return st.settle()
}

// restart: the hub was away and starts now, with its grace.
func (st *story) restart() *story {
	st.s.World.HubStart, st.s.World.GraceUntil = st.now, st.now.Add(Grace)
	return st
}

// sleepUntil lets time pass while the hub is down.
func (st *story) sleepUntil(d time.Duration) *story {
	st.now = t0.Add(d)
	return st
}

// at goes on to a time, step by step as the decisions ask to be woken.
func (st *story) at(d time.Duration) *story {
	st.t.Helper()
	target := t0.Add(d)
	for {
		wake := st.settle().wake()
		if wake.IsZero() || wake.After(target) {
			break
		}
		st.now = wake
	}
	st.now = target
	return st.settle()
}

func (st *story) wake() time.Time { return Decide(st.look(), st.now).WakeAt }

// look fills in what the shell sees now.
func (st *story) look() State {
	s := st.s
	if st.calendar != nil {
		s.World.Times = st.calendar(st.now)
	}
	s.World.Levels = nil
	for n := range s.Policy.Levels {
		var r Roster
		for _, sh := range st.shifts[n+1] {
			switch from := t0.Add(sh.from); {
			case !st.now.Before(from):
				r.Users = sh.users
			case r.Until.IsZero():
				r.Until = from
			}
		}
		if s.Policy.Levels[n].InTurn {
			for _, u := range r.Users {
				r.Targets = append(r.Targets, targetOf(u))
			}
		}
		s.World.Levels = append(s.World.Levels, r)
		for _, u := range r.Users {
			st.of(u)
		}
	}
	for _, u := range s.World.CatchAll {
		st.of(u)
	}
	s.World.Reach = nil
	for _, r := range st.reach {
		r := *r
		if s.Incident.Urgency == incident.Low {
			r.Methods = r.Methods[:1]
		}
		s.World.Reach = append(s.World.Reach, r)
	}
	return s
}

// settle takes steps until nothing is left to do now.
func (st *story) settle() *story {
	st.t.Helper()
	for range 100 {
		st.s = st.look()
		d := Decide(st.s, st.now)
		if len(d.Actions) == 0 {
			return st
		}
		for _, a := range d.Actions {
			st.s = Apply(st.s, a)
			st.note(a.Entry())
			if tr, ok := a.(Travel); ok {
				st.travelled(tr)
			}
		}
	}
	st.t.Fatalf("never settles:\n%s", strings.Join(st.log, "\n"))
	return st
}

func (st *story) travelled(tr Travel) {
	u := tr.Page.User
	switch {
	case tr.Method == responder.Devices && !st.silent[u] && len(st.of(u).Devices) > 0 && !st.of(u).Devices[0].Since.IsZero():
		st.s = Observe(st.s, tr.Page.Key, st.of(u).Devices[0].Device, true, st.now)
	case st.gateways[tr.Method] == "accepts", st.gateways[tr.Method] == "rejects":
		st.s = Answer(st.s, tr.Page.Key, tr.Method, st.gateways[tr.Method] == "accepts", st.now)
	}
}

func (st *story) note(e incident.Entry) {
	if e.Kind == "" {
		return
	}
	who := string(e.User)
	if who == "" {
		who = fmt.Sprint(e.Level)
	}
	if e.Method != "" {
		who += " " + string(e.Method)
	}
	st.log = append(st.log, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", e.At.Sub(t0), e.Kind, who, e.Reason, e.Text)))
}

// pages expects exactly these pages since the last look, each as
// "5m0s bob timeout".
func (st *story) pages(want ...string) *story {
	st.t.Helper()
	since := st.seen
	st.seen = len(st.log)
	return st.lines(since, "paged", want...)
}

// tells expects exactly these entries of a kind, from the start.
func (st *story) tells(kind string, want ...string) *story {
	st.t.Helper()
	return st.lines(0, kind, want...)
}

func (st *story) lines(since int, kind string, want ...string) *story {
	st.t.Helper()
	var got []string
	for _, line := range st.log[since:] {
		f := strings.Fields(line)
		if f[1] == kind {
			got = append(got, strings.Join(append(f[:1:1], f[2:]...), " "))
		}
	}
	if !slices.Equal(got, want) {
		st.t.Fatalf("%s:\n  %s\nwant:\n  %s\nall of it:\n  %s", kind, strings.Join(got, "\n  "), strings.Join(want, "\n  "), strings.Join(st.log, "\n  "))
	}
	return st
}

// told expects that the timeline has this line.
func (st *story) told(line string) *story {
	st.t.Helper()
	if !slices.Contains(st.log, line) {
		st.t.Fatalf("the timeline does not say %q:\n  %s", line, strings.Join(st.log, "\n  "))
	}
	return st
}

// open expects exactly these users to have an open page, in the order paged.
func (st *story) open(names string) *story {
	st.t.Helper()
	var got []responder.UserID
	for _, p := range st.s.Pages {
		if p.Open() {
			got = append(got, p.User)
		}
	}
	if !slices.Equal(got, users(names)) {
		st.t.Fatalf("open pages of %v, want %s:\n  %s", got, names, strings.Join(st.log, "\n  "))
	}
	return st
}

// waits expects the next wake-up, and why.
func (st *story) waits(until time.Duration, why incident.Reason) *story {
	st.t.Helper()
	d := Decide(st.look(), st.now)
	if got := d.WakeAt.Sub(t0); got != until || d.Reason != why || len(d.Actions) > 0 {
		st.t.Fatalf("waits until %s for %s, want %s for %s", got, d.Reason, until, why)
	}
	return st
}

func (st *story) waitsForNothing() *story {
	st.t.Helper()
	if d := Decide(st.look(), st.now); !d.WakeAt.IsZero() || d.Reason != WaitNothing {
		st.t.Fatalf("waits until %s for %s, want for nothing", d.WakeAt.Sub(t0), d.Reason)
	}
	return st
}
