package desktop

import (
	"context"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
	"tocsin/agent/link"
	"tocsin/agent/ui"
)

// room is a desk with stand-ins for the desktop, and a real core behind it: a
// proof that leads to another for ever would show.
type room struct {
	t *testing.T
	d *desk

	mu sync.Mutex
	seen
	fail error
}

// seen is what the room has seen.
type seen struct {
	state  inbox.State
	got    []inbox.Message
	ids    int
	model  ui.Model
	raised int
	sight  alarm.Sight
	tone   alarm.Tone
	notes  map[string]alarm.Notification
	status int
	duty   []ui.DutyPreview
	off    []link.Leave
	sheet  int
	quit   bool
}

// deskHub, deskWindow … are the room seen from the desk's sides.
type (
	deskHub    struct{ *room }
	deskWindow struct{ *room }
	deskStatus struct{ *room }
	deskDuty   struct{ *room }
	deskAsks   struct{ *room }
	deskSheet  struct{ *room }
	deskSound  struct{ *room }
	deskNotes  struct{ *room }
	deskScreen struct{ *room }
)

func (r deskHub) Post(m inbox.Message) {
	r.mu.Lock()
	r.got = append(r.got, m)
	if len(r.got) > 1000 {
		panic("messages lead to messages for ever")
	}
	next, effects := inbox.Reduce(r.state, m, time.Now())
	r.state = inbox.Stamped(next, func() inbox.Stamp { r.ids++; return inbox.Stamp{ID: string(rune('a' + r.ids))} })
	state := r.state
	r.mu.Unlock()
	r.d.Show(state, effects)
}

func (r deskHub) PreviewDuty(context.Context, time.Time) (link.Preview, error) {
	return link.Preview{Covers: []link.Cover{{Service: "Payments", Instead: []string{"Bob"}}}}, r.fail
}

func (r deskHub) SetDuty(_ context.Context, l link.Leave) (link.DutyAnswer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.off = append(r.off, l)
	return link.DutyAnswer{Said: []string{"Done so."}}, r.fail
}

func (r deskHub) TakeShift(_ context.Context, schedule string, _ time.Time) (link.Taken, error) {
	return link.Taken{Until: began.Add(time.Hour), InsteadOf: "Bob of " + schedule}, r.fail
}

func (r deskHub) SendTestPage(context.Context) (uint64, error) { return 7, r.fail }

func (r deskWindow) Render(m ui.Model) { r.mu.Lock(); defer r.mu.Unlock(); r.model = m }
func (r deskWindow) Raise()            { r.mu.Lock(); defer r.mu.Unlock(); r.raised++ }
func (r deskWindow) Visible() bool     { r.mu.Lock(); defer r.mu.Unlock(); return r.raised > 0 }
func (r deskWindow) Native() (string, uintptr) {
	return "x11", 1
}
func (r deskStatus) Render(ui.Model) {}
func (r deskDuty) Render(ui.Model)   {}
func (r deskAsks) Render(ui.Model)   {}
func (r deskSheet) Render(ui.Model)  {}
func (r deskSheet) Show()            { r.mu.Lock(); defer r.mu.Unlock(); r.sheet++ }
func (r deskStatus) Show()           { r.mu.Lock(); defer r.mu.Unlock(); r.status++ }
func (r deskDuty) Show(p ui.DutyPreview) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.duty = append(r.duty, p)
}
func (r deskSound) Set(t alarm.Tone)                       { r.mu.Lock(); defer r.mu.Unlock(); r.tone = t }
func (r deskScreen) Raise(alarm.Window) error              { return nil }
func (r deskSound) Probe(context.Context) alarm.SoundState { return alarm.SoundState{} }
func (r deskScreen) Check(_ context.Context, w alarm.Window) alarm.Sight {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sight
}

func (r deskNotes) Show(_ context.Context, n alarm.Notification) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes[n.Key] = n
	return nil
}

func (r deskNotes) Close(_ context.Context, key string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.notes, key)
	return nil
}

func inRoom(t *testing.T, test func(*room)) {
	synctest.Test(t, func(t *testing.T) {
		r := &room{t: t}
		r.notes, r.sight = map[string]alarm.Notification{}, alarm.Sight{Verdict: alarm.Visible, Detail: "viewable"}
		r.d = &desk{
			hub: deskHub{r}, window: deskWindow{r}, status: deskStatus{r}, duty: deskDuty{r}, asks: deskAsks{r}, sheets: deskSheet{r},
			sound: deskSound{r}, notes: deskNotes{r}, screen: deskScreen{r}, quit: func() { r.mu.Lock(); defer r.mu.Unlock(); r.quit = true },
			slow: newQueue(), look: make(chan struct{}, 1), prover: newProver(),
		}
		ctx, cancel := context.WithCancel(context.Background())
		var parts sync.WaitGroup
		for _, part := range []func(context.Context){r.d.slow.run, r.d.watch, r.d.tellReady, r.d.keepFresh} {
			parts.Go(func() { part(ctx) })
		}
		r.post(inbox.Started{}, inbox.Connected{HubName: "Example Health", UserName: "Ada"}, inbox.SnapshotEnded{})
		test(r)
		cancel()
		parts.Wait()
	})
}

func (r *room) post(ms ...inbox.Message) {
	for _, m := range ms {
		deskHub{r}.Post(m)
	}
	synctest.Wait()
}

// pass lets time pass and everything that follows happen.
func (r *room) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (r *room) see(s alarm.Sight) {
	r.mu.Lock()
	r.sight = s
	r.mu.Unlock()
}

func (r *room) receipts() string {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, report := range r.state.Outbox {
		if report.Receipt != "" {
			all = append(all, strings.TrimSpace(string(report.Receipt)+" "+report.Detail))
		}
	}
	return strings.Join(all, ", ")
}

// now answers a copy of what was seen so far.
func (r *room) now() seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.seen
	out.notes = maps.Clone(r.notes)
	return out
}

func (r *room) messages() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

var began = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func page(change ...func(*inbox.Page)) inbox.Page {
	p := inbox.Page{
		Key: inbox.Key{Incident: "i1", Wave: 1, User: "ada"}, Version: 1, Opening: 2, Number: 12,
		Service: "Payments", Summary: "5xx", Severity: "critical", Urgency: "high", PagedAt: began, TriggeredAt: began,
	}
	for _, c := range change {
		c(&p)
	}
	return p
}
