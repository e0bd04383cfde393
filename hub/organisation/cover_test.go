package organisation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

var coverDay = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

func alone(id schedule.ID, team responder.TeamID, users ...responder.UserID) *schedule.Schedule {
	return &schedule.Schedule{
		ID: id, Name: string(id), Team: team, Zone: time.UTC,
		Layers: []schedule.Layer{{Name: "all", Participants: users, Rotation: schedule.Rotation{
			Kind: schedule.Daily, Length: 1, Start: schedule.Civil{Year: 2026, Month: 11, Day: 20},
		}}},
	}
}

// covered: ada is on call in the first schedule today and on every fourth day;
// two policies page by it.
func covered() Set {
	on := func(s string) escalation.Target { return escalation.Target{Schedule: s} }
	user := func(u responder.UserID) escalation.Target { return escalation.Target{User: u} }
	level := func(d time.Duration, t ...escalation.Target) escalation.Level {
		return escalation.Level{Timeout: d, Targets: t}
	}
	return Set{
		Users: []responder.User{
			{ID: "ada"}, {ID: "bob"}, {ID: "eve"}, {ID: "kim", Role: responder.Manager}, {ID: "olaf", Role: responder.Observer}, {ID: "zoe"},
		},
		Teams: []responder.Team{
			{ID: "shop", Members: []responder.UserID{"ada", "bob", "eve"}, Managers: []responder.UserID{"kim", "ada"}},
			{ID: "far", Members: []responder.UserID{"zoe"}, Managers: []responder.UserID{"zoe"}},
		},
		Schedules: []*schedule.Schedule{alone("first", "shop", "ada", "bob", "eve", "bob"), alone("second", "shop", "bob"), alone("third", "far", "zoe")},
		Policies: []escalation.Policy{
			{ID: "a", Levels: []escalation.Level{level(5*time.Minute, on("first")), level(4*time.Minute, on("second"), user("ada")), level(9*time.Minute, user("eve"))}},
			{ID: "b", Levels: []escalation.Level{level(5*time.Minute, user("eve")), level(5*time.Minute, on("first")), level(3*time.Minute, on("third"), on("second"))}},
			{ID: "c", Levels: []escalation.Level{level(5*time.Minute, on("third")), level(5*time.Minute, user("ada"))}},
		},
	}
}

func levelsText(levels []incident.CoverLevel) string {
	var out []string
	for _, l := range levels {
		out = append(out, fmt.Sprintf("%v %v %s", l.Schedules, l.Users, l.Timeout))
	}
	return strings.Join(out, "; ")
}

func TestWhoCannotGoOnAsksTheLevelsBehindTheirOwnOfEveryPolicyAndThenTheManagers(t *testing.T) {
	o := New(covered())
	stands := o.Stands("ada", coverDay.Add(time.Hour), coverDay.Add(30*time.Hour))
	if len(stands) != 1 || stands[0].Schedule.ID != "first" || !LastShift(stands).Equal(coverDay.Add(24*time.Hour)) || !FirstShift(stands).Equal(coverDay.Add(time.Hour)) {
		t.Fatalf("%+v", stands)
	}
	levels := o.CoverLevels("ada", stands)
	if got, want := levelsText(levels), "[second third] [] 3m0s; [] [eve] 9m0s; [] [kim] 9m0s"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := o.NextLevel(levels, "ada", coverDay.Add(time.Hour)); fmt.Sprint(got) != "[bob zoe]" {
		t.Errorf("next: %v", got)
	}
	if got := o.CoverLevels("zoe", o.Stands("zoe", coverDay, coverDay.Add(time.Hour))); levelsText(got) != "[] [ada] 5m0s" {
		t.Errorf("zoe's: %s", levelsText(got))
	}
	if len(o.ByName("ada")) != 2 || len(o.ByName("bob")) != 0 {
		t.Errorf("by name: %v %v", o.ByName("ada"), o.ByName("bob"))
	}
}

func TestTheLikeliestColleagueComesFirst(t *testing.T) {
	set := covered()
	reach := map[responder.UserID]string{"bob": "yes", "eve": "no", "kim": "unchecked", "zoe": "yes"}
	reachable := func(u responder.UserID) string { return reach[u] }
	now := coverDay.Add(time.Hour)
	o := New(set)
	stands := o.Stands("ada", now, coverDay.Add(8*time.Hour))
	// Kim and Eve are free; Bob is on call then; Zoe is of another team, and on
	// call; Olaf only watches.
	if got := fmt.Sprint(o.Colleagues("ada", stands, now, reachable)); got != "[kim eve bob zoe]" {
		t.Errorf("got %s", got)
	}
	set.Absences = []responder.Absence{{ID: "a", User: "kim", Start: now.Add(-time.Hour), End: now.Add(time.Hour), Made: now}}
	if got := fmt.Sprint(New(set).Colleagues("ada", stands, now, reachable)); got != "[eve bob zoe]" {
		t.Errorf("without who is off duty: %s", got)
	}
}

func TestWhoAsksForCoverIsNotAskedAndOneColleagueHasNobodyBehind(t *testing.T) {
	set := covered()
	set.CatchAll = []responder.UserID{"ada", "kim"}
	o := New(set)
	world := func(c incident.Cover) escalation.World {
		s := escalation.State{Incident: incident.Incident{Status: incident.Triggered, Urgency: incident.High, Cover: c}, Policy: escalation.ForCover(c)}
		links := func([]responder.Device, time.Time) []escalation.Link { return nil }
		return o.World(s, links, coverDay, coverDay, time.Time{})
	}
	w := world(incident.Cover{Of: "ada", Levels: []incident.CoverLevel{{Users: []responder.UserID{"ada", "eve"}}}})
	if fmt.Sprint(w.CatchAll, w.Levels[0].Users) != "[kim] [eve]" {
		t.Errorf("along levels: %v %v", w.CatchAll, w.Levels[0].Users)
	}
	if w = world(incident.Cover{Of: "ada", To: "bob"}); len(w.CatchAll) != 0 || fmt.Sprint(w.Levels[0].Users) != "[bob]" {
		t.Errorf("to one: %v %v", w.CatchAll, w.Levels[0].Users)
	}
}

func TestAQuietRequestTravelsByMethodsThatDoNotWakeAndWhereThereIsNoOtherWayByWhatWakesButNeverCalls(t *testing.T) {
	mail := responder.ContactMethod{ID: "mail", Kind: responder.KindEmail}
	sms := responder.ContactMethod{ID: "sms", Kind: responder.KindSMS, Wakes: true}
	phone := responder.ContactMethod{ID: "phone", Kind: responder.KindPhone, Wakes: true}
	for what, c := range map[string]struct {
		methods []responder.ContactMethod
		device  bool
		want    string
		hears   bool
	}{
		"phone and mail":          {[]responder.ContactMethod{phone, mail}, false, "devices mail", true},
		"phone and text":          {[]responder.ContactMethod{phone, sms}, false, "devices sms", true},
		"phone, text, and device": {[]responder.ContactMethod{phone, sms}, true, "devices", true},
		"only a phone":            {[]responder.ContactMethod{phone}, false, "devices", false},
		"nothing":                 {nil, false, "devices", false},
	} {
		set := covered()
		set.Users[1].ContactMethods = c.methods
		if c.device {
			set.Devices = []responder.Device{{ID: "d", User: "bob"}}
		}
		o := New(set)
		var ids []string
		for _, m := range o.quietMethods("bob", []escalation.Method{{ID: responder.Devices}}) {
			ids = append(ids, string(m.ID))
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
		if got := o.Hears("bob", incident.Low); got != c.hears {
			t.Errorf("%s: hears of it: %t", what, got)
		}
		if got := o.Hears("bob", incident.High); got != (c.device || len(c.methods) > 0) {
			t.Errorf("%s: hears of an alarm: %t", what, got)
		}
	}
}

func TestRecurringAbsencesKeepOffDutyAndTheirEdgesAreKnown(t *testing.T) {
	set := covered() // the 20th is a Friday
	friday := schedule.Restriction{Days: []time.Weekday{time.Friday}}
	weekend := schedule.Restriction{Weekly: true, FromDay: time.Saturday, ToDay: time.Monday, From: 0, To: 9 * 3600}
	set.Recurring = []schedule.Recurring{{ID: "f", User: "ada", Zone: time.UTC, Window: friday}, {ID: "w", User: "ada", Zone: time.UTC, Window: weekend}}
	o := New(set)
	a, off := o.AbsenceAt("ada", coverDay.Add(12*time.Hour))
	if want := coverDay.Add(3*24*time.Hour + 9*time.Hour); !off || !a.End.Equal(want) {
		t.Errorf("off duty %t until %s, want %s: the weekend follows", off, a.End, want)
	}
	if _, off := o.AbsenceAt("ada", coverDay.Add(-time.Second)); off {
		t.Error("off duty on Thursday")
	}
	if got := o.NextDutyChange(coverDay.Add(-time.Hour)); !got.Equal(coverDay) {
		t.Errorf("changes at %s", got)
	}
	p := escalation.Policy{Levels: []escalation.Level{{Timeout: time.Minute, Targets: []escalation.Target{{User: "ada"}}}}}
	if r := o.Rosters(p, coverDay.Add(-time.Hour)); !r[0].Until.Equal(coverDay) {
		t.Errorf("the roster holds until %s", r[0].Until)
	}
}
