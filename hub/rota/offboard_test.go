package rota

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/responder"
)

// leaving from: three people a week each, from Monday 2 November 2026 at nine on.
const leavers = `
organisation: Test
catch_all: [ada, kim]
users:
  - {id: ada, role: admin}
  - {id: bob}
  - {id: eve}
  - {id: kim, role: admin}
teams:
  - {id: web, managers: [ada], members: [ada, bob]}
schedules:
  - id: web
    team: web
    time_zone: UTC
    layers:
      - {name: weeks, rotation: {kind: weekly, start: "2026-11-02T09:00"}, participants: [ada, bob, eve]}
    overrides:
      - {id: past, start: "2026-11-03T00:00", end: "2026-11-03T06:00", user: bob, replaces: ada}
      - {id: christmas, start: "2026-12-24T00:00", end: "2026-12-27T00:00", user: ada}
escalation_policies:
  - id: web
    levels:
      - {timeout: 5m, targets: [{schedule: web}]}
      - {timeout: 5m, targets: [{user: ada}, {user: kim}]}
services:
  - {id: web, escalation_policy: web, team: web}
`

func documentsFrom(t interface{ Fatal(...any) }, yaml string) Documents {
	file, problems := Parse("tocsin.yaml", []byte(yaml))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	plan, problems := file.Plan(Documents{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.Documents
}

func at(text string) time.Time {
	when, err := time.Parse("2006-01-02 15:04", "2026-"+text)
	if err != nil {
		panic(err)
	}
	return when
}

// stood lists the places and what becomes of them.
func (l *leaving) text() string {
	var lines []string
	for _, s := range l.stood {
		lines = append(lines, fmt.Sprintf("%s, %s: %s", s.Place, s.What, s.Then))
	}
	return strings.Join(append(lines, l.holes...), "\n")
}

func TestAUserIsTakenOutOfEveryPlace(t *testing.T) {
	for _, c := range []struct {
		name string
		r    OffboardRequest
		want string
	}{
		{"with nobody named the others go on", OffboardRequest{User: "ada"}, `catch_all, catch-all: removed
team/web, manager: removed
team/web, member: removed
policy/web, level 2: removed
schedule/web, rotation "weeks": removed
schedule/web, on call until Mon 2026-11-09 09:00 UTC: bob takes over
schedule/web, override christmas: removed`},
		{"somebody takes over everywhere", OffboardRequest{User: "ada", ReplaceWith: "kim"}, `catch_all, catch-all: kim takes over
team/web, manager: kim takes over
team/web, member: kim takes over
policy/web, level 2: kim takes over
schedule/web, rotation "weeks": kim takes over
schedule/web, override christmas: kim takes over`},
		{"somebody takes over in one place", OffboardRequest{User: "ada", In: map[string]string{"schedule/web": "eve"}}, `catch_all, catch-all: removed
team/web, manager: removed
team/web, member: removed
policy/web, level 2: removed
schedule/web, rotation "weeks": eve takes over
schedule/web, override christmas: eve takes over`},
		{"a place that is none", OffboardRequest{User: "eve", In: map[string]string{"schedule/wbe": "bob"}}, `schedule/web, rotation "weeks": removed
--in schedule/wbe: eve does not stand there; did you mean "schedule/web"?`},
	} {
		d := documentsFrom(t, leavers)
		l := d.leave(c.r, nil, at("11-04 12:00"))
		if got := l.text(); got != c.want {
			t.Errorf("%s:\n%s", c.name, got)
		}
		if len(l.holes) > 0 {
			continue
		}
		for _, o := range l.after.objects() {
			if strings.Contains(string(o.Body), `"ada"`) {
				t.Errorf("%s: ada still stands in %s %s: %s", c.name, o.Kind, o.ID, o.Body)
			}
		}
		// What is left is a file that anybody may apply.
		file, problems := Parse("left.yaml", l.after.YAML())
		if _, more := file.Plan(Documents{}); len(problems.List)+len(more.List) > 0 {
			t.Errorf("%s: %s %s", c.name, problems, more)
		}
	}
}

func TestNoHoleIsLeft(t *testing.T) {
	for _, c := range []struct{ name, change, to, hole string }{
		{"the last catch-all", "catch_all: [ada, kim]", "catch_all: [ada]", "catch_all: ada is the only one whom everything ends with; name who takes over: --in catch_all=USER, or --replace-with USER"},
		{"an empty level", "[{user: ada}, {user: kim}]", "[{user: ada}]", "policy/web: ada stands alone on level 2; name who takes over: --in policy/web=USER, or --replace-with USER"},
		{"an empty rotation", "participants: [ada, bob, eve]", "participants: [ada, null, ada]", `schedule/web: ada is the only one in the rotation "weeks"; name who takes over: --in schedule/web=USER, or --replace-with USER`},
		{"a team that is paged", "members: [ada, bob]", "members: [ada]", "team/web: ada is the last member, and escalation policies page the team; name who takes over: --in team/web=USER, or --replace-with USER"},
		{"the last admin", "{id: kim, role: admin}", "{id: kim}", "ada is the only admin; give somebody else the role admin first, in the file that hub apply takes"},
	} {
		yaml := strings.Replace(leavers, c.change, c.to, 1)
		if c.name == "a team that is paged" {
			yaml = strings.Replace(yaml, "[{schedule: web}]", "[{schedule: web}, {team: web}]", 1)
		}
		d := documentsFrom(t, yaml)
		if l := d.leave(OffboardRequest{User: "ada"}, nil, at("11-04 12:00")); !slices.Equal(l.holes, []string{c.hole}) {
			t.Errorf("%s: %q", c.name, l.holes)
		}
		if l := d.leave(OffboardRequest{User: "ada", ReplaceWith: "bob"}, nil, at("11-04 12:00")); len(l.holes) > 0 && c.name != "the last admin" {
			t.Errorf("%s, with a replacement: %q", c.name, l.holes)
		}
	}
}

// Whoever leaves, whenever: the present turn of another is not touched, and the
// others follow each other in their order from the present turn on.
func TestTheOthersKeepTheirOrderFromThePresentTurn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := []ID{"a", "b", "c", "d", ""}
		list := rapid.SliceOfN(rapid.SampledFrom(people), 2, 8).Draw(t, "participants")
		who := rapid.SampledFrom([]ID{"a", "b"}).Draw(t, "leaves")
		others := slices.ContainsFunc(list, func(id ID) bool { return id != who && id != "" })
		if !slices.Contains(list, who) || !others {
			t.Skip("nothing to do")
		}
		d := Documents{
			Users: []UserDoc{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}},
			Schedules: []ScheduleDoc{{ID: "s", TimeZone: "UTC", Layers: []Layer{{
				Name: "days", Rotation: Rotation{Kind: "daily", Length: 1, Start: "2026-11-01T09:00"}, Participants: list,
			}}}},
		}
		now := at("11-01 00:00").Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "minutes")) * time.Minute)
		l := d.leave(OffboardRequest{User: string(who)}, nil, now)
		if len(l.holes) > 0 {
			t.Fatal(l.holes)
		}
		before, err := d.Schedules[0].build()
		if err != nil {
			t.Fatal(err)
		}
		after, err := l.after.Schedules[0].build(l.after.overrides()["s"]...)
		if err != nil {
			t.Fatal(err)
		}
		present, _ := before.At(now)
		is, _ := after.At(now)
		switch {
		case ID(present) != who && is != present:
			t.Fatalf("%s was on call, %s is", present, is)
		case ID(present) == who && (is == "" || ID(is) == who):
			t.Fatalf("%s was on call, %q is", present, is)
		}
		// The turns to come, without the user's, one after the other.
		turn := before.Turn(before.Layers[0].Rotation, now)
		var want, got []string
		for at := turn.End; len(want) < 20; at = at.Add(24 * time.Hour) {
			if u, _ := before.At(at); ID(u) != who {
				want = append(want, string(u))
			}
		}
		for at := turn.End; len(got) < len(want); at = at.Add(24 * time.Hour) {
			u, _ := after.At(at)
			got = append(got, string(u))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v: %v then, want %v", list, got, want)
		}
	})
}

func TestOffboardingLeavesNoRecurringAbsenceAndNoPresenceBehind(t *testing.T) {
	d := documentsFrom(t, leavers)
	d.Absences = []AbsenceDoc{{ID: "a-1", User: "ada", RecurringAbsence: RecurringAbsence{Days: []Day{"fri"}, From: "00:00", To: "24:00"}, Made: "2026-11-01T00:00:00Z"}}
	d.Presences = []PresenceDoc{{ID: "p-1", User: "ada", Start: "2026-11-06T00:00:00Z", End: "2026-11-07T00:00:00Z"}}
	l := d.leave(OffboardRequest{User: "ada", ReplaceWith: "kim"}, nil, at("11-05 12:00"))
	for _, a := range l.after.Absences {
		if a.User == "ada" {
			t.Errorf("the recurring absence %s of ada stays; told places: %v", a.ID, l.stood)
		}
	}
	for _, p := range l.after.Presences {
		if p.User == "ada" {
			t.Errorf("the presence %s of ada stays", p.ID)
		}
	}
}

// Ada leaves in the middle of her week; Bob, who follows, is on holiday, planned
// long ago, so Eve would take his turn. She must take what is left of Ada's.
func TestWhatIsLeftOfTheTurnGoesToWhoIsThere(t *testing.T) {
	d := documentsFrom(t, leavers)
	absences := []responder.Absence{{ID: "x", User: "bob", Start: at("11-01 00:00"), End: at("11-20 00:00"), Made: at("10-01 00:00")}}
	l := d.leave(OffboardRequest{User: "ada"}, absences, at("11-05 12:00"))
	s := l.after.built(l.after.Schedules[0], absences)
	if user, source := s.At(at("11-06 12:00")); user != "eve" {
		t.Errorf("%s is on call by %+v; stood: %v", user, source, l.stood)
	}
}
