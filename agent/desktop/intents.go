package desktop

import (
	"context"
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
	"tocsin/agent/link"
	"tocsin/agent/ui"
)

var commands = map[ui.IntentKind]inbox.Command{
	ui.Acknowledge: inbox.Acknowledge, ui.Resolve: inbox.Resolve, ui.PassOn: inbox.PassOn,
}

// wish takes what a person wants. It is called on the user interface's
// goroutine and never blocks.
func (d *desk) wish(i ui.Intent) {
	if command, ok := commands[i.Kind]; ok {
		for _, ref := range i.On {
			d.ask(command, ref.Key)
		}
		return
	}
	switch i.Kind {
	case ui.Hide:
		d.hide()
	case ui.Touched:
		d.hub.Post(inbox.Proof{Kind: inbox.Touched, Keys: d.inWindow(), Detail: "window"})
	case ui.AskOffDuty:
		d.previewDuty(i.Off.Until(time.Now()))
	case ui.GoOffDuty:
		d.setDuty(i.Until)
	case ui.BackOnDuty:
		d.setDuty(time.Time{})
	case ui.TestPage:
		go d.testPage()
	case ui.ShowWindow:
		d.showWindow()
	case ui.Quit:
		d.quit()
	}
}

// ask passes a command on, with the opening that stood on the screen.
func (d *desk) ask(c inbox.Command, key string) {
	d.mu.Lock()
	h, ok := named(d.state, key)
	d.mu.Unlock()
	if ok {
		d.hub.Post(inbox.Asked{Command: c, Key: h.Page.Key, Opening: h.Page.Opening})
	}
}

func (d *desk) hide() {
	keys := d.inWindow()
	d.mu.Lock()
	d.hidden = true
	d.prover.hidden()
	d.mu.Unlock()
	d.hub.Post(inbox.Proof{Kind: inbox.Hidden, Keys: keys, Detail: "window closed"})
}

func (d *desk) inWindow() []inbox.Key {
	d.mu.Lock()
	defer d.mu.Unlock()
	return keysOf(d.state.Window())
}

// showWindow brings what there is. Whoever looks has noticed a lost hub.
func (d *desk) showWindow() {
	d.hub.Post(inbox.LostQuieted{})
	if len(d.inWindow()) == 0 {
		d.status.Show()
		return
	}
	d.raise()
	d.wantLook()
}

// acted takes what a person did with a notification.
func (d *desk) acted(key string, a alarm.Action) {
	if key == lostKey {
		d.showWindow()
		return
	}
	if a == alarm.Acknowledged {
		d.ask(inbox.Acknowledge, key)
		return
	}
	d.showWindow()
}

func (d *desk) previewDuty(until time.Time) {
	shown := ui.DutyPreview{Until: until, Loading: true}
	d.mu.Lock()
	shown.OpenPages = len(d.state.Open())
	d.mu.Unlock()
	d.duty.Show(shown)
	go func() {
		shown.Loading = false
		preview, err := d.hub.PreviewDuty(context.Background(), until)
		shown.Err = link.Sentence(err)
		shown.Warnings = preview.Warnings
		for _, c := range preview.Covers {
			shown.Covers = append(shown.Covers, ui.Cover(c))
		}
		d.duty.Show(shown)
	}()
}

func (d *desk) setDuty(until time.Time) {
	go func() {
		if _, err := d.hub.SetDuty(context.Background(), link.Leave{Until: until}); err != nil {
			d.say("Your duty was not changed: " + link.Sentence(err))
		}
	}()
}

func (d *desk) testPage() {
	if _, err := d.hub.SendTestPage(context.Background()); err != nil {
		d.say("No test page: " + link.Sentence(err))
	}
}

// say shows a sentence where there is no window to show it: as a notification.
func (d *desk) say(sentence string) {
	d.mu.Lock()
	d.notice, d.noticeAt = sentence, time.Now()
	d.mu.Unlock()
	d.render()
	d.slow.do(func(ctx context.Context) {
		d.notes.Show(ctx, alarm.Notification{Key: "notice", Title: "Tocsin", Body: sentence})
	})
}
