package schedule

import (
	"math"
	"time"

	"tocsin/hub/responder"
)

// instant is Unix time in nanoseconds. Whatever lies before past or after never
// is one of the two ends of always; a year can be added to any other.
type instant int64

const (
	past  instant = -9_100_000_000 * second
	never instant = +9_100_000_000 * second

	second = instant(time.Second)
)

func instantOf(t time.Time) instant {
	at := instantOfUnix(t.Unix())
	if at == always.since || at == always.until {
		return at
	}
	return at + instant(t.Nanosecond())
}

func instantOfUnix(sec int64) instant {
	switch {
	case sec < int64(past/second):
		return always.since
	case sec >= int64(never/second):
		return always.until
	}
	return instant(sec) * second
}

// asked is the instant of a question, never one of the ends of always.
func asked(t time.Time) instant { return max(past, min(instantOf(t), never)) }

func (t instant) unix() int64 { return floorDiv(int64(t), int64(second)) }

func (t instant) in(zone *time.Location) time.Time { return time.Unix(0, int64(t)).In(zone) }

// stretch is [since, until). The zero value holds nothing.
type stretch struct{ since, until instant }

var always = stretch{math.MinInt64, math.MaxInt64}

func (s stretch) holds(t instant) bool { return s.since <= t && t < s.until }

// clip shortens the stretch to what it shares with another that holds the same
// instant.
func (s *stretch) clip(o stretch) {
	s.since, s.until = max(s.since, o.since), min(s.until, o.until)
}

// within says whether t lies in [start, end), and shortens the stretch so that
// this is true of all of it.
func (s *stretch) within(t, start, end instant) bool {
	switch {
	case t < start:
		s.until = min(s.until, start)
		return false
	case t >= end:
		s.since = max(s.since, end)
		return false
	}
	s.clip(stretch{start, end})
	return true
}

// answer is who is on call, and for what stretch that surely holds. The same
// answer may go on outside of it.
type answer struct {
	stretch
	user   responder.UserID
	source Source
}

// walker answers one question about a schedule. It keeps every part of the last
// answer for the stretch that it holds, so that a walk along a span works each
// part out only when it changes.
type walker struct {
	schedule *Schedule
	clock    clock
	abroad   []*clock           // of other zones, in which recurring absences are reckoned
	layers   []answer           // of each layer alone
	away     []responder.UserID // who is absent in calm
	calm     stretch
	ruling   []int // indices of the overrides that cover all of reign
	reign    stretch
}

func (s *Schedule) walker() *walker {
	return &walker{
		schedule: s,
		clock:    clock{zone: orUTC(s.Zone)},
		layers:   make([]answer, len(s.Layers)),
	}
}

// at answers for the whole schedule.
func (w *walker) at(t instant) answer {
	w.findAbsences(t)
	w.findOverrides(t)
	a := answer{stretch: w.reign}
	for i := len(w.layers) - 1; i >= 0 && a.user == ""; i-- {
		layer := &w.layers[i]
		if !layer.holds(t) {
			*layer = w.layerAt(&w.schedule.Layers[i], t)
		}
		a.clip(layer.stretch)
		a.user, a.source = layer.user, layer.source
	}
	for _, i := range w.ruling {
		o := &w.schedule.Overrides[i]
		if o.Replaces == "" || o.Replaces == a.user {
			a.user, a.source = o.User, Source{Override: o.ID}
		}
	}
	return a
}

func (w *walker) findAbsences(t instant) {
	if w.calm.holds(t) {
		return
	}
	w.calm, w.away = always, w.away[:0]
	for i := range w.schedule.Absences {
		a := &w.schedule.Absences[i]
		if w.calm.within(t, instantOf(a.Start), instantOf(a.End)) {
			w.away = append(w.away, a.User)
		}
	}
	w.findRecurring(t)
}

func (w *walker) findOverrides(t instant) {
	if w.reign.holds(t) {
		return
	}
	w.reign, w.ruling = always, w.ruling[:0]
	for i := range w.schedule.Overrides {
		o := &w.schedule.Overrides[i]
		if w.reign.within(t, instantOf(o.Start), instantOf(o.End)) {
			w.ruling = append(w.ruling, i)
		}
	}
}

// layerAt answers for one layer. A layer of one participant has no hand-offs,
// which spares long walks over turns that change nothing.
func (w *walker) layerAt(l *Layer, t instant) answer {
	a := answer{stretch: w.calm}
	turns, sec := l.Rotation.series(), t.unix()
	until := always.until
	if !l.Until.IsZero() {
		until = instantOf(l.Until)
	}
	start := instantOfUnix(w.clock.first(turns.start))
	if !a.within(t, start, until) || !w.open(l, sec, &a.stretch) || len(l.Participants) == 0 {
		return a
	}
	var turn int64
	if len(l.Participants) > 1 {
		turn = w.clock.latest(turns, sec)
		a.clip(stretch{
			instantOfUnix(w.clock.first(turns.reading(turn))),
			instantOfUnix(w.clock.first(turns.reading(turn + 1))),
		})
	}
	a.user = w.onTurn(l.Participants, int(turn%int64(len(l.Participants))))
	if a.user != "" {
		a.source.Layer = l.Name
	}
	return a
}

// open says whether the layer's restrictions show it, and shortens the stretch
// so that this is true of all of it.
func (w *walker) open(l *Layer, sec int64, s *stretch) bool {
	closed := always
	for i := range l.Restrictions {
		open, since, until := l.Restrictions[i].window().around(&w.clock, sec)
		around := stretch{instantOfUnix(since), instantOfUnix(until)}
		if open {
			s.clip(around)
			return true
		}
		closed.clip(around)
	}
	s.clip(closed)
	return len(l.Restrictions) == 0
}

// onTurn returns who takes a turn of the n-th participant.
func (w *walker) onTurn(participants []responder.UserID, n int) responder.UserID {
	user := participants[n]
	if user == "" || !w.absent(user) {
		return user
	}
	if w.schedule.WhenAbsent == Gap {
		return ""
	}
	for i := range participants[1:] {
		next := participants[(n+1+i)%len(participants)]
		if next != "" && !w.absent(next) {
			return next
		}
	}
	return ""
}

func (w *walker) absent(user responder.UserID) bool {
	for _, u := range w.away {
		if u == user {
			return true
		}
	}
	return false
}
