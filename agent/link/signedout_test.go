package link

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	"tocsin/agent/inbox"
	agentv1 "tocsin/shared/gen/tocsin/agent/v1"
)

func TestSignedOut(t *testing.T) {
	revoked := &agentv1.WatchResponse{Frame: &agentv1.WatchResponse_SignedOut{SignedOut: &agentv1.SignedOut{Reason: "Kim revoked it"}}}
	for _, c := range []struct {
		name, want string
		do         func(*world)
	}{
		{"by a frame", "Kim revoked it", func(w *world) { w.hub.frames <- revoked }},
		{"by a stream that is refused", "unknown credential", func(w *world) {
			w.hub.set(func() { w.hub.refuse = connect.NewError(connect.CodeUnauthenticated, errors.New("unknown credential")) })
			time.Sleep(41 * time.Second)
		}},
		{"by a report that is refused", "unknown credential", func(w *world) {
			w.hub.set(func() { w.hub.broken = connect.NewError(connect.CodeUnauthenticated, errors.New("unknown credential")) })
			w.acknowledge()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.hub.pages = []*agentv1.Page{openPage()}
				w.start()
				c.do(w)
				stops := seen[inbox.Stop](w.eyes)
				if len(stops) != 1 || stops[0].Reason != Sentence(signedOut(c.want)) {
					t.Fatalf("stopped %q, want %q", stops, c.want)
				}
				streams, reports := w.hub.streams(), len(w.hub.all())
				time.Sleep(time.Hour)
				if synctest.Wait(); w.hub.streams() > streams || len(w.hub.all()) > reports+1 {
					t.Error("goes on trying")
				}
				w.alarmsNobodyAnew()
			})
		})
	}
}

// alarmsNobodyAnew starts a device that was signed out, without its hub and with
// it: what it had not told is kept, and the pages are not its own any more.
func (w *world) alarmsNobodyAnew() {
	w.t.Helper()
	untold := len(w.eyes.now().Outbox)
	w.hub.set(func() { w.hub.refuse = connect.NewError(connect.CodeUnauthenticated, errors.New("unknown credential")) })
	w.stop()
	w.cut()
	w.start()
	if s := w.eyes.now(); len(s.Pages) != 0 || len(s.Outbox) != untold {
		w.t.Errorf("kept %v and %d reports, want %d", s.Pages, len(s.Outbox), untold)
	}
	w.cut = w.net.serve(hubAddress, w.hub)
	time.Sleep(time.Minute)
	if n := len(seen[inbox.Stop](w.eyes)); n != 1 {
		w.t.Errorf("said %d times that it is signed out", n)
	}
	if n := len(seen[inbox.Announce](w.eyes)) + len(seen[inbox.Raise](w.eyes)); n != 0 || w.eyes.now().Sound() != inbox.Silence {
		w.t.Errorf("alarmed %d times", n)
	}
}

func TestOnlyTheHubItselfSignsADeviceOut(t *testing.T) {
	inWorld(t, func(w *world) {
		w.cut()
		w.cut = w.net.serveHTTP(hubAddress, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			http.Error(rw, "please log in to the hotel's network", http.StatusUnauthorized)
		}))
		w.start()
		time.Sleep(time.Minute)
		if s := w.eyes.now(); s.Link.Status != inbox.LinkDown || len(seen[inbox.Stop](w.eyes)) != 0 {
			t.Fatalf("link %+v", s.Link)
		}
		w.cut()
		w.cut = w.net.serve(hubAddress, w.hub)
		time.Sleep(11 * time.Second)
		if got := w.eyes.now().Link.Status; got != inbox.LinkUp {
			t.Errorf("link %q", got)
		}
	})
}
