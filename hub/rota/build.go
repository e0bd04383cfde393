package rota

import (
	"fmt"
	"slices"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

// What this version can act on. Documents say more than that: it is stored,
// exported and warned about, and left out here, so that the core never waits
// for something that cannot happen.
var integrations = map[IntegrationKind]bool{KindEventsV2: true, KindHeartbeat: true}

// Build turns documents into what the core reckons with. Revision, absences and
// devices are left empty.
func Build(d Documents) (organisation.Set, error) {
	set := organisation.Set{
		Name:     string(d.Organisation.Name),
		CatchAll: ids[responder.UserID](d.Organisation.CatchAll),
		Figures:  string(d.Organisation.Figures),
	}
	if set.Figures == "" {
		set.Figures = "team"
	}
	for _, u := range d.Users {
		set.Users = append(set.Users, u.build())
	}
	for _, t := range d.Teams {
		set.Teams = append(set.Teams, responder.Team{
			ID:       responder.TeamID(t.ID),
			Name:     t.Name.or(t.ID),
			Managers: ids[responder.UserID](t.Managers),
			Members:  ids[responder.UserID](t.Members),
		})
	}
	people := d.overrides()
	for _, s := range d.Schedules {
		built, err := s.build(people[s.ID]...)
		if err != nil {
			return organisation.Set{}, fmt.Errorf("schedule %q: %w", s.ID, err)
		}
		set.Schedules = append(set.Schedules, built)
	}
	var err error
	if set.Recurring, err = d.recurring(); err != nil {
		return organisation.Set{}, err
	}
	planRecurring(set.Schedules, set.Recurring)
	for _, p := range d.Policies {
		set.Policies = append(set.Policies, p.build())
	}
	for _, s := range d.Services {
		set.Services = append(set.Services, s.build())
	}
	for _, i := range d.Integrations {
		set.Integrations = append(set.Integrations, incident.Integration{
			ID:                incident.IntegrationID(i.ID),
			Service:           incident.ServiceID(i.Service),
			Kind:              string(i.Kind),
			ForbidAcknowledge: i.ForbidAcknowledge,
			Interval:          time.Duration(i.Interval),
			Grace:             time.Duration(i.Grace),
			ResolveAfterQuiet: time.Duration(i.ResolveAfterQuiet),
			AliveBy:           incident.IntegrationID(i.AliveBy),
		})
	}
	return set, d.buildTimes(&set)
}

func ids[T ~string](list []ID) []T {
	var out []T
	for _, id := range list {
		out = append(out, T(id))
	}
	return out
}

func (n Name) or(id ID) string {
	if n != "" {
		return string(n)
	}
	return string(id)
}

func (u UserDoc) build() responder.User {
	user := responder.User{
		ID:       responder.UserID(u.ID),
		Name:     u.Name.or(u.ID),
		Email:    string(u.Email),
		TimeZone: string(u.TimeZone),
		Locale:   string(u.Locale),
		Role:     u.Role,
	}
	for _, m := range u.ContactMethods {
		user.ContactMethods = append(user.ContactMethods, responder.ContactMethod{
			ID:      responder.MethodID(m.ID),
			Kind:    string(m.Kind),
			Address: string(m.Address) + string(m.URL) + string(m.Number), // it has one of them
			Wakes:   m.Wakes,
		})
	}
	user.Rules = responder.Rules{
		High: buildRules(u.NotificationRules.High),
		Low:  buildRules(u.NotificationRules.Low),
	}
	return user
}

func buildRules(rules []Rule) []responder.Rule {
	var list []responder.Rule
	for _, r := range rules {
		list = append(list, responder.Rule{After: time.Duration(r.After), Via: responder.MethodID(r.Via)})
	}
	return list
}

func (p PolicyDoc) build() escalation.Policy {
	policy := escalation.Policy{
		ID:            escalation.PolicyID(p.ID),
		Name:          p.Name.or(p.ID),
		Team:          responder.TeamID(p.Team),
		Repeat:        p.Repeat,
		WhenExhausted: p.WhenExhausted,
	}
	for _, l := range p.Levels {
		level := escalation.Level{Timeout: time.Duration(l.Timeout), InTurn: l.Strategy == StrategyRoundRobin}
		for _, t := range l.Targets {
			level.Targets = append(level.Targets, escalation.Target{
				User:     responder.UserID(t.User),
				Schedule: string(t.Schedule),
				Team:     responder.TeamID(t.Team),
			})
		}
		policy.Levels = append(policy.Levels, level)
	}
	return policy
}

func (s ServiceDoc) build() incident.Service {
	return incident.Service{
		ID:           incident.ServiceID(s.ID),
		Name:         s.Name.or(s.ID),
		Team:         responder.TeamID(s.Team),
		Policy:       string(s.EscalationPolicy),
		Runbook:      string(s.Runbook),
		Urgency:      incident.UrgencyRule(s.Urgency),
		Lease:        time.Duration(s.AcknowledgementTimeout),
		OpenReminder: openReminder(s),
		ReopenWindow: time.Duration(s.ReopenWindow),
		FullText:     s.OutgoingText == "full",
		Hold:         time.Duration(s.Hold),
		Grouping:     s.Grouping.build(),
		Suppress:     suppressions(s.Suppress),
	}
}

func suppressions(docs []Suppression) []incident.Suppression {
	var rules []incident.Suppression
	for _, d := range docs {
		rule := incident.Suppression{Note: string(d.Note)}
		for _, m := range d.When {
			rule.When = append(rule.When, incident.Match{Field: string(m.Field), Pattern: string(m.Is)})
		}
		rules = append(rules, rule)
	}
	return rules
}

func (g Grouping) build() incident.Grouping {
	built := incident.Grouping{Within: time.Duration(g.Within)}
	for _, f := range g.Fields {
		built.Fields = append(built.Fields, string(f))
	}
	switch {
	case len(g.Fields) > 0:
		built.By = incident.GroupFields
	case g.By == GroupingOpen:
		built.By = incident.GroupOpen
	}
	return built
}

func openReminder(s ServiceDoc) time.Duration {
	if s.OpenReminder == nil {
		return incident.DefaultOpenReminder
	}
	return time.Duration(*s.OpenReminder)
}

// build makes the schedule, with what people made beside the file.
func (s ScheduleDoc) build(people ...Override) (*schedule.Schedule, error) {
	zone, err := zoneOf(string(s.TimeZone))
	if err != nil {
		return nil, err
	}
	built := &schedule.Schedule{
		ID:         schedule.ID(s.ID),
		Name:       s.Name.or(s.ID),
		Team:       responder.TeamID(s.Team),
		Zone:       zone,
		WhenAbsent: s.WhenAbsent,
	}
	for _, l := range s.Layers {
		layer, err := l.build(zone)
		if err != nil {
			return nil, fmt.Errorf("layer %q: %w", l.Name, err)
		}
		built.Layers = append(built.Layers, layer)
	}
	for _, o := range slices.Concat(s.Overrides, people) {
		start, err := o.Start.in(zone)
		if err != nil {
			return nil, fmt.Errorf("override %q: %w", o.ID, err)
		}
		end, err := o.End.in(zone)
		if err != nil {
			return nil, fmt.Errorf("override %q: %w", o.ID, err)
		}
		built.Overrides = append(built.Overrides, schedule.Override{
			ID:       string(o.ID),
			Start:    start,
			End:      end,
			User:     responder.UserID(o.User),
			Replaces: responder.UserID(o.Replaces),
		})
	}
	return built, nil
}

func (l Layer) build(zone *time.Location) (schedule.Layer, error) {
	start, err := l.Rotation.Start.reading(zone)
	if err != nil {
		return schedule.Layer{}, err
	}
	layer := schedule.Layer{
		Name:         string(l.Name),
		Rotation:     schedule.Rotation{Kind: l.Rotation.Kind, Length: l.Rotation.Length, Start: start},
		Participants: ids[responder.UserID](l.Participants),
	}
	if l.Until != "" {
		if layer.Until, err = l.Until.in(zone); err != nil {
			return schedule.Layer{}, err
		}
	}
	for _, r := range l.Restrictions {
		window, err := r.build()
		if err != nil {
			return schedule.Layer{}, err
		}
		layer.Restrictions = append(layer.Restrictions, window)
	}
	return layer, nil
}

func (r Restriction) build() (w schedule.Restriction, err error) {
	if r.From.ofWeek() {
		w.Weekly = true
		if w.FromDay, w.From, err = schedule.ParseWeekClock(string(r.From)); err != nil {
			return w, err
		}
		w.ToDay, w.To, err = schedule.ParseWeekClock(string(r.To))
		return w, err
	}
	if w.From, err = schedule.ParseClock(string(r.From)); err != nil {
		return w, err
	}
	if w.To, err = schedule.ParseClock(string(r.To)); err != nil {
		return w, err
	}
	for _, name := range r.Days {
		day, err := schedule.ParseWeekday(string(name))
		if err != nil {
			return w, err
		}
		w.Days = append(w.Days, day)
	}
	return w, nil
}
