package muster

import (
	"context"
	"fmt"
	"time"

	"tocsin/hub/organisation"
	"tocsin/hub/readiness"
	"tocsin/hub/responder"
	"tocsin/hub/store"
)

// Look probes a user's devices, which takes up to pager.ProbeWithin, and says what
// that means.
func (m *Muster) Look(ctx context.Context, u responder.UserID) (readiness.Verdict, error) {
	org := m.Directory.Current()
	methods, err := m.methods(ctx, org, u)
	if err != nil {
		return readiness.Verdict{}, err
	}
	facts := readiness.Facts{Methods: methods}
	place := map[responder.DeviceID]int{}
	for _, d := range org.DevicesOf(u) {
		place[d.ID] = len(facts.Devices)
		facts.Devices = append(facts.Devices, readiness.Device{Name: d.Name})
	}
	for _, p := range m.Devices.Probe(ctx, u) {
		if i, known := place[p.Device]; known {
			d := &facts.Devices[i]
			d.Connected, d.Answered, d.Ready, d.Problems = true, p.Answered, p.Ready, p.Problems
		}
	}
	return readiness.Judge(facts), ctx.Err()
}

// Reach says how a user can be reached by what is known, without a probe.
func (m *Muster) Reach(ctx context.Context, u responder.UserID) (readiness.Reach, error) {
	devices := readiness.Reach(m.Devices.Reachable(u))
	if devices == readiness.Yes {
		return devices, nil
	}
	methods, err := m.methods(ctx, m.Directory.Current(), u)
	return readiness.ReachBy(devices, methods), err
}

// methods tells what is known of a user's contact methods.
func (m *Muster) methods(ctx context.Context, org *organisation.Organisation, u responder.UserID) ([]readiness.Method, error) {
	user, _ := org.User(u)
	var list []readiness.Method
	err := m.Store.View(ctx, func(tx store.Tx) (err error) {
		list = nil
		for _, c := range user.ContactMethods {
			known := readiness.Method{ID: c.ID, Kind: c.Kind, Wakes: c.Wakes, Usable: org.Carries(c.Kind)}
			if known.Worked, known.Used, err = tx.MethodWorked(u, c.ID); err != nil {
				return err
			}
			list = append(list, known)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ask what the contact methods of %s did last: %w", u, err)
	}
	return list, nil
}

// Comer is somebody who is or will be on call.
type Comer struct {
	User responder.UserID
	// Shifts that run at some time of the span, in the order of the schedules; none
	// for who is named by a policy itself.
	Shifts []readiness.Shift
}

// Comers lists who is on call for high urgency at some time of the next so long.
func (m *Muster) Comers(now time.Time, ahead time.Duration) []Comer {
	org := m.Directory.Current()
	until := now.Add(ahead)
	shifts := map[responder.UserID][]readiness.Shift{}
	for _, s := range org.Schedules {
		if !readiness.Used(org)[s.ID] {
			continue
		}
		for at := now; at.Before(until); {
			user, _ := s.At(at)
			end := s.Until(at)
			if user != "" {
				shifts[user] = append(shifts[user], readiness.Shift{Schedule: s.ID, Name: s.Name, User: user, Start: at, End: end, High: true})
			}
			if end.IsZero() {
				break
			}
			at = end
		}
	}
	var list []Comer
	for _, u := range readiness.OnCall(org, now, until) {
		list = append(list, Comer{u, shifts[u]})
	}
	return list
}
