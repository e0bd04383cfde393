package duty

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/notice"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/store"
)

// The times of what follows an answer.
const (
	retry = time.Second
	// lately is how far back a start looks for requests whose end may not have
	// been told.
	lately = 24 * time.Hour
	// longestRest is how often devices are told their users' duty and shifts at
	// least.
	longestRest = 6 * time.Hour
)

// Tell takes note of a commit. It does not block.
func (k *Keeper) Tell(c engine.Change) {
	if i := c.State.Incident; i.Cover.Asked() && i.Status != incident.Triggered {
		k.look(i.ID)
	}
}

func (k *Keeper) look(id incident.ID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dirty[id] = true
	k.nudge()
}

// nudge makes Run look around.
func (k *Keeper) nudge() {
	select {
	case k.hint <- struct{}{}:
	default:
	}
}

// Run does what follows from answers until ctx ends. What was under way when the
// hub stopped before is finished first.
func (k *Keeper) Run(ctx context.Context) error {
	again, edge := time.NewTimer(0), time.NewTimer(longestRest)
	defer again.Stop()
	defer edge.Stop()
	started := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-k.hint:
		case <-again.C:
		case <-edge.C: // somebody's duty may have changed by itself
			k.Refresh()
		}
		edge.Reset(k.rest())
		if !started {
			if err := k.resume(ctx); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				k.Log.Error("what a hub before may have left unfinished could not be done; it is tried again", "err", err)
				again.Reset(retry)
				continue
			}
			started = true
		}
		if err := k.reloadOwed(ctx); err != nil && ctx.Err() == nil {
			k.Log.Error("what was changed could not be made felt everywhere; it is tried again", "err", err)
			again.Reset(retry)
		}
		if !k.finishAll(ctx) {
			again.Reset(retry)
		}
	}
}

// rest is how long nobody's duty changes by itself.
func (k *Keeper) rest() time.Duration {
	now := engine.Now()
	next := k.Directory.Current().NextDutyChange(now)
	if next.IsZero() {
		return longestRest
	}
	return min(next.Sub(now), longestRest)
}

// resume finishes what a hub that stopped in the middle left: whose shifts moved is
// told, who went off duty passes on what was open, and what follows from requests
// for cover is looked at.
func (k *Keeper) resume(ctx context.Context) error {
	if err := k.catchUp(ctx); err != nil {
		return err
	}
	now := engine.Now()
	for _, a := range k.Directory.Current().Absences {
		if a.Covers(now) && !rota.Planned(a) {
			if err := k.passOn(ctx, a.User, "", a.Start); err != nil {
				return err
			}
		}
	}
	return k.Store.View(ctx, func(tx store.Tx) error {
		ids, err := tx.Covers(now.Add(-lately))
		for _, id := range ids {
			k.look(id)
		}
		return err
	})
}

// finishAll reports whether nothing is left to be tried again.
func (k *Keeper) finishAll(ctx context.Context) bool {
	k.mu.Lock()
	ids := k.dirty
	k.dirty = map[incident.ID]bool{}
	k.mu.Unlock()
	done := true
	for id := range ids {
		if err := k.finish(ctx, id); err != nil && ctx.Err() == nil {
			k.Log.Error("what follows from a request for cover could not be done; it is tried again", "incident", id, "err", err)
			k.look(id)
			done = false
		}
	}
	return done
}

// finish does what follows from an answer, whatever of it was done before.
func (k *Keeper) finish(ctx context.Context, id incident.ID) error {
	var r store.Record
	var entries []incident.Entry
	err := k.Store.View(ctx, func(tx store.Tx) (err error) {
		if r, err = tx.Load(id); err != nil {
			return err
		}
		entries, err = tx.Timeline(id)
		return err
	})
	switch {
	case err != nil:
		return err
	case r.Incident.Status == incident.Acknowledged:
		return k.accepted(ctx, r.Incident)
	case r.Incident.Status == incident.Resolved:
		return k.over(ctx, r.Incident, entries)
	case r.Incident.Cover.To == "":
		return k.tellManagers(ctx, r)
	}
	return nil
}

// accepted enters what somebody accepted, and ends the request. Each step counts
// once, however often it is done.
func (k *Keeper) accepted(ctx context.Context, i incident.Incident) error {
	start, now := i.AcknowledgedAt, engine.Now()
	if start.Before(i.Cover.Start) {
		start = i.Cover.Start
	}
	var moves []rota.Move
	if start.Before(i.Cover.End) {
		var err error
		moves, err = k.Rota.Relieve(ctx, rota.Relief{ID: string(i.ID), Of: i.Cover.Of, By: i.Holder, Start: start, End: i.Cover.End}, now)
		switch fault.KindOf(err) {
		case fault.Invalid, fault.NotFound, fault.Conflict: // and will be tomorrow
			return k.impossible(ctx, i, err)
		}
		if err != nil {
			return err
		}
		if err := k.colleagueAccepted(ctx, i, start); err != nil {
			return err
		}
	}
	_, err := k.Engine.Do(ctx, i.ID, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		if s.Incident.Status != incident.Acknowledged {
			return s, nil, nil
		}
		covered := incident.Entry{At: now, Kind: incident.KindCovered, Reason: incident.ReasonCover, User: i.Holder, Text: stretches(moves)}
		next, over := incident.EndCover(s.Incident, incident.ReasonCovered, now)
		s.Incident = next
		return s, []incident.Entry{covered, over}, nil
	})
	if err != nil {
		return err
	}
	k.Log.Info("shifts were taken over", "incident", i.Number, "of", i.Cover.Of, "by", i.Holder, "until", i.Cover.End)
	return k.Reload(ctx, i.Cover.Of, i.Holder)
}

// impossible ends a request that was accepted and cannot be carried out, as when
// who accepted has left the organisation meanwhile.
func (k *Keeper) impossible(ctx context.Context, i incident.Incident, why error) error {
	k.Log.Warn("a request for cover was accepted and cannot be carried out", "incident", i.Number, "of", i.Cover.Of, "by", i.Holder, "err", why)
	_, err := k.Engine.Do(ctx, i.ID, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		if s.Incident.Status != incident.Acknowledged {
			return s, nil, nil
		}
		next, over := incident.EndCover(s.Incident, incident.ReasonImpossible, now)
		over.Text = fault.Sentence(why)
		s.Incident = next
		return s, []incident.Entry{over}, nil
	})
	return err
}

// colleagueAccepted takes who asked off duty, and passes on what is open: by "I
// can't" both are done already.
func (k *Keeper) colleagueAccepted(ctx context.Context, i incident.Incident, start time.Time) error {
	if i.Cover.To == "" {
		return nil
	}
	err := k.Store.Update(ctx, func(tx store.Tx) error {
		return tx.AddAbsence(responder.Absence{ID: string(i.ID), User: i.Cover.Of, Start: start, End: i.Cover.End, Made: start})
	})
	if err != nil {
		return fmt.Errorf("store the absence of %s: %w", i.Cover.Of, err)
	}
	if err := k.Directory.Reload(ctx, engine.Now()); err != nil {
		return err
	}
	return k.passOn(ctx, i.Cover.Of, "", engine.Now())
}

// stretches says what moved.
func stretches(moves []rota.Move) string {
	const most = 5
	var parts []string
	for n, m := range moves {
		if n == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(moves)-n))
			break
		}
		parts = append(parts, fmt.Sprintf("%s from %s to %s", m.Schedule, clock(m.Start, m.Start.Location()), clock(m.End, m.End.Location())))
	}
	return strings.Join(parts, "; ")
}

// over tells who asked how it ended.
func (k *Keeper) over(ctx context.Context, i incident.Incident, entries []incident.Entry) error {
	n, ok := k.ending(i, entries)
	if !ok {
		return nil
	}
	k.Refresh()
	return k.Notices.Tell(ctx, append(k.relieved(i, entries), n)...)
}

// relieved tells the managers, who heard that somebody cannot go on, who does.
func (k *Keeper) relieved(i incident.Incident, entries []incident.Entry) []notice.Notice {
	if i.Cover.To != "" || ended(entries).Reason != incident.ReasonCovered {
		return nil
	}
	org := k.Directory.Current()
	var list []notice.Notice
	for _, m := range org.ManagersOf(i.Cover.Of) {
		if m == i.Holder {
			continue
		}
		list = append(list, notice.Notice{
			ID: fmt.Sprintf("cover/%s/covered/%s", i.ID, m), User: m, Made: i.ResolvedAt, Until: i.Cover.End, Via: notice.ViaQuiet,
			Title: org.UserName(i.Holder) + " takes over from " + org.UserName(i.Cover.Of),
			Text:  fmt.Sprintf("%s, who could not go on being on call, is replaced: %s takes over %s.", org.UserName(i.Cover.Of), org.UserName(i.Holder), covered(entries)),
		})
	}
	return list
}

func (k *Keeper) ending(i incident.Incident, entries []incident.Entry) (notice.Notice, bool) {
	org := k.Directory.Current()
	n := notice.Notice{
		ID: fmt.Sprintf("cover/%s/over", i.ID), User: i.Cover.Of, Made: i.ResolvedAt, Until: i.ResolvedAt.Add(lately), Via: notice.ViaQuiet,
	}
	to, still := org.UserName(i.Cover.To), " You are still on duty."
	if i.Cover.To == "" {
		to, still = "Nobody", " You are off duty all the same, and the next level is paged instead."
	}
	switch last := ended(entries); last.Reason {
	case incident.ReasonCovered:
		n.Title = org.UserName(i.Holder) + " takes over from you"
		n.Text = fmt.Sprintf("%s takes over: %s. You are off duty until %s.", org.UserName(i.Holder), covered(entries), clock(i.Cover.End, zoneOf(org, i.Cover.Of)))
	case incident.ReasonDeclined:
		n.Title, n.Text = to+" cannot take over", to+" declined your request for cover."+still
	case incident.ReasonUnanswered:
		if i.Cover.To == "" {
			return n, false // the absence is over, and with it the need
		}
		n.Title, n.Text = to+" has not answered", to+" has not answered your request for cover in time."+still
	case incident.ReasonWithdrawn:
		return n, false
	case incident.ReasonImpossible:
		n.Title = "Nobody takes over from you"
		n.Text = fmt.Sprintf("%s accepted, but that could not be carried out: %s.%s", orSomebody(org.UserName(i.Holder)), last.Text, still)
	case incident.ReasonNotNeeded:
		n.Title, n.Text = "Nobody need take over from you", "You have no shift left in the time for which you asked for cover."
		if i.Cover.To != "" {
			n.Text += still
		}
	default:
		n.Title = "Your request for cover was closed"
		n.Text = fmt.Sprintf("%s closed your request for cover; nobody takes over by it.%s", orSomebody(org.UserName(last.User)), still)
	}
	return n, true
}

func orSomebody(name string) string {
	if name == "" {
		return "Somebody"
	}
	return name
}

// ended is the entry that ended a request.
func ended(entries []incident.Entry) (last incident.Entry) {
	for _, e := range entries {
		if e.Kind == incident.KindResolved {
			last = e
		}
	}
	return last
}

// covered is what was taken over, as the timeline says it.
func covered(entries []incident.Entry) string {
	text := "there was no shift left to give"
	for _, e := range entries {
		if e.Kind == incident.KindCovered && e.Text != "" {
			text = e.Text
		}
	}
	return text
}
