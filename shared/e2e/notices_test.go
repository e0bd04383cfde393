package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// onDuty: ada is on call from 01:00 on, an hour after the story's day began; she has
// no device.
func onDuty(adas string) string {
	return strings.NewReplacer("{user: ada}", "{schedule: web}", "escalation_policies:", `schedules:
  - id: web
    name: Web
    time_zone: UTC
    layers:
      - {name: days, rotation: {kind: daily, start: "2000-01-01T01:00"}, participants: [ada, bob]}
escalation_policies:`).Replace(sleepers(adas))
}

func TestWhoMightNotBeReachedIsToldByEveryOtherMethodAndAFailureIsTriedAgain(t *testing.T) {
	inBubble(t, onDuty(adasPhone+", "+adasPush+", "+adasMail), func(r *reached) {
		r.set("ntfy.example.org:80", http.StatusServiceUnavailable)
		r.after(time.Hour)
		calls, mails := r.took(&r.calls), r.took(&r.mails)
		if len(calls) != 1 || calls[0].to != "+441632960000" || len(mails) != 1 {
			t.Fatalf("%d calls, %d mails", len(calls), len(mails))
		}
		for _, want := range []string{
			"Subject: You are on call for Web and might not be reached", "Your shift for Web began at Sat 1 Jan 2000 01:00 UTC, until Sun 2 Jan 2000", "You have no device: install the agent",
		} {
			if !strings.Contains(mails[0].body, want) {
				t.Errorf("%q is not in the mail: %s", want, mails[0].body)
			}
		}
		r.set("ntfy.example.org:80", 0)
		r.after(2 * time.Hour)
		pushes := r.took(&r.pushes)
		if len(pushes) != 1 || !strings.Contains(pushes[0].body, `"priority":3`) {
			t.Fatalf("%v", pushes)
		}
		if n := len(r.took(&r.calls)) + len(r.took(&r.mails)); n != 2 {
			t.Errorf("%d calls and mails in all", n)
		}
		if calls[0].url != "" {
			t.Errorf("the call asks for keys at %s", calls[0].url)
		}
	})
}
