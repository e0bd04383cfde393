package e2e

import (
	"strings"
	"time"

	"tocsin/agent/inbox"
	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
)

// simStream is the model of one Watch stream: frames in order, until it is
// closed or cut.
type simStream struct {
	device *simDevice
	since  time.Time
	last   time.Duration // when the last frame arrives
	closed bool          // by the hub
	told   map[inbox.Key]simTold
}

// simTold is what a frame says that may change; the same is not said twice.
type simTold struct {
	company, outcome, status string
	passedOn                 bool
}

// send puts a frame on the stream; the network may repeat it.
func (st *simStream) send(s *sim, m inbox.Message) {
	for range simPick(s, 1, 1, 1, 1, 1, 1, 1, 2) {
		st.last = max(st.last, s.now+s.between(0, 300*time.Millisecond))
		s.at(st.last, func() { st.device.receive(st, m) })
	}
}

// connect opens a stream for a device: the snapshot, then changes. It answers
// nil if the hub does not.
func (h *simHub) connect(d *simDevice) *simStream {
	var st *simStream
	if !h.enter(func() {
		st = &simStream{device: d, since: h.wall(), told: map[inbox.Key]simTold{}}
		if old := h.streams[d.id]; old != nil {
			old.closed = true
		}
		h.streams[d.id] = st
		delete(h.goneAt, d.id)
		st.send(h.s, inbox.Connected{HubName: "hub", UserName: string(d.user.id)})
		for _, r := range h.store.records {
			for _, p := range r.state.Pages {
				if p.User == d.user.id && (p.Open() || h.wall().Sub(p.Ended) < 24*time.Hour) {
					h.frame(st, r, p)
				}
			}
		}
		st.send(h.s, inbox.SnapshotEnded{})
		h.lookAt(d.user.id)
	}) {
		return nil
	}
	return st
}

// close takes a stream away; heard is when the device last answered a beat.
func (h *simHub) close(st *simStream, heard time.Time) {
	h.enter(func() {
		if h.streams[st.device.id] == st && !st.closed {
			st.closed = true
			delete(h.streams, st.device.id)
			h.goneAt[st.device.id] = heard.Add(escalation.GoneAfter)
			h.lookAt(st.device.user.id)
		}
	})
}

// lookAt decides anew about the incidents in which a user has an open page.
func (h *simHub) lookAt(u responder.UserID) {
	for _, r := range h.store.records {
		if _, open := r.state.OpenPageOf(u); open {
			h.do(r, nil)
		}
	}
}

// publish tells the devices of an incident's pages that were open before, or
// are now.
func (h *simHub) publish(r *simRecord, ended map[escalation.Key]bool) {
	for _, p := range r.state.Pages {
		for _, d := range h.s.devices {
			if st := h.streams[d.id]; st != nil && d.user.id == p.User && !ended[p.Key] {
				h.frame(st, r, p)
			}
		}
	}
}

func (h *simHub) frame(st *simStream, r *simRecord, p escalation.Page) {
	if !simTravelled(p, responder.Devices) {
		return
	}
	i := r.state.Incident
	f := inbox.Page{
		Key: inbox.Key{Incident: string(i.ID), Wave: uint32(p.Wave), User: string(p.User)}, Version: i.Version,
		Opening: uint32(p.Opening), Number: i.Number, Summary: i.Summary, Severity: string(i.Severity), Urgency: string(incident.High),
		TriggeredAt: i.TriggeredAt, PagedAt: p.At, Outcome: string(p.Outcome), EndedAt: p.Ended, EndedBy: string(p.EndedBy),
		PassedOn: p.PassedOn, IncidentStatus: string(i.Status),
	}
	if p.Low {
		f.Urgency = string(incident.Low)
	}
	for _, o := range r.state.Pages {
		if o.Open() && o.User != p.User {
			f.AlsoPaged = append(f.AlsoPaged, string(o.User))
		}
	}
	told := simTold{strings.Join(f.AlsoPaged, " "), f.Outcome, f.IncidentStatus, f.PassedOn}
	if st.told[f.Key] == told {
		return
	}
	st.told[f.Key] = told
	st.send(h.s, inbox.PageCame{Page: f})
	if !p.Open() {
		h.s.check.closes(st, f.Key)
	}
}

func simTravelled(p escalation.Page, m responder.MethodID) bool {
	for _, u := range p.Uses {
		if u.Method == m {
			return true
		}
	}
	return false
}

// report takes in what a device says; ok is false if no answer goes back.
func (h *simHub) report(d *simDevice, r inbox.Report, age time.Duration) (answer inbox.Answer, ok bool) {
	ok = h.enter(func() {
		id := string(d.id) + "/" + r.ID
		if known, seen := h.store.answers[id]; seen {
			answer = inbox.Answer(known)
			return
		}
		rec := h.find(r.Page.Incident)
		if rec == nil {
			answer = inbox.Refused
			return
		}
		k := escalation.Key{Wave: int(r.Page.Wave), User: d.user.id}
		page, known := rec.state.Page(k)
		made := h.wall().Add(-age)
		if made.Before(page.At) {
			made = page.At
		}
		if r.Command != "" {
			a := h.commandOnce(rec, string(r.Command), incident.Command{By: d.user.id, Device: d.id, Opening: int(r.Opening), Made: made}, id)
			answer = inbox.Answer(a)
			return
		}
		h.do(rec, func(tx *simTx) {
			if known && page.Open() {
				h.observe(rec, tx, k, d.id, r.Receipt, made)
			}
			tx.told = append(tx.told, func() { h.store.answers[id] = incident.Applied })
			tx.entries = append(tx.entries, incident.Entry{At: made, Kind: incident.Kind(r.Receipt), User: k.User, Device: d.id, Wave: k.Wave})
		})
		answer = inbox.Applied
	})
	return answer, ok
}

func (h *simHub) observe(rec *simRecord, tx *simTx, k escalation.Key, d responder.DeviceID, kind inbox.ReceiptKind, made time.Time) {
	switch kind {
	case inbox.Ringing, inbox.Shown, inbox.Failed:
		alive := kind != inbox.Failed
		tx.state = h.s.core.observe(tx.state, k, d, alive, made)
		tx.told = append(tx.told, func() { h.s.check.observed(rec, k, d, alive, made) })
	}
}

// commandOnce is command for a report that may come again: its answer is
// committed with it.
func (h *simHub) commandOnce(r *simRecord, what string, c incident.Command, id string) incident.Answer {
	h.once = func(a incident.Answer) { h.store.answers[id] = a }
	defer func() { h.once = nil }()
	return h.command(r, what, c)
}

func (h *simHub) find(id string) *simRecord {
	for _, r := range h.store.records {
		if string(r.state.Incident.ID) == id {
			return r
		}
	}
	return nil
}
