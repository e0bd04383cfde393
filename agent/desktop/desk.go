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
	dutyWindow interface{ Show(ui.DutyPreview) }
	trayIcon   interface{ Render(ui.Model) }
	sound      interface {
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

// lostKey names the notification about a lost hub.
const lostKey = "hub lost"

// desk is the desktop as a link.Front.
type desk struct {
	hub    hub
	window alarmWindow
	status statusWindow
	duty   dutyWindow
	tray   trayIcon // nil: there is none
	sound  sound
	notes  notifier
	screen screen
	quit   func()

	slow *queue        // calls to the desktop, in order
	look chan struct{} // of one: the window's proof is wanted

	mu       sync.Mutex
	state    inbox.State
	notice   string
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
		if tell, ok := e.(inbox.Tell); ok {
			d.notice, d.noticeAt = about(s, tell), time.Now()
		}
	}
	d.mu.Unlock()
	d.render()
	d.sound.Set(toneOf(s.Sound()))
	for _, e := range effects {
		d.carryOut(s, e)
	}
	d.lost(before, s)
	d.proveSound()
	d.wantLook()
}

func (d *desk) carryOut(s inbox.State, e inbox.Effect) {
	switch e := e.(type) {
	case inbox.Announce:
		d.slow.do(func(ctx context.Context) { d.notes.Show(ctx, notification(e.Page)) })
	case inbox.Withdraw:
		d.slow.do(func(ctx context.Context) { d.notes.Close(ctx, name(e.Key)) })
	case inbox.Raise:
		d.raise()
	case inbox.Stop:
		d.status.Show()
	}
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

// lost announces that the hub cannot be heard, and takes it back.
func (d *desk) lost(before, after inbox.State) {
	switch {
	case after.LostAlarm && !before.LostAlarm:
		text := inbox.LostText(after.Link)
		d.slow.do(func(ctx context.Context) {
			d.notes.Show(ctx, alarm.Notification{Key: lostKey, Title: "Tocsin cannot alarm you", Body: text, Urgent: true, Ack: true})
		})
		d.status.Show()
	case before.LostRung && !after.LostRung:
		d.slow.do(func(ctx context.Context) { d.notes.Close(ctx, lostKey) })
	}
}

// render draws what is known now.
func (d *desk) render() {
	d.mu.Lock()
	now := time.Now()
	if now.Sub(d.noticeAt) >= noticeFor {
		d.notice = ""
	}
	m := modelOf(d.state, d.notice, now)
	d.mu.Unlock()
	d.window.Render(m)
	d.status.Render(m)
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
