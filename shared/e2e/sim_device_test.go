package e2e

import (
	"strconv"
	"time"

	"tocsin/agent/inbox"
	"tocsin/hub/responder"
)

// simDevice is the model of one agent's shell: a process with a journal on
// disk, a network, a screen and a loudspeaker, and a person before it.
type simDevice struct {
	s       *sim
	id      responder.DeviceID
	user    simUser
	running bool
	asleep  bool
	net     bool
	sound   bool // the output is not muted
	screen  bool // it is awake and unlocked
	life    int
	st      inbox.State
	disk    inbox.Durable
	stream  *simStream
	timer   int
	flushes bool // a flush of the outbox is under way
	dialing bool
	reports int
	// What the checker remembers for good.
	announced map[inbox.Key]int
	noticed   map[inbox.Key]bool
	taken     map[inbox.Key]bool // acknowledged here, and the hub has not answered
}

func newSimDevice(s *sim, id responder.DeviceID, u simUser) *simDevice {
	return &simDevice{s: s, id: id, user: u, net: true, sound: s.chance(u.audible), screen: s.chance(u.visible),
		announced: map[inbox.Key]int{}, noticed: map[inbox.Key]bool{}, taken: map[inbox.Key]bool{}}
}

func (d *simDevice) works() bool { return d.running && !d.asleep }

func (d *simDevice) start() {
	if d.running || d.asleep {
		return // what starts it on waking is wake
	}
	d.running, d.flushes, d.dialing = true, false, false
	d.life++
	d.st, d.stream = inbox.State{}, nil
	// What a journal keeps: only what is exported survives the disk.
	journal := d.disk
	journal.Pages = nil
	for _, h := range d.disk.Pages {
		journal.Pages = append(journal.Pages, inbox.Held{Page: h.Page, SeenAt: h.SeenAt, Told: h.Told, Escalated: h.Escalated, Settled: h.Settled, Note: h.Note})
	}
	d.feed(inbox.Started{Journal: journal})
	d.dial()
}

func (d *simDevice) kill() {
	if !d.running {
		return
	}
	d.s.tell("agent %s dies", d.id)
	d.running = false
	d.life++
	d.hangUp(d.s.between(0, time.Second))
}

// hangUp ends the stream; the hub notices after a while.
func (d *simDevice) hangUp(after time.Duration) {
	st := d.stream
	if st == nil {
		return
	}
	d.stream = nil
	heard := -d.s.between(0, 15*time.Second)
	d.s.after(after, func() { d.s.hub.close(st, d.s.hub.wall().Add(heard)) })
}

// cut takes the network away: nobody says goodbye.
func (d *simDevice) cut(length time.Duration) {
	if !d.net {
		return
	}
	d.s.tell("agent %s loses its network for %s", d.id, length)
	d.net = false
	st := d.stream
	d.hangUp(d.s.between(25*time.Second, 40*time.Second))
	if st != nil {
		d.s.after(d.s.between(0, 40*time.Second), func() { d.lost(st, "cut") })
	}
	d.s.after(length, func() { d.net = true; d.dial() })
}

func (d *simDevice) sleep(length time.Duration) {
	if d.asleep {
		return
	}
	d.s.tell("agent %s sleeps for %s", d.id, length)
	d.asleep = true
	st := d.stream
	d.hangUp(d.s.between(25*time.Second, 40*time.Second))
	d.s.after(length, func() { d.wake(st) })
}

func (d *simDevice) wake(st *simStream) {
	if !d.asleep {
		return
	}
	d.asleep, d.flushes = false, false
	if !d.running {
		d.start()
		return
	}
	d.feed(inbox.Tick{})
	if st != nil {
		d.feed(inbox.LinkLost{Why: "slept"})
	}
	d.dial()
	d.flush()
}

// recover ends every mishap of the device.
func (d *simDevice) recover() {
	d.net = true
	d.wake(nil)
	d.start()
	d.dial()
	d.flush()
}

// change mutes or locks the machine, or the other way about.
func (d *simDevice) change(sound, screen bool) {
	d.s.tell("agent %s: sound %v, screen %v", d.id, sound, screen)
	d.sound, d.screen = sound, screen
	d.prove()
}

// lost: the stream broke, as far as the agent can see.
func (d *simDevice) lost(st *simStream, why string) {
	if !d.works() || d.stream != nil && d.stream != st {
		return
	}
	d.stream = nil
	d.feed(inbox.LinkLost{Why: why})
	d.dial()
}

// dial connects, again and again until it has a stream.
func (d *simDevice) dial() {
	if d.dialing || !d.works() || d.stream != nil {
		return
	}
	d.dialing = true
	life := d.life
	d.s.after(d.s.between(100*time.Millisecond, 10*time.Second), func() {
		if d.life != life {
			return
		}
		d.dialing = false
		if !d.works() || d.stream != nil || !d.net {
			return // waking up or the network's return dials again
		}
		if d.stream = d.s.hub.connect(d); d.stream == nil {
			d.dial()
			return
		}
		d.flush()
	})
}

// receive is a frame's arrival.
func (d *simDevice) receive(st *simStream, m inbox.Message) {
	if d.works() && d.net && d.stream == st {
		d.feed(m)
	}
}

// feed gives the core a message and carries out what it asks for.
func (d *simDevice) feed(m inbox.Message) {
	if !d.works() {
		return
	}
	next, effects := d.s.core.reduce(d.st, m, simEpoch.Add(d.s.now))
	d.st = inbox.Stamped(next, func() inbox.Stamp {
		d.reports++
		return inbox.Stamp{ID: strconv.Itoa(d.reports)}
	})
	if d.s.trace != nil {
		d.s.tell("  %s: %T %v", d.id, m, effects)
	}
	dies := !d.s.healing && d.s.chance(d.s.set.crashes/4)
	for _, e := range effects {
		if _, saves := e.(inbox.Save); saves && dies {
			// The process dies right before or right after its journal is written.
			if d.s.chance(0.5) {
				d.disk = d.st.Durable
			} else if asked, ok := m.(inbox.Asked); ok {
				delete(d.taken, asked.Key) // the click is lost, and was never shown as done
			}
			d.kill()
			d.s.after(d.s.between(time.Second, time.Minute), d.start)
			return
		}
		d.carryOut(e)
	}
	d.s.check.device(d)
	d.tick()
}

func (d *simDevice) carryOut(e inbox.Effect) {
	switch e := e.(type) {
	case inbox.Save:
		d.disk = d.st.Durable
	case inbox.Deliver:
		d.flush()
	case inbox.Announce:
		d.announced[e.Page.Key]++
		d.s.stats.announced++
		d.s.check.announced(d, e.Page.Key)
	case inbox.Raise:
		d.later(d.s.between(50*time.Millisecond, 4*time.Second), d.prove)
	}
}

// later does something unless the process has ended by then.
func (d *simDevice) later(after time.Duration, do func()) {
	life := d.life
	d.s.after(after, func() {
		if d.life == life && d.works() {
			do()
		}
	})
}

func (d *simDevice) tick() {
	due := inbox.Due(d.st, simEpoch.Add(d.s.now))
	d.timer++
	if due.IsZero() {
		return
	}
	mine, life := d.timer, d.life
	d.s.at(due.Sub(simEpoch), func() {
		if d.timer == mine && d.life == life {
			d.feed(inbox.Tick{})
		}
	})
}

// prove tells the core what the machine did of its alarms, and lets the person
// notice them.
func (d *simDevice) prove() {
	var keys []inbox.Key
	for _, h := range d.st.Listed(inbox.Rings, inbox.Escalated) {
		keys = append(keys, h.Page.Key)
	}
	if len(keys) == 0 || !d.works() {
		return
	}
	if d.sound {
		d.feed(inbox.Proof{Kind: inbox.Ringing, Keys: keys})
	} else {
		d.feed(inbox.CouldNot{Way: inbox.BySound, Keys: keys, Why: "muted"})
	}
	if d.screen {
		d.feed(inbox.Proof{Kind: inbox.Shown, Keys: keys})
	} else {
		d.feed(inbox.CouldNot{Way: inbox.ByScreen, Keys: keys, Why: "locked"})
	}
	if !d.sound && !d.screen {
		return
	}
	for _, k := range keys {
		d.notice(k)
	}
}

func (d *simDevice) notice(k inbox.Key) {
	if d.noticed[k] && !d.s.chance(0.2) {
		return
	}
	d.noticed[k] = true
	var what inbox.Command
	switch x := d.s.Float64(); {
	case x < d.user.passesOn:
		what = inbox.PassOn
	case x < d.user.passesOn+d.user.resolves:
		what = inbox.Resolve
	case x < d.user.passesOn+d.user.resolves+d.user.acknowledges:
		what = inbox.Acknowledge
	default:
		return
	}
	d.later(d.s.between(0, d.user.slow), func() {
		h, held := d.st.Held(k)
		if !held {
			return
		}
		d.taken[k] = h.Page.Open()
		d.feed(inbox.Asked{Command: what, Key: k, Opening: h.Page.Opening})
	})
}

// flush sends what waits for the hub: calls may be lost, doubled or overtake
// each other, and so may their answers.
func (d *simDevice) flush() {
	if d.flushes || !d.works() || !d.net || len(d.st.Outbox) == 0 {
		return
	}
	d.flushes = true
	batch, sent := d.st.Outbox, d.s.now
	if !d.s.chance(0.1) || d.s.healing {
		for range simPick(d.s, 1, 1, 1, 1, 1, 1, 1, 2) {
			d.s.after(d.s.between(time.Millisecond, 2*time.Second), func() { d.call(batch, sent) })
		}
	}
	d.later(d.s.between(500*time.Millisecond, 5*time.Second), func() {
		d.flushes = false
		d.flush()
	})
}

func (d *simDevice) call(batch []inbox.Report, sent time.Duration) {
	for _, r := range batch {
		answer, ok := d.s.hub.report(d, r, simEpoch.Add(sent).Sub(r.Made))
		if !ok {
			return
		}
		if d.s.chance(0.05) {
			continue // the answer is lost
		}
		d.later(d.s.between(time.Millisecond, 300*time.Millisecond), func() {
			if d.net {
				if r.Command != "" {
					delete(d.taken, r.Page)
				}
				d.feed(inbox.Answered{ReportID: r.ID, Answer: answer})
			}
		})
	}
}
