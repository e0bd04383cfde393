package desktop

import (
	"slices"
	"testing"
	"time"

	"tocsin/agent/inbox"
	"tocsin/agent/settings"
	"tocsin/agent/ui"
)

func TestModel(t *testing.T) {
	now := began.Add(time.Minute)
	for want, l := range map[ui.HubState]inbox.Uplink{
		ui.Connected:  {Status: inbox.LinkUp},
		ui.Connecting: {Status: inbox.LinkDown, Since: now.Add(-time.Second)},
		ui.Lost:       {Status: inbox.LinkDown, Since: began},
		ui.NoNetwork:  {Status: inbox.LinkDown, Since: began, NoNetwork: true},
		ui.SignedOut:  {Status: inbox.LinkOver, Since: began},
	} {
		if got := hubOf(l, now).State; got != want {
			t.Errorf("%+v is %v, want %v", l, got, want)
		}
	}
	var s inbox.State
	for _, m := range []inbox.Message{
		inbox.Started{}, inbox.Connected{}, inbox.PageCame{Page: page()},
		inbox.PageCame{Page: page(func(p *inbox.Page) { p.Key.Incident, p.Urgency = "low", "low" })},
		inbox.PageCame{Page: page(func(p *inbox.Page) { p.Key.Incident, p.PassedOn = "passed", true })},
		inbox.DutyCame{Duty: inbox.Duty{Off: true, Until: now.Add(time.Hour)}},
		inbox.RosterCame{Roster: inbox.Roster{Shifts: []inbox.Shift{{Start: now.Add(time.Hour), End: now.Add(2 * time.Hour)}}, Until: now.Add(3 * time.Hour)}},
	} {
		s, _ = inbox.Reduce(s, m, began)
	}
	m := modelOf(s, extras{}, now)
	var states []ui.PageState
	for _, p := range m.Pages {
		states = append(states, p.State)
	}
	slices.Sort(states)
	if !slices.Equal(states, []ui.PageState{ui.Ringing, ui.PassedOn}) || !m.Duty.Off || !m.Shift.Next.Equal(now.Add(time.Hour)) {
		t.Errorf("model %+v", m)
	}
}

func TestProfilesHaveAppIDsOfTheirOwn(t *testing.T) {
	own := AppID(settings.Profile{Config: "/c", State: "/s"})
	a, b := AppID(settings.Profile{Config: "/a", State: "/a"}), AppID(settings.Profile{Config: "/b", State: "/b"})
	if own != "org.tocsin.agent" || a == b || a == own {
		t.Errorf("%s %s %s", own, a, b)
	}
}
