package inbox

import (
	"reflect"
	"slices"
)

// pageCame takes a frame in. What the agent has seen decides whether it is new:
// the journal, not the stream, so replays and restarts alarm nobody twice.
func (t *turn) pageCame(p Page) {
	if t.s.inSnapshot {
		t.s.listed[p.Key] = true
	}
	if i := t.find(p.Key); i >= 0 {
		t.changed(&t.s.Pages[i], p)
		return
	}
	h := Held{Page: p, SeenAt: t.now}
	i := slices.IndexFunc(t.s.Forgotten, func(f Forgotten) bool { return f.Key == p.Key })
	if i >= 0 && p.Version < t.s.Forgotten[i].Version {
		return
	}
	t.dirty = true
	if t.index != nil {
		t.index[p.Key] = len(t.s.Pages)
	}
	t.s.Pages = append(t.s.Pages, h)
	if i >= 0 {
		t.s.Forgotten = slices.Delete(t.s.Forgotten, i, i+1)
		return
	}
	if !p.Open() {
		return // ended before this device heard of it: history, not an alarm
	}
	fresh := &t.s.Pages[len(t.s.Pages)-1]
	t.tell(fresh, Received, "")
	if p.PassedOn {
		return
	}
	fresh.Joined = t.joins(p)
	t.do(Announce{Page: p, Joins: fresh.Joined})
}

func (t *turn) changed(h *Held, p Page) {
	h.unproven = false
	if p.Version < h.Page.Version {
		return
	}
	if h.Page.Open() && !p.Open() {
		h.Note = Ended(p)
	}
	// The answer to a command and the frame that follows from it travel on
	// different ways. Only a snapshot that began after the answer proves that
	// the hub still wants the person.
	if h.Settled && t.s.inSnapshot && t.s.stream > h.settledIn {
		h.Settled, t.dirty = false, true
	}
	if reflect.DeepEqual(h.Page, p) {
		return // a snapshot repeats; the disk need not
	}
	h.Escalated = h.Escalated || p.Escalated
	h.Page, t.dirty = p, true
}

func (t *turn) snapshotEnded() {
	if !t.s.inSnapshot {
		return
	}
	for i, h := range t.s.Pages {
		if h.Page.Open() && !t.s.listed[h.Page.Key] {
			t.s.Pages[i].Page.Outcome = outcomeOver
			t.s.Pages[i].Page.EndedAt = t.now
			t.s.Pages[i].Note = Ended(t.s.Pages[i].Page)
			t.dirty = true
		}
	}
	t.s.inSnapshot, t.s.listed = false, nil
	t.holdingUnknown()
}

// forget keeps only the keys of pages that ended long ago, and at last not even
// those.
func (t *turn) forget() {
	old := func(h Held) bool {
		ended := h.Page.EndedAt
		if ended.IsZero() {
			ended = h.SeenAt
		}
		return !h.Page.Open() && t.now.Sub(ended) >= keepEnded && !t.isCommanded(h.Page.Key)
	}
	for i := range t.s.Pages {
		if h := &t.s.Pages[i]; !h.Page.Open() && old(*h) {
			t.s.Forgotten = append(t.s.Forgotten, Forgotten{Key: h.Page.Key, Version: h.Page.Version, At: t.now})
		}
	}
	t.s.Pages, t.index = slices.DeleteFunc(t.s.Pages, old), nil
	t.s.Forgotten = slices.DeleteFunc(t.s.Forgotten, func(f Forgotten) bool {
		return t.now.Sub(f.At) >= keepForgotten
	})
}

// tell sends a receipt unless it has been told and still holds.
func (t *turn) tell(h *Held, kind ReceiptKind, detail string) {
	if h.Told.Has(kind) {
		return
	}
	h.Told = h.Told.with(kind)
	t.report(Report{Page: h.Page.Key, Receipt: kind, Detail: detail})
}

func (t *turn) proof(m Proof) {
	t.each(m.Keys, func(h *Held) {
		switch m.Kind {
		case Ringing:
			h.failures.sound = ""
		case Shown:
			h.failures.screen = ""
		case Hidden:
			if !h.Told.Has(Shown) {
				return // nobody saw it, so nobody hid it
			}
		}
		t.tell(h, m.Kind, m.Detail)
	})
}

func (t *turn) couldNot(m CouldNot) {
	t.each(m.Keys, func(h *Held) {
		if m.Way == BySound {
			h.failures.sound = m.Why
		} else {
			h.failures.screen = m.Why
		}
		t.tellFailed(h)
	})
}

func (t *turn) tellFailed(h *Held) {
	if h.failures.sound != "" && h.failures.screen != "" {
		t.tell(h, Failed, h.failures.screen+"; "+h.failures.sound)
	}
}

// proveAgain lets the shell prove open pages anew: after a restart the window
// is another, and a hub that has missed the device for a while has written its
// proofs off.
func (t *turn) proveAgain() {
	for i := range t.s.Pages {
		h := &t.s.Pages[i]
		if !h.Page.Open() || h.Told == h.Told.lasting() {
			continue
		}
		h.Told, t.dirty = h.Told.lasting(), true
		t.tellFailed(h)
	}
}

// each visits the open pages among keys; of ended ones nothing is left to prove.
func (t *turn) each(keys []Key, visit func(*Held)) {
	for _, k := range keys {
		if i := t.find(k); i >= 0 && t.s.Pages[i].Page.Open() {
			visit(&t.s.Pages[i])
		}
	}
}
