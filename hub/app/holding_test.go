package app

import (
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

const handsOffAtTen = `
organisation: Example
catch_all: [kim]
users: [{id: ada, name: Ada Adams}, {id: bob, name: Bob Brown}, {id: kim, role: admin}]
schedules:
  - id: rota
    time_zone: UTC
    layers:
      - {name: weekly, rotation: {kind: weekly, start: "1999-12-25T01:10"}, participants: [ada, bob]}
escalation_policies: [{id: p, levels: [{timeout: 5m, targets: [{schedule: rota}]}]}]
services: [{id: api, name: API, escalation_policy: p, acknowledgement_timeout: 30m, integrations: [{id: events, kind: events_v2, key_from: {env: KEY}}]}]
`

// held names what a device was told last of what its user has.
func held(d *device) []*agentv1.Held {
	if h := last(d, (*agentv1.WatchResponse).GetHolding); h != nil {
		return h.Incidents
	}
	return nil
}

func aboutHeld(h *agentv1.Held, kind agentv1.CommandKind, until time.Time) *agentv1.DeviceReport {
	c := &agentv1.Command{Page: h.Key, Kind: kind, Opening: h.Opening}
	if !until.IsZero() {
		c.Until = timestamppb.New(until)
	}
	return &agentv1.DeviceReport{What: &agentv1.DeviceReport_Command{Command: c}}
}

func TestADeviceKnowsWhatItsUserHasAndUntilWhenItIsLeased(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		h.is("before", len(held(ada)), 0)
		taken := time.Now()
		ada.report(command(ada.alarm(), agentv1.CommandKind_COMMAND_KIND_ACKNOWLEDGE))
		h.sleep(time.Second)
		mine := held(ada)
		h.is("incidents", len(mine), 1)
		h.is("leased until", mine[0].QuietUntil.AsTime(), taken.Add(30*time.Minute).UTC())
		h.is("asks", mine[0].AskAt.AsTime(), taken.Add(25*time.Minute).UTC())
		h.is("reminds", mine[0].RemindSeconds, uint32(900))
		h.sleep(26 * time.Minute)
		h.is("still on it", ada.report(aboutHeld(mine[0], agentv1.CommandKind_COMMAND_KIND_ACKNOWLEDGE, time.Time{})), "applied")
		h.sleep(time.Second)
		h.is("renewed until", held(ada)[0].QuietUntil.AsTime(), taken.Add(26*time.Minute+time.Second+30*time.Minute).UTC())
		until := time.Now().Add(8 * time.Hour)
		h.is("can wait", ada.report(aboutHeld(mine[0], agentv1.CommandKind_COMMAND_KIND_SNOOZE, until)), "applied")
		h.sleep(time.Second)
		h.is("snoozed", held(ada)[0].Snoozed, true)
		h.is("until", held(ada)[0].QuietUntil.AsTime(), until.UTC())
		h.is("resolved", ada.report(aboutHeld(mine[0], agentv1.CommandKind_COMMAND_KIND_RESOLVE, time.Time{})), "applied Resolved. Its source has not said that it is over.")
		h.sleep(time.Second)
		h.is("after", len(held(ada)), 0)
	})
}

func TestAtTheEndOfAShiftTheHolderIsAskedAndHandsOver(t *testing.T) {
	inBubble(t, handsOffAtTen, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		now := time.Now().UTC()
		shift := time.Date(2000, 1, 1, 1, 10, 0, 0, time.UTC)
		h.sleep(shift.Sub(now) - 5*time.Minute)
		h.trigger("disk")
		h.settle()
		ada.report(command(ada.alarm(), agentv1.CommandKind_COMMAND_KIND_ACKNOWLEDGE))
		h.sleep(4 * time.Minute)
		h.is("within the shift", held(ada)[0].HandOverAt == nil, true)
		h.sleep(2 * time.Minute)
		mine := held(ada)[0]
		h.is("handed over by itself at", mine.HandOverAt.AsTime(), shift.Add(15*time.Minute))
		h.is("to", mine.Successors[0], "Bob Brown")
		h.is("hand over", ada.report(aboutHeld(mine, agentv1.CommandKind_COMMAND_KIND_HAND_OVER, time.Time{})), "applied")
		h.settle()
		h.is("ada has it still", h.incident(1).Status, "acknowledged")
		bob.report(receipt(bob.alarm(), shown))
		h.sleep(time.Second)
		h.is("let go", h.incident(1).Status, "triggered")
		h.is("ada has", len(held(ada)), 0)
		bob.report(command(bob.alarm(), agentv1.CommandKind_COMMAND_KIND_ACKNOWLEDGE))
		h.sleep(time.Second)
		h.is("bob has", held(bob)[0].Number, uint64(1))
	})
}

func TestADrainIsToldToDevicesAndToThoseThatConnectMeanwhile(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		h.settle()
		res, err := h.admin.Drain(h.Context(), connect.NewRequest(&hubv1.DrainRequest{ForMs: 300_000}))
		if err != nil {
			h.Fatal(err)
		}
		bob.connect()
		h.settle()
		h.is("told", res.Msg.Devices, uint32(1))
		for _, d := range []*device{ada, bob} {
			h.is("back at", last(d, (*agentv1.WatchResponse).GetDrain).BackAt.AsTime(), res.Msg.BackAt.AsTime())
		}
		if _, err := h.admin.Drain(h.Context(), connect.NewRequest(&hubv1.DrainRequest{ForMs: 7_200_000})); err == nil {
			h.Fatal("a hub may not be away for two hours without anybody missing it")
		}
	})
}
