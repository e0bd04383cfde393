package muster

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/pager"
	"tocsin/hub/readiness"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// The muster's times.
const (
	// settle is how long devices have to come back after a start before anybody is
	// said not to be there.
	settle = time.Minute
	// lookEvery is how often it is looked whether something is due that nobody
	// foresaw: the configuration changed, an absence ended.
	lookEvery = 20 * time.Second
	// reckonEvery is how often the shifts are reckoned anew without a reason.
	reckonEvery = 5 * time.Minute
	// keep is how long looks are known: longer than a shift's start can be due.
	keep = 2 * readiness.Back
)

// Devices are the users' devices.
type Devices interface {
	Probe(ctx context.Context, u responder.UserID) []pager.Probed
	Reachable(u responder.UserID) string
}

// Herald tells people.
type Herald interface {
	Write(tx store.Tx, now time.Time, list ...notice.Notice) error
	Announce()
}

// Directory knows the organisation, now and before.
type Directory interface {
	Current() *organisation.Organisation
	History(ctx context.Context, from time.Time) (organisation.History, error)
}

// Parts are what a muster works with.
type Parts struct {
	Store     store.Store
	Directory Directory
	Devices   Devices
	Herald    Herald
	// Changed is called when somebody came on call or went off; it does not block.
	Changed func()
	Log     *slog.Logger
}

// Muster looks. It is safe for concurrent use.
type Muster struct {
	Parts

	// Run's own.
	last time.Time // when the shifts were reckoned
	org  *organisation.Organisation
	next time.Time // when something is due
}

// New makes a muster. It starts nothing.
func New(p Parts) *Muster { return &Muster{Parts: p} }

// Run looks at what is due until ctx ends.
func (m *Muster) Run(ctx context.Context) error {
	timer := time.NewTimer(settle)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		wait := lookEvery
		if err := m.turn(ctx); err != nil && ctx.Err() == nil {
			m.Log.Error("it could not be looked whether those who will be on call can be reached; it is tried again", "err", err)
		} else if !m.next.IsZero() {
			wait = max(min(wait, m.next.Sub(engine.Now())), time.Millisecond)
		}
		timer.Reset(wait)
	}
}

// turn does what is due, if anything can be.
func (m *Muster) turn(ctx context.Context) error {
	now, org := engine.Now(), m.Directory.Current()
	idle := org == m.org && (m.next.IsZero() || now.Before(m.next)) && now.Sub(m.last) < reckonEvery && !now.Before(m.last)
	if idle {
		return nil
	}
	history, err := m.Directory.History(ctx, now.Add(-readiness.Back))
	if err != nil {
		return err
	}
	var done map[readiness.Key]bool
	err = m.Store.View(ctx, func(tx store.Tx) (err error) {
		done, err = tx.Checks(now.Add(-keep))
		return err
	})
	if err != nil {
		return err
	}
	due, next := readiness.Due(readiness.Shifts(history, now), people{org}, done, now)
	if len(due) > 0 {
		err = m.do(ctx, history, due)
	}
	if err == nil {
		m.org, m.next, m.last = org, next, now
	}
	return err
}

// people answers what readiness asks of the users.
type people struct{ org *organisation.Organisation }

func (p people) Zone(u responder.UserID) *time.Location {
	user, _ := p.org.User(u)
	return user.Zone()
}

func (p people) Away(u responder.UserID, t time.Time) bool {
	_, off := p.org.AbsenceAt(u, t)
	return off
}

// do looks, and stores what it found together with what people are told.
func (m *Muster) do(ctx context.Context, h organisation.History, due []readiness.Task) error {
	found, err := m.lookAt(ctx, due)
	if err != nil {
		return err
	}
	now, org := engine.Now(), m.Directory.Current()
	moved := false
	err = m.Store.Update(ctx, func(tx store.Tx) error {
		var fresh []readiness.Task
		moved = false
		for _, t := range due {
			added, err := tx.AddCheck(t.Key(), found[t.User].Reach, now)
			if err != nil {
				return err
			}
			if added {
				fresh = append(fresh, t)
				moved = moved || t.Moment == readiness.AtStart || t.Moment == readiness.AtEnd
			}
		}
		if err := tx.ForgetChecks(now.Add(-keep)); err != nil {
			return err
		}
		return m.Herald.Write(tx, now, notices(org, h, fresh, found, now)...)
	})
	if err != nil {
		return err
	}
	m.Herald.Announce()
	if moved {
		m.Changed()
	}
	return nil
}

// lookAt looks at each user once of whom a look is due.
func (m *Muster) lookAt(ctx context.Context, due []readiness.Task) (map[responder.UserID]readiness.Verdict, error) {
	var running sync.WaitGroup
	var mu sync.Mutex
	var failed error
	found := map[responder.UserID]readiness.Verdict{}
	for _, t := range due {
		if _, known := found[t.User]; known || !t.High || t.Moment == readiness.AtEnd {
			continue
		}
		found[t.User] = readiness.Verdict{}
	}
	users := make([]responder.UserID, 0, len(found))
	for u := range found {
		users = append(users, u)
	}
	for _, u := range users {
		running.Go(func() {
			v, err := m.Look(ctx, u)
			mu.Lock()
			defer mu.Unlock()
			if found[u] = v; err != nil {
				failed = err
			}
		})
	}
	running.Wait()
	return found, failed
}
