package duty

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
	"tocsin/hub/store"
)

// Longest bounds how long a person can go off duty at once; longer absences are
// planned.
const Longest = 31 * 24 * time.Hour

// Off is how somebody leaves.
type Off struct {
	User   responder.UserID
	Device responder.DeviceID // empty from the command line
	Until  time.Time
	// CoverBy is the colleague to be asked; off duty begins when they accept.
	CoverBy responder.UserID
	// Cannot: off duty at once, and the next level is asked. It is also what
	// happens to who is on call and asks nobody.
	Cannot bool
}

// CheckUntil refuses an end that has passed or is too far off.
func CheckUntil(until, now time.Time) error {
	if !until.After(now) || until.Sub(now) > Longest {
		return fault.New(fault.Invalid, "until: off duty ends in the future and within 31 days")
	}
	return nil
}

// Off takes a user off duty, or asks a colleague first. It answers what was done
// about cover, a sentence each. What was begun is done to its end: people close
// the lid after the click.
func (k *Keeper) Off(ctx context.Context, o Off) ([]string, error) {
	ctx = context.WithoutCancel(ctx)
	now, org := engine.Now(), k.Directory.Current()
	if err := CheckUntil(o.Until, now); err != nil {
		return nil, err
	}
	stands := org.Stands(o.User, now, o.Until)
	onCall := len(stands) > 0 && !organisation.FirstShift(stands).After(now)
	switch {
	case o.CoverBy != "":
		if err := k.mayAsk(org, o, now); err != nil {
			return nil, err
		}
		if len(stands) > 0 {
			return k.askColleague(ctx, org, o, stands, now)
		}
		said, err := k.leave(ctx, o, now)
		return append([]string{fmt.Sprintf("You are on call in no schedule until then, so %s was not asked.", org.UserName(o.CoverBy))}, said...), err
	case onCall || o.Cannot && len(stands) > 0:
		return k.askNext(ctx, org, o, stands, now)
	}
	return k.leave(ctx, o, now)
}

func (k *Keeper) mayAsk(org *organisation.Organisation, o Off, now time.Time) error {
	_, known := org.User(o.CoverBy)
	a, off := org.AbsenceAt(o.CoverBy, now)
	switch {
	case !known:
		return fault.New(fault.NotFound, "cover_by: there is no user %q", o.CoverBy)
	case o.CoverBy == o.User:
		return fault.New(fault.Invalid, "cover_by: nobody takes over from themselves; name a colleague")
	case off:
		return fault.New(fault.Invalid, "cover_by: %s is off duty until %s; ask somebody else, or say that you cannot", org.UserName(o.CoverBy), clock(a.End, zoneOf(org, o.User)))
	}
	return nil
}

// leave takes off duty who need not be covered.
func (k *Keeper) leave(ctx context.Context, o Off, now time.Time) ([]string, error) {
	away, err := absence(o, now)
	if err != nil {
		return nil, err
	}
	withdrawn, err := k.Engine.WithdrawCover(ctx, o.User, func(tx store.Tx) error { return away(tx) })
	if err != nil {
		return nil, err
	}
	return k.withdrawnWords(withdrawn), k.gone(ctx, o)
}

// absence is the work that stores an absence from now on.
func absence(o Off, now time.Time) (func(store.Tx) error, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make an absence's id: %w", err)
	}
	a := responder.Absence{ID: id.String(), User: o.User, Start: now, End: o.Until, Made: now}
	return func(tx store.Tx) error {
		if err := endUnplanned(tx, o.User, now); err != nil {
			return err
		}
		return tx.AddAbsence(a)
	}, nil
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

// gone makes felt that a user is off duty: what is open passes on.
func (k *Keeper) gone(ctx context.Context, o Off) error {
	if err := k.Directory.Reload(ctx, engine.Now()); err != nil { // off duty first, or they are paged again
		return err
	}
	if err := k.passOn(ctx, o.User, o.Device, engine.Now()); err != nil {
		return err
	}
	return k.Reload(ctx, o.User)
}

// passOn passes on what was open for a user when they left. Catch-all pages stay
// theirs.
func (k *Keeper) passOn(ctx context.Context, u responder.UserID, d responder.DeviceID, left time.Time) error {
	open, err := k.Engine.PagesOf(ctx, u, engine.Now())
	if err != nil {
		return err
	}
	for _, c := range open {
		_, err := k.Engine.Do(ctx, c.State.Incident.ID, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
			p, is := s.OpenPageOf(u)
			if !is || p.PassedOn || p.Stage == escalation.CatchAll || p.At.After(left) {
				return s, nil, nil
			}
			next, answer, entry := escalation.PassOn(s, incident.Command{By: u, Device: d, Made: now}, 0, now)
			if answer == incident.Applied && entry.Reason == incident.ReasonByUser {
				entry.Reason = incident.ReasonOffDuty
			}
			return next, []incident.Entry{entry}, nil
		})
		if err != nil {
			return fmt.Errorf("pass on incident %d: %w", c.State.Incident.Number, err)
		}
	}
	return nil
}

// On puts a user on duty again, and withdraws what nobody has accepted yet. A
// recurring absence comes again the next time. What was begun is done to its end.
func (k *Keeper) On(ctx context.Context, u responder.UserID) ([]string, error) {
	ctx = context.WithoutCancel(ctx)
	withdrawn, err := k.Engine.WithdrawCover(ctx, u, func(tx store.Tx) error { return tx.EndAbsences(u, engine.Now()) })
	if err != nil {
		return nil, err
	}
	if _, err := k.Rota.Present(ctx, u, engine.Now()); err != nil {
		return nil, err
	}
	return k.withdrawnWords(withdrawn), k.Reload(ctx, u)
}

func (k *Keeper) withdrawnWords(list []engine.Change) []string {
	var said []string
	for _, c := range list {
		said = append(said, fmt.Sprintf("Your request for cover (%d) is withdrawn.", c.State.Incident.Number))
	}
	return said
}

// The times of asking a colleague.
const (
	// soon is how far ahead a shift is pressing.
	soon = time.Hour
	// shortest is how long a colleague has at least to answer.
	shortest = 15 * time.Minute
)

// askColleague asks one person. Nothing else changes until they accept.
func (k *Keeper) askColleague(ctx context.Context, org *organisation.Organisation, o Off, stands []organisation.Stand, now time.Time) ([]string, error) {
	first := organisation.FirstShift(stands)
	until := first
	if until.Before(now.Add(shortest)) {
		until = now.Add(shortest)
	}
	if o.Until.Before(until) {
		until = o.Until // afterwards there is nothing left to take over
	}
	urgency := incident.Low
	if first.Sub(now) <= soon && !night(now.In(zoneOf(org, o.CoverBy))) {
		urgency = incident.High
	}
	cover := incident.Cover{Of: o.User, To: o.CoverBy, Start: now, End: o.Until, Schedules: idsOf(stands), Until: until}
	changes, err := k.Engine.AskCover(ctx, engine.CoverAsk{Cover: cover, Text: summary(org, cover), Urgency: urgency})
	if err != nil {
		return nil, err
	}
	k.Refresh()
	asked := changes[len(changes)-1].State.Incident
	k.Log.Info("a colleague was asked for cover", "user", o.User, "colleague", o.CoverBy, "incident", asked.Number)
	said := append(k.withdrawnWords(changes[:len(changes)-1]),
		fmt.Sprintf("%s is asked to take over (request %d). You stay on duty until that is accepted; without an answer by %s nothing changes.",
			org.UserName(o.CoverBy), asked.Number, clock(until, zoneOf(org, o.User))))
	return append(said, unheard(org, o.CoverBy, urgency)...), nil
}

// unheard says to who asks that nothing tells the colleague of it.
func unheard(org *organisation.Organisation, u responder.UserID, urgency incident.Urgency) []string {
	switch name := org.UserName(u); {
	case org.Hears(u, urgency):
		return nil
	case org.Hears(u, incident.High):
		return []string{name + " can only be called, and nobody is called for what can wait: ring them yourself."}
	default:
		return []string{name + " has no device and no contact method that this hub can use: tell them yourself."}
	}
}

// night is when people sleep, by their own clocks.
func night(t time.Time) bool { return t.Hour() >= 22 || t.Hour() < 8 }

// askNext takes a user off duty at once and asks the next levels.
func (k *Keeper) askNext(ctx context.Context, org *organisation.Organisation, o Off, stands []organisation.Stand, now time.Time) ([]string, error) {
	away, err := absence(o, now)
	if err != nil {
		return nil, err
	}
	cover := incident.Cover{
		Of: o.User, Start: now, End: o.Until, Until: organisation.LastShift(stands).UTC(), Schedules: idsOf(stands), Levels: org.CoverLevels(o.User, stands),
	}
	changes, err := k.Engine.AskCover(ctx, engine.CoverAsk{Cover: cover, Text: summary(org, cover), Urgency: incident.High, Also: away})
	if err != nil {
		return nil, err
	}
	asked := changes[len(changes)-1].State
	k.Log.Info("somebody on call cannot go on; the next level is asked", "user", o.User, "incident", asked.Incident.Number)
	k.look(asked.Incident.ID) // to tell the managers
	said := append(k.withdrawnWords(changes[:len(changes)-1]),
		fmt.Sprintf("You are off duty. %s asked to take over now (request %d).", whoIsAsked(org, asked.Pages), asked.Incident.Number))
	return said, k.gone(ctx, o)
}

// whoIsAsked begins a sentence about those who are paged to take over.
func whoIsAsked(org *organisation.Organisation, pages []escalation.Page) string {
	var names []string
	for _, p := range pages {
		if p.Open() {
			names = append(names, org.UserName(p.User))
		}
	}
	switch len(names) {
	case 0:
		return "Whoever is next is"
	case 1:
		return names[0] + " is"
	}
	return strings.Join(names, " and ") + " are"
}

// tellManagers tells the managers that somebody on call has left.
func (k *Keeper) tellManagers(ctx context.Context, r store.Record) error {
	org, i := k.Directory.Current(), r.Incident
	var list []notice.Notice
	for _, m := range org.ManagersOf(i.Cover.Of) {
		zone := zoneOf(org, m)
		list = append(list, notice.Notice{
			ID: fmt.Sprintf("cover/%s/cannot/%s", i.ID, m), User: m, Made: i.TriggeredAt, Until: i.Cover.End, Via: notice.ViaQuiet,
			Title: org.UserName(i.Cover.Of) + " cannot go on being on call",
			Text: fmt.Sprintf("%s is on call and has gone off duty until %s. %s asked to take over (request %d).",
				org.UserName(i.Cover.Of), clock(i.Cover.End, zone), whoIsAsked(org, r.Pages), i.Number),
		})
	}
	return k.Notices.Tell(ctx, list...)
}

func idsOf(stands []organisation.Stand) []string {
	var ids []string
	for _, s := range stands {
		ids = append(ids, string(s.Schedule.ID))
	}
	return ids
}

// summary says what is asked, in the zone of the first schedule.
func summary(org *organisation.Organisation, c incident.Cover) string {
	zone := zoneOf(org, c.Of)
	var names []string
	for _, s := range org.Schedules {
		if slices.Contains(c.Schedules, string(s.ID)) {
			if names = append(names, s.Name); len(names) == 1 && s.Zone != nil {
				zone = s.Zone
			}
		}
	}
	return fmt.Sprintf("%s asks you to take over %s until %s", org.UserName(c.Of), strings.Join(names, " and "), clock(c.End, zone))
}
