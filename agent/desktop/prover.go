package desktop

import (
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
)

// grace is how long a raised window may take to be seen before it counts as not
// shown. The hub waits for ten seconds.
const grace = 3 * time.Second

// prover turns what was seen of sound and screen into messages, and says each
// thing about a page once, or again when the inbox wants it proven anew: the
// state that follows from a message must not lead to the same message for ever.
// It is used by one goroutine at a time.
type prover struct {
	sound  map[inbox.Key]string
	screen map[inbox.Key]string
	locked bool
}

func newProver() *prover {
	return &prover{sound: map[inbox.Key]string{}, screen: map[inbox.Key]string{}}
}

// heard proves what is known of the sound, for the pages that ring.
func (p *prover) heard(s inbox.State, now alarm.SoundState) []inbox.Message {
	ringing := s.Listed(inbox.Rings, inbox.Escalated)
	prune(p.sound, ringing)
	switch {
	case now.Playing:
		if keys := news(p.sound, ringing, "ringing", inbox.Ringing); len(keys) > 0 {
			return []inbox.Message{inbox.Proof{Kind: inbox.Ringing, Keys: keys, Detail: now.Output}}
		}
	case now.Reason != "":
		if keys := news(p.sound, ringing, "not: "+now.Reason, ""); len(keys) > 0 {
			return []inbox.Message{inbox.CouldNot{Way: inbox.BySound, Keys: keys, Why: now.Reason}}
		}
	}
	return nil
}

// seen proves what is known of the window, raised that long ago.
func (p *prover) seen(s inbox.State, sight alarm.Sight, raised time.Duration) []inbox.Message {
	pages := s.Window()
	prune(p.screen, pages)
	var out []inbox.Message
	if sight.Verdict == alarm.Visible {
		if keys := news(p.screen, pages, "shown", inbox.Shown); len(keys) > 0 {
			out = append(out, inbox.Proof{Kind: inbox.Shown, Keys: keys, Detail: sight.Detail})
		}
		if p.locked {
			out = append(out, inbox.Proof{Kind: inbox.Touched, Keys: keysOf(pages), Detail: "screen unlocked"})
		}
		p.locked = false
		return out
	}
	p.locked = sight.Locked
	if raised < grace {
		return nil
	}
	if keys := news(p.screen, s.Listed(inbox.Rings, inbox.Escalated), "not: "+sight.Detail, ""); len(keys) > 0 {
		out = append(out, inbox.CouldNot{Way: inbox.ByScreen, Keys: keys, Why: sight.Detail})
	}
	return out
}

// hidden: what is shown next is shown anew.
func (p *prover) hidden() { clear(p.screen) }

// news answers the keys of the pages of which something else was said last, or
// which want it proven again.
func news(said map[inbox.Key]string, pages []inbox.Held, what string, proof inbox.ReceiptKind) (keys []inbox.Key) {
	for _, h := range pages {
		k := h.Page.Key
		if said[k] != what || proof != "" && !h.Told.Has(proof) {
			said[k] = what
			keys = append(keys, k)
		}
	}
	return keys
}

// prune forgets the pages that are no longer concerned.
func prune(said map[inbox.Key]string, pages []inbox.Held) {
	still := map[inbox.Key]bool{}
	for _, h := range pages {
		still[h.Page.Key] = true
	}
	for k := range said {
		if !still[k] {
			delete(said, k)
		}
	}
}

func keysOf(pages []inbox.Held) (keys []inbox.Key) {
	for _, h := range pages {
		keys = append(keys, h.Page.Key)
	}
	return keys
}
