package rpc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/pager"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/store"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// longestOff bounds how long a person can go off duty from the tray; longer
// absences are planned.
const longestOff = 31 * 24 * time.Hour

// PreviewDuty implements the protocol.
func (a *Agents) PreviewDuty(ctx context.Context, req *connect.Request[agentv1.PreviewDutyRequest]) (*connect.Response[agentv1.PreviewDutyResponse], error) {
	device, err := a.Devices.ByCredential(ctx, bearer(req.Header().Get("Authorization")))
	if err != nil {
		return nil, err
	}
	now := engine.Now()
	until := req.Msg.Until.AsTime()
	if err := checkUntil(until, now); err != nil {
		return nil, err
	}
	return connect.NewResponse(pager.PreviewOff(a.Directory.Current(), device.User, now, until)), nil
}

func checkUntil(until, now time.Time) error {
	if !until.After(now) || until.Sub(now) > longestOff {
		return fault.New(fault.Invalid, "until: off duty ends in the future and within 31 days")
	}
	return nil
}

// SetDuty implements the protocol. Leaving is never refused.
func (a *Agents) SetDuty(ctx context.Context, req *connect.Request[agentv1.SetDutyRequest]) (*connect.Response[agentv1.SetDutyResponse], error) {
	device, err := a.Devices.ByCredential(ctx, bearer(req.Header().Get("Authorization")))
	if err != nil {
		return nil, err
	}
	off := req.Msg.OffUntil != nil
	until := req.Msg.OffUntil.AsTime().UTC().Truncate(time.Millisecond)
	if off {
		if err := checkUntil(until, engine.Now()); err != nil {
			return nil, err
		}
	}
	if err := a.saveDuty(ctx, device.User, off, until); err != nil {
		return nil, err
	}
	if off {
		if err := a.passOnAll(ctx, device); err != nil {
			return nil, err
		}
	}
	if err := a.Engine.Reconsider(ctx); err != nil {
		return nil, err
	}
	a.RefreshDuty()
	a.Log.Info("duty changed", "user", device.User, "off", off, "until", until)
	return connect.NewResponse(&agentv1.SetDutyResponse{Duty: pager.DutyOf(a.Directory.Current(), device.User, engine.Now())}), nil
}

func (a *Agents) saveDuty(ctx context.Context, u responder.UserID, off bool, until time.Time) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make an absence's id: %w", err)
	}
	now := engine.Now()
	err = a.Store.Update(ctx, func(tx store.Tx) error {
		if !off {
			return tx.EndAbsences(u, now)
		}
		if err := endUnplanned(tx, u, now); err != nil {
			return err
		}
		return tx.AddAbsence(responder.Absence{ID: id.String(), User: u, Start: now, End: until, Made: now})
	})
	if err != nil {
		return fmt.Errorf("save the duty of %s: %w", u, err)
	}
	return a.Directory.Reload(ctx, now)
}

// endUnplanned ends what the user said before of now. A planned absence goes on:
// an hour off does not shorten a holiday.
func endUnplanned(tx store.People, u responder.UserID, now time.Time) error {
	absences, err := tx.Absences(now)
	if err != nil {
		return err
	}
	for _, a := range absences {
		if a.User == u && a.Covers(now) && !rota.Planned(a) {
			if err := tx.EndAbsence(a.ID, now); err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
	}
	return nil
}

// passOnAll passes on what is open for who leaves.
func (a *Agents) passOnAll(ctx context.Context, d responder.Device) error {
	open, err := a.Engine.PagesOf(ctx, d.User, engine.Now())
	if err != nil {
		return err
	}
	for _, c := range open {
		_, err := a.Engine.Do(ctx, c.State.Incident.ID, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
			if _, is := s.OpenPageOf(d.User); !is {
				return s, nil, nil
			}
			command := incident.Command{By: d.User, Device: d.ID, Made: now}
			next, _, entry := escalation.PassOn(s, command, 0, now)
			return next, []incident.Entry{entry}, nil
		})
		if err != nil {
			return fmt.Errorf("pass on incident %d: %w", c.State.Incident.Number, err)
		}
	}
	return nil
}

// RefreshDuty tells every device its user's duty and shifts, because they may
// have changed.
func (a *Agents) RefreshDuty() {
	// One after the other, so that the last to be told is the last that holds.
	a.refresh.Lock()
	defer a.refresh.Unlock()
	org, now := a.Directory.Current(), engine.Now()
	a.Pager.ToUsers(func(u responder.UserID) []*agentv1.WatchResponse {
		return []*agentv1.WatchResponse{pager.DutyFrame(org, u, now), a.rosterFrame(context.Background(), org, u, now)}
	})
	a.OnCallChanged() // and the call sheets
}

// SendTestPage implements the protocol.
func (a *Agents) SendTestPage(ctx context.Context, req *connect.Request[agentv1.SendTestPageRequest]) (*connect.Response[agentv1.SendTestPageResponse], error) {
	device, err := a.Devices.ByCredential(ctx, bearer(req.Header().Get("Authorization")))
	if err != nil {
		return nil, err
	}
	change, err := a.Engine.TestPage(ctx, device.User, "This is a test. Acknowledge it, and nothing more happens.")
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&agentv1.SendTestPageResponse{Number: change.State.Incident.Number}), nil
}
