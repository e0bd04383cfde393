package desktop

import (
	"time"

	"tocsin/agent/alarm"
	"tocsin/agent/inbox"
	"tocsin/agent/link"
	"tocsin/agent/ui"
)

var commands = map[ui.IntentKind]inbox.Command{
	ui.Acknowledge: inbox.Acknowledge, ui.Resolve: inbox.Resolve, ui.PassOn: inbox.PassOn,
	ui.Snooze: inbox.Snooze, ui.HandOver: inbox.HandOver, ui.Keep: inbox.Keep,
}

// wish takes what a person wants. It is called on the user interface's
// goroutine and never blocks.
func (d *desk) wish(i ui.Intent) {
	if command, ok := commands[i.Kind]; ok {
		d.ask(command, i.On, i.Until)
		return
	}
	switch i.Kind {
	case ui.Hide:
		d.hide()
	case ui.Touched:
		d.hub.Post(inbox.Proof{Kind: inbox.Touched, Keys: d.inWindow(), Detail: "window"})
	case ui.AskOffDuty:
		until := i.Until
		if until.IsZero() {
			until = i.Off.Until(time.Now())
		}
		d.previewDuty(until)
	case ui.GoOffDuty:
		d.leave(link.Leave{Until: i.Until, CoverBy: i.Colleague, Cannot: i.Cannot})
	case ui.BackOnDuty:
		d.leave(link.Leave{})
	case ui.TakeShift:
		go d.takeShift(i.Schedule)
	case ui.TestPage:
		go d.testPage()
	case ui.ShowWindow:
		d.showWindow()
	case ui.ShowStatus:
		d.hub.Post(inbox.LostQuieted{})
		d.status.Show()
	case ui.ShowCallSheet:
		d.hub.Post(inbox.LostQuieted{})
		d.sheets.Show()
	case ui.Quit:
		d.quit()
	}
}

// ask passes a command on about exactly what stood on the screen.
func (d *desk) ask(c inbox.Command, on []ui.Ref, until time.Time) {
	d.mu.Lock()
	all := shownAs(d.state, on)
	d.mu.Unlock()
	switch len(all) {
	case 0:
	case 1:
		d.hub.Post(inbox.Asked{Command: c, Key: all[0].Key, Opening: all[0].Opening, Until: until})
	default:
		d.hub.Post(inbox.AskedAll{Command: c, Seen: all, Until: until})
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
	if a == alarm.SheetWanted {
		d.wish(ui.Intent{Kind: ui.ShowCallSheet})
		return
	}
	d.mu.Lock()
	h, isPage := named(d.state, key)
	d.mu.Unlock()
	switch {
	case isPage && a == alarm.Acknowledged:
		d.hub.Post(inbox.Asked{Command: inbox.Acknowledge, Key: h.Page.Key, Opening: h.Page.Opening})
	case isPage || key == lostKey || key == stormKey:
		d.showWindow()
	default:
		d.status.Show()
	}
}

// tell shows a sentence in the windows.
func (d *desk) tell(sentence string) {
	d.mu.Lock()
	d.extra.notice, d.noticeAt = sentence, time.Now()
	d.mu.Unlock()
	d.render()
}

// say shows a sentence where there may be no window to show it, too: as a
// notification.
func (d *desk) say(sentence string) {
	d.tell(sentence)
	d.notify(alarm.Notification{Key: "notice", Title: "Tocsin", Body: sentence, Quiet: true})
}
