package schedule

import (
	"time"

	"tocsin/hub/responder"
)

// Recurring is an absence that comes again: a user is away in every window of
// the day or week, on the clocks of a zone of their own, from Start until Until.
// It is worked out around the instants that are asked about, and never listed, so
// its age costs nothing. It counts in layers as an Absence does.
type Recurring struct {
	ID     string
	User   responder.UserID
	Zone   *time.Location // nil is UTC
	Window Restriction
	Start  time.Time // zero: it always was
	Until  time.Time // zero: it never ends
	Except []Span    // when the user is there all the same
}

// Span is a stretch [Start, End).
type Span struct{ Start, End time.Time }

// At says whether the user is away at an instant, and since when and until when
// that surely does not change; zero for no end in sight. The same answer may go
// on outside: one window may begin where another ends.
func (r *Recurring) At(t time.Time) (away bool, since, until time.Time) {
	c := clock{zone: orUTC(r.Zone)}
	away, s := r.around(&c, asked(t))
	if s.since > past {
		since = s.since.in(c.zone)
	}
	if s.until < never {
		until = s.until.in(c.zone)
	}
	return away, since, until
}

// around is At in the words of a walk; c is a clock of the absence's own zone.
func (r *Recurring) around(c *clock, t instant) (bool, stretch) {
	s := always
	start, until := always.since, always.until
	if !r.Start.IsZero() {
		start = instantOf(r.Start)
	}
	if !r.Until.IsZero() {
		until = instantOf(r.Until)
	}
	if !s.within(t, start, until) {
		return false, s
	}
	open, from, to := r.Window.window().around(c, t.unix())
	s.clip(stretch{instantOfUnix(from), instantOfUnix(to)})
	if !open {
		return false, s
	}
	for _, e := range r.Except {
		if s.within(t, instantOf(e.Start), instantOf(e.End)) {
			return false, s
		}
	}
	return true, s
}

// clockOf is the walk's clock of a zone.
func (w *walker) clockOf(zone *time.Location) *clock {
	zone = orUTC(zone)
	if zone == w.clock.zone {
		return &w.clock
	}
	for _, c := range w.abroad {
		if c.zone == zone {
			return c
		}
	}
	c := &clock{zone: zone}
	w.abroad = append(w.abroad, c)
	return c
}

// findRecurring adds who is away by a recurring absence.
func (w *walker) findRecurring(t instant) {
	for i := range w.schedule.Recurring {
		r := &w.schedule.Recurring[i]
		away, s := r.around(w.clockOf(r.Zone), t)
		w.calm.clip(s)
		if away {
			w.away = append(w.away, r.User)
		}
	}
}
