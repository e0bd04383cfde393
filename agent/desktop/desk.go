package desktop

import (
	"context"
	"sync"
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
	"tocsin/agent/link"
	"tocsin/agent/ui"
)

// What the desk needs of the others; the tests stand in for them.
type (
	hub interface {
		Post(inbox.Message)
		PreviewDuty(ctx context.Context, until time.Time) (link.Preview, error)
		SetDuty(ctx context.Context, l link.Leave) (link.DutyAnswer, error)
		TakeShift(ctx context.Context, schedule string, until time.Time) (link.Taken, error)
		SendTestPage(ctx context.Context) (uint64, error)
	}
	alarmWindow interface {
		Render(ui.Model)
		Raise()
		Visible() bool
		Native() (system string, handle uintptr)
	}
	statusWindow interface {
		Render(ui.Model)
		Show()
	}
	dutyWindow interface {
		Render(ui.Model)
		Show(ui.DutyPreview)
	}
	renderer interface{ Render(ui.Model) }
	sound    interface {
		Set(alarm.Tone)
		Probe(context.Context) alarm.SoundState
	}
	notifier interface {
		Show(context.Context, alarm.Notification) error
		Close(ctx context.Context, key string) error
	}
	screen interface {
		Check(context.Context, alarm.Window) alarm.Sight
		Raise(alarm.Window) error
	}
)

// noticeFor is how long a sentence about something that is over stays up.
const noticeFor = time.Minute

// lostKey names the notification about a lost hub, remindKey that about what is
// still open, stormKey that for many pages at once.
const (
	lostKey   = "hub lost"
	stormKey  = "storm"
	remindKey = "still open"
)

// desk is the desktop as a link.Front.
type desk struct {
	hub    hub
	window alarmWindow
	status statusWindow
	duty   dutyWindow
	asks   renderer     // the question window
	sheets statusWindow // the call sheet's
	tray   renderer     // nil: there is none
	sound  sound
	notes  notifier
	screen screen
	quit   func()

	slow *queue        // calls to the desktop, in order
	look chan struct{} // of one: the window's proof is wanted

	mu       sync.Mutex
	state    inbox.State
	extra    extras
	noticeAt time.Time
	prover   *prover
	heard    alarm.SoundState
	raisedAt time.Time
	hidden   bool // by the person, until the next raise
}

// Show implements link.Front.
func (d *desk) Show(s inbox.State, effects []inbox.Effect) {
	d.mu.Lock()
	before := d.state
	d.state = s
	for _, e := range effects {
		switch e := e.(type) {
		case inbox.Tell:
			d.extra.notice, d.noticeAt = about(s, e), time.Now()
		case inbox.KeepSheet:
			d.extra.sheet = ui.CallSheet{MadeAt: e.MadeAt, Text: e.Text}
		}
	}
	d.mu.Unlock()
	d.render()
	d.sound.Set(toneOf(s.Sound()))
	for _, e := range effects {
		d.carryOut(s, e)
	}
	d.storm(before, s)
	d.lost(before, s)
	d.proveSound()
	d.wantLook()
}

func (d *desk) carryOut(s inbox.State, e inbox.Effect) {
	switch e := e.(type) {
	case inbox.Announce:
		if !e.Joins && (!s.Storm() || e.Page.Cover != nil) {
			d.notify(notification(e.Page, time.Now()))
		}
	case inbox.Withdraw:
		d.slow.do(func(ctx context.Context) { d.notes.Close(ctx, name(e.Key)) })
	case inbox.Raise:
		d.raise()
	case inbox.Remind:
		d.notify(alarm.Notification{Key: remindKey, Title: "Still open", Body: inbox.RemindText(e.Of), Quiet: true})
	case inbox.Notify:
		d.tellNotice(e.Notice)
	case inbox.TryAlarm:
		go func() {
			now := d.tryAlarm(context.Background())
			d.hub.Post(inbox.AlarmTried{Probe: e.Probe, Ready: now.Ready, Problems: now.Problems})
		}()
	case inbox.Stop:
		d.status.Show()
	}
}

func (d *desk) notify(n alarm.Notification) {
	d.slow.do(func(ctx context.Context) { d.notes.Show(ctx, n) })
}

// tellNotice shows what the hub has to say: quietly, or where the desktop shows
// no notifications in the status window.
func (d *desk) tellNotice(n inbox.Notice) {
	d.slow.do(func(ctx context.Context) {
		if d.notes.Show(ctx, alarm.Notification{Key: "notice " + n.ID, Title: n.Title, Body: n.Text, Quiet: true}) != nil {
			d.status.Show()
		}
		d.hub.Post(inbox.NoticeShown{ID: n.ID})
	})
}

// raise brings the alarm window up. One that is up already is brought forward
// by the display, which does not take the keyboard's focus from where somebody
// may be typing.
func (d *desk) raise() {
	d.mu.Lock()
	d.raisedAt, d.hidden = time.Now(), false
	d.mu.Unlock()
	d.window.Raise()
	if d.window.Visible() {
		d.slow.do(func(context.Context) { d.screen.Raise(d.native()) })
	}
}

func (d *desk) native() alarm.Window {
	system, handle := d.window.Native()
	return alarm.Window{System: system, ID: handle}
}

// storm puts one notification in the place of many, which would lie over the
// window with the button for all.
func (d *desk) storm(before, after inbox.State) {
	switch was, is := before.Storm(), after.Storm(); {
	case is && !was:
		window := before.Window()
		d.slow.do(func(ctx context.Context) {
			for _, h := range window {
				if h.Page.Cover == nil { // a request asks for something else
					d.notes.Close(ctx, name(h.Page.Key))
				}
			}
		})
		d.notify(alarm.Notification{Key: stormKey, Title: "Many incidents are open for you", Body: "They stand in Tocsin's window, with one button for all.", Urgent: true})
	case was && !is:
		d.slow.do(func(ctx context.Context) { d.notes.Close(ctx, stormKey) })
	}
}

// lost announces that the hub cannot be heard, and takes it back.
func (d *desk) lost(before, after inbox.State) {
	switch {
	case after.LostAlarm && !before.LostAlarm:
		d.notify(alarm.Notification{
			Key: lostKey, Title: "Tocsin cannot alarm you", Body: inbox.LostText(after.Link),
			Urgent: true, Ack: true, Sheet: d.hasSheet(),
		})
		d.status.Show()
	case before.LostRung && !after.LostRung:
		d.slow.do(func(ctx context.Context) { d.notes.Close(ctx, lostKey) })
	}
	if len(before.Mine()) > 0 && len(after.Mine()) == 0 {
		d.slow.do(func(ctx context.Context) { d.notes.Close(ctx, remindKey) })
	}
}

func (d *desk) hasSheet() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.extra.sheet.Text != ""
}

// render draws what is known now.
func (d *desk) render() {
	d.mu.Lock()
	now := time.Now()
	if now.Sub(d.noticeAt) >= noticeFor {
		d.extra.notice = ""
	}
	m := modelOf(d.state, d.extra, now)
	d.mu.Unlock()
	for _, w := range []renderer{d.window, d.status, d.duty, d.asks, d.sheets} {
		w.Render(m)
	}
	if d.tray != nil {
		d.tray.Render(m)
	}
}

// soundChanged hears from the sound what it does.
func (d *desk) soundChanged(s alarm.SoundState) {
	d.mu.Lock()
	d.heard = s
	d.mu.Unlock()
	d.proveSound()
}

func (d *desk) proveSound() {
	d.mu.Lock()
	messages := d.prover.heard(d.state, d.heard)
	d.mu.Unlock()
	d.post(messages)
}

func (d *desk) post(messages []inbox.Message) {
	for _, m := range messages {
		d.hub.Post(m)
	}
}

func about(s inbox.State, tell inbox.Tell) string {
	if h, ok := s.Held(tell.Key); ok {
		return numbered(h.Page, tell.Text)
	}
	return tell.Text
}
