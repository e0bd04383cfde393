package rpc

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/organisation"
	"tocsin/hub/pager"
	"tocsin/hub/readiness"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

const (
	// boardFor is how long it holds who is on call and can be reached, when many
	// devices ask.
	boardFor = 2 * time.Second
	// boardEvery is how often it is looked whether that changed.
	boardEvery = 30 * time.Second
)

// board is who is on call now in each schedule that somebody is paged by.
type board struct {
	at   time.Time
	org  *organisation.Organisation
	rows []row
}

type row struct {
	frame *agentv1.OnCall
	teams []responder.TeamID // to whom it matters
}

// boards keeps the newest board, and what of it each user was told last.
type boards struct {
	mu    sync.Mutex
	board board
	told  map[responder.UserID]telling
	once  sync.Once
	hints chan struct{}
}

// telling is what a user was told of the board.
type telling struct {
	own   map[string]bool // schedules in which they stand
	words string
}

// hint is the channel by which a change is made known.
func (b *boards) hint() chan struct{} {
	b.once.Do(func() { b.hints = make(chan struct{}, 1) })
	return b.hints
}

var reaches = map[readiness.Reach]agentv1.Reachable{
	readiness.Yes: agentv1.Reachable_REACHABLE_YES, readiness.No: agentv1.Reachable_REACHABLE_NO, readiness.Unchecked: agentv1.Reachable_REACHABLE_UNCHECKED,
}

// look gives the board as it stands.
func (a *Agents) look(ctx context.Context, org *organisation.Organisation, now time.Time) []row {
	a.boards.mu.Lock()
	defer a.boards.mu.Unlock()
	if b := a.boards.board; b.org == org && !now.Before(b.at) && now.Sub(b.at) < boardFor {
		return b.rows
	}
	b := board{at: now, org: org}
	used := readiness.Used(org)
	for _, s := range org.Schedules {
		if _, paged := used[s.ID]; paged {
			b.rows = append(b.rows, a.row(ctx, org, s, now))
		}
	}
	a.boards.board = b
	return b.rows
}

func (a *Agents) row(ctx context.Context, org *organisation.Organisation, s *schedule.Schedule, now time.Time) row {
	user, _ := s.At(now)
	f := &agentv1.OnCall{ScheduleId: string(s.ID), ScheduleName: s.Name, Until: pager.Stamp(s.Until(now))}
	if _, known := org.User(user); known {
		f.UserId, f.UserName = string(user), org.UserName(user)
		reach, err := a.Reach(ctx, user)
		if err != nil && ctx.Err() == nil {
			a.Log.Error("it could not be looked up whether somebody on call can be reached", "user", user, "err", err)
		}
		f.Reachable = reaches[reach]
	}
	return row{f, readiness.TeamsOf(org, s.ID)}
}

// rosterFrame is the roster as a user is to be told it now: their own shifts, and
// who is on call where it matters to them.
func (a *Agents) rosterFrame(ctx context.Context, org *organisation.Organisation, u responder.UserID, now time.Time) *agentv1.WatchResponse {
	frame := pager.RosterFrame(org, u, now)
	roster := frame.GetRoster()
	own := map[string]bool{}
	for _, s := range roster.Shifts {
		own[s.ScheduleId] = true
	}
	roster.OnCall = rowsFor(org, u, a.look(ctx, org, now), own)
	a.boards.mu.Lock()
	defer a.boards.mu.Unlock()
	if a.boards.told == nil {
		a.boards.told = map[responder.UserID]telling{}
	}
	a.boards.told[u] = telling{own, inWords(roster.OnCall)}
	return frame
}

// rowsFor are the rows that matter to a user: those of their teams, and of other
// schedules where they stand themselves.
func rowsFor(org *organisation.Organisation, u responder.UserID, rows []row, own map[string]bool) []*agentv1.OnCall {
	var list []*agentv1.OnCall
	for _, r := range rows {
		of := func(id responder.TeamID) bool { team, _ := org.Team(id); return team.Has(u) }
		if own[r.frame.ScheduleId] || slices.ContainsFunc(r.teams, of) {
			list = append(list, r.frame)
		}
	}
	return list
}

// inWords tells whether two lists say the same.
func inWords(list []*agentv1.OnCall) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%q %q %d %d\n", f.ScheduleId, f.UserId, f.Until.AsTime().Unix(), f.Reachable)
	}
	return b.String()
}

// OnCallChanged has devices told who is on call now. It does not block.
func (a *Agents) OnCallChanged() {
	select {
	case a.boards.hint() <- struct{}{}:
	default:
	}
}

// RunRosters tells devices who is on call in their users' teams, whenever that or
// whether they can be reached changes, and their call sheet, until ctx ends.
func (a *Agents) RunRosters(ctx context.Context) error {
	timer := time.NewTimer(boardEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-a.boards.hint():
		}
		a.tellRosters(ctx)
		a.tellSheets()
		timer.Reset(boardEvery)
	}
}

func (a *Agents) tellRosters(ctx context.Context) {
	a.refresh.Lock()
	defer a.refresh.Unlock()
	org, now := a.Directory.Current(), engine.Now()
	rows := a.look(ctx, org, now)
	a.Pager.ToUsers(func(u responder.UserID) []*agentv1.WatchResponse {
		a.boards.mu.Lock()
		told := a.boards.told[u]
		a.boards.mu.Unlock()
		if told.words == inWords(rowsFor(org, u, rows, told.own)) {
			return nil
		}
		return []*agentv1.WatchResponse{a.rosterFrame(ctx, org, u, now)}
	})
}
