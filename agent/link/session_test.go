package link

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tocsin/agent/inbox"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

func TestAPageTravels(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hub.pages = []*agentv1.Page{openPage()}
		w.start()
		if w.standing() != inbox.Rings {
			t.Fatalf("standing %q", w.standing())
		}
		if w.hub.came() != "Bearer secret" {
			t.Errorf("came as %q", w.hub.came())
		}
		if n := w.hub.receipts(agentv1.ReceiptKind_RECEIPT_KIND_RECEIVED); n != 1 {
			t.Errorf("received was told %d times", n)
		}
		w.acknowledge()
		sent := w.hub.commands()
		if len(sent) != 1 || sent[0].GetCommand().GetOpening() != 2 || sent[0].GetCommand().GetKind() != agentv1.CommandKind_COMMAND_KIND_ACKNOWLEDGE {
			t.Fatalf("commands %v", sent)
		}
		if w.standing() != inbox.Settled || len(w.eyes.now().Outbox) != 0 {
			t.Errorf("standing %q, %v waits", w.standing(), w.eyes.now().Outbox)
		}
	})
}

func TestBeatsAreAnswered(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.session.Post(inbox.Readiness{Ready: true})
		w.hub.frames <- &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Beat{Beat: &agentv1.Beat{}}}
		synctest.Wait()
		if all := w.hub.all(); len(all) != 1 || !all[0].GetLinkBeat().GetReady() {
			t.Errorf("reports %v", all)
		}
	})
}

func TestASilentLinkIsDeadAfter40Seconds(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		time.Sleep(39*time.Second + 999*time.Millisecond)
		if got := w.eyes.now().Link.Status; got != inbox.LinkUp {
			t.Fatalf("dead too early: %q", got)
		}
		time.Sleep(2 * time.Millisecond)
		s := w.eyes.now()
		if s.Link.Status != inbox.LinkDown || s.Link.Why != "The hub has been silent for 40 s." {
			t.Fatalf("after 40 s: %+v", s.Link)
		}
		time.Sleep(200 * time.Millisecond)
		if got := w.eyes.now().Link.Status; got != inbox.LinkUp {
			t.Errorf("not back at once: %q", got)
		}
	})
}

func TestBeatsKeepTheLinkAlive(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		for range 20 {
			time.Sleep(15 * time.Second)
			w.hub.frames <- &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Beat{Beat: &agentv1.Beat{}}}
			synctest.Wait()
		}
		if w.hub.streams() != 1 {
			t.Errorf("%d streams", w.hub.streams())
		}
	})
}

func TestReconnectingWaitsGrow(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cut()
		w.start()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		at := w.net.dials()
		if len(at) < 30 {
			t.Fatalf("only %d tries in five minutes", len(at))
		}
		for i := 1; i < len(at); i++ {
			want := min(200*time.Millisecond<<min(i-1, 10), 10*time.Second)
			if wait := at[i].at.Sub(at[i-1].at); wait < want/2 || wait > want {
				t.Errorf("wait %d was %v, want %v to %v", i, wait, want/2, want)
			}
		}
		w.cut = w.net.serve(hubAddress, w.hub)
		time.Sleep(10 * time.Second)
		if got := w.eyes.now().Link.Status; got != inbox.LinkUp {
			t.Errorf("not back within 10 s: %q", got)
		}
	})
}

func TestAHubThatDropsEveryStreamIsNotHammered(t *testing.T) {
	inWorld(t, func(w *world) {
		close(w.hub.frames) // each stream ends after its snapshot
		w.start()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if n := w.hub.streams(); n > 60 {
			t.Errorf("%d streams in five minutes", n)
		}
	})
}

func TestTheOtherAddressesAreTriedInTurn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.others = []string{"http://127.0.0.2:7", "http://not-loopback:7", "http://127.0.0.1:7"}
		w.cut()
		w.cut = w.net.serve("127.0.0.2:7", w.hub)
		w.start()
		time.Sleep(time.Second)
		if got := w.eyes.now().Link.Status; got != inbox.LinkUp {
			t.Errorf("link %q", got)
		}
		for _, d := range w.net.dials() {
			if strings.HasPrefix(d.address, "not-loopback") {
				t.Errorf("spoke to %s without encryption", d.address)
			}
		}
	})
}

func TestReportsAreSentUntilAnswered(t *testing.T) {
	for _, c := range []struct {
		name   string
		breaks func(*fakeHub)
	}{
		{"the call fails", func(h *fakeHub) { h.broken = connect.NewError(connect.CodeUnavailable, errRefused) }},
		{"the hub says nothing about it", func(h *fakeHub) { h.answer = func(*agentv1.DeviceReport) *agentv1.Outcome { return nil } }},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.hub.pages = []*agentv1.Page{openPage()}
				w.start()
				works := w.hub.answer
				w.hub.set(func() { c.breaks(w.hub) })
				w.acknowledge()
				if w.standing() != inbox.Unconfirmed {
					t.Fatalf("standing %q", w.standing())
				}
				time.Sleep(20 * time.Second)
				w.hub.set(func() { w.hub.broken, w.hub.answer = nil, works })
				time.Sleep(10 * time.Second)
				synctest.Wait()
				sent := w.hub.commands()
				last := sent[len(sent)-1]
				if len(sent) < 3 || last.GetId() != sent[0].GetId() {
					t.Fatalf("sent %v", sent)
				}
				if age := time.Duration(last.GetAgeMs()) * time.Millisecond; age < 20*time.Second || age > 30*time.Second || last.GetTimeUncertain() {
					t.Errorf("told an age of %v, uncertain %v", age, last.GetTimeUncertain())
				}
				if w.standing() != inbox.Settled {
					t.Errorf("standing %q", w.standing())
				}
				time.Sleep(time.Hour)
				if synctest.Wait(); len(w.hub.commands()) != len(sent) {
					t.Error("sent again after the answer")
				}
			})
		})
	}
}

func TestAnInvalidReportDoesNotHoldUpTheOthers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hub.broken = connect.NewError(connect.CodeUnavailable, errRefused)
		w.hub.pages = []*agentv1.Page{openPage()}
		w.start()
		w.acknowledge()
		w.hub.set(func() { w.hub.broken = connect.NewError(connect.CodeInvalidArgument, errRefused) })
		time.Sleep(20 * time.Second)
		if n := len(w.eyes.now().Outbox); n != 0 {
			t.Errorf("%d reports wait for ever", n)
		}
		if w.standing() != inbox.Rings {
			t.Errorf("an acknowledgement that the hub cannot take leaves the page %q", w.standing())
		}
	})
}

func TestAStreamCutShortIsSaidSo(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		w.cut()
		w.cut = func() {}
		if why := w.eyes.now().Link.Why; why != "The connection to the hub broke off." {
			t.Errorf("said %q", why)
		}
	})
}

func TestAnotherProtocolIsNotTriedFast(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hub.refuse = connect.NewError(connect.CodeFailedPrecondition, errors.New("this hub serves protocols 2 and 3"))
		w.start()
		if got, want := w.eyes.now().Link.Why, "The hub speaks another protocol: this hub serves protocols 2 and 3."; got != want {
			t.Errorf("said %q, want %q", got, want)
		}
		time.Sleep(4 * time.Minute)
		if synctest.Wait(); w.hub.streams() != 1 {
			t.Errorf("%d tries in four minutes", w.hub.streams())
		}
		w.hub.set(func() { w.hub.refuse = nil })
		time.Sleep(2 * time.Minute)
		if got := w.eyes.now().Link.Status; got != inbox.LinkUp {
			t.Errorf("link %q", got)
		}
	})
}

func TestAHubUnderLoadIsGivenTheTimeItAsksFor(t *testing.T) {
	inWorld(t, func(w *world) {
		busy := connect.NewError(connect.CodeUnavailable, errors.New("too many at once"))
		busy.Meta().Set("Retry-After", "30")
		w.hub.refuse = busy
		w.start()
		time.Sleep(29 * time.Second)
		if synctest.Wait(); w.hub.streams() != 1 {
			t.Errorf("tried %d times in 29 s", w.hub.streams())
		}
		time.Sleep(2 * time.Second)
		if synctest.Wait(); w.hub.streams() != 2 {
			t.Errorf("tried %d times in 31 s", w.hub.streams())
		}
	})
}

func TestCutOffAndRestarted(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hub.pages = []*agentv1.Page{openPage()}
		w.start()
		w.cut()
		w.acknowledge()
		if w.eyes.now().Sound() != inbox.Silence {
			t.Fatal("an acknowledgement made with no hub does not quiet")
		}
		time.Sleep(3 * time.Minute)
		w.stop()
		w.start() // still no hub
		if w.standing() != inbox.Unconfirmed || len(seen[inbox.Announce](w.eyes)) != 0 {
			t.Fatalf("after a restart: %q", w.standing())
		}
		w.cut = w.net.serve(hubAddress, w.hub)
		time.Sleep(15 * time.Second)
		synctest.Wait()
		sent := w.hub.commands()
		if len(sent) != 1 || sent[0].GetAgeMs() < 180_000 || sent[0].GetTimeUncertain() {
			t.Errorf("sent %v", sent)
		}
	})
}

func TestOpenPagesAreShownBeforeThereIsAConnection(t *testing.T) {
	inWorld(t, func(w *world) {
		w.hub.pages = []*agentv1.Page{openPage()}
		w.start()
		w.stop()
		w.cut()
		before := time.Now()
		w.start()
		if w.standing() != inbox.Rings || len(seen[inbox.Raise](w.eyes)) != 1 || time.Since(before) > 0 {
			t.Errorf("standing %q after %v", w.standing(), time.Since(before))
		}
	})
}

func TestAnUnwritableJournalStopsNoAlarm(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		if err := os.Rename(w.profile.State, w.profile.State+".gone"); err != nil {
			t.Fatal(err)
		}
		w.hub.frames <- frame(openPage())
		if w.standing() != inbox.Rings {
			t.Fatalf("standing %q", w.standing())
		}
		if n := w.hub.receipts(agentv1.ReceiptKind_RECEIPT_KIND_RECEIVED); n != 0 {
			t.Error("claims to have what it has not")
		}
		tells := seen[inbox.Tell](w.eyes)
		if len(tells) != 1 || !strings.Contains(tells[0].Text, "cannot be written") {
			t.Errorf("told %v", tells)
		}
		w.acknowledge()
		if len(w.hub.commands()) != 1 {
			t.Error("the acknowledgement was not sent")
		}
		if err := os.Rename(w.profile.State+".gone", w.profile.State); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if synctest.Wait(); w.hub.receipts(agentv1.ReceiptKind_RECEIPT_KIND_RECEIVED) != 1 {
			t.Error("the receipt was not sent once the journal could be written")
		}
	})
}

func TestCalls(t *testing.T) {
	inWorld(t, func(w *world) {
		w.start()
		until := time.Now().Add(time.Hour).UTC()
		preview, err := w.session.PreviewDuty(context.Background(), until)
		if err != nil || len(preview.Covers) != 1 || !preview.Covers[0].End.Equal(until) || len(preview.Warnings) != 1 {
			t.Errorf("preview %v, %v", preview, err)
		}
		left, err := w.session.SetDuty(context.Background(), Leave{Until: until})
		if err != nil || !left.Duty.Off || !w.eyes.now().OffDuty(time.Now()) {
			t.Errorf("duty %v, %v", left, err)
		}
		if _, err = w.session.SetDuty(context.Background(), Leave{}); err != nil || w.eyes.now().OffDuty(time.Now()) {
			t.Errorf("back on duty: %v", err)
		}
		if n, err := w.session.SendTestPage(context.Background()); err != nil || n != 7 {
			t.Errorf("test page %d, %v", n, err)
		}
		w.hub.frames <- &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_Roster{Roster: &agentv1.Roster{
			Shifts: []*agentv1.Shift{{ScheduleName: "Primary", Start: timestamppb.Now(), End: timestamppb.New(until)}},
			Until:  timestamppb.New(until),
		}}}
		w.hub.frames <- &agentv1.WatchResponse{} // a frame of a later version
		if shift, ok := w.eyes.now().OnCall(time.Now()); !ok || shift.Schedule != "Primary" {
			t.Errorf("shift %v", shift)
		}
	})
}
