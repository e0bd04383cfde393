package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/hub/notice"
	"tocsin/hub/store"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

func TestInAStormWhatTheDeviceDoesNotRaiseAnewGoesWithWhatRings(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		for n := range 10 {
			h.trigger(fmt.Sprint("disk", n))
		}
		h.settle()
		for _, p := range ada.alarms() {
			h.is("the first ten", p.Storm, false)
			ada.report(receipt(p, agentv1.ReceiptKind_RECEIPT_KIND_RINGING))
		}
		h.sleep(time.Minute)
		h.trigger("eleventh") // which the device never reports as shown
		h.sleep(20 * time.Second)
		h.is("the eleventh", len(ada.alarms()), 11)
		h.is("skipped", h.paged(11), "ada 0s triggered")
		h.is("the timeline", h.lines(11, "storm_joined"), "ada 0s storm")
		for _, p := range ada.alarms() {
			h.is("told as part of a storm", p.Storm, p.Number == 11)
		}
		h.sleep(4*time.Minute + 30*time.Second)
		h.is("together with the first", h.paged(11)[:len("ada 0s triggered, bob 1m")], "ada 0s triggered, bob 1m")
	})
}

func TestWhenMostDevicesDropNothingIsSkippedAndTheNextMethodsAreUsed(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		var devices []*device
		for _, u := range []string{"ada", "bob", "kim"} {
			d := h.enrol(u)
			d.connect()
			devices = append(devices, d)
		}
		h.trigger("disk")
		h.settle()
		devices[0].report(receipt(devices[0].alarm(), agentv1.ReceiptKind_RECEIPT_KIND_SHOWN))
		for _, d := range devices {
			d.leave()
		}
		h.sleep(2 * time.Minute)
		h.is("not skipped", h.paged(1), "ada 0s triggered")
		h.is("failed as soon as it was known", strings.Contains(h.lines(1, "page_failed"), "10s device_gone"), true)
		h.sleep(4 * time.Minute)
		var told []notice.Told
		h.view(func(tx store.Tx) (err error) {
			told, err = tx.Notices("ada", 10)
			return err
		})
		h.is("told to the admin", fmt.Sprint(len(told), " notice: ", told[0].Title), "1 notice: 3 devices have dropped at once")
		h.is("by its timeout", h.paged(1), "ada 0s triggered, bob 5m0s timeout")
	})
}
