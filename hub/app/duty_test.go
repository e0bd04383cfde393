package app

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"connectrpc.com/connect"

	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

func (d *device) testPage() uint64 {
	d.h.Helper()
	res, err := d.client().SendTestPage(d.h.Context(), request(d, &agentv1.SendTestPageRequest{}))
	if err != nil {
		d.h.Fatal(err)
	}
	return res.Msg.Number
}

// offDuty takes the user off duty for a while; zero: back on.
func (d *device) offDuty(length time.Duration) *agentv1.Duty {
	d.h.Helper()
	m := &agentv1.SetDutyRequest{}
	if length > 0 {
		m.OffUntil = timestamppb.New(time.Now().Add(length))
	}
	res, err := d.client().SetDuty(d.h.Context(), request(d, m))
	if err != nil {
		d.h.Fatal(err)
	}
	return res.Msg.Duty
}

func TestWhoGoesOffDutyPassesOpenPagesOn(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		h.trigger("disk")
		h.settle()
		ada.report(receipt(ada.alarm(), shown))
		h.sleep(30 * time.Second)
		h.is("off", ada.offDuty(time.Hour).OffDuty, true)
		h.settle()
		h.is("paged", h.paged(1), "ada 0s triggered, bob 30s passed_on")
		bob.report(receipt(bob.alarm(), shown))
		h.settle()
		h.is("ada's alarms when bob's is shown", len(ada.alarms()), 0)
		h.is("what ada's device was told", last(ada, (*agentv1.WatchResponse).GetDuty).OffDuty, true)
	})
}

func TestWhoIsOffDutyIsLeftOutUntilItEnds(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		ada.connect()
		bob.connect()
		ada.offDuty(time.Hour)
		h.trigger("disk")
		h.settle()
		h.is("paged while off duty", h.paged(1), "bob 0s triggered")
		h.sleep(time.Hour)
		h.trigger("other")
		h.settle()
		h.is("paged when it has ended by itself", h.paged(2), "ada 0s triggered")
		ada.offDuty(time.Hour)
		ada.offDuty(0)
		h.trigger("third")
		h.settle()
		h.is("paged when it was ended from the tray", h.paged(3), "ada 0s triggered")
	})
}

func TestThePreviewOfDutyNamesWhoIsPagedInstead(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada, bob := h.enrol("ada"), h.enrol("bob")
		preview := func(d *device, length time.Duration) (*agentv1.PreviewDutyResponse, error) {
			res, err := d.client().PreviewDuty(h.Context(), request(d, &agentv1.PreviewDutyRequest{Until: timestamppb.New(time.Now().Add(length))}))
			if err != nil {
				return nil, err
			}
			return res.Msg, nil
		}
		m, err := preview(ada, time.Hour)
		if err != nil || len(m.Covers) != 1 {
			h.Fatalf("%v %v", m, err)
		}
		h.is("service and who", m.Covers[0].ServiceName+": "+strings.Join(m.Covers[0].Instead, ", "), "The shop: Bob Brown")
		ada.offDuty(2 * time.Hour)
		m, err = preview(bob, time.Hour)
		if err != nil || len(m.Covers) != 1 || len(m.Covers[0].Instead) != 0 || len(m.Warnings) != 2 {
			h.Errorf("nobody is left, and bob is told %v %v", m, err)
		}
		for _, length := range []time.Duration{0, -time.Minute, 32 * 24 * time.Hour} {
			if _, err := preview(ada, length); connect.CodeOf(err) != connect.CodeInvalidArgument {
				h.Errorf("until %s from now: %v", length, err)
			}
		}
	})
}
