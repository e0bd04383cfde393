package engine

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/organisation"
	"tocsin/hub/responder"
	"tocsin/hub/store"
	"tocsin/hub/store/sqldb"
)

// What must hold of grouping and merging, on the real database.

// groupStep is one thing that happens.
type groupStep struct {
	what   string // event, later, resolve, merge
	event  incident.Event
	later  time.Duration
	chosen int // of the open incidents
	other  int
}

type groupScript struct {
	window      time.Duration // in which incidents reopen
	maintenance [2]time.Duration
	steps       []groupStep
}

func drawGroupScript(t *rapid.T) groupScript {
	sc := groupScript{window: rapid.SampledFrom([]time.Duration{0, 5 * time.Minute, 15 * time.Minute}).Draw(t, "reopen window")}
	if rapid.IntRange(0, 2).Draw(t, "maintenance") == 0 {
		from := rapid.IntRange(0, 30).Draw(t, "from")
		sc.maintenance = [2]time.Duration{time.Duration(from) * time.Minute, time.Duration(from+rapid.IntRange(1, 60).Draw(t, "for")) * time.Minute}
	}
	whats := []string{"event", "event", "event", "event", "event", "later", "later", "resolve", "merge"}
	for range rapid.IntRange(5, 40).Draw(t, "steps") {
		st := groupStep{what: rapid.SampledFrom(whats).Draw(t, "what"), chosen: rapid.IntRange(0, 9).Draw(t, "chosen"), other: rapid.IntRange(0, 9).Draw(t, "other")}
		st.later = rapid.SampledFrom([]time.Duration{time.Second, 2 * time.Minute, 6 * time.Minute, 20 * time.Minute}).Draw(t, "later")
		st.event = incident.Event{
			Action:      rapid.SampledFrom([]incident.Action{incident.Trigger, incident.Trigger, incident.Resolve}).Draw(t, "action"),
			Integration: rapid.SampledFrom([]incident.IntegrationID{"none", "open", "open-2", "fields"}).Draw(t, "integration"),
			Key:         rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key"),
			Severity:    rapid.SampledFrom([]incident.Severity{incident.Critical, incident.Warning}).Draw(t, "severity"),
			Group:       rapid.SampledFrom([]string{"", "", "x", "y"}).Draw(t, "group"),
			Details:     []incident.Detail{{Name: "class", Value: rapid.SampledFrom([]string{"disk", "net", ""}).Draw(t, "class")}},
		}
		sc.steps = append(sc.steps, st)
	}
	return sc
}

// groups is an engine at work on a script, with three services.
type groups struct {
	t        *testing.T
	e        *Engine
	db       *sqldb.DB
	firing   map[groupAlert]bool // what the sources say
	silenced map[groupAlert]bool // what a person resolved while it fired
	merged   bool                // or in a bundle of a maintenance
	log      []string
}

type groupAlert struct {
	integration incident.IntegrationID
	key         string
}

// groupFailure is what play panics with.
type groupFailure string

func (g *groups) fail(format string, args ...any) {
	panic(groupFailure(fmt.Sprintf(format, args...) + fmt.Sprintf("\n%q", g.log)))
}

func (g *groups) must(err error) {
	if err != nil {
		g.fail("%v", err)
	}
}

func newGroups(t *testing.T, sc groupScript) *groups {
	service := func(id incident.ServiceID, by incident.Grouping) incident.Service {
		return incident.Service{ID: id, Policy: "p", Urgency: incident.BySeverity, Lease: 30 * time.Minute, ReopenWindow: sc.window, Grouping: by}
	}
	org := organisation.New(organisation.Set{
		Users: []responder.User{{ID: "ada"}},
		Policies: []escalation.Policy{{ID: "p", Levels: []escalation.Level{{Timeout: 5 * time.Minute,
			Targets: []escalation.Target{{User: "ada"}}}}}},
		Services: []incident.Service{
			service("none", incident.Grouping{}),
			service("open", incident.Grouping{By: incident.GroupOpen}),
			service("fields", incident.Grouping{By: incident.GroupFields, Fields: []string{"class"}, Within: 10 * time.Minute}),
		},
		Windows:      []organisation.Window{{Services: []incident.ServiceID{"none", "open"}, Start: Now().Add(sc.maintenance[0]), End: Now().Add(sc.maintenance[1])}},
		Integrations: []incident.Integration{{ID: "none", Service: "none"}, {ID: "open", Service: "open"}, {ID: "open-2", Service: "open"}, {ID: "fields", Service: "fields"}},
	})
	db, err := sqldb.Open(t.Context(), filepath.Join(t.TempDir(), "hub.db"), bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	e := New(db, fixed{org}, &connected{since: Now()}, func(Change) {}, slog.New(slog.DiscardHandler))
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &groups{t: t, e: e, db: db, merged: sc.maintenance[1] > 0, firing: map[groupAlert]bool{}, silenced: map[groupAlert]bool{}}
}

// play plays a script in virtual time, and says what was wrong.
func (sc groupScript) play(t *testing.T) (wrong string) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroups(t, sc)
		defer g.db.Close()
		defer func() {
			if r := recover(); r != nil {
				wrong = fmt.Sprint(r)
			}
		}()
		for _, st := range sc.steps {
			g.do(st)
			g.check()
		}
	})
	return wrong
}

func (g *groups) do(st groupStep) {
	open := slices.DeleteFunc(g.all(), func(r store.Record) bool { return !r.Incident.Open() })
	switch {
	case st.what == "event":
		st.event.Summary = st.event.Key
		c, effect, err := g.e.Ingest(g.t.Context(), st.event)
		g.must(err)
		g.log = append(g.log, fmt.Sprintf("%s %s/%s: %s %d", st.event.Action, st.event.Integration, st.event.Key, effect, c.State.Incident.Number))
		alert := groupAlert{st.event.Integration, st.event.Key}
		g.firing[alert] = st.event.Action == incident.Trigger
		delete(g.silenced, alert)
	case st.what == "later":
		time.Sleep(st.later) // virtual
		g.log = append(g.log, "later "+st.later.String())
		_, err := g.e.turn(g.t.Context())
		g.must(err)
	case len(open) == 0:
	case st.what == "resolve":
		g.resolve(open[st.chosen%len(open)].Incident)
	case st.what == "merge":
		from, into := open[st.chosen%len(open)].Incident, open[st.other%len(open)].Incident
		_, _, why, err := g.e.Merge(g.t.Context(), from.ID, into.ID, incident.Command{By: "ada"})
		g.must(err)
		if (why == "") != (from.ID != into.ID) {
			g.fail("%d into %d: %q", from.Number, into.Number, why)
		}
		g.log = append(g.log, fmt.Sprintf("ada merges %d into %d", from.Number, into.Number))
		g.merged = true
	}
}

func (g *groups) resolve(i incident.Incident) {
	_, err := g.e.Do(g.t.Context(), i.ID, func(s escalation.State, now time.Time) (escalation.State, []incident.Entry, error) {
		var e incident.Entry
		s.Incident, _, e = incident.ResolveBy(s.Incident, incident.Command{By: "ada"}, 0, now)
		return s, []incident.Entry{e}, nil
	})
	g.must(err)
	g.log = append(g.log, fmt.Sprintf("ada resolves %d", i.Number))
	for _, a := range i.Alerts {
		if a.Open {
			g.silenced[groupAlert{a.Integration, a.Key}] = true
		}
	}
}

func (g *groups) all() []store.Record {
	var all []store.Record
	g.must(g.db.View(g.t.Context(), func(tx store.Tx) (err error) {
		all, err = tx.List(store.Filter{Resolved: true, Limit: 1000})
		return err
	}))
	return all
}

func (g *groups) check() {
	at := map[groupAlert][]uint64{}
	for _, r := range g.all() {
		for _, a := range r.Incident.Alerts {
			if r.Incident.MergedInto != "" && (a.Open || r.Incident.Open()) {
				g.fail("%d was merged, and %s of it is open: %v", r.Incident.Number, a.Key, a.Open)
			}
			if a.Open && r.Incident.Open() {
				at[groupAlert{a.Integration, a.Key}] = append(at[groupAlert{a.Integration, a.Key}], r.Incident.Number)
			}
		}
	}
	for alert, fires := range g.firing {
		if n := len(at[alert]); fires && !g.silenced[alert] && n != 1 || n > 1 || !fires && n > 0 {
			g.fail("%v fires: %v, and is an open alert of the incidents %v", alert, fires, at[alert])
		}
	}
	if open := at[groupAlert{"open", "a"}]; len(open) == 1 {
		for _, other := range []groupAlert{{"open", "b"}, {"open-2", "a"}} {
			if o := at[other]; len(o) == 1 && o[0] != open[0] && !g.apart() {
				g.fail("%v is part of %d, and %d is open: grouping is by open incident", other, o[0], open[0])
			}
		}
	}
}

// apart: a person took something out of a group.
func (g *groups) apart() bool { return len(g.silenced) > 0 || g.merged }

func TestAnAcceptedTriggerIsAnOpenAlertOfExactlyOneOpenIncidentUntilItIsResolved(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		if wrong := drawGroupScript(rt).play(t); wrong != "" {
			rt.Fatal(wrong)
		}
	})
}
