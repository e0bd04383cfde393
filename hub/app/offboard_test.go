package app

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
	"tocsin/shared/gen/tocsin/hub/v1/hubv1connect"
)

// offboarding: ada is paged first, and stands in the catch-all.
var offboarding = strings.NewReplacer(
	"catch_all: [kim]", "catch_all: [ada, kim]", "name: Kim King}", "name: Kim King, role: admin}",
	"[{user: ada}]}", "[{user: ada}, {user: bob}]}", "[{user: bob}]}\n", "[{user: bob}]}\n      - {timeout: 5m, targets: [{user: kim}]}\n",
).Replace(setUp)

// offboard asks for it, and gives what is said, or the error.
func (h *running) offboard(user string, change func(*hubv1.OffboardRequest)) (*hubv1.OffboardResponse, error) {
	h.Helper()
	local := h.hub.local.(*network)
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return local.dial(ctx) },
	}}
	m := &hubv1.OffboardRequest{UserId: user}
	if change != nil {
		change(m)
	}
	res, err := hubv1connect.NewUserServiceClient(client, "http://hub").Offboard(h.Context(), connect.NewRequest(m))
	if err != nil {
		return nil, err
	}
	return res.Msg, nil
}

func TestWhoIsOffboardedLeavesNothingOpenAndSignsNothingMore(t *testing.T) {
	inBubble(t, offboarding, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		h.trigger("disk")
		h.trigger("fan")
		h.settle()
		pages := ada.alarms()
		h.is("ada is paged", len(pages), 2)
		h.is("ada has one", strings.HasPrefix(ada.report(command(pages[0], acknowledge)), "applied"), true)
		ada.report(receipt(pages[1], shown))
		bob.report(receipt(bob.alarms()[0], shown))

		h.sleep(10 * time.Second)

		dry, err := h.offboard("ada", func(m *hubv1.OffboardRequest) { m.DryRun = true })
		if err != nil {
			t.Fatal(err)
		}
		h.is("a dry run tells", strings.Join(dry.Incidents, "; "), "incident 1 was held, and pages by its policy again; incident 2: the page was passed on")
		h.is("and does nothing", h.incident(1).Status, "acknowledged")

		res, err := h.offboard("ada", nil)
		if err != nil {
			t.Fatal(err)
		}
		h.sleep(time.Second)
		var places []string
		for _, s := range res.Stood {
			places = append(places, s.Place+" "+s.What)
		}
		h.is("places", strings.Join(places, ", "), "catch_all catch-all, policy/shop level 1")
		h.is("devices", strings.Join(res.Devices, ", "), "ada's laptop")
		h.is("her device is told that its life is over", last(ada, (*agentv1.WatchResponse).GetSignedOut) != nil, true)
		if _, err := ada.reportAll(h.Context()); connect.CodeOf(err) != connect.CodeUnauthenticated {
			t.Errorf("her device still counts: %v", err)
		}
		h.is("what she held pages again", h.incident(1).Status, "triggered")
		h.is("both page bob", len(bob.alarms()), 2)
		for n := uint64(1); n <= 2; n++ {
			for _, e := range h.timeline(n) {
				if e.Kind == "paged" && e.UserId == "ada" && e.At.AsTime().After(time.Now().Add(-2*time.Second)) {
					t.Errorf("ada is paged for incident %d again", n)
				}
			}
		}
		h.sleep(3 * time.Hour) // through all rounds and the catch-all
		for n := uint64(1); n <= 2; n++ {
			if strings.Count(h.paged(n), "ada") != 1 {
				t.Errorf("incident %d: %s", n, h.paged(n))
			}
		}
	})
}

func TestOffboardingAgainDoesWhatIsLeftAndThenSaysThatNothingIs(t *testing.T) {
	inBubble(t, offboarding, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		ada.report(command(ada.alarm(), acknowledge))
		// A hub that died right after the configuration was written.
		file := strings.NewReplacer("[ada, kim]", "[kim]", "{user: ada}, ", "", "  - {id: ada, name: Ada Adams, role: admin}\n", "").Replace(offboarding)
		h.apply("owns: all\n" + file)
		h.is("she holds it still", h.incident(1).Status, "acknowledged")
		res, err := h.offboard("ada", nil)
		if err != nil {
			t.Fatal(err)
		}
		h.is("known", res.Known, false)
		h.is("what was left", len(res.Devices)+len(res.Incidents), 2)
		h.is("it pages", h.incident(1).Status, "triggered")
		if _, err := h.offboard("ada", nil); connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("once more: %v", err)
		}
	})
}

func TestAHoleIsRefusedAndChangesNothing(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		_, err := h.offboard("bob", nil)
		if connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), "policy/shop: bob stands alone on level 2; name who takes over: --in policy/shop=USER") {
			t.Errorf("%v", err)
		}
		if _, ok := h.hub.directory.Current().User("bob"); !ok {
			t.Error("bob is gone")
		}
		res, err := h.offboard("bob", func(m *hubv1.OffboardRequest) { m.In = map[string]string{"policy/shop": "kim"} })
		if err != nil {
			t.Fatal(err)
		}
		h.is("then", res.Stood[0].Then, "kim takes over")
		h.is("kim is told", h.notice("kim", "offboarded").Title, "You take over from Bob Brown")
		h.is("what", h.notice("kim", "offboarded").Text, "In policy/shop (level 2).")
	})
}

func TestWhoIsOffDutyIsNoReplacementThatLeavesNoHole(t *testing.T) {
	inBubble(t, strings.Replace(inTurns, "name: Kim King}", "name: Kim King, role: admin}", 1), func(h *running) {
		h.sleep(9 * time.Hour) // ada has the day, and bob, who follows at night, has gone off duty
		until := time.Now().Add(4 * time.Hour)
		if _, err := h.covers().GoOffDuty(h.Context(), connect.NewRequest(&hubv1.GoOffDutyRequest{UserId: "bob", Until: timestamppb.New(until), Cannot: true})); err != nil {
			t.Fatal(err)
		}
		_, err := h.offboard("ada", nil)
		if connect.CodeOf(err) != connect.CodeInvalidArgument || !strings.Contains(err.Error(), "bob is on call from Sat 2000-01-01 09:10 UTC") || !strings.Contains(err.Error(), "and is off duty until Sat 2000-01-01 13:10 UTC") {
			t.Errorf("%v", err)
		}
		if _, err := h.offboard("ada", func(m *hubv1.OffboardRequest) { m.ReplaceWith = "kim" }); err != nil {
			t.Error(err)
		}
	})
}
