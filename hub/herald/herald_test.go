package herald

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/hub/gateway"
	"tocsin/hub/notice"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
)

// world is what a herald reaches: gateways that answer as the test says, and
// devices that note what they were told.
type world struct {
	*testing.T
	store  store.Store
	org    *organisation.Organisation
	answer func(m gateway.Message) error // nil: takes everything

	mu    sync.Mutex
	sent  []string
	shown []string
	began time.Time
	stop  func()
	*Herald
}

func (w *world) Kinds() []string { return []string{responder.KindEmail, responder.KindPhone} }

func (w *world) Send(_ context.Context, m gateway.Message) (string, error) {
	w.mu.Lock()
	w.sent = append(w.sent, fmt.Sprintf("%s:%s@%s", m.To.ID, m.Notice.Title, time.Since(w.began)))
	answer := w.answer
	w.mu.Unlock()
	if answer != nil {
		if err := answer(m); err != nil {
			return "", err
		}
	}
	return "took it", nil
}

func (w *world) Notify(n notice.Notice) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shown = append(w.shown, string(n.User)+":"+n.Title)
}

// says sets what the gateways answer.
func (w *world) says(answer func(m gateway.Message) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

// showed lists what the devices were told.
func (w *world) showed(want ...string) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.shown)
	if !slices.Equal(w.shown, want) {
		w.Errorf("shown %v, want %v", w.shown, want)
	}
}

// inWorld runs a test on a herald in virtual time.
func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		db, err := sqldb.Open(t.Context(), filepath.Join(folder, "hub.db"), []byte(strings.Repeat("k", 32)))
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, store: db, began: time.Now()}
		w.org = organisation.New(organisation.Set{Gateways: w.Kinds(), Users: []responder.User{
			{ID: "ada", Name: "Ada", ContactMethods: []responder.ContactMethod{
				{ID: "mail", Kind: responder.KindEmail, Address: "ada@example.org"},
				{ID: "phone", Kind: responder.KindPhone, Address: "+441632960000", Wakes: true},
				{ID: "chat", Kind: responder.KindSlack, Address: "https://example.org"}, // no gateway
			}}, {ID: "bob", Name: "Bob"},
		}})
		w.start()
		test(w)
		w.stop()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// start begins a hub's life on the same store.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.Herald = New(Parts{Store: w.store, Gateways: w, Devices: w, Org: func() *organisation.Organisation { return w.org }, Log: slog.New(slog.DiscardHandler)})
	h, done := w.Herald, make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-done; err != nil {
			w.Error(err)
		}
	}
}

func (w *world) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) tell(list ...notice.Notice) {
	w.Helper()
	if err := w.Tell(w.Context(), list...); err != nil {
		w.Fatal(err)
	}
	synctest.Wait()
}

func (w *world) went(want ...string) {
	w.Helper()
	w.mu.Lock()
	got := slices.Clone(w.sent)
	w.mu.Unlock()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.Errorf("sent %v, want %v", got, want)
	}
}

func (w *world) told(u responder.UserID) []notice.Told {
	w.Helper()
	var list []notice.Told
	err := w.store.View(w.Context(), func(tx store.Tx) (err error) {
		list, err = tx.Notices(u, 100)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return list
}

func one(id string, via notice.Via) notice.Notice {
	return notice.Notice{ID: id, User: "ada", Title: id, Text: "Some text.", Via: via}
}

func TestANoticeGoesByTheWaysThatItNames(t *testing.T) {
	inWorld(t, func(w *world) {
		w.tell(one("d", notice.ViaDevices), one("q", notice.ViaQuiet), one("e", notice.ViaEvery))
		w.went("mail:q@0s", "mail:e@0s", "phone:e@0s")
		w.showed("ada:d", "ada:e", "ada:q")
	})
}

// slowly is a store whose readers get what they read a while later.
type slowly struct {
	store.Store
	by time.Duration
}

func (s slowly) View(ctx context.Context, read func(store.Tx) error) error {
	err := s.Store.View(ctx, read)
	time.Sleep(s.by)
	return err
}

func TestWhatIsAnsweredWhileTheHeraldLooksIsNotSentTwice(t *testing.T) {
	inWorld(t, func(w *world) {
		w.stop()
		w.store = slowly{w.store, time.Second}
		w.says(func(gateway.Message) error { time.Sleep(500 * time.Millisecond); return nil })
		w.start()
		w.tell(one("a", notice.ViaQuiet))
		for range 10 { // looks all the while, at moments of every kind
			w.sleep(300 * time.Millisecond)
			w.Announce()
		}
		w.sleep(lookEvery)
		if len(w.sent) != 1 {
			t.Errorf("sent %v", w.sent)
		}
	})
}

func TestTheSameIDAgainDoesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		w.tell(one("a", notice.ViaEvery))
		w.tell(one("a", notice.ViaEvery), one("a", notice.ViaQuiet))
		w.stop()
		w.start()
		w.tell(one("a", notice.ViaEvery))
		w.went("mail:a@0s", "phone:a@0s")
	})
}

func TestWhoIsNotThereIsToldNothingAndHoldsNothingUp(t *testing.T) {
	inWorld(t, func(w *world) {
		gone := one("a", notice.ViaEvery)
		gone.User = "eve"
		w.tell(gone, one("b", notice.ViaQuiet))
		w.went("mail:b@0s")
	})
}

func TestPassingFailuresAreTriedAgainEverMoreSlowly(t *testing.T) {
	inWorld(t, func(w *world) {
		w.says(func(gateway.Message) error { return &gateway.Failure{Sentence: "busy"} })
		w.tell(one("a", notice.ViaQuiet))
		w.sleep(time.Minute)
		w.went("mail:a@0s", "mail:a@2s", "mail:a@12s")
		if s := w.told("ada")[0].Sends[0]; !s.Answered.IsZero() || s.Said != "busy" {
			t.Errorf("%+v", s)
		}
		w.says(nil)
		w.sleep(time.Hour)
		w.went("mail:a@0s", "mail:a@2s", "mail:a@12s", "mail:a@1m12s")
		if s := w.told("ada")[0].Sends[0]; !s.Accepted || s.Said != "took it" {
			t.Errorf("%+v", s)
		}
	})
}

func TestWhatIsRefusedForGoodIsNotTriedAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.says(func(gateway.Message) error { return &gateway.Failure{Permanent: true, Sentence: "no such address"} })
		w.tell(one("a", notice.ViaQuiet))
		w.sleep(24 * time.Hour)
		w.went("mail:a@0s")
		if s := w.told("ada")[0].Sends[0]; s.Accepted || s.Answered.IsZero() || s.Said != "no such address" {
			t.Errorf("%+v", s)
		}
	})
}

func TestItIsGivenUpAfterTwelveHoursOrWhenItIsOfNoMoreUse(t *testing.T) {
	inWorld(t, func(w *world) {
		w.says(func(gateway.Message) error { return errors.New("a surprise") })
		short := one("short", notice.ViaQuiet)
		short.Until = time.Now().Add(5 * time.Minute)
		w.tell(short, one("long", notice.ViaQuiet))
		w.sleep(14 * time.Hour)
		for _, n := range w.told("ada") {
			want := map[string]string{"short": "it was of no more use before it could be sent", "long": "given up: a surprise"}[n.ID]
			if s := n.Sends[0]; s.Said != want || s.Accepted || s.Answered.IsZero() {
				t.Errorf("%s: %+v", n.ID, s)
			}
		}
	})
}

func TestAHubThatStartsAgainGoesOnWithWhatWasOnItsWay(t *testing.T) {
	inWorld(t, func(w *world) {
		w.says(func(m gateway.Message) error {
			if m.To.ID == "mail" {
				return &gateway.Failure{Sentence: "busy"}
			}
			return nil
		})
		w.tell(one("a", notice.ViaEvery))
		w.stop()
		w.sent = nil
		w.says(nil)
		w.sleep(time.Minute)
		w.start()
		synctest.Wait()
		w.went("mail:a@1m0s")
	})
}

func TestWhatWasWrittenInAnotherTransactionIsToldSoon(t *testing.T) {
	inWorld(t, func(w *world) {
		w.sleep(time.Second)
		err := w.store.Update(w.Context(), func(tx store.Tx) error { return w.Write(tx, time.Now(), one("a", notice.ViaQuiet)) })
		if err != nil {
			t.Fatal(err)
		}
		w.sleep(lookEvery)
		w.went("mail:a@30s")
		w.showed("ada:a")
	})
}

func TestNoticesAreForgottenAfterThirtyDays(t *testing.T) {
	inWorld(t, func(w *world) {
		w.tell(one("a", notice.ViaQuiet))
		w.sleep(29 * 24 * time.Hour)
		if len(w.told("ada")) != 1 {
			t.Error("too early")
		}
		w.sleep(3 * 24 * time.Hour)
		if n := w.told("ada"); len(n) != 0 {
			t.Errorf("%v", n)
		}
	})
}

func TestOneKindThatHangsDoesNotHoldUpTheOthers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.says(func(m gateway.Message) error {
			if m.To.ID == "mail" {
				time.Sleep(10 * time.Second)
			}
			return nil
		})
		for n := range 3 {
			w.tell(one(fmt.Sprint(n), notice.ViaEvery))
		}
		w.went("mail:0@0s", "mail:1@0s", "phone:0@0s", "phone:1@0s", "phone:2@0s")
		w.sleep(20 * time.Second)
		w.went("mail:0@0s", "mail:1@0s", "phone:0@0s", "phone:1@0s", "phone:2@0s", "mail:2@10s")
	})
}
