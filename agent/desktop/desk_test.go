package desktop

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
	"tocsin/agent/link"
	"tocsin/agent/settings"
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
	off    []time.Time
	quit   bool
}

// deskHub, deskWindow … are the room seen from the desk's sides.
type (
	deskHub    struct{ *room }
	deskWindow struct{ *room }
	deskStatus struct{ *room }
	deskDuty   struct{ *room }
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

func (r deskHub) SetDuty(_ context.Context, until time.Time) (inbox.Duty, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.off = append(r.off, until)
	return inbox.Duty{}, r.fail
}

func (r deskHub) SendTestPage(context.Context) (uint64, error) { return 7, r.fail }

func (r deskWindow) Render(m ui.Model) { r.mu.Lock(); defer r.mu.Unlock(); r.model = m }
func (r deskWindow) Raise()            { r.mu.Lock(); defer r.mu.Unlock(); r.raised++ }
func (r deskWindow) Visible() bool     { r.mu.Lock(); defer r.mu.Unlock(); return r.raised > 0 }
func (r deskWindow) Native() (string, uintptr) {
	return "x11", 1
}
func (r deskStatus) Render(ui.Model) {}
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
			hub: deskHub{r}, window: deskWindow{r}, status: deskStatus{r}, duty: deskDuty{r},
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

func TestAnAlarmIsRaisedHeardAndProven(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.PageCame{Page: page()})
		if r.now().tone != alarm.Rising || r.now().raised != 1 || len(r.now().model.Pages) != 1 {
			t.Fatalf("tone %v, raised %d, %d pages", r.now().tone, r.now().raised, len(r.now().model.Pages))
		}
		if n := r.now().notes["i1/1/ada"]; !n.Urgent || !n.Ack || n.Body != "5xx" {
			t.Errorf("notification %+v", n)
		}
		if got := r.receipts(); got != "received" {
			t.Errorf("claims %q before it was seen", got)
		}
		r.d.soundChanged(alarm.SoundState{Playing: true, Output: "speaker"})
		r.pass(time.Second)
		if got, want := r.receipts(), "received, ringing speaker, shown viewable"; got != want {
			t.Errorf("receipts %q, want %q", got, want)
		}
		r.d.wish(ui.Intent{Kind: ui.Acknowledge, Page: "i1/1/ada"})
		synctest.Wait()
		if r.now().tone != alarm.Silent || len(r.now().notes) != 0 || r.now().model.Pages[0].State != ui.AckUnconfirmed {
			t.Errorf("after the click: tone %v, notes %v, %+v", r.now().tone, r.now().notes, r.now().model.Pages)
		}
		if last := r.now().got[len(r.now().got)-1]; !reflect.DeepEqual(last, inbox.Asked{Command: inbox.Acknowledge, Key: page().Key, Opening: 2}) {
			t.Errorf("asked %+v", last)
		}
	})
}

func TestWhatCannotBeSeenOrHeardHasFailed(t *testing.T) {
	inRoom(t, func(r *room) {
		r.see(alarm.Sight{Verdict: alarm.NotVisible, Detail: "screen locked", Locked: true})
		r.post(inbox.PageCame{Page: page()})
		r.d.soundChanged(alarm.SoundState{Reason: "muted"})
		r.pass(2 * time.Second)
		if got := r.receipts(); got != "received" {
			t.Errorf("gave up at once: %q", got)
		}
		r.pass(2 * time.Second)
		if got, want := r.receipts(), "received, failed screen locked; muted"; got != want {
			t.Errorf("receipts %q, want %q", got, want)
		}
		r.see(alarm.Sight{Verdict: alarm.Visible, Detail: "viewable"})
		r.pass(5 * time.Second)
		if got, want := r.receipts(), "received, failed screen locked; muted, shown viewable, touched screen unlocked"; got != want {
			t.Errorf("receipts %q, want %q", got, want)
		}
		before := r.messages()
		r.pass(50 * time.Second)
		if n := r.messages() - before; n > 5 {
			t.Errorf("%d messages with nothing new", n)
		}
	})
}

func TestAWindowThatWasClosedComesBack(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.PageCame{Page: page()})
		r.pass(time.Second)
		r.d.wish(ui.Intent{Kind: ui.Hide})
		r.see(alarm.Sight{Verdict: alarm.NotVisible, Detail: "not mapped"})
		r.d.soundChanged(alarm.SoundState{Reason: "muted"})
		r.pass(30 * time.Second)
		if got, want := r.receipts(), "received, shown viewable, hidden window closed"; got != want {
			t.Errorf("receipts %q, want %q", got, want)
		}
		r.see(alarm.Sight{Verdict: alarm.Visible, Detail: "viewable"})
		r.pass(30 * time.Second)
		r.post(inbox.Tick{})
		r.pass(time.Second)
		if got, want := r.receipts(), "received, shown viewable, hidden window closed, shown viewable"; got != want || r.now().raised != 2 {
			t.Errorf("receipts %q, want %q; raised %d times", got, want, r.now().raised)
		}
	})
}

func TestWishes(t *testing.T) {
	inRoom(t, func(r *room) {
		r.d.wish(ui.Intent{Kind: ui.AskOffDuty, Off: ui.OneHour})
		synctest.Wait()
		if len(r.now().duty) != 2 || !r.now().duty[0].Loading || r.now().duty[1].Loading || r.now().duty[1].Covers[0].Instead[0] != "Bob" || !r.now().duty[1].Until.Equal(time.Now().Add(time.Hour)) {
			t.Errorf("previews %+v", r.now().duty)
		}
		r.d.wish(ui.Intent{Kind: ui.GoOffDuty, Until: began.Add(time.Hour)})
		synctest.Wait()
		r.d.wish(ui.Intent{Kind: ui.BackOnDuty})
		synctest.Wait()
		if want := []time.Time{began.Add(time.Hour), {}}; !slices.Equal(r.now().off, want) {
			t.Errorf("duty %v", r.now().off)
		}
		r.fail = errors.New("no way")
		r.d.wish(ui.Intent{Kind: ui.TestPage})
		synctest.Wait()
		if r.now().model.Notice != "No test page: No way." || r.now().notes["notice"].Body != r.now().model.Notice {
			t.Errorf("notice %q, %v", r.now().model.Notice, r.now().notes)
		}
		r.pass(2 * time.Minute)
		if r.now().model.Notice != "" {
			t.Error("the notice stays")
		}
		r.d.wish(ui.Intent{Kind: ui.ShowWindow})
		if r.now().status != 1 {
			t.Error("no window")
		}
		if r.d.wish(ui.Intent{Kind: ui.Quit}); !r.now().quit {
			t.Error("did not quit")
		}
	})
}

func TestNotificationsCanBeActedOn(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.PageCame{Page: page()})
		r.d.acted("i1/1/ada", alarm.Opened)
		if r.now().raised != 2 {
			t.Error("not opened")
		}
		r.d.acted("i1/1/ada", alarm.Acknowledged)
		if synctest.Wait(); r.now().tone != alarm.Silent {
			t.Error("not acknowledged")
		}
		r.d.acted("gone", alarm.Acknowledged)
	})
}

func TestALostHubIsAnnounced(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.RosterCame{Roster: inbox.Roster{
			Shifts: []inbox.Shift{{Start: began, End: began.Add(time.Hour)}}, Until: began.Add(time.Hour),
		}}, inbox.LinkLost{Why: "refused"})
		r.pass(time.Minute)
		r.post(inbox.Tick{})
		if r.now().tone != alarm.Rising || !strings.Contains(r.now().notes[lostKey].Body, "cannot be reached") || r.now().status != 1 {
			t.Fatalf("tone %v, notes %v", r.now().tone, r.now().notes)
		}
		r.d.acted(lostKey, alarm.Opened)
		if synctest.Wait(); r.now().tone != alarm.Silent {
			t.Error("cannot be quieted")
		}
		r.post(inbox.LinkLost{Why: "refused"}, inbox.Connected{})
		if len(r.now().notes) != 0 {
			t.Errorf("notes %v", r.now().notes)
		}
	})
}

func TestTheOutcomeIsShown(t *testing.T) {
	inRoom(t, func(r *room) {
		r.post(inbox.PageCame{Page: page()}, inbox.Asked{Command: inbox.Acknowledge, Key: page().Key, Opening: 2})
		id := r.now().state.Outbox[1].ID
		r.post(inbox.Answered{ReportID: id, Answer: inbox.Already, Text: "Already taken by Bob."})
		if r.now().model.Notice != "#12: Already taken by Bob." || len(r.now().model.Pages) != 0 {
			t.Errorf("model %+v", r.now().model)
		}
	})
}

func TestReadiness(t *testing.T) {
	inRoom(t, func(r *room) {
		if synctest.Wait(); !r.now().state.Ready {
			t.Error("an unlocked screen is not ready")
		}
		r.see(alarm.Sight{Locked: true})
		r.pass(readyEvery + time.Second)
		if synctest.Wait(); r.now().state.Ready {
			t.Error("locked and with no sound is ready")
		}
	})
}

func TestModel(t *testing.T) {
	now := began.Add(time.Minute)
	for want, l := range map[ui.HubState]inbox.Uplink{
		ui.Connected:  {Status: inbox.LinkUp},
		ui.Connecting: {Status: inbox.LinkDown, Since: now.Add(-time.Second)},
		ui.Lost:       {Status: inbox.LinkDown, Since: began},
		ui.NoNetwork:  {Status: inbox.LinkDown, Since: began, NoNetwork: true},
		ui.SignedOut:  {Status: inbox.LinkOver, Since: began},
	} {
		if got := hubOf(l, now).State; got != want {
			t.Errorf("%+v is %v, want %v", l, got, want)
		}
	}
	var s inbox.State
	for _, m := range []inbox.Message{
		inbox.Started{}, inbox.Connected{}, inbox.PageCame{Page: page()},
		inbox.PageCame{Page: page(func(p *inbox.Page) { p.Key.Incident, p.Urgency = "low", "low" })},
		inbox.PageCame{Page: page(func(p *inbox.Page) { p.Key.Incident, p.PassedOn = "passed", true })},
		inbox.DutyCame{Duty: inbox.Duty{Off: true, Until: now.Add(time.Hour)}},
		inbox.RosterCame{Roster: inbox.Roster{Shifts: []inbox.Shift{{Start: now.Add(time.Hour), End: now.Add(2 * time.Hour)}}, Until: now.Add(3 * time.Hour)}},
	} {
		s, _ = inbox.Reduce(s, m, began)
	}
	m := modelOf(s, "", now)
	var states []ui.PageState
	for _, p := range m.Pages {
		states = append(states, p.State)
	}
	slices.Sort(states)
	if !slices.Equal(states, []ui.PageState{ui.Ringing, ui.PassedOn}) || !m.Duty.Off || !m.Shift.Next.Equal(now.Add(time.Hour)) {
		t.Errorf("model %+v", m)
	}
}

func TestProfilesHaveAppIDsOfTheirOwn(t *testing.T) {
	own := AppID(settings.Profile{Config: "/c", State: "/s"})
	a, b := AppID(settings.Profile{Config: "/a", State: "/a"}), AppID(settings.Profile{Config: "/b", State: "/b"})
	if own != "org.tocsin.agent" || a == b || a == own {
		t.Errorf("%s %s %s", own, a, b)
	}
}
