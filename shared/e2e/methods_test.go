package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// sleepers: ada's laptop is closed; what else reaches her a test adds.
func sleepers(adas string) string {
	return `organisation: Example Health
catch_all: [kim]
users:
  - {id: ada, name: Ada Adams, role: admin, contact_methods: [` + adas + `]}
  - {id: bob, name: Bob Brown, contact_methods: [{id: phone, kind: phone, number: "+12125550101", wakes: true}]}
  - {id: kim, name: Kim King}
escalation_policies:
  - id: shop
    repeat: 1
    levels:
      - {timeout: 5m, targets: [{user: ada}]}
      - {timeout: 5m, targets: [{user: bob}]}
services:
  - id: shop
    name: The shop
    escalation_policy: shop
    integrations: [{id: events, kind: events_v2, key_from: {env: KEY}}]
`
}

const (
	adasPhone = `{id: phone, kind: phone, number: "+441632960000", wakes: true}`
	adasPush  = `{id: push, kind: ntfy, url: "http://ntfy.example.org/ada", wakes: true}`
	adasMail  = `{id: mail, kind: email, address: ada@example.org}`
)

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAClosedLaptopIsFollowedByThePhoneAndAKeyPressAcknowledges(t *testing.T) {
	inBubble(t, sleepers(adasPhone), func(r *reached) {
		r.enrol("ada", -1) // and never opened
		r.send("trigger", "k", "critical")
		r.after(9 * time.Second)
		if n := len(r.took(&r.calls)); n != 0 {
			t.Fatalf("%d calls before the show deadline", n)
		}
		r.after(11 * time.Second)
		calls := r.took(&r.calls)
		if len(calls) != 1 || calls[0].to != "+441632960000" {
			t.Fatalf("%+v", calls)
		}
		_, said := r.post(calls[0].url, nil)
		for _, want := range []string{"Tocsin calls Ada Adams. The shop has a critical incident, number 1.", "Press 1 to acknowledge", "<Gather "} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not said: %s", want, said)
			}
		}
		if strings.Contains(said, "What if") {
			t.Errorf("the summary went out: %s", said)
		}
		if _, said = r.post(calls[0].url+"/key", url.Values{"Digits": {"1"}}); !strings.Contains(said, "Acknowledged. You have it.") {
			t.Errorf("%s", said)
		}
		if s := r.status(); s != "acknowledged ada" {
			t.Errorf("%s", s)
		}
		expect(t, "the timeline", r.told("method_used", "method_accepted", "acknowledged", "page_ended"), []string{
			"+0s method_used: The page of Ada Adams travels by devices (by rule)",
			"+10s method_used: The page of Ada Adams travels by phone (not alive)",
			"+10s method_accepted: The message to Ada Adams was taken by phone: the phone gateway one took it as CA1 (queued)",
			"+11s acknowledged: Acknowledged by Ada Adams by phone",
			"+11s page_ended: The page of Ada Adams ended: acknowledged",
		})
		r.after(20 * time.Minute)
		if n := len(r.took(&r.calls)); n != 1 {
			t.Errorf("%d calls in all", n)
		}
	})
}

func TestKeyTwoPassesOnToTheNextPerson(t *testing.T) {
	inBubble(t, sleepers(adasPhone), func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		call := r.took(&r.calls)[0]
		if _, said := r.post(call.url+"/key", url.Values{"Digits": {"7"}}); !strings.Contains(said, "<Gather") {
			t.Errorf("another key is not asked again: %s", said)
		}
		if _, said := r.post(call.url+"/key", url.Values{"Digits": {"2"}}); !strings.Contains(said, "Passed on") {
			t.Errorf("%s", said)
		}
		r.after(2 * time.Second)
		calls := r.took(&r.calls)
		if len(calls) != 2 || calls[1].to != "+12125550101" {
			t.Errorf("%+v", calls)
		}
	})
}

func TestTheSecondPhoneGatewayTakesOver(t *testing.T) {
	inBubble(t, sleepers(adasPhone), func(r *reached) {
		r.set("phone-one", 503)
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		if calls := r.took(&r.calls); len(calls) != 1 || calls[0].host != "phone-two.example.org:80" {
			t.Errorf("%+v", calls)
		}
	})
}

func TestAFirstPhoneGatewayThatHangsCostsSeconds(t *testing.T) {
	inBubble(t, sleepers(adasPhone), func(r *reached) {
		defer r.hangs("phone-one")()
		r.send("trigger", "k", "critical")
		r.after(5 * time.Second)
		if calls := r.took(&r.calls); len(calls) != 1 || calls[0].host != "phone-two.example.org:80" {
			t.Errorf("%+v", calls)
		}
		expect(t, "what was told", r.told("method_delayed", "method_failed", "page_failed"), nil)
	})
}

func TestWhatFailsInPassingIsTriedAgainWhileTheNextMethodIsUsed(t *testing.T) {
	inBubble(t, sleepers(adasPush+", "+adasMail), func(r *reached) {
		r.set("ntfy", 503)
		r.send("trigger", "k", "critical")
		r.after(11 * time.Second)
		if n := len(r.took(&r.mails)); n != 1 {
			t.Errorf("%d mails after the push counted as used", n)
		}
		r.set("ntfy", 0)
		r.after(time.Minute)
		if n := len(r.took(&r.pushes)); n != 1 {
			t.Errorf("%d pushes", n)
		}
		expect(t, "the timeline", r.told("method_delayed", "method_accepted"), []string{
			"+0s method_delayed: The message to Ada Adams is not yet taken by push: ntfy answered 503 Service Unavailable: not now; it is tried again",
			"+10s method_accepted: The message to Ada Adams was taken by mail: the mail server took it: 2.0.0 OK: queued",
			"+10s method_accepted: The message to Bob Brown was taken by phone: the phone gateway one took it as CA1 (queued)",
			"+12s method_accepted: The message to Ada Adams was taken by push: ntfy took it as n1",
		})
	})
}

func TestAGatewayThatSaysWhenItWantsToBeAskedAgainIsHeeded(t *testing.T) {
	for seconds, want := range map[string]string{"45": "[0 45 90]", "7200": "[0 120]", "x": "[0 1 4 12 32 92]"} {
		inBubble(t, sleepers(adasPush), func(r *reached) {
			r.retryAfter("ntfy", seconds)
			r.set("ntfy", 429)
			r.send("trigger", "k", "critical")
			r.after(2*time.Minute + time.Second)
			var tries []int
			for _, at := range r.refusedAt("ntfy") {
				tries = append(tries, int(at.Sub(r.began).Seconds()))
			}
			if got := fmt.Sprint(tries); got != want {
				t.Errorf("after %s: tried at %s, want %s", seconds, got, want)
			}
		})
	}
}

func TestWhatIsRefusedForGoodGoesOnAtOnce(t *testing.T) {
	inBubble(t, sleepers(adasPhone), func(r *reached) {
		r.set("phone-one", 400)
		r.set("phone-two", 404)
		r.send("trigger", "k", "critical")
		r.after(time.Second)
		got := r.told("method_failed", "page_failed", "level_entered", "paged")
		if len(got) < 6 || !strings.Contains(got[2], "phone gateway one answered 400") || !strings.Contains(got[3], "page_failed") ||
			!strings.Contains(got[5], "Bob Brown is paged") {
			t.Errorf("%s", strings.Join(got, "\n"))
		}
	})
}

func TestNothingIsSentOnceSomebodyHasIt(t *testing.T) {
	inBubble(t, sleepers(adasPush+", "+adasPhone), func(r *reached) {
		goOn := r.hangs("ntfy")
		r.send("trigger", "k", "critical")
		r.after(5 * time.Second)
		r.send("acknowledge", "k", "critical")
		r.after(6 * time.Second)
		if r.dropped["ntfy.example.org:80"] != 1 {
			t.Error("what was under way goes on")
		}
		goOn()
		r.after(time.Hour / 3)
		if len(r.took(&r.pushes))+len(r.took(&r.calls)) != 0 {
			t.Errorf("%v %v", r.took(&r.pushes), r.took(&r.calls))
		}
	})
}

func TestAHubThatStoppedInTheMiddleSendsAfterItsStart(t *testing.T) {
	for _, acknowledged := range []bool{false, true} {
		inBubble(t, sleepers(adasPhone), func(r *reached) {
			one, two := r.hangs("phone-one"), r.hangs("phone-two")
			r.send("trigger", "k", "critical")
			r.after(2 * time.Second)
			r.close()
			one()
			two()
			time.Sleep(6 * time.Minute)
			r.start(r.outside.t)
			again := time.Now()
			time.Sleep(10 * time.Second)
			if n := len(r.took(&r.calls)); n != 0 {
				t.Errorf("%d calls in the quiet after the start", n)
			}
			if acknowledged {
				r.send("acknowledge", "k", "critical")
			}
			time.Sleep(20 * time.Second)
			var adas []sent
			for _, c := range r.took(&r.calls) {
				if c.to == "+441632960000" {
					adas = append(adas, c)
				}
			}
			switch {
			case acknowledged && len(adas) != 0:
				t.Errorf("called although acknowledged: %+v", adas)
			case !acknowledged && (len(adas) != 1 || adas[0].at.Before(again.Add(20*time.Second))):
				t.Errorf("%+v", adas)
			}
		})
	}
}

func TestAMethodThatDoesNotWakeIsUsedOnceAnHour(t *testing.T) {
	onlyAda := strings.Replace(sleepers(adasMail), "      - {timeout: 5m, targets: [{user: bob}]}\n", "", 1)
	inBubble(t, onlyAda, func(r *reached) {
		r.send("trigger", "k", "critical")
		r.after(150 * time.Minute) // some thirty pages of ada
		mails := r.took(&r.mails)
		for i := 1; i < len(mails); i++ {
			if d := mails[i].at.Sub(mails[i-1].at); d < time.Hour {
				t.Errorf("mail %d came %s after the one before", i, d)
			}
		}
		if len(mails) != 3 {
			t.Errorf("%d mails in two and a half hours", len(mails))
		}
		if !strings.Contains(mails[0].body, "Subject: The shop: critical incident 1\r\n") || strings.Contains(mails[0].body, "What if") {
			t.Errorf("%s", mails[0].body)
		}
	})
}

func TestAGatewayThatHangsHoldsUpNoOther(t *testing.T) {
	inBubble(t, sleepers(adasPush+", "+adasPhone), func(r *reached) {
		defer r.hangs("ntfy")()
		for n := range 10 {
			r.send("trigger", fmt.Sprint(n), "critical")
		}
		r.after(5 * time.Second)
		if n := r.waiting("ntfy"); n != 8 {
			t.Errorf("%d pushes at once", n)
		}
		r.after(15 * time.Second)
		to := map[string]bool{}
		for _, c := range r.took(&r.calls) {
			to[c.url] = true
		}
		if n := len(r.took(&r.calls)); n != 10 || len(to) != 10 {
			t.Errorf("%d calls with %d links", n, len(to))
		}
	})
}

func TestWhatIfSaysWhatHappensByContactMethods(t *testing.T) {
	yaml := strings.Replace(sleepers(adasPush+", "+adasMail), "role: admin", "role: admin, notification_rules: {high: [{after: 20s, via: devices}, {after: 40s, via: push}, {after: 2m, via: mail}]}", 1)
	for name, enrolled := range map[string][]string{"closed laptops": {"ada", "bob", "kim"}, "no devices": {"kim"}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, yaml, func(r *reached) {
				for _, user := range enrolled {
					r.enrol(user, -1)
				}
				guess, err := r.admin.Simulate(r.ctx, connect.NewRequest(&hubv1.SimulateRequest{ServiceId: "shop", Severity: "critical", Answers: []*hubv1.Answer{
					{UserId: "ada", Offline: true}, {UserId: "bob", Offline: true}, {UserId: "kim", Offline: true},
				}}))
				if err != nil {
					t.Fatal(err)
				}
				r.began = guess.Msg.Entries[0].At.AsTime()
				r.send("trigger", "k", "critical")
				r.after(11 * time.Minute)
				line := func(e *hubv1.Entry) string {
					text, _, _ := strings.Cut(e.Text, ": ")
					return fmt.Sprintf("+%s %s", e.At.AsTime().Sub(r.began).Round(time.Second), text)
				}
				var ahead, real []string
				for _, e := range guess.Msg.Entries {
					if e.At.AsTime().Before(r.began.Add(11 * time.Minute)) {
						ahead = append(ahead, line(e))
					}
				}
				for _, e := range r.timeline(1) {
					real = append(real, line(e))
				}
				expect(t, "what happened", real, ahead)
			})
		})
	}
}
