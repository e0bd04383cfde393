package app

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"

	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
	hubv1 "tocsin/shared/gen/tocsin/hub/v1"
)

// snapshot tells what frames the stream began with, in order.
func (d *device) snapshot() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, f := range d.frames {
		name := strings.TrimPrefix(fmt.Sprintf("%T", f.Frame), "*agentv1.WatchResponse_")
		if p := f.GetPage(); p != nil {
			name += fmt.Sprint(p.Number) + p.Outcome
		}
		out = append(out, name)
		if f.GetSnapshotEnd() != nil {
			break
		}
	}
	return strings.Join(out, " ")
}

func TestTheSnapshotHoldsWhatIsOpenAndWhatEndedWithinADay(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		h.trigger("old")
		h.resolve("old")
		resolved := time.Now()
		h.restart(2 * time.Hour)
		h.trigger("ended")
		h.resolve("ended")
		h.restart(22*time.Hour - time.Minute)
		h.sleep(time.Until(resolved.Add(24*time.Hour - time.Millisecond)))
		h.trigger("open")
		ada.connect()
		h.is("a day after the first ended", ada.snapshot(), "Welcome Page1resolved Page2resolved Page3 Holding Duty Roster SnapshotEnd")
		ada.leave()
		h.sleep(time.Millisecond)
		ada.connect()
		h.is("just after", ada.snapshot(), "Welcome Page2resolved Page3 Holding Duty Roster SnapshotEnd")
	})
}

func TestWhatADeviceKnowsIsNotSaidAgain(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.enrol("bob").connect()
		h.trigger("disk")
		h.settle()
		page := ada.alarm()
		h.is("frames of the page", ada.pageFrames(), 1)
		// Each is a commit with a new version, and changes nothing that is shown.
		ada.report(receipt(page, agentv1.ReceiptKind_RECEIPT_KIND_RECEIVED))
		ada.report(receipt(page, shown))
		ada.report(receipt(page, agentv1.ReceiptKind_RECEIPT_KIND_TOUCHED))
		h.settle()
		h.is("frames of the page after receipts", ada.pageFrames(), 1)
		h.sleep(5 * time.Minute)
		h.is("when bob is paged as well", ada.pageFrames(), 2)
		h.is("who is paged as well", strings.Join(ada.alarm().AlsoPaged, ","), "Bob Brown")
		ada.leave()
		ada.connect()
		h.is("the snapshot of a new stream", ada.snapshot(), "Welcome Page1 Holding Duty Roster SnapshotEnd")
	})
}

func TestASlowDeviceHoldsNobodyUpAndIsMadeWhole(t *testing.T) {
	inBubble(t, bothAtOnce, func(h *running) {
		slow, bob := h.enrol("ada"), h.enrol("bob")
		bob.connect()
		slow.stuck = make(chan struct{})
		slow.connect()
		begun := time.Now()
		const incidents = 200
		for n := range incidents {
			h.trigger(fmt.Sprintf("disk %03d", n))
		}
		h.settle()
		h.is("time that the events took", time.Since(begun), time.Duration(0))
		h.is("the other's alarms", len(bob.alarms()), incidents)
		h.sleep(5 * time.Second)
		devices, err := h.admin.ListDevices(h.Context(), connect.NewRequest(&hubv1.ListDevicesRequest{UserId: "ada"}))
		if err != nil {
			h.Fatal(err)
		}
		h.is("the slow one is connected", devices.Msg.Devices[0].Connected, false)
		slow.leave()
		slow.connect()
		h.is("alarms after it came back", len(slow.alarms()), incidents)
	})
}

func TestADeviceThatReadsNothingIsGoneThoughItsQueueNeverFills(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.stuck = make(chan struct{})
		ada.connect()
		h.enrol("bob").connect()
		h.sleep(2 * time.Minute)
		h.trigger("disk")
		h.sleep(time.Second)
		h.is("connected", h.hub.pager.Count(), 1)
	})
}

func TestANewStreamOfADeviceEndsTheOlder(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		older := ada.leave
		ada.open()
		h.settle()
		h.is("streams", h.hub.pager.Count(), 1)
		older()
		h.trigger("disk")
		h.settle()
		h.is("alarms on the newer", ada.alarm().Number, uint64(1))
	})
}

func TestARevokedDeviceIsToldAndRefusedForGood(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		ada.connect()
		h.trigger("disk")
		h.settle()
		page := ada.alarm()
		_, err := h.admin.RevokeDevice(h.Context(), connect.NewRequest(&hubv1.RevokeDeviceRequest{DeviceId: ada.id}))
		if err != nil {
			h.Fatal(err)
		}
		h.settle()
		h.is("its stream ended", ada.ended, true)
		h.is("what it was told", last(ada, (*agentv1.WatchResponse).GetSignedOut).Reason, "this device was signed out on the hub")
		_, err = ada.reportAll(h.Context(), receipt(page, shown))
		h.is("a report", connect.CodeOf(err), connect.CodeUnauthenticated)
		if !strings.Contains(err.Error(), "signed out") {
			h.Errorf("the sentence: %v", err)
		}
		ada.open()
		h.settle()
		h.is("a stream", connect.CodeOf(ada.err), connect.CodeUnauthenticated)
	})
}

// TestADeviceThatIsRevokedWhileItConnectsGetsNoStream lets both happen at once,
// many times.
func TestADeviceThatIsRevokedWhileItConnectsGetsNoStream(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		for range 30 {
			ada := h.enrol("ada")
			ada.open()
			_, err := h.admin.RevokeDevice(h.Context(), connect.NewRequest(&hubv1.RevokeDeviceRequest{DeviceId: ada.id}))
			if err != nil {
				h.Fatal(err)
			}
			h.settle()
			h.is("its stream ended", ada.ended, true)
			h.is("streams", h.hub.pager.Count(), 0)
		}
	})
}

func TestAnAgentOfAnotherProtocolIsToldSo(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		ada := h.enrol("ada")
		for _, protocol := range []uint32{0, 2} {
			stream, err := ada.client().Watch(h.Context(), request(ada, &agentv1.WatchRequest{Protocol: protocol}))
			if err == nil {
				stream.Receive()
				err = stream.Err()
				_ = stream.Close()
			}
			h.is("the code", connect.CodeOf(err), connect.CodeFailedPrecondition)
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("this hub speaks protocol 1 and the agent protocol %d", protocol)) {
				h.Errorf("the sentence: %v", err)
			}
		}
	})
}

func TestWithoutACredentialNothingIsAnswered(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		stranger := &device{h: h, credential: "not one of ours"}
		_, report := stranger.reportAll(h.Context())
		_, duty := stranger.client().SetDuty(h.Context(), request(stranger, &agentv1.SetDutyRequest{}))
		_, preview := stranger.client().PreviewDuty(h.Context(), request(stranger, &agentv1.PreviewDutyRequest{}))
		_, test := stranger.client().SendTestPage(h.Context(), request(stranger, &agentv1.SendTestPageRequest{}))
		for _, err := range []error{report, duty, preview, test} {
			h.is("the code", connect.CodeOf(err), connect.CodeUnauthenticated)
		}
	})
}

// TestASnapshotAmongChangesMissesNothing connects again and again while
// incidents come and go from several sides. Each snapshot must show what was
// open all the while, and in the end the device must know what the hub knows.
func TestASnapshotAmongChangesMissesNothing(t *testing.T) {
	inBubble(t, bothAtOnce, func(h *running) {
		ada := h.enrol("ada")
		h.enrol("bob").connect()
		h.trigger("stays")
		h.settle()
		for round := range 12 {
			var sources sync.WaitGroup
			for s := range 3 {
				sources.Go(func() {
					for n := range 6 {
						key := fmt.Sprintf("disk %d/%d", s, n%4)
						h.trigger(key)
						if (n+round)%3 != 0 {
							h.resolve(key)
						}
					}
				})
			}
			ada.open()
			<-ada.whole
			if p := ada.find(1); p == nil {
				h.Error("the snapshot lacks a page that is open all the while")
			}
			if round%2 == 0 {
				ada.leave() // amid the changes
			}
			sources.Wait()
			h.settle()
			if round%2 != 0 {
				h.agrees(ada)
				ada.leave()
			}
		}
	})
}

func (d *device) find(number uint64) *agentv1.Page {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.pages {
		if p.Number == number && p.Outcome == "" {
			return p
		}
	}
	return nil
}

// agrees holds a device to what the hub says is open for its user.
func (h *running) agrees(d *device) {
	h.Helper()
	res, err := h.admin.ListIncidents(h.Context(), connect.NewRequest(&hubv1.ListIncidentsRequest{}))
	if err != nil {
		h.Fatal(err)
	}
	open := 0
	for _, i := range res.Msg.Incidents {
		for _, p := range i.Pages {
			if p.UserId == d.user {
				open++
				if d.find(i.Number) == nil {
					h.Errorf("%s's device does not show incident %d", d.user, i.Number)
				}
			}
		}
	}
	h.is("open pages on the device", len(d.alarms()), open)
}
