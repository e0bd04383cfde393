package rehearsal

import (
	"slices"
	"testing"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/schedule"
)

var t0 = time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)

func org() *organisation.Organisation {
	user := func(id responder.UserID) responder.User { return responder.User{ID: id, Name: string(id)} }
	level := func(timeout time.Duration, u responder.UserID) escalation.Level {
		return escalation.Level{Timeout: timeout, Targets: []escalation.Target{{User: u}}}
	}
	return organisation.New(organisation.Set{
		Revision: 1, CatchAll: []responder.UserID{"kim"},
		Users: []responder.User{user("ada"), user("bob"), user("kim")},
		Policies: []escalation.Policy{{ID: "p", Repeat: 1, WhenExhausted: escalation.KeepPaging,
			Levels: []escalation.Level{level(5*time.Minute, "ada"), level(5*time.Minute, "bob")}}},
		Services: []incident.Service{{ID: "s", Policy: "p", Urgency: incident.BySeverity, Lease: 30 * time.Minute}},
	})
}

func play(t *testing.T, answers map[responder.UserID]Answer) Story {
	t.Helper()
	s, err := Play(Question{Org: org(), Service: "s", At: t0, Severity: incident.Critical, Answers: answers})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhoNeverAcknowledgesIsFollowedByTheNextLevel(t *testing.T) {
	s := play(t, map[responder.UserID]Answer{"bob": {Acknowledges: true, After: 40 * time.Second}})
	if s.Ending != Acknowledged || s.By != "bob" || !s.At.Equal(t0.Add(5*time.Minute+40*time.Second)) {
		t.Errorf("%s by %s at %s", s.Ending, s.By, s.At.Sub(t0))
	}
}

func TestMaintenanceAndSupportHoursArePlayed(t *testing.T) {
	set := org().Set
	set.Windows = []organisation.Window{{Services: []incident.ServiceID{"s"}, Start: t0.Add(-time.Hour), End: t0.Add(time.Hour)}}
	set.SupportHours = map[incident.ServiceID]schedule.Hours{"s": {Restrictions: []schedule.Restriction{{From: 9 * 3600, To: 17 * 3600}}}}
	for severity, after := range map[incident.Severity]time.Duration{incident.Critical: time.Hour, incident.Warning: 6 * time.Hour} {
		s, err := Play(Question{Org: organisation.New(set), Service: "s", At: t0, Severity: severity})
		if err != nil {
			t.Fatal(err)
		}
		paged := slices.IndexFunc(s.Entries, func(e incident.Entry) bool { return e.Kind == incident.KindPaged })
		if got := s.Entries[paged].At.Sub(t0); got != after {
			t.Errorf("%s: paged after %s", severity, got)
		}
	}
}

func TestWhoIsOfflineIsPassedOverAfterTheShowDeadline(t *testing.T) {
	s := play(t, map[responder.UserID]Answer{"ada": {Offline: true}, "bob": {Acknowledges: true}})
	if s.By != "bob" || !s.Reached.Equal(t0.Add(escalation.ShowDeadline)) {
		t.Errorf("acknowledged by %s, reached after %s", s.By, s.Reached.Sub(t0))
	}
}

func TestWithEverybodyOfflineTheStoryEndsAtTheCatchAll(t *testing.T) {
	s := play(t, map[responder.UserID]Answer{"ada": {Offline: true}, "bob": {Offline: true}})
	if s.Ending != CatchAll || s.Every != 5*time.Minute {
		t.Errorf("%s every %s", s.Ending, s.Every)
	}
}

func TestWhenNobodyAcknowledgesTheLastLevelIsPagedAgainAndAgain(t *testing.T) {
	s := play(t, nil)
	if s.Ending != KeepsPaging || s.Level != 2 || s.Every != 5*time.Minute {
		t.Errorf("%s at level %d every %s", s.Ending, s.Level, s.Every)
	}
}

func TestWhoIsOfflineStillHasATelephone(t *testing.T) {
	set := org().Set
	set.Users[0].ContactMethods = []responder.ContactMethod{{ID: "phone", Kind: responder.KindPhone, Wakes: true}, {ID: "mail", Kind: responder.KindEmail}}
	s, err := Play(Question{Org: organisation.New(set), Service: "s", At: t0, Severity: incident.Critical, Answers: map[responder.UserID]Answer{
		"ada": {Offline: true}, "bob": {Acknowledges: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !s.Reached.Equal(t0.Add(escalation.ShowDeadline)) || s.By != "bob" || !s.At.Equal(t0.Add(5*time.Minute)) {
		t.Errorf("reached after %s, %s has it after %s", s.Reached.Sub(t0), s.By, s.At.Sub(t0))
	}
	if len(s.Alarms) != 2 {
		t.Errorf("the mail, or a second way of one page, counts as an alarm: %v", s.Alarms)
	}
	var through []responder.MethodID
	for _, e := range s.Entries {
		if e.Kind == incident.KindMethodAccepted {
			through = append(through, e.Method)
		}
	}
	if !slices.Equal(through, []responder.MethodID{"phone", "mail"}) {
		t.Errorf("%v", through)
	}
}
