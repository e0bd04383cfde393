package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/heartbeat"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
)

// simStore is the model of the database: a commit happens whole or not at all,
// and what was committed outlives the hub.
type simStore struct {
	s        *sim
	records  []*simRecord
	answers  map[string]incident.Answer // to reports
	applied  map[int]int                // events of the source, by how often they were taken in
	absences []responder.Absence
	windows  []organisation.Window
	beat     heartbeat.Beat
	org      *organisation.Organisation // with these absences and windows
	tokens   int                        // links made
	clicked  map[int]bool               // links answered by
	alive    time.Time                  // when a hub last noted that it runs
	grace    time.Time                  // when the last grace began
}

// simRecord is one incident. Its pages are all that there ever were.
type simRecord struct {
	state    escalation.State
	wakeAt   time.Time
	timeline []simEntry
	hash     hash.Hash
}

type simEntry struct {
	incident.Entry
	mac [32]byte
}

// simCrash is the hub's death between two instructions.
type simCrash struct{}

// commit writes. The hub may die right before or right after it.
func (st *simStore) commit(write func()) {
	dies := !st.s.healing && st.s.chance(st.s.set.crashes)
	before := dies && st.s.chance(0.5)
	if before {
		panic(simCrash{})
	}
	write()
	if dies {
		panic(simCrash{})
	}
}

// load gives the state as a hub reads it: open pages and those of the pass, or
// ahead of it.
func (r *simRecord) load() escalation.State {
	st := r.state
	st.Pages = nil
	for _, p := range r.state.Pages {
		if p.Open() || p.Pass >= st.Course.Pass {
			st.Pages = append(st.Pages, p)
		}
	}
	return st
}

// ended lists which pages are over.
func (r *simRecord) ended() map[escalation.Key]bool {
	over := map[escalation.Key]bool{}
	for _, p := range r.state.Pages {
		over[p.Key] = !p.Open()
	}
	return over
}

// save puts a state back. Entries are chained by a keyed hash and stamped so
// that none is earlier than the one before.
func (r *simRecord) save(st escalation.State, entries []incident.Entry, wakeAt time.Time) {
	pages := slices.Clone(r.state.Pages)
	for _, p := range st.Pages {
		if i := slices.IndexFunc(pages, func(o escalation.Page) bool { return o.Key == p.Key }); i >= 0 {
			pages[i] = p
		} else {
			pages = append(pages, p)
		}
	}
	version := r.state.Incident.Version + 1
	r.state = st
	r.state.Pages, r.state.World, r.state.Incident.Version = pages, escalation.World{}, version
	r.wakeAt = wakeAt
	for _, e := range entries {
		if n := len(r.timeline); n > 0 && e.At.Before(r.timeline[n-1].At) {
			e.At = r.timeline[n-1].At
		}
		r.timeline = append(r.timeline, simEntry{e, r.seal(e)})
	}
}

var simKey = []byte("outside the database")

// seal is the keyed hash of an entry and the one before.
func (r *simRecord) seal(e incident.Entry) (sum [32]byte) {
	if r.hash == nil {
		r.hash = hmac.New(sha256.New, simKey)
	}
	r.hash.Reset()
	if n := len(r.timeline); n > 0 {
		r.hash.Write(r.timeline[n-1].mac[:])
	}
	sealEntry(r.hash, e)
	r.hash.Sum(sum[:0])
	return sum
}

func sealEntry(h hash.Hash, e incident.Entry) {
	var b []byte
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMilli()))
	for _, text := range []string{string(e.Kind), string(e.Reason), string(e.User), string(e.Device), string(e.Method), e.Text} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	for _, n := range []int{e.Level, e.Round, e.Wave} {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	_, _ = h.Write(b) // a hash never fails
}

// verified follows the chain and answers whether nothing was changed.
func (r *simRecord) verified() bool {
	var last [32]byte
	for n, e := range r.timeline {
		h := hmac.New(sha256.New, simKey)
		if n > 0 {
			h.Write(last[:])
		}
		sealEntry(h, e.Entry)
		if !hmac.Equal(h.Sum(nil), e.mac[:]) {
			return false
		}
		last = e.mac
	}
	return true
}
