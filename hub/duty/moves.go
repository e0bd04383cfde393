package duty

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/store"
)

// mostMoves is how many stretches a notice names before it counts them.
const mostMoves = 6

// tellMoves tells everybody whose shifts moved since people were last told, but
// those who know. That they were told is noted in the same commit, so that a hub
// that stops before tells it when it starts. k.moving is held.
func (k *Keeper) tellMoves(ctx context.Context, after *organisation.Organisation, now time.Time, but ...responder.UserID) error {
	if err := k.recall(ctx); err != nil {
		return err
	}
	before := k.known
	if before == after {
		return nil
	}
	var list []notice.Notice
	if before.Revision > 0 { // the first configuration moves nobody
		list = moveNotices(before, after, rota.Moved(before, after, now, now.Add(outlook)), but, now)
	}
	err := k.Store.Update(ctx, func(tx store.Tx) error {
		if err := k.Notices.Write(tx, now, list...); err != nil {
			return err
		}
		return tx.SetTold(store.Told{Revision: after.Revision, At: now})
	})
	if err != nil {
		return fmt.Errorf("store whose shifts moved: %w", err)
	}
	k.known = after
	k.Notices.Announce()
	return nil
}

// recall learns, once, what a hub before has told.
func (k *Keeper) recall(ctx context.Context) error {
	if k.recalled {
		return nil
	}
	var told store.Told
	err := k.Store.View(ctx, func(tx store.Tx) (err error) {
		told, err = tx.Told()
		return err
	})
	if err != nil {
		return fmt.Errorf("read what people were told: %w", err)
	}
	if !told.At.IsZero() {
		known, err := k.Directory.AsTold(ctx, told)
		if err != nil {
			return err
		}
		k.known = known
	}
	k.recalled = true
	return nil
}

// catchUp tells what moved and was not told yet.
func (k *Keeper) catchUp(ctx context.Context) error {
	k.moving.Lock()
	defer k.moving.Unlock()
	return k.tellMoves(ctx, k.Directory.Current(), engine.Now())
}

// moveNotices tell each user whose shifts moved, but those who know.
func moveNotices(before, after *organisation.Organisation, moves []rota.Move, but []responder.UserID, now time.Time) []notice.Notice {
	var list []notice.Notice
	for _, u := range after.Users {
		if slices.Contains(but, u.ID) {
			continue
		}
		var lines []string
		var until time.Time
		for _, m := range moves {
			text := moveText(after, before, m, u.ID)
			if text == "" {
				continue
			}
			if lines = append(lines, text); m.End.After(until) {
				until = m.End
			}
		}
		if len(lines) == 0 {
			continue
		}
		n := len(lines)
		if n > mostMoves {
			lines = append(lines[:mostMoves:mostMoves], fmt.Sprintf("There are %d more in the next 90 days.", n-mostMoves))
		}
		title := "Your shifts have moved"
		if n == 1 {
			title = "A shift of yours has moved"
		}
		list = append(list, notice.Notice{
			ID: fmt.Sprintf("moves/%d/%d/%s", after.Revision, now.UnixMilli(), u.ID), User: u.ID, Made: now, Until: until,
			Title: title, Text: strings.Join(lines, " "), Via: notice.ViaQuiet,
		})
	}
	return list
}

// moveText is what a move is to a user; "" if it is nothing.
func moveText(after, before *organisation.Organisation, m rota.Move, u responder.UserID) string {
	zone := zoneOf(after, u)
	when := fmt.Sprintf("%s from %s to %s", m.Schedule, clock(m.Start, zone), clock(m.End, zone))
	switch {
	case m.Is == u && m.Was == "":
		return "You are on call for " + when + "."
	case m.Is == u:
		return fmt.Sprintf("You are on call for %s, instead of %s.", when, nameIn(m.Was, after, before))
	case m.Was == u && m.Is == "":
		return "You are no longer on call for " + when + "; nobody is."
	case m.Was == u:
		return fmt.Sprintf("You are no longer on call for %s; %s is.", when, nameIn(m.Is, after, before))
	}
	return ""
}

// nameIn is what a user is or was called.
func nameIn(u responder.UserID, orgs ...*organisation.Organisation) string {
	for _, o := range orgs {
		if _, known := o.User(u); known {
			return o.UserName(u)
		}
	}
	return string(u)
}
