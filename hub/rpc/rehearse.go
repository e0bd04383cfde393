package rpc

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"

	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/fault"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/pager"
	"tocsin/hub/rehearsal"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// Simulate implements the command line's service.
func (h *Hub) Simulate(ctx context.Context, req *connect.Request[hubv1.SimulateRequest]) (*connect.Response[hubv1.SimulateResponse], error) {
	at := engine.Now()
	if req.Msg.At != nil {
		at = req.Msg.At.AsTime()
	}
	org, err := h.orgFor(ctx, req.Msg, at)
	if err != nil {
		return nil, err
	}
	turn, err := h.nextTurn(ctx, org, incident.ServiceID(req.Msg.ServiceId))
	if err != nil {
		return nil, err
	}
	res, err := Rehearse(org, req.Msg, at, turn, deviceless(h.Directory.Current()))
	return connected(res, err)
}

// deviceless are the users who have no device now.
func deviceless(org *organisation.Organisation) map[responder.UserID]bool {
	without := map[responder.UserID]bool{}
	for _, u := range org.Users {
		if len(org.DevicesOf(u.ID)) == 0 {
			without[u.ID] = true
		}
	}
	return without
}

// orgFor is the proposed set-up, else the one in force at the instant.
func (h *Hub) orgFor(ctx context.Context, m *hubv1.SimulateRequest, at time.Time) (*organisation.Organisation, error) {
	switch {
	case len(m.File) > 0:
		return h.Rota.Propose(ctx, m.Name, m.File)
	case at.Before(engine.Now()):
		org, err := h.Directory.AsOf(ctx, at)
		if err == nil && org.Revision == 0 {
			return nil, fault.New(fault.NotFound, "--at: nothing was configured yet at %s", at.Format(time.RFC3339))
		}
		return org, err
	}
	return h.Directory.Current(), nil
}

// nextTurn is whose turn it would be at round-robin levels if an incident came
// now.
func (h *Hub) nextTurn(ctx context.Context, org *organisation.Organisation, id incident.ServiceID) (int, error) {
	service, _ := org.Service(id)
	var turn int
	err := h.Store.View(ctx, func(tx store.Tx) (err error) {
		turn, err = tx.NextTurn(service.Policy)
		return err
	})
	return turn, err
}

// Rehearse plays a request against an organisation, for a hub and for a command
// line without one. turn says whose turn it is at round-robin levels, deviceless
// who has no device; nil where that is not known.
func Rehearse(org *organisation.Organisation, m *hubv1.SimulateRequest, at time.Time, turn int, deviceless map[responder.UserID]bool) (*hubv1.SimulateResponse, error) {
	q := rehearsal.Question{
		Org: org, Service: incident.ServiceID(m.ServiceId), At: at.UTC().Truncate(time.Millisecond),
		Severity: incident.Severity(m.Severity), Summary: "What if", Turn: turn, Answers: map[responder.UserID]rehearsal.Answer{}, Deviceless: deviceless,
	}
	if m.Severity != "" && !slices.Contains(incident.Severities, q.Severity) {
		return nil, fault.New(fault.Invalid, "--severity: %q is none of critical, error, warning, info", m.Severity)
	}
	for _, a := range m.Answers {
		q.Answers[responder.UserID(a.UserId)] = rehearsal.Answer{
			Acknowledges: !a.Never && !a.Offline, After: time.Duration(a.AfterMs) * time.Millisecond, Offline: a.Offline,
		}
	}
	story, err := rehearsal.Play(q)
	if err != nil {
		return nil, fault.New(fault.NotFound, "%s", err)
	}
	text := ending(story, org) + withoutDevice(story, org, deviceless)
	out := &hubv1.SimulateResponse{Ending: string(story.Ending), Text: text, TimeZone: zoneOf(org, q.Service)}
	names := namesOf(org, nil)
	for _, e := range story.Entries {
		out.Entries = append(out.Entries, entryLine(e, names))
	}
	return out, nil
}

// zoneOf is the time zone in which a service's people think: that of the first
// schedule of its policy.
func zoneOf(org *organisation.Organisation, id incident.ServiceID) string {
	service, _ := org.Service(id)
	policy, _ := org.Policy(escalation.PolicyID(service.Policy))
	for _, l := range policy.Levels {
		for _, t := range l.Targets {
			for _, s := range org.Schedules {
				if t.Schedule == string(s.ID) && s.Zone != nil {
					return s.Zone.String()
				}
			}
		}
	}
	return "UTC"
}

// ending tells where a story ends.
func ending(s rehearsal.Story, org *organisation.Organisation) string {
	switch s.Ending {
	case rehearsal.Acknowledged:
		return fmt.Sprintf("%s has it.", org.UserName(s.By))
	case rehearsal.KeepsPaging:
		return fmt.Sprintf("Nobody acknowledges. Level %d is paged again every %s, until somebody does.", s.Level, s.Every)
	case rehearsal.CatchAll:
		return fmt.Sprintf("Nobody is reached. After each pass the catch-all is asked; the next pass begins %s later, until somebody acknowledges.", s.Every)
	case rehearsal.Stopped:
		return "Nobody acknowledges, and the policy stops (when_exhausted: stop). Nothing further happens."
	case rehearsal.Suppressed:
		return "A rule of the service suppresses it: nobody is told."
	case rehearsal.Quiet:
		return "Low urgency: a quiet notification, and nothing further."
	}
	return "The story has no end that this version knows; please report it."
}

// withoutDevice says which of those who are paged have no device.
func withoutDevice(s rehearsal.Story, org *organisation.Organisation, deviceless map[responder.UserID]bool) string {
	var names []string
	for _, e := range s.Entries {
		if name := org.UserName(e.User); e.Kind == incident.KindPaged && deviceless[e.User] && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "\nNo device is enrolled for " + strings.Join(names, ", ") + ": only contact methods can carry their pages."
}

// Replay implements the command line's service.
func (h *Hub) Replay(ctx context.Context, req *connect.Request[hubv1.ReplayRequest]) (*connect.Response[hubv1.ReplayResponse], error) {
	from, to := req.Msg.From.AsTime(), req.Msg.To.AsTime()
	if !from.Before(to) {
		return nil, fault.New(fault.Invalid, "--replay: FROM must be before TO")
	}
	proposed, err := h.Rota.Propose(ctx, req.Msg.Name, req.Msg.File)
	if err != nil {
		return nil, err
	}
	past, err := h.past(ctx, from, to)
	if err != nil {
		return nil, err
	}
	before, err := rehearsal.Run(h.Directory.Current(), past)
	if err != nil {
		return nil, err
	}
	after, err := rehearsal.Run(proposed, past)
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(compare(before, after, len(past))), nil
}

// past lists the incidents that triggered in a span, test pages left out.
func (h *Hub) past(ctx context.Context, from, to time.Time) ([]rehearsal.Past, error) {
	var out []rehearsal.Past
	err := h.Store.View(ctx, func(tx store.Tx) error {
		records, err := tx.Triggered(from, to)
		if err != nil {
			return err
		}
		for _, r := range records {
			if r.Test || r.Service == "" { // nor did any service cause a request for cover
				continue
			}
			p := rehearsal.Past{Service: r.Service, At: r.FirstAt, Severity: r.Severity}
			if !r.AcknowledgedAt.IsZero() {
				p.AcknowledgedAfter = r.AcknowledgedAt.Sub(r.FirstAt)
			}
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

func compare(before, after rehearsal.Replay, n int) *hubv1.ReplayResponse {
	out := &hubv1.ReplayResponse{
		Incidents: uint32(n), LeftOut: uint32(after.LeftOut), Now: reachLine(before), Proposed: reachLine(after),
	}
	users := map[responder.UserID]bool{}
	for _, r := range []rehearsal.Replay{before, after} {
		for u := range r.Interruptions {
			users[u] = true
		}
	}
	for u := range users {
		out.Users = append(out.Users, &hubv1.ReplayUser{
			UserId: string(u), InterruptionsNow: uint32(before.Interruptions[u]), InterruptionsProposed: uint32(after.Interruptions[u]),
			SleepNow: uint32(before.Asleep[u]), SleepProposed: uint32(after.Asleep[u]),
		})
	}
	slices.SortFunc(out.Users, func(a, b *hubv1.ReplayUser) int { return strings.Compare(a.UserId, b.UserId) })
	return out
}

func reachLine(r rehearsal.Replay) *hubv1.ReplayReach {
	return &hubv1.ReplayReach{
		MedianMs: rehearsal.Quantile(r.Reached, 0.5).Milliseconds(), P90Ms: rehearsal.Quantile(r.Reached, 0.9).Milliseconds(),
		Never: uint32(r.Never),
	}
}

func entryLine(e incident.Entry, names incident.Names) *hubv1.Entry {
	line := &hubv1.Entry{
		At: pager.Stamp(e.At), Kind: string(e.Kind), Reason: string(e.Reason), UserId: string(e.User), DeviceId: string(e.Device),
		Level: uint32(e.Level), Round: uint32(e.Round), Wave: uint32(e.Wave), MethodId: string(e.Method), Text: e.Sentence(names),
	}
	if e.Device != "" {
		line.DeviceName = names.Device(e.Device)
	}
	return line
}
