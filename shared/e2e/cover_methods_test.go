package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// relieved: ada is on call, bob behind her; it is 00:01 for both.
func relieved(bobs string) string {
	return `organisation: Example Health
catch_all: [kim]
users:
  - {id: ada, name: Ada Adams, role: admin}
  - {id: bob, name: Bob Brown, contact_methods: [` + bobs + `]}
  - {id: kim, name: Kim King}
schedules:
  - {id: first, name: First, time_zone: UTC, layers: [{name: all, rotation: {kind: daily, start: "2000-01-01T00:00"}, participants: [ada]}]}
  - {id: second, name: Second, time_zone: UTC, layers: [{name: all, rotation: {kind: daily, start: "2000-01-01T00:00"}, participants: [bob]}]}
escalation_policies:
  - {id: shop, levels: [{timeout: 5m, targets: [{schedule: first}]}, {timeout: 5m, targets: [{schedule: second}]}]}
services:
  - id: shop
    name: The shop
    escalation_policy: shop
    integrations: [{id: events, kind: events_v2, key_from: {env: KEY}}]
`
}

func (r *reached) off(t *testing.T, m *hubv1.GoOffDutyRequest) (said string) {
	t.Helper()
	m.UserId, m.Until = "ada", timestamppb.New(time.Now().Add(8*time.Hour))
	res, err := hubv1connect.NewCoverServiceClient(r.local, "http://hub").GoOffDuty(r.ctx, connect.NewRequest(m))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(res.Msg.Said, " ")
}

func (r *reached) onFirst(t *testing.T) string {
	t.Helper()
	res, err := r.admin.OnCall(r.ctx, connect.NewRequest(&hubv1.OnCallRequest{ScheduleId: "first"}))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(res.Msg.OnCall[0].UserIds, ",")
}

// asked is where the only message that asks something leads: the others tell of
// a device that is not there.
func asked(t *testing.T, all []sent) (address string) {
	t.Helper()
	for _, m := range all {
		if m.url != "" {
			if address != "" {
				t.Fatalf("two messages ask: %+v", all)
			}
			address = m.url
		}
	}
	if address == "" {
		t.Fatalf("nothing is asked: %+v", all)
	}
	return address
}

func TestARequestForCoverCallsAndAKeyPressTakesOver(t *testing.T) {
	inBubble(t, relieved(`{id: phone, kind: phone, number: "+12125550101", wakes: true}`), func(r *reached) {
		r.off(t, &hubv1.GoOffDutyRequest{Cannot: true})
		r.after(time.Second)
		address := asked(t, r.took(&r.calls))
		_, said := r.post(address, nil)
		for _, want := range []string{"Tocsin calls Bob Brown. Ada Adams asks you to take over until ", "Press 1 to take over. Press 2 if you cannot.", "<Gather "} {
			if !strings.Contains(said, want) {
				t.Errorf("%q is not said: %s", want, said)
			}
		}
		if _, said = r.post(address+"/key", url.Values{"Digits": {"1"}}); !strings.Contains(said, "Accepted. You take over from Ada Adams.") {
			t.Errorf("%s", said)
		}
		r.after(2 * time.Second)
		if on := r.onFirst(t); on != "bob" {
			t.Errorf("on call: %s", on)
		}
		if _, said = r.post(address+"/key", url.Values{"Digits": {"2"}}); !strings.Contains(said, "Bob Brown takes over") {
			t.Errorf("once more: %s", said)
		}
	})
}

func TestAQuietRequestForCoverComesByMailAndItsPageDeclines(t *testing.T) {
	inBubble(t, relieved(`{id: push, kind: ntfy, url: "http://ntfy.example.org/bob"}`), func(r *reached) {
		r.off(t, &hubv1.GoOffDutyRequest{CoverBy: "bob"}) // in bob's night
		r.after(70 * time.Second)
		link := asked(t, r.took(&r.pushes))
		status, page := r.get(link)
		for _, want := range []string{"Ada Adams asks you to take over until ", ">Take over</button>", "I cannot", "as Bob Brown"} {
			if status != http.StatusOK || !strings.Contains(page, want) {
				t.Fatalf("%d, without %q: %s", status, want, page)
			}
		}
		if _, page = r.post(link, url.Values{"answer": {"decline"}}); !strings.Contains(page, "Declined. Ada Adams is told.") || strings.Contains(page, "<button") {
			t.Errorf("%s", page)
		}
		r.after(72 * time.Second)
		if on := r.onFirst(t); on != "ada" {
			t.Errorf("on call: %s", on)
		}
		if s := r.status(); s != "resolved" {
			t.Errorf("%s", s)
		}
	})
}

func TestAQuietRequestForCoverComesByTextToWhoHasNoQuieterWay(t *testing.T) {
	inBubble(t, relieved(`{id: phone, kind: phone, number: "+12125550101", wakes: true}, {id: sms, kind: sms, number: "+12125550101", wakes: true}`), func(r *reached) {
		if said := r.off(t, &hubv1.GoOffDutyRequest{CoverBy: "bob"}); strings.Contains(said, "yourself") {
			t.Errorf("%s", said)
		}
		r.after(70 * time.Second)
		texts := r.asking("Take over: ")
		if len(texts) != 1 {
			t.Fatalf("%+v", r.took(&r.calls))
		}
		_, link, _ := strings.Cut(texts[0].body, "Take over: ")
		if _, page := r.press(link); !strings.Contains(page, "Accepted. You take over from Ada Adams.") {
			t.Errorf("%s", page)
		}
		r.after(72 * time.Second)
		if on := r.onFirst(t); on != "bob" {
			t.Errorf("on call: %s", on)
		}
	})
}

func TestWhoAsksIsToldThatNothingTellsTheColleague(t *testing.T) {
	for methods, want := range map[string]string{
		`{id: phone, kind: phone, number: "+12125550101", wakes: true}`: "Bob Brown can only be called, and nobody is called for what can wait: ring them yourself.",
		"": "Bob Brown has no device and no contact method that this hub can use: tell them yourself.",
	} {
		inBubble(t, relieved(methods), func(r *reached) {
			if said := r.off(t, &hubv1.GoOffDutyRequest{CoverBy: "bob"}); !strings.HasSuffix(said, want) {
				t.Errorf("%s", said)
			}
		})
	}
}

// asking lists the texts that ask something.
func (r *reached) asking(what string) []sent {
	return slices.DeleteFunc(r.took(&r.calls), func(m sent) bool { return !strings.Contains(m.body, what) })
}
