package e2e

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"tocsin/agent/inbox"
	"tocsin/hub/escalation"
	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// The simulator plays one random history: a source of events, a hub over a
// store that survives crashes, agents over a network that loses, repeats and
// reorders, contact methods, and people. The cores of both sides are the real
// ones; everything else is a model. Each promise is checked all along by
// simCheck, which follows the specification on its own.

// simEpoch is the hub's wall clock at the start.
var simEpoch = time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)

// simCore is what is under test. Planted bugs replace a part of it.
type simCore struct {
	decide      func(escalation.State, time.Time) escalation.Decision
	apply       func(escalation.State, escalation.Action) escalation.State
	observe     func(escalation.State, escalation.Key, responder.DeviceID, bool, time.Time) escalation.State
	answer      func(escalation.State, escalation.Key, responder.MethodID, bool, time.Time) escalation.State
	passOn      func(escalation.State, incident.Command, time.Duration, time.Time) (escalation.State, incident.Answer, incident.Entry)
	shift       func(escalation.State, time.Duration) escalation.State
	pause       func(escalation.State, time.Duration) escalation.State
	ingest      func(incident.Incident, incident.Event, incident.Target, time.Time) (incident.Incident, incident.Effect, []incident.Entry)
	acknowledge func(escalation.State, incident.Command, time.Duration, time.Time) (escalation.State, incident.Answer, []incident.Entry)
	escalate    func(escalation.State, incident.Command, time.Duration, time.Time) (escalation.State, incident.Answer, incident.Entry)
	reassign    func(escalation.State, incident.Command, responder.UserID, time.Duration, time.Time) (escalation.State, incident.Answer, incident.Entry)
	toPolicy    func(escalation.State, incident.Command, escalation.Policy, uint64, time.Duration, time.Time) (escalation.State, incident.Answer, incident.Entry)
	ping        func(heartbeat.Beat, heartbeat.Rule, heartbeat.Kind, time.Time) (heartbeat.Beat, incident.Action)
	look        func(heartbeat.Beat, time.Time) (heartbeat.Beat, bool)
	merge       func(from, into incident.Incident, c incident.Command, lease time.Duration, now time.Time) (incident.Merge, incident.Reason)
	refresh     func(escalation.State, incident.Command, escalation.Policy, uint64) (escalation.State, incident.Entry)
	prioritise  func(incident.Incident, incident.Command, string, time.Duration, time.Time) (incident.Incident, incident.Answer, incident.Entry)
	add         func(escalation.State, incident.Command, []responder.UserID, time.Duration, time.Time) (escalation.State, incident.Answer, incident.Entry)
	handOver    func(escalation.State, incident.Command, time.Duration, time.Time) (escalation.State, incident.Answer, incident.Entry)
	keep        func(escalation.State, incident.Command, time.Time, time.Duration, time.Time) (escalation.State, incident.Answer, incident.Entry)
	open        func(incident.Command, incident.Target, string, incident.Urgency, time.Time) (incident.Incident, []incident.Entry)
	snooze      func(incident.Incident, incident.Command, time.Time, bool, time.Duration, time.Time) (incident.Incident, incident.Answer, []incident.Entry)
	note        func(incident.Incident, incident.Command, string, time.Duration, time.Time) (incident.Incident, incident.Entry)
	resolve     func(incident.Incident, incident.Command, time.Duration, time.Time) (incident.Incident, incident.Answer, incident.Entry)
	reduce      func(inbox.State, inbox.Message, time.Time) (inbox.State, []inbox.Effect)
}

func realCore() simCore {
	return simCore{
		decide: escalation.Decide, apply: escalation.Apply, observe: escalation.Observe, answer: escalation.Answer,
		passOn: escalation.PassOn, shift: escalation.Shift, pause: escalation.Pause,
		open: incident.OpenBy, snooze: incident.SnoozeBy, note: incident.NoteBy,
		ingest: incident.Ingest, acknowledge: escalation.AcknowledgeBy, escalate: escalation.EscalateBy,
		reassign: escalation.ReassignTo, toPolicy: escalation.ReassignToPolicy,
		ping: heartbeat.Ping, look: heartbeat.Look, merge: incident.MergeBy, refresh: escalation.RefreshPolicy, prioritise: incident.PrioritiseBy, add: escalation.AddBy, handOver: escalation.HandOverBy, keep: escalation.KeepBy, resolve: incident.ResolveBy, reduce: inbox.Reduce,
	}
}

// sim is one history.
type sim struct {
	*rand.Rand
	core    simCore
	seed    uint64
	now     time.Duration // true time
	queue   simQueue
	serial  int
	set     simSetup
	hub     *simHub
	devices []*simDevice
	check   *simCheck
	silent  bool // the source that pings does not
	healing bool // no more mishaps: everything comes back
	trace   func(string)
	stats   simStats
}

type simStats struct {
	decisions, pages, events, crashes, announced, messages int
}

// simFault is a broken promise.
type simFault struct{ promise, text string }

func (f simFault) Error() string { return f.promise + ": " + f.text }

func (s *sim) fail(promise, format string, args ...any) {
	panic(simFault{promise, fmt.Sprintf(format, args...)})
}

// playHistory plays the history of a seed and answers what broke, or nil.
func playHistory(seed uint64, core simCore, trace func(string)) (stats simStats, err error) {
	s := &sim{Rand: rand.New(rand.NewPCG(seed, 0x70c51)), core: core, seed: seed, trace: trace}
	defer func() {
		stats = s.stats
		switch r := recover().(type) {
		case nil:
		case simFault:
			err = fmt.Errorf("seed %d, at %s: %w", seed, s.now, r)
		default:
			panic(r)
		}
	}()
	s.set = drawSetup(s)
	s.check = newSimCheck(s)
	s.hub = newSimHub(s)
	for _, u := range s.set.users {
		for _, id := range u.devices {
			s.devices = append(s.devices, newSimDevice(s, id, u))
		}
	}
	s.hub.start()
	for _, d := range s.devices {
		d.start()
	}
	s.plan()
	s.runUntil(s.set.horizon)
	s.heal()
	s.runUntil(s.set.horizon + 10*time.Minute)
	s.check.final()
	return s.stats, nil
}

func (s *sim) runUntil(end time.Duration) {
	for len(s.queue) > 0 && s.queue[0].at <= end {
		e := heap.Pop(&s.queue).(simEvent)
		s.now = e.at
		s.stats.events++
		e.do()
	}
	s.now = end
}

// heal ends all mishaps and everything that is still open.
func (s *sim) heal() {
	s.healing = true
	s.tell("healing")
	s.hub.thaw()
	if !s.hub.up {
		s.after(time.Second, s.hub.start)
	}
	for _, d := range s.devices {
		s.after(s.between(0, 20*time.Second), d.recover)
	}
	s.after(90*time.Second, func() {
		for _, key := range s.set.keys {
			s.post(incident.Event{Action: incident.Resolve, Key: key})
		}
	})
	s.after(3*time.Minute, func() {
		s.hub.enter(func() {
			for _, r := range s.hub.store.records {
				s.hub.command(r, "resolve", incident.Command{By: s.set.users[0].id})
			}
		})
	})
}

// at does something at a true time, or now if that has passed.
func (s *sim) at(t time.Duration, do func()) {
	s.serial++
	heap.Push(&s.queue, simEvent{max(t, s.now), s.serial, do})
}

func (s *sim) after(d time.Duration, do func()) { s.at(s.now+d, do) }

func (s *sim) tell(format string, args ...any) {
	if s.trace != nil {
		s.trace(fmt.Sprintf("%-12s ", s.now) + fmt.Sprintf(format, args...))
	}
}

// between draws a duration of whole milliseconds.
func (s *sim) between(from, to time.Duration) time.Duration {
	return from + time.Duration(s.Int64N(int64((to-from)/time.Millisecond)+1))*time.Millisecond
}

func (s *sim) chance(p float64) bool { return s.Float64() < p }

func simPick[T any](s *sim, from ...T) T { return from[s.IntN(len(from))] }

type simEvent struct {
	at     time.Duration
	serial int
	do     func()
}

// simQueue is a heap of events by time, then in the order in which they came.
type simQueue []simEvent

func (q simQueue) Len() int { return len(q) }
func (q simQueue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].serial < q[j].serial
}
func (q simQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *simQueue) Push(e any)   { *q = append(*q, e.(simEvent)) }
func (q *simQueue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	(*q)[last].do = nil
	*q = (*q)[:last]
	return e
}

// traceOf plays a history again and answers its last steps.
func traceOf(seed uint64, core simCore) string {
	var lines []string
	_, err := playHistory(seed, core, func(line string) { lines = append(lines, line) })
	return strings.Join(lines[max(0, len(lines)-60):], "\n") + fmt.Sprintf("\n%v", err)
}
