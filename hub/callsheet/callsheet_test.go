package callsheet

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

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

// now is a Friday evening, two days before the clocks go back.
var now = time.Date(2026, 10, 23, 20, 0, 0, 0, berlin)

func phone(number string) responder.ContactMethod {
	return responder.ContactMethod{ID: "phone", Kind: responder.KindPhone, Address: number}
}

// shop is an organisation with two teams, in two zones.
func shop() *organisation.Organisation {
	return organisation.New(organisation.Set{
		Name: "Example <Ltd>", CatchAll: []responder.UserID{"kim"},
		Users: []responder.User{
			{ID: "ada", Name: "Ada Adams", ContactMethods: []responder.ContactMethod{phone("+44 1632 960001"), {ID: "sms", Kind: responder.KindSMS, Address: "+44 1632 960001"}}},
			{ID: "bob", Name: "Bob & Brown", Email: "bob@example.org"},
			{ID: "eve", Name: "Eve", ContactMethods: []responder.ContactMethod{phone("+1 202 555 0100")}},
			{ID: "kim", Name: "Kim King", ContactMethods: []responder.ContactMethod{phone("+44 1632 960002")}},
			{ID: "zoe", Name: "Zoe"},
		},
		Teams: []responder.Team{{ID: "web", Members: []responder.UserID{"ada", "bob"}, Managers: []responder.UserID{"kim"}}, {ID: "data", Members: []responder.UserID{"eve"}}},
		Schedules: []*schedule.Schedule{
			{ID: "web", Name: "Web", Team: "web", Zone: berlin, Layers: []schedule.Layer{{
				Rotation:     schedule.Rotation{Kind: schedule.Daily, Length: 2, Start: schedule.Civil{Year: 2026, Month: 10, Day: 22, Hour: 9}},
				Participants: []responder.UserID{"ada", "bob", ""},
			}}},
			{ID: "data", Name: "Data", Team: "data", Zone: time.UTC, Layers: []schedule.Layer{{
				Rotation:     schedule.Rotation{Kind: schedule.Daily, Length: 1, Start: schedule.Civil{Year: 2026, Month: 1, Day: 1}},
				Participants: []responder.UserID{"eve"},
			}}},
		},
		Policies: []escalation.Policy{
			{ID: "web", Levels: []escalation.Level{
				{Timeout: 5 * time.Minute, Targets: []escalation.Target{{Schedule: "web"}}}, {Timeout: 90 * time.Minute, Targets: []escalation.Target{{User: "bob"}, {Team: "web"}}},
			}},
			{ID: "data", Levels: []escalation.Level{{Timeout: 5 * time.Minute, Targets: []escalation.Target{{Schedule: "data"}}}}},
		},
		Services: []incident.Service{{ID: "web", Name: "Web shop", Team: "web", Policy: "web"}, {ID: "data", Name: "Data lake", Team: "data", Policy: "data"}},
	})
}

const want = `WHO IS ON CALL: Example <Ltd>, 4 days

Web (times in Europe/Berlin)
  Fri 23 Oct 00:00 – Sat 24 Oct 09:00  Ada Adams  +44 1632 960001
  Sat 24 Oct 09:00 CEST – Mon 26 Oct 09:00 CET  Bob & Brown  no number  bob@example.org
  Mon 26 Oct 09:00 – Wed 28 Oct 09:00  nobody

Data (times in UTC)
  Fri 23 Oct 00:00 on  Eve  +1 202 555 0100

WHOM TO CALL, IN THIS ORDER

Web shop
  1. who is on call in Web, then after 5 min
  2. Bob & Brown  no number  bob@example.org; Ada Adams  +44 1632 960001; Bob & Brown  no number  bob@example.org

Data lake
  1. who is on call in Data

IF NOBODY ELSE CAN BE REACHED
  Kim King  +44 1632 960002
`

func TestTheSheetSaysWhoIsOnCallWithNumbersInTheSchedulesZone(t *testing.T) {
	if got := Make(shop(), now, 4).Text(); got != want {
		t.Errorf("%s", got)
	}
}

func TestWhoIsOffDutyIsMarked(t *testing.T) {
	set := shop().Set
	set.Absences = []responder.Absence{
		{ID: "now", User: "ada", Start: now.Add(-time.Hour), End: now.Add(3 * time.Hour)},
		{ID: "later", User: "bob", Start: now.Add(60 * time.Hour), End: now.Add(70 * time.Hour)},
	}
	sheet := Make(organisation.New(set), now, 4)
	for _, want := range []string{
		"  Fri 23 Oct 00:00 – Sat 24 Oct 09:00  Ada Adams  +44 1632 960001  (off duty until Fri 23 Oct 23:00 CEST)\n",
		"  Sat 24 Oct 09:00 CEST – Mon 26 Oct 09:00 CET  Bob & Brown  no number  bob@example.org\n",
		"; Ada Adams  +44 1632 960001  (off duty until Fri 23 Oct 21:00 UTC); ",
	} {
		if text := sheet.Text(); !strings.Contains(text, want) {
			t.Errorf("%q is not there:\n%s", want, text)
		}
	}
	var page bytes.Buffer
	if err := sheet.HTML(&page); err != nil || strings.Count(page.String(), "off duty until") != 2 {
		t.Errorf("%v: %s", err, page.String())
	}
}

func TestShiftsThatAreOverAreLeftOut(t *testing.T) {
	later := time.Date(2026, 10, 24, 9, 0, 0, 0, berlin)
	if text := Make(shop(), later, 4).Text(); strings.Contains(text, "Sat 24 Oct 09:00  Ada") || !strings.Contains(text, "Sat 24 Oct 09:00 CEST") {
		t.Errorf("%s", text)
	}
}

func TestTheTextChangesOnlyWhenItSaysSomethingElse(t *testing.T) {
	org := shop()
	first := Make(org, now, 7).Text()
	if Make(org, now.Add(3*time.Hour), 7).Text() != first {
		t.Error("it changed within the day")
	}
	if Make(org, now.Add(24*time.Hour), 7).Text() == first {
		t.Error("it is the same on the next day")
	}
}

func TestAUserKeepsWhatConcernsThem(t *testing.T) {
	org := shop()
	all := Make(org, now, 7)
	for u, want := range map[responder.UserID]string{"ada": "[Web] [Web shop]", "kim": "[Web] [Web shop]", "eve": "[Data] [Data lake]", "zoe": "[] []"} {
		own := all.For(org, u)
		var schedules, services []string
		for _, s := range own.Schedules {
			schedules = append(schedules, s.Name)
		}
		for _, s := range own.Services {
			services = append(services, s.Name)
		}
		if got := fmt.Sprint(schedules, services); got != want || own.Empty() != (u == "zoe") {
			t.Errorf("%s: %s, want %s", u, got, want)
		}
		if u != "eve" && strings.Contains(own.Text(), "555 0100") {
			t.Errorf("%s learns the number of another team", u)
		}
	}
}

func TestALongSheetIsCutAndSaysSo(t *testing.T) {
	set := shop().Set
	set.Services = nil
	for n := range 3000 {
		set.Services = append(set.Services, incident.Service{ID: incident.ServiceID(fmt.Sprint(n)), Name: fmt.Sprintf("Dienst für Ölförderung %d", n), Policy: "web"})
	}
	text := Make(organisation.New(set), now, 7).Text()
	if len(text) > MaxText || !strings.HasSuffix(text, "hub callsheet\n") {
		t.Errorf("%d bytes, ending in %q", len(text), text[len(text)-100:])
	}
}

func TestThePageRunsNothingAndLoadsNothing(t *testing.T) {
	set := shop().Set
	set.Users[0].Name = `<script>alert(1)</script>`
	var b bytes.Buffer
	if err := Make(organisation.New(set), now, 4).HTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"Example &lt;Ltd&gt;", "&lt;script&gt;", "Sat 24 Oct 09:00 CEST", "Mon 26 Oct 09:00 CET", "nobody", "size: A4", "made Friday 23 October 2026, 20:00 CEST", "then after 5 min"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	if bad := regexp.MustCompile(`(?i)<script|src=|href=|url\(|@import|\son\w+=`).FindString(page); bad != "" {
		t.Errorf("%q is in the page", bad)
	}
}
