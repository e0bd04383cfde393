package desktop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tocsin/agent/link"
	"tocsin/agent/ui"
)

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
		shown.Warnings, shown.OnCallNow = preview.Warnings, preview.OnCallNow
		shown.Colleagues, shown.Next = colleagues(preview.Colleagues), colleagues(preview.Next)
		for _, c := range preview.Covers {
			shown.Covers = append(shown.Covers, ui.Cover(c))
		}
		d.duty.Show(shown)
	}()
}

func colleagues(all []link.Colleague) (out []ui.Colleague) {
	for _, c := range all {
		out = append(out, ui.Colleague{ID: c.ID, Name: c.Name, Reachable: reachable[c.Reachable]})
	}
	return out
}

// leave changes the duty. What the hub did about it stands in the window that
// asked, if it is still there, and where it failed in a notification too.
func (d *desk) leave(l link.Leave) {
	go func() {
		answer, err := d.hub.SetDuty(context.Background(), l)
		if err != nil {
			d.say("Your duty was not changed: " + link.Sentence(err))
		}
		if !l.Until.IsZero() {
			d.duty.Show(ui.DutyPreview{Until: l.Until, Done: true, Said: answer.Said, Err: link.Sentence(err)})
		}
		if err == nil && l.CoverBy == "" && !l.Cannot && len(answer.Said) > 0 {
			d.say(strings.Join(answer.Said, " "))
		}
	}()
}

func (d *desk) takeShift(schedule string) {
	taken, err := d.hub.TakeShift(context.Background(), schedule, time.Time{})
	if err != nil {
		d.say("You have not taken the shift: " + link.Sentence(err))
		return
	}
	said := "You are on call from now on"
	if taken.InsteadOf != "" {
		said += " instead of " + taken.InsteadOf
	}
	if !taken.Until.IsZero() {
		said += ", until " + ui.Clock(taken.Until, time.Now())
	}
	d.say(said + ".")
}

func (d *desk) testPage() {
	number, err := d.hub.SendTestPage(context.Background())
	if err != nil {
		d.say("No test page: " + link.Sentence(err))
		return
	}
	d.tell(fmt.Sprintf("A test page, #%d, is on its way.", number))
}
