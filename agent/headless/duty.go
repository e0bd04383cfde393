package headless

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/link"
)

// askOff shows who is paged instead. A person is asked then; where nobody
// types, what the line said is done after it was shown.
func (t *Terminal) askOff(ctx context.Context, o order, until time.Time) {
	go func() {
		preview, err := t.hub.PreviewDuty(ctx, until)
		t.then(ctx, func() {
			p := t.paper(time.Now())
			text := p.preview(preview, until)
			if err != nil {
				text = "Who is paged instead is not known: " + link.Sentence(err) + "\n"
			}
			leave, does, complaint := leaving(o, preview, until)
			if complaint != "" {
				t.write(text + complaint + "\n")
				return
			}
			if !t.InTerminal {
				t.write(text)
				t.setDuty(ctx, leave)
				return
			}
			t.write(text + fmt.Sprintf("y %s; anything else changes nothing.\n", does(p)))
			t.question = func() { t.setDuty(ctx, leave) }
		})
	}()
}

// leaving says what the order comes to, or why it cannot be.
func leaving(o order, v link.Preview, until time.Time) (l link.Leave, does func(paper) string, complaint string) {
	l = link.Leave{Until: until, Cannot: o.cannot}
	does = func(p paper) string { return "goes off duty until " + p.stamp(until) }
	if o.who != "" {
		c, err := colleague(v.Colleagues, o.who)
		if err != nil {
			return l, nil, capital(err.Error()) + "."
		}
		l.CoverBy = c.ID
		does = func(p paper) string {
			return fmt.Sprintf("asks %s to take over until %s; until they accept you are on duty", clean(c.Name, shortText), p.stamp(until))
		}
		return l, does, ""
	}
	if v.OnCallNow {
		l.Cannot = true // it is what happens anyway; better said
		does = func(p paper) string {
			who := "who is next"
			if next := peopleOf(v.Next); next != "" {
				who = next
			}
			return fmt.Sprintf("goes off duty now, until %s, and asks %s to take over", p.stamp(until), who)
		}
	}
	return l, does, ""
}

// colleague finds whom a name means: the whole name, its beginning, or the id.
func colleague(all []link.Colleague, name string) (link.Colleague, error) {
	var found []link.Colleague
	for _, c := range all {
		if strings.EqualFold(c.ID, name) || strings.EqualFold(c.Name, name) {
			return c, nil
		}
		if strings.HasPrefix(strings.ToLower(c.Name), name) {
			found = append(found, c)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return link.Colleague{}, fmt.Errorf("%q may be %s; say more of the name", clean(name, 40), peopleOf(found))
	case len(all) == 0:
		return link.Colleague{}, fmt.Errorf("the hub names nobody who can be asked")
	}
	return link.Colleague{}, fmt.Errorf("%q cannot be asked; there is %s", clean(name, 40), peopleOf(all))
}

// peopleOf lists people, with what is known of how they can be reached.
func peopleOf(all []link.Colleague) string {
	var out []string
	for _, c := range all {
		out = append(out, clean(c.Name, shortText)+reach(c.Reachable))
	}
	return strings.Join(out, ", ")
}

func reach(r inbox.Reachable) string {
	switch r {
	case inbox.ReachableYes:
		return " (can be reached)"
	case inbox.ReachableNo:
		return " (cannot be reached)"
	case inbox.ReachableUnchecked:
		return " (not checked)"
	}
	return ""
}

func (t *Terminal) setDuty(ctx context.Context, l link.Leave) {
	go func() {
		answer, err := t.hub.SetDuty(ctx, l)
		t.then(ctx, func() {
			if err != nil {
				t.write("Your duty was not changed: " + link.Sentence(err) + "\n")
				return
			}
			for _, said := range answer.Said {
				t.write(clean(said, longText) + "\n")
			}
		})
	}()
}

// takeShift takes a schedule's shift over; a person is asked first.
func (t *Terminal) takeShift(ctx context.Context, o order, now time.Time) {
	id, name, has := t.schedule(o.what, now)
	var until time.Time
	p, end := t.paper(now), "the present shift would end"
	if o.until != (when{}) {
		until = o.until.after(now)
		end = p.stamp(until)
	}
	take := func() {
		go func() {
			taken, err := t.hub.TakeShift(ctx, id, until)
			text := "The shift was not taken: " + link.Sentence(err) + "\n"
			if err == nil {
				text = t.paper(time.Now()).taken(name, taken)
			}
			t.then(ctx, func() { t.write(text) })
		}()
	}
	if !t.InTerminal {
		take()
		return
	}
	instead := ""
	if has != "" {
		instead = ", instead of " + clean(has, shortText)
	}
	t.write(fmt.Sprintf("y puts you on call for %s from now until %s%s; anything else changes nothing.\n", clean(name, shortText), end, instead))
	t.question = take
}

// schedule finds what a name or an id means, and who has it now; one that is not
// on the roster is left to the hub.
func (t *Terminal) schedule(what string, now time.Time) (id, name, has string) {
	is := func(id, name string) bool { return strings.EqualFold(name, what) || strings.EqualFold(id, what) }
	for _, s := range t.state.OnCallNow(now) {
		if is(s.ScheduleID, s.Schedule) {
			return s.ScheduleID, s.Schedule, s.User
		}
	}
	for _, s := range t.state.Roster.Shifts {
		if is(s.ScheduleID, s.Schedule) {
			return s.ScheduleID, s.Schedule, ""
		}
	}
	return what, what, ""
}

func (p paper) taken(schedule string, v link.Taken) string {
	instead := ""
	if v.InsteadOf != "" {
		instead = ", instead of " + clean(v.InsteadOf, shortText)
	}
	return fmt.Sprintf("You are on call for %s until %s%s.\n", clean(schedule, shortText), p.stamp(v.Until), instead)
}
