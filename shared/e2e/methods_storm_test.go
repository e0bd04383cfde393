package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// bundled is when the bundle of a storm has gone. What comes before the first
// messages were taken is in it after a moment; what comes after joins what these
// have made alive, and goes by its rule's wait. Which of the two an incident is,
// is a race that a storm may end either way.
const bundled = 40 * time.Second

// storm sends so many events at once.
func (r *reached) storm(from, to int) {
	for n := from; n < to; n++ {
		r.send("trigger", fmt.Sprint("storm-", n), "critical")
	}
}

// acknowledgedBy counts the incidents that a user has.
func (r *reached) acknowledgedBy(user string) int {
	n := 0
	for _, i := range r.incidents() {
		if i.Status == "acknowledged" && i.Holder == user {
			n++
		}
	}
	return n
}

const adasNumber = "+441632960000"

// onlyAda pages nobody else, and none but by what reaches her.
func onlyAda(methods string) string {
	yaml := strings.Replace(sleepers(methods), "      - {timeout: 5m, targets: [{user: bob}]}\n", "", 1)
	return strings.Replace(yaml, "catch_all: [kim]", "catch_all: [ada]", 1)
}

func TestAboveTenOpenPagesOneMessagePerMethodAMinuteWithTheCount(t *testing.T) {
	inBubble(t, onlyAda(adasPhone), func(r *reached) {
		for n := range 10 {
			r.storm(n, n+1)
			time.Sleep(time.Second)
		}
		if n := len(r.took(&r.calls)); n != 10 {
			t.Fatalf("%d calls for the first ten incidents", n)
		}
		r.storm(10, 37) // alive by the calls before, for now: each rule's wait runs
		r.after(time.Minute)
		calls := r.took(&r.calls)[10:]
		if len(calls) != 1 {
			t.Fatalf("%d calls for the storm", len(calls))
		}
		_, said := r.post(calls[0].url, nil)
		for _, want := range []string{"37 incidents are open for you. The first: The shop, critical incident, number 1.", "Press 1 to acknowledge all 37"} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not said: %s", want, said)
			}
		}
		for second := range 180 {
			r.storm(100+second, 101+second)
			time.Sleep(time.Second)
		}
		calls = r.took(&r.calls)[10:]
		if n := len(calls); n < 3 || n > 5 {
			t.Errorf("%d calls in three minutes", n)
		}
		for n := 1; n < len(calls); n++ {
			if d := calls[n].at.Sub(calls[n-1].at); d < time.Minute {
				t.Errorf("call %d came %s after the one before", n, d)
			}
		}
		told := 0
		for n := uint64(11); n <= 37; n++ {
			for _, e := range r.timeline(n) {
				if e.Kind == "method_accepted" && strings.Contains(e.Text, "in one for several incidents: 37 incidents: the phone gateway one took it as CA11") {
					told++
				}
			}
		}
		if told != 27 {
			t.Errorf("%d of 27 timelines tell of the bundle", told)
		}
	})
}

func TestABundleAcknowledgesExactlyWhatItCounted(t *testing.T) {
	inBubble(t, onlyAda(adasPhone), func(r *reached) {
		r.storm(0, 30)
		r.after(bundled)
		calls := r.took(&r.calls)
		bundle := calls[len(calls)-1]
		r.storm(30, 35)
		link := strings.Replace(bundle.url, "/call/", "/a/", 1)
		if _, page := r.get(link); !strings.Contains(page, "30 incidents are open for you") || !strings.Contains(page, "Acknowledge all 30") {
			t.Errorf("%s", page)
		}
		if n := r.acknowledgedBy("ada"); n != 0 {
			t.Errorf("looking acknowledged %d", n)
		}
		if _, page := r.press(link); !strings.Contains(page, "30 of 30 incidents acknowledged") {
			t.Errorf("%s", page)
		}
		if n := r.acknowledgedBy("ada"); n != 30 {
			t.Errorf("%d incidents are acknowledged, of 35", n)
		}
		if _, page := r.press(link); !strings.Contains(page, "30 were answered before") {
			t.Errorf("%s", page)
		}
	})
}

func TestNobodyGetsTwoMessagesForOneThingOnOneMethod(t *testing.T) {
	// Her phone is used half a minute after the page, so the first bundle counts
	// pages whose own turn to be sent comes later.
	yaml := strings.Replace(onlyAda(adasPhone), "role: admin", "role: admin, notification_rules: {high: [{after: 30s, via: phone}]}", 1)
	inBubble(t, yaml, func(r *reached) {
		for n := range 20 {
			r.storm(10*n, 10*n+10)
			time.Sleep(time.Second)
		}
		r.after(4 * time.Minute)
		if calls := r.took(&r.calls); len(calls) != 1 {
			t.Errorf("%d calls for 200 incidents that the first one counted", len(calls))
			for _, c := range calls {
				_, said := r.post(c.url, nil)
				t.Logf("%s %s", c.at.Sub(r.began), said)
			}
			for _, l := range r.told("method_used", "method_accepted", "paged", "page_failed", "level_entered", "catch_all") {
				t.Log(l)
			}
		}
	})
}

func TestAStormThatAHubDiedInIsToldAfterItsStart(t *testing.T) {
	inBubble(t, onlyAda(adasPhone), func(r *reached) {
		one, two := r.hangs("phone-one"), r.hangs("phone-two")
		r.storm(0, 50)
		r.after(4 * time.Second)
		r.close()
		one()
		two()
		before := len(r.took(&r.calls))
		time.Sleep(7 * time.Minute) // longer than the storm's window
		r.start(r.outside.t)
		time.Sleep(40 * time.Second)
		calls := r.took(&r.calls)[before:]
		if len(calls) != 1 {
			t.Fatalf("%d calls", len(calls))
		}
		if _, said := r.post(calls[0].url+"/key", map[string][]string{"Digits": {"1"}}); !strings.Contains(said, "50 of 50 incidents acknowledged") {
			t.Errorf("%s", said)
		}
	})
}

func TestABundleIsTriedAgainAndFailsForAllItCarries(t *testing.T) {
	inBubble(t, onlyAda(adasPush), func(r *reached) {
		r.set("ntfy", 503)
		r.storm(0, 20)
		r.after(40 * time.Second)
		r.set("ntfy", 0)
		r.after(100 * time.Second)
		pushes := r.took(&r.pushes)
		if len(pushes) != 1 || !strings.Contains(pushes[0].body, `"label":"Acknowledge all 20"`) {
			t.Errorf("%+v", pushes)
		}
		accepted := 0
		for n := uint64(1); n <= 20; n++ {
			for _, e := range r.timeline(n) {
				if e.Kind == "method_accepted" {
					accepted++
				}
			}
		}
		if accepted != 20 {
			t.Errorf("%d of 20 uses were answered", accepted)
		}
	})
}

// incidents lists all that are not resolved.
func (r *reached) incidents() []*hubv1.Incident {
	res, err := r.admin.ListIncidents(r.ctx, connect.NewRequest(&hubv1.ListIncidentsRequest{}))
	if err != nil {
		r.outside.t.Fatal(err)
	}
	return res.Msg.Incidents
}

func TestWhatAStormLeavesOverGoesByItself(t *testing.T) {
	inBubble(t, onlyAda(adasPush), func(r *reached) {
		r.set("ntfy", 503)
		r.storm(0, 20)
		r.after(20 * time.Second)
		for n := range 19 {
			r.send("resolve", fmt.Sprint("storm-", n), "critical")
		}
		r.set("ntfy", 0)
		r.after(3 * time.Minute)
		pushes := r.took(&r.pushes)
		if len(pushes) != 1 || !strings.Contains(pushes[0].body, `"title":"The shop: critical incident 20"`) {
			t.Errorf("%+v", pushes)
		}
	})
}
