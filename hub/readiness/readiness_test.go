package readiness

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

// clock reads a time in November 2026 in Berlin, for example "3 15:00".
func clock(text string) time.Time {
	at, err := time.ParseInLocation("2 15:04 2006 Jan", text+" 2026 Nov", berlin)
	if err != nil {
		panic(err)
	}
	return at
}

func show(t time.Time) string { return t.In(berlin).Format("2 15:04") }

// everybody is there, and lives in Berlin.
type everybody struct{ away responder.UserID }

func (e everybody) Zone(responder.UserID) *time.Location      { return berlin }
func (e everybody) Away(u responder.UserID, _ time.Time) bool { return u == e.away }

func shift(start, end string) Shift {
	return Shift{Schedule: "web", Name: "Web", User: "ada", Start: clock(start), End: clock(end), High: true}
}

func TestAShiftIsLookedAtByDayBeforeItAndAtItsStart(t *testing.T) {
	for _, c := range []struct{ name, start, day, hours string }{
		{"by day, as it is", "3 15:00", "2 15:00", "3 13:00"},
		{"two hours before fall before eight: eight", "3 09:00", "2 09:00", "3 08:00"},
		{"in the night: the evening before", "3 03:00", "2 08:00", "2 22:00"},
		{"nearer to the evening", "3 01:00", "1 22:00", "2 22:00"},
		{"two hours before midnight are ten, which is day", "3 00:00", "1 22:00", "2 22:00"},
		{"eight o'clock is day, and six is not: nothing between six and eight but eight itself, which is no longer before", "3 08:00", "2 08:00", "2 22:00"},
		{"just after eight", "3 08:30", "2 08:30", "3 08:00"},
	} {
		s := shift(c.start, "9 09:00")
		day, _ := When(s, DayBefore, berlin)
		hours, _ := When(s, HoursBefore, berlin)
		if show(day) != c.day || show(hours) != c.hours {
			t.Errorf("%s: %s, then %s; want %s, %s", c.name, show(day), show(hours), c.day, c.hours)
		}
	}
}

func TestWhatIsDue(t *testing.T) {
	s := shift("3 15:00", "4 15:00") // looked at 2 15:00, 3 13:00, 3 15:00
	low := s
	low.High = false
	endless := s
	endless.End = time.Time{}
	key := func(m Moment) map[Key]bool { return map[Key]bool{Task{s, m}.Key(): true} }
	for _, c := range []struct {
		name   string
		shift  Shift
		done   map[Key]bool
		away   responder.UserID
		now    string
		due    Moment
		next   string
		nobody bool
	}{
		{"long before", s, nil, "", "1 12:00", "", "2 15:00", false},
		{"a day before", s, nil, "", "2 15:00", DayBefore, "3 13:00", false},
		{"done already", s, key(DayBefore), "", "2 15:01", "", "3 13:00", false},
		{"missed, in the night: not before eight", s, nil, "", "2 23:00", "", "3 08:00", false},
		{"missed, by day: once", s, nil, "", "3 09:00", DayBefore, "3 13:00", false},
		{"two hours before, and the day before was missed: one look", s, nil, "", "3 13:30", HoursBefore, "3 15:00", false},
		{"the later look was done, the earlier missed: nothing", s, key(HoursBefore), "", "3 13:30", "", "3 15:00", false},
		{"at the start", s, key(HoursBefore), "", "3 15:00", AtStart, "4 15:00", false},
		{"the start was missed, in the night too: once, as it runs", s, nil, "", "4 02:00", AtStart, "4 15:00", false},
		{"when it is over the start is no more due, the end is", s, nil, "", "4 15:00", AtEnd, "", false},
		{"long over", s, nil, "", "4 21:00", "", "", false},
		{"low urgency is only told at its start and end", low, nil, "", "3 13:00", "", "3 15:00", false},
		{"low urgency begins", low, nil, "", "3 15:00", AtStart, "4 15:00", false},
		{"who is off duty then is left alone", s, nil, "ada", "3 15:00", "", "", false},
		{"no end is in sight", endless, key(AtStart), "", "3 15:00", "", "", false},
	} {
		due, next := Due([]Shift{c.shift}, everybody{c.away}, c.done, clock(c.now))
		var got Moment
		if len(due) > 0 {
			got = due[0].Moment
		}
		at := ""
		if !next.IsZero() {
			at = show(next)
		}
		if got != c.due || at != c.next || len(due) > 1 {
			t.Errorf("%s: %v, then %q; want %q, then %q", c.name, due, at, c.due, c.next)
		}
	}
}

// However a hub runs and stops, no look is done twice, none is done out of the day
// but at a start, and every start that a hub saw run was looked at.
func TestLooksAreDoneOnceWhateverTheHubsLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := clock("3 00:00").Add(time.Duration(rapid.IntRange(0, 48*60).Draw(t, "start")) * time.Minute)
		s := Shift{Schedule: "web", User: "ada", Start: start, End: start.Add(time.Duration(rapid.IntRange(1, 48*60).Draw(t, "length")) * time.Minute), High: true}
		done := map[Key]bool{}
		now, looked := start.Add(-60*time.Hour), map[Moment]int{}
		for now.Before(s.End.Add(12 * time.Hour)) {
			due, next := Due([]Shift{s}, everybody{}, done, now)
			for _, d := range due {
				if looked[d.Moment]++; looked[d.Moment] > 1 {
					t.Fatalf("%s twice", d.Moment)
				}
				if d.Moment != AtStart && d.Moment != AtEnd && !byDay(now, berlin) {
					t.Fatalf("%s at %s", d.Moment, show(now))
				}
				if d.Moment == AtStart && (now.Before(s.Start) || !now.Before(s.End)) {
					t.Fatalf("the start at %s", show(now))
				}
				done[d.Key()] = true
			}
			if !next.After(now) || rapid.Bool().Draw(t, "down") {
				next = now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "for")) * time.Minute)
				if !now.Before(s.Start) && now.Before(s.End) && looked[AtStart] == 0 {
					t.Fatalf("it runs, and nobody looked")
				}
			}
			now = next
		}
	})
}

func TestJudge(t *testing.T) {
	ready := Device{Name: "laptop", Connected: true, Answered: true, Ready: true}
	mute := Device{Name: "desktop", Connected: true, Answered: true, Problems: []string{"The sound is off."}}
	silent := Device{Name: "laptop", Connected: true}
	away := Device{Name: "laptop"}
	phone := Method{ID: "phone", Kind: "phone", Wakes: true, Usable: true}
	worked, failed, unusable := phone, phone, phone
	worked.Used, worked.Worked = true, true
	failed.Used = true
	unusable.Usable = false
	mail := Method{ID: "mail", Kind: "email", Usable: true, Used: true, Worked: true}
	for _, c := range []struct {
		name    string
		devices []Device
		methods []Method
		good    bool
		reach   Reach
		says    []string // each part in a problem of its own
	}{
		{"both ways work", []Device{ready}, []Method{worked}, true, Yes, nil},
		{"one device of two is enough", []Device{away, ready}, []Method{phone}, true, Yes, nil},
		{"nothing that wakes", []Device{ready}, []Method{mail}, false, Yes, []string{"no contact method that wakes"}},
		{"no gateway", []Device{ready}, []Method{unusable}, false, Yes, []string{"no gateway for phone"}},
		{"it failed last", []Device{ready}, []Method{failed}, false, Yes, []string{"last message by phone was not accepted"}},
		{"the laptop is closed", []Device{away}, []Method{worked}, false, Yes, []string{"open the laptop"}},
		{"the laptop is closed, the phone never tried", []Device{away}, []Method{phone}, false, Unchecked, []string{"open the laptop"}},
		{"the laptop is closed, the phone failed", []Device{away}, []Method{failed}, false, No, []string{"open the laptop", "not accepted"}},
		{"no answer", []Device{silent}, []Method{worked}, false, Yes, []string{"did not answer within 10 seconds"}},
		{"it cannot alarm", []Device{mute, away}, nil, false, No, []string{"desktop could raise no alarm. The sound is off.", "wakes"}},
		{"nothing at all", nil, nil, false, No, []string{"no device", "wakes"}},
	} {
		v := Judge(Facts{c.devices, c.methods})
		ok := len(v.Problems) == len(c.says)
		for i, part := range c.says {
			ok = ok && strings.Contains(v.Problems[i], part)
		}
		if v.Good != c.good || v.Reach != c.reach || !ok {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

// rota is a schedule of daily turns from the first at nine on.
func rota(users ...responder.UserID) *organisation.Organisation {
	var list []responder.User
	for _, u := range []responder.UserID{"ada", "bob", "kim"} {
		list = append(list, responder.User{ID: u, Name: string(u)})
	}
	return organisation.New(organisation.Set{
		Users: list,
		Teams: []responder.Team{{ID: "shop", Managers: []responder.UserID{"kim", "ada"}}},
		Schedules: []*schedule.Schedule{{ID: "web", Name: "Web", Zone: berlin, Layers: []schedule.Layer{{
			Rotation: schedule.Rotation{Kind: schedule.Daily, Length: 1, Start: schedule.CivilOf(clock("1 09:00"), berlin)}, Participants: users,
		}}}},
		Policies: []escalation.Policy{{ID: "shop", Levels: []escalation.Level{{Targets: []escalation.Target{{Schedule: "web"}}}}}},
		Services: []incident.Service{{ID: "shop", Team: "shop", Policy: "shop", Urgency: incident.BySeverity}},
	})
}

func TestShiftsKeepTheStartThatTheyHadWhenTheConfigurationIsEdited(t *testing.T) {
	now := clock("5 12:00")
	text := func(h organisation.History) string {
		var all []string
		for _, s := range Shifts(h, now) {
			all = append(all, fmt.Sprintf("%s %s-%s", s.User, show(s.Start), show(s.End)))
		}
		return strings.Join(all, ", ")
	}
	before := rota("ada", "bob")
	if got := text(organisation.Always(before)); got != "ada 1 09:00-2 09:00, bob 2 09:00-3 09:00, ada 3 09:00-4 09:00, bob 4 09:00-5 09:00, ada 5 09:00-6 09:00, bob 6 09:00-7 09:00" {
		t.Error(got)
	}
	// At ten the rotation is made another one; ada stays on call until it moves on.
	edited := organisation.History{{Org: before}, {From: clock("5 10:00"), Org: rota("ada", "bob", "kim", "bob", "ada", "kim")}}
	if got := text(edited); !strings.HasSuffix(got, "ada 5 09:00-6 09:00, kim 6 09:00-7 09:00") {
		t.Error(got)
	}
	if got := text(organisation.Always(rota("ada"))); got != "ada 1 09:00-1 00:00" && !strings.HasPrefix(got, "ada 1 09:00-") {
		t.Error(got)
	}
}

func TestTheManagersAreThoseOfTheTeamElseTheAdmins(t *testing.T) {
	org := rota("ada", "bob")
	if got := Managers(org, Shift{Schedule: "web", User: "ada"}); !slices.Equal(got, []responder.UserID{"kim"}) {
		t.Errorf("%v: not the user, who is told already", got)
	}
	set := org.Set
	set.Teams, set.Users = nil, []responder.User{{ID: "ada", Role: responder.Admin}, {ID: "eve", Role: responder.Admin}}
	if got := Managers(organisation.New(set), Shift{Schedule: "web", User: "ada"}); !slices.Equal(got, []responder.UserID{"eve"}) {
		t.Errorf("%v", got)
	}
}
