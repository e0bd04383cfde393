package answer

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"tocsin/hub/auth"
	"tocsin/hub/engine"
	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
)

type fixed struct{ org *organisation.Organisation }

func (f fixed) Current() *organisation.Organisation { return f.org }

func (f fixed) Policy(_ store.Tx, id escalation.PolicyID, _ uint64) (escalation.Policy, error) {
	p, _ := f.org.Policy(id)
	return p, nil
}

type noLinks struct{}

func (noLinks) Links([]responder.Device, time.Time) []escalation.Link { return nil }
func (noLinks) OutageUntil() time.Time                                { return time.Time{} }
func (noLinks) Shift(time.Duration)                                   {}

// called is kim, whose telephone told of one incident. Nobody but the catch-all,
// which is kim, is ever on call.
type called struct {
	*testing.T
	*Handler
}

func newCalled(t *testing.T, open func(*engine.Engine) (engine.Change, error)) called {
	t.Helper()
	db, err := sqldb.Open(t.Context(), filepath.Join(t.TempDir(), "hub.db"), bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	org := organisation.New(organisation.Set{
		CatchAll:     []responder.UserID{"kim"},
		Users:        []responder.User{{ID: "ada"}, {ID: "kim", ContactMethods: []responder.ContactMethod{{ID: "phone", Kind: responder.KindPhone, Wakes: true}}}},
		Policies:     []escalation.Policy{{ID: "p", Levels: []escalation.Level{{Timeout: 5 * time.Minute, Targets: []escalation.Target{{Schedule: "nobody"}}}}}},
		Services:     []incident.Service{{ID: "s", Policy: "p", Urgency: incident.AlwaysHigh, Lease: 30 * time.Minute}},
		Integrations: []incident.Integration{{ID: "i", Service: "s"}},
	})
	e := engine.New(db, fixed{org}, noLinks{}, func(engine.Change) {}, slog.New(slog.DiscardHandler))
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := open(e)
	if err != nil {
		t.Fatal(err)
	}
	p, paged := c.State.OpenPageOf("kim")
	if !paged {
		t.Fatalf("kim is not paged: %+v", c.State.Pages)
	}
	token := store.Token{
		Hash: auth.Hash("t"), User: "kim", Method: "phone", Made: engine.Now(),
		About: []store.About{{Incident: c.State.Incident.ID, Wave: p.Wave, Opening: 1}},
	}
	if err := db.Update(t.Context(), func(tx store.Tx) error { return tx.AddToken(token) }); err != nil {
		t.Fatal(err)
	}
	return called{t, &Handler{Store: db, Engine: e, Org: func() *organisation.Organisation { return org }, URL: func() string { return "" }, Log: slog.New(slog.DiscardHandler)}}
}

// says answers, and gives the incident as it is then.
func (c called) says(what verb) incident.Incident {
	c.Helper()
	q, err := c.find(c.Context(), "t")
	if err != nil {
		c.Fatal(err)
	}
	if _, _, err := c.answer(c.Context(), q, what); err != nil {
		c.Fatal(err)
	}
	if q, err = c.find(c.Context(), "t"); err != nil {
		c.Fatal(err)
	}
	return q.parts[0].incident
}

func TestWhoCannotPassOnMayStillAcknowledge(t *testing.T) {
	c := newCalled(t, func(e *engine.Engine) (engine.Change, error) {
		c, _, err := e.Ingest(t.Context(), incident.Event{Action: incident.Trigger, Integration: "i", Key: "k"})
		return c, err
	})
	if i := c.says(passOn); i.Status != incident.Triggered {
		t.Errorf("after passing on: %s", i.Status)
	}
	if i := c.says(acknowledge); i.Status != incident.Acknowledged || i.Holder != "kim" {
		t.Errorf("after acknowledging: %s, %q", i.Status, i.Holder)
	}
}

func TestWhoAnswersARequestForCoverWithTheWrongWordMayStillAccept(t *testing.T) {
	c := newCalled(t, func(e *engine.Engine) (engine.Change, error) {
		now := engine.Now()
		asked, err := e.AskCover(t.Context(), engine.CoverAsk{Urgency: incident.High, Text: "a request", Cover: incident.Cover{
			Of: "ada", To: "kim", Start: now, End: now.Add(time.Hour), Until: now.Add(time.Hour),
		}})
		return asked[0], err
	})
	if i := c.says(resolve); i.Status != incident.Triggered {
		t.Errorf("after the wrong word: %s", i.Status)
	}
	if i := c.says(acknowledge); i.Status != incident.Acknowledged || i.Holder != "kim" {
		t.Errorf("after accepting: %s, %q", i.Status, i.Holder)
	}
}

func TestAnAnswerIsGivenOnceButMayBeBetteredByAnother(t *testing.T) {
	for _, c := range []struct {
		before, now verb
		settled     bool
	}{
		{"", acknowledge, false}, {acknowledge, acknowledge, true}, {acknowledge, resolve, false}, {resolve, resolve, true}, {resolve, acknowledge, true},
		{passOn, acknowledge, false}, {passOn, passOn, true}, {acknowledge, passOn, true},
	} {
		a := store.About{For: string(c.before)}
		if c.before != "" {
			a.Used = time.Unix(1, 0)
		}
		if got := settled(a, c.now); got != c.settled {
			t.Errorf("%q after %q: settled %t", c.now, c.before, got)
		}
	}
}
