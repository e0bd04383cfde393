package escalation

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// script is a random history, given beforehand: a policy, people and how their
// devices and gateways behave, and what happens when. Times are whole seconds.
type script struct {
	policy   Policy
	rosters  [][]Roster // for each level its stretches; Until as seconds after t0
	catchAll []responder.UserID
	people   []person
	events   []happening
	window   [2]int // a maintenance from one second to another
	end      int
}

type person struct {
	id      responder.UserID
	methods []Method
	devices int
	rings   bool // the devices ring when a page comes
	delay   int  // after how many seconds devices and gateways answer
	accepts bool
	answers bool // gateways answer at all
}

type happening struct {
	at   int
	what string
	who  int
	by   int
}

var names = []responder.UserID{"ada", "bob", "cleo", "dan", "eve"}

func drawScript(t *rapid.T) script {
	sc := script{end: rapid.IntRange(300, 2400).Draw(t, "end")}
	sc.policy = Policy{ID: "p", Repeat: rapid.IntRange(0, 2).Draw(t, "repeat"),
		WhenExhausted: rapid.SampledFrom([]Exhausted{KeepPaging, Stop}).Draw(t, "exhausted")}
	some := rapid.SliceOfN(rapid.SampledFrom(names), 0, 4)
	for range rapid.IntRange(0, 3).Draw(t, "levels") {
		timeout := rapid.SampledFrom([]int{30, 45, 60, 90, 300, 29}).Draw(t, "timeout")
		inTurn := rapid.Bool().Draw(t, "in turn")
		sc.policy.Levels = append(sc.policy.Levels, Level{Timeout: time.Duration(timeout) * s, InTurn: inTurn})
		var stretches []Roster
		at := 0
		for range rapid.IntRange(0, 3).Draw(t, "hand-offs") {
			at += rapid.IntRange(1, 400).Draw(t, "shift")
			stretches = append(stretches, Roster{Users: some.Draw(t, "on call"), Until: t0.Add(time.Duration(at) * s)})
		}
		stretches = append(stretches, Roster{Users: some.Draw(t, "on call")})
		for i := range stretches {
			for _, u := range stretches[i].Users {
				if inTurn {
					stretches[i].Targets = append(stretches[i].Targets, []responder.UserID{u})
				}
			}
		}
		sc.rosters = append(sc.rosters, stretches)
	}
	sc.catchAll = rapid.SliceOfN(rapid.SampledFrom(names), 0, 2).Draw(t, "catch-all")
	for _, n := range names {
		sc.people = append(sc.people, drawPerson(t, n))
	}
	kinds := []string{"down", "down", "up", "up", "fails", "rings", "acknowledge", "resolve", "trigger", "pass on", "off duty", "on duty", "restart", "raise", "escalate", "reassign", "add", "hand over", "keep", "fires", "ends"}
	if rapid.IntRange(0, 3).Draw(t, "maintenance") == 0 {
		sc.window = [2]int{rapid.IntRange(-60, sc.end).Draw(t, "from"), rapid.IntRange(0, sc.end).Draw(t, "until")}
	}
	if rapid.Bool().Draw(t, "flaps") {
		at := rapid.IntRange(0, sc.end).Draw(t, "from")
		for range rapid.IntRange(2, 8).Draw(t, "times") {
			for _, what := range []string{"fires", "ends"} {
				sc.events = append(sc.events, happening{at: at, what: what, by: rapid.IntRange(1, 60).Draw(t, "by")})
				at += rapid.IntRange(1, 150).Draw(t, "then")
			}
		}
	}
	for range rapid.IntRange(0, 12).Draw(t, "events") {
		sc.events = append(sc.events, happening{at: rapid.IntRange(0, sc.end).Draw(t, "at"), what: rapid.SampledFrom(kinds).Draw(t, "what"),
			who: rapid.IntRange(0, len(names)-1).Draw(t, "who"), by: rapid.IntRange(1, 60).Draw(t, "by")})
	}
	return sc
}

func drawPerson(t *rapid.T, n responder.UserID) person {
	p := person{id: n, devices: rapid.IntRange(0, 2).Draw(t, "devices"), rings: rapid.Bool().Draw(t, "rings"),
		delay: rapid.IntRange(0, 15).Draw(t, "delay"), accepts: rapid.Bool().Draw(t, "accepts"), answers: rapid.Bool().Draw(t, "answers")}
	p.methods = []Method{{ID: responder.Devices}}
	if rapid.Bool().Draw(t, "phone") {
		p.methods = append(p.methods, Method{ID: "phone", After: 30 * s, Wakes: true})
	}
	if rapid.Bool().Draw(t, "mail") {
		p.methods = append(p.methods, Method{ID: "mail", After: 60 * s})
	}
	return p
}

// play is a script at work.
type play struct {
	script
	s      State
	now    int
	agenda []happening
	up     map[responder.DeviceID]time.Time
	goneAt map[responder.DeviceID]time.Time
	off    map[responder.UserID]bool
	log    []string
	check  func(State, Decision, time.Time) // sees every decision
	drop   func() bool                      // a crash loses this decision
	prune  bool                             // ended pages of earlier passes are not loaded
}

func newPlay(sc script) *play {
	p := &play{script: sc, up: map[responder.DeviceID]time.Time{}, goneAt: map[responder.DeviceID]time.Time{}, off: map[responder.UserID]bool{}}
	p.s.Policy = sc.policy
	p.s.World.HubStart = t0.Add(-time.Hour)
	p.s.Incident = incident.Incident{Status: incident.Triggered, Urgency: incident.High, Opening: 1, TriggeredAt: t0, Service: "s", Alerts: []incident.Alert{{Open: true}}}
	p.agenda = slices.Clone(sc.events)
	for _, who := range sc.people {
		for _, d := range who.ids() {
			p.up[d] = t0.Add(-time.Hour)
		}
	}
	return p
}

func (p person) ids() []responder.DeviceID {
	var ids []responder.DeviceID
	for i := range p.devices {
		ids = append(ids, responder.DeviceID(fmt.Sprintf("%s-%d", p.id, i)))
	}
	return ids
}

func (p *play) time() time.Time { return t0.Add(time.Duration(p.now) * s) }

// run plays the script: from wake to wake, or second by second.
func (p *play) run(everySecond bool) []string {
	for p.now <= p.end {
		wake := p.settle()
		for due := p.due(); len(due) > 0; due = p.due() {
			for _, e := range due {
				p.happen(e)
				wake = p.settle()
			}
		}
		next := p.now + 1
		if !everySecond {
			next = p.end + 1
			if !wake.IsZero() {
				next = min(next, int(wake.Sub(t0)/s))
			}
			for _, e := range p.agenda {
				next = min(next, e.at)
			}
		}
		p.now = next
	}
	return p.log
}

func (p *play) due() []happening {
	var due []happening
	p.agenda = slices.DeleteFunc(p.agenda, func(e happening) bool {
		if e.at <= p.now {
			due = append(due, e)
		}
		return e.at <= p.now
	})
	return due
}

func (p *play) settle() time.Time {
	for range 100 {
		p.look()
		d := Decide(p.s, p.time())
		if p.check != nil {
			p.check(p.s, d, p.time())
		}
		if len(d.Actions) == 0 {
			return d.WakeAt
		}
		if p.drop != nil && p.drop() {
			continue
		}
		for _, a := range d.Actions {
			p.s = Apply(p.s, a)
			p.log = append(p.log, fmt.Sprintf("%d %T %+v", p.now, a, a.Entry()))
			if tr, ok := a.(Travel); ok {
				p.agenda = append(p.agenda, happening{p.now + p.person(tr.Page.User).delay, "answer " + string(tr.Method), tr.Page.Wave, slices.Index(names, tr.Page.User)})
			}
		}
		if p.prune {
			p.s.Pages = slices.DeleteFunc(slices.Clone(p.s.Pages), func(o Page) bool { return !o.Open() && o.Pass != p.s.Course.Pass })
		}
	}
	panic("never settles")
}

func (p *play) person(u responder.UserID) person {
	return p.people[slices.IndexFunc(p.people, func(o person) bool { return o.id == u })]
}

func (p *play) look() {
	w := World{CatchAll: p.catchAll, HubStart: p.s.World.HubStart, GraceUntil: p.s.World.GraceUntil}
	if from, until := p.window[0], p.window[1]; from <= p.now && p.now < until {
		w.Times = incident.Times{Began: t0.Add(time.Duration(from) * s), Maintenance: t0.Add(time.Duration(until) * s)}
	}
	for _, stretches := range p.rosters {
		i := slices.IndexFunc(stretches, func(r Roster) bool { return r.Until.IsZero() || p.time().Before(r.Until) })
		w.Levels = append(w.Levels, stretches[i])
	}
	for _, who := range p.people {
		r := Reach{User: who.id, OffDuty: p.off[who.id], Methods: who.methods}
		if p.s.Incident.Urgency == incident.Low {
			r.Methods = r.Methods[:1]
		}
		for _, d := range who.ids() {
			r.Devices = append(r.Devices, Link{Device: d, Since: p.up[d], GoneAt: p.goneAt[d]})
		}
		w.Reach = append(w.Reach, r)
	}
	p.s.World = w
}

func (p *play) happen(e happening) {
	who := p.people[e.who%len(p.people)]
	switch e.what {
	case "down":
		for _, d := range who.ids() {
			p.disconnect(d)
		}
	case "up":
		for _, d := range who.ids() {
			p.up[d] = p.time()
			p.agenda = append(p.agenda, happening{p.now + who.delay, "rings on", e.who, 0})
		}
	case "restart":
		p.s.World.HubStart, p.s.World.GraceUntil = p.time(), p.time().Add(Grace)
		for i, o := range p.people {
			for _, d := range o.ids() {
				if !p.up[d].IsZero() {
					p.agenda = append(p.agenda, happening{p.now + e.by, "up", i, 0})
				}
				p.disconnect(d)
			}
		}
	case "fails", "rings", "rings on":
		p.report(who, e.what != "fails" && (e.what == "rings" || who.rings))
	case "off duty", "on duty":
		p.off[who.id] = e.what == "off duty"
	case "escalate":
		p.s, _, _ = EscalateBy(p.s, incident.Command{By: "zoe"}, 0, p.time())
	case "reassign":
		p.s, _, _ = ReassignTo(p.s, incident.Command{By: "zoe"}, who.id, 0, p.time())
	case "add":
		p.s, _, _ = AddBy(p.s, incident.Command{By: "zoe"}, []responder.UserID{who.id, names[0]}, 0, p.time())
	case "hand over":
		p.s, _, _ = HandOverBy(p.s, incident.Command{By: "zoe"}, 0, p.time())
	case "keep":
		p.s, _, _ = KeepBy(p.s, incident.Command{By: "zoe"}, p.time().Add(time.Duration(e.by)*20*s), 0, p.time())
	case "pass on":
		p.s, _, _ = PassOn(p.s, incident.Command{By: who.id}, 0, p.time())
	default:
		p.incidentHappens(e, who)
	}
}

var flappingService = incident.Target{Service: incident.Service{ID: "s", Urgency: incident.BySeverity, ReopenWindow: 2 * time.Minute}}

func (p *play) incidentHappens(e happening, who person) {
	i := &p.s.Incident
	switch {
	case e.what == "acknowledge":
		p.s, _, _ = AcknowledgeBy(p.s, incident.Command{By: who.id}, time.Duration(e.by*5)*s, p.time())
	case e.what == "resolve":
		*i, _, _ = incident.ResolveBy(*i, incident.Command{By: who.id}, 0, p.time())
	case e.what == "fires":
		ev := incident.Event{Action: incident.Trigger, Key: "k", Severity: incident.Critical}
		if e.by%3 == 0 {
			ev.Severity = incident.Warning
		}
		if next, effect, _ := incident.Ingest(*i, ev, flappingService, p.time()); effect != incident.Opened {
			*i = next
		}
	case e.what == "ends":
		*i, _, _ = incident.Ingest(*i, incident.Event{Action: incident.Resolve, Key: "k"}, flappingService, p.time())
	case e.what == "trigger" && !i.Open():
		i.Status, i.TriggeredAt, i.AcknowledgedAt, i.ResolvedAt = incident.Triggered, p.time(), time.Time{}, time.Time{}
		i.Opening++
		i.QuietUntil, i.QuietReason = time.Time{}, ""
		if e.by%4 == 0 {
			i.QuietUntil, i.QuietReason = p.time().Add(time.Duration(e.by)*s), incident.ReasonHold
		}
		if i.Urgency = incident.High; e.by%3 == 0 {
			i.Urgency = incident.Low
		}
	case e.what == "raise":
		i.Urgency = incident.High
	case e.what == "answer devices":
		who := p.people[e.by]
		for _, d := range who.ids() {
			if who.rings && !p.up[d].IsZero() {
				p.s = Observe(p.s, Key{e.who, who.id}, d, true, p.time())
			}
		}
	case p.people[e.by%len(p.people)].answers && len(e.what) > 7 && e.what[:7] == "answer ":
		who := p.people[e.by]
		p.s = Answer(p.s, Key{e.who, who.id}, responder.MethodID(e.what[7:]), who.accepts, p.time())
	}
}

func (p *play) disconnect(d responder.DeviceID) {
	if p.up[d].IsZero() && !p.goneAt[d].IsZero() && p.s.World.HubStart.Before(p.time()) {
		return
	}
	p.up[d], p.goneAt[d] = time.Time{}, p.time().Add(GoneAfter)
}

func (p *play) report(who person, alive bool) {
	page, open := p.s.OpenPageOf(who.id)
	for _, d := range who.ids() {
		if open && !p.up[d].IsZero() {
			p.s = Observe(p.s, page.Key, d, alive, p.time())
		}
	}
}

// deepCopy makes a value that shares nothing with the one given.
func deepCopy[T any](v T) T {
	var c T
	copyInto(reflect.ValueOf(&c).Elem(), reflect.ValueOf(v))
	return c
}

func copyInto(dst, src reflect.Value) {
	switch {
	case src.Type() == reflect.TypeFor[time.Time]():
		dst.Set(src)
	case src.Kind() == reflect.Struct:
		for i := range src.NumField() {
			copyInto(dst.Field(i), src.Field(i))
		}
	case src.Kind() == reflect.Slice && !src.IsNil():
		// Spare room shows whether somebody appends in place.
		c := reflect.MakeSlice(src.Type(), src.Len(), src.Len()+4)
		for i := range src.Len() {
			copyInto(c.Index(i), src.Index(i))
		}
		dst.Set(c)
	default:
		dst.Set(src)
	}
}
