package app

import (
	"strings"
	"testing"
	"time"

	"tocsin/hub/notice"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

// noticeIDs lists what a device was told in its present stream.
// noticeIDs names what a device was told, each once: a hub that starts may tell
// what stands in the snapshot too, and devices know it by its id.
func (d *device) noticeIDs() (ids string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.frames {
		if n := f.GetNotice(); n != nil && !strings.Contains(ids, n.Id+" ") {
			ids += n.Id + " "
		}
	}
	return ids
}

func (h *running) tell(id string) {
	h.Helper()
	err := h.hub.herald.Tell(h.Context(), notice.Notice{ID: id, User: "ada", Title: "A title", Text: "Some text.", Via: notice.ViaDevices, Until: time.Now().Add(time.Hour)})
	if err != nil {
		h.Fatal(err)
	}
	h.settle()
}

func TestANoticeComesWithEachSnapshotUntilADeviceHasShownIt(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		here, later := h.enrol("ada"), h.enrol("ada")
		here.connect()
		h.tell("a")
		h.is("at once", here.noticeIDs(), "a ")
		later.connect()
		h.is("to a device that comes later", later.noticeIDs(), "a ")
		here.leave()
		here.connect()
		h.is("again, as nobody has shown it", here.noticeIDs(), "a ")
		seen := &agentv1.DeviceReport{What: &agentv1.DeviceReport_NoticeSeen{NoticeSeen: &agentv1.NoticeSeen{NoticeId: "a"}}}
		h.is("shown", here.report(seen), "applied")
		later.leave()
		later.connect()
		h.is("no more", later.noticeIDs(), "")
	})
}

func TestANoticeSurvivesARestartAndIsDroppedWhenItIsOfNoMoreUse(t *testing.T) {
	inBubble(t, setUp, func(h *running) {
		d := h.enrol("ada")
		h.tell("a")
		h.stop()
		h.start()
		d.connect()
		h.is("after a restart", d.noticeIDs(), "a ")
		d.leave()
		h.sleep(time.Hour)
		d.connect()
		h.is("when it is over", d.noticeIDs(), "")
	})
}
