package desktop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sync"

	"fyne.io/fyne/v2"

	"tocsin/agent/alarm"
	"tocsin/agent/link"
	"tocsin/agent/settings"
	"tocsin/agent/tray"
	"tocsin/agent/ui"
)

// AppID is Fyne's name for the agent of a profile: agents of different profiles
// run beside each other and must not share preferences.
func AppID(p settings.Profile) string {
	if p.Config != p.State {
		return "org.tocsin.agent"
	}
	sum := sha256.Sum256([]byte(p.State))
	return "org.tocsin.agent.p" + hex.EncodeToString(sum[:6])
}

// Run alarms on the desktop until ctx ends; then what has happened is on disk.
// quit is called when the person wants to end, and must end ctx. It must run on
// the main goroutine, as Fyne must.
func Run(ctx context.Context, quit func(), app fyne.App, profile settings.Profile, session *link.Session) error {
	d := &desk{
		hub: session, quit: quit, screen: &alarm.Screen{},
		slow: newQueue(), look: make(chan struct{}, 1), prover: newProver(),
	}
	defer d.screen.(*alarm.Screen).Close()
	notes, player := alarm.NewNotifier(profile.Notifications(), d.acted), alarm.NewSound(d.soundChanged)
	d.notes, d.sound = notes, player
	app.SetIcon(tray.Icon())
	d.window, d.status, d.duty = ui.NewAlarmWindow(app, d.wish), ui.NewStatusWindow(app, d.wish), ui.NewDutyWindow(app, d.wish)
	d.asks, d.sheets = ui.NewQuestionWindow(app, d.wish), ui.NewSheetWindow(app)
	if sheet, err := session.CallSheet(); err == nil {
		d.extra.sheet = ui.CallSheet(sheet)
	}
	d.makeTray(app)

	// Fyne takes being told to quit before its loop runs for a fault of its windows.
	started, over := make(chan struct{}), make(chan struct{})
	app.Lifecycle().SetOnStarted(func() { close(started) })
	ended := make(chan error, 1)
	go func() {
		inner, stop := context.WithCancel(ctx)
		var parts sync.WaitGroup
		parts.Go(func() { player.Run(inner) })
		parts.Go(func() { notes.Run(inner) })
		parts.Go(func() { d.slow.run(inner) })
		parts.Go(func() { d.watch(inner) })
		parts.Go(func() { d.tellReady(inner) })
		parts.Go(func() { d.keepFresh(inner) })
		parts.Go(func() { alarm.WatchSleep(inner, sleeper(session)) })
		err := session.Run(ctx, d)
		stop()
		parts.Wait()
		ended <- err
		select {
		case <-started:
			fyne.Do(app.Quit)
		case <-over:
		}
	}()
	app.Run()
	close(over)
	quit() // the display may have ended it
	return <-ended
}

// sleeper tells the hub when this machine sleeps and wakes.
func sleeper(session *link.Session) func(alarm.Sleep) {
	return func(s alarm.Sleep) {
		if s == alarm.Awake {
			session.Wake()
			return
		}
		// Whether it arrives or not, the machine goes.
		_ = session.Goodbye(context.Background(), string(s))
	}
}

// makeTray makes the icon, or says why there is none and offers a window.
func (d *desk) makeTray(app fyne.App) {
	why := ""
	icon, err := tray.New(app, d.wish)
	if err != nil {
		why = err.Error()
	} else {
		d.tray = icon
		if ok, reason := tray.Available(); !ok {
			why = reason
		}
	}
	if why != "" {
		fmt.Fprintln(os.Stderr, "There is no tray, so the agent has a window: "+why)
		d.status.Show()
	}
}
