// Package storetest holds every database to the contract of package store: one
// suite and one benchmark, run by the tests of each.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tocsin/hub/escalation"
	"tocsin/hub/incident"
	"tocsin/hub/store"
)

// Home is where one database lives. It outlives the stores that are opened on
// it, and can be tampered with behind their back.
type Home interface {
	// Open opens the database, and makes it at the first call. The test closes
	// it.
	Open(t testing.TB, auditKey []byte) store.Store
	// Tamper runs SQL on the database as somebody would who has no key. No store
	// is open on it meanwhile.
	Tamper(t testing.TB, sql string)
	// Fresh gives another home.
	Fresh(testing.TB) Home
}

// Run holds a database to the contract. Each test gets a fresh home.
func Run(t *testing.T, home Home) {
	for name, test := range map[string]func(*testing.T, *fixture){
		"a new database is empty, and verifies":                                         emptyAtFirst,
		"what was committed is there after closing and opening":                         reopens,
		"closing twice is harmless, and later calls are refused":                        closes,
		"what a failing write did is undone, the others of its commit stay":             failsAlone,
		"a write that panics is an error of its own":                                    panicsAlone,
		"a caller who gave up before the write writes nothing":                          cancelled,
		"every commit shows whole or not at all":                                        consistentPicture,
		"close answers every write under way":                                           closesUnderWrites,
		"incidents are numbered from 1 without gaps":                                    numbers,
		"the turns of a policy's incidents count on":                                    turns,
		"what waits for the calendar is found by its service":                           kept,
		"heartbeats are kept, and come due in order":                                    heartbeats,
		"parameters keep their places":                                                  parameterOrder,
		"times are kept to the millisecond":                                             milliseconds,
		"any incident is loaded as it was stored":                                       roundTrip,
		"any change of an incident is loaded as it was saved":                           saveRoundTrip,
		"save writes only what differs":                                                 savesDifferences,
		"an incident that was changed meanwhile is stale, and stays":                    stale,
		"a repeat changes its alert and nothing else":                                   touches,
		"the newest incident of an alert is found, whatever the clock did":              newestByAlert,
		"pages of an earlier pass are loaded only with all":                             pagesOfThePass,
		"what is due comes in the order in which it was due":                            dueOrder,
		"what is open can be woken, listed and counted":                                 openOnes,
		"requests for cover are found while open and after":                             requestsForCover,
		"a user's open and ended pages lead to their incidents":                         pagedUsers,
		"what triggered in a span is found, oldest first, its edges as they are meant":  triggered,
		"lists are newest first and can go on":                                          lists,
		"the timeline is read as it was written":                                        timelines,
		"no stamp of a timeline is before the one before it":                            stampsNeverGoBack,
		"a report's outcome is kept once, and forgotten in time":                        outcomes,
		"the configuration can be asked as of any revision":                             revisions,
		"absences end when they are ended":                                              absences,
		"one absence is ended, or never begins":                                         oneAbsence,
		"a calendar has one secret at a time":                                           calendarLinks,
		"an enrolment code makes one device":                                            enrolment,
		"a calendar's secret and a user's codes can be taken away":                      takenAway,
		"devices are revoked for good":                                                  revocation,
		"a routing key goes on for a while when another takes its place":                routingKeys,
		"an answer's token knows what was answered for each incident, and is forgotten": answerTokens,
		"replies and calls are remembered until they are forgotten":                     repliesAndCalls,
		"a notice is kept once, with its ways, until it was seen and answered":          notices,
		"old notices are forgotten with their ways":                                     noticesForgotten,
		"a look at a shift is noted once, and forgotten in time":                        shiftChecks,
		"the last message by a contact method says whether it works":                    methodsWorked,
		"what people were told of is remembered":                                        told,
		"the hub's clock is remembered":                                                 clocks,
		"verify finds every kind of tampering":                                          tampering,
		"what was erased shows as erased, and still verifies":                           erasure,
		"tampering goes on to show after later writes":                                  tamperingStays,
		"the newest incident of a group is found, and none without a group":             newestByGroup,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fixture{T: t, home: home.Fresh(t)}
			f.open()
			test(t, f)
		})
	}
}

// noon is when the tests take place.
var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

var auditKey = []byte("a key of thirty-two bytes, or more")

// fixture is a store under test.
type fixture struct {
	*testing.T
	store.Store
	home  Home
	close func()
}

// open opens the store again, as a hub does that starts anew.
func (f *fixture) open() {
	f.openWith(auditKey)
}

func (f *fixture) openWith(key []byte) {
	f.Helper()
	if f.close != nil {
		f.close()
	}
	s := f.home.Open(f, key)
	closed := false
	f.Store, f.close = s, func() {
		if !closed {
			closed = true
			f.must(s.Close())
		}
	}
	f.Cleanup(f.close)
}

// tamper changes the database while no hub runs.
func (f *fixture) tamper(sql string) {
	f.Helper()
	f.close()
	f.home.Tamper(f, sql)
	f.open()
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// update writes; the test fails if that does.
func (f *fixture) update(fn func(store.Tx) error) {
	f.Helper()
	f.must(f.Update(context.Background(), fn))
}

func (f *fixture) view(fn func(store.Tx) error) {
	f.Helper()
	f.must(f.View(context.Background(), fn))
}

// create stores an incident.
func (f *fixture) create(r store.Record, entries ...incident.Entry) store.Record {
	f.Helper()
	if len(entries) == 0 {
		entries = []incident.Entry{{At: r.Incident.TriggeredAt, Kind: incident.KindTriggered}}
	}
	f.update(func(tx store.Tx) (err error) {
		r, err = tx.Create(r, entries)
		return err
	})
	return r
}

func (f *fixture) save(before, after store.Record, entries ...incident.Entry) store.Record {
	f.Helper()
	f.update(func(tx store.Tx) (err error) {
		after, err = tx.Save(before, after, entries)
		return err
	})
	return after
}

func (f *fixture) load(id incident.ID) store.Record {
	f.Helper()
	return read(f, func(tx store.Tx) (store.Record, error) { return tx.Load(id) })
}

func (f *fixture) audit() store.Audit {
	f.Helper()
	return read(f, store.Tx.Verify)
}

// read gives what one query answers.
func read[T any](f *fixture, query func(store.Tx) (T, error)) T {
	f.Helper()
	var out T
	f.view(func(tx store.Tx) (err error) {
		out, err = query(tx)
		return err
	})
	return out
}

// is fails the test unless got is what was expected.
func is[T comparable](f *fixture, what string, got, want T) {
	f.Helper()
	if got != want {
		f.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// plain is the n-th incident of a test, triggered n seconds after noon, with
// one alert and one open page of ada.
func plain(n int) store.Record {
	at := noon.Add(time.Duration(n) * time.Second)
	return store.Record{
		Incident: incident.Incident{
			ID: incident.ID(fmt.Sprintf("incident-%04d", n)), Service: "shop", Status: incident.Triggered, Urgency: incident.High,
			Summary: fmt.Sprintf("disk %d is full", n), TriggeredAt: at, FirstAt: at, Opening: 1,
			Alerts: []incident.Alert{{Integration: "shop-events", Key: fmt.Sprintf("disk-%d", n), Open: true, Count: 1, FirstAt: at, LastAt: at}},
		},
		Course: escalation.Course{Stage: escalation.AtLevel, Opening: 1, Pass: 1, Round: 1, Level: 1, Wave: 1},
		Pages: []escalation.Page{{
			Key: escalation.Key{Wave: 1, User: "ada"}, Opening: 1, Stage: escalation.AtLevel, Pass: 1, Level: 1, Round: 1, At: at,
			Uses: []escalation.Use{{Method: "devices", At: at}},
		}},
		WakeAt: at.Add(5 * time.Minute),
	}
}

// entry is a line of a timeline.
func entry(at time.Time, text string) incident.Entry {
	return incident.Entry{At: at, Kind: incident.KindShown, User: "ada", Text: text}
}
