package rota

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func (c checker) service(path string, s ServiceDoc) {
	h := s.SupportHours
	given := c.file.has(path + ".support_hours")
	if s.Urgency == UrgencySupportHours && !given {
		c.problem(path+".support_hours", "is missing; the urgency support_hours needs it")
	}
	if given {
		c.hours(path+".support_hours", Restriction{Days: h.Days, From: h.From, To: h.To})
	}
	for n, rule := range s.Suppress {
		c.suppression(fmt.Sprintf("%s.suppress[%d].when", path, n), rule.When)
	}
	g := s.Grouping
	at := path + ".grouping"
	switch {
	case g.By != "" && len(g.Fields) > 0:
		c.problem(at+".by", "does not go with fields; expected one of them")
	case c.file.has(at) && g.By == "" && len(g.Fields) == 0:
		c.problem(at, "says nothing; expected by: none, by: open_incident, or fields with within")
	case len(g.Fields) > 0 && g.Within == 0:
		c.problem(at+".within", "is missing; grouping by fields needs a length of time such as 10m")
	case len(g.Fields) == 0 && g.Within != 0:
		c.problem(at+".within", "belongs to grouping by fields only")
	}
}

// suppression refuses a rule by which nobody would ever be paged.
func (c checker) suppression(path string, when []Match) {
	narrows := func(m Match) bool { return m.Is == "" || strings.Trim(string(m.Is), "*") != "" }
	if len(when) > 0 && !slices.ContainsFunc(when, narrows) {
		c.problem(path, "holds for every trigger, so that nobody would ever be paged")
	}
}

func (c checker) integration(path string, i IntegrationDoc) {
	if k := i.KeyFrom; c.file.has(path+".key_from") && (k.File == "") == (k.Env == "") {
		c.problem(path+".key_from", "expected exactly one of file and env")
	}
	for _, f := range []struct {
		name  string
		kind  IntegrationKind
		given bool
	}{
		{"interval", KindHeartbeat, i.Interval != 0},
		{"grace", KindHeartbeat, i.Grace != 0},
		{"map", KindWebhook, c.file.has(path + ".map")},
	} {
		if f.given && i.Kind != f.kind && i.Kind != "" {
			c.problem(join(path, f.name), "belongs to integrations of the kind %s only", f.kind)
		}
	}
	switch i.Kind {
	case KindHeartbeat:
		if i.Interval == 0 {
			c.problem(path+".interval", "is missing; a heartbeat needs a length of time such as 5m")
		}
		if i.ResolveAfterQuiet != 0 || i.AliveBy != "" {
			c.problem(path+".resolve_after_quiet", "does not belong to a heartbeat, which resolves with its next ping")
		}
	case KindWebhook:
		if i.Map.Summary == "" {
			c.problem(path+".map.summary", "is missing; a webhook needs an expression for the summary")
		}
	}
	if i.ResolveAfterQuiet != 0 && i.AliveBy == "" && i.Kind != KindHeartbeat {
		c.problem(path+".alive_by", "is missing; resolve_after_quiet needs the heartbeat integration that shows whether the source is alive")
	}
	if i.AliveBy != "" && i.ResolveAfterQuiet == 0 {
		c.problem(path+".alive_by", "needs resolve_after_quiet, which it guards")
	}
	if i.AliveBy != "" && i.AliveBy == i.ID {
		c.problem(path+".alive_by", "names the integration itself; expected a heartbeat integration")
	}
}

// guarded checks that who resolves by quiet names a heartbeat, and one that
// notices a dead source before its quiet would count.
func (c checker) guarded(next Documents) {
	all, paths := map[ID]IntegrationDoc{}, map[ID]string{}
	for _, i := range next.Integrations {
		all[i.ID] = i
	}
	for i, n := range c.file.Documents.Integrations {
		paths[n.ID] = c.file.pathOf(KindIntegration, i)
	}
	for _, n := range next.Integrations {
		path, named := paths[n.ID]
		by, known := all[n.AliveBy]
		beat, changed := paths[n.AliveBy]
		switch wait := by.Interval + by.Grace; {
		case n.AliveBy == "" || !known || !named && !changed:
		case by.Kind != KindHeartbeat && named:
			c.problem(path+".alive_by", "the integration %q is of the kind %s; expected a heartbeat", n.AliveBy, by.Kind)
		case by.Kind != KindHeartbeat:
			c.problem(beat+".kind", "%q names this integration as alive_by, so it must stay a heartbeat", n.ID)
		case n.ResolveAfterQuiet == 0 || n.ResolveAfterQuiet > wait:
		case named:
			c.problem(path+".resolve_after_quiet", "%s is not longer than interval plus grace of %s (%s), so an alert could resolve because its source died; expected more",
				n.ResolveAfterQuiet, n.AliveBy, wait)
		default:
			c.problem(beat+".interval", "interval plus grace (%s) must stay below resolve_after_quiet of %s (%s), which counts on this heartbeat", wait, n.ID, n.ResolveAfterQuiet)
		}
	}
}

func (c checker) window(path string, w WindowDoc, seen map[ID]string) {
	if c.problems.clean(path) {
		start, end, err := w.stretch()
		switch {
		case err != nil:
			c.problem(path, "%s", err)
		case !start.Before(end):
			c.problem(path+".end", "a maintenance window must end after it starts")
		}
	}
	id := w.ID
	if id == "" {
		id = w.impliedID()
	}
	if before, twice := seen[id]; twice {
		c.problem(path, "is the same as the maintenance window in line %d", c.file.places[before].Line)
		return
	}
	seen[id] = path
}

// stretch gives the instants between which a window is open.
func (w WindowDoc) stretch() (start, end time.Time, err error) {
	zone, err := zoneOf(string(w.TimeZone))
	if err != nil {
		return start, end, fmt.Errorf("time zone %q: %w", w.TimeZone, err)
	}
	if start, err = w.Start.in(zone); err != nil {
		return start, end, err
	}
	end, err = w.End.in(zone)
	return start, end, err
}
